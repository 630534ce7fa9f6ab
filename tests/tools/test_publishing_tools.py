"""Publishing from a run: shown first, decided by a person, for exactly what was shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from intern.runs.workspace import RunParked
from intern.tools.workbench import ToolError


@pytest.fixture
def staged(desk):
    """A desk with a staged bundle, and the bundle's id."""
    return desk, desk.preview_publication(spec_id=desk.measured())["bundle_id"]


def decide(desk, decision: str, feedback: str = "") -> None:
    (pending,) = desk.run.approvals.pending(desk.run.id)
    desk.run.approvals.decide(desk.run.id, pending.id, decision, by="ada", feedback=feedback)


def published(desk) -> list[str]:
    return sorted(p.name for p in (desk.settings.published / "ada").glob("[!.]*"))


def test_a_preview_publishes_nothing_and_shows_the_card(staged):
    desk, _ = staged
    assert published(desk) == []
    assert "card.md" in [a.name for a in desk.events("artifact")]


def test_publishing_waits_for_a_person(staged):
    desk, bundle = staged
    with pytest.raises(RunParked):
        desk.publish(bundle_id=bundle, target="folder")
    assert published(desk) == [] and len(desk.events("approval")) == 1


def test_a_parked_tool_has_not_failed(staged):
    desk, bundle = staged
    with pytest.raises(RunParked):
        desk.publish(bundle_id=bundle, target="folder")
    assert [c.phase for c in desk.events("tool") if c.name == "publish"] == ["started"]


def test_after_a_yes_it_is_there(staged):
    desk, bundle = staged
    with pytest.raises(RunParked):
        desk.publish(bundle_id=bundle, target="folder")
    decide(desk, "approved")
    result = desk.again().publish(bundle_id=bundle, target="folder")
    assert result["published"] and Path(result["location"]).is_dir() and published(desk) == [bundle]
    assert [f.value["location"] for f in desk.events("fact") if f.name == "published"] == [result["location"]]


def test_after_a_no_it_is_not(staged):
    desk, bundle = staged
    with pytest.raises(RunParked):
        desk.publish(bundle_id=bundle, target="folder")
    decide(desk, "rejected", "the title is wrong")
    result = desk.again().publish(bundle_id=bundle, target="folder")
    assert result == {"published": False, "decision": "rejected", "feedback": "the title is wrong"}
    assert published(desk) == []


def test_yes_in_advance_is_for_what_costs_nothing(staged):
    desk, bundle = staged
    ready = desk.again(approve_within_budget=True)
    assert ready.publish(bundle_id=bundle, target="folder")["published"]
    (decision,) = desk.events("decision")
    assert decision.by.startswith("--yes")


def test_a_changed_bundle_needs_its_own_decision(staged):
    """Between the yes and the publishing, somebody (code of a model, say) changes the staged folder."""
    desk, bundle = staged
    with pytest.raises(RunParked):
        desk.publish(bundle_id=bundle, target="folder")
    decide(desk, "approved")
    card = desk.run.folder / "bundle" / "README.md"
    card.write_text(card.read_text().replace("1.0000", "9.9999"))
    with pytest.raises(ToolError, match="changed since"):
        desk.again().publish(bundle_id=bundle, target="folder")
    assert published(desk) == []


def test_never_is_never(staged):
    desk, bundle = staged
    with pytest.raises(ToolError, match="publishing off"):
        desk.again(publish="never", approve_within_budget=True).publish(bundle_id=bundle, target="folder")


def test_nothing_measured_is_nothing_to_publish(desk):
    spec_id = desk.designed(steps=20)
    with pytest.raises(ToolError, match="nothing to publish"):
        desk.preview_publication(spec_id=spec_id)
