"""Rows of a table of settings that no canonical name covers, under the paper's own words: target_quantile."""

from __future__ import annotations

import re

_OTHER = re.compile(
    r"\b(?:gpus?|tpus?|hours?|days?|time|minutes|seconds|speed|throughput|latency|memory|hardware|params?|parameters|flops|macs|cost|"
    r"accuracy|error|bleu|rouge|f1|perplexity|score|loss|results?|performance|reward|return|average|total|date|year|authors?|"
    r"license|"
    r"train(?:ing)? (?:set|data|size)|test|validation|images|classes|samples|tokens|examples|data ?sets?|guarantee|"
    r"models?|methods?)\b",
    re.I,
)
_WORDS = re.compile(r"[A-Za-z][A-Za-z'-]+(?: [A-Za-z][A-Za-z'-]+){1,4}")


def own_name(label: str) -> str | None:
    """A name in the style of the canonical ones for a label of two to five words; None for what is no setting.

    A symbol or brackets behind the words are left out; results, hardware and data are no settings.
    """
    text = re.sub(r"\s*[(\[][^()\[\]]*[)\]]|[*†‡§:]|(?<= )\S{1,2}$", "", label.strip()).strip()
    if not _WORDS.fullmatch(text) or _OTHER.search(text):
        return None
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
