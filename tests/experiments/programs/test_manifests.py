"""The manifests say what the programs really take."""

from __future__ import annotations

import re
import shutil
import tomllib
from dataclasses import asdict

import pytest

from intern.experiments import programs
from intern.experiments.metrics import SCORERS
from intern.experiments.programs import load_manifests, program_files, program_hash

NAMES = sorted(load_manifests())
FAMILIES = {
    "text_classification": "text-classification", "translation": "translation", "image_mlp": "image-classification",
    "image_cnn": "image-classification", "image_vit": "image-classification", "distillation": "image-classification",
    "language_model": "text-generation", "text_transformer": "text-classification",
    "tabular_classification": "tabular-classification", "tabular_regression": "tabular-regression",
    "fine_tuning": "text-classification", "fine_tuning_lora": "text-classification",
    "language_model_tuning": "text-generation", "language_model_tuning_lora": "text-generation",
}  # fmt: skip


@pytest.fixture
def settings_of(program_module):
    """The dataclass of settings of a program's file, by manifest."""
    return lambda name: program_module(program_files(name)[0].stem).Hyperparameters


def test_there_is_a_manifest_for_each_family():
    manifests = load_manifests()
    assert {name: m.task for name, m in manifests.items()} == FAMILIES
    for name, manifest in manifests.items():
        assert manifest.name == name
        assert [file.name for file in program_files(name)] == [f"{manifest.file or name}.py", "runtime.py"]
        assert all(file.is_file() for file in program_files(name))
        assert all(word == word.lower() for word in manifest.describes)
        assert {metric.name for metric in manifest.metrics} <= set(SCORERS), "the harness could not score it"
        for metric in manifest.metrics:
            assert (metric.direction == "higher") == SCORERS[metric.name].higher_is_better
        assert sum(metric.primary for metric in manifest.metrics) == 1
        assert all(parameter.reason for parameter in manifest.parameters)


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_those_of_the_program(name, settings_of):
    """A program with a manifest of its own has all its settings in it; one file may serve several methods."""
    kind, manifest = settings_of(name), load_manifests()[name]
    own = {parameter.name: parameter.default for parameter in manifest.parameters}
    known = asdict(kind())
    assert set(own) <= set(known) and {n: type(v) for n, v in own.items()} == {n: type(known[n]) for n in own}
    if not manifest.file:
        assert own == known
    kind(**own).check()


@pytest.mark.parametrize("name", NAMES)
def test_small_values_are_accepted_and_not_larger(name, settings_of, runtime):
    parameters = load_manifests()[name].parameters
    small = {p.name: p.default if p.small is None else p.small for p in parameters}
    runtime.settings_from(settings_of(name), small).check()
    for parameter in parameters:
        if isinstance(parameter.small, int | float) and not isinstance(parameter.small, bool):
            assert parameter.small < parameter.default or parameter.name == "lr_factor"


@pytest.mark.parametrize("name", NAMES)
def test_every_choice_is_accepted(name, settings_of, runtime):
    texts = [parameter for parameter in load_manifests()[name].parameters if isinstance(parameter.default, str)]
    for parameter in texts:
        assert parameter.default in parameter.choices
        for choice in parameter.choices:
            runtime.settings_from(settings_of(name), {parameter.name: choice}).check()


@pytest.mark.parametrize("name", NAMES)
def test_requirements_are_those_in_the_file_itself(name):
    text = program_files(name)[0].read_text()
    header = re.search(r"^# /// script\n((?:#.*\n)+?)# ///$", text, re.M)
    assert header
    declared = tomllib.loads("".join(line.removeprefix("#").strip() + "\n" for line in header[1].splitlines()))
    assert declared["dependencies"] == load_manifests()[name].requirements
    assert all("<" in requirement for requirement in declared["dependencies"]), "unbounded"


def test_the_hash_changes_with_either_file(tmp_path, monkeypatch):
    names = ["text_classification", "translation"]
    for file in {*program_files("translation"), *program_files("text_classification")}:
        shutil.copy(file, tmp_path)
    for name in names:
        shutil.copy(programs.FOLDER / f"{name}.yaml", tmp_path)
    before = [program_hash(name) for name in names]
    monkeypatch.setattr(programs, "FOLDER", tmp_path)
    monkeypatch.setattr(programs, "RUNTIME", tmp_path / "runtime.py")
    assert [program_hash(name) for name in names] == before
    with (tmp_path / "translation.py").open("a") as file:
        file.write("# changed\n")
    changed = [program_hash(name) for name in names]
    assert changed[1] != before[1] and changed[0] == before[0]
    with (tmp_path / "runtime.py").open("a") as file:
        file.write("# changed\n")
    assert not set(before) & {program_hash(name) for name in names}


def test_unknown_program():
    with pytest.raises(KeyError, match="no_such"):
        program_files("no_such")
