# ruff: noqa: E501  tokens, many a line
"""Mutated PDFs for the reader: no crash, no hang, only PaperError.

    python -m tests.papers.fuzz --cases 10000 [--seed 1] [--papers FOLDER]

Each batch runs in a process of its own, so that a crash inside MuPDF is seen and counted, not lost.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from intern.papers.model import PaperError
from intern.papers.read import read_paper_file
from tests.papers.making import FILLER, paper, save

BATCH = 250
SLOW = 20.0
TOKENS = [
    b"obj", b"endobj", b"stream", b"endstream", b"/Length 99999999", b"/Count -1", b"/Kids [1 0 R]", b"/Parent 3 0 R", b"<<", b">>", b"[", b"]", b"(",
    b")", b"BT", b"ET", b"Tj", b"9999999999 0 R", b"/Filter /FlateDecode", b"-1e300", b"\x00" * 32, b"\xff" * 16, b"/FontMatrix [0 0 0 0 0 0]",
    b"/MediaBox [0 0 0 0]", b"/MediaBox [0 0 1e9 1e9]", b"/Rotate 45", b"xref", b"trailer", b"startxref\n0", b"/Encrypt 1 0 R",
]  # fmt: skip


def mutate(data: bytes, rng: random.Random) -> bytes:
    """One damaged copy: bytes flipped, runs cut, doubled, swapped or overwritten with tokens of the format."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 12, 40))):
        if not out:
            break
        at, kind = rng.randrange(len(out)), rng.randrange(7)
        length = rng.choice((1, 4, 16, 64, 512))
        if kind == 0:
            out[at] = rng.randrange(256)
        elif kind == 1:
            del out[at : at + length]
        elif kind == 2:
            out[at:at] = out[at : at + length]
        elif kind == 3:
            out[at : at + length] = bytes(rng.randrange(256) for _ in range(min(length, len(out) - at)))
        elif kind == 4:
            token = rng.choice(TOKENS)
            out[at : at + len(token)] = token
        elif kind == 5:
            other = rng.randrange(len(out))
            one, two = bytes(out[at : at + length]), bytes(out[other : other + length])
            out[at : at + len(one)], out[other : other + len(two)] = (
                two[: len(one)].ljust(len(one)),
                one[: len(two)].ljust(len(two)),
            )
        else:
            del out[rng.randrange(len(out)) :]
    return bytes(out)


def base(folder: Path) -> list[bytes]:
    """Clean files to damage: with compressed and with plain streams."""
    text = "We train with Adam, a learning rate of 0.002 and a batch size of 48."
    plain = save(paper(("Introduction", [FILLER]), ("Training", [text, FILLER])), folder / "plain.pdf")
    packed = save(
        paper(("Introduction", [FILLER]), ("Training", [text])), folder / "packed.pdf", deflate=True, garbage=4
    )
    return [plain.read_bytes(), packed.read_bytes()]


def read_one(data: bytes, path: Path) -> str:
    """ "read" or "refused". Any other exception goes up: it is a finding."""
    path.write_bytes(data)
    try:
        read_paper_file(path)
    except PaperError:
        return "refused"
    return "read"


def batch(seed: int, cases: int, papers: Path | None) -> int:
    """Run some cases in this process; prints a line for each finding and a summary."""
    slowest, counts = 0.0, {"read": 0, "refused": 0}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bases = base(folder) + [file.read_bytes() for file in sorted(papers.glob("*.pdf"))] if papers else base(folder)
        for number in range(cases):
            rng = random.Random(f"{seed}-{number}")
            start = time.monotonic()
            data = mutate(rng.choice(bases), rng)
            counts[read_one(data, folder / "case.pdf")] += 1
            slowest = max(slowest, time.monotonic() - start)
    print(f"{counts['read']} {counts['refused']} {slowest:.2f}")
    return 0 if slowest < SLOW else 1


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--papers", type=Path)
    parser.add_argument("--batch", type=int, help="internal: run this batch here")
    options = parser.parse_args()
    if options.batch is not None:
        return batch(options.batch, options.cases, options.papers)
    read = refused = failures = 0
    slowest = 0.0
    for number in range(0, options.cases, BATCH):
        cases = min(BATCH, options.cases - number)
        command = [
            sys.executable,
            "-m",
            "tests.papers.fuzz",
            "--cases",
            str(cases),
            "--batch",
            str(options.seed * 100_000 + number),
        ]
        command += ["--papers", str(options.papers)] if options.papers else []
        done = subprocess.run(command, capture_output=True, text=True, timeout=SLOW * BATCH, check=False)
        if done.returncode != 0 or not done.stdout.strip():
            failures += 1
            print(f"batch {number}: exit {done.returncode} {done.stderr.strip()[-400:]}", file=sys.stderr)
            continue
        one, two, worst = done.stdout.split()[-3:]
        read, refused, slowest = read + int(one), refused + int(two), max(slowest, float(worst))
    print(f"{options.cases} cases: {read} read, {refused} refused, {failures} failing batches, slowest {slowest:.2f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
