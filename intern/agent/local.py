"""A small LLM on this machine (`--model local`): llama.cpp's server as a child process, found, checked and shared.

Nothing happens before a run asks for it. The first run of a process starts the server, the others share it; it ends
with the process (its stdin closes, and on Linux the kernel kills it). Memory: the file's size and a few hundred MB.
"""

from __future__ import annotations

import collections
import importlib.util
import json
import os
import queue
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from intern.agent.catalogue import ModelCard
from intern.agent.llama import Order, Word
from intern.network import is_online
from intern.runs.workspace import RunStopped
from intern.sandbox.pool import bootstrap
from intern.settings import LocalLlm, Settings

LOCAL = "local"
REPO = "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF"
REVISION = "f86cb2c1fa58255f8052cc32aeede1b7482d4361"
FILENAME = "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
SHA256 = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
MEGABYTES = 1117
LICENCE = "Apache-2.0"

MOST_THREADS = 8
"""More than these do not make a small model faster."""
MOST_ANSWER = 1024
"""Tokens: a small model that has said so much has lost its way, and each second gives only a few."""
TICK_SECONDS = 0.1
SECRETS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "INTERN_LLM_API_KEY", "INTERN_GITHUB_TOKEN", "GITHUB_TOKEN")
"""Not for the child: it needs none of them."""


class LocalModelError(ValueError):
    """The local model cannot be had; the message is one line that says what to do."""


@dataclass(frozen=True)
class Weights:
    """A GGUF file: on this machine (`path`), or "" and still on the Hub. `sha256` "" = the person's own, not pinned."""

    path: str
    sha256: str

    @property
    def name(self) -> str:
        return Path(self.path).name if self.path else FILENAME


@dataclass(frozen=True)
class Plan:
    """What a server serves, and how."""

    weights: Weights
    hub: str
    context: int
    threads: int


def local_card(settings: LocalLlm) -> ModelCard:
    """Context and price of the local model; greedy, for a small model has no luck to spare."""
    return ModelCard(
        id=LOCAL,
        context=settings.context,
        usd=(0.0, 0.0),
        temperature=0.0,
        max_output=MOST_ANSWER,
        grammar=True,
        parameters=1.5e9,
    )


def find_weights(settings: Settings) -> Weights:
    """The person's own file, the pinned one if it is here, or that it must be downloaded. Raises LocalModelError.

    Nothing is loaded and nothing downloaded.
    """
    if importlib.util.find_spec("xllamacpp") is None:
        raise LocalModelError(
            "The local model needs llama.cpp: pip install -r requirements-local-llm.txt (34 MB), then try again."
        )
    if own := settings.local_llm.file:
        path = own.expanduser().resolve()
        if not path.is_file():
            raise LocalModelError(f"INTERN_LOCAL_MODEL names no file: {own}.")
        return Weights(str(path), "")
    here = (settings.cache / FILENAME, cached_by_hub())
    if found := next((p for p in here if p is not None and p.is_file()), None):
        return Weights(str(found), SHA256)
    if not is_online(settings):
        raise LocalModelError(
            f"The local model is not on this machine and there is no network: put {FILENAME} ({REPO}, {MEGABYTES:,} MB) "
            f"into {settings.cache}, or set INTERN_LOCAL_MODEL to a GGUF file. Without it: --model planner."
        )
    return Weights("", SHA256)


def cached_by_hub() -> Path | None:
    """The pinned file in the Hub's cache, if anybody has downloaded it."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(REPO, FILENAME, revision=REVISION)
    return Path(found) if isinstance(found, str) else None


class LocalServer:
    """One llama.cpp server; `url` and `key` hold once `wait` has returned."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.key = secrets.token_urlsafe(24)
        self.url = ""
        self.process: subprocess.Popen[str] | None = None
        self._failed = ""
        self._words: queue.SimpleQueue[Word] = queue.SimpleQueue()
        self._errors: collections.deque[str] = collections.deque(maxlen=5)
        self._over = threading.Event()
        self._waiting: list[threading.Event] = []
        self._settled = threading.Lock()
        # The kernel ends the child when the *thread* that made it ends, so one that lives as long makes it.
        threading.Thread(target=self._live, name="local-llm", daemon=True).start()

    @property
    def alive(self) -> bool:
        return not self._over.is_set()

    def wait(self, cancel: threading.Event, tell: Callable[[str], None]) -> None:
        """Until it serves. `tell` hears of a download. Raises LocalModelError, RunStopped."""
        self._waiting.append(cancel)
        while not self.url:
            with self._settled:
                if not self.url and not self._failed:
                    self._take(tell)
                if self._failed:
                    raise LocalModelError(self._failed)
            if cancel.is_set():
                if all(other.is_set() for other in self._waiting):  # a download that nobody wants any more
                    self.close()
                raise RunStopped

    def _take(self, tell: Callable[[str], None]) -> None:
        try:
            word = self._words.get(timeout=TICK_SECONDS)
        except queue.Empty:
            return
        self._failed = word.get("failed", "")
        self.url = word.get("url", "")
        if note := word.get("note"):
            tell(note)

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self._over.wait(5)

    def _live(self) -> None:
        """The server's life: start it, give it its order, pass on what it tells, notice its end."""
        boot = bootstrap() + "from intern.agent.llama import main; main()"
        environment = {k: v for k, v in os.environ.items() if k not in SECRETS} | {"OMP_WAIT_POLICY": "PASSIVE"}
        process = self.process = subprocess.Popen(
            [sys.executable, "-I", "-c", boot], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, cwd="/", start_new_session=True,
        )  # fmt: skip
        assert process.stdin and process.stdout and process.stderr
        threading.Thread(target=self._errors.extend, args=(process.stderr,), daemon=True).start()
        order = Order(
            parent=os.getpid(), path=self.plan.weights.path, repo=REPO, revision=REVISION, filename=FILENAME,
            endpoint=self.plan.hub, sha256=self.plan.weights.sha256, key=self.key, context=self.plan.context,
            threads=self.plan.threads,
        )  # fmt: skip
        try:
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            for line in process.stdout:
                self._words.put(json.loads(line))
        except (OSError, ValueError) as error:
            self._errors.append(str(error))
        status = process.wait()
        self._over.set()
        last = " ".join(" ".join(self._errors).split())[-160:]
        self._words.put({"failed": f"The local model's process ended (status {status}). {last}".strip()})


_servers: dict[Plan, LocalServer] = {}
_lock = threading.Lock()


def local_server(settings: Settings, cancel: threading.Event, tell: Callable[[str], None]) -> LocalServer:
    """The server of this process, started if there is none that lives. Raises LocalModelError, RunStopped."""
    weights, wanted = find_weights(settings), settings.local_llm
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    plan = Plan(weights, settings.network.hub, wanted.context, wanted.threads or min(cores, MOST_THREADS))
    with _lock:
        server = _servers.get(plan)
        if server is None or not server.alive:
            server = _servers[plan] = LocalServer(plan)
            size = f", {MEGABYTES:,} MB from {REPO}, once" if not weights.path else ""
            tell(f"The local model {weights.name} is started on this machine ({plan.threads} threads{size}).")
    server.wait(cancel, tell)
    return server
