"""The escape suite against the layers together and alone, as an unprivileged user (and once as root, if we are)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from intern.sandbox import landlock
from tests.sandbox import unprivileged
from tests.sandbox.escapes import must_fail, must_work

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the layers are Linux's")
ABI = landlock.abi()
KNOWN_PATHS = {"low stat_known_path"}
"""Without namespaces, whether a known path exists can be seen."""


def spaces() -> bool:
    """May an unprivileged user make namespaces here?"""
    probe = unprivileged.run("tests.sandbox.emulate", "no-landlock")
    return probe.returncode == 0 and json.loads(probe.stdout)["level"] == "strong"


LIGHT = [name for name, module, _ in must_work.PROBES if module in ("", "numpy")]
NEEDS_SECCOMP = {"udp", "mptcp", "sysv_memory", "socket_file", "chmod_data", "prlimit"}
MODES: dict[str, list[str]] = {
    "the best": ["fail"],
    "work": ["work"],
    **{f"Landlock {version}": [str(version), "1", "0", "fail"] for version in {1, 4, 7} if version <= ABI},
    "namespaces": ["0", "1", "1", "fail"],
    "no seccomp": [str(ABI), "0", "0", "fail", *NEEDS_SECCOMP],
    **{f"work, Landlock {version}": [str(version), "1", "0", "work", *LIGHT, "data_loader"] for version in {1, ABI}},
}


def suite(*arguments: str) -> dict:
    done = unprivileged.run("tests.sandbox.escapes.suite", *arguments)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def reports() -> Iterator[Callable[[str], dict]]:
    """What the suite says of a mode. Two modes run at a time, ahead of the tests that ask for them."""
    with ThreadPoolExecutor(2) as ahead:
        started = {name: ahead.submit(suite, *arguments) for name, arguments in MODES.items()}
        yield lambda name: started[name].result()
        for future in started.values():
            future.cancel()


def test_the_tables_are_large_enough():
    assert len(must_fail.PROBES) >= 60 and len(must_work.PROBES) >= 25
    for table in (must_fail.PROBES, must_work.PROBES):
        names = [name for name, _, _ in table]
        assert len(set(names)) == len(names)


def test_the_probes_notice_a_breach():
    """Against a careless executor most probes fire; the others concern what even that one does not allow."""
    report = suite("0", "0", "0", "fail")
    assert len(report["breaches"]) >= 60, sorted(report["breaches"])


def test_the_best_layers_hold(reports):
    report = reports("the best")
    if report["level"] != "strong":
        pytest.skip(f"this machine isolates {report['level']}ly: {report['layers']}")
    assert set(report["breaches"]) <= (set() if "namespaces=True" in report["layers"] else KNOWN_PATHS), report


@pytest.mark.parametrize("version", sorted({1, 4, 7}))
def test_landlock_and_seccomp_hold_alone(version, reports):
    if version > ABI:
        pytest.skip(f"this kernel has Landlock {ABI}")
    assert set(reports(f"Landlock {version}")["breaches"]) <= KNOWN_PATHS


def test_namespaces_and_seccomp_hold_alone(reports):
    if not spaces():
        pytest.skip("no unprivileged user namespaces here")
    assert reports("namespaces")["breaches"] == {}


def test_landlock_needs_seccomp(reports):
    """Why both: alone it lets the network's other doors, System V memory and modes through."""
    if ABI < 6:
        pytest.skip(f"this kernel has Landlock {ABI}")
    breaches = {name.split()[1] for name in reports("no seccomp")["breaches"]}
    assert breaches >= {"udp", "socket_file", "sysv_memory"}


def test_ordinary_work_is_possible(reports):
    assert reports("work")["failures"] == {}


def test_ordinary_work_is_possible_without_namespaces(reports):
    if ABI < 1:
        pytest.skip("this kernel has no Landlock")
    for version in {1, ABI}:
        assert reports(f"work, Landlock {version}")["failures"] == {}


@pytest.mark.skipif(os.getuid() != 0, reason="only when the host is root")
def test_a_host_that_is_root():
    done = subprocess.run(
        [sys.executable, "-m", "tests.sandbox.escapes.suite", "fail"],
        cwd=unprivileged.ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    report = json.loads(done.stdout)
    if report["level"] != "strong":
        pytest.skip(f"this machine isolates {report['level']}ly")
    assert set(report["breaches"]) <= KNOWN_PATHS, report
