"""The device API of a ZeroGPU Space on loopback: who asks for how long is kept, and a GPU is given or refused.

Four routes, as the `spaces` client calls them: startup-report, schedule, allow, release. There is no GPU behind it.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class DeviceApi:
    """What was asked, and what is answered next. `refusals`: (status, body) for schedule instead of a GPU, one a call."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.refusals: list[tuple[int, object]] = []
        self.url = ""

    def asked(self, route: str) -> list[dict[str, str]]:
        return [values for name, values in self.calls if name == route]


@contextlib.contextmanager
def device_api() -> Iterator[DeviceApi]:
    """A running server."""
    api = DeviceApi()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            address = urlsplit(self.path)
            route = address.path.strip("/")
            api.calls.append((route, {name: values[0] for name, values in parse_qs(address.query).items()}))
            status, body = 200, {}
            if route == "schedule":
                gpu = {"idle": False, "nvidiaIndex": 0, "nvidiaUUID": "GPU-0", "allowToken": f"allow-{len(api.calls)}"}
                status, body = api.refusals.pop(0) if api.refusals else (200, gpu)
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
