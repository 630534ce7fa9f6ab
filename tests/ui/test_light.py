"""What a handler leaves out costs nothing, and what it writes arrives as Gradio itself would send it."""

from __future__ import annotations

from typing import Any

import gradio as gr
import pytest
from gradio.state_holder import SessionState, StateHolder

from intern.ui.light import LightBlocks, LightSession
from tests.ui.conftest import awaited

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
    for kind, session in ((gr.Blocks, SessionState), (LightBlocks, LightSession)):
        blocks, function, parts = laid_out(kind)
        state = session(blocks)
        values = {parts[name]: value for name, value in WRITTEN[case].items()}
        answer = awaited(blocks.postprocess_data(function, values, state))
        sent.append(([_plain(value) for value in answer], state[parts["memory"]._id]))
    assert sent[0] == sent[1]


def test_what_is_left_out_is_not_made_anew(monkeypatch):
    blocks, function, parts = laid_out(LightBlocks)
    state, made = SessionState(blocks), []
    monkeypatch.setattr(gr.Button, "get_config", lambda self, *rest: made.append("button") or {})
    awaited(blocks.postprocess_data(function, {parts["text"]: "new"}, state))
    assert made == []


def test_a_session_describes_no_component(monkeypatch):
    blocks, function, parts = laid_out(LightBlocks)
    made: list[str] = []
    for kind in (gr.Textbox, gr.HTML, gr.Button, gr.State, gr.Chatbot):
        monkeypatch.setattr(kind, "get_config", lambda self, *rest: made.append(type(self).__name__) or {})
    states = [LightSession(blocks) for _ in range(2)]
    awaited(blocks.postprocess_data(function, {parts["text"]: "x", parts["memory"]: {"seen": 1}}, states[0]))
    assert made == [] and [state[parts["memory"]._id] for state in states] == [{"seen": 1}, {}]


def test_gradio_makes_light_sessions_where_the_app_is_built(served):
    holder = StateHolder()
    holder.blocks = laid_out(LightBlocks)[0]
    assert isinstance(holder["a page"], LightSession)


def test_a_component_that_is_no_output_is_refused_as_before():
    blocks, function, _ = laid_out(LightBlocks)
    stranger = gr.Textbox()
    with pytest.raises(ValueError, match="not specified as output"):
        awaited(blocks.postprocess_data(function, {stranger: "x"}, SessionState(blocks)))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):  # for a button that is skipped Gradio sends an empty update inside an empty update
        return {key: part for key, part in value.items() if key != "props"}
    return value.model_dump() if hasattr(value, "model_dump") else value
