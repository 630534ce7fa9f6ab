"""The Files panel: what the run made, with previews of pictures and short texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from intern.runs.events import Artifact
from intern.ui.files import FileLinks, preview
from intern.ui.render import render
from intern.ui.text import size
from intern.ui.view import RunView

PREVIEWS = 12


def files(view: RunView, links: FileLinks, folder: Path) -> str:
    """The artifact gallery. `folder` is the run's artifact folder, for previews of short texts."""
    folders: dict[str, list[dict[str, Any]]] = {}
    previewed = 0
    for artifact in sorted(view.artifacts.values(), key=lambda a: a.name):
        text = preview(folder / artifact.name, artifact) if previewed < PREVIEWS else ""
        previewed += bool(text)
        path = Path(artifact.name)
        folders.setdefault(path.parent.as_posix().removeprefix("."), []).append(_file(view, artifact, links, text))
    items = list(view.artifacts.values())
    return render(
        "files.html",
        files=items,
        total=sum(a.bytes for a in items),
        folders=list(folders.items()),
        zip_url=links.all(view.run_id),
    )


def _file(view: RunView, artifact: Artifact, links: FileLinks, text: str) -> dict[str, Any]:
    url = links.artifact(view.run_id, artifact.name)
    is_image = artifact.media_type in ("image/png", "image/jpeg", "image/gif", "image/webp")
    return {
        "name": Path(artifact.name).name,
        "label": artifact.label,
        "size": size(artifact.bytes),
        "sha256": artifact.sha256,
        "url": url,
        "image_url": links.artifact(view.run_id, artifact.name, inline=True) if is_image else "",
        "preview": text,
    }
