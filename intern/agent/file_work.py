"""What a task wants of files, against what a small model has done about it so far."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from intern.agent.deeds import WRONG, Deed, examples, is_program_for, is_python, putting_back, saving, trying
from intern.agent.doubt_words import (
    ABOUT_RUNNING,
    AS_TEXT,
    HOW_TO_WRITE,
    LOST,
    STILL_FAILS,
    STILL_WRONG,
    TRACEBACK,
    UNCHANGED,
    UNRUN,
    UNWRITTEN,
)
from intern.agent.drafts import drafting
from intern.agent.outputs import reason_of
from intern.agent.wanted import RUNNING, WantedFile

WRITTEN_BY_HAND = (".py", ".md", ".txt", ".sh", ".yaml", ".yml", ".toml", ".html")
"""Files whose text a model writes; tables come out of code."""
SHOWN_CHARACTERS = 900
MOST_TRIED, MOST_PUT_BACK, MOST_REWRITTEN = 3, 1, 3


@dataclass(frozen=True)
class Ask:
    """What the model must still do: a kind of doubt, its words, how often they are said, and the file to write by force."""

    kind: str
    words: str
    most: int = 2
    write: str = ""


@dataclass
class FileWork:
    """The files that a task wants, and what was done about them in this turn."""

    files: Sequence[WantedFile]
    task: str
    program: tuple[int, str] | None = None
    """The last step that ran well and is a program for a script that is wanted: its number and its code."""
    asked: int = 0
    tried: int = 0
    put_back: int = 0
    written: dict[str, int] = field(default_factory=dict)
    """The step that wrote a file last."""
    ran: set[str] = field(default_factory=set)
    """Scripts that were run since they were written last."""
    untried: set[str] = field(default_factory=set)
    """Scripts whose examples were not tried since then."""
    fault: str = ""
    """How the last run of a script ended, if with an error, or which example it does not meet."""
    drawn: bool = False
    """Whether the model was asked anew for the script."""

    def __post_init__(self) -> None:
        self.untried = {file.path.name for file in self.files}

    def missing(self) -> WantedFile | None:
        """A file that is not there yet, or as it was."""
        return next((f for f in self.files if not f.is_done()), None)

    def watch(self, step: int, code: str, printed: str) -> None:
        """Take in a step that ended without an error."""
        for file in self.files:
            name = file.path.name
            if is_program_for(code, file.path):
                self.program = (step, code)
            if name in code and "open(" in code and "write" in code:
                self.ran.discard(name)
                self.written[name] = step
                self.untried.add(name)
            if name in code and (RUNNING.search(code) or "tried)" in code):
                self.ran.add(name)
                wrong = [line for line in printed.splitlines() if WRONG in line]
                failed = TRACEBACK.search(printed) is not None
                if wrong or "as it should" in printed:
                    self.untried.discard(name)
                self.fault = reason_of(printed.replace("\\n", "\n").rstrip("'}, ")) if failed else "; ".join(wrong)

    def looked(self, printed: str) -> Deed | None:
        """Take in what the first look has shown, how a script that is to be mended ends now; what is done about that."""
        if TRACEBACK.search(printed):
            self.fault = reason_of(printed.partition(" exit status ")[0].replace("\\n", "\n"))
        known = any(f.before is not None and f.path.suffix == ".py" for f in self.files)
        return self.anew() if known and (self.fault or examples(self.task)) else None

    def anew(self) -> Deed | None:
        """Ask the model for its script once more from a clean page, the one time that this is done; None otherwise."""
        scripts = [file for file in self.files if file.path.suffix == ".py"]
        if self.drawn or len(scripts) != 1 or not (scripts[0].before is not None or examples(self.task)):
            return None
        file, self.drawn = scripts[0], True
        own = file.text() if file.is_done() else self.program[1] if self.program is not None else ""
        return drafting(file, self.task, own, self.fault)

    def open(self) -> Ask | Deed | None:
        """What is still to be done about the files, by the model or by the harness."""
        if (found := self._open()) is None or (isinstance(found, Ask) and found.kind == "unrun"):
            return found
        return self.anew() or found

    def _open(self) -> Ask | Deed | None:
        missing = self.missing()
        if missing is not None:
            return self._unwritten(missing)
        return next((found for file in self.files if (found := self._unfinished(file))), None)

    def _unwritten(self, file: WantedFile) -> Ask | Deed:
        name, self.asked = file.path.name, self.asked + 1
        if file.path.suffix == ".py" and self.program is not None:
            return self._save(name)
        if file.before is not None and self.asked == 1:
            return Ask("unwritten", UNCHANGED.format(name=name, text=file.text()[:SHOWN_CHARACTERS]))
        how = HOW_TO_WRITE.get(file.path.suffix, AS_TEXT).format(name=name)
        write = name if file.path.suffix in WRITTEN_BY_HAND else ""
        return Ask("unwritten", UNWRITTEN.format(name=name, how=how), write=write)

    def _save(self, name: str) -> Deed:
        assert self.program is not None
        (step, code), self.program = self.program, None
        self.tried += 1
        return saving(step, code, name, self.task)

    def _unfinished(self, file: WantedFile) -> Ask | Deed | None:
        """A script that was written keeps what it did, does what the task's examples say, and was run if asked."""
        name = file.path.name
        broken = file.path.suffix == ".py" and not is_python(file.text())
        if self.program is not None and (broken or (self.fault and self.program[0] > self.written.get(name, 0))):
            return self._save(name)
        if broken and self.put_back < MOST_PUT_BACK and is_python(file.source) and file.source:
            self.put_back += 1
            return putting_back(file.source, name)
        if lines := file.lost():
            return Ask("lost", LOST.format(name=name, lines=f"\n{lines[:400]}\n"))
        if file.path.suffix != ".py":
            return None
        if name in self.untried and self.tried < MOST_TRIED and (deed := trying(self.task, name)):
            self.tried += 1
            self.untried.discard(name)
            return deed
        if name not in self.ran and re.search(ABOUT_RUNNING, self.task):
            return Ask("unrun", UNRUN.format(name=name), most=1)
        if not self.fault:
            return None
        own = file.before is None  # nothing of somebody else's that must stay
        said = (STILL_WRONG if own else STILL_FAILS).format(
            name=name, reason=self.fault, text=file.text()[:SHOWN_CHARACTERS]
        )
        return Ask("fails", said, most=MOST_REWRITTEN if own else 2, write=name if own else "")
