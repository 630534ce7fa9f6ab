"""Job folders for the programs' tests: made, started and read the way the house does it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from intern.experiments.programs import load_manifests, program_files

Rows = list[dict[str, str]]
LIMIT = 240
"""Seconds after which a program counts as hung."""


def make_job(
    folder: Path,
    program: str,
    train: Rows,
    validation: Rows,
    test: Rows,
    *,
    seed: int = 1,
    seconds: float = 600,
    probe_steps: int = 0,
    **hyperparameters: Any,
) -> Path:
    """A job's folder: the program's files, spec.json and data/ (the test split without labels)."""
    (folder / "data").mkdir(parents=True)
    for file, name in zip(program_files(program), ("program.py", "runtime.py"), strict=True):
        shutil.copy(file, folder / name)
    spec = {
        "task": load_manifests()[program].task,
        "seed": seed,
        "threads": 1,
        "hyperparameters": hyperparameters,
        "seconds": seconds,
        "probe_steps": probe_steps,
    }
    (folder / "spec.json").write_text(json.dumps(spec))
    hidden = ("target", "label")
    sealed = [{key: value for key, value in row.items() if key not in hidden} for row in test]
    for name, rows in (("train", train), ("validation", validation), ("test", sealed)):
        write_rows(folder / "data" / f"{name}.jsonl", rows)
    return folder


def write_rows(file: Path, rows: Rows) -> None:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def environment(folder: Path) -> dict[str, str]:
    """No token, no home of the tester, no network of the Hub."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    return kept | {"HOME": str(folder), "HF_HUB_OFFLINE": "1", "OMP_WAIT_POLICY": "PASSIVE", "PYTHONUTF8": "1"}


def run(folder: Path, *arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "program.py", *arguments],
        cwd=folder,
        env=environment(folder),
        input=given,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )


def run_well(folder: Path, *arguments: str, given: str | None = None) -> str:
    """Run; the exit status must be 0. Returns what was printed."""
    done = run(folder, *arguments, given=given)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def kill_after(folder: Path, step: int) -> None:
    """Start the job and kill it (-9) once it has a checkpoint and has logged a metric at `step` or later."""
    process = subprocess.Popen(
        [sys.executable, "program.py"],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + LIMIT
        while time.monotonic() < end and process.poll() is None:
            if (folder / "checkpoint.pt").exists() and any(row[0] >= step for row in metrics(folder)):
                break
            time.sleep(0.02)
        assert process.poll() is None, "the program ended before it could be killed"
    finally:
        process.kill()
        process.wait()


def metrics(folder: Path) -> list[tuple[int, str, float]]:
    """(step, name, value) of every whole line of metrics.jsonl, in order."""
    text = (folder / "metrics.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
    assert all(set(line) == {"step", "name", "value", "time"} for line in lines)
    return [(line["step"], line["name"], line["value"]) for line in lines]


def values(folder: Path, name: str) -> list[float]:
    return [value for _, other, value in metrics(folder) if other == name]


def predictions(folder: Path) -> dict[str, str]:
    """Predictions by id, in the file's order."""
    lines = (folder / "predictions.jsonl").read_text(encoding="utf-8").split("\n")
    rows = [json.loads(line) for line in lines if line]
    assert all(set(row) == {"id", "prediction"} for row in rows)
    return {row["id"]: row["prediction"] for row in rows}
