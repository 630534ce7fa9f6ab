"""Runs the table probes against one combination of layers and prints what happened as JSON.

`python -m tests.sandbox.escapes.suite [LANDLOCK SECCOMP NAMESPACES]`; without numbers: the best that this machine has.
Meant to run as an unprivileged user; see tests/sandbox/unprivileged.py.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import sys
import time

from intern.sandbox import pool
from intern.sandbox.plain import Session
from tests.sandbox.escapes import must_fail, must_work
from tests.sandbox.escapes.world import World

SECONDS = 15.0
PROBES_A_SESSION = 20
FRESH = ("inherited_descriptors", "memory_of_the_image", "own_environment")
TOO_HARMFUL = ("kill_guardian",)
HARM_A_PERSON = ("kill_everyone", "renice_user")
"""They reach every process of the user, who may be a person at work on this machine."""


class Sessions:
    """A session for each probe: the same one for some of them, each in a folder of its own, to save time."""

    def __init__(self, server: pool.Forkserver | None, world: World) -> None:
        self.server = server
        self.world = world
        self.session: Session | None = None
        self.used = 0

    def run(self, name: str, code: str, other: Session | None, seconds: float) -> tuple[str, str | None]:
        if self.session is None or self.used >= PROBES_A_SESSION or name in FRESH:
            self.close()
            self.session = Session(server=self.server, readonly=[self.world.data])
        self.used += 1
        workdir = self.session.workdir
        names = self.world.names(workdir, other.workdir if other else workdir)
        folder = f"import os\nos.makedirs({str(workdir / name)!r})\nos.chdir({str(workdir / name)!r})\n"
        return self.session.run(folder + names + code, seconds)

    def close(self) -> None:
        if self.session is not None:
            self.session.close()
        self.session, self.used = None, 0


def attack(server: pool.Forkserver | None, only: set[str]) -> dict[str, str]:
    """Every must-fail probe; name -> what broke out, for those that did."""
    world = World()
    sessions = Sessions(server, world)
    breaches: dict[str, str] = {}
    other = Session(server=server)
    other.run(f"open('other.txt', 'w').write({world.secret!r})", 5)
    try:
        for name, severity, code in must_fail.PROBES:
            if only and name not in only:
                continue
            out, error = sessions.run(name, code, other, SECONDS)
            if "socket" in code:
                time.sleep(0.05)  # a listener hears of it in its own time
            changed = world.changes()
            found = list(changed)
            if world.secret in out + (error or ""):
                found.append("the secret was read")
            if "BREACH" in out:
                found.append(out[out.index("BREACH") :][:200])
            if other.run("1", 5)[1] is not None:
                found.append("another session was harmed")
            if found:
                breaches[f"{severity} {name}"] = "; ".join(found)
                sessions.close()
                if changed:  # a world that was only read goes on
                    world.close()
                    world = sessions.world = World()
                other.run(f"open('other.txt', 'w').write({world.secret!r})", 5)
    finally:
        sessions.close()
        other.close()
        world.close()
    return breaches


def work(server: pool.Forkserver | None, only: set[str]) -> dict[str, str]:
    """Every must-work probe; name -> its error, for those that failed."""
    world = World(socket_file=False)
    sessions = Sessions(server, world)
    failures = {}
    try:
        for name, module, code in must_work.PROBES:
            if (only and name not in only) or (module and importlib.util.find_spec(module) is None):
                continue
            out, error = sessions.run(name, code + "\nprint('OK')", None, 120.0)
            if error is not None or not out.rstrip().endswith("OK"):
                failures[name] = (error or out)[-1500:]
    finally:
        sessions.close()
        world.close()
    return failures


def main(arguments: list[str]) -> None:
    numbers = [int(argument) for argument in arguments if argument.isdigit()]
    only = {argument for argument in arguments if not argument.isdigit()}
    part = only & {"fail", "work", "fail-only"}
    only -= part
    if numbers == [0, 0, 0]:
        # The probes against a careless executor: this shows that they do notice a breach.
        assert os.getuid() != 0, "not as root: one probe signals every process"
        for number in (signal.SIGUSR1, signal.SIGURG):
            signal.signal(number, signal.SIG_IGN)
        left_out = TOO_HARMFUL if os.environ.get("SCRATCH_USER") else TOO_HARMFUL + HARM_A_PERSON
        must_fail.PROBES[:] = [probe for probe in must_fail.PROBES if probe[0] not in left_out]
    forced = (numbers[0], numbers[1], numbers[2]) if numbers else None
    server = pool.Forkserver((), forced)
    began = time.monotonic()
    report = {"level": server.findings().level, "layers": str(server.findings().layers)}
    if "work" not in part:
        report["breaches"] = attack(server, only)
        report["attacks"] = len(must_fail.PROBES)
    if "fail" not in part:
        report["failures"] = work(server, only)
        report["works"] = len(must_work.PROBES)
    report["seconds"] = round(time.monotonic() - began, 1)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
