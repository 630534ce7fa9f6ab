"""The house is enforced: who may import whom, style, types, and the shape of the repository."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["lint-imports"], ["mypy"]],
    ids=["lint", "format", "arrows", "types"],
)
def test_checker_is_content(command: list[str]) -> None:
    tool = BIN / command[0]
    program = str(tool) if tool.exists() else shutil.which(command[0])
    assert program, f"{command[0]} is not installed: pip install -r requirements-dev.txt"
    done = subprocess.run([program, *command[1:]], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_app_starts_without_heavy_libraries() -> None:
    """torch, transformers and datasets load in workers, so that the page is there at once."""
    code = "import sys, app; print(sorted({'torch', 'transformers', 'datasets', 'smolagents', 'pymupdf'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip().splitlines()[-1] == "[]", done.stdout + done.stderr


def test_readme_is_a_space_card() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    card = yaml.safe_load(text.split("---")[1])
    assert card["sdk"] == "gradio"
    assert card["sdk_version"] == "6.31.0"
    assert card["app_file"] == "app.py"
    assert str(card["python_version"]) == "3.12"
    assert card["hf_oauth"] is True
    wanted = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert f"gradio[mcp,oauth]=={card['sdk_version']}" in wanted


SHIPS_AS_ONE_FILE = ROOT / "intern" / "experiments" / "programs"


def test_no_file_is_more_than_one_idea() -> None:
    """Few files pass 400 lines, none 480; training programs travel as single files and may be longer."""
    sizes = {p: len(p.read_text(encoding="utf-8").splitlines()) for p in ROOT.glob("intern/**/*.py")}
    long = {str(p.relative_to(ROOT)): n for p, n in sizes.items() if n > 400 and p.parent != SHIPS_AS_ONE_FILE}
    assert len(long) <= 5, long
    assert all(n <= 480 for n in long.values()), long
