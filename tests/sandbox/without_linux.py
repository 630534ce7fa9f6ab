"""Uses sessions and jobs as on a system that has nothing of Linux's, and prints what happened as JSON.

`INTERN_SANDBOX_EMULATE=macos INTERN_ALLOW_WEAK_SANDBOX=1 python -m tests.sandbox.without_linux`.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from intern.sandbox import make_session, pool
from intern.sandbox.detect import detect
from intern.sandbox.jobs import launch_job
from intern.settings import JobLimits

LIMITS = {"memory_mb": 200, "disk_mb": 30, "files": 300, "procs": 8, "output_mb": 2}
STRAYS = """
import os, subprocess, time
subprocess.Popen(['sleep', '{marker}'], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    os.execvp('sleep', ['sleep', '{marker}'])
time.sleep(1.0)
"""


def left(marker: str, seconds: float = 3.0) -> int:
    """How many processes with this argument are still there after a while."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        alive = 0
        for process in psutil.process_iter(["cmdline", "status"]):
            alive += marker in (process.info["cmdline"] or []) and process.info["status"] != psutil.STATUS_ZOMBIE
        if alive == 0:
            break
        time.sleep(0.05)
    return alive


def timed(session, code: str, seconds: float) -> list:
    began = time.monotonic()
    out, error = session.run(code, seconds)
    return [out, error, round(time.monotonic() - began, 2)]


def sessions() -> dict:
    marker = f"97{os.getpid()}"
    found: dict = {}
    with make_session(LIMITS) as session:
        found["state"] = [session.run("x = 41; print('up')", 20), session.run("print(x + 1)", 10)]
        found["secret"] = session.run("import os; print('hf_secret' in str(dict(os.environ)))", 10)[0]
        found["loop"] = timed(session, "while True: pass", 1.0)
        found["kept"] = session.run("print(x)", 10)[0]
        found["deaf"] = timed(session, "import signal; signal.signal(2, signal.SIG_IGN)\nwhile True: pass", 1.0)
        found["crash"] = [session.run("import os; os._exit(3)", 10)[1], session.run("print('again')", 20)[0]]
        found["memory"] = session.run("b = b'x' * (400 << 20)\nimport time; time.sleep(30)", 60)[1]
        found["disk"] = session.run(
            "for n in range(20): open(f'f{n}', 'wb').write(b'x' * (5 << 20))\nimport time; time.sleep(30)", 60
        )[1]
    with make_session(LIMITS) as session:
        found["processes"] = session.run(
            "import subprocess, time\np = [subprocess.Popen(['sleep', '30']) for _ in range(12)]\ntime.sleep(30)", 60
        )[1]
        found["strays"] = session.run(STRAYS.format(marker=marker), 10)[1]
        found["alive"] = left(marker, 0.1)
    found["left"] = left(marker)
    return found


def jobs() -> dict:
    found: dict = {}
    with tempfile.TemporaryDirectory() as base:
        folder, log = Path(base, "job"), Path(base, "job.log")
        folder.mkdir()
        program = folder / "program.py"
        options: dict = {"threads": 1, "limits": JobLimits(memory_mb=300), "log": log}
        program.write_text("import os, sys\nprint(os.getcwd(), 'HF_TOKEN' in os.environ)\nsys.exit(7)\n")
        found["status"] = launch_job([sys.executable, "program.py"], folder, **options).wait(30)
        found["log"] = log.read_text() == f"{folder.resolve()} False\n" or log.read_text()
        program.write_text("import time\nx = b'x' * (600 << 20)\ntime.sleep(9)\n")
        job = launch_job([sys.executable, "program.py"], folder, **options)
        found["memory"] = [job.wait(30), job.reason]
        marker = f"98{os.getpid()}"
        program.write_text(f"import subprocess\nsubprocess.Popen(['setsid', 'sleep', '{marker}']).wait()\n")
        job = launch_job([sys.executable, "program.py"], folder, **options)
        limit = time.monotonic() + 20
        while left(marker, 0.05) == 0 and time.monotonic() < limit:
            time.sleep(0.05)
        time.sleep(0.5)  # the watchdog, too, must have seen it
        found["alive"] = left(marker, 0.1)
        job.kill()
        found["left"] = [job.poll(), left(marker)]
    return found


def main() -> None:
    if sys.argv[1:] == ["host"]:  # is killed by the test while its session runs
        session = make_session(LIMITS)
        print(json.dumps(session.run(STRAYS.format(marker=f"96{os.getpid()}"), 10)), flush=True)
        time.sleep(60)
    report: dict = {"isolation": [detect().level, detect().allowed, detect().line], "forkserver": False}
    os.environ["HF_TOKEN"] = "hf_secret"
    if detect().allowed:
        with ThreadPoolExecutor(2) as both:
            work = {"sessions": both.submit(sessions), "jobs": both.submit(jobs)}
        report |= {name: future.result() for name, future in work.items()}
        report |= {"warm": pool.warm_up(), "forkserver": bool(pool._server)}
    else:
        try:
            make_session()
        except pool.SandboxUnavailable as error:
            report["refused"] = str(error)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
