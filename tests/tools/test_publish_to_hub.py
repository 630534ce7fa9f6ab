"""Publishing to the Hub through the tools: the preview, the yes to exactly that, a restart in between, and the extras."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from intern import account as accounts_module
from intern.experiments import programs
from intern.network import _reachable
from intern.publish import hub as pushing
from intern.publish.bundle import NothingToPublishError
from intern.publish.extras import stage_dataset
from intern.runs.workspace import RunNeedsAccount, RunParked
from intern.settings import Network
from intern.tools.workbench import ToolError
from tests.conftest import clean_environment
from tests.experiments.samples import TINY_PROGRAM, data_ref, spec
from tests.hub import ALICE, running_hub

PREDICTS = """
import json
from pathlib import Path
def predict(folder, texts):
    words = json.loads((Path(folder) / "config.json").read_text())["words"]
    return [words.get(text.split()[0], "unknown") for text in texts]
if __name__ != "__main__":
    raise_nothing = True
else:
    exec(compile(%r, "tiny", "exec"))
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with running_hub(tmp_path_factory.mktemp("hub")) as found:
        yield found


@pytest.fixture
def desk_on_hub(desk, hub, monkeypatch):
    """A measured run of the local user, who has an account; to be published to the Hub."""
    monkeypatch.setattr(accounts_module, "get_token", lambda: ALICE)
    monkeypatch.setattr(pushing, "PAUSE_SECONDS", 0.05)
    _reachable.cache_clear()
    (programs.FOLDER / "tiny.py").write_text(PREDICTS % TINY_PROGRAM)
    desk.run.owner = "local"
    desk.settings = desk.settings.model_copy(update={"offline": False, "network": Network(hub=hub.url)})
    made = desk.again(publish="hub")
    made.spec_id = made.measured()
    yield made
    hub.clear()
    for kind in ("model", "dataset", "space"):
        for info in getattr(hub.api(), f"list_{kind}s")(author="alice"):
            hub.api().delete_repo(info.id, repo_type=kind)


def decide(desk, decision: str, feedback: str = "") -> None:
    (pending,) = desk.run.approvals.pending(desk.run.id)
    desk.run.approvals.decide(desk.run.id, pending.id, decision, by="local", feedback=feedback)  # type: ignore[arg-type]


def test_the_preview_shows_everything_and_publishes_nothing(desk_on_hub, hub):
    seen = desk_on_hub.preview_publication(spec_id=desk_on_hub.spec_id)
    assert seen["repository"].startswith("alice/") and seen["private"]
    text = (desk_on_hub.run.artifacts / "publication.md").read_text()
    for word in ("private: only you can see it", "`model.safetensors` |", "accuracy: 1.0000 (mean of 2, sealed)",
                 "The licence of", "## The card (README.md)", "Evidence"):  # fmt: skip
        assert word in text, word
    assert list(hub.api().list_models(author="alice")) == []


def test_a_yes_is_for_exactly_what_was_shown_and_survives_a_restart(desk_on_hub, hub):
    bundle = desk_on_hub.preview_publication(spec_id=desk_on_hub.spec_id)["bundle_id"]
    with pytest.raises(RunParked):
        desk_on_hub.publish(bundle_id=bundle, target="hub")
    assert list(hub.api().list_models(author="alice")) == []
    decide(desk_on_hub, "approved")
    hub.fault("/commit/main", method="POST", status=503, times=-1)
    with pytest.raises(ToolError, match="Doing it again publishes nothing twice"):
        desk_on_hub.again().publish(bundle_id=bundle, target="hub")
    hub.clear()
    done = desk_on_hub.again().publish(bundle_id=bundle, target="hub")
    assert done["published"] and done["kind"] == "hub"
    assert desk_on_hub.again().publish(bundle_id=bundle, target="hub")["url"] == done["url"]
    assert len(hub.api().list_repo_commits(done["location"])) == 2
    assert len(desk_on_hub.events("approval")) == 1
    assert next(e.value["url"] for e in desk_on_hub.events("fact") if e.name == "published") == done["url"]


def test_a_no_publishes_nothing(desk_on_hub, hub):
    bundle = desk_on_hub.preview_publication(spec_id=desk_on_hub.spec_id)["bundle_id"]
    with pytest.raises(RunParked):
        desk_on_hub.publish(bundle_id=bundle, target="hub")
    decide(desk_on_hub, "rejected", "not this name")
    answer = desk_on_hub.again().publish(bundle_id=bundle, target="hub")
    assert answer == {"published": False, "decision": "rejected", "feedback": "not this name"}
    assert list(hub.api().list_models(author="alice")) == []


def test_without_a_token_any_more_the_run_waits_for_a_sign_in(desk_on_hub, monkeypatch):
    bundle = desk_on_hub.preview_publication(spec_id=desk_on_hub.spec_id)["bundle_id"]
    monkeypatch.setattr(accounts_module, "get_token", lambda: None)
    with pytest.raises(RunNeedsAccount, match=r"needs a Hugging Face account: .* Then resume this run"):
        desk_on_hub.again().publish(bundle_id=bundle, target="hub")
    with pytest.raises(ToolError, match="needs a Hugging Face account"):
        desk_on_hub.again(publish="ask").publish(bundle_id=bundle, target="hub")


def test_a_demo_space_holds_the_model_and_answers(desk_on_hub, hub, tmp_path):
    desk = desk_on_hub
    bundle = desk.preview_publication(spec_id=desk.spec_id)["bundle_id"]
    with pytest.raises(ToolError, match="Publish the model to the Hub first"):
        desk.publish_extra(bundle_id=bundle, what="space")
    yes = desk.again(approve_within_budget=True)
    model = yes.publish(bundle_id=bundle, target="hub")["location"]
    with pytest.raises(RunParked):
        desk.again().publish_extra(bundle_id=bundle, what="space")
    done = yes.publish_extra(bundle_id=bundle, what="space")
    assert done["url"] == f"{hub.url}/spaces/{done['location']}" and hub.api().space_info(done["location"]).private
    folder = hub.api().snapshot_download(done["location"], repo_type="space", local_dir=tmp_path / "space")
    card = hub.api().space_info(done["location"]).card_data
    assert card["sdk"] == "gradio" and card["models"] == [model]
    said = subprocess.run([sys.executable, "-c", "import app; print('said:' + app.demo.fn('who is it'))"], cwd=folder,
                          env=clean_environment(tmp_path / "home"), capture_output=True, text=True)  # fmt: skip
    assert said.stdout.strip().endswith("said:HUM"), said.stderr
    with pytest.raises(ToolError, match="not ours to publish"):
        yes.publish_extra(bundle_id=bundle, what="dataset")


def test_an_extra_that_was_cut_off_is_finished_and_not_made_twice(desk_on_hub, hub):
    desk = desk_on_hub.again(approve_within_budget=True)
    bundle = desk.preview_publication(spec_id=desk_on_hub.spec_id)["bundle_id"]
    desk.publish(bundle_id=bundle, target="hub")
    hub.fault("/commit/main", method="POST", status=503, times=-1)
    with pytest.raises(ToolError, match="Doing it again publishes nothing twice"):
        desk.publish_extra(bundle_id=bundle, what="space")
    hub.clear()
    first = desk.again().publish_extra(bundle_id=bundle, what="space")
    assert desk.again().publish_extra(bundle_id=bundle, what="space") == first
    assert [space.id for space in hub.api().list_spaces(author="alice")] == [first["location"]]
    assert len(desk.events("approval")) == 2, "one for the model, one for the Space"


def test_generated_data_goes_out_without_its_test_labels(tmp_path):
    data = tmp_path / "rows"
    data.mkdir()
    for split, row in {"train": {"id": "a", "text": "x", "label": "y"}, "validation": {"id": "b", "text": "x", "label": "y"},
                       "test": {"id": "c", "text": "x"}}.items():  # fmt: skip
        (data / f"{split}.jsonl").write_text(json.dumps(row) + "\n")
    ours = spec(data=data_ref(source="generated"))
    bundle = stage_dataset(tmp_path / "out", data, ours)
    assert {f.path for f in bundle.files} == {
        "README.md",
        *(f"data/{s}.jsonl" for s in ("train", "validation", "test")),
    }
    assert "label" not in (bundle.folder / "data/test.jsonl").read_text()
    assert ours.data.fingerprint in (bundle.folder / "README.md").read_text()
    with pytest.raises(NothingToPublishError, match="its rights are its owners'"):
        stage_dataset(tmp_path / "out", data, spec())
