"""What a small model is asked to do again before it is believed: it makes things up, repeats itself, and stops too early.

Large models are left alone. Each doubt is a sentence for the model, never a refusal for good: a person's run must not
hang on a rule of thumb, so every kind is said at most twice in a turn.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from intern.agent.audited import found_in, left_out
from intern.agent.conditions import not_said, undecided, unused
from intern.agent.deeds import Deed
from intern.agent.doubt_words import (
    BEGINNING,
    COMPARING,
    EXAMPLE,
    HOLDING_OUT,
    HOLLOW,
    INCOMPLETE,
    ITSELF,
    LEARNING,
    LED_NOWHERE,
    OF_LABEL,
    ONLY_LOOKED,
    PERFECT,
    REPEATED,
    REPEATED_ERROR,
    REPETITIVE,
    SAME_ENTRIES,
    SPLITTING,
    UNCOMPARED,
    UNDECIDED,
    UNMENTIONED,
    UNNAMED,
    UNSEEN,
    UNSPLIT,
    UNSUPPORTED,
    UNUSED,
    UNVALUED,
    WARNED,
    WON_BY,
)
from intern.agent.drafts import KEPT, of_result
from intern.agent.file_work import FileWork
from intern.agent.guards import StuckError
from intern.agent.mending import mending
from intern.agent.outputs import reason_of
from intern.agent.read_off import ReadOff
from intern.agent.sayings import (
    NUMBER,
    asked_values,
    broken_answer,
    called,
    compared_names,
    compares,
    final_argument,
    is_hollow,
    label_maximum,
    literals,
    names_in,
    only_answers,
    repeats_numbers,
    same,
    unsupported,
    won_by,
)
from intern.agent.wanted import WantedFile
from intern.runs.events import Summary

MOST_OF_A_KIND = 2
MOST_FAILED = 3
MOST_REPEATED = 5
Insist = Literal["no", "luck", "answer", "read", "write", "begin"]
"""How the next reply is drawn: with luck; as an answer; read off; as a file's text; with a beginning."""
Looked = Literal["", "paper", "docs", "audit", "files"]
READ = ("paper", "docs", "audit")
"""What was looked at may hold the answer already."""
MOST_COLLAPSES = 3
MOST_QUOTED = 300
"""Characters of an output that is shown again."""


@dataclass
class Doubts:
    """Looks at what a small model is about to do. One for each turn of the conversation."""

    worked: bool = False
    """Whether code has run in this turn that looked at something or computed something."""
    last: str = ""
    looked: Looked = ""
    """What the harness has shown of what was given."""
    files: list[WantedFile] = field(default_factory=list)
    example: tuple[str, ...] = ()
    """Code of the example that it was shown."""
    task: str = ""
    printed: str = ""
    """What the last step that worked has printed."""
    compared: bool = False
    """Whether code of this turn has compared anything."""
    contest: tuple[str, ...] = ()
    """Variables that the last comparison in code was between."""
    audit: tuple[str, ...] = ()
    """What is wrong with the given data, a sentence each."""
    insist: Insist = "no"
    """What should be different about the next reply, since words alone did not help."""
    learnt: bool = False
    """Whether code of this turn has fitted a model …"""
    label: str = ""
    """The column that was grouped by and whose own largest value was taken in the last step."""
    won_by: str = ""
    """Code that prints the values by which the last choice of code was made."""
    split: bool = False
    """… and whether any has divided data."""
    seen_first: str = ""
    """What the first look has printed."""
    shown: list[str] = field(default_factory=list)
    """What the steps that worked have printed, one after the other."""
    codes: list[str] = field(default_factory=list)
    """What has run without an error."""
    deed: Deed | None = None
    """A step that the harness takes now."""
    nowhere: Summary | None = None
    """What should stand in the memory for steps that failed, now that their code came again."""
    wanted: str = ""
    """The file that must be written now ("write"), or how code must begin ("begin")."""
    said: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, str, str]] = field(default_factory=list)
    """(step, code, reason) of the failed steps in a row …"""
    failed: list[tuple[str, str]] = field(default_factory=list)
    """… and (code, reason) of all that failed in this turn."""
    settled: bool = False
    """The last code has worked and came again: all that can follow is the answer."""
    collapses: int = 0
    hints: list[str] = field(default_factory=list)
    """Of the sandbox, about the last error."""

    def __post_init__(self) -> None:
        self.work = FileWork(self.files, self.task)
        self.read_off = ReadOff(self.task)

    def looked_at(self, kind: Looked, code: str, printed: str) -> None:
        """The harness has shown what was given."""
        self.looked, self.last = kind, code
        self.insist = "read" if kind in READ else "no"
        self.audit = found_in(printed)
        self.seen_first = printed
        self.deed = self.work.looked(printed)

    def answer_in(self, code: str) -> str:
        """The words of code that does no more than print them, after the work was done: that is an answer. "" for none."""
        if not (self.worked or self.looked in READ) or not code:
            return ""
        if broken := broken_answer(code):
            return broken
        if not is_hollow(code) or final_argument(code) is not None:
            return ""
        return " ".join(literals(s.value) for s in ast.parse(code).body if isinstance(s, ast.Expr))

    def completed(self, answer: str) -> str:
        """The answer with what a small model leaves out: the page, the value on it, a default, what an audit found."""
        if (found := self.read_off.completed(answer)) != answer:
            return found
        left = left_out(self.audit, answer, self.task)
        return f"{answer}\n\nWhat the audit of the data found beside that: {' '.join(left)}" if left else answer

    def findings(self) -> list[str]:
        """What an answer can rest on when nothing more comes: nothing while a file that is wanted is not there or not right."""
        if self.work.missing() is not None or self.work.fault:
            return []
        return [*([self.seen_first] if self.looked in READ else []), *self.shown]

    def evidence(self, answer: str) -> str:
        """What the code printed last, where it says more numbers than the answer: a person should see both."""
        return not_said(answer, self.printed, self.shown)

    def of_code(self, code: str, evidence: Iterable[str]) -> str | None:
        """Why this code should not be run, for the model; None when it should."""
        self.settled = False
        if any(same(code, shown) for shown in self.example):
            return self._once("example", EXAMPLE.format(task=self.task), MOST_REPEATED)
        if any(same(code, failed) for failed, _ in self.failed):
            if deed := self.work.anew():
                self.deed = deed
                return deed.thought
            if self.failures:  # it says again what it sees: so it must not see it
                self.nowhere = self._led_nowhere()
            return self._again(REPEATED_ERROR.format(reason=self.failed[-1][1]), "luck")
        if same(code, self.last):
            if self.worked and self.work.missing() is not None:
                return self._unwritten() or self._again(REPEATED, "luck")
            self.settled = self.worked
            return self._again(REPEATED, "answer" if self.worked else "luck")
        answer = final_argument(code)
        if answer is None:
            return self._once("hollow", HOLLOW) if is_hollow(code) and not repeats_numbers(code, evidence) else None
        if not self.worked and is_hollow(code):
            return self._unseen(literals(answer), evidence)
        if not only_answers(code):  # it does the work first: what it will say is not known yet (see of_result)
            return None
        self.compared = self.compared or compares(code)
        self.codes.append(code)
        return self._of_answer(literals(answer), evidence, names=names_in(answer))

    def of_result(self, code: str, answer: str, evidence: Iterable[str]) -> str | None:
        """Why an answer that came at the end of work should not be taken; its numbers are that work's."""
        return None if only_answers(code) else self._of_answer(answer, [*evidence, answer])

    def of_prose(self, prose: str, evidence: Iterable[str]) -> str | None:
        """Why this answer without code should not be taken."""
        if not self.worked:
            return self._unseen(prose, evidence)
        return self._of_answer(prose, evidence)

    def _of_answer(self, words: str, evidence: Iterable[str], names: frozenset[str] = frozenset()) -> str | None:
        """`names`: variables whose values are put into the words when the code runs."""
        return (
            self._unwritten()
            or self._unsplit()
            or self._unused()
            or self._about_numbers(words, evidence)
            or self._unmentioned(words)
            or self._repetitive(words)
            or self._with_itself(words)
            or self._of_label()
            or self._uncompared(words)
            or self._unvalued(words, names)
            or self._uncited(words, evidence)
            or self._undefaulted(words, evidence)
            or self._undecided(words)
            or self._incomplete(words, names)
        )

    def ran(self, step: int, code: str, error: str | None, printed: str = "") -> Summary | None:
        """A step was run; returns what should stand for the last ones in the memory when they led nowhere.

        A small model copies its own failing code for ever as long as it sees it. Raises StuckError.
        """
        self.last, self.insist = code, "no"
        if error is None:
            self.codes.append(code)
            self.compared = self.compared or compares(code)
            self.contest = compared_names(code) or self.contest
            self.worked = self.worked or not is_hollow(code)
            self.printed = of_result(WARNED.sub("", printed)).strip() or self.printed
            self.shown += [self.printed] if printed.strip() and final_argument(code) is None else []
            self._watch(step, code, printed)
            if KEPT in printed and not self.work.fault:  # all that is left is to say so
                self.insist = "read"
            self.failures.clear()
            return None
        self.deed = mending(step, code, error, [failed for failed, _ in self.failed])
        self.failures.append((step, code, reason_of(error)))
        self.failed.append((code, reason_of(error)))
        self.hints = [line for line in error.splitlines() if line.startswith("Hint: ")]
        reasons = [reason for _, _, reason in self.failures]
        if self.deed is None and len(reasons) > 1 and (deed := self.work.anew()):
            self.deed = deed
            return self._led_nowhere()
        if len(reasons) < MOST_FAILED and reasons[-2:] != [reasons[-1]] * 2:
            return None
        return self._led_nowhere()

    def _led_nowhere(self) -> Summary:
        """What stands for the failed steps. Raises StuckError when that was so too often."""
        (since, _, _), (upto, _, reason) = self.failures[0], self.failures[-1]
        self.collapses += 1
        if self.collapses > MOST_COLLAPSES:
            raise StuckError(f"Several ways failed; the last error: {reason}")
        self.failures.clear()
        text = LED_NOWHERE.format(since=since, upto=upto, reason=reason, hints="".join(f"{h}\n" for h in self.hints))
        return Summary(since=since, upto=upto, text=text)

    def _watch(self, step: int, code: str, printed: str) -> None:
        """Note what a step that worked has done."""
        self.learnt = self.learnt or not LEARNING.isdisjoint(called(code))
        self.label = label_maximum(code)
        self.won_by = won_by(code) or self.won_by
        self.split = self.split or SPLITTING.search(code) is not None
        self.work.watch(step, code, printed)

    def _unwritten(self) -> str | None:
        """What the task wants of files is not done."""
        found = self.work.open()
        if isinstance(found, Deed):
            self.deed = found
            return found.thought
        if found is None:
            return None
        said = self._once(found.kind, found.words, found.most)
        if found.write:
            self.insist, self.wanted = "write", found.write
        return said

    def _unseen(self, text: str, evidence: Iterable[str]) -> str | None:
        told = self.looked == "paper" and NUMBER.search(text)
        if told or self.looked in ("docs", "audit"):  # what is asked for is there already
            doubt = self._about_numbers(text, evidence) or self._uncited(text, evidence)
            return doubt or self._undefaulted(text, evidence)
        if self.looked:
            return self._once("unseen", ONLY_LOOKED, most=1) or self._unmentioned(text)
        return self._once("unseen", UNSEEN)

    def _unused(self) -> str | None:
        """A number that the task sets is in no code: "80% of the rows" was left out."""
        if self.looked in READ or self.work.files or not (left := unused(self.task, self.codes)):
            return None
        if said := self._once("unused", UNUSED.format(left=" and ".join(left)), most=1):
            self.insist, self.wanted = "begin", BEGINNING.format(left=" and ".join(left))
        return said

    def _about_numbers(self, text: str, evidence: Iterable[str]) -> str | None:
        if unknown := next(unsupported(text, evidence), None):
            short = 0 < len(self.printed) <= MOST_QUOTED
            printed = f" What was printed last: {self.printed}" if short else ""
            return self._once("unsupported", UNSUPPORTED.format(number=unknown, printed=printed))
        return None

    def _unmentioned(self, words: str) -> str | None:
        """Asked what is wrong with data, it leaves out some of what the audit found."""
        left = left_out(self.audit, words, self.task)
        return self._once("unmentioned", UNMENTIONED.format(worries=" ".join(left)), most=1) if left else None

    def _repetitive(self, words: str) -> str | None:
        """The "three most frequent" of a list with all its repetitions."""
        found = SAME_ENTRIES.search(f"{words}\n{self.printed}")
        return self._once("repetitive", REPETITIVE.format(entries=found[0][:80]), most=1) if found else None

    def _with_itself(self, words: str) -> str | None:
        """The "strongest correlation" of a column is that with itself."""
        found = "correlat" in self.task.casefold() and PERFECT.search(f"{words}\n{self.printed}")
        return self._once("itself", ITSELF, most=1) if found else None

    def _of_label(self) -> str | None:
        """The "wettest month" is not the one with the largest number of a month."""
        return self._once("label", OF_LABEL.format(key=self.label), most=1) if self.label else None

    def _uncompared(self, words: str) -> str | None:
        """A small model that compares by eye says that 0.82 is more than 0.99."""
        if self.looked in READ or self.compared or not COMPARING.search(words) or not COMPARING.search(self.task):
            return None
        return self._once("uncompared", UNCOMPARED, most=1)

    def _unvalued(self, words: str, names: frozenset[str]) -> str | None:
        """Asked to compare, it tells a verdict only: neither the answer nor what was printed last holds the values."""
        if self.looked in READ or not COMPARING.search(self.task) or NUMBER.search(words + self.printed):
            return None
        if self.contest and not names.issuperset(self.contest):
            values = ", ".join(f"{name}: {{{name}}}" for name in self.contest)
            return self._once("unvalued", UNNAMED.format(values=values), most=1)
        verdict = not self.contest and not names and COMPARING.search(words)
        return self._once("unvalued", UNVALUED, most=1) if verdict else None

    def _uncited(self, words: str, evidence: Iterable[str]) -> str | None:
        found = self.read_off.uncited(words, evidence) if self.looked == "paper" else None
        return self._once(*found, most=1) if found else None

    def _undefaulted(self, words: str, evidence: Iterable[str]) -> str | None:
        found = self.read_off.undefaulted(words, evidence) if self.looked == "docs" else None
        return self._once(*found, most=1) if found else None

    def _undecided(self, words: str) -> str | None:
        """Asked whether something is so, it gives values only."""
        asked = undecided(self.task, words) if self.looked not in READ else ""
        return self._once("undecided", UNDECIDED.format(asked=asked), most=1) if asked else None

    def _unsplit(self) -> str | None:
        """A measure of what was learnt by heart."""
        if not self.learnt or self.split or not HOLDING_OUT.search(self.task):
            return None
        return self._once("unsplit", UNSPLIT, most=1)

    def _incomplete(self, words: str, names: frozenset[str]) -> str | None:
        """Asked how many of this and how many of that, it gives one number."""
        asked = asked_values(self.task)
        if len(asked) < 2 or len(NUMBER.findall(words)) + len(names) >= len(asked):
            return None
        if self.won_by and not self.said["incomplete"]:
            self.said["incomplete"] += 1
            self.deed = Deed(WON_BY, self.won_by)
            return WON_BY
        told = INCOMPLETE.format(count=len(asked), asked="; ".join(asked))
        return self._once("incomplete", told, most=2 if self.won_by else 1)

    def _again(self, words: str, insist: Insist) -> str:
        """The same code again. Raises StuckError when it was told so too often."""
        if self.said["repeated"] >= MOST_REPEATED:
            raise StuckError("The same code comes again and again.")
        said = self._once("repeated", words, MOST_REPEATED)
        self.insist = insist if self.said["repeated"] > 1 or insist == "answer" else "no"
        return said or words

    def _once(self, kind: str, words: str, most: int = MOST_OF_A_KIND) -> str | None:
        self.said[kind] += 1
        self.insist = "luck" if self.said[kind] > 1 else "no"
        return words if self.said[kind] <= most else None
