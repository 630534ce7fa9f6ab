"""Bombs: memory, processes, threads, disk, files, output; deadlines; what is left behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from intern.sandbox import make_session, pool
from intern.sandbox.plain import Session

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits are measured in /proc")
LIMITS = {"memory_mb": 300, "disk_mb": 60, "files": 400, "procs": 16, "output_mb": 3}


@pytest.fixture
def session():
    with make_session(LIMITS) as made:
        yield made


BOMBS = {
    "memory at once": ("x = bytearray(10**10)", "MemoryError"),
    "memory of several processes": (
        "import os, time\n"
        "for _ in range(4):\n"
        "    if os.fork() == 0:\n"
        "        x = bytearray(200 << 20)\n"
        "        x[::4096] = b'x' * len(x[::4096])\n"
        "        time.sleep(60); os._exit(0)\n"
        "time.sleep(60)",
        "more than 300 MB of memory",
    ),
    "shared memory": (
        "import mmap, time\nm = [mmap.mmap(-1, 50 << 20) for _ in range(10)]\nfor x in m: x.write(b'x' * (50 << 20))\n"
        "time.sleep(60)",
        "more than 300 MB of memory",
    ),
    "processes": ("import os, time\nwhile True:\n    if os.fork() == 0: time.sleep(60)", "more than 16 processes"),
    "a bomb of forks": ("import os\nwhile True: os.fork()", "more than 16 processes"),
    "threads": (
        "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        "(threads|new thread)",
    ),
    "one large file": (
        "f = open('big', 'wb')\nwhile True: f.write(bytes(1 << 20))",
        "(File too large|more than 60 MB)",
    ),
    "large files": (
        "for i in range(1000):\n    open(f'f{i}', 'wb').write(bytes(20 << 20))\nimport time; time.sleep(60)",
        "more than 60 MB",
    ),
    "deleted files": (
        "import os\nkept = []\nfor i in range(100):\n"
        "    f = open('f', 'wb'); f.write(bytes(20 << 20)); f.flush(); os.unlink('f'); kept.append(f)\n"
        "import time; time.sleep(60)",
        "more than 60 MB",
    ),
    "many files": ("for i in range(10**6): open(str(i), 'w').close()", "more than 400 files"),
    "output": ("while True: print('x' * 10000)", "printed more than 3 MB"),
    "output of children": ("import subprocess; subprocess.run('yes', shell=True)", "printed more than 3 MB"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_only_its_session(session, name):
    code, message = BOMBS[name]
    with make_session(LIMITS) as other:
        out, error = session.run(code, 90.0)
        assert error is not None
        assert re.search(message, error), error[-800:]
        assert len(out) < 3 << 20
        assert session.run("print(1)", 10) == ("1\n", None)
        assert other.run("print(2)", 10) == ("2\n", None)


def test_how_far_a_limit_is_overshot(session):
    session.run("for i in range(1000):\n    open(f'f{i}', 'wb').write(bytes(4 << 20))", 20.0)
    used = sum(p.stat().st_blocks * 512 for p in session.workdir.rglob("*"))
    assert used < 3 * 60 << 20


def test_a_folder_over_quota_may_be_tidied(session):
    session.run("for i in range(100):\n    open(f'f{i}', 'wb').write(bytes(20 << 20))", 20.0)
    assert session.run("import os\nfor f in os.listdir('.'):\n    if f[0] == 'f': os.unlink(f)\nprint('ok')", 10) == (
        "ok\n",
        None,
    )
    assert session.run("open('new', 'wb').write(bytes(1 << 20)); import time; time.sleep(1.5)", 10)[1] is None


DEADLINES = {
    "while True: pass": "kept",
    "import time; time.sleep(60)": "kept",
    "import re; re.match('(a+)+$', 'a' * 40 + 'b')": "kept",
    "sum(range(10**12))": "lost",
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass": "lost",
    "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)": "lost",
}
"""What runs too long, and whether the variables survive it: those that can be interrupted are, the others killed."""


def past_its_deadline(code: str) -> tuple[str, float, tuple[str, str | None]]:
    with make_session(LIMITS) as session:
        began = time.monotonic()
        _, error = session.run(code, 1.0)
        return error or "", time.monotonic() - began, session.run("print(3)", 10)


def test_deadlines():
    """All at once, as several users would."""
    with ThreadPoolExecutor(len(DEADLINES)) as users:
        ended = dict(zip(DEADLINES, users.map(past_its_deadline, DEADLINES), strict=True))
    for code, (error, seconds, after) in ended.items():
        assert "longer than 1 s" in error and f"ariables are {DEADLINES[code]}" in error, (code, error)
        assert seconds < (2.5 if DEADLINES[code] == "kept" else 4.5), (code, seconds)
        assert after == ("3\n", None)


def running(marker: str) -> bool:
    return subprocess.run(["pgrep", "-f", marker], capture_output=True).returncode == 0


DAEMON = """
import os, subprocess, time
for _ in range(2):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 99)
            os.execvp('sleep', ['sleep', '{marker}'])
        os._exit(0)
subprocess.Popen(['setsid', 'sleep', '{marker}'])
time.sleep(0.3)
"""


def test_nothing_survives_its_session(session):
    marker = f"9851{os.getpid()}"
    assert session.run(DAEMON.format(marker=marker), 10)[1] is None
    assert running(f"sleep {marker}")
    session.close()
    assert not running(f"sleep {marker}")
    assert not session.workdir.exists()


def test_nothing_survives_a_killed_guardian():
    marker = f"9852{os.getpid()}"
    with make_session() as session:
        session.run(DAEMON.format(marker=marker), 10)
        worker = next(pid for pid in _below(_forkserver()) if marker in _arguments(pid))
        guardian = _ancestor_below(worker, _forkserver())
        os.kill(guardian, 9)
        limit = time.monotonic() + 2
        while running(f"sleep {marker}") and time.monotonic() < limit:
            time.sleep(0.02)
        assert not running(f"sleep {marker}")
        assert "lost" in session.run("1", 10)[1]
        assert session.run("print(4)", 10) == ("4\n", None)


def _forkserver() -> int:
    assert pool._server is not None
    return pool._server.process.pid


def _below(pid: int) -> list[int]:
    from intern.sandbox import proctree

    return proctree.descendants(pid)


def _arguments(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def _ancestor_below(pid: int, top: int) -> int:
    while True:
        parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        if parent == top:
            return pid
        pid = parent


def test_the_forkserver_may_die(tmp_path):
    server = pool.Forkserver(())
    session = Session(server=server)
    server.process.kill()
    server.process.wait()
    assert session.run("print(5)", 5) == ("5\n", None)
    session.close()
    with pytest.raises(pool.SandboxUnavailable):
        Session(server=server)
    with make_session() as fresh:
        assert fresh.run("print(6)", 5) == ("6\n", None)
