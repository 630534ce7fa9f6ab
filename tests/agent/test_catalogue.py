"""What is learnt of a model from its own server: real answers of llama.cpp and of Ollama, over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from intern.agent.catalogue import OLLAMA_CONTEXT, SMALL_CONTEXT, ModelCard
from intern.agent.endpoint import EndpointModel

LLAMA = {"object": "list", "data": [{"id": "qwen", "owned_by": "llamacpp",
         "meta": {"n_ctx": 4096, "n_ctx_train": 32768, "n_params": 1_543_714_304}}]}  # fmt: skip
OLLAMA = {"object": "list", "data": [{"id": "qwen2.5-coder:1.5b", "object": "model", "owned_by": "library"}]}
RUNNING = {"models": [{"name": "qwen2.5-coder:1.5b", "model": "qwen2.5-coder:1.5b", "context_length": 2048,
           "details": {"parameter_size": "494.03M"}}]}  # fmt: skip
SHOWN = {"parameters": 'stop "<|im_end|>"\nnum_ctx    6144', "details": {"parameter_size": "70.6B"}}


@contextmanager
def server(pages: dict[str, Any]) -> Iterator[str]:
    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            self.rfile.read(length)
            found = pages.get(self.path)
            body = json.dumps(found).encode()
            self.send_response(200 if found is not None else 404)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_address[1]}/v1"
        served.shutdown()


def card(name: str, pages: dict[str, Any]) -> ModelCard:
    with server(pages) as url:
        model = EndpointModel(name, url, None, threading.Event())
        try:
            return model.card
        finally:
            model.close()


def test_llama_cpp_tells_what_it_serves_with_not_what_the_model_could():
    found = card("qwen", {"/v1/models": LLAMA})
    assert found.context_tokens == 4096 and found.is_small and found.grammar and found.usd == (0.0, 0.0)


@pytest.mark.parametrize(
    ("pages", "context", "small"),
    [
        ({"/api/ps": RUNNING}, 2048, True),
        ({"/api/ps": {"models": []}, "/api/show": SHOWN}, 6144, False),
        ({"/api/ps": {"models": []}}, OLLAMA_CONTEXT, True),
        ({}, SMALL_CONTEXT, True),
        ({"/api/ps": {"models": [None, {"name": 3}]}, "/api/show": [1]}, OLLAMA_CONTEXT, True),
    ],
    ids=["loaded", "not loaded", "says nothing", "no ollama", "nonsense"],
)
def test_an_ollama_is_asked_in_its_own_protocol(pages, context, small):
    found = card("qwen2.5-coder:1.5b", {"/v1/models": OLLAMA} | pages)
    assert found.context_tokens == context and found.is_small is small and not found.grammar
