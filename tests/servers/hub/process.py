"""Start a Hub for a test, as anyone would: `python -m tests.servers.hub …` in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[3]


@dataclass
class HubProcess:
    """A running Hub."""

    url: str
    process: subprocess.Popen[str]
    root: Path

    def environment(self, home: Path, token: str | None = None, **more: str) -> dict[str, str]:
        """For a client in a subprocess: this Hub as the endpoint, a home and caches of its own, nobody's token."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        told = {
            "HF_ENDPOINT": self.url, "HF_HOME": str(home), "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        }  # fmt: skip
        return kept | told | ({"HF_TOKEN": token} if token else {}) | more

    def call(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        """A plain request without a client; the JSON answer. Raises urllib.error.HTTPError."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def faults(self, *rules: dict[str, Any]) -> None:
        """Replace the faults in force; none clears them. See faults.py."""
        self.call("PUT", "/.hub/faults", list(rules))

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def running_hub(root: Path, *options: str) -> Iterator[HubProcess]:
    """A Hub over `root` until the block ends; without options with the users alice (hf_alice) and bob (hf_bob)."""
    options = options or ("--user", "alice:hf_alice", "bob:hf_bob")
    command = [
        sys.executable,
        "-m",
        "tests.servers.hub",
        "--port",
        "0",
        "--root",
        str(root),
        "--exit-with-parent",
        *options,
    ]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, env=kept)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith("ready "):
        process.kill()
        raise RuntimeError(f"the Hub did not start: {line!r}")
    hub = HubProcess(line.split()[1], process, root)
    try:
        yield hub
    finally:
        hub.stop()
        process.stdout.close()
