"""What a small model is asked to do again before it is believed: it makes things up, repeats itself, and stops too early.

Large models are left alone. Each doubt is a sentence for the model, never a refusal for good: a person's run must not
hang on a rule of thumb, so every kind is said at most twice in a turn.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from intern.agent.guards import StuckError
from intern.agent.outputs import reason_of
from intern.agent.sayings import (
    NUMBER,
    compared_names,
    compares,
    final_argument,
    is_hollow,
    literals,
    names_in,
    only_answers,
    repeats_numbers,
    same,
    unsupported,
    words_of,
)
from intern.agent.wanted import WantedFile
from intern.runs.events import Summary

MOST_OF_A_KIND = 2
MOST_FAILED = 3
MOST_REPEATED = 4
Insist = Literal["no", "luck", "answer", "write"]
WRITTEN_BY_HAND = (".py", ".md", ".txt", ".sh", ".yaml", ".yml", ".toml", ".html")
"""Files whose text a model writes; tables come out of code."""
MOST_COLLAPSES = 2
MOST_PAGE_CHARACTERS = 20
"""Of an answer that names a page and nothing else."""

REPEATED = (
    "this is the same code as in the step before, so it was not run again: its output is above. If that answers the task, "
    "call final_answer with it now; else write different code."
)
REPEATED_ERROR = (
    "this is the same code that has just failed, so it was not run again. Read the error and the hints above and write "
    "different code: {reason}"
)
HOLLOW = (
    "that code only prints your own words; nothing was looked at or computed. Write code that opens the data, calls a "
    "function or computes the result, and print that."
)
UNSEEN = (
    "nothing was run for this task yet, so an answer would be a guess. Reply with a block of Python code that finds the "
    "answer out or does the work."
)
ONLY_LOOKED = (
    "so far you have only seen the beginning of what was given, as printed above. If anything must be counted, computed, "
    "changed or tried, write code that does it and print the result. If what is printed above is the whole answer, send "
    "final_answer again."
)
LED_NOWHERE = (
    "Note from the harness: steps {since} to {upto} failed and are left out here. Their last error: {reason}\n{hints}Do "
    "it in another, simpler way, in a few lines; load the data anew if they changed it."
)
EXAMPLE = "that is the code of the example, which was another task and is done. Reply with code for this task: {task}"
UNWRITTEN = (
    "the task asks for the file {name}, but it was not written. Write the whole of it from your code ({how}), check it, "
    "then answer."
)
HOW_TO_WRITE = {
    ".csv": "table.to_csv('{name}', index=False)", ".tsv": "table.to_csv('{name}', sep='\\t', index=False)",
    ".json": "json.dump(value, open('{name}', 'w'))", ".png": "plt.savefig('{name}')", ".svg": "plt.savefig('{name}')",
    ".jpg": "plt.savefig('{name}')", ".npy": "numpy.save('{name}', array)", ".parquet": "table.to_parquet('{name}')",
}  # fmt: skip
LOST = (
    "{name} has lost its last lines, which were not the mistake: {lines} Write the whole file again, these lines with it, "
    "and run it: print(shell(command='python {name}'))."
)
AS_TEXT = "open('{name}', 'w').write(text)"
UNSUPPORTED = (
    "the number {number} in your answer was never printed by any code. Compute it and put the variable into the answer, like "
    "final_answer(f'... {{value}}'); leave out what was not measured."
)


UNMENTIONED = (
    "the audit at the beginning also found this, which your answer does not say: {worries} Send final_answer with all that "
    "was found."
)
UNCOMPARED = (
    "your answer says what is better or the most, but no code has compared. Let the code choose, for example "
    "best = max(results, key=results.get) with results = {name: value}, print(results, best), and put all of it into the "
    "answer."
)
UNVALUED = (
    "your answer names a winner without the values that it won by. Print the values of all that were compared, each with "
    "its name, and put them into the answer."
)
UNNAMED = (
    "your answer names a winner without all the values that were compared. Send final_answer again with your verdict and "
    "these values in it, like final_answer(f'... ({values})')."
)
REPETITIVE = (
    "{entries} is one entry again and again. If different ones were asked for, count each once (collections.Counter(...)"
    ".most_common(n), value_counts(), set) and print them with their counts."
)
ITSELF = (
    "a correlation of 1 is that of a column with itself: leave that column out, for example correlations.drop(name), and "
    "print the others again, each with its name."
)
UNCITED = (
    "the task asks for the page: add it to the answer, like (p. N), from the line above that states the value{line}. Send "
    "final_answer with all that the task asks for, and the page."
)
SAME_ENTRIES = re.compile(r"\[('[^'\n]+'|\"[^\"\n]+\")(?:, \1)+\]")
PERFECT = re.compile(r"(?<![\w.])1\.0+(?!\d)")
LABELLED = re.compile(r"^[^:\n]{2,40}: (\S.{0,60})$", re.MULTILINE)
"""A line as code prints a result: its name and its value."""
WARNED = re.compile(r"^\w*Warning: .*\n?", re.MULTILINE)
"""What a library says to programmers, as the sandbox prints it: neither a result nor for the person."""
COMPARING = re.compile(
    r"\b(?:better|best|worse|worst|(?:high|low|larg|small|great|strong|weak)(?:er|est)|most|fewest|outperform)",
    re.IGNORECASE,
)
ABOUT_PAGES = re.compile(r"\b(?:cit(?:e|es|ing|ation)|pages?)\b", re.IGNORECASE)
PAGE = re.compile(r"\b(?:pp?\.|pages?\b)", re.IGNORECASE)
PAGED = re.compile(r"\b(?:pp?\.|pages?)\s*\d", re.IGNORECASE)
AUDIT = "Found in an audit: "
ABOUT_FAULTS = re.compile(
    r"\b(?:wrong|problem|issue|fault|flaw|mistake|error|quality|clean|inspect|check|audit)", re.IGNORECASE
)
DOUBLED = re.compile(r"duplicat|repeat|twice|identical|more than once", re.IGNORECASE)


@dataclass
class Doubts:
    """Looks at what a small model is about to do. One for each turn of the conversation."""

    worked: bool = False
    """Whether code has run in this turn that looked at something or computed something."""
    last: str = ""
    looked: Literal["", "paper", "files"] = ""
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
    unpaged: str = ""
    """An answer that was good but for its page …"""
    source: str = ""
    """… and the line, with its page, that has most of its words."""
    wanted: str = ""
    """The file that must be written now ("write")."""
    said: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, str, str]] = field(default_factory=list)
    """(step, code, reason) of the failed steps in a row."""
    collapses: int = 0

    def looked_at(self, kind: Literal["paper", "files"], code: str, printed: str) -> None:
        """The harness has shown what was given."""
        self.looked, self.last = kind, code
        lines = [line.removeprefix(AUDIT) for line in printed.splitlines() if line.startswith(AUDIT)]
        worries = [w for line in lines for w in re.split(r"(?<=\.) (?=\S)", line)]
        self.audit = tuple(w for w in worries if w and w != "nothing wrong")

    def answer_in(self, code: str) -> str:
        """The words of code that does no more than print them, after the work was done: that is an answer. "" for none."""
        if (
            not (self.worked or self.looked == "paper")
            or not code
            or not is_hollow(code)
            or final_argument(code) is not None
        ):
            return ""
        return " ".join(literals(s.value) for s in ast.parse(code).body if isinstance(s, ast.Expr))

    def completed(self, answer: str) -> str:
        """The answer with what a small model leaves out when it is asked for the page: the value, or the page again."""
        told, first = set(NUMBER.findall(answer)), self.unpaged.strip()
        if any(n not in told for n in NUMBER.findall(first)) and len(answer) < MOST_PAGE_CHARACTERS:
            return f"{first} ({answer.strip()})"
        stands = first and not PAGE.search(answer) and told & words_of(self.source)
        return f"{answer}\n\nWhere it stands: {self.source}" if stands else answer

    def evidence(self, answer: str) -> str:
        """What the code printed last, where it says more numbers than the answer: a person should see both."""
        told, said = set(NUMBER.findall(answer)), answer.casefold()
        left = any(n not in told for n in NUMBER.findall(self.printed))
        left = left or any(value.casefold() not in said for value in LABELLED.findall(self.printed))
        return self.printed if left else ""

    def of_code(self, code: str, evidence: Iterable[str]) -> str | None:
        """Why this code should not be run, for the model; None when it should."""
        if any(same(code, shown) for shown in self.example):
            return self._once("example", EXAMPLE.format(task=self.task), MOST_REPEATED)
        if any(same(code, failed) for _, failed, _ in self.failures):
            return self._again(REPEATED_ERROR.format(reason=self.failures[-1][2]), "luck")
        if same(code, self.last):
            if self.worked and self._missing() is not None:
                return self._unwritten() or self._again(REPEATED, "luck")
            return self._again(REPEATED, "answer" if self.worked else "luck")
        answer = final_argument(code)
        if answer is None:
            return self._once("hollow", HOLLOW) if is_hollow(code) and not repeats_numbers(code, evidence) else None
        if not self.worked and is_hollow(code):
            return self._unseen(literals(answer), evidence)
        if not only_answers(code):  # it does the work first: what it will say is not known yet (see of_result)
            return None
        self.compared = self.compared or compares(code)
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
            or self._about_numbers(words, evidence)
            or self._unmentioned(words)
            or self._repetitive(words)
            or self._with_itself(words)
            or self._uncompared(words)
            or self._unvalued(words, names)
            or self._uncited(words, evidence)
        )

    def ran(self, step: int, code: str, error: str | None, printed: str = "") -> Summary | None:
        """A step was run; returns what should stand for the last ones in the memory when they led nowhere.

        A small model copies its own failing code for ever as long as it sees it. Raises StuckError.
        """
        self.last = code
        if error is None:
            self.compared = self.compared or compares(code)
            self.contest = compared_names(code) or self.contest
            self.worked = self.worked or not is_hollow(code)
            self.printed = WARNED.sub("", printed).strip() or self.printed
            self.failures.clear()
            return None
        self.failures.append((step, code, reason_of(error)))
        reasons = [reason for _, _, reason in self.failures]
        if len(reasons) < MOST_FAILED and reasons[-2:] != [reasons[-1]] * 2:
            return None
        self.collapses += 1
        if self.collapses > MOST_COLLAPSES:
            raise StuckError(f"Several ways failed; the last error: {reasons[-1]}")
        since, hints = self.failures[0][0], "".join(f"{h}\n" for h in error.splitlines() if h.startswith("Hint: "))
        self.failures.clear()
        text = LED_NOWHERE.format(since=since, upto=step, reason=reasons[-1], hints=hints)
        return Summary(since=since, upto=step, text=text)

    def _unwritten(self) -> str | None:
        """The task asks for a file that is not there, or not changed."""
        missing = self._missing()
        if missing is None:
            lost = next(((f, lines) for f in self.files if (lines := f.lost())), None)
            return self._once("lost", LOST.format(name=lost[0].path.name, lines=lost[1][:200])) if lost else None
        how = HOW_TO_WRITE.get(missing.path.suffix, AS_TEXT).format(name=missing.path.name)
        said = self._once("unwritten", UNWRITTEN.format(name=missing.path.name, how=how))
        if missing.path.suffix in WRITTEN_BY_HAND:
            self.insist, self.wanted = "write", missing.path.name
        return said

    def _missing(self) -> WantedFile | None:
        return next((f for f in self.files if not f.is_done()), None)

    def _unseen(self, text: str, evidence: Iterable[str]) -> str | None:
        if self.looked == "paper" and NUMBER.search(text):  # its values are there already
            return self._about_numbers(text, evidence) or self._uncited(text, evidence)
        return self._once("unseen", ONLY_LOOKED, most=1) if self.looked else self._once("unseen", UNSEEN)

    def _about_numbers(self, text: str, evidence: Iterable[str]) -> str | None:
        if unknown := next(unsupported(text, evidence), None):
            return self._once("unsupported", UNSUPPORTED.format(number=unknown))
        return None

    def _unmentioned(self, words: str) -> str | None:
        """Asked what is wrong with data, it leaves out some of what the audit found."""
        if not ABOUT_FAULTS.search(self.task):
            return None
        said = words.casefold()
        left = [
            w for w in self.audit
            if not (w.partition(":")[0].casefold() in said if ":" in w else DOUBLED.search(words))
        ]  # fmt: skip
        return self._once("unmentioned", UNMENTIONED.format(worries=" ".join(left)), most=1) if left else None

    def _repetitive(self, words: str) -> str | None:
        """The "three most frequent" of a list with all its repetitions."""
        found = SAME_ENTRIES.search(f"{words}\n{self.printed}")
        return self._once("repetitive", REPETITIVE.format(entries=found[0][:80]), most=1) if found else None

    def _with_itself(self, words: str) -> str | None:
        """The "strongest correlation" of a column is that with itself."""
        found = "correlat" in self.task.casefold() and PERFECT.search(f"{words}\n{self.printed}")
        return self._once("itself", ITSELF, most=1) if found else None

    def _uncompared(self, words: str) -> str | None:
        """A small model that compares by eye says that 0.82 is more than 0.99."""
        if self.looked == "paper" or self.compared or not COMPARING.search(words) or not COMPARING.search(self.task):
            return None
        return self._once("uncompared", UNCOMPARED, most=1)

    def _unvalued(self, words: str, names: frozenset[str]) -> str | None:
        """Asked to compare, it tells a verdict only: neither the answer nor what was printed last holds the values."""
        if self.looked == "paper" or not COMPARING.search(self.task) or NUMBER.search(words + self.printed):
            return None
        if self.contest and not names.issuperset(self.contest):
            values = ", ".join(f"{name}: {{{name}}}" for name in self.contest)
            return self._once("unvalued", UNNAMED.format(values=values), most=1)
        verdict = not self.contest and not names and COMPARING.search(words)
        return self._once("unvalued", UNVALUED, most=1) if verdict else None

    def _uncited(self, words: str, evidence: Iterable[str]) -> str | None:
        """Asked for the page, it says none, though pages stand beside what it has seen."""
        if self.looked != "paper" or not ABOUT_PAGES.search(self.task) or PAGE.search(words) or self.unpaged:
            return None  # nothing to ask, or asked before: then the note itself is among what was seen
        lines = [
            line for seen in evidence for line in seen.splitlines() if PAGED.search(line) and self.task not in line
        ]
        if not lines:
            return None
        wanted = words_of(f"{words} {self.task}")
        self.unpaged = words
        self.source = max(lines, key=lambda line: len(wanted & words_of(line))).strip()[:200]
        return self._once("uncited", UNCITED.format(line=f" ({self.source})"), most=1)

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
