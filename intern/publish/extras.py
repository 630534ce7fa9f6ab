"""What can go to the Hub beside the model: the data, where it is ours to give, and a demo Space that runs the model.

Both are staged in a folder, looked at, and pushed like the model: private, in one commit, once.
"""

from __future__ import annotations

import shutil
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from intern.experiments.spec import ExperimentSpec
from intern.later import Later
from intern.publish.bundle import Bundle, NothingToPublishError, describe_bundle

if TYPE_CHECKING:
    import jinja2
else:
    jinja2 = Later("jinja2")

TEMPLATES = Path(__file__).parent
SPLITS = ("train", "validation", "test")
TEXT_TASKS = ("translation", "text-classification", "text-generation")
NOT_THE_MODEL = ("README.md", "comparison.json", "experiment.yaml", "requirements.txt")
"""Files at the top of a bundle that belong to the experiment and not to the weights."""


def stage_dataset(target: Path, data: Path, spec: ExperimentSpec) -> Bundle:
    """The generated data of an experiment as a data set: its splits, the test rows without labels. Raises
    NothingToPublishError for data that is somebody else's."""
    if spec.data.source != "generated":
        raise NothingToPublishError("This data is not ours to publish: its rights are its owners'.")
    _empty(target)
    (target / "data").mkdir()
    for split in SPLITS:
        shutil.copyfile(data / f"{split}.jsonl", target / "data" / f"{split}.jsonl")
    _render("dataset_card.md.j2", target / "README.md", spec=spec, splits=SPLITS)
    return describe_bundle(target, spec.data.id)


def stage_space(target: Path, bundle: Bundle, spec: ExperimentSpec, repo_id: str) -> Bundle:
    """A Gradio Space with the weights and the program of a published bundle. Raises NothingToPublishError for a task
    whose inputs are no text."""
    if spec.task not in TEXT_TASKS:
        raise NothingToPublishError(f"There is no demo for {spec.task}: its inputs are no text.")
    _empty(target)
    for path in sorted(bundle.folder.iterdir()):
        if path.is_file() and path.name not in NOT_THE_MODEL:
            (target / "model").mkdir(exist_ok=True)
            shutil.copyfile(path, target / "model" / path.name)
    for name in ("program.py", "runtime.py"):
        shutil.copyfile(bundle.folder / "program" / name, target / name)
    shutil.copyfile(bundle.folder / "requirements.txt", target / "requirements.txt")
    sdk = version("gradio")
    values = {"title": bundle.name, "model": repo_id, "sdk_version": sdk, "spec": spec}
    _render("space_card.md.j2", target / "README.md", **values)
    _render("space_app.py.j2", target / "app.py", **values)
    return describe_bundle(target, f"{bundle.name}-demo"[:90])


def _empty(target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)


def _render(template: str, target: Path, **values: object) -> None:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False, keep_trailing_newline=True)
    environment.filters["line"] = lambda text: " ".join(str(text).split()).replace("<", "&lt;").replace("[", "\\[")
    environment.filters["literal"] = repr
    source = (TEMPLATES / template).read_text(encoding="utf-8")
    target.write_text(environment.from_string(source).render(**values), encoding="utf-8")
