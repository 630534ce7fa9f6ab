from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from intern.experiments import programs
from tests.experiments.samples import install_tiny


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny program as the only one there is; it runs for real."""
    folder = tmp_path / "programs"
    install_tiny(folder)
    monkeypatch.setattr(programs, "FOLDER", folder)
    return folder


@pytest.fixture
def png() -> Callable[..., bytes]:
    """Encode a picture of one grey shade."""

    def encode(shade: int, size: tuple[int, int] = (4, 4)) -> bytes:
        written = io.BytesIO()
        Image.new("L", size, shade).save(written, "PNG", pnginfo=None)
        return written.getvalue()

    return encode
