"""What `detect` finds on platforms that refuse things, emulated by a filter around the host."""

from __future__ import annotations

import json
import sys

import pytest

from intern.sandbox import landlock
from tests.sandbox import unprivileged

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the layers are Linux's")


def found(kinds: str, **variables: str) -> dict:
    done = unprivileged.run("tests.sandbox.emulate", kinds, **variables)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.skipif(landlock.abi() < 1, reason="this kernel has no Landlock")
def test_docker_leaves_landlock():
    report = found("docker")
    assert report["level"] == "strong" and "no namespaces" in report["line"] and "Landlock" in report["line"]
    assert report["ran"] == ["42\n", None]


def test_nothing_to_hold_with_is_weak_and_refused():
    report = found("docker,no-landlock")
    assert report["level"] == "weak"
    assert "a file outside can be read" in report["missing"]
    assert "code execution is off" in report["line"] and "code execution is off" in report["ran"][1]


def test_consent_allows_weak_with_a_warning():
    report = found("docker,no-landlock", INTERN_ALLOW_WEAK_SANDBOX="1")
    assert report["level"] == "weak" and "can read your files" in report["line"]
    assert report["ran"] == ["42\n", None]


def test_a_space_has_several_users_so_consent_does_not_count():
    report = found("docker,no-landlock", INTERN_ALLOW_WEAK_SANDBOX="1", SPACE_ID="someone/intern")
    assert "code execution is off" in report["ran"][1]


def test_without_seccomp_nothing_is_strong():
    report = found("no-seccomp")
    assert report["level"] == "weak" and "code execution is off" in report["ran"][1]
