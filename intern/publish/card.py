"""The model card: every number in it comes from the evidence, every difference from the paper is in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from pydantic import BaseModel

from intern.experiments.compare import Comparison, Summary, cut_short
from intern.experiments.evidence import SeedRun
from intern.experiments.metrics import PERCENT
from intern.experiments.spec import ExperimentSpec
from intern.later import Later

if TYPE_CHECKING:
    import huggingface_hub as hub
    import jinja2
else:
    hub, jinja2 = Later("huggingface_hub"), Later("jinja2")

TEMPLATE = Path(__file__).with_name("card.md.j2")
LIBRARIES = {"translation": "transformers", "text_classification": "pytorch", "image_classification": "pytorch",
             "text_transformer": "transformers", "language_model": "transformers", "fine_tuning": "transformers",
             "fine_tuning_lora": "transformers", "language_model_tuning": "transformers",
             "language_model_tuning_lora": "transformers",
             "tabular_classification": "sklearn", "tabular_regression": "sklearn"}  # fmt: skip
EVAL_RESULTS = ".eval_results"
"""The folder where the Hub looks for evaluation results, beside the older model-index in the card."""


class CardInput(BaseModel):
    """Everything a card is made of."""

    title: str
    spec: ExperimentSpec
    runs: list[SeedRun]
    summary: Summary
    comparison: list[Comparison]
    not_stated: list[str]
    audit: list[str]
    weights_seed: int
    example: str


def render_card(card: CardInput) -> str:
    """README.md with its YAML front matter (model-index included)."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False, trim_blocks=False)
    environment.filters["cell"] = _cell
    environment.filters["line"] = _line
    spec = card.spec.model_copy(update={"deviations": card.spec.deviations + cut_short(card.spec, card.runs)})
    body = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        **{name: getattr(card, name) for name in CardInput.model_fields} | {"spec": spec},
        cut_short=cut_short(card.spec, card.runs),
        paper_title=spec.paper_title,
        arxiv_id=spec.arxiv_id,
        generated=spec.data.source == "generated",
    )
    return f"---\n{_metadata(card)}\n---\n\n{body}"


def _metadata(card: CardInput) -> str:
    spec = card.spec
    tags = ["intern", "generated-data"] if spec.data.source == "generated" else ["intern"]
    if spec.arxiv_id:
        tags.append(f"arxiv:{spec.arxiv_id.split('v')[0]}")
    data = hub.ModelCardData(
        language=["en", "de"] if spec.data.id == "number-words-en-de" else None,
        library_name=LIBRARIES.get(spec.program),
        pipeline_tag=spec.task,
        tags=tags,
        model_name=card.title,
        eval_results=_eval_results(card.spec, card.summary),
        base_model=spec.weights.id if spec.weights and spec.weights.source == "hub" and spec.tuned_from else None,
    )
    return data.to_yaml()


def render_eval_results(spec: ExperimentSpec, summary: Summary) -> str:
    """`.eval_results/*.yaml`: one entry for each measured metric. `task_id` is the metric: the format has no other place."""
    data = spec.data
    where = {
        "generated": "generated data, not a data set of the Hub",
        "hub": "a data set of the Hub",
    }.get(data.source, "a local copy of the data")
    entries = [
        hub.EvalResultEntry(
            dataset_id=data.id,
            task_id=name,
            value=round(value, 4),
            notes=f"{_described(name, summary)}; {where}; rows sha256 {data.fingerprint}",
        )
        for name, value in {summary.metric: summary.mean, **summary.others}.items()
    ]
    return yaml.safe_dump(hub.eval_result_entries_to_yaml(entries), sort_keys=False, allow_unicode=True)


def _described(name: str, summary: Summary) -> str:
    scale = "0-100" if name in PERCENT else "0-1"
    return f"{name} ({scale}), mean of {summary.n} seeds, {summary.evidence_level}"


def _eval_results(spec: ExperimentSpec, summary: Summary) -> list[hub.EvalResult]:
    values = {summary.metric: summary.mean, **summary.others}
    return [
        hub.EvalResult(
            task_type=spec.task,
            dataset_type=spec.data.id,
            dataset_name=spec.data.description.split(":")[0],
            dataset_split="test",
            metric_type=name,
            metric_name=_described(name, summary),
            metric_value=round(value, 4),
        )
        for name, value in values.items()
    ]


def _cell(value: object) -> str:
    """Text that stays inside one cell of a Markdown table."""
    text = ", ".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)
    return _plain(text).replace("|", "\\|")


def _line(text: str) -> str:
    """Text that stays inside its line: no heading, list, rule or table begins with it."""
    plain = _plain(text)
    return f"\\{plain}" if plain[:1] in tuple("#>-+*=_|~`") else plain


def _plain(text: str) -> str:
    """One line of foreign text (names, reasons, quotes) without HTML, links or images."""
    escaped = " ".join(text.split()).replace("\\", "\\\\")
    return escaped.replace("[", "\\[").replace("<", "&lt;")
