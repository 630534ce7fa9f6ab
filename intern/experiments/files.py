"""Reading files that people bring: bounded, unzipped, in whatever encoding older corpora have."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

MAX_FILE_BYTES = 200 * 1024 * 1024
HEAD_BYTES = 1 << 20


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
    """A text file, unzipped; UTF-8, or Latin-1 where it is not (older corpora)."""
    return _decoded(bytes_of(file))


def head_of(file: Path) -> str:
    """The first whole lines of a text file, about a megabyte."""
    if file.suffix == ".gz":
        content = _unzipped(file, HEAD_BYTES)
    else:
        with file.open("rb") as opened:
            content = opened.read(HEAD_BYTES)
    if len(content) == HEAD_BYTES:
        content = content[: content.rfind(b"\n") + 1] or content
    return _decoded(content)


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


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")
