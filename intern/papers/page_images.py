"""Pages of a paper as pictures, drawn by a process of their own: a PDF may crash or stall its reader, and the app that
shows the picture must neither end nor load PyMuPDF for it.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from pathlib import Path

from intern.papers.model import PaperError

SECONDS = 30
KEPT = 400
"""Pictures in the cache; the oldest go first."""
_places = threading.Semaphore(2)


def page_picture(paper: Path, sha256: str, page: int, quote: str, cache: Path) -> Path:
    """A PNG of a page (1-based) with the quote marked, from the cache or drawn now (a second or two).

    `sha256` names the content that was read: a file that has changed since is not shown. Raises PaperError.
    """
    mark = hashlib.sha256(quote.encode()).hexdigest()[:16]
    picture = cache / f"{sha256[:32]}-{page}-{mark}.png"
    if picture.is_file():
        return picture
    with _places:
        try:
            if hashlib.sha256(paper.read_bytes()).hexdigest() != sha256:
                raise PaperError("The paper's file has changed since it was read: read it again.")
        except OSError as error:
            raise PaperError("The paper's file is not there any more.") from error
        drawn = _draw(paper, page, quote)
    cache.mkdir(parents=True, exist_ok=True)
    part = picture.with_suffix(f".{threading.get_ident()}.part")
    part.write_bytes(drawn)
    part.replace(picture)
    _forget_oldest(cache)
    return picture


def _draw(paper: Path, page: int, quote: str) -> bytes:
    command = [sys.executable, "-m", "intern.papers.show", str(paper), str(page)]
    try:
        done = subprocess.run(command, input=quote.encode(), capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise PaperError(f"Page {page} could not be drawn within {SECONDS} s.") from error
    if done.returncode != 0 or not done.stdout.startswith(b"\x89PNG"):
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise PaperError(said[-1] if done.returncode == 2 and said else f"Page {page} could not be drawn.")
    return done.stdout


def _forget_oldest(cache: Path) -> None:
    pictures = sorted(cache.glob("*.png"), key=lambda path: path.stat().st_mtime)
    for path in pictures[:-KEPT]:
        path.unlink(missing_ok=True)
