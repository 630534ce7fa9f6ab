"""Following files that a program writes: whole lines, each once, whatever the file does meanwhile."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intern.compute.base import ProgramMetric
from intern.compute.tail import MAX_LINE, JobTail, LineTail


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def texts(tail: LineTail, final: bool = False) -> list[str]:
    return [text for _, text in tail.lines(final)]


def test_a_file_that_is_not_there_yet(tmp_path):
    tail = LineTail(tmp_path / "later.txt")
    assert texts(tail) == []
    append(tail.path, b"now\n")
    assert texts(tail) == ["now"]


def test_a_line_is_reported_once_and_only_when_it_is_whole(tmp_path):
    tail = LineTail(tmp_path / "a.txt")
    append(tail.path, b"one\ntw")
    assert texts(tail) == ["one"] and texts(tail) == []
    append(tail.path, b"o\n")
    assert texts(tail) == ["two"]
    append(tail.path, b"last words")
    assert texts(tail) == [] and texts(tail, final=True) == ["last words"] and texts(tail, final=True) == []


def test_offsets_are_bytes_and_name_a_line(tmp_path):
    tail = LineTail(tmp_path / "a.txt")
    append(tail.path, "é\nx\n".encode())
    assert list(tail.lines()) == [(0, "é"), (3, "x")]
    assert list(LineTail(tail.path).lines()) == [(0, "é"), (3, "x")], "the next process finds the same names"


def test_a_file_that_shrank_is_followed_on(tmp_path):
    """A program that resumes cuts its metrics back to its checkpoint."""
    tail = LineTail(tmp_path / "a.txt")
    append(tail.path, b"1\n2\n3\n")
    texts(tail)
    tail.path.write_bytes(b"1\n")
    assert texts(tail) == []
    append(tail.path, b"2 again\n")
    assert texts(tail) == ["2 again"]


def test_a_line_without_end_comes_in_pieces(tmp_path):
    tail = LineTail(tmp_path / "a.txt")
    append(tail.path, b"x" * (MAX_LINE + 10))
    assert [len(t) for t in texts(tail)] == [MAX_LINE]
    assert [len(t) for t in texts(tail, final=True)] == [10]


def test_bytes_that_are_no_text_do_not_stop_it(tmp_path):
    tail = LineTail(tmp_path / "a.txt")
    append(tail.path, b"\xff\xfe\nnext\n")
    assert texts(tail)[1] == "next"


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200), cuts=st.lists(st.integers(0, 200), max_size=6))
def test_however_a_file_grows_its_lines_are_the_same(tmp_path, data, cuts):
    path = tmp_path / "a.txt"
    path.write_bytes(b"")
    tail, found, before = LineTail(path), [], 0
    for cut in [*sorted(min(c, len(data)) for c in cuts), len(data)]:
        append(path, data[before:cut])
        before = cut
        found += tail.lines()
    found += tail.lines(final=True)
    whole = data.split(b"\n")
    expected = [line.decode("utf-8", "replace") for line in (whole[:-1] if whole[-1] == b"" else whole)]
    assert [text for _, text in found] == expected
    assert [data[o : o + 1] for o, t in found if t] == [line[:1] for line in whole if line]


class Heard:
    def __init__(self) -> None:
        self.metrics: list[ProgramMetric] = []
        self.lines: list[str] = []
        self.states: list[tuple[str, str]] = []

    def metric(self, metric: ProgramMetric) -> None:
        self.metrics.append(metric)

    def log(self, text: str, offset: int) -> None:
        self.lines.append(text)

    def state(self, phase: str, reason: str = "") -> None:
        self.states.append((phase, reason))


def test_metrics_and_log_reach_the_listener(tmp_path):
    heard = Heard()
    tail = JobTail(tmp_path, tmp_path / "log.txt", heard)
    good = {"step": 3, "name": "loss", "value": 0.5, "time": 1.0}
    append(tmp_path / "metrics.jsonl", json.dumps(good).encode() + b"\n")
    append(tmp_path / "log.txt", b"hello\n")
    tail.poll()
    tail.poll(final=True)
    assert [(m.step, m.name, m.value) for m in heard.metrics] == [(3, "loss", 0.5)] and heard.lines == ["hello"]


@pytest.mark.parametrize(
    "bad", ["nonsense", "{}", "[1]", '{"step": 1, "name": "loss", "value": "low", "time": 1}',
            '{"step": 1, "name": "loss", "value": NaN, "time": 1}', '{"step": 1, "name": "l", "value": 1e999, "time": 1}'],
)  # fmt: skip
def test_what_is_no_metric_is_told_as_a_line(tmp_path, bad):
    heard = Heard()
    append(tmp_path / "metrics.jsonl", bad.encode() + b"\n")
    JobTail(tmp_path, tmp_path / "log.txt", heard).poll()
    assert heard.metrics == [] and heard.lines == [f"(not a metric line: {bad})"]
