"""Tries the layers on a child process and looks whether they hold: a version number alone proves nothing.

Runs in the forkserver, before it loads anything heavy. Each trial confines a forked child exactly as a session is
confined, and lets it attempt what must fail against canaries made here.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import secrets
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from intern.sandbox import landlock, linux, proctree, seccomp
from intern.sandbox.jail import await_order, restrict
from intern.sandbox.policy import open_sockets
from intern.sandbox.request import Layers, Order, Request, pair

TRIAL_SECONDS = 20.0
NO_START = "it does not start"
FULL, LANDLOCK_ONLY, NAMESPACES_ONLY = (True, True), (True, False), (False, True)


@dataclass(frozen=True)
class Findings:
    """What holds here. `failed`: checks that the best trial did not pass."""

    level: str
    layers: Layers
    failed: tuple[str, ...]

    def to_bytes(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Findings:
        values: dict[str, Any] = json.loads(data)
        return cls(values["level"], Layers(**values["layers"]), tuple(values["failed"]))


def find(root: str, wanted: Layers | None = None) -> Findings:
    """The strongest combination of layers that really holds. `wanted` (tests): try this one only.

    `root`: an empty folder of our own, on which namespaces may mount their file tree.
    """
    if not linux.IS_LINUX:
        return Findings("weak" if hasattr(os, "fork") else "none", Layers(0, False, False), ("this is not Linux",))
    version, filtering = landlock.abi(), seccomp.supported()
    trials = [
        Layers(version if use else 0, filtering, spaces) for use, spaces in (FULL, LANDLOCK_ONLY, NAMESPACES_ONLY)
    ]
    if os.getuid() == 0:  # root cannot map itself into a namespace of its own without privileges
        trials = [trial for trial in trials if not trial.namespaces]
    for trial in [wanted] if wanted else trials:
        trial = with_connect(trial)
        strong = trial.seccomp and (trial.landlock > 0 or trial.namespaces)
        if strong and not attempt(trial, root):
            return Findings("strong", trial, ())
    last = wanted or Layers(0, filtering, False)
    problems = attempt(last, root)
    if not wanted and any(problem.startswith(NO_START) for problem in problems):
        last = Layers(0, False, False)
        problems = attempt(last, root)
    return Findings("weak", last, tuple(problems))


def with_connect(layers: Layers) -> Layers:
    """The same layers, with the rule for connecting to unix sockets that they need now."""
    if layers.namespaces:
        return layers
    return Layers(layers.landlock, layers.seccomp, False, layers.landlock < 6 or open_sockets())


def attempt(layers: Layers, root: str) -> list[str]:
    """Confine a child with these layers; which checks failed."""
    base = Path(tempfile.mkdtemp(prefix="intern-probe-"))
    try:
        with Canaries(base) as canaries:
            return _trial(layers, root, base, canaries)
    finally:
        shutil.rmtree(base, ignore_errors=True)


class Canaries:
    """Things outside that the confined child must not reach, and how one sees that it did."""

    def __init__(self, base: Path) -> None:
        self.file = base / "canary"
        self.file.write_text("seen")
        self.file.chmod(0o600)
        self.name = secrets.token_hex(8)

    def __enter__(self) -> Canaries:
        self.stack = contextlib.ExitStack()
        self.abstract = self.stack.enter_context(socket.socket(socket.AF_UNIX))
        self.abstract.bind("\0" + self.name)
        self.abstract.listen()
        self.bystander = os.fork()
        if self.bystander == 0:
            signal.set_wakeup_fd(-1)
            linux.prctl(linux.PR_SET_DUMPABLE, 1)
            linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
            time.sleep(10 * TRIAL_SECONDS)
            os._exit(0)
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self.bystander, signal.SIGKILL)
        os.waitpid(self.bystander, 0)
        self.stack.close()

    def touched(self) -> list[str]:
        """What the outside shows afterwards."""
        found = []
        if self.file.stat().st_mode & 0o777 != 0o600 or self.file.read_text() != "seen":
            found.append("a file outside was changed")
        if (self.file.parent / "made").exists():
            found.append("a file can be made outside")
        return found


def _trial(layers: Layers, root: str, base: Path, canaries: Canaries) -> list[str]:
    workdir = base / "work"
    (workdir / ".tmp").mkdir(parents=True, mode=0o700)
    request = Request("session", str(workdir), dict(os.environ), 512, 64, 1000, 16)
    ours, theirs = pair()
    output, output_end = os.pipe()
    report, report_end = os.pipe()
    status, status_end = os.pipe()
    if os.fork() == 0:
        ours.close()
        try:
            signal.set_wakeup_fd(-1)
            _try_inside(layers, root, canaries, (theirs, report_end, status_end, output_end))
        finally:
            os._exit(0)
    theirs.close()
    with contextlib.suppress(OSError):
        Order(request, layers, [output_end]).send(ours)
    for descriptor in (output_end, report_end, status_end):
        os.close(descriptor)
    try:
        return _read_result(output) + canaries.touched()
    finally:
        ours.close()
        for descriptor in (output, report, status):
            os.close(descriptor)
        while strays := [pid for pid in proctree.children(os.getpid()) if pid != canaries.bystander]:
            proctree.kill_tree(strays)
            for pid in strays:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)


def _try_inside(layers: Layers, root: str, canaries: Canaries, ends: tuple[socket.socket, int, int, int]) -> None:
    orders, report, status, output = ends
    try:
        order = await_order(layers, root, orders, report, status)
        if order is not None:
            restrict(order)
            os.write(1, json.dumps(failures(canaries)).encode())
    except BaseException as error:  # noqa: BLE001  (whatever it is, it is the trial's result)
        message = json.dumps([f"{NO_START}: {type(error).__name__}: {error}"]).encode()
        for descriptor in (output, 1):  # before, or after it was moved
            with contextlib.suppress(OSError):
                os.write(descriptor, message)
                break


def _read_result(output: int) -> list[str]:
    import select

    data, limit = b"", time.monotonic() + TRIAL_SECONDS
    while select.select([output], [], [], max(0.0, limit - time.monotonic()))[0]:
        chunk = os.read(output, 65536)
        if not chunk:
            break
        data += chunk
        with contextlib.suppress(ValueError):
            return [str(problem) for problem in json.loads(data)]
    return [f"{NO_START}: no result"]


def _refused(action: Callable[[], object]) -> bool:
    try:
        action()
    except OSError:
        return True
    return False


def _call(name: str, *arguments: int) -> Callable[[], object]:
    """A raw system call by name, with small harmless arguments."""
    column = seccomp.ARCHITECTURES[os.uname().machine][1]
    numbers = seccomp.Program(column).numbers
    return lambda: linux.syscall(numbers[name], *arguments)


def _find(file: Path) -> None:
    if file not in list(file.parent.iterdir()):
        raise FileNotFoundError(file)


def _connect(address: str) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(address)


def failures(canaries: Canaries) -> list[str]:
    """Inside the confined child: what is possible that must not be, or impossible that must be."""
    other = canaries.bystander
    memory = ctypes.create_string_buffer(256)
    buffer = ctypes.addressof(memory)
    must_fail: dict[str, Callable[[], object]] = {
        "a file outside can be read": lambda: canaries.file.read_bytes(),
        "a file outside can be written": lambda: canaries.file.open("r+"),
        "a folder outside can be listed": lambda: _find(canaries.file),
        "other processes' environment can be read": lambda: Path(f"/proc/{other}/environ").read_bytes(),
        "other processes can be signalled": lambda: os.kill(other, 0),
        "other processes can be traced": _call("ptrace", 16, other, 0, 0),
        "other processes' limits can be changed": _call("prlimit64", other, 7, 0, buffer),
        "network sockets can be made": lambda: socket.socket(socket.AF_INET).close(),
        "datagram network sockets can be made": lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).close(),
        "abstract sockets outside can be reached": lambda: _connect("\0" + canaries.name),
        "io_uring can be used": _call("io_uring_setup", 1, buffer),
        "System V memory can be made": _call("shmget", 0, 4096, 0o1600),
        "unseen memory files can be made": _call("memfd_create", buffer, 0),
        "new namespaces can be made": lambda: linux.unshare(0x10000000),
    }
    problems = [problem for problem, action in must_fail.items() if not _refused(action)]
    for attempt_outside in (lambda: canaries.file.chmod(0o644), lambda: (canaries.file.parent / "made").open("x")):
        with contextlib.suppress(OSError):  # in a file tree of its own both concern other files: `touched` tells
            attempt_outside()
    must_work: dict[str, Callable[[], object]] = {
        "its own folder cannot be written": lambda: Path("own").write_text("x"),
        "/dev/null cannot be written": lambda: Path("/dev/null").write_text("x"),
        "processes cannot be made": lambda: os.system("true") and None,
        "the interpreter's folder cannot be read": lambda: list(Path(os.__file__).parent.iterdir()),
    }
    return problems + [problem for problem, action in must_work.items() if _refused(action)]
