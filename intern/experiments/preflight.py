"""What must hold before training starts. The harness asks each time, whoever the brain is; a failed check says what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from intern.experiments.data import sealed_labels
from intern.experiments.design import Probe
from intern.experiments.leakage import MOST_SHARED, Overlap, shared_rows
from intern.experiments.licences import licence_doubt
from intern.experiments.spec import ExperimentSpec, ProgramManifest
from intern.experiments.weights import fingerprint, words

MEMORY_MARGIN = 1.5
LEAST_DISK_MB = 1024
TIME_MARGIN, TIME_EXTRA_SECONDS = 1.5, 30.0
"""How far the planned training may pass the time that is left: a run is stopped hard only after half as much again."""


class Check(BaseModel):
    """One check. `flagged`: it does not stop the launch, and a person should know."""

    check: str
    ok: bool
    detail: str
    flagged: bool = False


@dataclass(frozen=True)
class Situation:
    """Everything that the checks look at. Sizes in MB, times in seconds."""

    spec: ExperimentSpec
    manifest: ProgramManifest | None
    """None = a script of the brain's own."""
    probe: Probe | None
    """What the smoke run measured; None = there was none."""
    data: Path
    sealed: Path
    memory_mb: float
    free_disk_mb: float
    seconds_left: float
    seeds_left: int
    usd_left: float
    price_usd: float | None = 0.0
    """What the whole launch costs at worst; None = nobody knows."""
    gpu_memory_mb: float | None = None
    weights: Path | None = None
    """The run's copy of the weights that the experiment starts from; None = there is none."""
    publishing: bool = False
    destination: Path | None = None


def preflight(s: Situation) -> list[Check]:
    """All checks, the failed ones with what to do."""
    return [
        _data(s), *_weights(s), _columns(s), _leakage(s), _smoke_run(s), _memory(s), _disk(s), _time(s), _money(s),
        _destination(s), _licence(s),
    ]  # fmt: skip


def _check(name: str, ok: bool, good: str, bad: str) -> Check:
    return Check(check=name, ok=ok, detail=good if ok else bad)


def _data(s: Situation) -> Check:
    """The three parts are there, and the sealed labels are those of exactly these test rows."""
    what_to_do = "prepare the data first (prepare_data)"
    missing = [
        f"{split}.jsonl" for split in ("train", "validation", "test") if not (s.data / f"{split}.jsonl").is_file()
    ]
    if missing or not (s.sealed / f"{s.spec.data.id}.jsonl").is_file():
        return _check("data", False, "", f"{what_to_do}: {', '.join(missing) or 'the sealed labels'} are not there")
    labels, ids = sealed_labels(s.sealed, s.spec.data.id), [row.get("id") for row in _rows(s.data / "test.jsonl")]
    return _check("data", ids == list(labels), f"{s.spec.data.id} is prepared, {len(labels)} test labels are sealed",
                  f"{what_to_do}: the test rows and the sealed labels are not the same rows")  # fmt: skip


def _weights(s: Situation) -> list[Check]:
    """The weights are there, and are those that were taken; nothing to check for a training from scratch."""
    ref = s.spec.weights
    if ref is None:
        missing = s.manifest is not None and s.manifest.needs_weights
        bad = "the program starts from pretrained weights: bring some (bring_weights, --weights)"
        return [_check("weights", False, "", bad)] if missing else []
    same = s.weights is not None and s.weights.is_dir() and fingerprint(s.weights) == ref.fingerprint
    bad = f"the run's copy of {ref.id} is not what was taken: bring the weights again"
    return [_check("weights", same, words(ref), bad)]


def _columns(s: Situation) -> Check:
    """The data is of the program's kind, its values are the program's, and the test part shows no label."""
    train, test = (next(_rows(s.data / f"{part}.jsonl"), {}) for part in ("train", "test"))
    hidden = sorted(set(train) - set(test))
    fits = s.manifest is None or s.manifest.task == s.spec.task
    known = {p.name for p in s.manifest.parameters} if s.manifest else {h.name for h in s.spec.hyperparameters}
    if not fits and s.manifest is not None:
        return _check("columns", False, "", f"the program {s.spec.program} is for {s.manifest.task}: choose another")
    if stray := [h.name for h in s.spec.hyperparameters if h.name not in known]:
        return _check("columns", False, "", f"the program has no setting {stray[0]!r}: design the experiment again")
    shown = ", ".join(k for k in train if k not in ("id", *hidden))
    return _check("columns", bool(hidden) and "id" in test, f"{shown} → {', '.join(hidden)} ({s.spec.task})",
                  "the test part has the same columns as the training part, so its labels are not sealed: prepare it "
                  "again (prepare_data)")  # fmt: skip


def _leakage(s: Situation) -> Check:
    found: Overlap = shared_rows(s.data)
    if found.share > MOST_SHARED:
        return _check("leakage", False, "", f"{found.text}: a score would measure memory. Give data whose parts differ")
    return Check(check="leakage", ok=True, detail=found.text, flagged=found.shared > 0)


def _smoke_run(s: Situation) -> Check:
    if s.probe is None and s.manifest is None:
        return Check(
            check="smoke run", ok=True, detail="none: a script's first seed is its trial, two repairs are allowed"
        )
    if s.probe is None:
        return _check("smoke run", False, "", "there was no smoke run: design the experiment again")
    trained = s.probe.seconds_per_step > 0 and s.probe.parameters > 0
    return _check("smoke run", trained and s.probe.predictions != 0,
                  f"{s.probe.seconds_per_step * 1000:.0f} ms a step, {s.probe.parameters:,} parameters, predictions are "
                  "written",
                  "the smoke run measured no step: the program did not really train" if not trained else
                  "the smoke run wrote no predictions: repair the program")  # fmt: skip


def _memory(s: Situation) -> Check:
    if s.probe is None:
        return Check(check="memory", ok=True, detail="not measured, since there was no smoke run", flagged=True)
    seen, limit, kind = s.probe.peak_memory_mb, s.memory_mb, "RAM"
    if s.gpu_memory_mb is not None and seen * MEMORY_MARGIN <= limit and s.probe.peak_gpu_memory_mb > 0:
        seen, limit, kind = s.probe.peak_gpu_memory_mb, s.gpu_memory_mb, "GPU memory"
    return _check("memory", seen * MEMORY_MARGIN <= limit, f"{seen:.0f} MB of {kind} seen, {limit:.0f} MB allowed",
                  f"the program took {seen:.0f} MB of {limit:.0f} MB {kind}: make the model or batch smaller")  # fmt: skip


def _disk(s: Situation) -> Check:
    return _check("disk", s.free_disk_mb > LEAST_DISK_MB, f"{s.free_disk_mb:,.0f} MB free",
                  f"only {s.free_disk_mb:.0f} MB of disk are free: make room")  # fmt: skip


def _time(s: Situation) -> Check:
    planned = s.seeds_left * s.spec.seconds_per_seed
    return _check("time", planned <= max(0.0, s.seconds_left) * TIME_MARGIN + TIME_EXTRA_SECONDS,
                  f"{planned:.0f} s planned for {s.seeds_left} seeds, {max(0.0, s.seconds_left):.0f} s left",
                  f"{s.seeds_left} seeds of {s.spec.seconds_per_seed:.0f} s do not fit into the {max(0.0, s.seconds_left):.0f} "
                  "s that are left: fewer seeds or more time (--max-minutes)")  # fmt: skip


def _money(s: Situation) -> Check:
    if s.price_usd is None:
        return _check("money", False, "", f"nobody knows what {s.spec.backend} costs: choose local")
    free = "local compute costs nothing" if s.spec.backend == "local" else f"{s.spec.backend} costs nothing"
    if s.price_usd > s.usd_left:
        over = f"at most ${s.price_usd:.2f}, and ${s.usd_left:.2f} of the budget are left: a person has to agree to it"
        return Check(check="money", ok=True, detail=over, flagged=True)
    return Check(
        check="money", ok=True, detail=f"at most ${s.price_usd:.2f} of ${s.usd_left:.2f}" if s.price_usd else free
    )


def _destination(s: Situation) -> Check:
    if not s.publishing or s.destination is None:
        return Check(check="destination", ok=True, detail="kept with the run, not to be published")
    try:
        s.destination.mkdir(parents=True, exist_ok=True)
    except OSError:
        return _check("destination", False, "", f"{s.destination} cannot be written: choose another INTERN_HOME")
    return Check(check="destination", ok=True, detail=str(s.destination))


def _licence(s: Situation) -> Check:
    data, weights = s.spec.data, s.spec.weights
    doubts = ["" if data.source == "generated" else licence_doubt(data.licence, data.description.split(":")[0])]
    doubts += [licence_doubt(weights.licence, weights.name)] if weights is not None else []
    said = data.licence + (f"; weights: {weights.licence}" if weights is not None else "")
    doubt = "; ".join(filter(None, doubts))
    return Check(check="licence", ok=True, detail=doubt or said, flagged=bool(doubt))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)
