from __future__ import annotations

from pathlib import Path

import pytest

from intern.experiments import programs
from tests.experiments.samples import install_tiny


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny program as the only one there is; it runs for real."""
    folder = tmp_path / "programs"
    install_tiny(folder)
    monkeypatch.setattr(programs, "FOLDER", folder)
    return folder
