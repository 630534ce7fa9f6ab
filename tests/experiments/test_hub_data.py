"""Data sets of the Hub, from a Hub on loopback: pinned to a commit, without a script, and used like any other."""

from __future__ import annotations

import pyarrow as pa
import pytest
from pyarrow import parquet

from intern.experiments.hub_data import HubRef, fetch, hub_candidates, hub_ref
from intern.experiments.loading import rows
from intern.experiments.sources import DataError
from tests.hub import ALICE, running_hub


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A Hub with one data set of two commits, private, with a script that nobody runs."""
    root = tmp_path_factory.mktemp("data-hub")
    with running_hub(root / "hub") as found:
        api = found.api()
        api.create_repo("alice/fruit", repo_type="dataset", private=True)
        local = root / "fruit"
        (local / "data").mkdir(parents=True)
        (local / "README.md").write_text("---\nlicense: cc-by-4.0\n---\n# Fruit\n")
        (local / "fruit.py").write_text("raise SystemExit('a loading script ran')\n")
        for part, count in (("train", 60), ("test", 20)):
            colours = [["red", "green", "yellow"][n % 3] for n in range(count)]
            columns = {"weight": [10.0 * (n % 3) + (n + (part == "test") / 2) / 100 for n in range(count)], "colour": colours,
                       "label": [n % 3 for n in range(count)]}  # fmt: skip
            parquet.write_table(pa.table(columns), local / "data" / f"{part}-00000-of-00001.parquet")
        first = api.upload_folder(repo_id="alice/fruit", repo_type="dataset", folder_path=str(local)).oid
        parquet.write_table(pa.table({"other": [1]}), local / "data" / "train-00000-of-00001.parquet")
        api.upload_folder(repo_id="alice/fruit", repo_type="dataset", folder_path=str(local))
        yield found, first


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("owner/name", HubRef("owner/name")),
        ("owner/name@v1.0", HubRef("owner/name", "v1.0")),
        ("hf://datasets/owner/name", HubRef("owner/name")),
        ("https://huggingface.co/datasets/owner/name", HubRef("owner/name")),
        ("/somewhere/file.csv", None),
        ("./owner/name", None),
        ("a/b/c", None),
        ("name", None),
    ],
)
def test_what_names_a_data_set_of_the_hub(text, expected):
    assert hub_ref(text) == expected


def test_a_revision_is_fetched_and_read(hub, tmp_path):
    server, first = hub
    fetched = fetch(HubRef("alice/fruit", first), tmp_path, server.url, ALICE)
    assert (fetched.commit, fetched.licence) == (first, "cc-by-4.0")
    assert not (tmp_path / "fruit.py").exists()
    candidate = hub_candidates(fetched, tmp_path)[0]
    assert (candidate.source, candidate.revision, candidate.name) == ("hub", first, "fruit")
    assert candidate.task == "tabular-classification" and candidate.has_test_file
    parts = rows(candidate)
    assert {name: len(part) for name, part in parts.items()} == {"train": 60, "test": 20}
    server.fault("/api/datasets/.*", status=500)
    try:
        assert fetch(HubRef("alice/fruit", first), tmp_path, server.url, ALICE) == fetched, "once is enough"
    finally:
        server.clear()


def test_what_cannot_be_fetched_is_said(hub, tmp_path):
    server, _ = hub
    with pytest.raises(DataError, match=r"The Hub has no data set alice/fruit, or it is private"):
        fetch(HubRef("alice/fruit"), tmp_path / "a", server.url, None)
    with pytest.raises(DataError, match=r"alice/fruit cannot be fetched from the Hub"):
        fetch(HubRef("alice/fruit", "no-such-branch"), tmp_path / "b", server.url, ALICE)


def test_a_run_trains_on_it(hub, intern):
    """Through the front door; the program's folder has no token, the evidence names the commit."""
    server, first = hub
    finished = intern("run", "train a classifier, one seed, iterations=25", "--data", f"alice/fruit@{first}", "--yes",
                      "--json", "--publish", "never", **server.environment())  # fmt: skip
    assert finished.code == 0, finished.err
    data = finished.json["spec"]["data"]
    assert (data["source"], data["revision"], data["licence"]) == ("hub", first, "cc-by-4.0")
    assert data["official_test"] and data["splits"]["test"] == 20
    assert finished.json["summary"]["mean"] >= 0.8
    for file in (f for f in (intern.home / "runs").rglob("*") if f.is_file()):
        assert ALICE.encode() not in file.read_bytes(), file
