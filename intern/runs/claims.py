"""Numbers in the brain's answer that nothing in the log supports. What a model says about a number is never the number."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from intern.runs.events import Event, Fact, Job, Metric, Note

MEASURE = re.compile(
    r"accura|bleu|f1|auc|rmse|mae\b|r2|r²|perplex|bits|score|error|loss|precision|recall|exact|%|per cent|percent", re.I
)
NUMBER = re.compile(r"(?<![\w.,-])(\d{1,6}(?:,\d{3})*(?:\.\d+)?)(?!\w|[.,]\d)")
DOUBTED = "The answer names numbers"
"""How the note about such numbers begins."""
QUOTED = re.compile(r"“[^”]*”")
"""Words of others in what the harness says: titles and the like."""
TOLD = frozenset({"paper", "setup", "comparison"})
"""Facts whose texts hold numbers that may be quoted: of a paper. In the others, texts are titles, versions and doubts."""
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


def unsupported_claims(answer: str, events: Iterable[Event]) -> list[str]:
    """Decimal numbers beside the name of a measure that are no fact of this run, as they stand in the answer.

    What counts is what the harness established (facts, means over seeds) or said itself (notes, but not what they quote).
    What was merely set counts beside its own name only: no dropout of 0.9 makes an accuracy of 0.9, and no title does.
    A number that only the program's own log has is one of them: a curve is no result. Without any measurement a run that
    read a paper may quote it; its numbers are not judged.
    """
    measured = paper = False
    known: set[float] = set()
    curve: set[float] = set()
    settings: dict[str, set[float]] = {}
    seeds: dict[tuple[str, str], dict[str, float]] = {}  # one value a seed, however often its run is told
    for event in events:
        match event.body:
            case Fact(name="spec", value=value):
                for setting, amount in _set_values(value):
                    settings.setdefault(setting, set()).add(amount)
            case Fact(name=name, key=key, value=value):
                known |= set(_numbers(value, text=name in TOLD))
                if name == "improvement":
                    for setting, amount in _tried_values(value):
                        settings.setdefault(setting, set()).add(amount)
                measured |= name == "seed_run"
                paper |= name in ("paper", "setup")
                if name == "seed_run" and isinstance(value, dict) and isinstance(metrics := value.get("metrics"), dict):
                    for metric, number in metrics.items():
                        if isinstance(number, int | float):
                            seeds.setdefault((key.rpartition("-seed")[0], metric), {})[key] = float(number)
            case Note(text=text, quotes=False) if not text.startswith(DOUBTED):
                known |= set(_numbers(QUOTED.sub("", text)))
            case Metric(value=value):
                curve.add(value)
            case _:
                pass
    if paper and not measured:
        return []
    known |= {statistics.fmean(values.values()) for values in seeds.values()}
    found = []
    for sentence in SENTENCE.split(answer):
        if not MEASURE.search(sentence):
            continue
        for match in NUMBER.finditer(sentence):
            text = match[1]
            if "." in text and not _among(text, known) and not _is_setting(sentence, match, settings):
                told = " (it stands in the program's own log, which is no measurement)" if _among(text, curve) else ""
                found.append(f"{text}{told}")
    return list(dict.fromkeys(found))


def failed_without_result(events: Iterable[Event]) -> str:
    """Why there is no number, when trainings failed and none was measured; "" otherwise. Words of success change nothing."""
    reasons: list[str] = []
    for event in events:
        if isinstance(event.body, Fact) and event.body.name == "seed_run":
            return ""
        if isinstance(event.body, Job) and event.body.phase == "failed":
            reasons.append(event.body.reason)
    if not reasons:
        return ""
    times = f"{len(reasons)} training{'s' if len(reasons) > 1 else ''}"
    return f"Nothing was measured in this run: {times} failed, the last with: {reasons[-1]}"


def _among(text: str, known: set[float]) -> bool:
    """Is there a value that is written like this when rounded, also as per cent?"""
    digits, said = len(text.partition(".")[2]), float(text.replace(",", ""))
    slack = 0.5001 * 10**-digits
    return any(abs(value - said) <= slack or abs(100 * value - said) <= slack for value in known)


def _set_values(spec: JsonValue) -> Iterator[tuple[str, float]]:
    """(name, number) of what an experiment sets: its hyperparameters, the paper's beside them, its budget."""
    if not isinstance(spec, dict):
        return
    rows: list[tuple[JsonValue, list[JsonValue]]] = []
    for listed, name, fields in (
        ("hyperparameters", "name", ("value", "paper_value")),
        ("deviations", "what", ("paper", "ours")),
    ):
        found = spec.get(listed)
        for row in found if isinstance(found, list) else []:
            if isinstance(row, dict):
                rows.append((row.get(name), [row.get(field) for field in fields]))
    if isinstance(budget := spec.get("budget"), dict):
        rows += [(unit, [budget.get("minutes")]) for unit in ("budget", "minutes", "min")]
        rows += [(unit, [budget.get("usd")]) for unit in ("budget", "USD", "dollars")]
    rows += [(unit, [spec.get("seconds_per_seed")]) for unit in ("seconds", "s")]
    for setting, values in rows:
        if isinstance(setting, str) and setting.strip():
            yield from ((setting.strip().replace("_", " "), number) for value in values for number in _numbers(value))


def _tried_values(improvement: JsonValue) -> Iterator[tuple[str, float]]:
    """(name, number) of what improve mode set, before and after."""
    attempts = improvement.get("attempts") if isinstance(improvement, dict) else None
    for attempt in attempts if isinstance(attempts, list) else []:
        changes = attempt.get("changes") if isinstance(attempt, dict) else None
        for change in changes if isinstance(changes, list) else []:
            if isinstance(change, dict) and isinstance(name := change.get("name"), str):
                values = [change.get("before"), change.get("after")]
                yield from ((name.replace("_", " "), number) for value in values for number in _numbers(value))


def _is_setting(sentence: str, match: re.Match[str], settings: dict[str, set[float]]) -> bool:
    """Does the number stand beside the name of a setting that has this value: right before it, or after it with no
    measure in between?"""
    before, after = sentence[: match.start()], sentence[match.end() :]
    for name, values in settings.items():
        if not _among(match[1], values):
            continue
        words = rf"(?<!\w){re.escape(name)}(?!\w)".replace(r"\ ", "[ _-]")
        named = [found.end() for found in re.finditer(words, before, re.IGNORECASE)]
        if named and not MEASURE.search(before[named[-1] :]):
            return True
        if re.match(rf"\s*{words}", after, re.IGNORECASE):
            return True
    return False


def _numbers(value: JsonValue, *, text: bool = True) -> Iterator[float]:
    """All numbers below `value`, with `text` also those in its texts; what an attempt set (`changes`) is none of them."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        yield float(value)
        yield abs(float(value))
    elif isinstance(value, str):
        yield from (float(found.replace(",", "")) for found in NUMBER.findall(value) if text)
    else:
        parts = [v for name, v in value.items() if name != "changes"] if isinstance(value, dict) else value
        for part in parts:
            yield from _numbers(part, text=text)
