"""The Publish panel: where it would go, every file against what is there already, the card, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from intern.ui.files import FileLinks
from intern.ui.render import render
from intern.ui.view import RunView

if TYPE_CHECKING:
    from intern.publish.bundle import Bundle
    from intern.publish.differences import FileChange
    from intern.publish.push_plan import PushPlan


def publication(view: RunView, links: FileLinks, run_folder: Path, place: Path, waiting: bool) -> str:
    """`place`: the owner's folder of publications. `waiting`: the person is being asked at this moment."""
    published = view.facts.get("published")
    bundle = staged_bundle(run_folder)
    target = place / bundle.name if bundle is not None else None
    done = isinstance(published, dict) and target is not None and published.get("location") == str(target)
    earlier = target if target is not None and target.is_dir() and not done else None
    plan = _push_plan(run_folder, bundle) if bundle is not None else None
    if isinstance(published, dict) and published.get("kind") != "hub":
        plan = None
    changes, difference = _differences(bundle, earlier) if bundle is not None and plan is None else ([], "")
    return render(
        "publication.html",
        published=published,
        published_zip=links.published(view.run_id),
        bundle=bundle,
        place=target,
        plan=plan,
        changes=changes if plan is None else plan.files,
        there=plan.exists if plan is not None else earlier is not None,
        difference=difference,
        waiting=waiting,
    )


def _differences(bundle: Bundle, earlier: Path | None) -> tuple[list[FileChange], str]:
    from intern.publish.differences import card_difference, folder_changes  # scoring libraries come with it

    changes = folder_changes(bundle.folder, earlier)
    return changes, card_difference(bundle.folder, earlier) if earlier is not None else ""


def _push_plan(run_folder: Path, bundle: Bundle) -> PushPlan | None:
    """What a push of exactly this bundle would do, if the run has looked at the Hub for it."""
    path = run_folder / "state" / "push_plan" / f"{bundle.name}.json"
    if not path.is_file():
        return None
    from intern.publish.push_plan import PushPlan

    try:
        plan = PushPlan.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None
    return plan if plan.digest == bundle.digest else None


def staged_bundle(run_folder: Path) -> Bundle | None:
    """The bundle that the run staged last, if its files are still there."""
    records = sorted((run_folder / "state" / "bundle").glob("*.json"), key=lambda path: path.stat().st_mtime)
    if not records:
        return None
    from intern.publish.bundle import Bundle

    try:
        bundle = Bundle.model_validate_json(records[-1].read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None
    return bundle if bundle.folder.is_dir() else None
