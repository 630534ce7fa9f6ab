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

NAMES = ["text_classification", "translation"]


def test_there_is_a_manifest_for_each_program():
    manifests = load_manifests()
    assert sorted(manifests) == NAMES
    for name, manifest in manifests.items():
        assert manifest.name == name
        assert [file.name for file in program_files(name)] == [f"{name}.py", "runtime.py"]
        assert all(file.is_file() for file in program_files(name))
        assert all(word == word.lower() for word in manifest.describes)
        assert {metric.name for metric in manifest.metrics} <= set(SCORERS), "the harness could not score it"
        assert sum(metric.primary for metric in manifest.metrics) == 1
        assert all(parameter.reason for parameter in manifest.parameters)


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_those_of_the_program(name, request):
    fixture = {"text_classification": "classification", "translation": "translation"}[name]
    settings = request.getfixturevalue(fixture).Hyperparameters()
    manifest = load_manifests()[name]
    assert {parameter.name: parameter.default for parameter in manifest.parameters} == asdict(settings)
    settings.check()


@pytest.mark.parametrize("name", NAMES)
def test_small_values_are_accepted_and_not_larger(name, request, runtime):
    fixture = {"text_classification": "classification", "translation": "translation"}[name]
    kind = request.getfixturevalue(fixture).Hyperparameters
    small = {p.name: p.small for p in load_manifests()[name].parameters if p.small is not None}
    runtime.settings_from(kind, small).check()
    for parameter in load_manifests()[name].parameters:
        if isinstance(parameter.small, int | float) and not isinstance(parameter.small, bool):
            assert parameter.small < parameter.default or parameter.name == "lr_factor"


@pytest.mark.parametrize("name", NAMES)
def test_every_choice_is_accepted(name, request, runtime):
    fixture = {"text_classification": "classification", "translation": "translation"}[name]
    kind = request.getfixturevalue(fixture).Hyperparameters
    texts = [parameter for parameter in load_manifests()[name].parameters if isinstance(parameter.default, str)]
    for parameter in texts:
        assert parameter.default in parameter.choices
        for choice in parameter.choices:
            runtime.settings_from(kind, {parameter.name: choice}).check()


@pytest.mark.parametrize("name", NAMES)
def test_requirements_are_those_in_the_file_itself(name):
    text = program_files(name)[0].read_text()
    header = re.search(r"^# /// script\n((?:#.*\n)+?)# ///$", text, re.M)
    assert header
    declared = tomllib.loads("".join(line.removeprefix("#").strip() + "\n" for line in header[1].splitlines()))
    assert declared["dependencies"] == load_manifests()[name].requirements
    assert all("<" in requirement for requirement in declared["dependencies"]), "unbounded"


def test_the_hash_changes_with_either_file(tmp_path, monkeypatch):
    for file in {*program_files("translation"), *program_files("text_classification")}:
        shutil.copy(file, tmp_path)
    for name in NAMES:
        shutil.copy(programs.FOLDER / f"{name}.yaml", tmp_path)
    before = [program_hash(name) for name in NAMES]
    monkeypatch.setattr(programs, "FOLDER", tmp_path)
    monkeypatch.setattr(programs, "RUNTIME", tmp_path / "runtime.py")
    assert [program_hash(name) for name in NAMES] == before
    with (tmp_path / "translation.py").open("a") as file:
        file.write("# changed\n")
    changed = [program_hash(name) for name in NAMES]
    assert changed[1] != before[1] and changed[0] == before[0]
    with (tmp_path / "runtime.py").open("a") as file:
        file.write("# changed\n")
    assert not set(before) & {program_hash(name) for name in NAMES}


def test_unknown_program():
    with pytest.raises(KeyError, match="no_such"):
        program_files("no_such")
