"""Publishing without a network: the same bundle, in a folder laid out as `<namespace>/<name>` like the Hub."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from intern.publish.bundle import Bundle, NothingToPublishError, describe_bundle

MARKER = ".intern.json"


class Published(BaseModel):
    """Where a bundle went. DESIGN's `published` of `run --json`; `url` is None for a folder."""

    kind: Literal["folder", "hub"]
    location: str
    url: str | None = None


def publish_to_folder(bundle: Bundle, root: Path, namespace: str) -> Published:
    """Copy a bundle to `root/namespace/name`, all or nothing.

    The same bundle lands in the same place again. A name taken by other content gets a number. Raises
    NothingToPublishError when the staged files are no longer those of the bundle's digest, which is what was approved.
    """
    home = root / namespace
    home.mkdir(parents=True, exist_ok=True)
    number = 1
    while (target := home / (bundle.name if number == 1 else f"{bundle.name}-{number}")).exists():
        if _digest_of(target) == bundle.digest:
            return Published(kind="folder", location=str(target))
        number += 1
    staging = home / f".{target.name}.partial"
    shutil.rmtree(staging, ignore_errors=True)
    shutil.copytree(bundle.folder, staging)
    if describe_bundle(staging, bundle.name).digest != bundle.digest:
        shutil.rmtree(staging)
        raise NothingToPublishError("The staged files have changed since they were shown: preview the bundle again.")
    for path in [staging, *staging.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)  # libraries write some files for the owner only
    (staging / MARKER).write_text(json.dumps({"digest": bundle.digest}), encoding="utf-8")
    staging.replace(target)
    return Published(kind="folder", location=str(target))


def _digest_of(folder: Path) -> str | None:
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # not ours: a file, a folder of somebody else, a broken marker
        return None
    return marker.get("digest") if isinstance(marker, dict) else None
