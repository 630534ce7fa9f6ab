"""Improve mode, whole: the planner proposes by search, the harness measures on a sealed selection part, the test comes last.

The program is small and real: which word of a sentence it looks at is a setting, and the first is the wrong one.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from intern.experiments import programs
from intern.service import RunRequest, Service
from intern.settings import App, Settings
from intern.tools import improving
from tests.conftest import ROOT, clean_environment
from tests.servers.llm import serving

MANIFEST = """
name: words
task: text-classification
title: A classifier by one word of the sentence
describes: [sentences, classifier]
metrics: [{name: accuracy, primary: true}]
requirements: []
parameters:
  - {name: steps, default: 40, reason: "how long"}
  - {name: place, default: 0, reason: "which word decides"}
  - {name: forget, default: 0.3, reason: "share of the training rows that a seed leaves out"}
"""
PROGRAM = """
import json, random, time
from pathlib import Path

spec = json.loads(Path("spec.json").read_text())
settings = spec["hyperparameters"]
chance = random.Random(spec["seed"])
rows = [json.loads(line) for line in Path("data/train.jsonl").read_text().splitlines()]
tests = [json.loads(line) for line in Path("data/test.jsonl").read_text().splitlines()]
kept = [row for row in rows if chance.random() > settings["forget"]]
def key(row):
    return row["text"].split()[settings["place"]]
usual = {}
for row in kept:
    usual.setdefault(key(row), []).append(row["label"])
time.sleep(WAIT if not spec["probe_steps"] else 0)
labels = sorted({row["label"] for row in rows})
with Path("metrics.jsonl").open("a") as log:
    values = dict(loss=0.5, startup_seconds=0.05, seconds_per_step=0.001, seconds_per_prediction=0.0001,
                  parameters=len(usual), peak_memory_mb=20.0)
    for name, value in values.items():
        log.write(json.dumps({"step": 1, "name": name, "value": value, "time": time.time()}) + "\\n")
Path("model").mkdir(exist_ok=True)
Path("model/config.json").write_text(json.dumps(usual))
Path("model/model.safetensors").write_bytes(b"\\x02\\0\\0\\0\\0\\0\\0\\0{}")
with Path("predictions.jsonl").open("w") as file:
    for row in tests:
        said = chance.choice(usual.get(key(row), labels))
        file.write(json.dumps({"id": row["id"], "prediction": said}) + "\\n")
"""


def install(folder: Path, wait: float = 0.0) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "words.yaml").write_text(MANIFEST)
    (folder / "words.py").write_text(f"WAIT = {wait}\n" + PROGRAM)


def write_data(folder: Path) -> Path:
    """The second word decides in nine of ten sentences."""
    folder.mkdir()
    chance = random.Random(7)
    for part, count in {"train": 190, "dev": 240, "test": 200}.items():
        lines = []
        for _ in range(count):
            word = chance.choice(["red", "blue"])
            right = {"red": "warm", "blue": "cold"}[word]
            label = right if chance.random() < 0.9 else {"warm": "cold", "cold": "warm"}[right]
            lines.append(
                f"{chance.choice('abcdef')} {word} {chance.choice('uvwxyz')}{chance.randrange(10**6)},{label}\n"
            )
        (folder / f"{part}.csv").write_text("text,label\n" + "".join(lines))
    return folder


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    install(tmp_path / "programs")
    monkeypatch.setattr(programs, "FOLDER", tmp_path / "programs")
    monkeypatch.setattr(improving, "MOST_NODES", 9)
    made = Service(Settings(home=tmp_path / "home", offline=True, app=App(max_running=2)))
    yield made
    made.close()


def wanted(data: Path, **more: Any) -> RunRequest:
    values = {"task": "improve the classifier of sentences", "data": str(data), "publish": "never", "max_minutes": 1.5}
    return RunRequest(**values | more)


def ended(service: Service, run_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 120
    while not service.join(run_id, timeout=1):
        assert time.monotonic() < deadline, service.info(run_id)
    assert service.info(run_id).status == "done", service.answer(run_id)
    return json.loads(service.artifact_path(run_id, "journal.json").read_text())


def check_honest(service: Service, run_id: str, journal: dict[str, Any]) -> None:
    """What must hold of every improvement."""
    nodes, floor = journal["nodes"], journal["floor"]
    assert nodes[0]["outcome"] == "baseline" and len(nodes[0]["scores"]) >= 2 and floor["sigma"] > 0
    for node in nodes[1:]:
        gain = node["outcome"] == "kept"
        parent = nodes[node["parent"]]
        assert parent["outcome"] in ("baseline", "kept")
        if gain:
            assert len(node["scores"]) == 2, "kept with a second seed"
            means = [sum(n["scores"]) / len(n["scores"]) for n in (parent, node)]
            assert means[1] - means[0] > 2 * floor["sigma"]
    report = service.get_run(run_id)
    assert report.summary["evidence_level"] == "sealed" and report.summary["n"] == len(journal["final"]["best"])
    assert {r["evidence"]["data_fingerprint"] for r in report.runs} == {report.spec["data"]["fingerprint"]}
    hashes = {n["spec_id"] for n in nodes}
    assert report.spec["spec_id"] not in hashes, "selection never saw the test part"
    for node in nodes:
        for seed, score in enumerate(node["scores"], 1):
            proof = json.loads(service.artifact_path(run_id, f"attempts/{node['id']}/seed-{seed}.json").read_text())
            assert proof["metrics"]["accuracy"] == score and proof["evidence"]["level"] == "sealed"
    picture = ET.fromstring(service.artifact_path(run_id, "improve.svg").read_text())
    assert len(picture.findall(".//{http://www.w3.org/2000/svg}circle")) >= len(nodes)


def test_the_planner_finds_what_helps_and_says_what_did_not(service, tmp_path):
    run_id = service.start_run(wanted(write_data(tmp_path / "rows"))).run_id
    journal = ended(service, run_id)
    check_honest(service, run_id, journal)
    best = journal["nodes"][journal["best"]]
    assert {h["name"]: h["value"] for h in best["hyperparameters"]}["place"] == 1, "the second word"
    assert sum(journal["final"]["best"]) / 2 > 0.8 > 0.65 > sum(journal["final"]["baseline"]) / 3
    outcomes = [n["outcome"] for n in journal["nodes"]]
    assert outcomes.count("kept") >= 1 and outcomes.count("discarded") >= 3
    answer = service.answer(run_id)
    assert "beyond the noise floor" in answer and "Discarded" in answer and "majority class" in answer
    said = [e.body.text for e in service.events(run_id, kinds=("note",))]
    assert not any("answer names numbers" in text for text in said), "each number of the planner's answer was measured"
    assert sum(text.startswith("Attempt ") for text in said) == len(journal["nodes"]) - 1
    report = service.get_run(run_id)
    facts = {e.body.name: e.body.value for e in service.events(run_id, kinds=("fact",))}
    told = facts["improvement"]
    counts = {name: outcomes.count(name) for name in ("kept", "discarded", "failed")}
    assert {name: told[name] for name in counts} == counts and told["noise_floor"] == 2 * journal["floor"]["sigma"]
    assert [a["scores"] for a in told["attempts"]] == [n["scores"] for n in journal["nodes"]]
    assert told["final"]["best"] == journal["final"]["best"] and facts["baselines"]["values"]["majority class"]
    names = {a["name"] for a in report.artifacts}
    assert {"journal.json", "journal.md", "improve.svg", "baseline/evidence/seed-1.json", "results.md"} <= names
    values = {h["name"]: h for h in report.spec["hyperparameters"]}
    assert values["place"]["origin"] == "assumed" and values["place"]["reason"].startswith("improve mode")


RUN = """
import sys
from pathlib import Path
from intern.experiments import programs
programs.FOLDER = Path(sys.argv[1])
from intern.service import RunRequest, Service
from intern.settings import Settings
from intern.tools import improving
improving.MOST_NODES = 9
service = Service(Settings(home=Path(sys.argv[2]), offline=True))
request = RunRequest(task="improve the classifier of sentences", data=sys.argv[3], publish="never", max_minutes=1.0)
run_id = service.start_run(request).run_id
print(run_id, flush=True)
service.join(run_id)
"""


def test_after_kill_9_nothing_is_tried_twice(tmp_path, service):
    install(tmp_path / "programs", wait=0.3)
    data, home = write_data(tmp_path / "rows"), tmp_path / "home"
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(tmp_path / "programs"), str(home), str(data)], cwd=ROOT,
        env=clean_environment(home), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    run_id = process.stdout.readline().strip()
    written, deadline = home / "runs" / run_id / "artifacts" / "journal.json", time.monotonic() + 60
    while not (written.is_file() and len(json.loads(written.read_text())["nodes"]) >= 4):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)
    time.sleep(0.15)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = json.loads(written.read_text())
    assert service.recover() == [run_id]
    journal = ended(service, run_id)
    check_honest(service, run_id, journal)
    for old, new in zip(before["nodes"], journal["nodes"], strict=False):
        assert new["changes"] == old["changes"] and new["scores"][: len(old["scores"])] == old["scores"]
    assert len(journal["nodes"]) >= len(before["nodes"])
    started = [e.body.job_id for e in service.events(run_id, kinds=("job",)) if e.body.phase == "finished"]
    assert len(started) == len(set(started)), "no seed was trained to its end twice"


def test_an_llm_proposes_what_it_likes_and_a_lucky_seed_is_not_kept(service, tmp_path):
    """A change without effect, a failing one, a script, the person's own value, and one that helps."""
    data = write_data(tmp_path / "rows")
    script = (
        "import json\nfrom pathlib import Path\n"
        "tests = [json.loads(line) for line in Path('data/test.jsonl').read_text().splitlines()]\n"
        "train = Path('data/train.jsonl').read_text()\n"
        "Path('metrics.jsonl').write_text(json.dumps({'step': 1, 'name': 'loss', 'value': 1.0, 'time': 1.0}) + chr(10))\n"
        "said = [{'id': r['id'], 'prediction': 'warm' if ' red ' in r['text'] else 'cold'} for r in tests]\n"
        "Path('predictions.jsonl').write_text(''.join(json.dumps(row) + chr(10) for row in said))\n"
        "if not Path('data/train.jsonl').exists():\n    import random; train = random.random()\n"
    )
    steps = [
        "prepare_data(program='words', data_id='rows')\n"
        "e = design_experiment(program='words', data_id='rows', paper_id='', seeds=12, values={'steps': 20})\n"
        "s = start_improving(spec_id=e['spec_id'])\nprint(s)\n",
        "print(try_change(improve_id=s['improve_id'], values={'forget': 0.3001}, why='a little less'))\n",
        "print(try_change(improve_id=s['improve_id'], values={'place': 99}, why='far'))\n",
        "print(try_change(improve_id=s['improve_id'], values={'steps': 40}))\n",
        f"print(try_change(improve_id=s['improve_id'], code={script!r}, why='colours are warm or cold'))\n",
        "print(run_seed(spec_id=e['spec_id'], seed=3))\n",
        f"print(run_script(data_id='rows', code={script!r}))\n",
        "f = finish_improving(improve_id=s['improve_id'])\nprint(f)\n"
        "print(compare_with_paper(spec_id=f['spec_id'])['baselines'])\n",
        "print(try_change(improve_id=s['improve_id'], values={'forget': 0.1}))\n",
        "final_answer('done')\n",
    ]
    with serving(*[f"Step.\n<run>\n{step}" for step in steps]) as server:
        service.settings = service.settings.model_copy(update={"llm_base_url": f"{server.url}/v1"})
        run_id = service.start_run(wanted(data, model="scripted")).run_id
        journal = ended(service, run_id)
    errors = [e.body.error for e in service.events(run_id, kinds=("observation",)) if e.body.error]
    assert len(errors) == 4 and "set by the person" in errors[0] and "is finished" in errors[3]
    for refused in errors[1:3]:
        assert "the test part of rows stays unmeasured: use try_change, or call finish_improving first" in refused
    small, far, own = journal["nodes"][1:]
    assert small["outcome"] == "discarded" and "within the noise floor" in small["words"]
    assert far["outcome"] == "failed" and "exit status" in far["words"]
    assert own["outcome"] == "kept" and journal["best"] == 3 and own["parent"] == 0
    assert service.get_run(run_id).spec["program"].startswith("script-")
    assert "beyond the noise floor" in journal["final"]["words"]
    for measured in service.get_run(run_id).runs:
        assert any("makes data up" in flag for flag in measured["evidence"]["flags"]), (
            "doubts stay with what is published"
        )


def test_a_baseline_that_fails_is_nothing_to_improve_on(service, tmp_path):
    text = (tmp_path / "programs" / "words.py").read_text()
    (tmp_path / "programs" / "words.py").write_text(
        text.replace("usual = {}", "assert spec['probe_steps'], 'no'\nusual = {}")
    )
    run_id = service.start_run(wanted(write_data(tmp_path / "rows"))).run_id
    service.join(run_id, timeout=60)
    assert service.info(run_id).status == "failed" and "nothing to improve on" in service.answer(run_id)
