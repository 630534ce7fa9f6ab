"""What the harness does itself for a small model, and what it makes of the files that a task wants."""

from __future__ import annotations

from pathlib import Path

from intern.agent.deeds import Deed, examples, is_program_for, trying
from intern.agent.file_work import Ask, FileWork
from intern.agent.wanted import wanted_files

VOWELS = "def vowels(word):\n    return sum(letter in 'aeio' for letter in word)\n\nprint(vowels('unusual'))\n"
RIGHT = VOWELS.replace("aeio", "aeiou")
TASK = "vowels.py miscounts: vowels('unusual') should be 4. Correct the file and run it."


def work_on(task: str, folder: Path) -> FileWork:
    return FileWork(wanted_files(task, folder), task)


def test_the_examples_of_a_task_are_its_calls_with_their_results():
    assert examples('Examples: roman(4) == "IV", add(1, 2) returns 3 and flat([1, [2]]) gives [1, 2].') == [
        ("roman(4)", "IV"), ("add(1, 2)", 3), ("flat([1, [2]])", [1, 2])
    ]  # fmt: skip
    assert examples("Use fit(X, y) and score(X) is 0.9; it should be 4.") == [], "no constants, or no call"


def test_what_a_script_should_hold_is_told_from_what_only_looks(tmp_path: Path):
    script = tmp_path / "vowels.py"
    assert is_program_for(VOWELS, script) and not is_program_for("print(open('vowels.py').read())", script)
    script.write_text(VOWELS)
    assert is_program_for(RIGHT, script) and not is_program_for("print(1)", script), "it has lost the function"
    assert not is_program_for(VOWELS.rpartition("print")[0], script), "it has lost what the script did"


def test_a_program_that_was_only_run_is_saved_and_its_examples_are_tried(tmp_path: Path):
    work = work_on("Write vowels.py with vowels(word): vowels('unusual') == 4.", tmp_path)
    asked = work.open()
    assert isinstance(asked, Ask) and "was not written" in asked.words and asked.write == "vowels.py"
    work.watch(3, RIGHT, "4")
    deed = work.open()
    assert isinstance(deed, Deed) and deed.thought.startswith("The harness saves the code of step 3")
    (tmp_path / "vowels.py").write_text(RIGHT)
    work.watch(4, deed.code, "4\nvowels('unusual') gives 4 as it should")
    assert work.open() is None


def test_a_script_that_misses_an_example_is_not_right_yet(tmp_path: Path):
    script = tmp_path / "vowels.py"
    script.write_text(VOWELS)
    work = work_on(TASK, tmp_path)
    asked = work.open()
    assert isinstance(asked, Ask) and "as it was" in asked.words and "'aeio'" in asked.words and not asked.write
    script.write_text(VOWELS.replace("aeio", "aei"))
    work.watch(2, "open('vowels.py', 'w').write(text)\nprint(shell(command='python vowels.py'))", "1")
    deed = work.open()
    assert deed == trying(TASK, "vowels.py")
    assert isinstance(deed, Deed)
    work.watch(3, deed.code, "vowels('unusual') gives 1 but should be 4")
    asked = work.open()
    assert isinstance(asked, Ask) and "gives 1 but should be 4" in asked.words
    script.write_text("def vowels(word[1:]):\n    pass\n")
    back = work.open()
    assert isinstance(back, Deed) and "puts vowels.py back" in back.thought and repr(VOWELS) in back.code


def test_a_script_of_its_own_that_misses_an_example_is_written_anew(tmp_path: Path):
    work = work_on("Write vowels.py with vowels(word): vowels('unusual') == 4.", tmp_path)
    (tmp_path / "vowels.py").write_text(VOWELS)
    work.watch(2, "open('vowels.py', 'w').write(text)", "")
    deed = work.open()
    assert isinstance(deed, Deed)
    work.watch(3, deed.code, "vowels('unusual') gives 2 but should be 4")
    asked = work.open()
    assert isinstance(asked, Ask) and asked.write == "vowels.py" and "gives 2 but should be 4" in asked.words


def test_the_steps_of_the_harness_do_what_they_say(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vowels.py").write_text(VOWELS)
    deed = trying(TASK, "vowels.py")
    assert deed is not None
    exec(deed.code, {})
    assert "vowels('unusual') gives 1 but should be 4" in capsys.readouterr().out
    (tmp_path / "vowels.py").write_text(RIGHT)
    exec(deed.code, {})
    assert "vowels('unusual') gives 4 as it should" in capsys.readouterr().out
