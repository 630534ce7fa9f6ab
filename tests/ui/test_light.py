"""What a handler leaves out costs nothing, and what it writes arrives as Gradio itself would send it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import gradio as gr
import pytest
from gradio.state_holder import SessionState

from intern.ui.light import LightBlocks

NAMES = ("text", "page", "button", "memory", "chat")


def laid_out(kind: type[gr.Blocks]) -> tuple[gr.Blocks, Any, dict[str, Any]]:
    with kind() as blocks:
        parts = {
            "text": gr.Textbox("as it was"),
            "page": gr.HTML(),
            "button": gr.Button("Go", visible=False),
            "memory": gr.State({}),
            "chat": gr.Chatbot(),
        }
        parts["text"].change(lambda: None, None, [parts[name] for name in NAMES])
    return blocks, next(iter(blocks.fns.values())), parts


WRITTEN: dict[str, dict[str, Any]] = {
    "one": {"page": "<p>new</p>"},
    "several": {"text": "new", "memory": {"seen": 1}, "chat": [{"role": "user", "content": "hello"}]},
    "visibility": {"button": gr.Button("Stop", visible=True), "text": gr.Textbox(placeholder="say more")},
    "a skip among them": {"text": gr.skip(), "page": "<p>new</p>"},
    "nothing but a skip": {"text": gr.skip()},
    "an empty value": {"text": "", "page": None},
}


@pytest.mark.parametrize("case", WRITTEN)
def test_it_sends_what_gradio_would_send(case):
    sent = []
    for kind in (gr.Blocks, LightBlocks):
        blocks, function, parts = laid_out(kind)
        state = SessionState(blocks)
        values = {parts[name]: value for name, value in WRITTEN[case].items()}
        answer = _done(blocks.postprocess_data(function, values, state))
        sent.append(([_plain(value) for value in answer], state[parts["memory"]._id]))
    assert sent[0] == sent[1]


def test_what_is_left_out_is_not_made_anew(monkeypatch):
    blocks, function, parts = laid_out(LightBlocks)
    state, made = SessionState(blocks), []
    monkeypatch.setattr(gr.Button, "get_config", lambda self, *rest: made.append("button") or {})
    _done(blocks.postprocess_data(function, {parts["text"]: "new"}, state))
    assert made == []


def test_a_component_that_is_no_output_is_refused_as_before():
    blocks, function, _ = laid_out(LightBlocks)
    stranger = gr.Textbox()
    with pytest.raises(ValueError, match="not specified as output"):
        _done(blocks.postprocess_data(function, {stranger: "x"}, SessionState(blocks)))


def _done(work: Coroutine[Any, Any, Any]) -> Any:
    """Its result, from a thread: the browser tests' driver keeps a loop running in this one."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, work).result()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):  # for a button that is skipped Gradio sends an empty update inside an empty update
        return {key: part for key, part in value.items() if key != "props"}
    return value.model_dump() if hasattr(value, "model_dump") else value
