"""The loopback Hub's repositories, as the real clients see them."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.hub.clients import hf, python
from tests.servers.hub.process import PROJECT, HubProcess, running_hub

OPTIONS = (
    "--user", "alice:hf_alice", "bob:hf_bob", "--org", "lab:alice=admin,bob=read",
    "--token", "alice:hf_read:read", "alice:hf_jobs_only:fineGrained:job.write",
    "alice:hf_oauth_few:oauth:openid,profile,contribute-repos",
)  # fmt: skip


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    with running_hub(tmp_path_factory.mktemp("hub"), *OPTIONS) as found:
        yield found


def test_one_line_says_that_it_serves(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.servers.hub",
        "--port",
        "0",
        "--root",
        str(tmp_path),
        "--user",
        "a:t",
        "--log",
    ]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    url = line.removeprefix("ready ").strip()
    urllib.request.urlopen(
        urllib.request.Request(f"{url}/api/whoami-v2", headers={"Authorization": "Bearer t"})
    ).close()
    process.terminate()
    rest, _ = process.communicate(timeout=15)
    assert line.startswith("ready http://127.0.0.1:") and rest == ""


@pytest.mark.parametrize("disable_xet", ["0", "1"], ids=["xet", "lfs"])
def test_round_trip(hub: HubProcess, tmp_path: Path, disable_xet: str) -> None:
    python(hub, tmp_path / "home", f"""
        name = "alice/round-{disable_xet}"
        weights = os.urandom(400_000)
        assert alice.create_repo(name, private=True) == f"{hub.url}/{{name}}"
        assert refused(409, alice.create_repo, name).server_message.startswith("You already created")
        alice.create_repo(name, exist_ok=True)
        both = [CommitOperationAdd("model.safetensors", weights), CommitOperationAdd("a/b.txt", b"text")]
        first = alice.create_commit(name, both, commit_message="first")
        more = [CommitOperationAdd("c.txt", b"c")]
        stale = refused(412, alice.create_commit, name, more, commit_message="x", parent_commit="0" * 40)
        assert "updated since" in str(stale)
        more = [CommitOperationAdd("c.txt", b"c")]
        second = alice.create_commit(name, more, commit_message="second", parent_commit=first.oid)
        got = alice.hf_hub_download(name, "model.safetensors")
        assert pathlib.Path(got).read_bytes() == weights
        folder = pathlib.Path(alice.snapshot_download(name, revision=first.oid))
        assert (folder / "a/b.txt").read_bytes() == b"text" and not (folder / "c.txt").exists()
        assert not alice.verify_repo_checksums(name, revision=first.oid).mismatches
        assert [commit.title for commit in alice.list_repo_commits(name)] == ["second", "first", "initial commit"]
        info = alice.model_info(name, files_metadata=True)
        assert info.sha == second.oid and info.private
        sizes = {{s.rfilename: (s.size, bool(s.lfs)) for s in info.siblings}}
        assert sizes["model.safetensors"] == (400_000, True) and sizes["c.txt"] == (1, False)
        for missing in (bob, nobody):
            try:
                missing.model_info(name)
            except RepositoryNotFoundError as error:
                assert error.response.status_code == (404 if missing is bob else 401)
            else:
                raise AssertionError("someone else sees a private repository")
        refused(404, alice.create_commit, name, [CommitOperationDelete("nope")], commit_message="x")
        try:
            alice.hf_hub_download(name, "nope.txt")
        except EntryNotFoundError as error:
            assert error.response.headers["X-Repo-Commit"] == second.oid
        folder = here / "folder"
        (folder / "sub").mkdir(parents=True)
        (folder / "sub" / "more.bin").write_bytes(os.urandom(1000))
        (folder / "README.md").write_text("---\\nlicense: mit\\ntags: [arxiv:1412.6980]\\n---\\n# A card\\n")
        alice.upload_folder(repo_id=name, folder_path=folder)
        pull = alice.create_commit(name, [CommitOperationAdd("d.txt", b"d")], commit_message="ask", create_pr=True)
        assert pull.pr_url.endswith("/discussions/1") and not alice.file_exists(name, "d.txt")
        alice.merge_pull_request(name, 1)
        assert alice.file_exists(name, "d.txt")
        alice.move_repo(name, name + "-moved")
        assert alice.model_info(name).id == name + "-moved"  # the old name leads on
        alice.delete_repo(name + "-moved")
        refused(404, alice.model_info, name + "-moved")
        """, HF_HUB_DISABLE_XET=disable_xet)  # fmt: skip


def test_what_xet_wrote_is_read_without_and_the_other_way_round(hub: HubProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    write = """
        alice.create_repo("alice/{name}", repo_type="dataset")
        content = bytes(range(256)) * 2000
        alice.upload_file(repo_id="alice/{name}", repo_type="dataset", path_in_repo="x.bin", path_or_fileobj=content)
        """
    read = """
        path = bob.hf_hub_download("alice/{name}", "x.bin", repo_type="dataset", cache_dir=here / "{name}")
        assert pathlib.Path(path).read_bytes() == bytes(range(256)) * 2000
        """
    python(hub, home, write.replace("{name}", "by-xet"), HF_HUB_DISABLE_XET="0")
    python(hub, home, write.replace("{name}", "by-lfs") + read.replace("{name}", "by-xet"), HF_HUB_DISABLE_XET="1")
    python(hub, home, read.replace("{name}", "by-lfs"), HF_HUB_DISABLE_XET="0")


def test_tokens_reach_only_what_they_may(hub: HubProcess, tmp_path: Path) -> None:
    python(hub, tmp_path / "home", """
        read, jobs, app = (HfApi(token=token) for token in ("hf_read", "hf_jobs_only", "hf_oauth_few"))
        assert read.whoami()["auth"]["accessToken"]["role"] == "read"
        scoped = jobs.whoami()["auth"]["accessToken"]["fineGrained"]["scoped"]
        assert scoped == [{"entity": {"type": "user", "name": "alice"}, "permissions": ["job.write"]}]
        alice.create_repo("alice/secret", private=True)
        assert read.model_info("alice/secret").private
        refused(403, read.upload_file, repo_id="alice/secret", path_in_repo="a", path_or_fileobj=b"a")
        refused(403, read.create_repo, "alice/by-read")
        refused(404, jobs.model_info, "alice/secret")
        refused(403, jobs.create_repo, "alice/by-jobs")
        app.create_repo("alice/by-app", private=True)  # contribute-repos: what it made, and nothing else
        app.upload_file(repo_id="alice/by-app", path_in_repo="a", path_or_fileobj=b"a")
        refused(404, app.model_info, "alice/secret")
        refused(403, app.run_job, image="x", command=["true"], namespace="alice")
        refused(403, bob.create_repo, "alice/by-bob")
        refused(403, bob.create_repo, "lab/by-reader")
        alice.create_repo("lab/ours", private=True)
        assert bob.model_info("lab/ours").private and "lab" in [org["name"] for org in bob.whoami()["orgs"]]
        refused(403, bob.upload_file, repo_id="lab/ours", path_in_repo="a", path_or_fileobj=b"a")
        refused(401, HfApi(token="hf_wrong").model_info, "alice/by-app")
        refused(401, HfApi(token="hf_wrong").whoami)
        alice.create_repo("alice/gated")
        alice.update_repo_settings("alice/gated", gated="manual")
        alice.upload_file(repo_id="alice/gated", path_in_repo="a.txt", path_or_fileobj=b"a")
        assert bob.model_info("alice/gated").gated == "manual"
        try:
            bob.hf_hub_download("alice/gated", "a.txt")
        except GatedRepoError as error:
            assert error.response.status_code == 403
        alice.grant_access("alice/gated", "bob")
        bob.hf_hub_download("alice/gated", "a.txt")
        """)  # fmt: skip


def test_lists_cards_and_metadata(hub: HubProcess, tmp_path: Path) -> None:
    python(hub, tmp_path / "home", """
        from huggingface_hub import ModelCard, ModelCardData, EvalResult, metadata_load
        result = EvalResult(task_type="text-classification", dataset_type="glue", dataset_name="GLUE", metric_type="accuracy",
                            metric_value=0.9)
        data = ModelCardData(language="en", license="apache-2.0", library_name="transformers", pipeline_tag="text-classification",
                             datasets=["glue"], model_name="listed", eval_results=[result])
        card = ModelCard(f"---\\n{data.to_yaml()}\\n---\\n# Listed\\nSee https://arxiv.org/abs/1706.03762\\n")
        card.validate()
        alice.create_repo("alice/listed-one")
        alice.create_repo("alice/listed-hidden", private=True)
        card.push_to_hub("alice/listed-one", token="hf_alice")
        assert ModelCard.load("alice/listed-one").data.eval_results[0].metric_value == 0.9
        found = lambda api, **options: [model.id for model in api.list_models(**options)]
        assert found(alice, author="alice", search="listed") == ["alice/listed-hidden", "alice/listed-one"]
        assert found(nobody, search="listed") == ["alice/listed-one"]
        tags = ["license:apache-2.0", "arxiv:1706.03762"]
        assert found(nobody, filter=tags, pipeline_tag="text-classification") == ["alice/listed-one"]
        assert found(nobody, filter="license:mit", search="listed") == [] and found(alice, author="alice", limit=1).__len__() == 1
        model = next(iter(alice.list_models(search="listed-one", cardData=True, full=True)))
        assert model.card_data["license"] == "apache-2.0" and model.sha
        bad = b"---\\nlicense: nonsense\\n---\\n"
        try:
            alice.upload_file(repo_id="alice/listed-one", path_in_repo="README.md", path_or_fileobj=bad)
        except ValueError as error:
            assert '"license" must be one of' in str(error)
        else:
            raise AssertionError("a broken card was taken")
        assert [paper.id for paper in alice.list_papers(query="attention transformer")][0] == "1706.03762"
        assert [model.id for model in alice.paper_info("1706.03762").linked_models] == ["alice/listed-one"]
        assert "warm-up" in alice.read_paper("1706.03762")
        """)  # fmt: skip


def test_command_line(hub: HubProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    assert "alice" in hf(hub, home, "auth", "whoami")
    (home / "note.txt").write_text("hello")
    hf(hub, home, "upload", "alice/by-cli", "note.txt", "notes/note.txt", "--private")
    hf(hub, home, "download", "alice/by-cli", "notes/note.txt", "--local-dir", "got")
    assert (home / "got" / "notes" / "note.txt").read_text() == "hello"
    assert "alice/by-cli" in hf(hub, home, "models", "ls", "--author", "alice")
    assert "\n42\n" in hf(hub, home, "jobs", "run", "python:3.12", "python", "-c", "print(6*7)")
    hf(hub, home, "download", "alice/by-cli", "notes/note.txt", token="hf_bob", code=1)


def test_datasets(hub: HubProcess, tmp_path: Path) -> None:
    python(hub, tmp_path / "home", """
        from datasets import Dataset, load_dataset
        alice.create_repo("alice/table", repo_type="dataset", private=True)
        for split, rows in (("train", 30), ("test", 10)):
            text = "text,label\\n" + "".join(f"row {i},{i % 2}\\n" for i in range(rows))
            where = {"repo_id": "alice/table", "repo_type": "dataset", "path_in_repo": f"{split}.csv"}
            alice.upload_file(path_or_fileobj=text.encode(), **where)
        both = load_dataset("alice/table", token="hf_alice")
        assert both["train"].num_rows == 30 and both["test"][3] == {"text": "row 3", "label": 1}
        assert next(iter(load_dataset("alice/table", split="test", streaming=True, token="hf_alice")))["text"] == "row 0"
        Dataset.from_dict({"x": list(range(100))}).push_to_hub("alice/pushed", token="hf_alice")
        assert load_dataset("alice/pushed", split="train")["x"][99] == 99
        """)  # fmt: skip


def test_unknown_pages_answer_as_the_hub_does(hub: HubProcess) -> None:
    for method, path in (("GET", "/api/nothing"), ("POST", "/api/models/alice/x/nothing"), ("PUT", "/api/whoami-v2")):
        with pytest.raises(urllib.error.HTTPError) as caught:
            hub.call(method, path, {} if method != "GET" else None)
        assert caught.value.code == 404
        assert caught.value.headers["X-Error-Message"] and caught.value.headers["X-Request-Id"]
        assert json.loads(caught.value.read())["error"].startswith("Sorry")
    with pytest.raises(urllib.error.HTTPError) as caught:
        hub.call("GET", "/api/models/nobody/nothing")
    assert (caught.value.code, caught.value.headers["X-Error-Code"]) == (401, "RepoNotFound")
