"""What a value holds for: the model, size, data set or phase that the paper's own words name around it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace

from intern.papers import clause_scopes, known_data, part_scopes, scope_words, task_scopes
from intern.papers.data_scopes import nearest_data
from intern.papers.model import Document
from intern.papers.phase_scopes import TELLS_PHASE, phase_told
from intern.papers.scope import Scope, mended
from intern.papers.section_scopes import (
    DULL_LEAD,
    EXPERIMENTS_OF,
    SETTING_TITLE,
    SETTINGS_FOR,
    data_leads,
    is_experiment,
    model_of_title,
    subjects_of,
)
from intern.papers.sentences import Sentence
from intern.papers.trust import IN_ABLATION

_TUNED = re.compile(r"grid search|\btun(?:ed|ing)\b|chosen|select|\bdev(?:elopment)? set|vectors|embeddings", re.I)
_OTHERS = re.compile(
    r"\b(?:other|remaining|rest of the) (?:\w+ )?(?:data ?sets|tasks|benchmarks|corpora|sets|domains)\b", re.I
)
"""Words that tell a data set apart from the rest: a text that has them is not about that one alone."""
_ONCE_LATER = re.compile(
    r"[.;] (?:[^.;]|\.\d){3,90} (?:is|are|was|were) (?:used|set|applied|chosen|employed) (?:for|on) (?:the )?[A-Z][\w-]*[;,.]"
)
_OF_A_NUMBER = re.compile(r"(?<=\d) (?:for|on) [^,;.]*")
"""What a number behind an optimizer holds for ("with a rate of 0.1 for A, and …"), which the optimizer is not said to."""
_MODELS = re.compile(r"\b(?:models|networks|methods|runs)\b", re.I)
_FOR = re.compile(
    r"\b(?:[Ff]or|[Oo]n|[Ii]n|[Ww]ith) (?:the |all |our |both )?(?P<w>[\w-]+(?:[ -][\w-]+){0,2}?) "
    r"(?:models?|experiments?|tasks?|data ?sets?|games?|networks?|settings?|languages?|stage|phase)\b"
)


def _distance(place: int, at: int, text: str = "") -> int:
    """How far words are from a value: those behind it count as farther away unless they follow at once, most in a clause
    of their own."""
    if place <= at:
        return at - place
    if _NEW_CLAUSE.search(text[at:place]):
        return 3 * (place - at) + 200
    return place - at if place - at < 25 else 2 * (place - at) + 60


_NEW_CLAUSE = re.compile(r", (?:and|then|while|whereas|but)\b|; |\. | and (?:then )?(?:fine-?tune|pre-?train|train)\b")


@dataclass
class Scoper:
    """Finds scopes in one paper. `own_names` are the paper's own names for its models, from its tables and titles."""

    own_names: list[str] = field(default_factory=list)
    sections: list[Scope] = field(default_factory=list)
    titles: list[Scope] = field(default_factory=list)
    """What the titles of each section and of those above it say, its text apart."""
    counts: Counter[str] = field(default_factory=Counter)
    lower: Counter[str] = field(default_factory=Counter)
    """How often each word stands in the paper, in lower case."""
    system: str = ""
    leads: frozenset[str] = frozenset()
    """Run-in headings of sections that go through data sets one by one."""
    subjects: dict[tuple[int, str], str] = field(default_factory=dict)
    """What paragraphs are about that begin in the same way, one model each, by their section and their first words."""
    cited: frozenset[str] = frozenset()
    """Names of the methods of others, as their last words are written."""

    @classmethod
    def of(cls, document: Document, own_names: list[str], system: str) -> Scoper:
        names = {name for name in own_names if not SETTING_TITLE.fullmatch(name)}
        scoper = cls(own_names=sorted(names, key=len, reverse=True), system=system)
        scoper.counts = Counter(word for item in document.paragraphs for word in re.findall(r"[A-Z][\w-]+", item.text))
        scoper.lower = Counter(
            word for item in document.paragraphs for word in re.findall(r"[a-z][\w-]+", item.text.lower())
        )
        scoper.leads = frozenset(data_leads(document))
        scoper.subjects = subjects_of(document)
        trail: list[Scope] = []
        for place, section in enumerate(document.sections):
            own = scoper._of_title(document, place)
            wider = trail[section.level - 2] if 2 <= section.level <= len(trail) + 1 else Scope()
            trail = [*trail[: section.level - 1], own.over(wider)]
            scoper.titles.append(trail[-1])
            scoper.sections.append(trail[-1].over(scoper._of_text(document, place)))
        return scoper

    def _of_title(self, document: Document, place: int) -> Scope:
        """What a section's title says it is about: a data set, a model, an experiment, a part of the model."""
        title = document.sections[place].title
        own = self.parse(title, 0, name=True, title=True)
        own.task = task_scopes.task_of_title(document, place)
        if own.text() != "main":
            return own
        if re.search(r"\bablations?\b", title, re.I):
            own.other = "ablation"
        elif is_experiment(document.sections, place):
            own.other = title.partition(":")[0]
        elif about := SETTINGS_FOR.fullmatch(title):
            own.other = about.group("w")
        elif about := EXPERIMENTS_OF.fullmatch(title):
            own.other = about.group("w") or about.group("v")
        else:
            own.part = part_scopes.part_of_title(title)
            own.model = "" if own.part else model_of_title(document, place)
        return own

    def _of_text(self, document: Document, place: int) -> Scope:
        """What the text of a section says it is about: its only data set, the size of its only model."""
        text = " ".join(item.text for item in document.paragraphs if item.place == place)
        plain = " ".join(part for part in re.split(r"(?<=[.?!])\s", text) if not _TUNED.search(part))
        data = {name for name, _, _ in known_data.find_names(clause_scopes.without_origins(plain))}
        about = {name for name, _, _ in known_data.find_names(clause_scopes.own_names_only(plain))}
        if len(about) == 1 and _ONCE_LATER.search(plain) and len(known_data.find_names(plain)) == 1:
            about = set()  # one sentence further on tells what is done for that one
        sizes = {match.group(1) + match.group(2) for match in scope_words.TOTAL.finditer(text)}
        scope = Scope()
        others = _OTHERS.search(plain)  # it is told apart from the rest
        if len(data) == 1 and data == about and len(text) < 12000 and not others:
            scope.data = next(iter(data))
        if len(sizes) == 1:
            scope.size = next(iter(sizes))
        return scope

    def of_sentence(self, sentence: Sentence, start: int, end: int, name: str = "") -> str:
        """Scope of the value of `name` at [start, end): its clause, its sentence, its lead-in, its sections, a part."""
        if name == "optimizer":
            rest = _OF_A_NUMBER.sub(lambda match: " " * len(match.group()), sentence.text[end:])
            sentence = replace(sentence, text=sentence.text[:end] + rest)
        scope = self._around(sentence, start, end)
        part = self._part(sentence, start, end, name)
        if part and part_scopes.part_of_title(scope.other):
            scope.other = ""  # the subject of another clause
        scope.part = part or scope.part
        return mended(scope.text(), self.counts)

    def _part(self, sentence: Sentence, start: int, end: int, name: str) -> str:
        """The part of a model that the value's clause, its sentence or the sentence before it names."""
        whole = scope_words.BOTH_OF.sub(lambda match: " " * len(match.group()), sentence.text)
        text = clause_scopes.without_references(whole, start, end)
        near = clause_scopes.reach(text, start, end)
        low, high = near.own
        clause, at, to = text[low:high], start - low, end - low
        return (
            part_scopes.part_of(name, clause, at, to)
            or part_scopes.part_in_clause(name, clause)
            or part_scopes.part_in_clause(name, text[slice(*near.opening)])
            or part_scopes.part_of(name, whole, start, end)
            or part_scopes.part_of_opening(name, sentence.text, sentence.paragraph.text)
            or part_scopes.part_carried(name, sentence.paragraph.text[: sentence.start], sentence.text)
        )

    def _around(self, sentence: Sentence, start: int, end: int) -> Scope:
        """What the words around a value, its paragraph and its sections say, parts of models apart."""
        text = scope_words.AS_ELSEWHERE.sub(lambda match: " " * len(match.group()), sentence.text)
        text = scope_words.BOTH_PHASES.sub(lambda match: " " * len(match.group()), text)
        text = scope_words.SMALL_CAPITALS.sub(lambda match: match.group(1) + match.group(2) + " ", text)
        text = scope_words.BOUND_BEFORE.sub(lambda match: " " * len(match.group()), text[:start]) + text[start:]
        if sentence.paragraph.kind != "caption":
            text = clause_scopes.without_references(text, start, end)
        left = max(text.rfind(";", 0, start), text.rfind(". ", 0, start)) + 1
        near = self._of_clauses(text, start, end)
        if sentence.paragraph.kind == "caption":
            algorithm = scope_words.ALGORITHM.match(sentence.paragraph.text)
            return Scope(model=algorithm.group("n")) if algorithm and near.text() == "main" else near
        everywhere = scope_words.EVERYWHERE.search(text)
        if everywhere and not near.model and not near.data:
            # "for all models" says nothing about the data set that a run-in heading has named
            named = self._of_lead(sentence.paragraph.lead) if sentence.paragraph.lead else Scope()
            if _MODELS.search(everywhere.group()):
                return near.over(named).over(self._titled(sentence))
            return near.over(Scope(task=named.task, phase=named.phase).over(self._titled(sentence)))
        if near.text() == "main" and (subject := scope_words.SUBJECT.match(text)) and self._tells(subject.group("w")):
            near.other = subject.group("w")
        if near.model and (doer := scope_words.DOER.search(text[left:start])) and doer.group("w") in text[left:start]:
            near.model = doer.group("w") if not scope_words.GENERIC.match(doer.group("w").rstrip("s")) else near.model
        if near.text() == "main" and (opened := clause_scopes.paired_opening(text, start)):
            near.other = opened
        if near.text() == "main" and (subject := scope_words.OTHER_DATA.search(text[left:start])):
            near.other = subject.group("w")
        if near.text() == "main" and IN_ABLATION.search(text[:start]):
            near.other = "ablation"
        # a data set that no list knows: not the one of an earlier sentence or of the section
        of_data = (
            near.other[:1].isupper()
            and not near.data
            and bool(re.search(rf"\b[FfOo][on]r? {re.escape(near.other)}, |{re.escape(near.other)} data", text))
        )
        if near.text() == "main" and not part_scopes.part_of("layers", text, start, end):
            near.other = self.subjects.get((sentence.paragraph.place, sentence.paragraph.text[:60]), "")
        near = near if of_data else near.over(self._opened(sentence.paragraph.text, sentence.start))
        before = sentence.paragraph.text[: sentence.start]
        if not near.phase and (phased := phase_told(before)):
            near.phase = phased
            told = {
                name for match in TELLS_PHASE.finditer(before) for name, _, _ in known_data.find_names(match.group())
            }
            near.data = near.data or (told.pop() if len(told) == 1 else "")
        lead = scope_words.LEAD.match(sentence.paragraph.text)
        if sentence.paragraph.lead and not scope_words.CLOSES.match(sentence.paragraph.text):
            near = near.over(self._of_lead(sentence.paragraph.lead))
        elif lead:
            heading = self.parse(lead.group("w") + " ", 0, name=True)
            word = lead.group("w")
            listed = ":" in lead.group() and " " not in word and self.counts[word] >= 5 and not DULL_LEAD.match(word)
            bulleted = lead.group().startswith(("•", "∙")) and " " in word and not DULL_LEAD.match(word)
            if not heading.model and (word in self.own_names or listed):
                heading.model = word
            elif bulleted and heading.text() == "main":
                heading.other = word
            near = heading.over(near)
        if of_data:
            return near.over(self._titled(sentence))
        return near.over(self.of_section(sentence.paragraph.place))

    def _of_clauses(self, text: str, start: int, end: int) -> Scope:
        """What the value's own clause says; where that is silent, what opens the sentence, what goes before, what follows."""
        if (inside := clause_scopes.aside_of(text, start, end)) is not None:
            aside = self.parse(text[slice(*inside)], start - inside[0])
            if aside.text() != "main":
                return aside
        if text[:start].rstrip().endswith("=") and (run := scope_words.ASSIGNED.match(text, end)):
            whole = self.parse(run.group("w") + " ", 0)
            if whole.text() != "main":
                return whole
        near = clause_scopes.reach(text, start, end)

        def told(span: tuple[int, int]) -> Scope:
            return self.parse(text[span[0] : span[1]], start - span[0])

        own, opening = told(near.own), told(near.opening)
        if own.text() == "main" and (named := scope_words.FOR_NAMED.match(text, near.own[0])):
            own.model, own.other = named.group("w") or "", named.group("v") or ""
        elif opening.text() == "main" and (named := scope_words.FOR_NAMED.match(text, near.opening[0])):
            opening.model, opening.other = named.group("w") or "", named.group("v") or ""
        if own.data or own.phase or own.size or own.other or own.task:
            return own.over(opening)
        before = Scope() if scope_words.TOLD_APART.search(text, near.before[0], start) else told(near.before)
        own = own.over(before).over(opening)
        return own if own.text() != "main" else told(near.behind)

    def of_words(self, sentence: Sentence, words: str) -> str:
        """Scope of a value that its sentence gives to `words`: those words, and what section and lead-in add to them."""
        words = re.sub(r"\s?\((?![A-Z\d])[^()]*\)\s*$", "", words.strip())
        plain = re.sub(
            r"^(?:the|our|all|training|both)\s+|\s+(?:models?|experiments?|tasks?|data ?sets?)$", "", words.strip()
        )
        plain = re.sub(
            r"\s+(?:models? |ones )?(?:are|is|was|were|we|due|because|which|that|(?<!up )to|so|for \d)\b.*$|[.\s-]+$",
            "",
            plain,
        )
        scope = Scope(other="" if re.fullmatch(r"(?:training )?set|training", plain) else plain)
        wider = self._opened(sentence.paragraph.text, sentence.start)
        if sentence.paragraph.lead:
            wider = wider.over(self._of_lead(sentence.paragraph.lead))
        wider = wider.over(self.of_section(sentence.paragraph.place))
        phase = self.parse(sentence.text, 0).phase
        phase = wider.phase if phase in ("", "teacher", "student") else phase
        scope.phase = "" if re.search(r"pre-?train|fine-?tun", plain, re.I) else phase
        if part_scopes.part_of_title(plain):
            scope.other, scope.part = "", plain
            return scope.over(self._titled(sentence)).text()  # a part of the model of that section
        return scope.text()

    def _opened(self, text: str, start: int) -> Scope:
        """What an earlier sentence of the paragraph opened for those behind it: "For the X tasks, we …"."""
        before = text[:start]
        last = max(scope_words.OPENS.finditer(before), key=lambda match: match.start(), default=None)
        if last is None or scope_words.CLOSES.search(before, last.end()) or scope_words.CLOSES.match(text, start):
            return Scope()
        later = re.split(r"(?<=[.?!])\s", before[last.end() :])[1:]
        if any(clause_scopes.contrasts(sentence) for sentence in later):
            return Scope()
        named = last.group("w")
        scope = self.parse(last.group(), 0)
        if scope.text() == "main" and (match := scope_words.FOR_NAMED.search(last.group())):
            scope.model, scope.other = match.group("w") or "", match.group("v") or ""
        if (
            scope.text() == "main"
            and (match := _FOR.match("for " + named + " "))
            and not scope_words.DULL.match(match.group("w"))
        ):
            scope.other = match.group("w")
        return scope

    def _of_lead(self, lead: str) -> Scope:
        """What a run-in heading says its paragraphs are about; nothing where it names a topic ("Optimizer.")."""
        scope = self.parse(lead + " ", 0, name=True)
        if re.search(r" vs\.?(?: |$)", lead):
            return scope
        word = lead.split()[0]
        if sum(bool(re.search(pattern, lead, re.I)) for pattern, _ in scope_words.PHASES[:2]) > 1:
            scope.phase = ""  # "Training & Fine-tuning" is about both
        if re.search(r"(?<!-)\btraining\b (?:&|and) fine-?\s?tuning", lead, re.I):
            scope.phase = ""
        if lead in self.leads:
            return Scope(data=lead, phase=scope.phase)
        scope.part = part_scopes.part_of_title(lead)
        scope.task = task_scopes.task_of_lead(lead)
        if scope.text() != "main" or DULL_LEAD.match(lead) or SETTING_TITLE.fullmatch(lead):
            return scope
        if about := EXPERIMENTS_OF.fullmatch(lead):
            scope.other = about.group("w") or about.group("v")
        elif lead in self.own_names or (len(lead.split()) <= 3 and self.lower[word.lower()] >= 4 and len(word) > 2):
            scope.other = re.sub(r"\s+(?:learning|models?|tasks?|experiments?|settings?)$", "", lead)
        return scope

    def _titled(self, sentence: Sentence) -> Scope:
        place = sentence.paragraph.place
        return self.titles[place] if 0 <= place < len(self.titles) else Scope()

    def of_section(self, place: int) -> Scope:
        """Scope of a section by its index, what its parents say included."""
        return self.sections[place] if 0 <= place < len(self.sections) else Scope()

    def parse(self, text: str, at: int, *, name: bool = False, title: bool = False) -> Scope:
        """Scope words of a text, the nearest to offset `at` where there are several of a kind."""
        scope = Scope()
        if title and re.match(r"compar|relation|difference", text, re.I):
            return scope
        scope.data = nearest_data(text, at)
        phases = [
            # what is told first goes on to hold: words behind a value count as farther away
            (_distance(match.start(), at, text), label or match.group().lower())
            for pattern, label in scope_words.PHASES
            for match in re.finditer(pattern, text, re.I)
        ]
        if phases:
            scope.phase = min(phases)[1]
        sizes = [
            (abs(match.start() - at), match.group(1) + match.group(2))
            for match in scope_words.SIZE.finditer(text)
            if re.search(r"[A-Z][\w-]* $", text[: match.start()])
            or re.match(r"\s(?:total |activated )?(?:param|model|version|variant|baseline|scale)", text[match.end() :])
        ]
        if sizes:
            scope.size = min(sizes)[1]
        scope.model = self._model(text, at, title)
        if scope.size and re.search(rf"\b{re.escape(scope.size)}$", scope.model):
            scope.size = ""
        if kind := self._kind(text, scope.model or self.system):
            scope.model = kind
        variant = [
            (_distance(match.start(), at, text), match.group("w").lower())
            for match in scope_words.VARIANT.finditer(text)
            if not re.search(r"\b(?:of|to|on|from) the base$|ly \w+$", text[: match.end("w")])
        ]
        if variant and not title:
            word = min(variant)[1]
            word = next((found for found in scope_words.SIZES.findall(text) if word in found.lower()), word)
            if word not in scope.model.lower():
                scope.model = word
        empty = not any((scope.data, scope.phase, scope.size, scope.model))
        if not title and not name:
            task = task_scopes.task_near(text, at)
            if not scope.data or task.endswith(")"):
                scope.task, scope.data = task, ""  # "small data sets (A, B)" says more than A alone
        if title and empty and (match := scope_words.ABOUT.fullmatch(text.strip())):
            scope.other = match.group("w")
        if empty and not title and not name:
            loose = [
                (abs(match.start() - at), match.group("w"))
                for match in _FOR.finditer(text)
                if not scope_words.DULL.match(match.group("w"))
                and not re.search(r"\b(?:all|our|the|both|these|and|or)$", match.group("w"))
            ]
            if loose:
                scope.other = min(loose)[1]
        return scope

    def _tells(self, subject: str) -> bool:
        """Whether the subject of a sentence tells one model from another: not "the proposed model", not "the NovaNet models"."""
        own = self.system and re.fullmatch(
            rf"{re.escape(self.system)}(?:-\w+)? (?:models?|networks?|policy|agents?)", subject
        )
        return not own and not scope_words.DULL.match(subject)

    @staticmethod
    def _kind(text: str, name: str) -> str:
        """A model's name with the word that tells its kinds apart: "for supervised NovaNet"."""
        match = re.search(rf"{scope_words.KIND_OF}{re.escape(name)}(?![\w-])", text) if name else None
        return f"{match.group('w')} {name}" if match else ""

    def _model(self, text: str, at: int, title: bool) -> str:
        found: list[tuple[int, str]] = []
        for own in self.own_names:
            for match in re.finditer(rf"(?<![\w-]){re.escape(own)}(?![\w-])", text):
                if re.search(r"\b(?:additional|extra) $", text[: match.start()]):
                    continue  # "one additional NAME negative"
                if not any(abs(match.start() - (place + at)) < len(other) and own in other for place, other in found):
                    found.append((abs(match.start() - at), own))
        for match in scope_words.NAME.finditer(text):
            word = match.group()
            if scope_words.COMPARED_TO.search(text[: match.start()]):
                continue
            plain = re.sub(r"s$", "", word)
            if scope_words.OF_SETTING.match(text, match.end()):
                continue
            if (
                scope_words.GENERIC.match(plain)
                or word.endswith("Optimizer")
                or known_data.is_known(word)
                or (word == self.system and not title)
            ):
                continue
            if re.fullmatch(r"[A-Z]{2,4}", word) and word not in self.own_names:
                continue
            if re.search(r"\d|-|[a-z][A-Z]|\s", word):
                found.append((abs(match.start() - at), word))
        return min(found)[1] if found else ""
