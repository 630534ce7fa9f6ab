"""Other people's tests against the loopback Hub (slow, and they need pip and npm): the counts must not fall."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.hub.process import PROJECT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not os.environ.get("HUB_CONFORMANCE"), reason="HUB_CONFORMANCE=1 runs the clients' own test suites"
    ),
]

ENOUGH_PYTHON = 1290
"""Passed of 1,325 with huggingface_hub 2.4.0; README.md in the server's folder says what the others lack."""
ENOUGH_NPM = 26
"""Passed of 39 with @huggingface/hub 2.17.5; eleven of the others fetch pages of the real Hub."""


def run(module: str, folder: Path) -> str:
    command = [sys.executable, "-m", f"tests.servers.hub.conformance.{module}", "--keep", str(folder)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout


def test_the_python_clients_own_suite(tmp_path: Path) -> None:
    pytest.importorskip("pytest_mock", reason="pip install pytest-mock")
    found = re.search(r"^all\s+(\d+) passed", output := run("python_suite", tmp_path), re.MULTILINE)
    assert found and int(found[1]) >= ENOUGH_PYTHON, output


@pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")
def test_the_npm_clients_own_specs(tmp_path: Path) -> None:
    output = run("npm_suite", tmp_path)
    specs = re.search(r"^specs\s+(\d+) passed", output, re.MULTILINE)
    own = re.search(r"^our own calls\s+(\d+) passed\s+(\d+) failed", output, re.MULTILINE)
    assert specs and int(specs[1]) >= ENOUGH_NPM and own and own[2] == "0", output
