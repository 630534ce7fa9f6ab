"""A push to the Hub, with the real client against a real server: one commit, once, whatever goes wrong on the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from intern.account import Account
from intern.publish import hub as pushing
from intern.publish.bundle import NothingToPublishError, describe_bundle
from intern.publish.hub import Begun, push
from intern.publish.push_plan import MARKER, PublishError, plan_push
from tests.hub import BOB, READER, HubServer, running_hub

EXPERIMENT = "a" * 64


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_hub(tmp_path_factory.mktemp("hub")) as found:
        yield found


@pytest.fixture
def hub(server: HubServer, monkeypatch, tmp_path):
    monkeypatch.setattr(pushing, "PAUSE_SECONDS", 0.05)
    yield server
    server.clear()
    for info in [*server.api().list_models(author="alice"), *server.api(BOB).list_models(author="bob")]:
        server.api(BOB if info.id.startswith("bob/") else None or server.account().token).delete_repo(info.id)


class Shelf:
    """One bundle and its pushes."""

    def __init__(self, hub: HubServer, bundle, root: Path) -> None:
        self.hub, self.bundle, self.note = hub, bundle, root / "begun.json"

    def plan(self, account: Account | None = None, **more):
        return plan_push(self.bundle, account or self.hub.account(), **{"experiment": EXPERIMENT} | more)

    def push(self, plan=None, account: Account | None = None, **more):
        account = account or self.hub.account()
        return push(self.bundle, plan or self.plan(account), account, self.note, **more)

    def edit(self, name: str, text: str) -> None:
        (self.bundle.folder / name).write_text(text)
        self.bundle = describe_bundle(self.bundle.folder, self.bundle.name)

    @property
    def commits(self):
        return self.hub.api().list_repo_commits(f"alice/{self.bundle.name}")


@pytest.fixture
def shelf(hub, shop, tmp_path):
    return Shelf(hub, shop.stage(), tmp_path)


def test_a_push_is_one_commit_to_a_private_repository(hub, shelf):
    plan = shelf.plan()
    assert not plan.exists and plan.private and {f.change for f in plan.files} == {"new"}
    done = shelf.push(plan)
    assert (done.kind, done.location) == ("hub", f"alice/{shelf.bundle.name}")
    assert done.url == f"{hub.url}/alice/{shelf.bundle.name}"
    assert hub.api().repo_info(done.location).private
    assert len(shelf.commits) == 2  # the Hub's own first one, and ours
    there = set(hub.api().list_repo_files(done.location))
    assert there == {f.path for f in shelf.bundle.files} | {MARKER, ".gitattributes"}
    downloaded = Path(hub.api().snapshot_download(done.location, local_dir=shelf.note.parent / "copy"))
    for file in shelf.bundle.files:
        assert (downloaded / file.path).read_bytes() == (shelf.bundle.folder / file.path).read_bytes()
    assert not shelf.note.exists()


def test_evaluation_results_stand_in_both_forms_and_are_the_measured_ones(hub, shelf):
    repo = shelf.push().location
    card = hub.api().model_info(repo).card_data
    index = [(r.metric_type, r.metric_value, r.dataset_type) for r in card.eval_results]
    assert index == [("accuracy", 0.925, "trec"), ("exact_match", 0.925, "trec")]
    path = hub.api().hf_hub_download(repo, ".eval_results/trec.yaml")
    entry, other = yaml.safe_load(Path(path).read_text())
    assert other["dataset"]["task_id"] == "exact_match" and other["value"] == 0.925
    assert entry["dataset"] == {"id": "trec", "task_id": "accuracy"} and entry["value"] == 0.925
    assert "mean of 2 seeds, sealed" in entry["notes"]
    assert "arxiv:1408.5882" in hub.api().model_info(repo).tags


def test_doing_it_again_publishes_nothing_twice(shelf):
    first = shelf.push()
    assert shelf.plan().published
    assert shelf.push(shelf.plan()) == first and len(shelf.commits) == 2


def test_a_later_state_of_the_same_experiment_is_shown_as_a_difference(hub, shelf):
    repo = shelf.push().location
    shelf.edit("comparison.json", "[]")
    (shelf.bundle.folder / "predictions" / "seed-2.jsonl").unlink()
    shelf.bundle = describe_bundle(shelf.bundle.folder, shelf.bundle.name)
    plan = shelf.plan()
    assert plan.exists and not plan.published and plan.repo_id == repo
    changes = {f.path: f.change for f in plan.files if f.change != "same"}
    assert changes == {"comparison.json": "changed", "predictions/seed-2.jsonl": "removed"}
    shelf.push(plan)
    assert len(shelf.commits) == 3
    assert "predictions/seed-2.jsonl" not in hub.api().list_repo_files(repo)


def test_a_name_that_holds_something_else_is_left_alone(hub, shelf):
    hub.api().create_repo(f"alice/{shelf.bundle.name}")
    done = shelf.push()
    assert done.location == f"alice/{shelf.bundle.name}-2"
    assert set(hub.api().list_repo_files(f"alice/{shelf.bundle.name}")) == {".gitattributes"}
    with pytest.raises(PublishError, match="holds something else: choose another name"):
        shelf.plan(name=shelf.bundle.name, experiment="b" * 64)


def test_somebody_who_changes_the_repository_meanwhile_is_not_overwritten(hub, shelf):
    repo = shelf.push().location
    shelf.edit("comparison.json", "[]")
    plan = shelf.plan()
    hub.api().upload_file(path_or_fileobj=b"mine", path_in_repo="notes.txt", repo_id=repo)
    with pytest.raises(PublishError, match="has changed since it was shown"):
        shelf.push(plan)
    assert "notes.txt" in hub.api().list_repo_files(repo)


def test_what_changed_on_disk_after_it_was_shown_is_not_pushed(hub, shelf):
    plan = shelf.plan()
    (shelf.bundle.folder / "README.md").write_text("---\n---\nbetter numbers")
    with pytest.raises(PublishError, match="changed since they were shown"):
        shelf.push(plan)
    assert list(hub.api().list_models(author="alice")) == []


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_error_at_the_commit_is_tried_again(hub, shelf, status):
    hub.fault("/commit/main", method="POST", status=status, times=1)
    shelf.push()
    assert len(shelf.commits) == 2


def test_an_answer_that_was_lost_is_not_a_second_commit(hub, shelf):
    """The commit is made and the connection cut before its answer: a retry must find it and not make another."""
    hub.fault("/commit/main", method="POST", cut=0, times=1)
    shelf.push()
    assert len(shelf.commits) == 2


@pytest.mark.parametrize(
    ("status", "message", "words"),
    [
        (403, "Forbidden", "needs write permission"),
        (403, "Storage quota exceeded", "storage or quota"),
        (413, "Payload Too Large", "storage or quota"),
        (402, "Payment required", "storage or quota"),
    ],
)
def test_a_refused_push_leaves_nothing_behind(hub, shelf, status, message, words):
    hub.fault("/commit/main", method="POST", status=status, message=message, times=-1)
    with pytest.raises(PublishError, match=words) as told:
        shelf.push()
    assert "Nothing was left on the Hub." in str(told.value)
    assert list(hub.api().list_models(author="alice")) == [] and not shelf.note.exists()


def test_a_refused_change_leaves_the_earlier_state(hub, shelf):
    repo = shelf.push().location
    shelf.edit("comparison.json", "[]")
    hub.fault("/commit/main", method="POST", status=403, times=-1)
    with pytest.raises(PublishError):
        shelf.push()
    assert MARKER in hub.api().list_repo_files(repo)


def test_a_push_cut_off_after_the_repository_was_made_goes_on(hub, shelf):
    """As after kill -9: the repository is there, the note is there, the commit is not."""
    plan = shelf.plan()
    shelf.note.write_text(Begun(repo_id=plan.repo_id, digest=plan.digest).model_dump_json())
    hub.api().create_repo(plan.repo_id, private=True)
    assert shelf.push(plan).location == plan.repo_id and len(shelf.commits) == 2


def test_an_empty_repository_of_somebody_else_is_not_taken(hub, shelf):
    plan = shelf.plan()
    hub.api().create_repo(plan.repo_id, private=True)
    with pytest.raises(PublishError, match="made by somebody else"):
        shelf.push(plan)


@pytest.mark.parametrize(
    ("name", "token", "words"),
    [("alice", "hf_RevokedRevokedRevokedRevokedRevoked", "does not take your token"), ("alice", READER, "write permission"),
     ("alice", BOB, "write permission|may not do this")],
)  # fmt: skip
def test_a_token_that_may_not_is_told_plainly(hub, shelf, name, token, words):
    plan = shelf.plan()
    with pytest.raises(PublishError, match=words):
        shelf.push(plan, Account(name, token, hub.url))
    assert list(hub.api().list_models(author="alice")) == []


def test_no_token_is_in_what_is_published(hub, shelf):
    copy = Path(hub.api().snapshot_download(shelf.push().location, local_dir=shelf.note.parent / "copy"))
    token = hub.account().token.encode()
    assert not [p for p in copy.rglob("*") if p.is_file() and token in p.read_bytes()]
    assert token.decode() not in repr(hub.account())


def test_a_secret_in_any_file_stops_it(shop):
    bundle = shop.stage()
    note = bundle.folder / "program" / "notes.txt"
    note.write_text("key: ghp_" + "a1B2" * 9)
    with pytest.raises(NothingToPublishError, match=r"program/notes.txt holds .*GitHub token") as told:
        describe_bundle(bundle.folder, bundle.name)
    assert "a1B2" not in str(told.value)


def test_the_marker_says_which_bundle_it_is(hub, shelf):
    repo = shelf.push().location
    held = json.loads(Path(hub.api().hf_hub_download(repo, MARKER)).read_text())
    assert held == {"digest": shelf.bundle.digest, "experiment": EXPERIMENT}
