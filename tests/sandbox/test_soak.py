"""Many sessions opened, used and killed: nothing is left behind. INTERN_SOAK=200 for the long form."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from intern.sandbox import make_session, pool
from intern.sandbox.plain import work_root

SESSIONS = int(os.environ.get("INTERN_SOAK", "18"))
USES = (
    "x = [0] * 1000",
    "import subprocess; subprocess.Popen(['setsid', 'sleep', '9876'])",
    "import os\nif os.fork() == 0:\n    os.setsid()\n    import time; time.sleep(999)",
    "open('f', 'w').write('x' * 100000)",
    "from multiprocessing import shared_memory; s = shared_memory.SharedMemory(create=True, size=10000)",
    "import os; os._exit(1)",
    "import os; os.kill(os.getpid(), 9)",
    "import os; os.write(3, b'\\xff' * 8)",
    "1 / 0",
)


def _descriptors(pid: int) -> int:
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except PermissionError:
        return 0  # it protects itself from everyone but root


def measure() -> dict[str, int]:
    assert pool._server is not None
    server = psutil.Process(pool._server.process.pid)
    return {
        "descriptors of the host": len(list(Path("/proc/self/fd").iterdir())),
        "threads of the host": threading.active_count(),
        "processes": len(server.children(recursive=True)),
        "descriptors of the forkserver": _descriptors(server.pid),
        "folders": len(list(work_root().iterdir())),
        "shared memory": len(list(Path("/dev/shm").iterdir())),
        "host MB": psutil.Process().memory_info().rss >> 20,
        "forkserver MB": server.memory_info().rss >> 20,
    }


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_is_left_behind():
    with make_session() as first:
        first.run("1", 5)
    time.sleep(1.0)
    before = measure()
    for number in range(SESSIONS):
        session = make_session({"memory_mb": 500})
        session.run(USES[number % len(USES)], 5)
        if number % 3:
            session.run("print(1)", 5)
        session.close()
    time.sleep(1.0)
    after = measure()
    for name, value in after.items():
        allowed = 8 if name.endswith("MB") else 0
        assert value <= before[name] + allowed, (name, before, after)


if __name__ == "__main__":  # python -m tests.sandbox.test_soak: the numbers, also as another user
    began = time.monotonic()
    test_nothing_is_left_behind()
    print(SESSIONS, "sessions,", round(time.monotonic() - began, 1), "s,", measure())
