"""What a cell of a table of settings says: one value, a list of them, or several with the words they hold for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from intern.papers.model import Value
from intern.papers.numbers import NUMBER, as_value, compact, parse_number

_TEXTUAL = {"optimizer", "lr_schedule", "activation", "base_model", "filters", "filter_sizes"}
_FRACTIONS = {"dropout", "label_smoothing", "warmup_ratio", "weight_dropout", "drop_connect"}
_WHOLE = {
    "batch_size", "steps", "warmup_steps", "layers", "hidden_size", "ffn_size", "heads", "embedding_dim", "vocab_size",
    "max_seq_len", "epsilon_decay_frames", "train_examples",
    "lora_rank", "lora_alpha", "beam_size", "seeds", "hidden_units", "num_actors", "horizon", "bptt",
}  # fmt: skip
_NONE = re.compile(r"none|no|not used|✗|×|off|disabled", re.I)
_UNIT = re.compile(
    r"\s*(tokens|steps|updates|iterations|epochs|sequences|words|images|samples|examples|frames|transitions|trajectories|episodes|characters|pixels)\.?$",
    re.I,
)
_TIMES_LETTER = re.compile(rf"(?P<n>{NUMBER})\s?[×x·*]\s?[α-ω]$")
_PRODUCT = re.compile(r"\d[\d,.]*(?:\s?[×x]\s?\d[\d,.]*)+")
_GIVEN = re.compile(rf"(?P<n>{NUMBER})\s*\((?P<w>[^()\d][^()]{{0,40}})\)(?:,|;|/|$|\s+and|(?=\s))\s*")
_FOR_EACH = re.compile(
    rf"(?P<n>{NUMBER})(?: [a-z]+)? (?:for|on|in) (?:the )?(?P<w>(?:(?!(?:,|;|,? and) {NUMBER})[^;]){{2,60}}?)"
    rf"(?:(?:,|;|,? and) (?={NUMBER})|\.?$)"
)
"""A value and what it is for: "10 for the small sets, 3 for others"."""
_LIST = re.compile(r"[{\[(].*[}\])]|[\d.,eE^×·-]+(?:\s?(?:[,/;|]|or|and)\s?[\d.eE^×·-]+)+")

_SCALED = re.compile(r"(?P<v>\{[^{}]*\}) ?[×x·*] ?(?P<b>10|2) ?\^? ?(?P<e>-?\d{1,2})")
"""A list with what all its values are multiplied by: "{1, 2, 4} × 10^-4"."""
_SEARCHED = re.compile(
    rf"(?:\{{[^{{}}]*\}}|\[[^\[\]]*\])"
    rf"(?:\s?(?:/|→|->|;|:|\|)\s?(?P<v>[^{{}}\[\]]+)|\s?\((?P<b>(?:best: ?|chosen: ?)?{NUMBER})\))"
)
"""A search space and the value that was chosen from it: "{100, 200, 300} / 200"."""
_NO_NAMES = r"(?!(?:GPU|TPU|CPU|K|M|B|Adam|SGD|V100|A100)s?\b)"
_OF_ONE = re.compile(
    rf"(?P<v>{NUMBER}) (?:for |on |in )?(?P<w>{_NO_NAMES}[A-Z][A-Za-z][\w-]*(?:(?:,| and|, and)? [A-Z][\w-]*)*)(?: \([^()]*\))?|"
    r"(?P<a>[A-Z]\w*[A-Z]\w*), (?P<b>[a-z]+)"
)
"""A value and what it holds for: "128 Breakout, Qbert, Seaquest", "ReLU, encoder"."""
_BETAS = re.compile(
    r"(?P<s>\(?β_? ?1, ?β_? ?2\)? ?= ?)?\(?(?:β_? ?1 ?= ?)?(?P<a>0?\.\d+) ?[,/] ?(?:β_? ?2 ?= ?)?(?P<b>0?\.\d+)\)?"
)


_WARMS = re.compile(
    rf"warm-?\s?up[^\d;]{{0,30}}?(?P<v>{NUMBER})(?= ?(?:\w+ )?(?:steps|updates|iterations|of\b|\)|$))(?! ?epochs)|"
    rf"(?P<w>{NUMBER}) (?:(?:steps|updates|iterations) )?(?:of )?(?:linear )?warm-?\s?up",
    re.I,
)
"""How long a schedule warms up, in the words of its cell."""


@dataclass(slots=True)
class Cell:
    """A value with its unit and the setting it is one of (a "Warm-up" row may hold a ratio); `scope` from its brackets."""

    name: str
    value: Value
    unit: str | None = None
    scope: str = ""


def read_cell(name: str, cell: str, factor: float = 1.0) -> list[Cell]:
    """The settings a cell gives, [] when it gives none. `factor` is what the heading multiplies by ("Steps (k)")."""
    text = re.sub(r"(?<=[\w}%])[*†‡]+$|\s*\[\d[\d, ]*\]$", "", cell.strip())
    if searched := _SEARCHED.fullmatch(text):
        text = re.sub(r"^(?:best|chosen): ?", "", (searched.group("v") or searched.group("b")).strip())
    if (pair := _BETAS.fullmatch(text)) and (pair.group("s") or name == "adam_betas" or text.count("β") == 2):
        return [Cell("adam_beta1", float(pair.group("a"))), Cell("adam_beta2", float(pair.group("b")))]
    if name == "adam_betas":
        return []
    if name == "early_stopping":
        return _stopping(text)
    if name == "optimizer":
        text = re.sub(r"\s*\([A-Z][^()]*(?:19|20)\d\d[a-z]?\)", "", text)  # whom it is by
    if name == "optimizer" and (cells := _optimizer(text)):
        return cells
    if of_one := _OF_ONE.fullmatch(text):
        value, words = (of_one.group(key) or of_one.group(other) for key, other in ("va", "wb"))
        return [replace(cell, scope=words) for cell in read_cell(name, value, factor)]
    if name in _TEXTUAL:
        return _words(name, text)
    given = list(_GIVEN.finditer(text)) if "(" in text else list(_FOR_EACH.finditer(text))
    if len(given) >= 2 - ("(" not in text) and sum(len(match.group()) for match in given) >= 0.9 * len(text):
        found = [(parse_number(match.group("n")), match.group("w")) for match in given]
        return [Cell(name, as_value(number * factor), scope=words) for number, words in found if number is not None]
    if match := re.fullmatch(r"r_? ?\w(?: ?= ?r_? ?\w)* ?= ?(\d+)", text):
        return [Cell("lora_rank", int(match.group(1)))]
    if name == "lora_rank" and not re.fullmatch(r"\d+|[{\[]?\d+(?:, ?\d+)+[}\]]?", text):
        return []
    if name in ("weight_decay", "grad_clip", *_FRACTIONS) and _NONE.fullmatch(text):
        return [Cell(name, 0)]
    if _PRODUCT.fullmatch(text) and name in ("batch_size", "input_shape") and not re.search(r"10\s?\^?", text):
        return [Cell(name, re.sub(r"\s?[×x]\s?", " x ", text))]
    if (scaled := _SCALED.fullmatch(text)) and (power := parse_number(f"1e{scaled.group('e')}")):
        return _several(
            name, scaled.group("v"), factor * (power if scaled.group("b") == "10" else 2 ** int(scaled.group("e")))
        )
    if _LIST.fullmatch(text) and not re.fullmatch(r"\d{1,3}(,\d{3})+", text):
        return _several(name, text, factor)
    return _one(name, text, factor)


_INSIDE = (
    ("learning_rate", r"(?:α|η|lr|learning rate)"), ("adam_beta1", r"β_? ?1|beta_? ?1"), ("adam_beta2", r"β_? ?2|beta_? ?2"),
    ("adam_eps", r"ε|ϵ|eps(?:ilon)?"), ("momentum", r"(?:nesterov )?momentum|μ"), ("weight_decay", r"weight decay|wd"),
)  # fmt: skip


def _optimizer(text: str) -> list[Cell]:
    """ "Adam (α = 1e-4, β1 = 0.5)": the rule and what its brackets say; [] for a bare name."""
    whole = re.fullmatch(r"(?P<n>[A-Za-z][\w -]*?),?\s*(?:\(|with |, ?)(?P<in>[^()]*(?:\([^()]*\)[^()]*)?)\)?", text)
    if whole is None:
        return []
    inside = whole.group("in")
    found = [Cell("optimizer", whole.group("n").strip())]
    if pair := _BETAS.search(inside):
        found += [Cell("adam_beta1", float(pair.group("a"))), Cell("adam_beta2", float(pair.group("b")))]
    for name, words in _INSIDE:
        match = re.search(rf"(?:{words})\s?(?:=|:|of)?\s?(?P<v>{NUMBER})", inside, re.I)
        number = parse_number(match.group("v")) if match else None
        if number is not None and all(cell.name != name for cell in found):
            found.append(Cell(name, as_value(number)))
    return found if len(found) > 1 else []


def _stopping(text: str) -> list[Cell]:
    number = parse_number(_UNIT.sub("", text))
    if number is not None:
        return [Cell("early_stopping", f"patience {text}")]
    return [Cell("early_stopping", text)] if re.search(r"[A-Za-z]{3}", text) and not _NONE.fullmatch(text) else []


def _words(name: str, text: str) -> list[Cell]:
    if name in ("filter_sizes", "filters") and re.search(r"\d", text):
        return [Cell(name, text)]
    if re.fullmatch(r"[{\[(]?\s*(?:yes|no|true|false)\b.*", text, re.I):
        return []  # whether there is one, not which
    if name == "lr_schedule" and (match := _WARMS.search(text)):
        number = parse_number(match.group("v") or match.group("w"))
        warm = [Cell("warmup_ratio" if number < 1 else "warmup_steps", as_value(number))] if number else []
        return [Cell(name, text), *warm]
    return [Cell(name, text)] if re.search(r"[A-Za-z]{2}", text) else []


def _several(name: str, text: str, factor: float) -> list[Cell]:
    parts = re.split(r"\s*[,;|/{}()\[\]]\s*|\s+(?:or|and)?\s*", text)
    numbers = [parse_number(part) for part in parts if part]
    if not numbers or any(number is None for number in numbers):
        return []
    known = [number * factor for number in numbers if number is not None]
    if name in _WHOLE and any(number != int(number) for number in known):
        return []
    return [Cell(name, ", ".join(compact(number) for number in known) if len(known) > 1 else as_value(known[0]))]


def _one(name: str, text: str, factor: float) -> list[Cell]:
    if match := _TIMES_LETTER.fullmatch(text):
        text = match.group("n")  # the letter goes from 1 to 0: the value is where it starts
    if name in ("embedding_dim", "hidden_size", "ffn_size"):
        text = re.sub(r"[- ]?(?:D|d|dims?|dimensions?|dimensional)$", "", text)
    unit = match.group(1) if (match := _UNIT.search(text)) else None
    number = parse_number(_UNIT.sub("", text))
    if number is None:
        return []
    if name == "warmup_steps" and (0 < number < 1 or "%" in text):
        return [Cell("warmup_ratio", number)]
    if name == "warmup_steps" and unit and unit.startswith("epoch"):
        return []
    number *= factor
    if name in _FRACTIONS and 1 < number <= 100:
        return [Cell(name, number, "%")]
    if name in _WHOLE and number != int(number):
        return []
    return [Cell(name, as_value(number), unit if name in ("batch_size", "max_seq_len") else None)]
