"""One seed, for real: a tiny program runs as a job of the local backend, and the harness measures what came out."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from intern.compute.base import JobResult, JobSpec
from intern.compute.local import LocalBackend
from intern.experiments import run as running
from intern.experiments.data import prepare
from intern.experiments.evidence import NoEvidenceError
from intern.experiments.listeners import LastMetrics
from intern.experiments.programs import program_hash
from intern.experiments.run import ProgramFailedError, edited_programs, probe, run_seed, whole_weights
from intern.experiments.scripts import keep_script
from intern.experiments.sources import find_local
from intern.experiments.spec import Hyperparameter, ProgramInput, WeightsRef
from intern.experiments.weights import WeightsError
from intern.runs.approvals import Approvals
from intern.runs.log import RunLog
from intern.runs.workspace import Run, RunStopped
from intern.service import RunRequest
from intern.settings import JobLimits
from tests.experiments.samples import TINY_PROGRAM, spec, write_rows

pytestmark = pytest.mark.usefixtures("tiny")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    log = RunLog(tmp_path / "runs.sqlite")
    return Run(log.create("ada", "t", RunRequest(task="t"))[0], "ada", log, Approvals(log), tmp_path / "run")


@pytest.fixture
def seed(run, tmp_path):
    """Run seed 1 of a spec whose program plays the given trick."""
    (candidate,) = find_local(write_rows(tmp_path / "rows"))
    data = prepare(candidate, tmp_path / "data", run.sealed)

    def run_it(trick: str = "none", seconds: float = 20.0):
        values = {"steps": 60, "trick": trick}
        made = spec(
            data=data.ref, seconds_per_seed=seconds,
            hyperparameters=[Hyperparameter(name=n, value=v, origin="assumed") for n, v in values.items()],
        )  # fmt: skip
        return run_seed(run, LocalBackend(JobLimits()), made, 1, tmp_path / "data"), made

    return run_it


@pytest.mark.parametrize(
    ("source", "isolation", "level"),
    [("local", "strong", "sealed"), ("bundled", "strong", "rescored"), ("local", "weak", "rescored")],
)
def test_a_script_that_could_have_had_the_labels_is_not_sealed(run, tmp_path, monkeypatch, source, isolation, level):
    (candidate,) = find_local(write_rows(tmp_path / "rows"))
    data = prepare(candidate, tmp_path / "data", run.sealed).ref.model_copy(update={"source": source})
    monkeypatch.setattr(running, "findings", lambda: SimpleNamespace(level=isolation))
    values = [Hyperparameter(name=n, value=v, origin="assumed") for n, v in (("steps", 60), ("trick", "none"))]
    levels = []
    for program in (keep_script(edited_programs(run), TINY_PROGRAM), "tiny"):
        made = spec(program=program, data=data, seconds_per_seed=20.0, hyperparameters=values)
        proof = run_seed(run, LocalBackend(JobLimits()), made, 1, tmp_path / "data").evidence
        assert any("could have" in flag for flag in proof.flags) == (proof.level == "rescored")
        levels.append(proof.level)
    assert levels == [level, "sealed"], "our own program does not look for labels"


def phases(run: Run) -> list[str]:
    return [e.body.phase for e in run.log.events(run.id, kinds=("job",))]


def test_a_seed_is_trained_and_measured_by_the_harness(run, seed):
    measured, made = seed()
    assert measured.metrics == {"accuracy": 1.0, "exact_match": 1.0} and measured.exit_status == 0
    proof = measured.evidence
    assert proof.level == "sealed" and proof.spec_hash == made.spec_hash and proof.n_predictions == 10
    assert proof.data_fingerprint == made.data.fingerprint and proof.program_hash == program_hash("tiny")
    assert phases(run) == ["submitted", "started", "finished"]


def test_its_curve_and_its_words_are_in_the_log(run, seed):
    seed()
    losses = [e.body for e in run.log.events(run.id, kinds=("metric",)) if e.body.name == "loss"]
    assert [m.step for m in losses] == [0, 10, 20, 30, 40, 50] and losses[0].value == 1.0
    assert [e.body.text for e in run.log.events(run.id, kinds=("log",))] == ["seed 1, 60 steps"]


def test_the_program_gets_no_test_labels_and_no_names_of_anybody(run, seed):
    _, made = seed()
    folder = run.jobs / f"{made.id}-seed1"
    given = json.loads((folder / "spec.json").read_text())
    assert sorted(given) == ["hyperparameters", "probe_steps", "seconds", "seed", "task", "threads"]
    assert all("label" not in json.loads(line) for line in (folder / "data/test.jsonl").read_text().splitlines())
    assert not any("sealed" in str(p) for p in folder.rglob("*"))


@pytest.mark.parametrize(
    ("trick", "error", "why"),
    [
        ("crash", ProgramFailedError, "exit status 1. Its last words: .*the data looks odd"),
        ("late", ProgramFailedError, "exit status 3"),
        ("nothing", NoEvidenceError, "without writing predictions"),
        ("missing", NoEvidenceError, "lacks 1 of 10"),
        ("doubled", NoEvidenceError, "two predictions"),
        ("unknown", NoEvidenceError, "not in the test split"),
        ("number", NoEvidenceError, "Line 1"),
        ("nan", NoEvidenceError, "Line 1"),
        ("bytes", NoEvidenceError, "not UTF-8"),
    ],
)
def test_a_job_whose_output_proves_nothing_has_no_number(run, seed, trick, error, why):
    with pytest.raises(error, match=why) as refused:
        seed(trick)
    assert "\n" not in str(refused.value)
    (failed,) = [e.body for e in run.log.events(run.id, kinds=("job",)) if e.body.phase == "failed"]
    assert failed.reason == str(refused.value)
    assert run.log.events(run.id, kinds=("fact",)) == []


def test_a_job_that_hangs_is_ended_at_its_hard_limit(run, seed, monkeypatch):
    monkeypatch.setattr(running, "HARD_LIMIT_EXTRA_SECONDS", 1.0)
    with pytest.raises(ProgramFailedError, match="its hard limit"):
        seed("hang", seconds=1.0)
    assert phases(run)[-1] == "failed"


def test_a_diverged_loss_is_shown_as_a_line_and_harms_nothing(run, seed):
    measured, _ = seed("diverge")
    assert measured.metrics["accuracy"] == 1.0
    lines = [e.body.text for e in run.log.events(run.id, kinds=("log",))]
    assert any("not a metric line" in line and "NaN" in line for line in lines)


def test_a_program_that_keeps_no_metrics_is_measured_all_the_same(seed):
    assert seed("silent")[0].metrics["accuracy"] == 1.0


def test_predictions_that_lay_there_before_are_not_this_programs(run, seed, tmp_path):
    _, made = seed()
    folder = run.jobs / f"{made.id}-seed1"
    assert (folder / "predictions.jsonl").exists()

    class Idle:
        name = "idle"

        def run(self, job, listener, check):
            return JobResult(id=job.id, exit_status=0, seconds=0.0)

    with pytest.raises(NoEvidenceError, match="without writing"):
        run_seed(run, Idle(), made, 1, tmp_path / "data")


def test_an_edited_program_does_not_go_on_from_the_others_checkpoint(run, seed):
    _, made = seed()
    folder = run.jobs / f"{made.id}-seed1"
    (folder / "checkpoint.pt").write_bytes(b"state")
    seed()
    assert (folder / "checkpoint.pt").exists(), "the same program goes on"
    (folder / "model" / "left.json").write_text("{}")
    edited_programs(run).mkdir()
    (edited_programs(run) / "tiny.py").write_text(TINY_PROGRAM + "\n# edited\n")
    before = run.log.last_seq(run.id)
    assert seed()[0].evidence.program_hash != program_hash("tiny")
    told = [e.body for e in run.log.events(run.id, after=before)]
    assert any(b.kind == "metric" for b in told), "its curve is told, though the steps are those of the other program"
    assert [b.phase for b in told if b.kind == "job"] == ["submitted", "started", "finished"]
    assert not (folder / "checkpoint.pt").exists() and not (folder / "model" / "left.json").exists()
    assert (folder / "model" / "config.json").exists() and phases(run).count("resumed") == 1


def test_running_a_seed_again_says_nothing_twice(run, seed):
    first, _ = seed()
    before = run.log.last_seq(run.id)
    again, _ = seed()
    assert again.metrics == first.metrics and again.evidence.predictions_sha256 == first.evidence.predictions_sha256
    new = [e.body for e in run.log.events(run.id, after=before)]
    assert [b for b in new if b.kind in ("job", "metric")] == []


def test_a_stopped_run_ends_its_job(run, seed):
    import threading

    threading.Timer(1.0, run.cancel.set).start()
    with pytest.raises(RunStopped):
        seed("hang")
    assert "finished" not in phases(run)


# -- the smoke run -----------------------------------------------------------------------------------------


def smoke(run: Run, seed, tmp_path: Path, trick: str = "none"):
    given = ProgramInput(
        task="text-classification", seed=1, threads=1, hyperparameters={"steps": 500, "trick": trick}, seconds=60
    )
    return probe(run, LocalBackend(JobLimits()), tmp_path / "data", given, "tiny")


def test_a_smoke_run_measures_the_program_here_and_leaves_nothing(run, seed, tmp_path):
    found = smoke(run, seed, tmp_path)
    assert found.seconds_per_step == 0.001 and found.parameters == 3
    assert run.log.events(run.id) == [] and list(run.jobs.iterdir()) == []


def test_a_smoke_run_that_fails_says_the_programs_last_words(run, seed, tmp_path):
    with pytest.raises(ProgramFailedError, match="the data looks odd"):
        smoke(run, seed, tmp_path, "crash")


def test_a_smoke_run_without_timings_is_refused(run, seed, tmp_path):
    with pytest.raises(ProgramFailedError, match="did not report its timings"):
        smoke(run, seed, tmp_path, "silent")


def test_a_smoke_run_that_never_ends_says_what_to_do(run, seed, tmp_path, monkeypatch):
    """A busy machine is the usual reason: nothing is wrong with the program, and an exit status alone would not tell."""
    monkeypatch.setattr("intern.experiments.run.PROBE_LIMIT_SECONDS", 3.0)
    with pytest.raises(ProgramFailedError, match="took more than 3 s here, so nothing was planned"):
        smoke(run, seed, tmp_path, "hang")


def test_weights_reach_a_job_read_only_and_whole(run, seed, tmp_path):
    place = run.folder / "weights" / ("f" * 16)
    place.mkdir(parents=True)
    (place / "config.json").write_text('{"model_type": "gpt2"}')
    ref = WeightsRef(
        id="mine", source="local", fingerprint="f" * 64, licence="mit", architecture="GPT2", parameters=1, bytes=1
    )
    with pytest.raises(WeightsError, match="not what was taken"):
        whole_weights(run, ref)
    folder = tmp_path / "job"
    code = (
        "import os\n"
        "assert open('weights/config.json').read() == '{\"model_type\": \"gpt2\"}'\n"
        "for do in (lambda: open('weights/config.json', 'w'), lambda: os.unlink('weights/config.json'), "
        "lambda: open('weights/new', 'w')):\n"
        "    try:\n        do()\n    except OSError:\n        continue\n    raise SystemExit('weights were changed')\n"
        "print('read, not written')\n"
    )
    folder.mkdir()
    (folder / "program.py").write_text(code)
    (folder / "weights").symlink_to(place)
    job = JobSpec(id="j", folder=folder, argv=["program.py"], threads=1, hard_limit_seconds=60, weights=place)
    result = LocalBackend(JobLimits()).run(job, LastMetrics({}), lambda: None)
    said = (folder / "log.txt").read_text()
    assert (result.exit_status, said.strip()) == (0, "read, not written"), said
