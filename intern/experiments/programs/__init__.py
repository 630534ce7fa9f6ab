"""The training programs, one file for each family of tasks, and their manifests.

A program is never imported by the house: it is copied, with runtime.py, into a job's folder and run there.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import yaml

from intern.experiments.spec import ProgramManifest

OWN = Path(__file__).resolve().parent
FOLDER = OWN
RUNTIME = OWN / "runtime.py"
BASELINE = "simple"
"""The learned baseline: no program that anybody chooses, so it has no manifest."""
SCRIPT = "script-"
"""How the names of scripts begin that the brain wrote."""


def load_manifests() -> dict[str, ProgramManifest]:
    """The manifests by program name. Raises pydantic.ValidationError when one is wrong."""
    manifests = {}
    for file in sorted(FOLDER.glob("*.yaml")):
        manifests[file.stem] = ProgramManifest.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    return manifests


def program_files(name: str, edited: Path | None = None) -> list[Path]:
    """The files to copy into a job's folder, the program itself first. Raises KeyError for a name without manifest.

    `edited`: a folder with programs of this run alone, which take the place of ours: a person's version of one (same file
    name), or a script of the brain's own (`script-…`), which has no manifest.
    """
    if name.startswith(SCRIPT) and edited is not None and (edited / f"{name}.py").is_file():
        return [edited / f"{name}.py", RUNTIME]
    if name == BASELINE:
        return [OWN / f"{name}.py", RUNTIME]
    manifest = FOLDER / f"{name}.yaml"
    if not manifest.is_file():
        raise KeyError(f"there is no training program {name!r}")
    file = yaml.safe_load(manifest.read_text(encoding="utf-8")).get("file") or name
    theirs = edited / f"{file}.py" if edited is not None else None
    return [theirs if theirs is not None and theirs.is_file() else FOLDER / f"{file}.py", RUNTIME]


def program_hash(name: str, edited: Path | None = None) -> str:
    """sha256 over the program's files, each with its name: part of a result's evidence. Raises KeyError."""
    digest = hashlib.sha256()
    for file in program_files(name, edited):
        content = file.read_bytes()
        digest.update(f"{file.name}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def is_ours(folder: Path) -> bool:
    """Whether a job's folder holds one of our programs, with its runtime, word for word."""
    program = (folder / "program.py").read_bytes()
    ours = {(FOLDER / f"{m.file or name}.py").read_bytes() for name, m in load_manifests().items()}
    return program in ours and (folder / "runtime.py").read_bytes() == RUNTIME.read_bytes()
