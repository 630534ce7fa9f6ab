"""What stands below a traceback: hints made from the code's own objects, in the real sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from intern.sandbox import make_session
from intern.sandbox.plain import Session


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    session = make_session(None)
    session.run("import os\nopen('data.csv', 'w').write('a,b\\n1,2\\n')", 20)
    yield session
    session.close()


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("np.zeros(3)", "add the line: import numpy as np"),
        ("total = 3\nprint(totel)", "there is total"),
        ("open('date.csv')", "the working folder has: data.csv"),
        ("open('/root/somewhere/data.csv')", "open it by its name alone: 'data.csv'"),
        ("d = {'files': {'a.csv': {'rows': 3}}}\nd['rows']", "'rows' is at d['files']['a.csv']['rows']"),
        ("d = {'mean': 3}\nd.mean", "it is a dict with the keys 'mean'"),
        ("'abc'.uper()", "a str has upper"),
        ("def f(size, depth=2): pass\nf(size=1, dept=3)", "f(size, depth=2)"),
        ("return 5", "final_answer(value), not return"),
        ("xs = [1, 2]\nfor i in range(3):\n    print(xs[i])", "xs is list [1, 2]; i is int 2"),
        (
            "import urllib.request\nurllib.request.urlopen('http://example.org/a.csv', timeout=5)",
            "there is no network here",
        ),
        ("import numpy as np\nnp.array(['a', 'b']).astype(float)", "pd.get_dummies"),
        ("import no_such_thing", "no_such_thing is not installed"),
        ("value = 3\nfinal_answer('It is {value}.')", "put an f before the quote"),
    ],
)
def test_an_error_comes_with_what_helps(session: Session, code: str, hint: str):
    _, error = session.run(code, 20)
    assert error is not None and hint in error, error


def test_frames_inside_libraries_are_left_out_but_for_the_last(session: Session):
    _, error = session.run("import json\njson.loads('{')", 20)
    assert error is not None and error.count('File "') <= 3 and "JSONDecodeError" in error and "<step" in error


def test_hints_never_break_an_error(session: Session):
    code = """
class Bad:
    def __repr__(self): raise ValueError('no repr')
    def __getattr__(self, name): raise KeyError(name)
bad = Bad()
bad + 1
"""
    _, error = session.run(code, 20)
    assert error is not None and "TypeError" in error


def test_a_warning_is_one_line(session: Session):
    out, error = session.run("import warnings\nwarnings.warn('slow\\n  path', RuntimeWarning)", 20)
    assert error is None and out.strip() == "RuntimeWarning: slow path"


def test_an_answer_that_was_assigned_instead_of_called_ends_the_turn(session: Session):
    session.run("final_answer = 'forty-two'", 20)
    assert session.answer == "forty-two"


def test_scikit_learn_works_without_a_word_about_processors(session: Session):
    code = (
        "from sklearn.datasets import load_wine\nfrom sklearn.neighbors import KNeighborsClassifier as Neighbours\n"
        "x, y = load_wine(return_X_y=True)\nprint(Neighbours(n_jobs=-1).fit(x, y).score(x, y))"
    )
    printed, error = session.run(code, 100)
    assert error is None and float(printed) > 0.5, "a number and no warning"
