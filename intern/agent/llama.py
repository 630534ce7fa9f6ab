"""The child process that serves a GGUF file with llama.cpp on loopback; `intern.agent.local` starts it.

It reads one line of JSON from stdin (see Order), tells how it goes in lines of JSON on stdout (Word), serves until stdin
closes, and is killed by the kernel when its parent is gone before that. llama.cpp's log goes to stderr.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypedDict

from intern.sandbox.linux import IS_LINUX, PR_SET_PDEATHSIG, prctl

BLOCK = 1 << 22
VOICE = 9
"""The descriptor that is stdout for the parent."""
TELL_EVERY = 0.05
"""Of a download: it is told each twentieth."""
BATCH = 256
"""Tokens read in one go: a stopped request ends after this many, a few seconds on a slow machine."""
PROMPT_CACHE_MB = 512
"""For prompts of runs that take turns: each finds its own again."""


class Order(TypedDict):
    """What to serve. `path` is a file; else `repo`, `revision` and `filename` name one on the Hub at `endpoint`."""

    parent: int
    path: str
    repo: str
    revision: str
    filename: str
    endpoint: str
    sha256: str
    key: str
    context: int
    threads: int


class Word(TypedDict, total=False):
    """One line of what the child tells; `url` comes last and once, `failed` is the end."""

    note: str
    url: str
    failed: str


class GivenUpError(Exception):
    """The model cannot be served; one plain line."""


def main() -> None:
    os.dup2(1, VOICE)
    os.dup2(2, 1)  # whatever a library prints is no word of ours
    order: Order = json.loads(sys.stdin.readline())
    if IS_LINUX:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != order["parent"]:  # it died before the line above
            os._exit(1)
    try:
        server = serve(checked(order), order)
    except GivenUpError as why:
        tell({"failed": str(why)})
        os._exit(1)
    tell({"url": server.listening_address})
    sys.stdin.read()  # until the parent ends, or wants the end
    os._exit(0)  # llama.cpp's own threads would be waited for


def tell(word: Word) -> None:
    os.write(VOICE, (json.dumps(word) + "\n").encode())


def checked(order: Order) -> Path:
    """The model's file, downloaded if need be, with the content that was pinned. Raises GivenUpError."""
    path = Path(order["path"]) if order["path"] else download(order)
    if order["sha256"] and sha256(path) != order["sha256"]:
        raise GivenUpError(
            f"{path} is not the file that was pinned (its SHA-256 differs): delete it and try again, or set "
            "INTERN_LOCAL_MODEL to a GGUF file of your own."
        )
    return path


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def download(order: Order) -> Path:
    """Get the file into the Hub's cache; without a token, for it is public. Raises GivenUpError."""
    from huggingface_hub import hf_hub_download

    where = f"{order['repo']} ({order['filename']})"
    try:
        return Path(
            hf_hub_download(
                order["repo"], order["filename"], revision=order["revision"], endpoint=order["endpoint"] or None,
                token=False, tqdm_class=progress_bar(),
            )
        )  # fmt: skip
    except (OSError, ValueError, RuntimeError) as error:  # HTTP and hub errors are OSErrors and ValueErrors
        reason = " ".join(str(error).split())[:160]
        raise GivenUpError(
            f"The local model could not be downloaded from {where}: {reason}. Set INTERN_LOCAL_MODEL to a GGUF file."
        ) from error


def progress_bar() -> type[Any]:
    """tqdm's interface, telling the parent instead of drawing."""
    from tqdm.auto import tqdm

    class Told(tqdm):  # type: ignore[type-arg]
        told = 0.0

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs.pop("name", None)
            super().__init__(*args, **{**kwargs, "file": open(os.devnull, "w")})  # noqa: SIM115 - for the bar's life

        def update(self, n: float | None = 1) -> bool | None:
            shown = super().update(n)
            if self.total and self.n / self.total >= self.told + TELL_EVERY:
                self.told = self.n / self.total
                tell({"note": f"Downloading the local model: {self.told:.0%} of {self.total / 1e6:,.0f} MB."})
            return shown

    return Told


def serve(path: Path, order: Order) -> Any:
    """Start llama.cpp's server in this process. Raises GivenUpError."""
    try:
        import xllamacpp
    except ImportError as error:
        raise GivenUpError(f"xllamacpp cannot be loaded: {error}. pip install -r requirements-local-llm.txt") from error
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.model_alias = {"local"}
    parameters.n_ctx = order["context"]
    parameters.n_parallel = 1
    parameters.n_batch = parameters.n_ubatch = BATCH
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = order["threads"]
    parameters.cache_ram_mib = PROMPT_CACHE_MB
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.n_threads_http = 4
    parameters.api_keys = [order["key"]]
    parameters.cors_origins = ""  # no page in a browser may ask
    parameters.ui = parameters.endpoint_slots = parameters.warmup = False
    parameters.verbosity = 1
    with explained(path):
        return xllamacpp.Server(parameters)


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError, OSError, MemoryError) as error:
        reason = " ".join(str(error).split())[:160]
        raise GivenUpError(f"llama.cpp could not load {path}: {reason}. Is it a whole GGUF file?") from error


if __name__ == "__main__":
    main()
