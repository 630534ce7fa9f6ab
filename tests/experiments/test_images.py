"""Images: MNIST's own form, and folders of pictures; only pixels come out."""

from __future__ import annotations

import gzip
import struct

import pytest

from intern.experiments.loading import load, rows
from intern.experiments.sources import DataError, find_local
from tests.conftest import shared


def idx(folder, images: list[bytes], labels: list[int], part: str = "train-", zipped: bool = False):
    folder.mkdir(parents=True, exist_ok=True)
    header = struct.pack(">IIII", 2051, len(images), 2, 3)
    files = {
        f"{part}images-idx3-ubyte": header + b"".join(images),
        f"{part}labels-idx1-ubyte": struct.pack(">II", 2049, len(labels)) + bytes(labels),
    }
    for name, content in files.items():
        path = folder / (name + ".gz" * zipped)
        path.write_bytes(gzip.compress(content) if zipped else content)


@pytest.mark.parametrize("zipped", [False, True])
def test_idx_files(tmp_path, zipped):
    idx(tmp_path / "things", [bytes(range(6)), bytes(6)], [7, 1], zipped=zipped)
    idx(tmp_path / "things", [bytes([9] * 6)], [3], part="t10k-", zipped=zipped)
    (found,) = find_local(tmp_path)
    assert found.task == "image-classification" and found.name == "things" and found.has_test_file
    assert rows(found) == {"train": [(((2, 3), bytes(range(6))), "7"), (((2, 3), bytes(6)), "1")],
                           "test": [(((2, 3), bytes([9] * 6)), "3")]}  # fmt: skip


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda d: (d / "train-labels-idx1-ubyte").unlink(), "has no file of labels"),
        (
            lambda d: (d / "train-labels-idx1-ubyte").write_bytes(b"abc"),
            "is not an IDX file of labels: its first bytes are",
        ),
        (lambda d: idx(d, [bytes(6)] * 2, [1]), "has 2 images, train-labels-idx1-ubyte has 1 labels"),
        (lambda d: (d / "train-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 2051, 5, 2, 3)), "46"),
    ],
)
def test_what_does_not_fit_is_said(tmp_path, spoil, said):
    idx(tmp_path, [bytes(6)], [1])
    spoil(tmp_path)
    with pytest.raises(DataError, match=said):
        rows(find_local(tmp_path)[0])


def test_a_folder_for_each_class(tmp_path, png):
    for part, shade in (("train", 10), ("test", 20)):
        for label in ("cat", "dog"):
            (tmp_path / part / label).mkdir(parents=True)
            (tmp_path / part / label / f"{label}.png").write_bytes(
                png(shade, size=(4, 4) if label == "cat" else (8, 6))
            )
    (found,) = find_local(tmp_path)
    loaded = load(found)
    assert {split: [r.label for r in part] for split, part in loaded.parts.items()} == {
        "train": ["cat", "dog"], "test": ["cat", "dog"],
    }  # fmt: skip
    assert {r.input.shape for part in loaded.parts.values() for r in part} == {(8, 8)}
    assert "2 different sizes" in loaded.notes[0] and "8×8" in loaded.notes[0]


def test_a_broken_picture_is_named(tmp_path, png):
    for label in ("cat", "dog"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "a.png").write_bytes(png(1) if label == "cat" else png(1)[:30])
    with pytest.raises(DataError, match=r"dog/a\.png is not a picture"):
        rows(find_local(tmp_path)[0])


def test_real_mnist():
    (found,) = find_local(shared("data/mnist10k"))
    part = rows(found)[""]
    assert len(part) == 10_000 and part[0].label == "7" and part[0].input.shape == (28, 28)
