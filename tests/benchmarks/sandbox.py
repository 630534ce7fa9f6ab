"""What the sandbox costs: start, round trip, tool call, kill, training inside and outside, memory of an idle session.

`python -m tests.benchmarks.sandbox [--json FILE]`. Everything in one run, with plain Python in a subprocess and
smolagents' LocalPythonExecutor beside it. CPU ratios are of CPU time, interleaved, so that a busy machine does not
count; latencies are wall time, so it does: the load is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from smolagents import Tool
from smolagents.local_python_executor import LocalPythonExecutor

from intern.sandbox import pool
from intern.sandbox.executor import SandboxExecutor
from intern.sandbox.plain import Session
from intern.sandbox.proctree import descendants
from intern.settings import SandboxLimits

TRAIN = """
import os, time, torch
torch.manual_seed(0); torch.set_num_threads(1)
x = torch.randn(4096, 256); y = torch.randint(0, 10, (4096,))
model = torch.nn.Sequential(torch.nn.Linear(256, 512), torch.nn.ReLU(), torch.nn.Linear(512, 10))
optimizer = torch.optim.Adam(model.parameters())
start = time.process_time()
for step in range({steps}):
    i = torch.randint(0, 4096, (256,))
    loss = torch.nn.functional.cross_entropy(model(x[i]), y[i])
    optimizer.zero_grad(); loss.backward(); optimizer.step()
print(time.process_time() - start)
"""


class Echo(Tool):
    name = "echo"
    description = "Gives back what it gets."
    inputs = {"value": {"type": "integer", "description": "anything"}}  # noqa: RUF012
    output_type = "integer"

    def forward(self, value):
        return value


def timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - began)


def summary(milliseconds: list[float]) -> dict[str, float]:
    ordered = sorted(milliseconds)
    return {
        "p50_ms": round(statistics.median(ordered), 3),
        "p95_ms": round(ordered[int(0.95 * (len(ordered) - 1))], 3),
        "n": len(ordered),
    }


def starts(pause: float, count: int) -> dict[str, float]:
    """Time until a session is ready; `pause` seconds between two, in which the forkserver prepares the next."""
    taken = []
    for _ in range(count):
        time.sleep(pause)
        began = time.perf_counter()
        session = Session()
        taken.append(1000 * (time.perf_counter() - began))
        session.close()
    return summary(taken)


def kills(code: str, count: int) -> dict[str, float]:
    """Time to end a session and everything that it started."""
    taken = []
    for _ in range(count):
        session = Session({"procs": 80})
        session.run(code, 20)
        taken.append(timed(session.close))
    return summary(taken)


def round_trips(folder: Path, count: int) -> dict[str, object]:
    executor = SandboxExecutor(folder / "rpc", SandboxLimits(), None, threading.Event(), 60.0)
    executor.send_tools({"echo": Echo()})
    executor("pass")
    local = LocalPythonExecutor(["*"])
    local.send_tools({"echo": Echo()})
    found: dict[str, object] = {"run": summary([timed(lambda: executor("pass")) for _ in range(count)])}
    found["run, LocalPythonExecutor"] = summary([timed(lambda: local("pass")) for _ in range(count)])
    calls = (
        "import time\nt = []\n"
        f"for i in range({count}):\n    s = time.perf_counter(); echo(i); t.append(1000 * (time.perf_counter() - s))\nt"
    )
    found["tool call"] = summary(executor(calls).output)
    loop = "total = 0\nfor i in range(200000): total += i * i"
    found["python loop"] = {"sandbox_ms": timed(lambda: executor(loop)), "local_ms": timed(lambda: local(loop))}
    executor.cleanup()
    return found


def training(rounds: int, steps: int) -> dict[str, float]:
    """CPU seconds of the same training inside and outside, in turns."""
    code = TRAIN.format(steps=steps)
    inside, outside = [], []
    with Session({"memory_mb": 4096}) as session:
        environment = {"OMP_WAIT_POLICY": "PASSIVE"} | {
            k: os.environ[k] for k in ("PATH", "PYTHONPATH") if k in os.environ
        }
        for _ in range(rounds):
            out, error = session.run(code, 300)
            assert error is None, error
            inside.append(float(out))
            plain = subprocess.run(
                [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
            )
            outside.append(float(plain.stdout))
    ratios = [out / inn for inn, out in zip(inside, outside, strict=True)]
    return {
        "inside_s": round(min(inside), 3),
        "outside_s": round(min(outside), 3),
        "speed_ratio_of_the_best": round(min(outside) / min(inside), 3),
        "speed_ratio_median": round(statistics.median(ratios), 3),
    }


def memory(count: int) -> dict[str, float]:
    """PSS of one idle session: its guardian, worker and process 1, after one step."""

    def total(pids: list[int]) -> float:
        size = 0
        for pid in pids:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            size += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return size / 1024

    assert pool._server is not None
    server = pool._server.process.pid
    time.sleep(1)
    before = total([server, *descendants(server)])
    sessions = [Session() for _ in range(count)]
    for session in sessions:
        session.run("x = 1", 5)
    time.sleep(1)
    after = total([server, *descendants(server)])
    for session in sessions:
        session.close()
    return {"mb_a_session": round((after - before) / count, 1), "n": count}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--quick", action="store_true", help="a tenth of the repetitions")
    arguments = parser.parse_args()
    scale = 1 if arguments.quick else 10
    report: dict[str, object] = {"load_before": os.getloadavg()}
    bare = [timed(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True)) for _ in range(2 * scale)]
    report["subprocess of plain python"] = summary(bare)
    began = time.perf_counter()
    pool.warm()
    Session().close()
    report["first session from cold, all libraries, ms"] = round(1000 * (time.perf_counter() - began))
    report["isolation"] = str(pool.findings().layers)
    report["session ready, half a second apart"] = starts(0.5, 4 * scale)
    report["session ready, back to back"] = starts(0.0, 4 * scale)
    report["kill, idle"] = kills("pass", 2 * scale)
    report["kill, 21 detached"] = kills(
        "import subprocess\nfor _ in range(21): subprocess.Popen(['setsid', 'sleep', '1000'])", scale
    )
    with tempfile.TemporaryDirectory() as folder:
        report["round trips"] = round_trips(Path(folder), 100 * scale)
    report["torch training"] = training(1 + scale // 2, 40 * scale)
    if os.getuid() == 0:  # the forkserver does not let anybody else look
        report["idle memory"] = memory(scale)
    report["load_after"] = os.getloadavg()
    text = json.dumps(report, indent=1)
    if arguments.json:
        arguments.json.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
