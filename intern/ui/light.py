"""Gradio's Blocks without the work it does for outputs that do not change."""

from __future__ import annotations

import copy
from typing import Any

import gradio as gr
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
