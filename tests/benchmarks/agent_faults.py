"""Connections that are reset and servers that fall silent, at turn 2, through the command line: how each run ends. Not a test.

`python -m tests.benchmarks.agent_faults`; the server may be silent for three seconds here (limits.model_first_seconds).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.agent import DONE, recorded, server
from tests.conftest import ROOT, clean_environment

FIRST = "Next.\n<run>\nprint('step 1')\n"
FAULTS: dict[str, list[Any]] = {
    "reset before the first byte, once": [{"reset": True}, DONE],
    "reset in the middle, once": [{"reply": FIRST, "cut": 10, "reset": True}, DONE],
    "silent, once": [{"silent": True}, DONE],
    "silent in the middle, once": [{"reply": FIRST, "cut": 10, "silent": True}, DONE],
    "silent for ever": [{"silent": True}] * 6,
    "reset for ever": [{"reset": True}] * 6,
}
LIMITS = "limits: {model_first_seconds: 3, model_idle_seconds: 3}\n"


def main() -> None:
    for name, turns in FAULTS.items():
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            (folder / "intern.yaml").write_text(LIMITS)
            with server([FIRST, *turns], folder) as (url, record):
                environment = clean_environment(folder / "home") | {
                    "INTERN_LLM_BASE_URL": url,
                    "INTERN_CONFIG": str(folder / "intern.yaml"),
                }
                started = time.monotonic()
                done = subprocess.run(
                    [sys.executable, "-m", "intern", "run", "hello", "--model", "scripted"], cwd=ROOT, env=environment,
                    capture_output=True, text=True, timeout=300,
                )  # fmt: skip
                seconds = time.monotonic() - started
                words = (done.stdout + done.stderr).strip().splitlines()[-1]
                print(
                    f"{name:<36} exit {done.returncode}  {seconds:5.1f} s  {len(recorded(record))} requests  {words[:90]}"
                )


if __name__ == "__main__":
    main()
