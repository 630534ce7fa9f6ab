"""What a small model is shown and told before its own steps."""

from __future__ import annotations

import pytest

from intern.tools.first_look import first_look


@pytest.mark.parametrize(
    ("task", "kind", "names"),
    [
        (
            "What does scikit-learn's KNeighborsClassifier use as default metric?",
            "docs",
            ["sklearn KNeighborsClassifier"],
        ),
        ("Look up the signature of torch.optim.Adam: the default of lr?", "docs", ["torch.optim.Adam"]),
        ("Which default has the parameter sep of pandas' read_csv?", "docs", ["pandas read_csv"]),
        ("Compare GaussianNB and SVC (default settings) on scikit-learn's digits.", "", []),
        ("Train torch.nn.Linear with default parameters.", "files", ["torch.nn.Linear"]),
        ("How many parameters has it?", "", []),
    ],
)
def test_a_question_about_documentation_is_looked_up_and_may_be_answered_at_once(task, kind, names):
    look = first_look({}, None, task)
    assert look.kind == kind and all(f"look_up({name!r})" in look.code for name in names)
    assert bool(look.code) == bool(names)


def test_files_are_loaded_by_the_reader_that_they_need():
    look = first_look(
        {"a.jsonl": "9 bytes", "b.json": "9 bytes", "t.csv": "table of 3 rows; columns: x"}, None, "Count."
    )
    for words in (
        "read_json('a.jsonl', lines=True)",
        "json.load(open('b.json'))",
        "pd.read_csv('t.csv')",
        "import json",
    ):
        assert words in look.code
    compile(look.code, "look", "exec")


@pytest.mark.parametrize(
    ("files", "task", "words"),
    [
        ({"fix.py": "1 bytes"}, "fix.py fails. Repair it.", "open('fix.py', 'w')"),
        ({"run.yaml": "1 bytes"}, "Change lr in run.yaml to 3.", "text.replace"),
        ({}, "Train a network in PyTorch on the digits.", "randperm"),
        ({"t.csv": "table"}, "Which user in t.csv bought the most?", "idxmax"),
        ({"t.csv": "table"}, "How many rows are in the test part of t.csv?", ""),
        ({"fix.py": "1 bytes"}, "What does fix.py print?", ""),
    ],
)
def test_the_kind_of_a_task_picks_its_recipe(files, task, words):
    advice = first_look(files, None, task).advice
    assert words in advice and bool(advice) == bool(words)


def test_a_script_that_is_to_be_mended_is_run_first():
    assert "shell(command='python fix.py'" in first_look({"fix.py": "1 bytes"}, None, "fix.py fails. Repair it.").code
    assert "shell(" not in first_look({"fix.py": "1 bytes"}, None, "What does fix.py print?").code
