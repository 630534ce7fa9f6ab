"""Gradio's Blocks without the work it does for outputs that do not change and for links that this page does not have."""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

import gradio as gr
from gradio import mcp, route_utils, state_holder
from gradio.block_function import BlockFunction
from gradio.state_holder import SessionState

SKIPPED = {"__type__": "update"}
"""What `gr.skip()` is on its way to the browser."""


class LightBlocks(gr.Blocks):
    """A handler here may write any of fifty components and mostly writes two.

    For each that is left out Gradio makes the component anew and describes it again: half a millisecond, and memory
    that every open page keeps. Here those are taken out before and put back after.
    """

    async def postprocess_data(
        self, block_fn: BlockFunction, predictions: list[Any] | dict[Any, Any], state: SessionState | None
    ) -> list[Any]:
        outputs = block_fn.outputs
        if not isinstance(predictions, dict) or not _has_components(predictions) or len(outputs) < 2:
            return await super().postprocess_data(block_fn, predictions, state)
        given = {component._id: value for component, value in predictions.items() if value != SKIPPED}
        kept = [block for block in outputs if block._id in given]
        if len(kept) < len(predictions) - sum(value == SKIPPED for value in predictions.values()):
            return await super().postprocess_data(block_fn, predictions, state)  # a stranger among them: Gradio says so
        light = copy.copy(block_fn)
        light.outputs = kept
        values: Any = [given[block._id] for block in kept]
        written = await super().postprocess_data(light, values[0] if len(kept) == 1 else values, state) if kept else []
        by_id = {block._id: value for block, value in zip(kept, written, strict=True)}
        left_out = {block._id: None if block.stateful else dict(SKIPPED) for block in outputs}
        return [(left_out | by_id)[block._id] for block in outputs]


def _has_components(predictions: dict[Any, Any]) -> bool:
    return all(isinstance(key, gr.blocks.Block) for key in predictions)


class LightSession(SessionState):
    """What Gradio keeps of one open page, or of one call of an endpoint: state, without a description of the page.

    Gradio describes all components for every session, and keeps their values, so that a "deep link" could bring the page
    back as it was: 6 ms of processor for each call of an endpoint. Here the address and the run's log do that.
    """

    def __init__(self, blocks: gr.Blocks) -> None:
        super().__init__(SimpleNamespace(default_config=blocks.default_config, blocks={}))  # type: ignore[arg-type]
        self.blocks_config.config_for_block = _undescribed  # type: ignore[assignment,method-assign]


def _undescribed(*_: Any) -> dict[str, Any]:
    return {}


def light_sessions() -> None:
    """From now on Gradio makes its sessions light."""
    for module in (state_holder, route_utils, mcp):
        module.SessionState = LightSession  # type: ignore[attr-defined,misc]
