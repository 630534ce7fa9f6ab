"""Reading files that people bring: bounded, unzipped, in whatever encoding older corpora have."""

from __future__ import annotations

import codecs
import gzip
import zlib
from pathlib import Path

MAX_FILE_BYTES = 200 * 1024 * 1024
HEAD_BYTES = 1 << 20
MOST_CELL = 20_000_000
"""Characters in one cell of a table; Python's own limit of 131,072 is less than a book."""
UTF16 = {codecs.BOM_UTF16_LE: b"\n\0", codecs.BOM_UTF16_BE: b"\0\n"}
"""How such a text begins -> its newline."""


class DataError(ValueError):
    """The data cannot be used as it stands; the message says what is wrong and where."""


def suffix_of(file: Path) -> str:
    """`.csv` for both d.csv and d.csv.gz."""
    return Path(file.name.removesuffix(".gz")).suffix.lower()


def bytes_of(file: Path, most: int = MAX_FILE_BYTES) -> bytes:
    """A file's content, unzipped. Raises DataError for one that is larger than `most`, zipped or not."""
    if file.stat().st_size > most:
        raise DataError(f"{file} is larger than {most // 2**20} MB.")
    if file.suffix != ".gz":
        return file.read_bytes()
    content = _unzipped(file, most + 1)
    if len(content) > most:
        raise DataError(f"{file} is larger than {most // 2**20} MB when unzipped.")
    return content


def text_of(file: Path) -> str:
    """A text file, unzipped; UTF-8, or where it is not UTF-16 or Latin-1 (older corpora)."""
    return decoded(bytes_of(file))


def head_of(file: Path) -> str:
    """The first whole lines of a text file, about a megabyte."""
    if file.suffix == ".gz":
        content = _unzipped(file, HEAD_BYTES)
    else:
        with file.open("rb") as opened:
            content = opened.read(HEAD_BYTES)
    if len(content) == HEAD_BYTES:
        newline = UTF16.get(content[:2], b"\n")
        content = content[: content.rfind(newline) + len(newline)] if newline in content else content
    return decoded(content)


def lines_of(file: Path, *, head: bool = False) -> list[str]:
    """Lines of a text file. Only a newline ends one: `str.splitlines` would also cut at U+2028, U+0085 and others."""
    text = (head_of(file) if head else text_of(file)).replace("\r\n", "\n")
    if "\n" not in text:
        text = text.replace("\r", "\n")
    return text.removesuffix("\n").split("\n") if text else []


def _unzipped(file: Path, most: int) -> bytes:
    try:
        with gzip.open(file, "rb") as opened:
            return opened.read(most)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{file.name} cannot be unzipped: {error}.") from error


def is_utf16(content: bytes) -> bool:
    """Whether a text begins as programs begin it that write UTF-16 (Excel's "Unicode text" among them)."""
    return content[:2] in UTF16


def decoded(content: bytes) -> str:
    """UTF-8, else UTF-16 where it says so, else Latin-1, which any bytes are."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("utf-16" if is_utf16(content) else "latin-1", "replace")
