"""Runs on the rented machine, beside `in/` on the job's volume: the program in a folder of its own, its output told.

Standard library only: it is copied there as a file. Lines of the program's output are printed as they are, lines of its
metrics.jsonl after METRIC. At the end `out/` holds what the program made and, last of all, result.json with the exit
status, the seconds, the versions of this machine and a sha256 of each file.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from importlib.metadata import distributions
from pathlib import Path
from types import FrameType
from typing import IO

METRIC = "::intern-metric:: "
KEPT = ("predictions.jsonl", "metrics.jsonl")
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "SSL_CERT_FILE")
"""What the program sees of the machine's environment, and what concerns its hardware (see `_environment`)."""
POLL_SECONDS = 0.5
_mouth = threading.Lock()


def main() -> int:
    """The exit status of the program, 1 when it left nothing that can be handed over."""
    here = Path(__file__).resolve().parent
    work = Path(tempfile.mkdtemp(prefix="job-"))
    shutil.copytree(here / "in", work, dirs_exist_ok=True)
    started = time.monotonic()
    with (work / "log.txt").open("wb") as log:
        program = subprocess.Popen(
            [sys.executable, "program.py"],
            cwd=work, env=_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        _end_with_us(program)
        assert program.stdout is not None
        pump = threading.Thread(target=_pump, args=(program.stdout, log), daemon=True)
        pump.start()
        told = 0
        while program.poll() is None:
            told = _tell_metrics(work, told)
            time.sleep(POLL_SECONDS)
        pump.join(10)
    _tell_metrics(work, told)
    seconds = round(time.monotonic() - started, 2)
    _hand_over(work, here / "out", program.returncode, seconds)
    return program.returncode if program.returncode >= 0 else 128 - program.returncode


def _environment() -> dict[str, str]:
    threads = str(json.loads(Path(__file__).with_name("in").joinpath("spec.json").read_text())["threads"])
    hardware = ("CUDA_", "NVIDIA_", "NCCL_", "UV_")
    kept = {name: value for name, value in os.environ.items() if name in PASSED_ON or name.startswith(hardware)}
    return kept | {
        "OMP_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        "PYTHONUNBUFFERED": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
    }


def _end_with_us(program: subprocess.Popen[bytes]) -> None:
    def end(number: int, frame: FrameType | None) -> None:
        program.kill()
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)


def _pump(source: IO[bytes], log: IO[bytes]) -> None:
    for line in source:
        log.write(line)
        _say(line.rstrip(b"\n"))


def _say(line: bytes) -> None:
    """One whole line: two threads speak."""
    with _mouth:
        sys.stdout.buffer.write(line + b"\n")
        sys.stdout.buffer.flush()


def _tell_metrics(work: Path, told: int) -> int:
    """Print the complete lines after byte `told`; returns where they end."""
    with contextlib.suppress(FileNotFoundError), (work / "metrics.jsonl").open("rb") as file:
        file.seek(told)
        for line in file:
            if not line.endswith(b"\n"):
                break
            told += len(line)
            _say(METRIC.encode() + line.strip())
    return told


def _hand_over(work: Path, out: Path, status: int, seconds: float) -> None:
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for name in (*KEPT, "log.txt"):
        if (work / name).is_file():
            shutil.copyfile(work / name, out / name)
    if (work / "model").is_dir():
        shutil.copytree(work / "model", out / "model")
    files = {p.relative_to(out).as_posix(): _sha256(p) for p in sorted(out.rglob("*")) if p.is_file()}
    result = {"exit_status": status, "seconds": seconds, "files": files, "environment": _versions()}
    (out / "result.json").write_text(json.dumps(result), encoding="utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "machine": f"{platform.system()} {platform.machine()}"}
    if accelerator := os.environ.get("ACCELERATOR"):
        found["accelerator"] = accelerator
    return found | {d.metadata["Name"]: d.version for d in distributions() if d.metadata["Name"]}


if __name__ == "__main__":
    raise SystemExit(main())
