"""The Hub on loopback for tests of its client: a real server process, two people, faults on order."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import HfApi

from intern.account import Account
from tests.conftest import ROOT, clean_environment

ALICE, BOB = "hf_AliceAliceAliceAliceAliceAliceAlice", "hf_BobBobBobBobBobBobBobBobBobBobBobBo"
READER = "hf_ReadReadReadReadReadReadReadReadRe"


class HubServer:
    """A running server; `root` is its store."""

    def __init__(self, url: str, root: Path) -> None:
        self.url = url
        self.root = root

    def account(self, name: str = "alice", token: str = ALICE) -> Account:
        return Account(name=name, token=token, endpoint=self.url)

    def api(self, token: str = ALICE) -> HfApi:
        return HfApi(endpoint=self.url, token=token)

    def fault(self, path: str, **rule: Any) -> None:
        """One more rule: what happens to requests whose path matches."""
        self._control("PUT", [*self.faults(), {"path": path, **rule}])

    def faults(self) -> list[dict[str, Any]]:
        return [{k: v for k, v in rule.items() if k != "matched"} for rule in self._control("GET")]

    def clear(self) -> None:
        self._control("DELETE")

    def matched(self) -> list[int]:
        """How often each rule's path was asked for."""
        return [rule["matched"] for rule in self._control("GET")]

    def _control(self, method: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/.hub/faults", data=data, method=method)
        request.add_header("content-type", "application/json")
        with urllib.request.urlopen(request, timeout=90) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def environment(self, token: str | None = ALICE) -> dict[str, str]:
        """For a process that is to use this Hub, as this person."""
        found = {"HF_ENDPOINT": self.url, "INTERN_OFFLINE": "", "HF_HUB_DISABLE_TELEMETRY": "1",
                 "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1"}  # fmt: skip
        return found | ({"HF_TOKEN": token} if token else {})


@contextlib.contextmanager
def running_hub(root: Path, *options: str) -> Iterator[HubServer]:
    """Start the server, wait for its `ready` line, end it afterwards."""
    if not (ROOT / "tests" / "servers" / "hub").is_dir():
        pytest.skip("needs tests/servers/hub, the Hub on loopback")
    command = [sys.executable, "-m", "tests.servers.hub", "--port", "0", "--root", str(root),
               "--user", f"alice:{ALICE}", f"bob:{BOB}", "--token", f"alice:{READER}:read", *options]  # fmt: skip
    environment = clean_environment(root / "home")
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        word, _, url = process.stdout.readline().strip().partition(" ")
        assert word == "ready", "the test Hub did not start"
        yield HubServer(url, root)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
