"""The programs as modules, for what is quicker to test without a process of its own."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from intern.experiments.programs import FOLDER


def _load(name: str) -> Iterator[ModuleType]:
    # A program finds runtime.py beside it, as in a job's folder; the tests' own modules must not see that folder.
    sys.path.insert(0, str(FOLDER))
    try:
        yield importlib.import_module(name)
    finally:
        sys.path.remove(str(FOLDER))


@pytest.fixture(scope="session")
def runtime() -> Iterator[ModuleType]:
    yield from _load("runtime")


@pytest.fixture(scope="session")
def classification() -> Iterator[ModuleType]:
    yield from _load("text_classification")


@pytest.fixture(scope="session")
def translation() -> Iterator[ModuleType]:
    yield from _load("translation")


@pytest.fixture(scope="session")
def program_module() -> Callable[[str], ModuleType]:
    """Any program's file as a module."""
    return lambda name: next(_load(name))
