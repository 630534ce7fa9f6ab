"""The loopback Hub beyond repositories and jobs: buckets, Spaces, sign-in, the viewer, faults."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.servers.hub.clients import python
from tests.servers.hub.process import HubProcess, running_hub

REDIRECT = "http://127.0.0.1:9/callback"
OPTIONS = ("--user", "alice:hf_alice", "bob:hf_bob", "--oauth-app", f"intern-app,app-secret,{REDIRECT}")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    with running_hub(tmp_path_factory.mktemp("hub"), *OPTIONS) as found:
        yield found


def test_buckets_and_sync(hub: HubProcess, tmp_path: Path) -> None:
    python(hub, tmp_path / "home", """
        bucket = alice.create_bucket("alice/store", private=True)
        assert bucket.url.endswith("/buckets/alice/store")
        refused(409, alice.create_bucket, "alice/store")
        source = here / "source"
        (source / "deep").mkdir(parents=True)
        (source / "deep" / "a.bin").write_bytes(os.urandom(100_000))
        (source / "b.txt").write_text("b")
        plan = alice.sync_bucket(str(source), "hf://buckets/alice/store/run-1")
        assert plan.summary()["uploads"] == 2
        assert alice.sync_bucket(str(source), "hf://buckets/alice/store/run-1").summary()["uploads"] == 0
        info = alice.bucket_info("alice/store")
        assert (info.total_files, info.size, info.private) == (2, 100_001, True)
        alice.sync_bucket("hf://buckets/alice/store/run-1", str(here / "target"))
        assert (here / "target" / "deep" / "a.bin").read_bytes() == (source / "deep" / "a.bin").read_bytes()
        alice.create_repo("alice/from-bucket")
        alice.upload_file(repo_id="alice/from-bucket", path_in_repo="a.bin", path_or_fileobj=source / "deep" / "a.bin")
        alice.copy_files("hf://alice/from-bucket/a.bin", "hf://buckets/alice/store/copied.bin")
        assert [file.path for file in alice.list_bucket_tree("alice/store", recursive=False)] == ["copied.bin", "run-1"]
        refused(404, bob.bucket_info, "alice/store")
        alice.batch_bucket_files("alice/store", delete=["copied.bin"])
        volume = alice.sync_job_volume(source, "/in")
        assert (volume.source, volume.read_only) == ("alice/jobs-artifacts", True)
        alice.delete_bucket("alice/store")
        refused(404, alice.bucket_info, "alice/store")
        """)  # fmt: skip


def test_spaces_and_collections(hub: HubProcess, tmp_path: Path) -> None:
    python(hub, tmp_path / "home", """
        alice.create_repo("alice/demo", repo_type="space", space_sdk="gradio", space_secrets=[{"key": "A", "value": "hidden"}],
                          space_variables=[{"key": "B", "value": "shown"}], private=True)
        assert alice.get_space_runtime("alice/demo").stage == "NO_APP_FILE"
        alice.upload_file(repo_id="alice/demo", repo_type="space", path_in_repo="app.py", path_or_fileobj=b"import gradio")
        runtime = alice.get_space_runtime("alice/demo")
        assert (runtime.stage, runtime.hardware, runtime.sleep_time) == ("RUNNING", "cpu-basic", 172800)
        alice.add_space_secret("alice/demo", "TOKEN", "hidden too")
        assert set(alice.get_space_secrets("alice/demo")) == {"A", "TOKEN"}
        assert alice.get_space_variables("alice/demo")["B"].value == "shown"
        assert alice.request_space_hardware("alice/demo", "t4-small", sleep_time=300).requested_hardware == "t4-small"
        assert alice.pause_space("alice/demo").stage == "PAUSED" and alice.restart_space("alice/demo").stage == "RUNNING"
        refused(403, alice.request_space_hardware, "alice/demo", "zero-a10g")
        refused(404, bob.get_space_runtime, "alice/demo")
        copy = alice.duplicate_repo("alice/demo", "alice/demo-2", repo_type="space")
        assert alice.file_exists("alice/demo-2", "app.py", repo_type="space") and not alice.get_space_secrets("alice/demo-2")
        alice.create_repo("alice/in-collection")
        made = alice.create_collection("Results of run 1", namespace="alice", private=True)
        alice.add_collection_item(made.slug, "alice/in-collection", "model", note="best")
        assert [item.note for item in alice.get_collection(made.slug).items] == ["best"]
        refused(404, bob.get_collection, made.slug)
        """)  # fmt: skip


def test_viewer(hub: HubProcess, tmp_path: Path) -> None:
    python(hub, tmp_path / "home", """
        alice.create_repo("alice/seen", repo_type="dataset", private=True)
        text = "text,label\\n" + "".join(f"row {i},{i % 3}\\n" for i in range(250))
        alice.upload_file(repo_id="alice/seen", repo_type="dataset", path_in_repo="train.csv", path_or_fileobj=text.encode())
        alice.upload_file(repo_id="alice/seen", repo_type="dataset", path_in_repo="test.jsonl",
                          path_or_fileobj=b'{"text": "a", "label": 1}')
        """)  # fmt: skip

    def view(page: str, token: str | None = "hf_alice", **query: object) -> dict:
        return hub.call("GET", f"/viewer/{page}?{urlencode({'dataset': 'alice/seen', **query})}", token=token)

    assert [split["split"] for split in view("splits")["splits"]] == ["train", "test"]
    train = {"config": "default", "split": "train"}
    rows = view("rows", offset=240, length=100, **train)
    assert (rows["num_rows_total"], len(rows["rows"])) == (250, 10)
    assert rows["rows"][0] == {"row_idx": 240, "row": {"text": "row 240", "label": 0}, "truncated_cells": []}
    assert [feature["type"]["dtype"] for feature in rows["features"]] == ["string", "int64"]
    assert view("filter", where='"label"=2', length=1, **train)["num_rows_total"] == 83
    assert view("search", query="249", **train)["rows"][0]["row_idx"] == 249
    assert view("first-rows", **train)["truncated"] is True
    assert view("size")["size"]["dataset"]["num_rows"] == 251
    url = view("parquet")["parquet_files"][0]["url"]
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": "Bearer hf_alice"})) as answer:
        assert answer.read(4) == b"PAR1"
    for token, code in ((None, 401), ("hf_bob", 404)):
        with pytest.raises(urllib.error.HTTPError) as caught:
            view("splits", token=token)
        assert caught.value.code == code and caught.value.headers["X-Error-Code"].startswith("External")
    with pytest.raises(urllib.error.HTTPError, match="422"):
        view("rows", length=101, **train)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _location(url: str) -> dict[str, str]:
    """Where an address leads, as the values of its query."""
    try:
        urllib.request.build_opener(NoRedirect).open(url)
    except urllib.error.HTTPError as answer:
        assert answer.code == 303, (answer.code, answer.read())
        assert answer.headers["Location"].startswith(REDIRECT)
        return {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
    raise AssertionError("no redirect")


def _token(hub: HubProcess, **form: str) -> dict:
    request = urllib.request.Request(f"{hub.url}/oauth/token", urlencode(form).encode(), method="POST")
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


def test_sign_in_of_two_users(hub: HubProcess, tmp_path: Path) -> None:
    found = hub.call("GET", "/.well-known/openid-configuration")
    keys = KeySet.import_key_set(hub.call("GET", urlsplit(found["jwks_uri"]).path))
    tokens = {}
    for user in ("alice", "bob"):
        verifier, nonce = secrets.token_urlsafe(40), secrets.token_hex(8)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": "intern-app", "redirect_uri": REDIRECT, "response_type": "code", "state": "s", "nonce": nonce,
            "scope": "openid profile contribute-repos jobs", "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        page = urllib.request.urlopen(f"{found['authorization_endpoint']}?{urlencode(query)}").read().decode()
        assert "Authorize as alice" in page and "Authorize as bob" in page
        denied = urllib.request.Request(
            found["authorization_endpoint"], urlencode(query | {"user": ""}).encode(), method="POST"
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.build_opener(NoRedirect).open(denied)
        assert "error=access_denied" in refused.value.headers["Location"]
        back = _location(f"{found['authorization_endpoint']}?{urlencode(query | {'login_hint': user})}")
        assert back["state"] == "s"
        form = {
            "grant_type": "authorization_code",
            "code": back["code"],
            "redirect_uri": REDIRECT,
            "client_id": "intern-app",
        }
        with pytest.raises(urllib.error.HTTPError, match="401"):
            _token(hub, **form, client_secret="wrong", code_verifier=verifier)
        got = _token(hub, **form, client_secret="app-secret", code_verifier=verifier)
        with pytest.raises(urllib.error.HTTPError, match="400"):  # a code is good once
            _token(hub, **form, client_secret="app-secret", code_verifier=verifier)
        claims = jwt.decode(got["id_token"], keys).claims
        assert (claims["iss"], claims["aud"], claims["nonce"]) == (hub.url, "intern-app", nonce)
        told = hub.call("GET", "/oauth/userinfo", token=got["access_token"])
        assert told["sub"] == claims["sub"] and told["preferred_username"] == user and "email" not in told
        tokens[user] = got
        renewed = _token(hub, grant_type="refresh_token", refresh_token=got["refresh_token"], client_id="intern-app",
                         client_secret="app-secret")  # fmt: skip
        assert hub.call("GET", "/api/whoami-v2", token=renewed["access_token"])["name"] == user
    alices = tokens["alice"]["access_token"]
    with pytest.raises(urllib.error.HTTPError, match="403"):
        hub.call("POST", "/api/jobs/bob", {"dockerImage": "x", "command": ["true"], "flavor": "cpu-basic"}, alices)
    python(hub, tmp_path / "home", """
        app = HfApi(token=os.environ["SIGNED_IN"])
        app.create_repo("alice/by-the-app", private=True)
        assert app.run_job(image="x", command=["true"], namespace="alice").owner.name == "alice"
        assert app.whoami()["auth"]["scopes"] == ["openid", "profile", "contribute-repos", "jobs"]
        """, SIGNED_IN=alices)  # fmt: skip
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(f"{found['authorization_endpoint']}?client_id=intern-app&redirect_uri=http://evil.test")


def test_faults(hub: HubProcess, tmp_path: Path) -> None:
    hub.faults(
        {"path": "^/api/repos/create$", "status": 403, "message": "no more room"},
        {"path": "/preupload/", "status": 503, "times": 1},
        {"path": "/commit/", "user": "alice", "cut": 0},
        {"path": "/api/jobs/alice$", "method": "POST", "status": 429, "retry_after": 7},
        {"path": "/tree/", "delay": 0.4, "times": 1},
        {"path": "/resolve/", "method": "GET", "skip": 1, "cut": 3},
    )
    python(hub, tmp_path / "home", """
        assert "no more room" in str(refused(403, alice.create_repo, "alice/faulty"))
        alice.create_repo("alice/faulty")
        add = [CommitOperationAdd("a.txt", b"abcdef")]
        try:
            alice.create_commit("alice/faulty", add, commit_message="lost answer")  # preupload is tried again by the client
        except Exception as error:
            assert "HTTPError" not in type(error).__name__ and "disconnected" in str(error), repr(error)
        else:
            raise AssertionError("the cut was not seen")
        assert [commit.title for commit in alice.list_repo_commits("alice/faulty")][0] == "lost answer"  # the work was done
        limited = refused(429, alice.run_job, image="x", command=["true"], namespace="alice")
        assert limited.response.headers["Retry-After"] == "7" and "Retry after 7 seconds" in str(limited)
        begun = time.monotonic()
        list(alice.list_repo_tree("alice/faulty"))
        assert time.monotonic() - begun > 0.4
        assert alice.run_job(image="x", command=["true"], namespace="alice").id
        """)  # fmt: skip
    request = urllib.request.Request(f"{hub.url}/alice/faulty/resolve/main/a.txt")
    assert urllib.request.urlopen(request).read() == b"abcdef"
    with pytest.raises(http.client.IncompleteRead) as cut, urllib.request.urlopen(request) as answer:
        answer.read()
    assert cut.value.partial == b"abc"
    assert [rule["matched"] >= 1 for rule in hub.call("GET", "/.hub/faults")] == [True] * 6
    hub.faults()
    begun = time.monotonic()
    assert urllib.request.urlopen(request).read() == b"abcdef" and time.monotonic() - begun < 30
