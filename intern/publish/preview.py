"""What a person looks at before a push: where to, each file and what becomes of it, the numbers, and the card."""

from __future__ import annotations

import re

from intern.experiments.compare import Summary
from intern.publish.bundle import Bundle
from intern.publish.card import EVAL_RESULTS
from intern.publish.push_plan import PushPlan

CHANGES = {"new": "new", "changed": "replaced", "same": "unchanged", "removed": "taken away"}


def render_preview(plan: PushPlan, bundle: Bundle, summary: Summary) -> str:
    """Markdown: the destination, warnings, evaluation results, files with sizes, and then the card."""
    seen = "private: only you can see it" if plan.private else "public: everybody can see it"
    state = "It is there already, with an earlier state of this experiment." if plan.exists else "It will be made."
    lines = [f"# To {plan.repo_id}", "", f"A {plan.repo_type} repository, {seen}. {state} One commit.", ""]
    lines += [f"- **Mind:** {warning}" for warning in plan.warnings]
    lines += ["", "## Evaluation results", "", *_results(summary, bundle), "", "## Files", ""]
    lines += ["| file | bytes | what happens |", "|---|---|---|"]
    lines += [f"| `{f.path}` | {f.bytes:,} | {CHANGES[f.change]} |" for f in plan.files]
    card = (bundle.folder / "README.md").read_text(encoding="utf-8")
    body = re.sub(r"\A---\n.*?\n---\n", "", card, flags=re.DOTALL)
    return "\n".join(lines) + f"\n\n## The card (README.md)\n\n{body}"


def render_extra_preview(plan: PushPlan, bundle: Bundle) -> str:
    """The same for a data set or a Space: destination, files, and the page that people would see."""
    seen = "private: only you can see it" if plan.private else "public: everybody can see it"
    lines = [f"# To {plan.repo_id}", "", f"A {plan.repo_type} repository, {seen}. One commit.", ""]
    lines += [f"- **Mind:** {warning}" for warning in plan.warnings]
    lines += ["", "| file | bytes | what happens |", "|---|---|---|"]
    lines += [f"| `{f.path}` | {f.bytes:,} | {CHANGES[f.change]} |" for f in plan.files]
    card = (bundle.folder / "README.md").read_text(encoding="utf-8")
    return "\n".join(lines) + "\n\n" + re.sub(r"\A---\n.*?\n---\n", "", card, flags=re.DOTALL)


def _results(summary: Summary, bundle: Bundle) -> list[str]:
    values = {summary.metric: summary.mean, **summary.others}
    where = ["the card's model-index"]
    where += [f"`{file.path}`" for file in bundle.files if file.path.startswith(f"{EVAL_RESULTS}/")]
    shown = [f"- {name}: {value:.4f} (mean of {summary.n}, {summary.evidence_level})" for name, value in values.items()]
    return [*shown, "", f"In {' and '.join(where)}."]
