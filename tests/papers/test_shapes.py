"""Title pages and headings in the styles of different venues."""

import pymupdf
import pytest

from intern.papers.pdf import read_pdf
from tests.papers.making import FILLER, paragraph, save, write

NAMES = ["Ada Writer", "Bo van Reader", "Cy T. Ting"]


def title_page(style):
    document = pymupdf.open()
    page = document.new_page()
    write(page, 120, 80, "Reading Papers of Many Kinds", 17, "times-bold")
    if style == "one line":
        write(page, 180, 110, "Ada Writer, Bo van Reader, and Cy T. Ting", 11)
        write(page, 200, 124, "University of Loopback", 10)
    elif style == "marks":
        x = 140.0
        for number, name in enumerate(NAMES, 1):
            write(page, x, 110, name, 11, "times-bold")
            x += pymupdf.get_text_length(name, "times-bold", 11)
            write(page, x, 106, f"{number},*" if number == 1 else str(number), 7)
            x += 22
        write(page, 140, 130, "1 University of Loopback  2 Small Talk Labs  3 Institute of Echoes", 9)
    elif style == "blocks":
        for number, name in enumerate(NAMES):
            write(page, 80 + 170 * number, 110, name, 11, "times-bold")
            write(page, 80 + 170 * number, 123, "University of Loopback", 10)
            write(page, 80 + 170 * number, 136, f"{name.split()[0].lower()}@loop.edu", 9)
    elif style == "stacked":
        y = 110.0
        for name in NAMES:
            y = write(page, 250, y, name, 11)
            y = write(page, 240, y, "Department of Echoes, University of Loopback", 9) + 4
    write(page, 280, 215, "Abstract", 12, "times-bold")
    paragraph(page, 72, 235, FILLER)
    return document


@pytest.mark.parametrize("style", ["one line", "marks", "blocks", "stacked"])
def test_authors(style, tmp_path):
    document = title_page(style)
    write(document[0], 72, 330, "1 Introduction", 12, "times-bold")
    paragraph(document[0], 72, 350, FILLER)
    found = read_pdf(save(document, tmp_path / "a.pdf"))
    assert found.title == "Reading Papers of Many Kinds"
    assert found.authors == NAMES
    assert found.abstract.startswith("We describe")


HEADINGS = {
    "roman": (["I. INTRODUCTION", "II. METHOD", "III. EXPERIMENTS", "IV. CONCLUSION"], 10, "times-roman"),
    "dotted": (["1. Introduction", "2. Method", "3. Experiments", "4. Conclusion"], 12, "times-bold"),
    "bold at body size": (["1 Introduction", "2 Method", "3 Experiments", "4 Conclusion"], 10, "times-bold"),
    "no numbers": (["Introduction", "The Echo Method", "Experiments", "Conclusion"], 13, "times-bold"),
    "as light as the text": (
        ["Introduction", "Echoes in Halls", "Methods", "Results", "Conclusion"],
        10,
        "times-italic",
    ),
    "capitals": (["1 INTRODUCTION", "2 METHOD", "3 EXPERIMENTS", "4 CONCLUSION"], 11, "times-roman"),
}


@pytest.mark.parametrize("style", HEADINGS)
def test_headings(style, tmp_path):
    titles, size, font = HEADINGS[style]
    document = title_page("one line")
    page, y = document[0], 330.0
    for title in titles:
        y = write(page, 72, y + 10, title, size, font) + 5
        y = paragraph(page, 72, y, f"{FILLER} 3 The list goes on. 4 And on.")
    y = write(page, 72, y + 10, "References", size, font)
    paragraph(page, 72, y + 5, "[1] A. Writer. On echoes. Journal of Loops, 2001. [2] B. Reader. More echoes. 2002.")
    found = read_pdf(save(document, tmp_path / "h.pdf"))
    wanted = [
        title.split(" ", 1)[1] if title[0].isdigit() or title[:2] in ("I.", "II", "IV") else title for title in titles
    ]
    top = [
        section.title
        for section in found.sections
        if section.level == 1 and section.title not in ("Abstract", "References")
    ]
    assert top == wanted
    assert not any(section.appendix for section in found.sections)


def test_appendices_after_the_references(tmp_path):
    document = title_page("one line")
    page, y = document[0], 330.0
    for title in ("1 Introduction", "2 Method", "References"):
        y = write(page, 72, y + 10, title, 12, "times-bold") + 5
        y = paragraph(page, 72, y, FILLER)
    page, y = document.new_page(), 80.0
    for title in ("A Training Details", "A.1 Optimizer", "B More Results"):
        y = write(page, 72, y + 10, title, 12, "times-bold") + 5
        y = paragraph(page, 72, y, FILLER)
    found = read_pdf(save(document, tmp_path / "b.pdf"))
    assert [(s.title, s.level) for s in found.sections if s.appendix] == [
        ("Training Details", 1), ("Optimizer", 2), ("More Results", 1),
    ]  # fmt: skip


def test_small_bold_headings_and_appendices_before_the_references(tmp_path):
    """Physics journals print their headings smaller than the text, and call each appendix by its name."""
    document = title_page("one line")
    page, y = document[0], 330.0
    titles = ("I. INTRODUCTION", "II. METHOD", "ACKNOWLEDGMENTS", "Appendix A: Longer Proofs", "REFERENCES")
    for title in titles:
        y = write(page, 72, y + 10, title, 9, "times-bold") + 5
        y = paragraph(page, 72, y, FILLER)
    found = read_pdf(save(document, tmp_path / "c.pdf"))
    assert [(s.title, s.level) for s in found.sections if s.appendix and s.number] == [("Longer Proofs", 1)]
    assert [s.title for s in found.sections if not s.appendix and s.number] == ["INTRODUCTION", "METHOD"]


def test_an_appendix_whose_title_stands_below_its_letter(tmp_path):
    document = title_page("one line")
    page, y = document[0], 330.0
    for title in ("1 Introduction", "2 Method", "Appendix A", "Appendix B"):
        y = write(page, 72, y + 10, title, 12, "times-bold")
        if title[-1] in "AB":
            y = write(page, 72, y, f"Further Echoes {title[-1]}", 12, "times-bold")
        y = paragraph(page, 72, y + 5, FILLER)
    found = read_pdf(save(document, tmp_path / "d.pdf"))
    assert [s.title for s in found.sections if s.appendix] == ["Further Echoes A", "Further Echoes B"]


@pytest.mark.parametrize(
    "below",
    [
        "University of Loopback, Echo City, USA",
        "Member, IEEE",
        "Hong Kong",
        "TU Echohausen",
    ],
)
def test_towns_houses_and_memberships_are_no_authors(below, tmp_path):
    document = pymupdf.open()
    page = document.new_page()
    write(page, 120, 80, "Reading Papers of Many Kinds", 17, "times-bold")
    write(page, 180, 110, "Ada Writer, Senior Member, IEEE, Mila Ai, and Max Reader", 11)
    write(page, 180, 124, below, 11)
    write(page, 280, 215, "Abstract", 12, "times-bold")
    paragraph(page, 72, 235, FILLER)
    assert read_pdf(save(document, tmp_path / "e.pdf")).authors == ["Ada Writer", "Mila Ai", "Max Reader"]


def test_what_stands_behind_an_abstract_is_none_of_it(tmp_path):
    document = title_page("one line")
    y = paragraph(
        document[0], 72, 300, "Keywords: echoes, halls. ACM Reference Format: Ada Writer. 2021. Reading Papers."
    )
    write(document[0], 72, y + 20, "1 Introduction", 12, "times-bold")
    paragraph(document[0], 72, y + 40, FILLER)
    assert read_pdf(save(document, tmp_path / "f.pdf")).abstract.endswith("in this set.")


def test_numbers_beside_the_lines_of_a_manuscript_are_no_part_of_it(tmp_path):
    document = pymupdf.open()
    number = 0
    for titles in (("1 Introduction", "2 Method"), ("3 Experiments",)):
        page, y = document.new_page(), 80.0
        if number == 0:
            write(page, 72, y, "Reading Papers of Many Kinds", 17, "times-bold")
            write(page, 72, 110, "Ada Writer, Bo van Reader", 11)
            write(page, 72, 130, "Abstract", 12, "times-bold")
            y = paragraph(page, 72, 150, FILLER * 3)
        for title in titles:
            y = write(page, 72, y + 10, title, 12, "times-bold") + 5
            y = paragraph(page, 72, y, FILLER * (4 if number == 0 else 1))
        for line in sorted({round(word[3]) for word in page.get_text("words")}):
            number += 1
            write(page, 60 - 3.5 * len(str(number)), line - 2, str(number), 7)
    found = read_pdf(save(document, tmp_path / "g.pdf"))
    assert found.title == "Reading Papers of Many Kinds" and found.authors == NAMES[:2]
    assert [s.title for s in found.sections if s.number] == ["Introduction", "Method", "Experiments"]
    assert found.abstract.startswith(FILLER[:60])


def test_an_appendix_in_bold_at_the_size_of_the_text_and_one_counted_with_s(tmp_path):
    for titles in (("A Longer Proofs", "B More Results"), ("S1 Longer Proofs", "S2 More Results")):
        document = title_page("one line")
        page, y = document[0], 330.0
        for title in ("1 Introduction", "2 Method", "References", *titles):
            y = write(page, 72, y + 10, title, 10, "times-bold") + 5
            y = paragraph(page, 72, y, FILLER)
        found = read_pdf(save(document, tmp_path / "h.pdf"))
        assert [s.title for s in found.sections if s.appendix] == ["Longer Proofs", "More Results"]
