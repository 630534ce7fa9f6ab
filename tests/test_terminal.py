"""What people see in a terminal."""

from io import StringIO

from rich.console import Console

from intern.papers.model import Reading, Result, Setup
from intern.terminal import MOST_RESULTS, show_reading


def test_a_paper_with_a_thousand_results_shows_its_own_first_and_says_how_many_more_there_are():
    rows = [
        Result(dataset="WSJ", metric="WER", value=n / 10, model=f"net {n}", own=n >= 990, page=1, quote=f"{n / 10}")
        for n in range(1000)
    ]
    out = StringIO()
    show_reading(Console(file=out, width=120), Reading(title="A Study", pages=3, setup=Setup(results=rows)))
    text = out.getvalue()
    assert "net 999" in text and "net 89 " in text and "net 90 " not in text
    assert f"{1000 - MOST_RESULTS} more results: --json has all of them" in text
