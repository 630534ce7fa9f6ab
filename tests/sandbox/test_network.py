"""The brokered dial: allowed hosts through the host process, everything else refused."""

from __future__ import annotations

import http.server
import threading

import pytest

from intern.account import Accounts
from intern.sandbox import make_session
from intern.sandbox.broker import Broker, Refused
from intern.sandbox.executor import CodeError, SandboxExecutor
from intern.settings import SandboxLimits

BODY = bytes(range(256)) * 4096


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def do_POST(self):
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[::-1])

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def port():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def executor(tmp_path, allowed, seen):
    return SandboxExecutor(
        tmp_path / "work",
        SandboxLimits(),
        None,
        threading.Event(),
        step_seconds=30,
        allowed_hosts=allowed,
        on_connect=lambda host, number, allowed: seen.append((host, number, allowed)),
    )


CLIENTS = {
    "urllib": ("", "import urllib.request as u; data = u.urlopen(URL).read()"),
    "urllib_post": (
        "",
        "import urllib.request as u; data = u.urlopen(URL, b'abc').read(); assert data == b'cba'; data = None",
    ),
    "requests": ("requests", "import requests; data = requests.get(URL).content"),
    "httpx": ("httpx", "import httpx; data = httpx.get(URL).content"),
    "httpx_async": (
        "httpx",
        "import asyncio, httpx\n"
        "async def get():\n"
        "    async with httpx.AsyncClient() as c:\n"
        "        return [r.content for r in await asyncio.gather(c.get(URL), c.get(URL))][1]\n"
        "data = asyncio.run(get())",
    ),
    "aiohttp": (
        "aiohttp",
        "import asyncio, aiohttp\n"
        "async def get():\n"
        "    async with aiohttp.ClientSession() as s, s.get(URL) as r:\n"
        "        return await r.read()\n"
        "data = asyncio.run(get())",
    ),
}


@pytest.mark.parametrize("client", CLIENTS)
def test_ordinary_clients_work(client, port, tmp_path):
    module, code = CLIENTS[client]
    if module:
        pytest.importorskip(module)
    seen = []
    run = executor(tmp_path, [f"127.0.0.1:{port}"], seen)
    try:
        run(f"URL = 'http://127.0.0.1:{port}/'\n{code}\nassert data is None or data == bytes(range(256)) * 4096")
    finally:
        run.cleanup()
    assert seen[0] == ("127.0.0.1", port, True)


def test_everything_else_is_refused(port, tmp_path):
    seen = []
    run = executor(tmp_path, ["huggingface.co"], seen)
    try:
        for host, number in (("127.0.0.1", port), ("localhost", port), ("evil.example", 443), ("huggingface.co", 22)):
            with pytest.raises(CodeError, match="network is off"):
                run(f"import socket; socket.create_connection(({host!r}, {number}), timeout=5)")
        with pytest.raises(CodeError):  # datagrams are not brokered at all
            run(f"import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {port}))")
        with pytest.raises(CodeError):
            run(f"import _socket; _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM).connect(('127.0.0.1', {port}))")
    finally:
        run.cleanup()
    assert [allowed for _, _, allowed in seen] == [False] * 4


def test_the_worker_never_holds_the_connection_itself(port):
    with make_session({"network": [f"127.0.0.1:{port}"]}) as session:
        out, error = session.run(
            "import _socket, os, socket\n"
            f"s = socket.create_connection(('127.0.0.1', {port}))\n"
            "print(_socket.socket(fileno=os.dup(s.fileno())).family == socket.AF_UNIX)",
            10,
        )
        assert (out, error) == ("True\n", None)


def test_names_and_ports_of_the_list():
    broker = Broker(["huggingface.co", "*.hf.co", "10.0.0.1:8080"])
    assert broker.entry_for("huggingface.co", 443) and broker.entry_for("cdn.hf.co", 443)
    assert broker.entry_for("10.0.0.1", 8080)
    for host, number in (
        ("huggingface.co", 8080),
        ("huggingface.co.evil.example", 443),
        ("evilhuggingface.co", 443),
        ("hf.co", 443),
        ("evilhf.co", 443),
        ("10.0.0.1", 443),
    ):
        assert broker.entry_for(host, number) is None


def test_a_name_may_not_lead_inside(port):
    """An allowed name that resolves to a private address is not connected: only the address itself can be listed."""
    with pytest.raises(Refused, match="no public address"):
        Broker([f"localhost:{port}"]).dial("localhost", port)


def test_connections_of_a_run_are_in_its_log(tmp_path):
    from intern.runs.approvals import Approvals
    from intern.runs.log import RunLog
    from intern.runs.workspace import Run
    from intern.service import RunRequest
    from intern.session import Session
    from intern.settings import SandboxLimits, Settings

    log = RunLog(tmp_path / "runs.sqlite")
    made = Run(log.create("ada", "t", RunRequest(task="t"))[0], "ada", log, Approvals(log), tmp_path / "run")
    settings = Settings(home=tmp_path, sandbox=SandboxLimits(allowed_hosts=("localhost:1",)))
    session = Session(settings, made, RunRequest(task="t"), None, None, None, Accounts(settings))
    code = SandboxExecutor(
        tmp_path / "work",
        settings.sandbox,
        None,
        made.cancel,
        20.0,
        allowed_hosts=settings.sandbox.allowed_hosts,
        on_connect=session._connected,
    )
    try:
        with pytest.raises(CodeError):
            code("import socket; socket.create_connection(('evil.example', 443))")
        with pytest.raises(CodeError):
            code("import socket; socket.create_connection(('localhost', 1))")
    finally:
        code.cleanup()
    notes = [(e.body.level, e.body.text) for e in log.events(made.id, kinds=("note",))]
    assert notes == [
        ("warning", "The code asked to connect to evil.example:443: refused."),
        ("info", "The code asked to connect to localhost:1: allowed."),
    ]
    for _ in range(600):
        session._connected("evil.example", 443, False)
    assert len(log.events(made.id, kinds=("note",), limit=1000)) == 500
