"""What the brain's code wrote into the work folder, kept with the run's files, where faces can show it."""

from __future__ import annotations

from intern.runs.work_files import work_files
from intern.runs.workspace import Run
from intern.sandbox.hostfiles import copy_file

FOLDER = "made"
"""In the run's artifacts."""
MOST_FILES = 20
MOST_BYTES = 50_000_000
LABEL = "written by the brain's code"


def keep_made_files(run: Run, since: float) -> list[str]:
    """Copy what was written in the work folder after `since` (seconds since the epoch) to the artifacts; their names."""
    work, kept = run.folder / "work", []
    fresh = sorted(file.name for file in work_files(work) if file.written > since)
    for name in fresh[:MOST_FILES]:
        target = run.artifacts / FOLDER / name
        part = run.folder / "made.part"
        try:
            name.encode()  # a name that is no text cannot stand in the log
            part.unlink(missing_ok=True)
            copy_file(work, name, part, MOST_BYTES)
            target.parent.mkdir(parents=True, exist_ok=True)
            part.replace(target)  # what was kept before stays until now
        except (OSError, UnicodeError) as error:
            told = f"{name}, which the code wrote, was not kept with the run's files: {error}."
            run.note(told.encode("utf-8", "replace").decode(), "warning", quotes=True)
            continue
        run.add_artifact(target, LABEL)
        kept.append(name)
    if len(fresh) > MOST_FILES:
        run.note(f"The code wrote {len(fresh)} files; the first {MOST_FILES} are kept with the run's files.", "warning")
    return kept
