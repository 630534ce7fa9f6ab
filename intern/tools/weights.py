"""Pretrained weights for a run: brought once, copied into the run's folder, checked, and read-only for its jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from intern.account import LOCAL_USER
from intern.experiments.hub_weights import fetch_weights, weights_ref
from intern.experiments.run import WEIGHTS, weights_folder
from intern.experiments.spec import ProgramManifest, WeightsRef
from intern.experiments.weights import TINY, WeightsError, copy_weights, fingerprint, look_at, memory_needed, words
from intern.tools.base import RoomTool
from intern.tools.workbench import ToolError, Workbench

CURRENT = "current"
MEMORY_MARGIN = 1.5
NONE_GIVEN = (
    "Fine-tuning starts from pretrained weights, and this run has none: give a folder as save_pretrained writes it "
    "(--weights DIR) or a model of the Hub (--weights owner/name@revision), or train from scratch."
)


class BringWeights(RoomTool):
    name = "bring_weights"
    description = (
        "Bring pretrained weights for fine-tuning or LoRA: those given with the request, or a model of the Hub (safetensors "
        "only, pinned to a commit). Then choose_program offers the programs that tune; scripts find them in weights/."
    )
    inputs = {
        "source": {
            "type": "string",
            "description": 'owner/name[@revision] of the Hub; "" = those given',
            "nullable": True,
        },
    }

    def forward(self, source: str | None = "") -> dict[str, Any]:
        ref = bring(self.bench, (source or "").strip())
        return {"weights": ref.name, "architecture": ref.architecture, "parameters": ref.parameters,
                "megabytes": round(ref.bytes / 2**20, 1), "licence": ref.licence,
                "fingerprint": ref.fingerprint[:16]}  # fmt: skip


def bring(bench: Workbench, source: str) -> WeightsRef:
    """Copy weights into the run's folder; they are the run's weights from here on. Raises ToolError, WeightsError."""
    named = source or bench.weights
    if not named:
        raise ToolError(NONE_GIVEN)
    if Path(named).is_absolute():
        if named != bench.weights:
            raise ToolError("Only weights that came with the request, or a model of the Hub, can be brought.")
        ref = look_at(Path(named))
        folder = Path(named)
    else:
        folder, ref = _of_the_hub(bench, named)
    place = weights_folder(bench.run, ref)
    if not place.is_dir() or fingerprint(place) != ref.fingerprint:
        copy_weights(folder, place)
        if fingerprint(place) != ref.fingerprint:
            raise WeightsError("The weights changed while they were copied: bring them again.")
    bench.save(WEIGHTS, CURRENT, ref)
    bench.run.note(f"Weights: {words(ref)}.", key=f"weights:{ref.fingerprint}")
    return ref


def _of_the_hub(bench: Workbench, named: str) -> tuple[Path, WeightsRef]:
    ref = weights_ref(named)
    if ref is None:
        raise ToolError(f"{named!r} is no model of the Hub: it is named owner/name or owner/name@revision.")
    commit = f"@{ref.revision.replace('/', '--')}" if ref.revision else ""
    folder = bench.run.folder / "downloads" / f"weights--{ref.repo.replace('/', '--')}{commit}"
    found, about = fetch_weights(
        ref, folder, bench.settings.network.hub, bench.hub_token, online=bench.online,
        cache=bench.run.owner == LOCAL_USER,
    )  # fmt: skip
    return found, look_at(found, name=about.repo, revision=about.commit, licence=about.licence)


def weights_of(bench: Workbench) -> WeightsRef | None:
    """The run's weights; None when none were brought."""
    try:
        return bench.load(WEIGHTS, CURRENT, WeightsRef)
    except ToolError:
        return None


def require_weights(bench: Workbench, manifest: ProgramManifest, values: dict[str, Any]) -> WeightsRef | None:
    """The weights that this program is to start from; None for one that starts from scratch.

    Raises ToolError when they are missing, WeightsError when tuning them cannot fit into memory.
    """
    if not manifest.needs_weights:
        return None
    ref = weights_of(bench) or (bring(bench, "") if bench.weights else None)
    if ref is None:
        raise ToolError(NONE_GIVEN)
    lora = any(p.name == "method" and p.default == "lora" for p in manifest.parameters)
    needed, allowed = memory_needed(ref, lora), float(bench.settings.jobs.memory_mb)
    if needed * MEMORY_MARGIN > allowed:
        other = "choose smaller weights" if lora else "use LoRA (“LoRA-tune …”) or smaller weights"
        raise WeightsError(
            f"Tuning {ref.parameters:,} parameters needs {needed:,.0f} MB at least, and a job may take {allowed:,.0f} MB "
            f"({MEMORY_MARGIN} times what is needed must be there): {other}."
        )
    return ref


def for_weights(manifest: ProgramManifest, ref: WeightsRef | None) -> ProgramManifest:
    """The manifest with the usual values for networks of this size."""
    if ref is None or ref.parameters >= TINY:
        return manifest
    fitted = [p if p.tiny is None else p.model_copy(update={"default": p.tiny}) for p in manifest.parameters]
    return manifest.model_copy(update={"parameters": fitted})
