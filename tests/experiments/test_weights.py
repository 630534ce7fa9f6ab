"""Pretrained weights: what is taken of a folder or of a Hub on loopback, what is refused, and how they are known again."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from intern.experiments.checkpoints import known_checkpoint
from intern.experiments.hub_data import HubRef
from intern.experiments.hub_weights import fetch_weights, weights_ref
from intern.experiments.weights import WeightsError, copy_weights, fingerprint, look_at, memory_needed
from intern.naming import named_data, named_weights
from tests.hub import ALICE, BOB, running_hub


def tensors_file(path: Path, *names: str, fill: float = 0.5) -> None:
    """A real safetensors file: a matrix of 40 × 40 floats under each name."""
    size = 40 * 40 * 4
    header = {
        n: {"dtype": "F32", "shape": [40, 40], "data_offsets": [i * size, (i + 1) * size]} for i, n in enumerate(names)
    }
    head = json.dumps(header).encode()
    body = b"".join(struct.pack("<1600f", *[fill + i] * 1600) for i in range(len(names)))
    path.write_bytes(struct.pack("<Q", len(head)) + head + body)


def folder(place: Path, **config: object) -> Path:
    """A folder as save_pretrained leaves it, with what must not be taken beside it."""
    place.mkdir(parents=True)
    about = {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], **config}
    (place / "config.json").write_text(json.dumps({k: v for k, v in about.items() if v is not None}))
    (place / "tokenizer.json").write_text("{}")
    tensors_file(place / "model.safetensors", "a", "b")
    (place / "pytorch_model.bin").write_bytes(b"\x80\x02 a pickle")
    (place / "modeling.py").write_text("raise SystemExit('code of the weights ran')")
    (place / "README.md").write_text("---\nlicense: apache-2.0\n---\n# Weights\n")
    return place


def test_a_folder_is_described_and_only_safe_files_are_copied(tmp_path: Path) -> None:
    ref = look_at(folder(tmp_path / "mine"))
    assert (ref.id, ref.source, ref.revision, ref.licence) == ("mine", "local", "", "apache-2.0")
    assert (ref.architecture, ref.parameters) == ("GPT2LMHeadModel", 3200)
    assert ref.name == f"mine@sha256:{ref.fingerprint[:12]}"
    copy_weights(tmp_path / "mine", tmp_path / "copy")
    assert {p.name for p in (tmp_path / "copy").iterdir()} == {"config.json", "tokenizer.json", "model.safetensors"}
    assert fingerprint(tmp_path / "copy") == ref.fingerprint
    with (tmp_path / "copy" / "model.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x01")
    assert fingerprint(tmp_path / "copy") != ref.fingerprint


@pytest.mark.parametrize(
    ("config", "change", "said"),
    [
        ({}, "model.safetensors", "may run code"),
        ({}, "tokenizer.json", "no tokenizer"),
        ({}, "config.json", "holds no pretrained weights"),
        ({"auto_map": {"AutoModel": "modeling.Mine"}}, "", "code of its own"),
        ({"quantization_config": {"bits": 4}}, "", "quantized"),
        ({"model_type": None}, "", "names no model_type"),
    ],
)
def test_what_is_not_safe_or_not_whole_is_refused(tmp_path: Path, config: dict, change: str, said: str) -> None:
    place = folder(tmp_path / "mine", **config)
    if change:
        (place / change).unlink()
    with pytest.raises(WeightsError, match=said):
        look_at(place)


def test_a_missing_shard_and_a_false_safetensors_file_are_refused(tmp_path: Path) -> None:
    place = folder(tmp_path / "mine")
    (place / "model.safetensors").rename(place / "model-00001-of-00002.safetensors")
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    (place / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(WeightsError, match=r"model-00002-of-00002.* is not there"):
        look_at(place)
    other = folder(tmp_path / "other")
    (other / "model.safetensors").write_bytes(b"\x80\x02 a pickle under a good name")
    with pytest.raises(WeightsError, match="not a safetensors file"):
        look_at(other)


def test_memory_of_all_weights_is_that_of_numbers_gradients_and_two_moments(tmp_path: Path) -> None:
    ref = look_at(folder(tmp_path / "mine")).model_copy(update={"parameters": 250 * 2**20})
    assert memory_needed(ref, lora=False) - memory_needed(ref, lora=True) == pytest.approx(3000)


# -- the model afterwards ----------------------------------------------------------------------------------


def test_tuned_weights_are_no_cheat_and_untouched_ones_are_told(tmp_path: Path) -> None:
    base, other, model = tmp_path / "base", tmp_path / "cache", tmp_path / "model"
    for place in (base, other, model):
        place.mkdir()
    tensors_file(base / "model.safetensors", "embedding", "layer")
    tensors_file(model / "model.safetensors", "embedding", "layer")
    assert "nothing was tuned" in str(known_checkpoint(model, [other], base))
    assert "not trained here from scratch" in str(known_checkpoint(model, [base])), "a program that claims from scratch"
    tensors_file(model / "model.safetensors", "embedding", "layer", "head")  # two of the base, one that was learnt
    assert known_checkpoint(model, [other], base) is None
    tensors_file(other / "model.safetensors", "x", "y", "z", fill=2.5)  # ... which is that of somebody else
    assert "not trained here from scratch" in str(known_checkpoint(model, [other], base))


# -- the words of a request --------------------------------------------------------------------------------


def test_the_words_of_a_request_name_weights_and_data(tmp_path: Path) -> None:
    place, rows = folder(tmp_path / "models" / "mine"), tmp_path / "rows.csv"
    rows.write_text("text,label\n")
    asked = "fine-tune models/mine on ./rows.csv, three seeds."
    assert (named_weights(asked, tmp_path), named_data(asked, tmp_path)) == (str(place), str(rows))
    assert named_data("fine-tune ./models/mine on rows.csv.", tmp_path) == str(rows), "as README has it"
    assert named_data("fine-tune ./models/mine on other.csv", tmp_path) is None
    assert named_weights("LoRA-tune me/small-gpt@main on my text", tmp_path) == "me/small-gpt@main"
    assert (
        named_weights("fine-tune the model google/bert_uncased_L-2 on ./rows.csv", tmp_path)
        == "google/bert_uncased_L-2"
    )
    assert named_weights(asked, None) == "models/mine", "on a shared server words name the Hub's models, never files"
    assert named_data(asked, None) is None
    assert named_weights("train a classifier on models/mine", tmp_path) is None


@pytest.mark.parametrize(
    "words", ["for ~ 5 minutes", "batch 8 / lr 1e-4", "with a ~10M adapter", "from ~/", "a" * 300 + "/b"]
)
def test_words_that_only_look_like_paths_name_nothing(tmp_path: Path, words: str) -> None:
    assert named_data(f"fine-tune owner/name {words}", tmp_path) is None


# -- the Hub -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("owner/name", HubRef("owner/name")),
        ("owner/name@abc", HubRef("owner/name", "abc")),
        ("https://huggingface.co/owner/name", HubRef("owner/name")),
        ("./owner/name", None),
        ("name", None),
    ],
)
def test_what_names_a_model_of_the_hub(text: str, expected: HubRef | None) -> None:
    assert weights_ref(text) == expected


def test_weights_of_the_hub_are_pinned_and_come_without_pickles_and_code(tmp_path: Path) -> None:
    with running_hub(tmp_path / "hub") as server:
        api = server.api()
        api.create_repo("alice/small", private=True)
        local = folder(tmp_path / "local")
        first = api.upload_folder(repo_id="alice/small", folder_path=str(local)).oid
        tensors_file(local / "model.safetensors", "a", "b", "c")
        api.upload_folder(repo_id="alice/small", folder_path=str(local))
        options = {"online": True, "cache": False}
        place, about = fetch_weights(HubRef("alice/small", first), tmp_path / "f", server.url, ALICE, **options)
        ref = look_at(place, name=about.repo, revision=about.commit, licence=about.licence)
        assert (ref.name, ref.licence, ref.parameters) == (f"alice/small@{first[:12]}", "apache-2.0", 3200)
        assert not (place / "pytorch_model.bin").exists() and not (place / "modeling.py").exists()
        with pytest.raises(WeightsError, match="no model alice/small, or it is private"):
            fetch_weights(HubRef("alice/small"), tmp_path / "g", server.url, BOB, **options)
        api.create_repo("alice/pickled", private=False)
        api.upload_file(path_or_fileobj=b"\x80\x02", path_in_repo="pytorch_model.bin", repo_id="alice/pickled")
        with pytest.raises(WeightsError, match="only safetensors are loaded"):
            fetch_weights(HubRef("alice/pickled"), tmp_path / "h", server.url, None, **options)
    again, known = fetch_weights(
        HubRef("alice/small", first), tmp_path / "f", server.url, ALICE, online=False, cache=False
    )
    assert (again, known) == (place, about), "a resumed run asks nobody"
    with pytest.raises(WeightsError, match="not in this machine's cache"):
        fetch_weights(HubRef("alice/else"), tmp_path / "i", server.url, None, online=False, cache=True)


def test_the_cache_of_this_machine_serves_a_pinned_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = "a" * 40
    repo = tmp_path / "hub" / "models--me--small"
    folder(repo / "snapshots" / commit)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(commit)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("intern.experiments.hub_weights.snapshot_download", _with_cache(tmp_path / "hub"))
    for name, online in (("", False), (commit, True)):
        ref = HubRef("me/small", name)
        place, about = fetch_weights(ref, tmp_path / "x", "http://127.0.0.1:9", None, online=online, cache=True)
        assert (place.name, about.commit, about.cached, about.licence) == (commit, commit, True, "apache-2.0")


def _with_cache(place: Path):  # the client fixes its cache's folder when it is imported
    from huggingface_hub import snapshot_download

    return lambda *a, **k: snapshot_download(*a, **{**k, "cache_dir": str(place)})
