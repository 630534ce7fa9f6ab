"""What a value holds for, over many made-up paragraphs: its clause, its paragraph, its headings, or the whole paper."""

import re

import pytest

from intern.papers.model import Box, Document, Paragraph, Section
from intern.papers.setup import extract
from tests.papers.scope_cases import CASES, Case, Fact
from tests.papers.scope_cases_longer import LONGER


def read_case(titles: tuple[str, ...], lead: str, text: str) -> list[Fact]:
    sections = [Section(title=title, level=level) for level, title in enumerate(titles, 1)]
    place = len(titles) - 1
    item = Paragraph(text, Box(1), titles[-1], place=place, lead=lead)
    document = Document(title="A study of learning", pages=1, sections=sections, page_texts=[f"{lead} {text}"])
    document.paragraphs.append(item)
    return [(fact.name, fact.value, fact.scope) for fact in extract(document).hyperparameters]


def words(scope: str) -> set[str]:
    scope = scope.replace("×", "x")
    scope = re.sub(r"first (?=stage)", "1 ", re.sub(r"second (?=stage)", "2 ", scope.lower()))
    return set(re.findall(r"[a-z\d]+", re.sub(r"(?<=[a-z])-(?=[a-z])", "", scope)))


def fits(told: str, got: str, rivals: list[str]) -> bool:
    """Whether a scope that was read has all words of the one told, and not all words of another value's."""
    if told == "main":
        return got == "main"
    mine = words(told)
    missed = {word for word in mine if not any(other.startswith(word[:6]) for other in words(got))}
    return not missed and not any(words(rival) <= words(got) and not words(rival) <= mine for rival in rivals)


def ids(case: Case) -> str:
    return (
        case[2][:45]
        if case[0] == ("Experiments", "Implementation details") and not case[1]
        else f"{case[0][0]}-{case[0][-1]}-{case[1]}"
    )


@pytest.mark.parametrize("case", [*CASES, *LONGER], ids=map(ids, [*CASES, *LONGER]))
def test_a_value_holds_for_what_the_words_around_it_say(case: Case):
    titles, lead, text, facts = case
    got = read_case(titles, lead, text)
    for name, value, scope in facts:
        rivals = [other for n, v, other in facts if n == name and v != value and other != "main"]
        mine = [item[2] for item in got if item[0] == name and item[1] == value]
        assert any(fits(scope, one, rivals) for one in mine), (name, value, scope, got)
