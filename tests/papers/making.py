"""Small PDFs made on the spot, so that tests need no paper."""

from __future__ import annotations

from pathlib import Path

import pymupdf

BODY = "times-roman"
FILLER = (
    "We describe a small study of networks and how they learn from data. The results show that training with care is "
    "better than training without it, and that the model is not sensitive to the order of the examples in this set."
)


def write(
    page: pymupdf.Page, x: float, y: float, text: str, size: float = 10, font: str = BODY, **more: object
) -> float:
    """One line at a baseline; returns the next baseline."""
    page.insert_text((x, y), text, fontsize=size, fontname=font, **more)
    return y + 1.25 * size


def wrap(text: str, width: int) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        if len(line) + len(word) + 1 > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line]


def paragraph(page: pymupdf.Page, x: float, y: float, text: str, width: int = 95, size: float = 10) -> float:
    for line in wrap(text, width):
        y = write(page, x, y, line, size)
    return y + 0.7 * size


def paper(
    *sections: tuple[str, list[str]], title: str = "A Small Study of Networks", authors: str = "Ada Writer, Bo Reader"
) -> pymupdf.Document:
    """A one-column paper with numbered sections."""
    document = pymupdf.open()
    page = document.new_page()
    write(page, 150, 80, title, 17, "times-bold")
    write(page, 200, 110, authors, 11)
    write(page, 280, 150, "Abstract", 12, "times-bold")
    y = paragraph(page, 72, 170, FILLER) + 10
    for number, (heading, paragraphs) in enumerate(sections, 1):
        if y > 650:
            page, y = document.new_page(), 80
        y = write(page, 72, y + 8, f"{number} {heading}", 12, "times-bold") + 4
        for text in paragraphs:
            if y > 700:
                page, y = document.new_page(), 80
            y = paragraph(page, 72, y, text)
    return document


def save(document: pymupdf.Document, path: Path, **options: object) -> Path:
    document.save(path, **options)
    document.close()
    return path
