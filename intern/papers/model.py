"""What a reader makes of a paper: `Document` (its text and shape) and `Reading` (the typed setup, with evidence).

`Reading.model_dump(mode="json")` is the public schema of `read --json` (DESIGN: public interface). Fields marked
`exclude=True` are for the rooms above and never leave the process that way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from intern.papers.errors import PaperError as PaperError

SourceKind = Literal["pdf", "latex", "html", "card"]
Value = bool | int | float | str


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class Section(Record):
    title: str
    level: int = 1
    page: int = 1
    appendix: bool = False
    number: str = Field(default="", exclude=True)


class Table(Record):
    """Rows of cells; a cell that spans columns stands in the first of them."""

    page: int
    caption: str = ""
    rows: list[list[str]] = Field(default_factory=list)


class Hyperparameter(Record):
    """One setting. `scope` is "main" or the paper's words for what it holds for."""

    name: str
    value: Value
    unit: str | None = None
    scope: str = "main"
    page: int
    quote: str
    where: str = Field(default="", exclude=True)
    """Locator for cards: "section 5.3", "Table 2"."""


class Dataset(Record):
    """A data set the paper trains or tests on; sizes in examples, None where the paper gives none."""

    name: str
    page: int
    quote: str
    train: int | None = None
    validation: int | None = None
    test: int | None = None
    size: int | None = None
    where: str = Field(default="", exclude=True)
    parts: list[str] = Field(default_factory=list, exclude=True)
    """The names in full of a collection's members, as a table lists them one by one."""


class Result(Record):
    """One measured number the paper reports. `own` is False for a baseline."""

    dataset: str
    metric: str
    value: float
    model: str
    own: bool
    page: int
    quote: str
    higher_is_better: bool = Field(default=True, exclude=True)
    table: str = Field(default="", exclude=True)
    row: str = Field(default="", exclude=True)
    where: str = Field(default="", exclude=True)


class StatedValue(Record):
    value: Value
    page: int
    quote: str
    where: str = Field(default="", exclude=True)


class Contradiction(Record):
    about: str
    values: list[StatedValue]


class Setup(Record):
    hyperparameters: list[Hyperparameter] = Field(default_factory=list)
    datasets: list[Dataset] = Field(default_factory=list)
    results: list[Result] = Field(default_factory=list)
    not_stated: list[str] = Field(default_factory=list)
    contradictions: list[Contradiction] = Field(default_factory=list)
    variations: list[Hyperparameter] = Field(default_factory=list)
    """Values of sweeps, ablations and analyses, beside the settings of the paper's own runs."""


class Source(Record):
    """Where a reading came from: kind, a reference (path, id or URL) and the SHA-256 of the bytes read."""

    kind: SourceKind = "pdf"
    reference: str = ""
    sha256: str = ""


class Reading(Record):
    """A paper as the intern understands it."""

    title: str = ""
    authors: list[str] = Field(default_factory=list)
    abstract: str = ""
    arxiv_id: str | None = None
    pages: int = 0
    sections: list[Section] = Field(default_factory=list)
    tables: list[Table] = Field(default_factory=list)
    setup: Setup = Field(default_factory=Setup)
    warnings: list[str] = Field(default_factory=list)
    source: Source = Field(default_factory=Source, exclude=True)


@dataclass(slots=True)
class Box:
    """A place on a page, in PDF points from the top left."""

    page: int
    x0: float = 0.0
    y0: float = 0.0
    x1: float = 0.0
    y1: float = 0.0


@dataclass(slots=True)
class Paragraph:
    """Running text. `breaks` are the offsets in `text` at which a new page starts, with the page that starts there."""

    text: str
    box: Box
    section: str = ""
    appendix: bool = False
    kind: Literal["text", "caption", "footnote", "abstract", "reference"] = "text"
    place: int = -1
    """Index of its section in `Document.sections`, -1 before the first."""
    locator: str = ""
    """ "section 5.3", or the section's title where it has no number."""
    breaks: list[tuple[int, int]] = field(default_factory=list)
    lead: str = ""
    """The words in bold or italics it begins with ("Datasets."), or those of the paragraph before that it goes on from."""
    above: str = ""
    """Titles of the sections its section is in, outermost first."""

    def page_at(self, offset: int) -> int:
        """The page on which the character at `offset` stands."""
        page = self.box.page
        for start, number in self.breaks:
            if offset >= start:
                page = number
        return page


@dataclass(slots=True)
class Grid:
    """A table as its reader sees it.

    `head` is the number of heading rows; `lines[r]` is row r as it stands on the page, for quotes; `columns[c]` are the
    headings over column c from top to bottom, those that span several columns included; `groups[r]` is the label that
    row r shares with its neighbours (a cell that spans rows, or a title row above them).
    """

    page: int
    caption: str
    label: str
    rows: list[list[str]]
    lines: list[str]
    head: int = 1
    bold: list[list[bool]] = field(default_factory=list)
    section: str = ""
    appendix: bool = False
    place: int = -1
    groups: list[str] = field(default_factory=list)
    columns: list[list[str]] = field(default_factory=list)


@dataclass(slots=True)
class Document:
    """A paper's text and shape, from whatever source. Pages are 1-based."""

    title: str = ""
    authors: list[str] = field(default_factory=list)
    abstract: str = ""
    arxiv_id: str | None = None
    pages: int = 0
    sections: list[Section] = field(default_factory=list)
    paragraphs: list[Paragraph] = field(default_factory=list)
    captions: list[Paragraph] = field(default_factory=list)
    footnotes: list[Paragraph] = field(default_factory=list)
    tables: list[Grid] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    page_texts: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unreadable: bool = False
    source: Source = field(default_factory=Source)
