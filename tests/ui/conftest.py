"""A served app with seeded runs, a client, and a browser."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from intern.service import Service
from tests.conftest import ROOT, clean_environment
from tests.hub import HubServer, running_hub
from tests.ui.seeding import settings_in

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port


def awaited(work: Coroutine[Any, Any, Any]) -> Any:
    """Its result, from a thread: the browser tests' driver keeps a loop running in this one."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, work).result()


@dataclass
class Served:
    """An app that answers at `url`, and the service behind it."""

    url: str
    service: Service


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The app in this process, so that tests can write any state into its log."""
    from intern.ui.app import launch_app

    service = Service(settings_in(tmp_path_factory.mktemp("home")))
    port = free_port()
    demo = launch_app(service, port, block=False, recover=False)
    yield Served(f"http://127.0.0.1:{port}", service)
    try:
        demo.close(verbose=False)
    except (
        RuntimeError
    ):  # gradio wakes its waiting loop from this thread; by now it is told, and the rest still has to close
        demo.close(verbose=False)
    service.close()


@pytest.fixture(scope="session")
def client(served: Served) -> Any:
    from gradio_client import Client

    return Client(served.url, verbose=False)


class AppProcess:
    """`python app.py` as people start it."""

    def __init__(self, home: Path, port: int | None = None, folder: Path | str = ROOT, **environment: str) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "app.py", "--port", str(self.port)],
            cwd=folder,
            env=clean_environment(home) | environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait(self, timeout: float = 60.0) -> float:
        """Seconds until the page answers."""
        began = time.monotonic()
        while time.monotonic() - began < timeout:
            assert self.process.poll() is None, f"the app ended with status {self.process.returncode}"
            try:
                with urllib.request.urlopen(self.url, timeout=5) as answer:
                    if answer.status == 200:
                        return time.monotonic() - began
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise AssertionError("the app did not answer")

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubServer]:
    """The Hub on loopback."""
    with running_hub(tmp_path / "hub") as found:
        yield found


@pytest.fixture
def app_at_hub(hub: HubServer, home: Path) -> Iterator[AppProcess]:
    """`python app.py` with that Hub and an account there."""
    app = AppProcess(home, **hub.environment())
    try:
        app.wait()
        yield app
    finally:
        app.end()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's browser; its tests are skipped where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api")
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


class Watched:
    """A page that keeps what went wrong in it and which strangers it called."""

    def __init__(self, browser: Any, **options: Any) -> None:
        self.context = browser.new_context(**({"viewport": {"width": 1440, "height": 900}} | options))
        self.context.set_default_timeout(90_000)  # a machine that others use too can be slow
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.strangers: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._request)

    def _request(self, request: Any) -> None:
        if not request.url.startswith(("http://127.0.0.1", "http://localhost", "data:", "blob:")):
            self.strangers.append(request.url)

    def close(self) -> None:
        self.context.close()


@pytest.fixture
def watched(chromium: Any) -> Iterator[Any]:
    """Opens pages; at the end none may have had an error or called anybody."""
    pages: list[Watched] = []

    def open_page(**options: Any) -> Watched:
        pages.append(Watched(chromium, **options))
        return pages[-1]

    yield open_page
    for page in pages:
        page.close()
    assert [error for page in pages for error in page.errors] == []
    assert [url for page in pages for url in page.strangers] == []


@pytest.fixture
def a_space(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a Space without OAuth: visitors are strangers to each other."""
    monkeypatch.setenv("SYSTEM", "spaces")
    assert "OAUTH_CLIENT_ID" not in os.environ
