"""A real small LLM in the harness: `INTERN_LOCAL_MODEL=qwen.gguf python -m tests.benchmarks.local_llm [names …]`. Not a test.

Each task is a run as people start it (`--model local`); the answer is checked by machine. A table says for each task
whether it was solved, in how many steps (against how many it takes), seconds, and tokens. `--set` chooses another set of
tasks, written after the harness was tuned on those before. Two cores: about a minute for each task.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from intern.requests import RunRequest
from intern.runs.events import Code, Observation, Usage
from intern.service import Service
from intern.settings import LocalLlm, RunLimits, Settings
from tests.benchmarks.local_fresh import FRESH, LAST
from tests.benchmarks.local_more import FINAL4, NEW4
from tests.benchmarks.local_tasks import FIRST, UNSEEN, Ended, Task
from tests.benchmarks.local_tune import TUNE5
from tests.benchmarks.local_tune_b import TUNE5B

MINUTES = 3.0
"""For a task. A run is stopped for good at half as much again and two minutes; on a busy machine give more (--minutes)."""
SETS = {
    "first": FIRST,
    "unseen": UNSEEN,
    "fresh": FRESH,
    "last": LAST,
    "new4": NEW4,
    "final4": FINAL4,
    "tune5": TUNE5,
    "tune5b": TUNE5B,
}


@dataclass(frozen=True)
class Row:
    """How one task went."""

    name: str
    status: str
    solved: bool
    steps: int
    needed: int
    failed_steps: int
    seconds: float
    prompt_tokens: int
    cached_tokens: int
    answer_tokens: int
    answer: str


def carry_out(service: Service, task: Task, folder: Path) -> Row:
    """One run of one task."""
    place = folder / task.name
    place.mkdir()
    data = task.prepare(place) if task.prepare else None
    started = time.monotonic()
    request = RunRequest(
        task=task.text.replace("{given}", str(data)), data=str(data) if data and not task.named else None,
        paper=task.paper and str(task.paper()), model="local",
    )  # fmt: skip
    run_id = service.start_run(request).run_id
    service.join(run_id)
    seconds = time.monotonic() - started
    bodies = [e.body for e in service.events(run_id)]
    used = [b for b in bodies if isinstance(b, Usage)]
    info = service.info(run_id)
    ended = Ended(service.answer(run_id), service.settings.run_folder(run_id) / "work", place)
    return Row(
        task.name, info.status, info.status == "done" and task.check(ended),
        sum(isinstance(b, Code) for b in bodies), task.needed,
        sum(isinstance(b, Observation) and b.error is not None for b in bodies), seconds,
        sum(u.prompt_tokens or 0 for u in used), sum(u.cached_tokens or 0 for u in used),
        sum(u.completion_tokens or 0 for u in used), " ".join(ended.answer.split())[:300],
    )  # fmt: skip


def show(row: Row) -> None:
    verdict = "solved" if row.solved else f"NOT ({row.status})"
    print(
        f"{row.name:<18} {verdict:<14} steps {row.steps}/{row.needed} ({row.failed_steps} failed)  {row.seconds:6.1f} s  tokens "
        f"{row.prompt_tokens}→{row.answer_tokens}, {row.cached_tokens} from the cache  {row.answer!r}", flush=True,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these tasks")
    parser.add_argument("--set", choices=SETS, default="first")
    parser.add_argument("--home", type=Path, help="keep the runs here")
    parser.add_argument("--context", type=int, default=8192)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    options = parser.parse_args()
    file = os.environ.get("INTERN_LOCAL_MODEL")
    if not file:
        sys.exit("Set INTERN_LOCAL_MODEL to the GGUF file (see README.md, Local LLM).")
    chosen = [t for t in SETS[options.set] if not options.names or t.name in options.names]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        home = options.home or folder / "home"
        settings = Settings(
            home=home, offline=True, model="local", local_llm=LocalLlm(file=Path(file), context=options.context),
            limits=RunLimits(minutes=options.minutes),
        )  # fmt: skip
        service = Service(settings)
        rows = []
        for task in chosen:
            rows.append(carry_out(service, task, folder))
            show(rows[-1])
        service.close("over")
    good = [r for r in rows if r.solved]
    brisk = [r for r in good if r.steps <= 2 * r.needed]
    cached = sum(r.cached_tokens for r in rows) / max(1, sum(r.prompt_tokens for r in rows))
    print(
        f"\nsolved {len(good)} of {len(rows)}, {len(brisk)} of them in at most twice the steps needed; "
        f"{statistics.median(r.seconds for r in rows):.0f} s a task (median), {cached:.0%} of the prompts from the cache"
    )


if __name__ == "__main__":
    main()
