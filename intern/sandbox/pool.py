"""The host's end of the forkserver: starts it (warm, if asked), and has it fork sessions and jobs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from intern.sandbox import linux
from intern.sandbox.adapt import NO_HOME
from intern.sandbox.policy import libraries
from intern.sandbox.probe import Findings
from intern.sandbox.request import Request

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
START_SECONDS = 60.0


def weak_allowed() -> bool:
    """Has the one user of this machine agreed to weak isolation? Never on a Space, which has several users."""
    return os.environ.get("INTERN_ALLOW_WEAK_SANDBOX") == "1" and not os.environ.get("SPACE_ID")


class SandboxUnavailable(RuntimeError):
    """Code cannot be run here; the message says why."""


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
    workdir = workdir.resolve()
    if shared := next((folder for folder in libraries() if workdir.is_relative_to(folder)), None):
        raise SandboxUnavailable(
            f"{workdir} lies in {shared}, which every sandbox may read. Set INTERN_HOME to a folder elsewhere."
        )
    workdir.mkdir(parents=True, exist_ok=True, mode=0o700)
    (workdir / ".tmp").mkdir(exist_ok=True, mode=0o700)
    return workdir


class Forkserver:
    """A running forkserver process. `forced` (tests): (Landlock version, seccomp, namespaces) instead of the best."""

    def __init__(self, preload: Sequence[str], forced: tuple[int, int, int] | None = None) -> None:
        linux.protect_memory()  # this process holds tokens
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET if linux.IS_LINUX else socket.SOCK_DGRAM)
        search_path = [str(ROOT), *(p for p in sys.path if is_packages(p))]
        boot = f"import sys; sys.path[:0] = {search_path!r}; from intern.sandbox.forkserver import main; "
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

    def spawn(self, request: Request, descriptors: list[int]) -> None:
        """Ask for a guardian. Raises OSError when the forkserver is gone."""
        with self.lock:
            socket.send_fds(self.control, [request.to_bytes()], descriptors)

    def alive(self) -> bool:
        return self.process.poll() is None

    def close(self) -> None:
        """Ends the forkserver and, through its guardians' sockets, nothing else; sessions end with their owners."""
        self.control.close()


_lock = threading.Lock()
_server: Forkserver | None = None


def warm(preload: Sequence[str] = FULL_PRELOAD) -> None:
    """Start the forkserver with heavy libraries in the background; a running one is replaced for later sessions."""
    global _server
    with _lock:
        if _server is not None:
            _server.close()
        _server = Forkserver(preload)


def _running() -> Forkserver:
    global _server
    with _lock:
        if _server is None or not _server.alive():
            _server = Forkserver(())
        return _server


def findings() -> Findings:
    """What isolation holds here; starts the forkserver when none runs. Raises SandboxUnavailable."""
    return _running().findings()


def spawn(request: Request, descriptors: list[int], server: Forkserver | None = None) -> None:
    """Have a session or job forked; starts the forkserver when none runs.

    Raises SandboxUnavailable, also where the isolation is too weak to run anybody's code.
    """
    if sys.platform == "win32":
        raise SandboxUnavailable("Code cannot be run on Windows itself. Choose Hugging Face Jobs to run it.")
    server = server or _running()
    if server.findings().level != "strong" and not weak_allowed() and not server.forced:
        raise SandboxUnavailable(REFUSAL)
    try:
        server.spawn(request, descriptors)
    except OSError as error:
        raise SandboxUnavailable(f"The sandbox's server does not answer: {error}") from error
