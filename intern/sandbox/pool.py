"""The host's end of the forkserver: starts it (warm, if asked), and has it fork sessions and jobs."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from intern.sandbox import linux, spawned
from intern.sandbox.adapt import NO_HOME
from intern.sandbox.policy import libraries
from intern.sandbox.probe import Findings
from intern.sandbox.request import Layers, Request

ROOT = Path(__file__).resolve().parents[2]
FULL_PRELOAD = ("numpy", "pandas", "torch", "transformers", "datasets")
SAFE_VARIABLES = (
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "LD_LIBRARY_PATH",
    "CUDA_HOME",
    "CUDA_VISIBLE_DEVICES",
    "NVIDIA_VISIBLE_DEVICES",
    "NVIDIA_DRIVER_CAPABILITIES",
)
"""Variables of the host that a sandbox may see: none can hold a secret."""


REFUSAL = (
    "This server cannot separate users safely, so code execution is off. "
    "Run it on your machine or choose Jobs sandboxes (billed to you)."
)
WINDOWS = "Code cannot be run on Windows itself. Choose Hugging Face Jobs to run it."
CONSENT = "INTERN_ALLOW_WEAK_SANDBOX"
START_SECONDS = 60.0
LOAD_SECONDS = 180.0


def several_users() -> bool:
    """Does this process serve more than the one user of an own machine? A Space does."""
    return bool(os.environ.get("SPACE_ID")) or os.environ.get("SYSTEM") == "spaces"


def weak_allowed() -> bool:
    """Has the one user of this machine agreed to weak isolation? With several users nobody can."""
    return os.environ.get(CONSENT) == "1" and not several_users()


def refusal() -> str:
    """Why code does not run with weak isolation, and what would do."""
    return REFUSAL if several_users() else f"{REFUSAL} If you are its only user, {CONSENT}=1 lets code run anyway."


class SandboxUnavailable(RuntimeError):
    """Code cannot be run here; the message says why."""


def check_platform() -> None:
    """Raises SandboxUnavailable where processes and sockets cannot be had as the sandbox needs them."""
    if sys.platform == "win32" or not hasattr(os, "fork") or not hasattr(socket, "AF_UNIX"):
        raise SandboxUnavailable(WINDOWS)


def is_packages(folder: str) -> bool:
    """Is this a folder of installed packages (and not, say, the project's own)?"""
    return folder.startswith("/") and folder.rstrip("/").endswith(("site-packages", "dist-packages"))


def safe_environment(workdir: Path | None = None) -> dict[str, str]:
    """The environment of sandboxed code: nothing of the host's but a few harmless names."""
    values = {name: os.environ[name] for name in SAFE_VARIABLES if name in os.environ}
    values.setdefault("LANG", "C.UTF-8")
    search = [str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]
    values |= {
        "PATH": os.pathsep.join(dict.fromkeys(search)),
        "PYTHONUNBUFFERED": "1",
        "PYTHONNOUSERSITE": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_XET": "1",
        "MPLBACKEND": "Agg",
    }
    own_path = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if is_packages(entry)]
    if own_path:
        values["PYTHONPATH"] = os.pathsep.join(own_path)
    if workdir is not None:
        values |= home_variables(workdir)
    return values


def home_variables(workdir: Path) -> dict[str, str]:
    """HOME, temporary files and every cache inside the work folder."""
    cache = workdir / ".cache"
    return {
        "HOME": str(workdir),
        "PWD": str(workdir),
        "TMPDIR": str(workdir / ".tmp"),
        "XDG_CACHE_HOME": str(cache),
        "XDG_CONFIG_HOME": str(workdir / ".config"),
        "XDG_DATA_HOME": str(workdir / ".local"),
        "HF_HOME": str(cache / "huggingface"),
        "TORCH_HOME": str(cache / "torch"),
        "TORCHINDUCTOR_CACHE_DIR": str(cache / "inductor"),
        "TRITON_CACHE_DIR": str(cache / "triton"),
        "MPLCONFIGDIR": str(cache / "matplotlib"),
        "NUMBA_CACHE_DIR": str(cache / "numba"),
    }


def prepare_workdir(workdir: Path) -> Path:
    """Make the work folder, private to this user, with its folder for temporary files. The real path.

    Raises SandboxUnavailable for a folder that other sessions could read.
    """
    check_platform()
    workdir = workdir.resolve()
    if shared := next((folder for folder in libraries() if workdir.is_relative_to(folder)), None):
        raise SandboxUnavailable(
            f"{workdir} lies in {shared}, which every sandbox may read. Set INTERN_HOME to a folder elsewhere."
        )
    workdir.mkdir(parents=True, exist_ok=True, mode=0o700)
    (workdir / ".tmp").mkdir(exist_ok=True, mode=0o700)
    return workdir


def bootstrap() -> str:
    """Python source by which an isolated interpreter finds this package and the installed ones."""
    search_path = [str(ROOT), *(p for p in sys.path if is_packages(p))]
    return f"import sys; sys.path[:0] = {search_path!r}; "


class Forkserver:
    """A running forkserver process. `forced` (tests): (Landlock version, seccomp, namespaces) instead of the best."""

    def __init__(self, preload: Sequence[str], forced: tuple[int, int, int] | None = None) -> None:
        linux.protect_memory()  # this process holds tokens
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET if linux.IS_LINUX else socket.SOCK_DGRAM)
        boot = bootstrap() + "from intern.sandbox.forkserver import main; "
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-c", boot + f"main({theirs.fileno()}, {list(preload)!r}, {forced!r})"],
                env=safe_environment(Path(NO_HOME)),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=None if os.environ.get("INTERN_SANDBOX_DEBUG") else subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,
            )
        self.control = ours
        self.forced = forced is not None
        self.lock = threading.Lock()
        self._findings: Findings | None = None

    def findings(self) -> Findings:
        """What isolation holds here. Raises SandboxUnavailable when the forkserver does not say."""
        with self.lock:
            if self._findings is None:
                self.control.settimeout(START_SECONDS)
                try:
                    self._findings = Findings.from_bytes(self.control.recv(1 << 16))
                except (OSError, ValueError) as error:
                    raise SandboxUnavailable(f"The sandbox's server does not start: {error}") from error
            return self._findings

    def wait_loaded(self, seconds: float = LOAD_SECONDS) -> bool:
        """Wait until its libraries are loaded; False when they are not by then. For one thread."""
        try:
            self.findings()
            self.control.settimeout(seconds)
            return bool(self.control.recv(64))
        except (OSError, SandboxUnavailable):
            return False

    def memory_mb(self) -> int:
        """What it holds of the machine's memory; its sessions share nearly all of that."""
        try:
            with open(f"/proc/{self.process.pid}/status") as status:
                return next((int(line.split()[1]) >> 10 for line in status if line.startswith("VmRSS:")), 0)
        except OSError:
            return 0

    def spawn(self, request: Request, descriptors: list[int]) -> None:
        """Ask for a guardian. Raises OSError when the forkserver is gone."""
        with self.lock:
            socket.send_fds(self.control, [request.to_bytes()], descriptors)

    def alive(self) -> bool:
        return self.process.poll() is None

    def close(self) -> None:
        """Ends the forkserver and, through its guardians' sockets, nothing else; sessions end with their owners."""
        self.control.close()


NOT_LINUX = Findings("weak", Layers(0, False, False), ("this is not Linux",))
_lock = threading.Lock()
_server: Forkserver | None = None


def warm(preload: Sequence[str] = FULL_PRELOAD) -> Forkserver:
    """Start the forkserver with heavy libraries in the background; a running one is replaced for later sessions.

    Raises SandboxUnavailable.
    """
    global _server
    check_platform()
    with _lock:
        if _server is not None:
            _server.close()
        _server = Forkserver(preload)
        return _server


def warm_up(preload: Sequence[str] = FULL_PRELOAD) -> str:
    """As warm, but waits and says in a sentence how it went. For a thread of the app, which does not wait for it.

    Where no code may run, or nothing can be loaded beforehand (not Linux), it starts nothing.
    """
    if not linux.IS_LINUX:
        return "Sandbox: libraries are loaded by each session anew on this system."
    began = time.monotonic()
    try:
        if findings().level != "strong" and not weak_allowed():
            return "Sandbox: not warmed, because code execution is off."
        server = warm(preload)
        if not server.wait_loaded():
            return "Sandbox: its libraries could not be loaded; sessions will load what they need."
    except (SandboxUnavailable, OSError) as error:
        return f"Sandbox: not warmed. {error}"
    return f"Sandbox: warm after {time.monotonic() - began:.0f} s, {server.memory_mb()} MB."


def _running() -> Forkserver:
    global _server
    check_platform()
    with _lock:
        if _server is None or not _server.alive():
            _server = Forkserver(())
        return _server


def begin_trial() -> None:
    """Start to find out what isolation holds here, in the forkserver; `findings` has the outcome sooner for it."""
    if linux.IS_LINUX:
        with contextlib.suppress(SandboxUnavailable, OSError):
            _running()


def findings() -> Findings:
    """What isolation holds here; starts the forkserver when none runs. Raises SandboxUnavailable."""
    check_platform()
    if not linux.IS_LINUX:
        return NOT_LINUX
    return _running().findings()


def spawn(request: Request, descriptors: list[int], server: Forkserver | None = None) -> None:
    """Have a session or job forked; starts the forkserver when none runs.

    Raises SandboxUnavailable, also where the isolation is too weak to run anybody's code.
    """
    check_platform()
    if server is None and not linux.IS_LINUX:
        if not weak_allowed():
            raise SandboxUnavailable(refusal())
        spawned.spawn(request, descriptors, bootstrap())
        return
    server = server or _running()
    if server.findings().level != "strong" and not weak_allowed() and not server.forced:
        raise SandboxUnavailable(refusal())
    try:
        server.spawn(request, descriptors)
    except OSError as error:
        raise SandboxUnavailable(f"The sandbox's server does not answer: {error}") from error
