"""Stands in for the conftest.py that huggingface_hub's sdist leaves out; copied beside its tests by python_suite.py.

Fixtures of our own making with the names and meaning that those tests use.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import HfApi, constants
from huggingface_hub.errors import RepositoryNotFoundError

from . import testing_constants

ENDPOINT = os.environ["HF_ENDPOINT"]
testing_constants.ENDPOINT_STAGING = ENDPOINT
RepoFactory = Callable[..., Any]


@pytest.fixture(scope="session")
def api() -> HfApi:
    return HfApi(endpoint=ENDPOINT, token=testing_constants.TOKEN)


@pytest.fixture
def repo_factory(api: HfApi) -> Iterator[RepoFactory]:
    """Makes repositories, and deletes them afterwards."""
    from .testing_utils import repo_name

    made: list[tuple[str, str, str | None]] = []

    def make(repo_type: str = "model", *, repo_id: str | None = None, token: str | None = None, **options: Any) -> Any:
        if repo_type == "space":
            options.setdefault("space_sdk", "static")
        url = api.create_repo(repo_id or repo_name(prefix=repo_type), repo_type=repo_type, token=token, **options)
        made.append((url.repo_id, repo_type, token))
        return url

    yield make
    for repo_id, repo_type, token in made:
        with contextlib.suppress(RepositoryNotFoundError):
            api.delete_repo(repo_id, repo_type=repo_type, token=token)


@pytest.fixture(autouse=True)
def own_caches(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has a cache and a token file of its own."""
    home = tmp_path_factory.mktemp("hf")
    for name, path in (("HF_HOME", home), ("HF_HUB_CACHE", home / "hub"), ("HF_ASSETS_CACHE", home / "assets"),
                       ("HF_TOKEN_PATH", home / "token"), ("HF_STORED_TOKENS_PATH", home / "stored_tokens"),
                       ("HUGGINGFACE_HUB_CACHE", home / "hub")):  # fmt: skip
        monkeypatch.setattr(constants, name, str(path), raising=False)


@pytest.fixture(autouse=True)
def fx_cache_dir(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """`self.cache_dir` and `self.cache_dir_str` for classes that ask for them."""
    if request.cls is not None:
        request.cls.cache_dir = tmp_path / "cache_dir"
        request.cls.cache_dir.mkdir(exist_ok=True)
        request.cls.cache_dir_str = str(request.cls.cache_dir)
    yield
    shutil.rmtree(tmp_path / "cache_dir", ignore_errors=True)


@pytest.fixture(autouse=True)
def xet_mode(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.node.get_closest_marker("no_xet"):
        pytest.skip("runs without hf_xet only")
    if request.node.get_closest_marker("xet"):
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", False)


@pytest.fixture(autouse=True)
def quiet_experiments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_EXPERIMENTAL_WARNING", True)
