"""Jobs that really run: one supervised subprocess each, with volumes, logs, a deadline, attempts and a bill."""

from __future__ import annotations

import asyncio
import json
import math
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from tests.servers.hub import volumes
from tests.servers.hub.errors import HubError
from tests.servers.hub.hardware import FLAVORS
from tests.servers.hub.store import new_id, now

SUPERVISOR = Path(__file__).with_name("supervisor.py")
UV = Path(__file__).with_name("uv_shim.py")
TERMINAL = ("COMPLETED", "CANCELED", "ERROR", "DELETED")
WRITE_BACK_SECONDS = 1.0
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass
class Job:
    """A job. `body` is what clients see and what is stored; secrets' values live in memory only."""

    body: dict[str, Any]
    timeout: int
    attempts: int
    secrets: dict[str, str]
    environment: dict[str, str]
    lines: list[tuple[str, str]] = field(default_factory=list)
    process: asyncio.subprocess.Process | None = None
    stopping: str | None = None
    """Why the job is being ended before its time: "CANCELED" or "TIMEOUT"."""
    task: asyncio.Task[None] | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)
    began: float | None = None

    @property
    def stage(self) -> str:
        return str(self.body["status"]["stage"])

    @property
    def ended(self) -> bool:
        return self.stage in TERMINAL


class Runner:
    """All jobs of a server. Everything but the volumes' work happens on the event loop."""

    def __init__(self, hub: Any, namespaces: bool | None = None) -> None:
        self.hub = hub
        self.jobs: dict[str, Job] = {}
        self.namespaces = namespaces if namespaces is not None else can_unshare()
        self.closing = False
        self.schedule_seconds = 0.05
        """How long a job waits for its machine."""
        self.stage_lag_seconds = 0.0
        """How much later than the last line the final stage shows; about 1.3 at the real Hub."""

    def start(self) -> None:
        """Load what an earlier server left; jobs that were running then have died with it."""
        for row in self.hub.store.all("SELECT body FROM jobs ORDER BY created"):
            body = json.loads(row["body"])
            job = Job(body, 0, 1, {}, body["environment"])
            log = self.folder(body["id"]) / "log.jsonl"
            if log.exists():
                job.lines = [tuple(json.loads(line)) for line in log.read_text(encoding="utf-8").splitlines()]
            self.jobs[body["id"]] = job
            if not job.ended:
                self._stage(job, "ERROR", "The server was restarted")

    async def close(self) -> None:
        """End every job and wait for it."""
        self.closing = True
        running = [job for job in self.jobs.values() if job.task is not None and not job.task.done()]
        for job in running:
            await self.stop(job, "CANCELED")
        await asyncio.gather(*(job.task for job in running if job.task), return_exceptions=True)

    def folder(self, id: str) -> Path:
        return self.hub.store.root / "jobs" / id

    # -- life ------------------------------------------------------------------------------------------------

    def submit(
        self, body: dict[str, Any], timeout: int, attempts: int, secrets: dict[str, str], environment: dict[str, str]
    ) -> Job:
        """Start a job; `body` is its wire form without id, dates and status."""
        job = Job(body | {"id": new_id(), "createdAt": now()}, timeout, attempts, secrets, environment)
        job.body |= {"startedAt": None, "finishedAt": None, "status": {"stage": "SCHEDULING", "message": None}}
        self.jobs[job.body["id"]] = job
        self._save(job)
        job.task = asyncio.get_running_loop().create_task(self._life(job))
        return job

    async def stop(self, job: Job, reason: str) -> None:
        """End a job early; its task then settles the stage."""
        if job.ended or job.stopping:
            return
        job.stopping = reason
        job.news.set()
        if job.process is not None and job.process.stdin is not None:
            job.process.stdin.close()

    async def _life(self, job: Job) -> None:
        await asyncio.sleep(self.schedule_seconds)
        mounted: list[volumes.Volume] = []
        try:
            mounted = await asyncio.to_thread(self._prepare, job)
            code = 0
            for _ in range(job.attempts):
                if job.stopping:
                    break
                code = await self._attempt(job, mounted)
                if code == 0 or job.stopping:
                    break
            for volume in mounted if not self.closing else []:  # a server that ends takes no uploads any more
                await asyncio.to_thread(volumes.write_back, self.hub, volume, True)
            await asyncio.sleep(self.stage_lag_seconds)
            self._settle(job, code)
        except (volumes.MountError, HubError, OSError, RuntimeError) as error:
            self._stage(job, "ERROR", f"{error}" or type(error).__name__)
        finally:
            self._charge(job)
            for name in ("volumes", "root", "bin"):
                await asyncio.to_thread(shutil.rmtree, self.folder(job.body["id"]) / name, True)

    def _prepare(self, job: Job) -> list[volumes.Volume]:
        folder = self.folder(job.body["id"])
        for name in ("home", "root", "bin", "volumes"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name, arguments in (("python", ""), ("python3", ""), ("uv", f' "{UV}"')):
            wrapper = folder / "bin" / name
            wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}"{arguments} "$@"\n')
            wrapper.chmod(0o755)
        wanted = job.body.get("volumes") or []
        return [volumes.materialise(self.hub, folder / "volumes" / str(i), item) for i, item in enumerate(wanted)]

    def _spec(self, job: Job, mounted: list[volumes.Volume]) -> dict[str, Any]:
        folder, flavor = self.folder(job.body["id"]), FLAVORS[job.body["flavor"]]
        environment = {
            "PATH": f"{folder / 'bin'}:{SYSTEM_PATH}", "HOME": str(folder / "home"), "JOB_ID": job.body["id"],
            "ACCELERATOR": flavor.gpu or "", "CPU_CORES": str(flavor.cpu), "MEMORY": f"{flavor.ram}Gi",
            **job.environment, **job.secrets,
        }  # fmt: skip
        return {
            "command": [*job.body["command"], *job.body["arguments"]], "environment": environment, "cwd": str(folder / "home"),
            "mounts": [[str(v.folder), v.target, v.read_only] for v in mounted], "namespaces": self.namespaces,
            "root": str(folder / "root"), "hide": str(self.hub.store.root), "keep": [str(folder / "home"), str(folder / "bin")],
        }  # fmt: skip

    async def _attempt(self, job: Job, mounted: list[volumes.Volume]) -> int:
        """Run the command once; its exit status."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", str(SUPERVISOR), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True, env={"PATH": SYSTEM_PATH}, cwd="/", limit=2**20,
        )  # fmt: skip
        assert process.stdin is not None
        job.process = process
        process.stdin.write(json.dumps(self._spec(job, mounted)).encode() + b"\n")
        if job.began is None:
            job.began = time.monotonic()
            job.body["startedAt"] = now()
        self._stage(job, "RUNNING", None)
        self._log(job, f"===== Job started at {datetime.now(UTC):%Y-%m-%d %H:%M:%S} =====")
        if job.stopping:
            process.stdin.close()
        deadline = asyncio.get_running_loop().create_task(self._deadline(job))
        syncing = asyncio.get_running_loop().create_task(self._write_back(mounted))
        try:
            await self._read(job, process)
            return await process.wait()
        finally:
            for task in (deadline, syncing):
                task.cancel()
            await asyncio.gather(deadline, syncing, return_exceptions=True)
            job.process = None

    async def _read(self, job: Job, process: asyncio.subprocess.Process) -> None:
        """Pass the output on, line by line; a very long line comes in pieces."""
        assert process.stdout is not None
        left = b""
        while piece := await process.stdout.read(65536):
            *lines, left = (left + piece).split(b"\n")
            if len(left) > 65536:
                lines, left = [*lines, left], b""
            for line in lines:
                self._log(job, line.decode("utf-8", "replace").rstrip("\r"))
        if left:
            self._log(job, left.decode("utf-8", "replace"))

    async def _deadline(self, job: Job) -> None:
        assert job.began is not None
        await asyncio.sleep(max(0.0, job.began + job.timeout - time.monotonic()))
        await self.stop(job, "TIMEOUT")

    async def _write_back(self, mounted: list[volumes.Volume]) -> None:
        """Buckets follow the folders while the job runs."""
        while True:
            await asyncio.sleep(WRITE_BACK_SECONDS)
            for volume in mounted:
                await asyncio.to_thread(volumes.write_back, self.hub, volume, False)

    # -- record ----------------------------------------------------------------------------------------------

    def _settle(self, job: Job, code: int) -> None:
        if job.stopping == "CANCELED":
            self._stage(job, "CANCELED", None)
        elif job.stopping == "TIMEOUT":
            self._stage(job, "ERROR", "Job timeout")
        elif code == 0:
            self._stage(job, "COMPLETED", None)
        else:
            reason = {128: "StartError", 137: "OOMKilled"}.get(code, "Error")
            self._stage(job, "ERROR", f"Job failed with exit code: {code}. Reason: {reason}")

    def _stage(self, job: Job, stage: str, message: str | None) -> None:
        job.body["status"] = {"stage": stage, "message": message}
        if stage in TERMINAL:
            job.body["finishedAt"] = now()
        self._save(job)
        job.news.set()

    def _save(self, job: Job) -> None:
        body = job.body
        self.hub.store.run("INSERT OR REPLACE INTO jobs VALUES (?,?,?,?)", body["id"], body["owner"]["name"], body["createdAt"],
                           json.dumps(body))  # fmt: skip

    def _log(self, job: Job, line: str) -> None:
        job.lines.append((now(), line))
        with (self.folder(job.body["id"]) / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(job.lines[-1]) + "\n")
        job.news.set()

    def _charge(self, job: Job) -> None:
        """Bill every minute that was begun."""
        if job.began is None:
            return
        minutes = max(1, math.ceil((time.monotonic() - job.began) / 60))
        cost = minutes * FLAVORS[job.body["flavor"]].micro_usd_a_minute
        self.hub.store.run("UPDATE accounts SET credit=credit-? WHERE name=?", cost, job.body["owner"]["name"])

    # -- views -----------------------------------------------------------------------------------------------

    async def follow(self, job: Job) -> AsyncIterator[tuple[str, str] | None]:
        """All lines from the first, then new ones until the job has ended; None after 30 s without news."""
        at = 0
        while True:
            ended, job.news = job.ended, asyncio.Event() if job.news.is_set() else job.news
            while at < len(job.lines):
                yield job.lines[at]
                at += 1
            if ended:
                return
            try:
                await asyncio.wait_for(job.news.wait(), 30)
            except TimeoutError:
                yield None

    def usage(self, job: Job) -> dict[str, Any]:
        """What the job's processes use now, measured; the machine around them is this one."""
        flavor = FLAVORS[job.body["flavor"]]
        memory, cpu = 0, 0.0
        if job.process is not None and psutil.pid_exists(job.process.pid):
            for process in psutil.Process(job.process.pid).children(recursive=True):
                try:
                    memory += process.memory_info().rss
                    cpu += sum(process.cpu_times()[:2])
                except psutil.Error:
                    continue
        return {"cpu_seconds": cpu, "cpu_millicores": flavor.cpu * 1000, "memory_used_bytes": memory,
                "memory_total_bytes": flavor.ram * 2**30, "rx_bps": 0, "tx_bps": 0, "gpus": {},
                "replica": job.body["id"][-5:]}  # fmt: skip


def can_unshare() -> bool:
    """Whether jobs get a root of their own here; otherwise mount paths in commands and environment are rewritten."""
    if sys.platform != "linux" or not re.match(r"\d", os.uname().release):
        return False
    code = (
        f"import sys; sys.path.insert(0, {str(SUPERVISOR.parent)!r})\n"
        "import supervisor, pathlib, tempfile\n"
        "supervisor.own_namespace()\n"
        "supervisor.mount('none', pathlib.Path(tempfile.mkdtemp()), 'tmpfs', 0)\n"
    )
    return subprocess.run([sys.executable, "-I", "-c", code], capture_output=True).returncode == 0
