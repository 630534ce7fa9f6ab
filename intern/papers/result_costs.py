"""Results that are no score: how fast something runs, how long it takes, and how many rounds it needs to reach a target.

Only a heading or a caption can name them: in running text "time" and "rounds" are ordinary words.
"""

from __future__ import annotations

import re

from intern.papers.measures import Measure

_THING = (
    r"(?:images?|imgs?|samples?|tokens?|words?|sentences?|frames?|examples?|sequences?|quer(?:y|ies)|steps?|iterations?|iters?|"
    r"utterances?|episodes?|documents?|molecules?|graphs?|batch(?:es)?|epochs?|rounds?)"
)
_FAST = re.compile(
    rf"(?:(?:\w+ )?{_THING} ?(?:/|per) ?(?:s|sec(?:ond)?s?|min(?:ute)?|hour|h)\.?|FPS|(?:\w+ )?throughput)", re.I
)
_SLOW = re.compile(
    rf"(?:(?:train(?:ing)?|inference|test|decoding|sampling|generation|wall[- ]clock|running|search|run|average|avg\.?) )?"
    rf"(?:time|latency|run-?time|seconds|secs?|ms)(?: ?(?:/|per) ?{_THING})?",
    re.I,
)
_UNIT = re.compile(r"\s*[(\[][^()\[\]]*[)\]]|\s*[↑↓]|,? in (?:ms|seconds|hours|minutes|milliseconds)$")


def cost_of(heading: str) -> Measure | None:
    """The speed or time that a heading names, as it prints it: "images/sec", "time/epoch"; None for anything else."""
    text = _UNIT.sub("", heading).strip()
    if _FAST.fullmatch(text):
        return Measure(text if text.isupper() else text.lower(), True)
    return Measure(text.lower(), False) if _SLOW.fullmatch(text) else None


_TARGET = re.compile(
    r"\b(?P<u>(?:communication )?rounds?|epochs|steps|iterations|updates|episodes|samples)\b[^.;]{0,70}?"
    r"\b(?:to|until) (?:\w+ )?(?:reach|achieve|attain|obtain|get|hit|converge to)\w*\b[^.;%]{0,50}?"
    r"(?:(?P<n>\d{1,2}(?:\.\d+)?) ?%[^.;]{0,30}?)?\b(?P<m>accuracy|error|BLEU|F1|reward|score|perplexity)\b"
)
_PER_CENT = re.compile(r"(?<![\w.])(?P<n>\d{1,2}(?:\.\d+)?) ?%")


def target_of(caption: str) -> Measure | None:
    """What a caption says was counted on the way to a target: "rounds to 75% accuracy"; None where it counts nothing."""
    match = _TARGET.search(caption)
    if match is None:
        return None
    level = f"{match.group('n')}% " if match.group("n") else "target "
    return Measure(f"{match.group('u').split()[-1]} to {level}{match.group('m')}", False)


def at_target(measure: Measure, *texts: str) -> Measure:
    """The count with the level that headings or titles above it print: "85%" makes it "rounds to 85% accuracy"."""
    found = next((match for text in texts if (match := _PER_CENT.search(text))), None)
    if found is None:
        return measure
    return Measure(
        re.sub(r"(?<= to )(?:target|[\d.]+%)", f"{found.group('n')}%", measure.name), measure.higher_is_better
    )
