"""A tool over the publish room: the generated data, or a demo Space, beside a model that is on the Hub already."""

from __future__ import annotations

from typing import Any

from intern.publish.bundle import Bundle
from intern.publish.extras import stage_dataset, stage_space
from intern.publish.hub import push
from intern.publish.preview import render_extra_preview
from intern.publish.push_plan import PushPlan, RepoType, plan_push
from intern.runs.events import Fact
from intern.tools.base import RoomTool
from intern.tools.publishing import StagedFor, approved_plan, decided
from intern.tools.workbench import ToolError, Workbench

EXTRAS: dict[str, RepoType] = {"dataset": "dataset", "space": "space"}


class PublishExtra(RoomTool):
    name = "publish_extra"
    description = (
        "After a model was published to the Hub: publish its generated data as a data set, or a private demo Space that "
        "runs it. The person is asked first."
    )
    inputs = {
        "bundle_id": {"type": "string", "description": "from preview_publication"},
        "what": {"type": "string", "description": '"dataset" or "space"'},
    }

    def forward(self, bundle_id: str, what: str) -> dict[str, Any]:
        bench = self.bench
        if what not in EXTRAS:
            raise ToolError(f"There is no {what!r} to publish: it is 'dataset' or 'space'.")
        if bench.publish == "never":
            raise ToolError("This run was started with publishing off (--publish never).")
        model = _on_the_hub(bench)
        bundle = bench.load("bundle", bundle_id, Bundle)
        spec = bench.load_spec(bench.load("staged", bundle_id, StagedFor).spec_id).spec
        target = bench.run.folder / f"bundle-{what}"
        extra = (
            stage_dataset(target, bench.data_folder(spec.data.id), spec)
            if what == "dataset"
            else stage_space(target, bundle, spec, model)
        )
        account = bench.account("publish")
        # As for the model: what was agreed to is carried out, also after an end in the middle of it.
        plan = approved_plan(bench, extra) or plan_push(
            extra, account, experiment=spec.spec_hash, repo_type=EXTRAS[what], warnings=_warnings(what)
        )
        bench.save("push_plan", extra.name, plan)
        preview = f"publication-{what}.md"
        bench.artifact(preview, render_extra_preview(plan, extra), f"the {what}, as it would be published")
        asked = bench.run.approvals.request(
            bench.run.id, "publish", plan.subject, title=f"Publish the {what} “{extra.name}” to the Hub?",
            summary=_summary(plan, extra), price_usd=0.0, artifact=preview,
        )  # fmt: skip
        if not plan.published and (refused := decided(bench, asked)) is not None:
            return refused
        note = bench.run.folder / "state" / "begun" / f"{what}-{extra.digest[:16]}.json"
        published = push(extra, plan, account, note, bench.run.check)
        bench.run.note(f"Published the {what}: {published.url}", key=f"extra:{what}:{extra.digest}")
        return {"published": True, **published.model_dump(mode="json")}


def _on_the_hub(bench: Workbench) -> str:
    """The repository of the model that this run has published. Raises ToolError."""
    for event in reversed(bench.run.log.events(bench.run.id, kinds=("fact",))):
        body = event.body
        if isinstance(body, Fact) and body.name == "published" and isinstance(body.value, dict):
            if body.value.get("kind") == "hub":
                return str(body.value["location"])
            break
    raise ToolError("Publish the model to the Hub first (publish with the target 'hub').")


def _warnings(what: str) -> list[str]:
    return ["It starts on the Hub's free hardware, which may need a paid plan of yours."] if what == "space" else []


def _summary(plan: PushPlan, extra: Bundle) -> str:
    lines = [
        f"{len(extra.files)} files, {extra.total_bytes / 1e6:.1f} MB, in one commit to `{plan.repo_id}` (private)."
    ]
    return "\n\n".join([*lines, *plan.warnings])
