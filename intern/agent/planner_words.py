"""What the planner says of what the tools returned."""

from __future__ import annotations

from typing import Any

from intern.agent import improving
from intern.agent.conversation import Conversation
from intern.runs.numbers import shown, with_spread


def source_words(source: str) -> str:
    return "the built-in card" if source == "card" else f"its {source.upper() if source != 'latex' else 'LaTeX source'}"


def stated_words(c: Conversation) -> str:
    setup = c.last("extract_setup")
    if setup is None:
        return "No paper is asked for. Which of my programs fits the task?"
    missing = f" Not stated: {', '.join(setup['not_stated'])}." if setup["not_stated"] else ""
    return (
        f"The paper states {len(setup['hyperparameters'])} values and makes {len(setup['claims'])} claims of its own."
        f"{missing} Which of my programs fits?"
    )


def audit_words(prepared: dict[str, Any]) -> str:
    sizes = ", ".join(f"{count:,} {name}" for name, count in prepared["splits"].items())
    return f"{sizes} rows; the harness keeps the test labels. " + " ".join(prepared["audit"][:2])


def counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def metric_words(metrics: dict[str, float]) -> str:
    return ", ".join(f"{name} {shown(value)}" for name, value in metrics.items())


def setup_words(found: dict[str, Any], setup: dict[str, Any]) -> str:
    def listed(title: str, lines: list[str]) -> str:
        return f"\n**{title}**\n\n" + "\n".join(f"- {line}" for line in lines) + "\n" if lines else ""

    return (
        f"**{found['title']}** ({source_words(found['source'])}, {found['pages']} pages)\n"
        + listed("Hyperparameters", setup["hyperparameters"])
        + listed("Data sets", setup["datasets"])
        + listed("Own results", setup["claims"])
        + listed("Not stated", setup["not_stated"])
        + listed("Contradictions", setup["contradictions"])
    )


def result_words(
    c: Conversation, spec: dict[str, Any], compared: dict[str, Any], published: dict[str, Any] | None
) -> str:
    s = compared["summary"]
    measured = " ± ".join(filter(None, with_spread(s["mean"], s["std"])))
    others = "".join(f", {name} {shown(value)}" for name, value in compared["others"].items())
    lines = [
        f"**Measured by the harness ({s['evidence_level']}): {s['metric']} {measured} "
        f"over {s['n']} seed{'s' if s['n'] != 1 else ''}{others}.**",
    ]
    if spec.get("tuned_from"):
        lines.append(f"Fine-tuned from {spec['tuned_from']}; licence of the weights: {spec['weights_licence']}.")
    lines += improving.words(c)
    simple = [
        f"{name} {shown(v[s['metric']])}" for name, v in compared.get("baselines", {}).items() if s["metric"] in v
    ]
    if simple:
        note = f" ({compared['baselines_note']})" if compared.get("baselines_note") else ""
        lines.append(f"Simple methods on the same test rows: {', '.join(simple)}{note}.")
    if compared["cut_short"]:
        lines.append(f"**Mind: not all training ran to its end.** {'; '.join(compared['cut_short'])}.")
    if failed := c.failures("run_seed"):
        lines.append(f"{len(failed)} seed(s) failed and do not count: {failed[-1].error}")
    if comparable := [r for r in compared["rows"] if r["comparable"]]:
        lines.append("Beside the paper: " + " ".join(f"{r['claim']}: {r['why']}." for r in comparable[:3]))
    elif compared["rows"]:
        lines.append(f"Not comparable with the paper's numbers: {compared['rows'][0]['why']}.")
    if c.last("find_paper", earlier=True):
        number = len(spec["deviations"]) + len(compared["cut_short"])
        lines.append(f"{counted(number, 'deviation')} from the paper, listed with the experiment.")
    if published and published.get("published"):
        lines.append(f"Published to {published['location']}")
    elif published:
        feedback = ""
        if published.get("feedback"):
            feedback = (
                f" You said: “{published['feedback']}”. The planner does not change an experiment by itself: start "
                "it anew with what you want in the request, for example “… with 3 epochs”."
            )
        lines.append(f"Not published: the request was {published['decision']}.{feedback}")
    elif error := c.failures("publish") or c.failures("preview_publication"):
        lines.append(f"Not published: {error[-1].error}")
    return "\n\n".join(lines)
