"""Tools over the publish room: stage and show a bundle, and publish it once a person has said yes."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from intern.experiments.compare import compare, summarise
from intern.publish.bundle import Bundle, NothingToPublishError, stage_bundle
from intern.publish.checks import gated_warnings, licence_warnings
from intern.publish.folder import Published, publish_to_folder
from intern.publish.hub import push
from intern.publish.preview import render_preview
from intern.publish.push_plan import PushPlan, plan_push
from intern.runs.approvals import Approval
from intern.runs.workspace import RunParked
from intern.tools.base import RoomTool
from intern.tools.workbench import ToolError, Workbench

HUB_PREVIEW = "publication.md"


class StagedFor(BaseModel):
    """Which experiment a bundle was staged for."""

    spec_id: str


class PreviewPublication(RoomTool):
    name = "preview_publication"
    description = (
        "Stage the bundle (card, weights, program, spec, predictions, evidence) and show it. Publishes nothing."
    )
    inputs = {"spec_id": {"type": "string", "description": "from design_experiment"}}

    def forward(self, spec_id: str) -> dict[str, Any]:
        bench = self.bench
        stored = bench.load_spec(spec_id)
        spec, reading = stored.spec, bench.load_paper(stored.paper_id)
        runs = bench.seed_runs(spec)
        if not runs:
            raise NothingToPublishError("No seed was measured, so there is nothing to publish.")
        summary = summarise(spec, runs)
        bundle = stage_bundle(
            bench.run.folder / "bundle", bench.run.jobs, spec, runs, summary, compare(spec, summary, reading),
            not_stated=reading.setup.not_stated if reading else [],
            audit=bench.load_data(spec.data.id).audit,
        )  # fmt: skip
        bench.save("bundle", bundle.name, bundle)
        bench.save("staged", bundle.name, StagedFor(spec_id=spec_id))
        card = (bundle.folder / "README.md").read_text(encoding="utf-8")
        bench.artifact("card.md", card, "the model card, as it would be published")
        to_hub = bench.publish == "hub"
        plan = (approved_plan(bench, bundle) or look_at_hub(bench, bundle)) if to_hub else None
        return {
            "bundle_id": bundle.name,
            "files": [f"{f.path} ({f.bytes:,} bytes)" for f in bundle.files],
            "total_bytes": bundle.total_bytes,
            "licence_of_data": spec.data.licence,
            **({"repository": plan.repo_id, "private": plan.private, "warnings": plan.warnings} if plan else {}),
        }


class Publish(RoomTool):
    name = "publish"
    description = "Publish a staged bundle. The person is asked first; this waits for the answer."
    inputs = {
        "bundle_id": {"type": "string", "description": "from preview_publication"},
        "target": {"type": "string", "description": '"folder", or "hub" with an account'},
    }

    def forward(self, bundle_id: str, target: str) -> dict[str, Any]:
        bench = self.bench
        if bench.publish == "never":
            raise ToolError("This run was started with publishing off (--publish never).")
        if target not in ("folder", "hub"):
            raise ToolError(f"There is no target {target!r}: it is 'folder' or 'hub'.")
        bundle = bench.load("bundle", bundle_id, Bundle)
        published = self._to_hub(bundle) if target == "hub" else self._to_folder(bundle)
        if isinstance(published, dict):
            return published
        bench.fact("published", published.model_dump(mode="json"))
        return {"published": True, **published.model_dump(mode="json")}

    def _to_folder(self, bundle: Bundle) -> Published | dict[str, Any]:
        bench = self.bench
        place = bench.settings.published / bench.run.owner / bundle.name
        asked = bench.run.approvals.request(
            bench.run.id,
            "publish",
            bundle.digest,
            title=f"Publish “{bundle.name}” to a folder?",
            summary=f"{len(bundle.files)} files, {bundle.total_bytes / 1e6:.1f} MB, to `{place}`. It costs nothing.",
            price_usd=0.0,
            artifact="card.md",
        )
        refused = decided(bench, asked)
        return refused or publish_to_folder(bundle, bench.settings.published, bench.run.owner)

    def _to_hub(self, bundle: Bundle) -> Published | dict[str, Any]:
        """The plan that was approved is carried out, also after a restart in the middle of it; any other is shown."""
        bench = self.bench
        account = bench.account("publish")
        plan = approved_plan(bench, bundle) or look_at_hub(bench, bundle)
        if plan.published:
            return Published(kind="hub", location=plan.repo_id, url=f"{account.endpoint}/{plan.repo_id}")
        asked = bench.run.approvals.request(
            bench.run.id,
            "publish",
            plan.subject,
            title=f"Publish “{bundle.name}” to the Hub?",
            summary=plan_words(plan, bundle),
            price_usd=0.0,
            artifact=HUB_PREVIEW,
        )
        if (refused := decided(bench, asked)) is not None:
            return refused
        note = bench.run.folder / "state" / "begun" / f"{bundle.digest[:16]}.json"
        return push(bundle, plan, account, note, bench.run.check)


def decided(bench: Workbench, asked: Approval) -> dict[str, Any] | None:
    """None = approved. Parks the run while nobody has decided."""
    if asked.decision is None and bench.approve_within_budget and asked.price_usd <= bench.usd:
        asked = bench.run.approvals.decide(bench.run.id, asked.id, "approved", by="--yes, within the budget")
    if asked.decision is None:
        raise RunParked(asked.id)
    if asked.decision != "approved":
        return {"published": False, "decision": asked.decision, "feedback": asked.feedback}
    return None


def look_at_hub(bench: Workbench, bundle: Bundle) -> PushPlan:
    """Plan the push of a bundle as the Hub is now, and write what a person looks at."""
    account = bench.account("publish")
    staged = bench.load("staged", bundle.name, StagedFor)
    stored = bench.load_spec(staged.spec_id)
    warnings = licence_warnings(stored.spec) + gated_warnings(stored.spec, account.api)
    warnings.append("The card states no licence for the weights: without one others may look and not use them.")
    plan = plan_push(bundle, account, experiment=stored.spec.spec_hash, warnings=warnings)
    bench.save("push_plan", bundle.name, plan)
    summary = summarise(stored.spec, bench.seed_runs(stored.spec))
    bench.artifact(HUB_PREVIEW, render_preview(plan, bundle, summary), "what would be published to the Hub")
    return plan


def approved_plan(bench: Workbench, bundle: Bundle) -> PushPlan | None:
    """The plan that a person has approved for exactly this bundle."""
    try:
        plan = bench.load("push_plan", bundle.name, PushPlan)
    except ToolError:
        return None
    asked = bench.run.approvals.find(bench.run.id, "publish", plan.subject)
    approved = asked is not None and asked.decision == "approved" and plan.digest == bundle.digest
    return plan if approved else None


def plan_words(plan: PushPlan, bundle: Bundle) -> str:
    """The plan in a few lines, for the card that asks."""
    seen = "private" if plan.private else "PUBLIC"
    changed = sum(file.change != "same" for file in plan.files)
    there = f"; {changed} of them differ from what is there" if plan.exists else ""
    lines = [
        f"{len(bundle.files)} files, {bundle.total_bytes / 1e6:.1f} MB{there}, in one commit to `{plan.repo_id}` "
        f"({seen}). It costs nothing.",
        *plan.warnings,
    ]
    return "\n\n".join(lines)
