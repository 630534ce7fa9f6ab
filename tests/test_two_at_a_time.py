"""`python -m pytest -n 2`: what wants to be alone is alone, and who waits for it is not timed out meanwhile."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

ALONE = """
import time, pytest
from conftest import alone
pytestmark = pytest.mark.alone

@pytest.fixture(scope="module")
def whole():
    with alone(), open("log", "a") as log:
        print("alone", file=log, flush=True)
        time.sleep(2.5)
        print("alone", file=log, flush=True)

def test_it(whole):
    pass
"""
OTHERS = """
import time, pytest

@pytest.mark.timeout(2)
@pytest.mark.parametrize("n", range(8))
def test_it(n):
    with open("log", "a") as log:
        print("other", file=log, flush=True)
        time.sleep(0.3)
        print("other", file=log, flush=True)
"""


def test_who_wants_to_be_alone_is_alone(tmp_path: Path) -> None:
    pytest.importorskip("xdist")
    shutil.copyfile(ROOT / "tests" / "conftest.py", tmp_path / "conftest.py")
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    (tmp_path / "test_a.py").write_text(OTHERS)
    (tmp_path / "test_b.py").write_text(ALONE)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "2", "-p", "no:cacheprovider", "."],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0 and "9 passed" in done.stdout, done.stdout
    lines = (tmp_path / "log").read_text().split()
    first = lines.index("alone")
    assert lines[first + 1] == "alone", lines
    assert lines.count("other") == 16
