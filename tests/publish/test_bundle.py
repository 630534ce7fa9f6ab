"""A bundle holds everything that a reader needs, nothing that is not theirs to have, and its digest is its content."""

from __future__ import annotations

import json
import pickle
import zipfile

import pytest

from intern.publish.bundle import NothingToPublishError
from intern.publish.folder import publish_to_folder
from tests.experiments.samples import data_ref, seed_run, spec


def names(bundle) -> list[str]:
    return [f.path for f in bundle.files]


# -- what is in it -----------------------------------------------------------------------------------------


def test_card_weights_program_predictions_and_evidence(shop):
    bundle = shop.stage()
    assert names(bundle) == sorted([
        ".eval_results/trec.yaml", "README.md", "comparison.json", "config.json", "evidence/seed-1.json",
        "evidence/seed-2.json", "experiment.yaml", "model.safetensors", "predictions/seed-1.jsonl",
        "predictions/seed-2.jsonl", "program/program.py", "program/runtime.py", "program/spec.json", "requirements.txt",
    ])  # fmt: skip
    assert bundle.total_bytes == sum(f.bytes for f in bundle.files)
    assert bundle.name == "convolutions-for-sentences-trec"


def test_the_weights_are_the_first_seeds_not_the_best_ones(shop):
    made = spec()
    bundle = shop.stage(made, runs=[seed_run(1, 0.5), seed_run(2, 0.99)])
    assert (bundle.folder / "model.safetensors").read_bytes()[-1] == 1


def test_a_users_data_stays_with_the_user(shop):
    bundle = shop.stage()
    assert not any(name.startswith("program/data") for name in names(bundle))
    text = "".join(f.read_text(errors="replace") for f in bundle.folder.rglob("*") if f.is_file())
    assert "what is a cat" not in text


def test_generated_data_comes_along(shop):
    bundle = shop.stage(spec(data=data_ref("numbers", source="generated")))
    assert "program/data/test.jsonl" in names(bundle)
    assert "label" not in json.loads((bundle.folder / "program/data/test.jsonl").read_text())


def test_staging_again_leaves_nothing_of_before(shop):
    first = shop.stage()
    (first.folder / "left-over.txt").write_text("x")
    again = shop.stage()
    assert again == first and "left-over.txt" not in names(again)


def test_the_digest_is_the_content(shop):
    before = shop.stage()
    other = shop.stage(audit=["another finding"])
    assert before.digest != other.digest and before.name == other.name


def test_a_name_in_another_script_still_gives_a_name(shop):
    made = spec(paper_title=None, program="tiny", data=data_ref("数据"))
    assert shop.stage(made).name == "tiny-on"
    assert shop.stage(spec(paper_title="数据", data=data_ref("数据"))).name == "experiment"


# -- what is refused ---------------------------------------------------------------------------------------


def test_nothing_measured(shop):
    from intern.experiments.compare import summarise
    from intern.publish.bundle import stage_bundle

    runs = [seed_run(1, 0.9)]
    summary = summarise(spec(), runs)
    empty = [runs[0].model_copy(update={"evidence": None})]
    with pytest.raises(NothingToPublishError, match="Nothing was measured"):
        stage_bundle(shop.root / "b", shop.jobs, spec(), empty, summary, [], not_stated=[], audit=[])


def test_what_only_the_program_says_is_not_published(shop):
    with pytest.raises(NothingToPublishError, match="only reported by the program"):
        shop.stage(runs=[seed_run(1, 0.9, level="reported")])


def with_model_file(shop, name: str, content: bytes):
    """Stage a bundle whose model folder holds one more file."""
    original = shop.job

    def job(made, seed):
        folder = original(made, seed)
        (folder / "model" / name).write_bytes(content)
        return folder

    shop.job = job
    return shop.stage()


def torch_zip(tmp_path) -> bytes:
    path = tmp_path / "weights"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}))
    return path.read_bytes()


@pytest.mark.parametrize("name", ["model.pt", "pytorch_model.bin", "state.PKL", "last.ckpt", "a.pickle"])
def test_files_that_may_hold_code_are_refused_by_name(shop, name):
    with pytest.raises(NothingToPublishError, match="pickled code"):
        with_model_file(shop, name, b"x")


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickle_under_an_innocent_name_is_refused(shop, protocol):
    with pytest.raises(NothingToPublishError, match=r"vocab\.dat may hold pickled code"):
        with_model_file(shop, "vocab.dat", pickle.dumps({"a": 1}, protocol=protocol))


def test_a_torch_file_under_an_innocent_name_is_refused(shop, tmp_path):
    with pytest.raises(NothingToPublishError, match="pickled code"):
        with_model_file(shop, "weights.dat", torch_zip(tmp_path))


def test_a_link_in_the_models_folder_publishes_nothing(shop, tmp_path):
    """Else the weights folder could carry any file that the host can read, a token for example."""
    (tmp_path / "token").write_text("hf_secret")
    original = shop.job

    def job(made, seed):
        folder = original(made, seed)
        if not (folder / "model/notes.txt").is_symlink():
            (folder / "model/notes.txt").symlink_to(tmp_path / "token")
        return folder

    shop.job = job
    with pytest.raises(NothingToPublishError, match=r"notes\.txt .* is a link"):
        shop.stage()


# -- publishing to a folder --------------------------------------------------------------------------------


def test_a_bundle_is_copied_as_it_stands(shop, tmp_path):
    bundle = shop.stage()
    published = publish_to_folder(bundle, tmp_path / "out", "ada")
    target = tmp_path / "out" / "ada" / bundle.name
    assert published.kind == "folder" and published.location == str(target) and published.url is None
    for file in bundle.files:
        assert (target / file.path).read_bytes() == (bundle.folder / file.path).read_bytes()


def test_the_same_bundle_is_published_once(shop, tmp_path):
    bundle = shop.stage()
    first = publish_to_folder(bundle, tmp_path / "out", "ada")
    assert publish_to_folder(bundle, tmp_path / "out", "ada") == first
    assert len(list((tmp_path / "out" / "ada").iterdir())) == 1


def test_other_content_of_the_same_name_gets_a_number(shop, tmp_path):
    first = publish_to_folder(shop.stage(), tmp_path / "out", "ada")
    second = publish_to_folder(shop.stage(audit=["another"]), tmp_path / "out", "ada")
    assert second.location == f"{first.location}-2"
    assert publish_to_folder(shop.stage(), tmp_path / "out", "ada") == first


@pytest.mark.parametrize("taken", ["file", "folder", "broken marker", "odd marker"])
def test_what_somebody_else_put_there_is_left_alone(shop, tmp_path, taken):
    bundle = shop.stage()
    target = tmp_path / "out" / "ada" / bundle.name
    target.parent.mkdir(parents=True)
    if taken == "file":
        target.write_text("mine")
    else:
        target.mkdir()
        (target / "mine.txt").write_text("mine")
        if "marker" in taken:
            (target / ".intern.json").write_text("{" if taken == "broken marker" else "[]")
    published = publish_to_folder(bundle, tmp_path / "out", "ada")
    assert published.location == f"{target}-2"
    assert target.read_text() == "mine" if taken == "file" else (target / "mine.txt").exists()


def test_all_or_nothing(shop, tmp_path, monkeypatch):
    """A disk that fills up in the middle leaves no half bundle under the name, and the next try works."""
    import shutil

    bundle, copy, copied = shop.stage(), shutil.copy2, []

    def failing(source, target, **more):
        copied.append(source)
        if len(copied) == 5:
            raise OSError(28, "No space left on device")
        return copy(source, target, **more)

    monkeypatch.setattr(shutil.copytree, "__defaults__", (False, None, failing, False, False))
    with pytest.raises(OSError, match="No space left"):
        publish_to_folder(bundle, tmp_path / "out", "ada")
    assert not (tmp_path / "out" / "ada" / bundle.name).exists()
    monkeypatch.undo()
    assert publish_to_folder(bundle, tmp_path / "out", "ada").location.endswith(bundle.name)


def test_a_staged_file_that_changed_is_not_published(shop, tmp_path):
    bundle = shop.stage()
    (bundle.folder / "README.md").write_text("accuracy 100 %")
    with pytest.raises(NothingToPublishError, match="changed since"):
        publish_to_folder(bundle, tmp_path / "out", "ada")
    assert list((tmp_path / "out" / "ada").iterdir()) == []
