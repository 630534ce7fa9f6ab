"""A person at the terminal: decisions, answers, and a program that they edit before they decide."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

from intern.service import BadRequestError, Service


def agreed(question: str) -> bool:
    """A person's yes at the terminal; without one there is no yes."""
    if not sys.stdin.isatty():
        return False
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def ask_person(service: Service, run_id: str) -> None:
    """Put the pending approvals, or the brain's question, to the person at the terminal. No answer stops the run."""
    if (question := service.question(run_id)) is not None:
        options = f" ({', '.join(question.options)})" if question.options else ""
        print(f"\n{question.text}{options}\n> ", end="", file=sys.stderr, flush=True)
        if answer := sys.stdin.readline().strip():
            service.send_message(run_id, answer)
        else:
            service.stop_run(run_id)
        return
    for approval in service.pending(run_id):
        print(f"\n{approval.title}\n{approval.summary}", file=sys.stderr)
        card = approval.artifact and service.artifact_path(run_id, approval.artifact)
        if card:
            print(f"Preview: {card}", file=sys.stderr)
        edit = ", e: edit the program" if approval.program else ""
        print(
            f"Approve? [y/N{edit}; what you write after “n” goes to the intern] ", end="", file=sys.stderr, flush=True
        )
        answer = sys.stdin.readline().strip()
        word, _, feedback = answer.partition(" ")
        if approval.program and word.lower() in ("e", "edit"):
            try:
                service.edit_program(run_id, edited(service.artifact_path(run_id, approval.program)))
            except BadRequestError as error:
                print(f"{error} Nothing was changed.", file=sys.stderr)
            return
        decision: Literal["approved", "rejected"] = "approved" if answer.lower() in ("y", "yes") else "rejected"
        service.decide_approval(
            run_id, approval.approval_id, decision, feedback=feedback if decision == "rejected" else ""
        )


def edited(file: Path) -> str:
    """A copy of the file, after the person has changed it with their editor."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / file.name
        shutil.copyfile(file, copy)
        subprocess.run(
            [*shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"), str(copy)], check=False
        )
        return copy.read_text(encoding="utf-8")
