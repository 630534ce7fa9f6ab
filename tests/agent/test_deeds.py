"""What the harness does itself for a small model, and what it makes of the files that a task wants."""

from __future__ import annotations

from pathlib import Path

from intern.agent.deeds import Deed, examples, is_program_for, trying
from intern.agent.drafts import Draft
from intern.agent.file_work import Ask, FileWork
from intern.agent.mending import mending
from intern.agent.wanted import wanted_files

VOWELS = "def vowels(word):\n    return sum(letter in 'aeio' for letter in word)\n\nprint(vowels('unusual'))\n"
RIGHT = VOWELS.replace("aeio", "aeiou")
TASK = "vowels.py miscounts: vowels('unusual') should be 4. Correct the file and run it."


def work_on(task: str, folder: Path, drawn: bool = True) -> FileWork:
    """`drawn`: the model was asked anew for the script already."""
    return FileWork(wanted_files(task, folder), task, drawn=drawn)


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


def test_a_script_is_drawn_anew_and_the_version_that_most_agree_with_is_kept(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vowels.py").write_text(VOWELS)
    work = work_on(TASK, tmp_path, drawn=False)
    draft = work.looked("python vowels.py prints: Traceback (most recent call last):\nKeyError: 'u'\n exit status 1")
    assert isinstance(draft, Draft) and "KeyError: 'u'" in draft.request and "aeio'" in draft.request
    assert "assert vowels('unusual') == 4" in draft.request and work.drawn
    lucky = "def vowels(word):\n    return 4\n"  # meets the example, and nobody agrees with it
    endless = "def vowels(word):\n    while True: pass\n"
    replies = [f"```python\n{text}\n```" for text in (lucky, "def vowels(", RIGHT, RIGHT.replace("sum(", "sum(1 * "))]
    deed = draft.with_versions([*replies, "no code at all"])
    exec(deed.code, {})
    printed = capsys.readouterr().out
    assert "holds version 2 of 3 now (2 of them do the same)" in printed and "gives 4 as it should" in printed
    assert (tmp_path / "vowels.py").read_text() == RIGHT, "what it did is kept"
    monkeypatch.setattr("intern.agent.drafts.TRY_SECONDS", 1)
    failing = draft.with_versions([f"```python\n{endless}\n```"])
    exec(failing.code, {})
    printed = capsys.readouterr().out
    assert "it does not end" in printed
    work.watch(3, failing.code, printed)
    assert work.fault and not draft.with_versions(["nothing"]).code


def test_slips_are_mended_and_that_is_said(capsys):
    line = "from sklearn.tree import DecisionTreeClassifier"
    code = "from sklearn.ensemble import RandomForestClassifier, DecisionTreeClassifier\nprint(DecisionTreeClassifier.__name__)"
    error = f"ImportError: cannot import name 'DecisionTreeClassifier'\nHint: add the line: {line}"
    deed = mending(3, code, error, [])
    assert deed is not None and "step 3" in deed.thought and "from sklearn.tree" in deed.thought
    exec(deed.code, {})
    assert capsys.readouterr().out == "DecisionTreeClassifier\n"
    assert mending(3, code, error, [deed.code]) is None, "that has failed, too"
    named = mending(
        4, "print(np.pi)", "NameError: name 'np' is not defined\nHint: add the line: import numpy as np", []
    )
    assert named is not None and named.code == "import numpy as np\nprint(np.pi)"
    table = "far = table[table['a'] < 1 or table['b'] > 2 or table['c']]"
    columns = mending(5, table, "ValueError: The truth value of a Series is ambiguous. Use a.empty", [])
    assert columns is not None and columns.code == "far = table[(table['a'] < 1) | (table['b'] > 2) | table['c']]"
    assert mending(6, "print(1 / 0)", "ZeroDivisionError", []) is None and mending(6, "a b", "SyntaxError", []) is None
