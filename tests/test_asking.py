"""A person at the terminal who says no with a reason, or edits the program before they decide."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from intern.asking import ask_person, edited
from intern.runs.report import PendingApproval
from intern.service import BadRequestError


class Desk:
    """A service with one decision to take."""

    def __init__(self, program: Path) -> None:
        self.program = program
        self.taken: list[tuple[str, str]] = []
        self.programs: list[str] = []
        self.refuses = False

    def question(self, run_id: str) -> None:
        return None

    def pending(self, run_id: str) -> list[PendingApproval]:
        return [PendingApproval(approval_id="a", action="job", title="Rent?", summary="$1", price_usd=1.0, artifact=None,
                                program=self.program.name)]  # fmt: skip

    def artifact_path(self, run_id: str, name: str) -> Path:
        return self.program

    def edit_program(self, run_id: str, text: str) -> None:
        if self.refuses:
            raise BadRequestError("The edited program cannot run.")
        self.programs.append(text)

    def decide_approval(self, run_id: str, approval_id: str, decision: str, feedback: str = "") -> SimpleNamespace:
        self.taken.append((decision, feedback))
        return SimpleNamespace()


@pytest.fixture
def desk(tmp_path, monkeypatch):
    (tmp_path / "program.py").write_text("steps = 1\n")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "sed -i s/1/2/")
    return Desk(tmp_path / "program.py")


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        ("y", ("approved", "")),
        ("yes", ("approved", "")),
        ("n too dear", ("rejected", "too dear")),
        ("", ("rejected", "")),
        ("yes but", ("rejected", "but")),
    ],
)
def test_only_a_plain_yes_is_a_yes_and_a_reason_is_passed_on(desk, monkeypatch, line, taken):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{line}\n"))
    ask_person(desk, "run")
    assert desk.taken == [taken]


def test_a_program_is_edited_in_a_copy_and_nothing_is_decided_yet(desk, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("e\n"))
    ask_person(desk, "run")
    assert desk.programs == ["steps = 2\n"] and desk.taken == [] and desk.program.read_text() == "steps = 1\n"
    desk.refuses = True
    monkeypatch.setattr("sys.stdin", io.StringIO("e\n"))
    ask_person(desk, "run")
    assert "cannot run. Nothing was changed." in capsys.readouterr().err


def test_an_editor_that_changes_nothing_gives_the_same_text(desk, monkeypatch):
    monkeypatch.setenv("EDITOR", "true")
    assert edited(desk.program) == "steps = 1\n"
