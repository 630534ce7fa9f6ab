"""What a small model is asked to do again: guesses, repetitions, words instead of work. Large models are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from intern.agent.doubts import Doubts
from intern.agent.guards import StuckError
from intern.agent.memory import LOOK, Transcript
from intern.agent.sayings import final_argument, is_hollow, literals, same, unsupported
from intern.agent.wanted import wanted_files

WORK = "n = len(open('a.csv').readlines())\nprint(n)"


def numbers(text: str, *evidence: str) -> list[str]:
    return list(unsupported(text, evidence))


@pytest.mark.parametrize(
    ("text", "evidence", "unknown"),
    [
        ("The accuracy is 0.97.", "Test accuracy: 0.9694", []),  # rounded
        ("The accuracy is 96.94%.", "0.9694", []),  # as a share
        ("The accuracy is 0.99.", "Test accuracy: 0.9694", ["0.99"]),
        ("There are 1,234 rows.", "(1234, 5)", []),
        ("There are 731 rows and 2 labels.", "shape (700, 2)", ["731"]),
        ("Page 3 says 1e-4.", "learning_rate = 0.0001 [adam, p. 3]", []),
        ("It has 4 classes.", "", []),  # small whole numbers prove nothing
        ("Qwen2.5 runs python3.", "", []),  # no numbers, names
    ],
)
def test_a_number_counts_when_something_printed_it(text, evidence, unknown):
    assert numbers(text, evidence) == unknown


def test_only_what_is_written_out_in_an_answer_is_doubted():
    computed = final_argument("final_answer(f'accuracy {accuracy:.2f}, not {0.5}')")
    assert computed is not None and "0.5" in literals(computed) and "accuracy" in literals(computed)
    assert final_argument("print(1)") is None and final_argument("final_answer()") is None
    assert final_argument("final_answer(answer='x')") is not None


@pytest.mark.parametrize(
    ("code", "hollow"),
    [
        ("print('The data is correct.')", True),
        ("final_answer(f'news.csv has {731} rows')", True),
        ("print(2 + 3)", True),
        (WORK, False),
        ("print(find_paper(query='x'))", False),
        ("import json", False),
        ("mean: 6.0", False),
    ],
)
def test_code_that_only_prints_its_own_words_is_told_from_work(code, hollow):
    assert is_hollow(code) is hollow


def test_the_same_program_is_the_same_whatever_its_comments():
    assert (
        same("x = 1  # one\n\nprint(x)", "x = 1\nprint( x )") and not same("x = 1", "x = 2") and not same("x = 1", "")
    )


def test_an_answer_before_any_work_is_doubted_twice_and_then_taken():
    doubts = Doubts()
    assert doubts.of_prose("It has 5 rows.", []) and doubts.of_code("final_answer('5 rows')", [])
    assert doubts.of_prose("It has 5 rows.", []) is None


def test_after_the_harness_has_looked_an_answer_is_doubted_once():
    doubts = Doubts(looked="files")
    assert "beginning" in str(doubts.of_code("final_answer('fine')", []))
    assert doubts.of_code("final_answer('fine')", []) is None


def test_a_value_that_a_paper_states_needs_no_work():
    doubts = Doubts(looked="paper")
    assert doubts.of_prose("The rate is 0.001 (p. 2).", ["learning_rate = 0.001 [main, p. 2]"]) is None
    assert "0.01 " in str(doubts.of_prose("The rate is 0.01 (p. 2).", ["learning_rate = 0.001 [main, p. 2]"]))


def test_words_are_no_work_unless_they_repeat_what_was_printed():
    seen = ["learning_rate = 0.001 [main, p. 2]"]
    assert Doubts(looked="paper").of_code("print('The rate is 0.001 (p. 2).')", seen) is None
    assert Doubts(looked="paper").of_code("print('The rate is 0.1.')", seen)
    assert Doubts(looked="paper").of_code("print('The data is correct.')", seen)


def test_a_file_that_the_task_wants_must_be_there_and_changed(tmp_path: Path):
    (tmp_path / "mean.py").write_text("broken")
    (tmp_path / "in.csv").write_text("a")

    def doubt(task: str) -> str | None:
        doubts = Doubts(worked=True, files=wanted_files(task, tmp_path))
        return doubts.of_code("final_answer('done')", [])

    fixing = Doubts(worked=True, files=wanted_files("mean.py fails. Fix the file and run it.", tmp_path))
    fixing.work.drawn = True  # else it is asked for the whole of it first
    assert "as it was. Change it" in str(fixing.of_prose("It is fixed.", [])) and fixing.insist == "no"
    assert "Write the whole of it" in str(fixing.of_prose("It is fixed.", []))
    assert (fixing.insist, fixing.wanted) == ("write", "mean.py")
    (tmp_path / "mean.py").write_text("mended")
    fixing.ran(2, "print(shell(command='python mean.py'))", None, "fine")
    assert fixing.of_prose("It is fixed.", []) is None
    assert "out.csv" in str(doubt("Fill in.csv and save it as out.csv."))
    assert "plt.savefig('curve.png')" in str(doubt("Plot the column of in.csv into curve.png."))
    assert doubt("What does mean.py print?") is None and doubt("Count the rows of in.csv.") is None


def test_work_that_ran_makes_an_answer_welcome_and_its_numbers_must_have_been_printed():
    doubts = Doubts()
    assert doubts.of_code(WORK, []) is None and doubts.ran(1, WORK, None) is None
    assert "0.99" in str(doubts.of_code("final_answer('0.99')", ["731"]))
    assert doubts.of_code("final_answer(f'{n} rows')", ["731"]) is None
    assert doubts.of_prose("731 rows.", ["731"]) is None


def test_the_same_code_again_must_become_an_answer_and_then_a_person_is_asked():
    doubts = Doubts()
    doubts.ran(1, WORK, None)
    assert doubts.of_code(WORK, []) and doubts.insist == "answer"
    for _ in range(4):
        assert doubts.of_code(WORK, [])
    with pytest.raises(StuckError, match="again and again"):
        doubts.of_code(WORK, [])


def test_the_examples_answer_is_no_answer():
    doubts = Doubts(worked=True, example=("final_answer(f'{primes[-1]}')",), task="Write fib.py.")
    assert "Write fib.py." in str(doubts.of_code("final_answer(f'{primes[-1]}')", []))
    assert doubts.of_code("final_answer(f'{fibonacci[-1]}')", []) is None


def test_failed_ways_leave_the_memory_and_a_fourth_one_asks_a_person():
    doubts, transcript = Doubts(), Transcript(small=True)
    transcript.add_user("the task")
    transcript.add_step(1, LOOK, "print(open('a.csv').read())", "a,b")
    for step in (2, 3):
        transcript.add_step(step, "", f"x{step}()", "Error: NameError: name 'x' is not defined")
    error = "Traceback …\nNameError: name 'x' is not defined\nHint: define x first"
    assert doubts.ran(2, "x2()", error) is None
    gone = doubts.ran(3, "x3()", error)
    assert gone is not None and (gone.since, gone.upto) == (2, 3) and "Hint: define x first" in gone.text
    transcript.replace(gone.upto, gone.text, gone.since)
    shown = "\n".join(str(m.content) for m in transcript.messages)
    assert "x3()" not in shown and "a,b" in shown and "steps 2 to 3 failed" in shown
    doubts.ran(4, "y()", error), doubts.ran(5, "z()", error)
    doubts.ran(6, "v()", error), doubts.ran(7, "w()", error)
    doubts.ran(8, "u()", error)
    with pytest.raises(StuckError, match="Several ways failed"):
        doubts.ran(9, "t()", error)


def test_words_printed_after_the_work_are_the_answer():
    doubts = Doubts()
    assert doubts.answer_in("print('7 rows')") == "", "nothing was done yet"
    doubts.ran(1, WORK, None, "731 rows")
    assert doubts.answer_in("print('There are 731 rows.')") == "There are 731 rows."
    assert doubts.answer_in("print(n)") == doubts.answer_in("final_answer('731')") == doubts.answer_in("") == ""


def test_what_the_code_printed_stands_beside_an_answer_that_says_less():
    doubts = Doubts()
    doubts.ran(1, WORK, None, "first 0.82\nsecond 0.99\n")
    assert doubts.evidence("The second is better.") == "first 0.82\nsecond 0.99"
    assert doubts.evidence("The second is better: 0.99 against 0.82.") == ""


def test_who_is_asked_what_is_wrong_must_say_all_that_the_audit_found():
    printed = (
        "Found in an audit: 2 of 9 rows repeat another row. size: 1 values are far from the others (range 1 to 99).\n"
    )
    doubts = Doubts(task="What is wrong with these data?")
    doubts.looked_at("files", WORK, printed)
    doubts.ran(2, WORK, None)
    said = str(doubts.of_prose("There are duplicate rows.", [printed]))
    assert "size: 1 values are far" in said and "rows repeat" not in said
    assert doubts.of_prose("There are duplicate rows.", [printed]) is None, "said once"
    completed = doubts.completed("There are duplicate rows.")
    assert completed.startswith("There are duplicate rows.\n\nWhat the audit") and completed.endswith(
        "(range 1 to 99)."
    )
    assert doubts.completed("Duplicate rows, and an odd size.") == "Duplicate rows, and an odd size."
    hasty = Doubts(task="Is anything wrong with these data?")
    hasty.looked_at("files", WORK, printed)
    first, second = (str(hasty.of_prose("There are duplicate rows.", [printed])) for _ in range(2))
    assert "size: 1" not in first and "size: 1 values are far" in second, "also when it did nothing but look"
    other = Doubts(task="How many rows are there?", worked=True)
    other.looked_at("files", WORK, printed)
    assert other.of_prose("There are 9 rows.", ["9"]) is None


def test_an_answer_from_a_paper_names_the_page_where_the_task_asks_for_it():
    seen = ["Transformer (big) on WMT 2014 English-German: BLEU 28.4 (p. 8)"]
    doubts = Doubts(task="Which BLEU does the big model reach? Cite the page.")
    doubts.looked_at("paper", WORK, "")
    assert "asks for the page" in str(doubts.of_code("final_answer('It reaches 28.4.')", seen))
    assert doubts.of_code("final_answer('It reaches 28.4.')", seen) is None, "said once"
    for task, answer in ((doubts.task, "It reaches 28.4 (p. 8)."), ("Which BLEU does it reach?", "It reaches 28.4.")):
        other = Doubts(task=task)
        other.looked_at("paper", WORK, "")
        assert other.of_prose(answer, seen) is None


def test_several_parts_of_an_answer_are_looked_at_together():
    parts = final_argument("final_answer('37 people', 'mean age 47.68')")
    assert parts is not None and literals(parts) == "37 people mean age 47.68"


def test_what_is_better_must_be_found_by_code():
    task = "Which of the two models is better?"
    doubts = Doubts(task=task)
    doubts.ran(1, "a, b = 0.82, 0.99\nprint(a, b)", None, "0.82 0.99")
    assert "no code has compared" in str(doubts.of_code("final_answer(f'The first is better, {a} against {b}.')", []))
    assert doubts.of_code("final_answer(f'The first is better, {a} against {b}.')", []) is None, "said once"
    chosen = Doubts(task=task)
    chosen.ran(1, "best = max({'a': a, 'b': b})\nprint(best)", None, "b")
    assert chosen.of_code("final_answer(f'{best} is better.')", []) is None
    answer = "final_answer('b is better' if b > a else 'a is better')"
    assert Doubts(task=task, worked=True).of_code(answer, []) is None
    assert Doubts(task="How many rows?", worked=True).of_code("final_answer('The most are 3 rows.')", []) is None


def test_a_winner_is_named_with_the_values_that_it_won_by():
    task = "Compare both by their error. Which one is better?"
    doubts = Doubts(task=task)
    doubts.ran(1, "print('A is better.' if a < b else 'B is better.')", None, "A is better.")
    assert "(a: {a}, b: {b})" in str(doubts.of_code("final_answer(f'A is better: {a}.')", []))
    assert doubts.of_code("final_answer(f'A is better: {a}.')", []) is None, "said once"
    both = Doubts(task=task)
    both.ran(1, "print('A is better.' if a < b else 'B is better.')", None, "A is better.")
    assert both.of_code("final_answer(f'A is better: {a} against {b}.')", []) is None
    by_eye = Doubts(task=task, compared=True)
    by_eye.ran(1, "print(winner())", None, "A is better.")
    assert "without the values" in str(by_eye.of_code("final_answer('A is better.')", []))
    shown = Doubts(task=task)
    shown.ran(1, "print(max(errors, key=errors.get), errors)", None, "A {'A': 0.3, 'B': 0.4}")
    assert shown.of_code("final_answer('A is better.')", []) is None, "the values will stand below the answer"


def test_one_entry_again_and_again_is_no_list_of_the_most_frequent():
    doubts = Doubts(task="Which three words are the most frequent?")
    doubts.ran(
        1, "print(sorted(words, key=words.count)[-3:])", None, "FutureWarning: use x instead\n['the', 'the', 'the']"
    )
    assert doubts.printed == "['the', 'the', 'the']", "a library's warning is no result"
    assert "again and again" in str(doubts.of_code("final_answer(f'They are {top}.')", []))
    assert doubts.of_code("final_answer(f'They are {top}.')", []) is None, "said once"


def test_the_page_is_asked_for_with_the_line_that_states_the_value():
    seen = [
        "The paper: 1706 | Attention\np. 2: trained for twelve hours on eight GPUs\np. 7: one machine with 8 P100 GPUs"
    ]
    doubts = Doubts(task="On how many GPUs were the models trained? Cite the page.")
    doubts.looked_at("paper", WORK, "")
    assert doubts.answer_in("print('8 P100 GPUs')") == "8 P100 GPUs", "the values are there already"
    assert "(p. 7: one machine with 8 P100 GPUs)" in str(doubts.of_prose("8 P100 GPUs on one machine", seen))


def test_a_value_that_was_printed_by_name_stands_beside_an_answer_without_it():
    doubts = Doubts()
    doubts.ran(1, WORK, None, "Number of GPUs: 8\nType: P100\n")
    assert doubts.evidence("8 GPUs") and not doubts.evidence("8 GPUs, P100")


def test_a_columns_correlation_with_itself_is_none():
    doubts = Doubts(task="Which column has the strongest correlation with sales?")
    doubts.ran(1, "print(corr['sales'].idxmax())", None, "sales correlates with 1.00")
    assert "with itself" in str(doubts.of_code("final_answer('It is sales, with 1.00.')", ["1.00"]))
    other = Doubts(task="Which column has the strongest correlation with sales?")
    other.ran(1, "print(max(corr))", None, "sun correlates with 0.91")
    assert other.of_code("final_answer('It is sun, with 0.91.')", ["0.91"]) is None


def test_an_answer_at_the_end_of_work_is_looked_at_when_it_is_known(tmp_path: Path):
    work = "top = sorted(words)[:2]\nopen('out.csv', 'w').write('a')\nfinal_answer(f'The top is {top}.')"
    files = wanted_files("Save the words as out.csv.", tmp_path)
    doubts = Doubts(task="Save the words as out.csv.", files=files)
    assert doubts.of_code(work, []) is None, "what it will say and write is not known before it has run"
    assert "out.csv" in str(doubts.of_result(work, "The top is 0.123.", []))
    (tmp_path / "out.csv").write_text("a")
    assert doubts.of_result(work, "The top is 0.123.", []) is None, "its numbers are the work's own"
    assert "again and again" in str(doubts.of_result(work, "The top is ['the', 'the'].", []))


def test_a_paper_states_numbers_with_their_unit_and_its_page_is_no_echo_of_the_task():
    task = "How many parameters has it? Cite the page."
    seen = [f"task = '{task}'\np. 3: BERT large (L=24, Total Parameters=340M).", f"Now the task, in code: {task}"]
    assert not numbers("It has 340 million parameters.", *seen) and numbers("It has 341 million.", *seen) == ["341"]
    doubts = Doubts(task=task)
    doubts.looked_at("paper", WORK, "")
    assert "(p. 3: BERT large" in str(doubts.of_prose("It has 340 million parameters.", seen))
    assert (
        doubts.of_prose("340 million", [*seen, f"Note from the harness: (p. 9: 340 million) {doubts.read_off.source}"])
        is None
    )
    assert doubts.completed("340 million").endswith("Where it stands: p. 3: BERT large (L=24, Total Parameters=340M).")
    assert doubts.completed("p. 3") == "It has 340 million parameters. (p. 3)"
    assert doubts.completed("340 million (p. 3)") == "340 million (p. 3)"
    doubts.read_off.unpaged, doubts.read_off.source = "It reaches 28.4.", "BLEU 28.4 (p. 8)"
    assert doubts.completed("28.4") == "28.4\n\nWhere it stands: BLEU 28.4 (p. 8)"


def test_a_script_that_was_mended_still_does_what_it_did(tmp_path: Path):
    script = tmp_path / "mean.py"
    script.write_text("def mean(v):\n    return sum(v) / n\n\nprint(mean([1, 3]))\n")
    task = "Fix mean.py and run it."
    doubts = Doubts(worked=True, files=wanted_files(task, tmp_path), task=task)
    doubts.work.drawn = True
    script.write_text("def mean(v):\n    return sum(v) / len(v)\n")
    told = str(doubts.of_prose("2.0", ["2.0"]))
    assert (
        "mean.py has lost its last lines" in told and r"open('mean.py', 'a').write('\nprint(mean([1, 3]))\n')" in told
    )
    script.write_text("def mean(v):\n    return sum(v) / len(v)\n\nprint(mean([1, 3]))\n")
    assert "was not run as it is now" in str(doubts.of_prose("2.0", ["2.0"]))
    failing = (
        "{'exit_status': 1, 'output': 'Traceback (most recent call last):\\n  …\\nNameError: n is not defined\\n'}"
    )
    run = "print(shell(command='python mean.py'))"
    doubts.ran(3, run, None, failing)
    assert "NameError: n is not defined" in str(doubts.of_prose("2.0", ["2.0"]))
    doubts.ran(4, run, None, "{'exit_status': 0, 'output': '2.0\\n'}")
    assert doubts.of_prose("2.0", ["2.0"]) is None


def test_who_is_asked_for_several_values_says_them_all_and_the_harness_shows_what_a_choice_was_made_by():
    task = "How many purchases are there, and which user made the most (how many)?"
    doubts = Doubts(task=task)
    doubts.ran(1, "print(len(rows), rows['user'].value_counts().idxmax())", None, "83 omar")
    assert "The harness prints the values" in str(doubts.of_code("final_answer('83, by omar')", ["83 omar"]))
    assert doubts.deed is not None and "value_counts().sort_values" in doubts.deed.code
    assert doubts.of_code("final_answer('83, of these 24 by omar')", ["83 omar 24"]) is None
    plain = Doubts(task="How many rows and how many columns has it? Multiply them.", worked=True)
    assert "how many rows; how many columns" in str(plain.of_prose("2436 cells", ["2436"]))
    assert Doubts(task="How many rows has it?", worked=True).of_prose("It has rows.", []) is None


def test_a_measure_on_held_out_rows_needs_a_split():
    task = "Train a model with 20% held out and report the accuracy."
    doubts = Doubts(task=task)
    doubts.ran(1, "model.fit(x, y)\nprint(model.score(x, y))", None, "0.61")
    assert "no code has split" in str(doubts.of_code("final_answer('0.61')", ["0.61"]))
    split = Doubts(task=task)
    split.ran(1, "a, b, c, d = train_test_split(x, y, test_size=0.2)\nprint(model.fit(a, c).score(b, d))", None, "0.61")
    assert split.of_code("final_answer('0.61')", ["0.61"]) is None


def test_the_largest_label_is_not_the_label_of_the_largest():
    doubts = Doubts(task="Which is the wettest month?")
    doubts.ran(1, "sums = rain.groupby('month')['mm'].sum().reset_index()\nprint(sums['month'].max())", None, "12")
    assert "month.max()" in str(doubts.of_code("final_answer('12')", ["12"]))
    right = Doubts(task="Which is the wettest month?")
    right.ran(1, "sums = rain.groupby('month')['mm'].sum()\nprint(sums.idxmax(), sums.max())", None, "10 88")
    assert right.of_code("final_answer('10, with 88')", ["10 88"]) is None


def test_an_answer_whose_quotes_do_not_match_is_an_answer_still():
    doubts = Doubts(worked=True)
    assert doubts.answer_in("final_answer('vowels('unusual') is 4.')") == "vowels('unusual') is 4."
    assert doubts.answer_in("final_answer(f'{n} rows')") == "", "that is code"
