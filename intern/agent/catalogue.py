"""What is known of a model: context length and price, from configs/models.yaml or from its own server.

Unknown stays unknown: a price that nobody stated is None and never zero.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from intern.settings import CONFIGS

SMALL_CONTEXT = 8192
"""Assumed when neither the catalogue nor the server says: too small costs a compaction, too large costs the run."""
SHORT_PROMPT_CONTEXT = 16_000
"""Below it the short system prompt leaves room for the work."""
SMALL_PARAMETERS = 5e9
"""Below them a model repeats itself, guesses, and is helped by another prompt (see doubts.py)."""
SIZE = re.compile(r"(\d+(?:\.\d+)?)([BM])")
NAMED_SIZE = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)([bm])(?![a-z0-9])", re.IGNORECASE)
MOST_OUTPUT = 8192
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class ModelCard(BaseModel):
    """One model. `usd` = dollars per million (input, output) tokens; None = unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    context: int | None = None
    usd: tuple[float, float] | None = None
    notes: str = ""
    temperature: float | None = None
    max_output: int | None = None
    parameters: float | None = None
    grammar: bool = False
    """Whether its server (llama.cpp) can hold an answer to a form."""

    @property
    def context_tokens(self) -> int:
        return self.context or SMALL_CONTEXT

    @property
    def is_small(self) -> bool:
        """Few parameters: as the server says, or as its name says (qwen2.5-coder:1.5b)."""
        size = self.parameters
        if size is None and (named := NAMED_SIZE.findall(self.id)):
            size = max(float(number) * (1e9 if unit in "bB" else 1e6) for number, unit in named)
        return size is not None and size < SMALL_PARAMETERS

    @property
    def usual_temperature(self) -> float | None:
        """None: the server's own. Servers of small models tend to 0.8, at which these write no code that runs."""
        return 0.0 if self.temperature is None and self.is_small else self.temperature

    @property
    def output_tokens(self) -> int:
        """Most tokens of one answer: leaves three quarters of the context to the prompt."""
        return min(self.max_output or MOST_OUTPUT, self.context_tokens // 4)

    def price(self, prompt_tokens: int | None, completion_tokens: int | None) -> float | None:
        """US dollars of one request; None when the price or the tokens are unknown."""
        if self.usd is None or prompt_tokens is None or completion_tokens is None:
            # A model that costs nothing costs nothing however many tokens it took.
            return 0.0 if self.usd == (0.0, 0.0) else None
        return (prompt_tokens * self.usd[0] + completion_tokens * self.usd[1]) / 1e6


@functools.cache
def catalogue() -> dict[str, ModelCard]:
    """configs/models.yaml by id."""
    listed = yaml.safe_load((CONFIGS / "models.yaml").read_text(encoding="utf-8"))["models"]
    return {card.id: card for card in (ModelCard.model_validate(entry) for entry in listed)}


def known_card(model_id: str, base_url: str) -> ModelCard:
    """What is known without asking. A server on this machine costs nothing."""
    card = catalogue().get(model_id) or ModelCard(id=model_id)
    free = card.usd is None and urlsplit(base_url).hostname in LOOPBACK
    return card.model_copy(update={"usd": (0.0, 0.0)}) if free else card


def completed_card(card: ModelCard, answer: Any) -> ModelCard:
    """The card with what the server's `/v1/models` says of the model, where the card does not know it."""
    listed = answer.get("data") if isinstance(answer, Mapping) else None
    entries = [e for e in listed if isinstance(e, Mapping)] if isinstance(listed, list) else []
    named = [e for e in entries if e.get("id") == card.id] or (entries if len(entries) == 1 else [])
    if not named:
        return card
    entry = named[0]
    providers = [
        p for p in entry.get("providers") or [] if isinstance(p, Mapping) and p.get("status", "live") == "live"
    ]
    changes: dict[str, Any] = {}
    if card.context is None:
        changes["context"] = _context(entry, providers)
    if card.parameters is None:
        changes["parameters"] = _meta(entry).get("n_params")
    changes["grammar"] = card.grammar or entry.get("owned_by") == "llamacpp"
    if card.usd is None:
        changes["usd"] = _price([entry, *providers])
    try:
        return ModelCard.model_validate({**card.model_dump(), **changes})
    except ValidationError:  # the server's numbers make no sense
        return card


OLLAMA_CONTEXT = 4096
"""What Ollama gives a model on a small machine when nobody asked for more; a longer prompt it cuts without a word."""


def ollama_card(card: ModelCard, running: Any, shown: Any) -> ModelCard:
    """The card with what Ollama's own API says: `running` is /api/ps, `shown` is /api/show of this model.

    /v1/models of an Ollama names neither the context nor the size.
    """
    loaded = running.get("models") if isinstance(running, Mapping) else None
    if not isinstance(loaded, list):  # some other server
        return card
    entry = next((m for m in loaded if isinstance(m, Mapping) and card.id in (m.get("name"), m.get("model"))), {})
    about = shown if isinstance(shown, Mapping) else {}
    wanted = re.search(r"^num_ctx\s+(\d+)", str(about.get("parameters", "")), re.MULTILINE)
    context = entry.get("context_length") or (int(wanted[1]) if wanted else OLLAMA_CONTEXT)
    details = entry.get("details") or about.get("details") or {}
    size = SIZE.fullmatch(str(details.get("parameter_size", ""))) if isinstance(details, Mapping) else None
    parameters = float(size[1]) * (1e6 if size[2] == "M" else 1e9) if size else card.parameters
    return card.model_copy(update={"context": card.context or int(context), "parameters": parameters})


def _context(entry: Mapping[str, Any], providers: list[Mapping[str, Any]]) -> int | None:
    """The smallest length that is named: whichever provider answers, it fits."""
    meta = _meta(entry)  # llama.cpp's: what it serves with, and what the model was trained for
    asked = [entry.get("max_model_len"), entry.get("context_length"), meta.get("n_ctx", meta.get("n_ctx_train"))]
    asked += [p.get("context_length") for p in providers]
    lengths = [n for n in asked if isinstance(n, int) and n >= 512]
    return min(lengths) if lengths else None


def _meta(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    meta = entry.get("meta")
    return meta if isinstance(meta, Mapping) else {}


def _price(priced: list[Mapping[str, Any]]) -> tuple[float, float] | None:
    """The highest price that is named, so that a limit holds whichever provider answers."""
    found: list[tuple[float, float]] = []
    for entry in priced:
        pricing = entry.get("pricing")
        if not isinstance(pricing, Mapping):
            continue
        per_million = "input" in pricing  # the Hub's router; others name a price per token
        pair = (pricing.get("input", pricing.get("prompt")), pricing.get("output", pricing.get("completion")))
        try:
            values = [float(p) * (1 if per_million else 1e6) for p in pair]  # type: ignore[arg-type]
        except (TypeError, ValueError):
            continue
        if all(0 <= v < 1e6 for v in values):
            found.append((values[0], values[1]))
    return (max(p[0] for p in found), max(p[1] for p in found)) if found else None
