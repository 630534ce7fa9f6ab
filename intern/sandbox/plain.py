"""The plain session behind `intern.sandbox.make_session`: run code, fetch files, close."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from intern.sandbox.broker import HUB_HOSTS, Broker
from intern.sandbox.hostfiles import read_file
from intern.sandbox.pool import Forkserver, check_platform
from intern.sandbox.protocol import Call
from intern.sandbox.session import WorkerSession
from intern.sandbox.step import SessionEnded
from intern.settings import SandboxLimits

LIMIT_NAMES = ("memory_mb", "disk_mb", "files", "procs", "output_mb")


def work_root() -> Path:
    """The folder of this user's plain sessions; only this user may enter it."""
    root = Path(tempfile.gettempdir()) / f"intern-sandbox-{os.getuid()}"
    root.mkdir(mode=0o700, exist_ok=True)
    status = root.lstat()
    if root.is_symlink() or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise PermissionError(f"{root} belongs to somebody else")
    return root


def sweep(root: Path) -> None:
    """Remove folders of sessions whose host has died without closing them."""
    for folder in root.iterdir():
        _, _, pid = folder.name.partition(".")
        try:
            os.kill(int(pid), 0)
        except ValueError:
            continue
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)


class Session:
    """A sandbox session with a folder of its own; restarts after a crash or a deadline, keeping the files."""

    def __init__(
        self,
        limits: dict[str, Any] | None = None,
        *,
        readonly: Sequence[Path] = (),
        server: Forkserver | None = None,
    ) -> None:
        wanted = dict(limits or {})
        self.network = wanted.pop("network", False)
        if unknown := sorted(set(wanted) - set(LIMIT_NAMES)):
            raise ValueError(f"unknown limit {unknown[0]!r}; known are {', '.join(LIMIT_NAMES)} and network")
        self.limits = SandboxLimits(**wanted)
        check_platform()
        root = work_root()
        sweep(root)
        self.workdir = root / f"{secrets.token_hex(16)}.{os.getpid()}"
        self.answer: Any = None
        """What the code last gave to `final_answer`."""
        self._server = server
        self._readonly = tuple(readonly)
        self._session: WorkerSession | None = None
        self._closed = False
        self._lock = threading.Lock()
        self._start()

    def _start(self) -> WorkerSession:
        broker = None
        if self.network:
            broker = Broker(HUB_HOSTS if self.network is True else list(self.network))
        session = WorkerSession(self.workdir, self.limits, readonly=self._readonly, broker=broker, server=self._server)
        try:
            session.wait_ready()
        except SessionEnded:
            session.close()
            raise
        self._session = session
        return session

    def run(self, code: str, timeout: float) -> tuple[str, str | None]:
        """Run code; what it printed, and the error as text (None when it went well)."""
        with self._lock:
            if self._closed:
                return "", "The session is closed."
            session = self._session
            try:
                if session is None or session.over is not None:
                    if session is not None:
                        session.close()
                    session = self._start()
                session.check_alive()
                outcome = session.run(code, timeout, answerer=_no_tools, cancel=threading.Event())
            except SessionEnded as error:
                return "", str(error)
            if outcome.final:
                self.answer = outcome.value
            return outcome.output, outcome.error

    def fetch(self, name: str) -> bytes:
        """A file of the work folder. Raises OSError for anything but a plain file inside it."""
        return read_file(self.workdir, name)

    def close(self) -> None:
        """End everything the session started and remove its folder."""
        self._closed = True
        if self._session is not None:
            self._session.close()
            self._session = None
        shutil.rmtree(self.workdir, ignore_errors=True)

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _no_tools(call: Call) -> Any:
    raise NameError(f"this session has no tools, so no {call.tool!r}")
