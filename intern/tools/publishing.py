"""Tools over the publish room: stage and show a bundle, and publish it once a person has said yes."""

from __future__ import annotations

from typing import Any

from intern.experiments.compare import compare, summarise
from intern.publish.bundle import Bundle, NothingToPublishError, stage_bundle
from intern.publish.folder import publish_to_folder
from intern.runs.workspace import RunParked
from intern.tools.base import RoomTool
from intern.tools.workbench import ToolError


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
        card = (bundle.folder / "README.md").read_text(encoding="utf-8")
        bench.artifact("card.md", card, "the model card, as it would be published")
        return {
            "bundle_id": bundle.name,
            "files": [f"{f.path} ({f.bytes:,} bytes)" for f in bundle.files],
            "total_bytes": bundle.total_bytes,
            "licence_of_data": spec.data.licence,
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
        if target != "folder":
            raise ToolError(
                "Publishing to the Hub is not built yet: use the target 'folder', which has the same layout."
            )
        bundle = bench.load("bundle", bundle_id, Bundle)
        decision = self._decision(bundle)
        if decision is not None:
            return decision
        published = publish_to_folder(bundle, bench.settings.published, bench.run.owner)
        bench.fact("published", published.model_dump(mode="json"))
        return {"published": True, **published.model_dump(mode="json")}

    def _decision(self, bundle: Bundle) -> dict[str, Any] | None:
        """None = approved. Parks the run while nobody has decided."""
        bench = self.bench
        place = bench.settings.published / bench.run.owner / bundle.name
        approval = bench.run.approvals.request(
            bench.run.id,
            "publish",
            bundle.digest,
            title=f"Publish “{bundle.name}” to a folder?",
            summary=f"{len(bundle.files)} files, {bundle.total_bytes / 1e6:.1f} MB, to `{place}`. It costs nothing.",
            price_usd=0.0,
            artifact="card.md",
        )
        if approval.decision is None and bench.approve_within_budget and approval.price_usd <= bench.usd:
            approval = bench.run.approvals.decide(bench.run.id, approval.id, "approved", by="--yes, within the budget")
        if approval.decision is None:
            raise RunParked(approval.id)
        if approval.decision != "approved":
            return {"published": False, "decision": approval.decision, "feedback": approval.feedback}
        return None
