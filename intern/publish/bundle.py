"""The bundle: everything a reader needs to check and repeat a result, staged in a folder in the Hub's repo layout."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from intern.experiments.compare import Comparison, Summary
from intern.experiments.evidence import SeedRun
from intern.experiments.programs import load_manifests, program_files
from intern.experiments.spec import ExperimentSpec
from intern.publish.card import EVAL_RESULTS, CardInput, render_card, render_eval_results
from intern.publish.checks import secrets_of, unsafe_weights
from intern.sandbox import hostfiles

MOST_BYTES = 8 * 1024**3
"""Of one folder or file of a job; its disk limit is no larger."""


class NothingToPublishError(ValueError):
    """There is no evidence to publish; the message says what is missing."""


class BundleFile(BaseModel):
    path: str
    bytes: int


class Bundle(BaseModel):
    """A staged bundle. `digest` names its exact content: an approval is for this digest and no other."""

    name: str
    folder: Path
    digest: str
    files: list[BundleFile]

    @property
    def total_bytes(self) -> int:
        return sum(f.bytes for f in self.files)


def stage_bundle(
    target: Path,
    jobs: Path,
    spec: ExperimentSpec,
    runs: Sequence[SeedRun],
    summary: Summary,
    comparison: Sequence[Comparison],
    *,
    not_stated: list[str],
    audit: list[str],
) -> Bundle:
    """Write the bundle of a measured experiment to `target` (made anew). Raises NothingToPublishError."""
    measured = [run for run in runs if run.evidence is not None]
    if not measured:
        raise NothingToPublishError("Nothing was measured in this run, so there is nothing to publish.")
    if summary.evidence_level == "reported":
        raise NothingToPublishError("The numbers are only reported by the program; such numbers are not published.")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    weights = measured[0]
    job = jobs / f"{spec.id}-seed{weights.seed}"
    _stage_model(job, target)
    _stage_program(target / "program", job, spec)
    for run in measured:
        source = jobs / f"{spec.id}-seed{run.seed}"
        _take(source, "predictions.jsonl", target / "predictions" / f"seed-{run.seed}.jsonl")
        _write(target / "evidence" / f"seed-{run.seed}.json", run.model_dump_json(indent=2))
    _write(target / "comparison.json", json.dumps([c.model_dump() for c in comparison], indent=2, ensure_ascii=False))
    _write(target / "experiment.yaml", spec.to_yaml())
    manifest = load_manifests().get(spec.program)  # a script of the brain's own has none; its lock is in the evidence
    _write(target / "requirements.txt", "\n".join(manifest.requirements if manifest else []) + "\n")
    title = _title(spec)
    card = CardInput(
        title=title, spec=spec, runs=list(measured), summary=summary, comparison=list(comparison),
        not_stated=not_stated, audit=audit, weights_seed=weights.seed,
        example=EXAMPLES.get(spec.task) or (_example(job) if spec.data.source == "generated" else "a text of yours"),
    )  # fmt: skip
    _write(target / "README.md", render_card(card))
    _write(target / EVAL_RESULTS / f"{_slug(spec.data.id)}.yaml", render_eval_results(spec, summary))
    return describe_bundle(target, _slug(title))


def _stage_model(job: Path, target: Path) -> None:
    model = job / "model"
    if not model.is_symlink() and not model.is_dir():
        raise NothingToPublishError("The program left no model/ folder, so there are no weights to publish.")
    if link := next((p for p in [model, *model.rglob("*")] if p.is_symlink()), None):
        # A link would publish what it points to, which the program itself may not even be able to read.
        raise NothingToPublishError(f"{link.name} in the model's folder is a link; only the program's own files count.")
    try:
        hostfiles.copy_tree(job, "model", target, MOST_BYTES)
    except OSError as error:
        raise NothingToPublishError(f"The model's folder cannot be published: {error.strerror or error}.") from error


def _stage_program(target: Path, job: Path, spec: ExperimentSpec) -> None:
    for file in program_files(spec.program, job.parent.parent / "programs"):
        _copy(file, target / ("runtime.py" if file.name == "runtime.py" else "program.py"))
    _take(job, "spec.json", target / "spec.json")
    if spec.data.source == "generated":  # ours to give away; a user's data stays with the user
        try:
            hostfiles.copy_tree(job, "data", target / "data", MOST_BYTES)
        except OSError as error:
            raise NothingToPublishError(f"The data cannot be published: {error.strerror or error}.") from error


def describe_bundle(folder: Path, name: str) -> Bundle:
    """The files of a staged bundle and the digest of all their content.

    Raises NothingToPublishError for what may hold code that runs when it is loaded, and for secrets.
    """
    digest, files = hashlib.sha256(), []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        content = path.read_bytes()
        relative = path.relative_to(folder).as_posix()
        if unsafe_weights(path.name, content):
            raise NothingToPublishError(f"{path.name} may hold pickled code; only safetensors weights are published.")
        if kinds := secrets_of(content):
            raise NothingToPublishError(f"{relative} holds what looks like a secret ({', '.join(kinds)}): take it out.")
        digest.update(f"{relative}\0{len(content)}\0".encode() + content)
        files.append(BundleFile(path=relative, bytes=len(content)))
    return Bundle(name=name, folder=folder, digest=digest.hexdigest(), files=files)


def _title(spec: ExperimentSpec) -> str:
    data = spec.data.description.split(":")[0]
    return f"{spec.paper_title}: {data}" if spec.paper_title else f"{spec.program} on {data}"


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:80].strip("-") or "experiment"


EXAMPLES = {
    "image-classification": "picture.png",
    "tabular-classification": '{\\"column\\": 1}',
    "tabular-regression": '{\\"column\\": 1}',
    "text-generation": "the beginning of a text",
}


def _example(job: Path) -> str:
    """The first test input, for the card's command line; only of generated data: a user's rows stay theirs."""
    written = hostfiles.read_file(job, "data/test.jsonl").decode("utf-8")
    first = json.loads(written.partition("\n")[0])
    text = str(first.get("source", first.get("text", "")))
    return " ".join(re.sub(r'["\\$`!]', "", text).split())


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _take(job: Path, name: str, target: Path) -> None:
    """Copy a file of a job's folder, where a program has been. Raises NothingToPublishError for what is none."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        hostfiles.copy_file(job, name, target, MOST_BYTES)
    except OSError as error:
        raise NothingToPublishError(f"{name} cannot be published: {error.strerror or error}.") from error


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
