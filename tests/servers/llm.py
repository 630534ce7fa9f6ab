"""A scripted LLM that speaks the OpenAI chat protocol over loopback, faults included.

`python -m tests.servers.llm --port P --script FILE` prints `ready http://127.0.0.1:P` and serves `/v1/chat/completions`
(streaming and not) and `/v1/models`. The script is a JSON list (or `{"turns": [...]}`), one turn for each request:

- `"text"` or `{"reply": "text"}`: a good answer; more keys change it: `"finish"` ("stop"), `"usage"` (false = none, or
  the numbers to tell), `"drip"` (seconds between pieces), `"stall"` (seconds before the first byte), `"piece"`
  (characters in a chunk), `"reasoning"` (a text that comes before, as reasoning_content);
- `{"status": 429, "retry_after": 0.1, "message": "…"}`: an HTTP error;
- `{"reply": "…", "cut": 10}`: the connection ends after so many characters;
- `{"reset": true}`: the connection is reset before the first byte, or after `"cut"` characters;
  `{"silent": true}`: nothing is ever said, until the client leaves; with `"cut"`, nothing more after so many characters;
- `{"malformed": true}`: a chunk that is no JSON; `{"empty": true}`: an answer without choices;
  `{"error": {…}}`: an error in the middle of a stream.

A request after the last turn is answered with 400. `--record FILE` appends each request as a line of JSON.
Connections are kept open, and counted.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PIECE = 24
"""Characters in one streamed chunk."""
SILENT_SECONDS = 120.0


class LlmServer(ThreadingHTTPServer):
    """Answers requests in the order of its script; `requests` keeps what was asked."""

    daemon_threads = True

    def __init__(self, script: list[Any], port: int = 0, record: Path | None = None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.turns = [turn if isinstance(turn, dict) else {"reply": turn} for turn in script]
        self.requests: list[dict[str, Any]] = []
        self.connections = 0
        self.answered = 0.0
        """When the last answer was complete."""
        self.left = 0
        """Answers that the client did not stay for."""
        self.about: dict[str, Any] = {"id": "scripted", "object": "model"}
        """The entry of `/v1/models`."""
        self._record = record
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves in the middle is what some tests are about."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def take(self, request: dict[str, Any]) -> dict[str, Any]:
        """Note a request and give its turn."""
        with self._lock:
            self.requests.append(request)
            if self._record is not None:
                with self._record.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(request, ensure_ascii=False) + "\n")
            number = len(self.requests) - 1
        if number < len(self.turns):
            return self.turns[number]
        return {"status": 400, "message": "the script is over"}


class Handler(BaseHTTPRequestHandler):
    """One request: look up its turn and play it."""

    server: LlmServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def log_message(self, format: str, *arguments: object) -> None:
        """Quiet: tests read the record."""

    def do_GET(self) -> None:
        if self.path.rstrip("/").endswith("/models"):
            self._json(200, {"object": "list", "data": [self.server.about]})
        else:
            self._json(404, {"error": {"message": "no such page"}})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        asked = json.loads(body)
        if not self.path.endswith("/chat/completions"):
            self._json(404, {"error": {"message": "no such page"}})
            return
        turn = self.server.take(
            {
                "authorization": self.headers.get("authorization"),
                "path": self.path,
                "body": asked,
                "headers": {k.lower(): v for k, v in self.headers.items()},
                "connection": self.client_address[1],
                "time": time.time(),
                "since_answer": time.time() - self.server.answered,
            }
        )
        time.sleep(turn.get("stall", 0))
        try:
            if "cut" not in turn and ("reset" in turn or "silent" in turn):
                self._fail(turn)
            elif "status" in turn:
                self._error(turn)
            elif asked.get("stream"):
                self._stream(turn, asked)
            else:
                self._whole(turn, asked)
        except (BrokenPipeError, ConnectionResetError):
            self.server.left += 1
            self.close_connection = True
        self.server.answered = time.time()

    # -- answers ---------------------------------------------------------------------------------------------

    def _fail(self, turn: dict[str, Any]) -> None:
        """End the connection in the middle, reset it, or say nothing until the client leaves."""
        self.close_connection = True
        if "silent" in turn:
            self.connection.settimeout(SILENT_SECONDS)
            if self.connection.recv(1) == b"":
                self.server.left += 1
        elif "reset" in turn:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.wfile = io.BytesIO()  # what is left to say is not said
            os.close(self.connection.detach())

    def _error(self, turn: dict[str, Any]) -> None:
        message = turn.get("message", f"scripted {turn['status']}")
        headers = {"retry-after": str(turn["retry_after"])} if "retry_after" in turn else {}
        self._json(turn["status"], {"error": {"message": message}}, headers)

    def _whole(self, turn: dict[str, Any], asked: dict[str, Any]) -> None:
        if turn.get("malformed"):
            self._send(200, b'{"choices": [', "application/json")
            return
        reply = turn.get("reply", "")
        choice = {"index": 0, "message": {"role": "assistant", "content": reply}, "finish_reason": _finish(turn)}
        body = {"id": "x", "object": "chat.completion", "created": 0, "model": asked.get("model", ""),
                "choices": [] if turn.get("empty") else [choice], "usage": _usage(asked, reply)}  # fmt: skip
        self._json(200, body)

    def _stream(self, turn: dict[str, Any], asked: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        if turn.get("malformed"):
            self._chunk(b'data: {"choices": [\n\n')
            self._chunk(b"")
            return
        reply, size = turn.get("reply", ""), turn.get("piece", PIECE)
        for piece in _pieces(turn.get("reasoning", ""), size):
            self._event(asked, [{"index": 0, "delta": {"reasoning_content": piece}, "finish_reason": None}])
        for piece in _pieces(reply[: turn.get("cut", len(reply))], size):
            self._event(asked, [{"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": None}])
            time.sleep(turn.get("drip", 0))
        if "cut" in turn:
            self._fail(turn)
            return
        if "error" in turn:
            self._chunk(f"data: {json.dumps({'error': turn['error']})}\n\n".encode())
        elif not turn.get("empty"):
            self._event(asked, [{"index": 0, "delta": {}, "finish_reason": _finish(turn)}])
        told = turn.get("usage", (asked.get("stream_options") or {}).get("include_usage"))
        if told:
            self._event(asked, [], told if isinstance(told, dict) else _usage(asked, reply))
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _event(self, asked: dict[str, Any], choices: list[Any], usage: dict[str, int] | None = None) -> None:
        chunk = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": asked.get("model", ""),
                 "choices": choices, **({"usage": usage} if usage else {})}  # fmt: skip
        self._chunk(f"data: {json.dumps(chunk)}\n\n".encode())

    def _chunk(self, data: bytes) -> None:
        """One piece of a chunked body; an empty one ends it."""
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _json(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(body).encode(), "application/json", headers)

    def _send(self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"content-type": kind, "content-length": str(len(body))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _finish(turn: dict[str, Any]) -> str:
    return str(turn.get("finish", "stop"))


def _pieces(text: str, size: int) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


def _usage(asked: dict[str, Any], reply: str) -> dict[str, int]:
    """Words stand for tokens: enough to see whether a client counts what it is told."""
    prompt = sum(len(str(m["content"]).split()) for m in asked["messages"])
    answer = len(reply.split())
    return {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}


@contextlib.contextmanager
def serving(*script: Any) -> Iterator[LlmServer]:
    """A server in this process."""
    server = LlmServer(list(script))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", type=Path, required=True)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--context", type=int, help="what /v1/models says of the context length")
    options = parser.parse_args()
    script = json.loads(options.script.read_text(encoding="utf-8"))
    server = LlmServer(script["turns"] if isinstance(script, dict) else script, options.port, options.record)
    if options.context:
        server.about["max_model_len"] = options.context
    print(f"ready {server.url}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
