"""Templates of the panels: HTML that escapes everything that is not ours (autoescape)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, Undefined, select_autoescape
from markupsafe import Markup

from intern.runs.numbers import with_spread
from intern.ui.text import duration, money, number, size, stamp

STATUS_WORDS = {
    "queued": "In the queue",
    "running": "Working",
    "waiting": "Needs you",
    "done": "Done",
    "failed": "Did not work",
    "stopped": "Stopped",
    "interrupted": "Interrupted",
}
EVIDENCE_WORDS = {
    "sealed": "The harness held the test labels; the training never saw them.",
    "rescored": "The labels were reachable; the harness computed the number again from the predictions.",
    "reported": "The program's own word; it cannot be published as a benchmark result.",
}
EMPTY = {
    "training": "Curves and progress of each seed appear here as soon as the training starts.",
    "paper": "What the paper states, with page and quote for every value. Upload a PDF under “Options” and press Start, "
    "or name a paper.",
    "experiment": "The experiment that is made of the paper: data, values and where each comes from, seeds, budget, and "
    "every deviation with its reason.",
    "results": "What the harness measured: every seed, the mean, the evidence behind it, and the paper’s numbers beside "
    "ours.",
    "log": "The training jobs’ own output.",
    "files": "Programs, predictions, model cards and models that the run makes.",
    "publication": "What would be published, file by file, and the card. Nothing leaves before you have said yes.",
}


class _Lenient(Undefined):
    """A field that a fact lacks shows as nothing, also one level deeper."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: object) -> Any:
        return self


_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=_Lenient,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters |= {
    "number": number, "duration": duration, "size": size, "money": money, "stamp": lambda when: Markup(stamp(when)),
}  # fmt: skip
_templates.globals |= {
    "status_words": STATUS_WORDS,
    "evidence_words": EVIDENCE_WORDS,
    "empty": EMPTY,
    "with_spread": with_spread,
}


def render(name: str, **values: Any) -> str:
    """The template `name` with these values, as HTML."""
    return _templates.get_template(name).render(**values)


def nothing(panel: str) -> str:
    """A panel before there is anything in it; no template is compiled for it, since the first page waits for this."""
    return f'<p class="empty">{EMPTY[panel]}</p>'


def compile_templates() -> None:
    """Before somebody waits for the first panel: all of them take about 70 ms."""
    for name in _templates.list_templates():
        _templates.get_template(name)
