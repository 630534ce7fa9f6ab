"""The crib of the prompt says what the installed packages say, for any signature that Python allows."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import inspect
from pathlib import Path

import pytest

from intern.tools.crib import CALLS, Call, arguments, crib, line_of
from intern.tools.prompt import calls_here, system_prompt
from tests.tools.conftest import Desk
from tests.tools.conftest import desk as desk

SOURCE = '''
"""A module."""
from x import (
    y,
)


def plain(
    a, b: int = 3,  # why
    *, c: "dict[str, int] | None" = None, d: tuple[int, ...] = (1, 2),
) -> dict[str, int]:
    def inner(z): ...
    return {}


class Owner:
    @overload
    def act(self, old): ...

    def act(self, new: str = "a:b", **more) -> None:
        """not a def act(self, odd)."""


@dataclass
class Fields:
    """
    Notes: none
    """

    first: int = field(
        default=7, metadata={"help": "x"},
    )
    second: list[str] | None = field(default_factory=list)
    third: str = "s"

    def method(self): ...


class Derived(Fields):
    fourth: int = 1
'''


@pytest.fixture
def module(tmp_path: Path) -> Path:
    file = tmp_path / "module.py"
    file.write_text(SOURCE)
    return file


@pytest.mark.parametrize(
    ("name", "owner", "expected"),
    [
        ("plain", "", ({"a": "", "b": "=3", "c": "", "d": "=(1, 2)"}, True)),
        ("act", "Owner", ({"new": "='a:b'"}, False)),
        ("Fields", "", ({"first": "=7", "second": "", "third": "='s'"}, True)),
        ("Derived", "", ({"fourth": "=1"}, False)),
        ("nothing", "", None),
        ("act", "Nobody", None),
    ],
)
def test_arguments_are_read_from_the_source(module: Path, name, owner, expected):
    asked = ("first", "second", "third", "fourth")
    found = arguments(module, name, owner, asked)
    if found is not None:
        found = ({n: v for n, v in found[0].items() if n != "Notes"}, found[1])
    assert found == expected
    assert arguments(module.with_name("gone.py"), name) is None


def test_only_what_is_all_known_is_said_to_be_gone(module: Path):
    call = Call("plain", "p", "f", ("b", "x"))
    assert (
        line_of(call, {"b": "=3"}, True) == "plain(b=3; not: x)" and line_of(call, {"b": "=3"}, False) == "plain(b=3)"
    )


def test_it_says_what_python_itself_says_of_the_installed_packages():
    huggingface_hub = importlib.import_module("huggingface_hub")
    for call in CALLS:
        if call.package != "huggingface_hub":
            continue
        owner = getattr(huggingface_hub, call.owner) if call.owner else huggingface_hub
        real = inspect.signature(inspect.unwrap(getattr(owner, call.name))).parameters
        there = [name for name in call.asked if name in real]
        line = next(line for line in crib().splitlines() if line.strip().startswith("- huggingface_hub"))
        told = line.partition(f"{call.name}(")[2].partition(")")[0].partition("; not: ")[0]
        assert [part.partition("=")[0] for part in told.split(", ")] == there, call.name


def test_every_call_of_an_installed_package_is_found():
    """A release that moves one of them must be noticed here, not by a model."""
    for call in CALLS:
        if importlib.util.find_spec(call.package) is not None:
            assert f"{call.name}(" in crib(), (
                f"{call.package}/{call.file} has no {call.name} any more: name its new file"
            )


def test_fields_that_transformers_has_dropped_are_named_as_gone():
    transformers = pytest.importorskip("transformers.training_args")
    real = {field.name for field in dataclasses.fields(transformers.TrainingArguments)}
    (call,) = [c for c in CALLS if c.name == "TrainingArguments"]
    told = crib().partition("TrainingArguments(")[2].partition(");")[0]
    there, _, gone = told.partition("; not: ")
    assert [part.partition("=")[0] for part in there.split(", ")] == [n for n in call.asked if n in real]
    assert gone.split() == [n for n in call.asked if n not in real] and "evaluation_strategy" in gone


def test_the_prompt_has_it_and_the_same_each_time(desk: Desk):
    tools = list(desk.tools.values())
    assert (
        calls_here() in system_prompt(tools)
        and "transformers 5" in calls_here()
        and "{crib}" not in system_prompt(tools)
    )
    assert calls_here() not in system_prompt(tools, "short")
    before = system_prompt(tools)
    crib.cache_clear()
    assert system_prompt(tools) == before
