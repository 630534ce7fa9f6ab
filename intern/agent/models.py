"""The brains by name: the planner, or an LLM behind an OpenAI-compatible endpoint.

A model gets its token from the caller and nowhere else: a default of None would fall back to the environment's, which
on a shared Space is its owner's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from intern.agent.catalogue import SHORT_PROMPT_CONTEXT, known_card
from intern.agent.endpoint import EndpointModel
from intern.agent.local import LOCAL, LocalModelError, find_weights, local_card, local_server
from intern.agent.messages import Mind
from intern.agent.planner import Planner
from intern.settings import Settings

ROUTER = "https://router.huggingface.co/v1"


class UnknownModelError(ValueError):
    """No brain of this name can be had here; the message says what to set."""


def check_model(name: str, settings: Settings, token: str | None) -> None:
    """Raises UnknownModelError unless `build_model` could make this brain."""
    if name == LOCAL and not settings.llm_base_url:
        try:
            find_weights(settings)
        except LocalModelError as error:
            raise UnknownModelError(str(error)) from error
        return
    if name == "planner" or settings.llm_base_url:
        return
    if "/" not in name:
        raise UnknownModelError(
            f"There is no model {name!r}. Use 'planner', 'local', a Hub model id like org/name with HF_TOKEN set, "
            "or your own server with INTERN_LLM_BASE_URL."
        )
    if not token:
        raise UnknownModelError(
            f"The model {name} needs an account: set HF_TOKEN, or INTERN_LLM_BASE_URL for your own server. "
            "Without either, --model local (a small LLM on this machine) and --model planner work."
        )


def build_model(
    name: str,
    settings: Settings,
    token: str | None,
    cancel: threading.Event,
    tell: Callable[[str], None] = lambda _: None,
    bill_to: str | None = None,
) -> Mind:
    """The brain of this name; `tell` hears what takes a while, `bill_to` is the organisation that pays in place of the
    token's owner. Raises UnknownModelError, RunStopped."""
    check_model(name, settings, token)
    if name == "planner":
        return Planner()
    silence = (settings.limits.model_first_seconds, settings.limits.model_idle_seconds)
    if name == LOCAL and not settings.llm_base_url:
        try:
            server = local_server(settings, cancel, tell)
        except LocalModelError as error:
            raise UnknownModelError(str(error)) from error
        return EndpointModel(
            LOCAL, f"{server.url}/v1", server.key, cancel, card=local_card(settings.local_llm), silence=silence
        )
    base_url = settings.llm_base_url or ROUTER
    payer = None if settings.llm_base_url else bill_to
    return EndpointModel(name, base_url, token, cancel, card=known_card(name, base_url), bill_to=payer, silence=silence)


def has_short_context(model: Mind) -> bool:
    """Whether the model has little room for a prompt, as far as known."""
    return isinstance(model, EndpointModel) and model.card.context_tokens < SHORT_PROMPT_CONTEXT


def is_llm(model: Mind) -> bool:
    """Whether it is a model behind an endpoint, and not the planner."""
    return isinstance(model, EndpointModel)


def is_small(model: Mind) -> bool:
    """Whether the model has so few parameters that it needs to be led by the hand."""
    return isinstance(model, EndpointModel) and model.card.is_small
