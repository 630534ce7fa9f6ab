"""inspect_dataset: what is found in data of all shapes, and that looking at hostile files harms nobody."""

from __future__ import annotations

import codecs
import gzip
import io
import struct
import threading
import time
from pathlib import Path

import pytest

from intern.runs.workspace import RunStopped
from intern.tools.workbench import ToolError
from tests.conftest import shared
from tests.tools.conftest import Desk


def work(desk: Desk, name: str) -> Path:
    """A path in the work folder, its folder made."""
    path = desk.run.folder / "work" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


BAD = """text,label,score
good film,pos,0.9
bad film,neg,0.1
bad film,neg,0.1
,neg,0.2
fine,POS,n/a
odd,pos,about 1
"""


def table(desk: Desk, name: str, text: str) -> str:
    folder = desk.run.folder / "work"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return name


def test_what_is_wrong_with_a_table_is_found(desk: Desk):
    facts = desk.inspect_dataset(path=table(desk, "bad.csv", BAD))["files"]["bad.csv"]
    assert facts["rows"] == 6 and facts["duplicate_rows"] == 1
    assert "leakage" not in desk.inspect_dataset(path="bad.csv"), "one part cannot leak into itself"
    assert facts["columns"]["text"]["missing"] == 1 and facts["columns"]["score"]["missing"] == 1
    assert facts["samples"][0] == ["good film", "pos", "0.9"]
    assert any("repeat another row" in w for w in facts["worries"])


def test_numbers_that_are_none_outliers_and_spellings_are_told(desk: Desk):
    rows = "".join(f"{n % 7},{'yes' if n % 3 else 'Yes'}\n" for n in range(60))
    facts = desk.inspect_dataset(path=table(desk, "n.csv", f"a,b\n{rows}999999,yes\nseven,yes\n"))["files"]["n.csv"]
    said = " ".join(facts["worries"])
    assert "1 values like 'seven'" in said and "1 values are far" in said and "several spellings" in said


def test_rows_in_two_files_are_leakage_and_test_rows_are_not_shown(desk: Desk):
    (desk.run.folder / "work" / "d").mkdir(parents=True)
    table(desk, "d/train.csv", "text,label\nA b,x\nc,y\n")
    table(desk, "d/test.csv", "text,label\n a  B,x\nz,y\n")
    found = desk.inspect_dataset(path="d")
    assert found["leakage"] == ["1 of 2 test rows also occurs in the train part (same text)."]
    assert "samples" in found["files"]["train.csv"] and "samples" not in found["files"]["test.csv"]


def test_a_row_that_may_be_sealed_is_not_shown_beside_its_label(desk: Desk, tmp_path: Path):
    """An undivided table of the person's is cut later: what is shown of it gives no row away. With a test file it may be."""
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "all.csv").write_text("text,label\n" + "".join(f"text {n},label {n}\n" for n in range(40)))
    (folder / "lines.txt").write_text("".join(f"c{n % 2} what is thing {n}\n" for n in range(40)))
    desk.bench.data = folder
    for path in ("", "all.csv"):
        found = desk.inspect_dataset(path=path)
        shown = found["files"]["all.csv"]["samples"]
        assert len(shown) == 3 and "another row" in found["note"]
        assert all(text.removeprefix("text ") != label.removeprefix("label ") for text, label in shown)
    lines = next(s for s in desk.inspect_dataset()["data_sets"] if s["name"] == "lines")
    assert all(text and label in ("c0", "c1") for text, label in lines["samples"]["all"])
    (folder / "all.csv").rename(folder / "rows-train.csv")
    (folder / "rows-test.csv").write_text("text,label\n" + "".join(f"other {n},label {n}\n" for n in range(9)))
    divided = desk.inspect_dataset()["files"]
    assert (
        divided["rows-train.csv"]["samples"][0] == ["text 0", "label 0"] and "samples" not in divided["rows-test.csv"]
    )
    (folder / "few.csv").write_text("a,b\n1,2\n")
    assert desk.inspect_dataset(path="few.csv")["files"]["few.csv"]["samples"] == []


@pytest.mark.parametrize(("name", "text"), [("a.jsonl", '{"a": 1}\n{"a"'), ("b.json", "3"), ("c.csv", "")])
def test_a_broken_file_is_one_line(desk: Desk, name, text):
    with pytest.raises(ToolError) as refused:
        desk.inspect_dataset(path=table(desk, name, text))
    assert "\n" not in str(refused.value) and name in str(refused.value)


def test_a_fault_is_named_with_its_line(desk: Desk):
    with pytest.raises(ToolError, match=r"rows.jsonl line 3 is broken JSON"):
        desk.inspect_dataset(path=table(desk, "rows.jsonl", '{"a": "\u2028"}\n\n{"a":\n{"a": 1}\n'))
    with pytest.raises(ToolError, match="nested too deeply"):
        desk.inspect_dataset(path=table(desk, "deep.json", "[" * 100_000 + "]" * 100_000))


def test_a_whole_book_in_a_cell_and_a_table_in_utf16_are_read(desk: Desk):
    book = desk.inspect_dataset(path=table(desk, "books.csv", f"text,label\n{'word ' * 100_000},a\nshort,b\n"))
    assert book["files"]["books.csv"]["rows"] == 2 and "books" in str(book["data_sets"])
    text = "".join(f"Žofie {n}\tlabel{n % 2}\n" for n in range(60_000))
    for encoding in ("utf-16", "utf-16-be"):
        mark = codecs.BOM_UTF16_BE if encoding == "utf-16-be" else b""
        table(desk, "rows.tsv", "")
        (desk.run.folder / "work" / "rows.tsv").write_bytes(mark + f"text\tlabel\n{text}".encode(encoding))
        found = desk.inspect_dataset(path="rows.tsv")
        told = found["files"]["rows.tsv"]
        assert told["rows"] == 60_000 and list(told["columns"]) == ["text", "label"]
        assert any("UTF-16" in worry for worry in told["worries"]) and "Žofie" in str(told["samples"])
        assert found["data_sets"][0]["splits"]["all"]["classes"] == {"label0": 30_000, "label1": 30_000}


def test_only_the_persons_data_and_the_work_folder_can_be_inspected(desk: Desk, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    (desk.run.folder / "work").mkdir(exist_ok=True)
    (desk.run.folder / "work" / "link.csv").symlink_to(secret)
    for path in (str(secret), "../secret.csv", "link.csv", "../../sealed"):
        with pytest.raises(ToolError, match="There is no"):
            desk.inspect_dataset(path=path)


def test_a_real_table_without_a_line_of_names_is_read(desk: Desk):
    file = shared("data/tabular") / "adult-test.csv"
    if not file.is_file():
        pytest.skip("needs ../shared/data/tabular/adult-test.csv")
    text = file.read_text(encoding="utf-8")
    facts = desk.inspect_dataset(path=table(desk, "adult.csv", text))["files"]["adult.csv"]
    assert facts["rows"] == sum(bool(line.strip()) for line in text.splitlines()) == 16281
    assert facts["columns"]["column1"]["type"] == "number"
    unknown = sum(line.split(", ")[1] == "?" for line in text.splitlines() if line.strip())
    assert facts["columns"]["column2"]["missing"] == unknown > 100
    assert facts["columns"]["column15"]["classes"] == {"<=50K.": 12435, ">50K.": 3846}
    assert "no line of column names" in facts["worries"][0]


# -- other shapes ---------------------------------------------------------------------------------------------


def idx(count: int, height: int = 4, shade: int = 0) -> tuple[bytes, bytes]:
    """An IDX pair: `count` different pictures, labels 0 and 1 in turns."""
    pictures = b"".join(bytes((n * 37 + shade + k * 11) % 256 for k in range(height * height)) for n in range(count))
    images = struct.pack(">IIII", 2051, count, height, height) + pictures
    return images, struct.pack(">II", 2049, count) + bytes(n % 2 for n in range(count))


def test_idx_files_zipped_or_not_with_pictures_in_both_parts(desk: Desk):
    images, labels = idx(40)
    work(desk, "m/train-images-idx3-ubyte.gz").write_bytes(gzip.compress(images))
    work(desk, "m/train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels))
    images, labels = idx(10)
    work(desk, "m/t10k-images-idx3-ubyte").write_bytes(images)
    work(desk, "m/t10k-labels-idx1-ubyte").write_bytes(labels)
    found = desk.inspect_dataset(path="m")
    (made,) = found["data_sets"]
    assert made["splits"]["train"] == {
        "rows": 40, "classes": {"0": 20, "1": 20}, "number_of_classes": 2, "shapes": {"4×4": 40}, "empty_pictures": 0,
    }  # fmt: skip
    assert found["leakage"] == ["10 of 10 test rows also occur in the train part (same values)."]
    assert "test" not in made["samples"] and made["samples"]["train"][0] == ["4×4 pixels", "0"]


def picture(shade: int, size: tuple[int, int] = (16, 16)) -> bytes:
    from PIL import Image

    made = io.BytesIO()
    image = Image.new("RGB", size)
    image.putdata([((x * 7 + shade * 31) % 256, (x * 3) % 256, shade) for x in range(size[0] * size[1])])
    image.save(made, "png")
    return made.getvalue()


def test_a_folder_of_pictures_by_class_with_a_broken_one_and_a_double(desk: Desk):
    for split, number in (("train", 6), ("test", 2)):
        for n in range(number):
            for name in ("cat", "dog"):
                work(desk, f"p/{split}/{name}/{n}.png").write_bytes(picture(n + (100 if name == "dog" else 0)))
    found = desk.inspect_dataset(path="p")
    (made,) = found["data_sets"]
    assert made["task"] == "image-classification" and made["splits"]["train"]["classes"] == {"cat": 6, "dog": 6}
    assert found["leakage"][0].startswith("4 of 4 test rows also occur")
    work(desk, "p/train/cat/broken.png").write_bytes(picture(1)[:60])
    with pytest.raises(ToolError, match=r"broken\.png is not a picture"):
        desk.inspect_dataset(path="p")


def test_parquet_has_the_same_audit(desk: Desk):
    import pyarrow as pa
    from pyarrow import parquet

    texts = [f"a sentence about thing {chr(97 + n % 26)}{n}" for n in range(60)]
    table = pa.table({"text": [*texts[:59], None], "label": [n % 2 for n in range(60)], "blob": [b"x"] * 60})
    parquet.write_table(table, work(desk, "q/train.parquet"))
    facts = desk.inspect_dataset(path="q")["files"]["train.parquet"]
    assert facts["rows"] == 60 and facts["columns"]["text"]["missing"] == 1 and facts["columns"]["label"]["classes"]
    assert any("same value in every row" in w for w in facts["worries"])


def test_near_duplicates_between_splits_are_told(desk: Desk):
    train = "".join(f"the quick fox number {n} jumps over {chr(97 + n)} lazy dogs today,{n % 2}\n" for n in range(20))
    work(desk, "n/train.csv").write_text(f"text,label\n{train}")
    test = "The quick fox; number 77 jumps over c lazy dogs TODAY!,0\nother words are here now,1\n"
    work(desk, "n/test.csv").write_text(f"text,label\n{test}")
    assert desk.inspect_dataset(path="n")["leakage"][0].startswith(
        "1 of 2 test rows is nearly the same as a row of train"
    )


def test_real_mnist_and_real_sentences(desk: Desk):
    desk.bench.data = shared("data/mnist10k")
    (digits,) = desk.inspect_dataset()["data_sets"]
    assert digits["splits"]["all"]["rows"] == 10_000 and digits["splits"]["all"]["shapes"] == {"28×28": 10_000}
    assert digits["splits"]["all"]["classes"]["1"] == 1135 and digits["splits"]["all"]["number_of_classes"] == 10
    desk.bench.data = shared("data/sentences")
    found = {s["name"]: s for s in desk.inspect_dataset()["data_sets"]}
    assert found["TREC"]["splits"]["train"]["rows"] == 5452 and found["TREC"]["splits"]["test"]["rows"] == 500
    assert "test" not in found["TREC"]["samples"]


# -- hostile files --------------------------------------------------------------------------------------------


def test_a_bomb_a_lie_and_a_maze_end_in_one_line(desk: Desk):
    work(desk, "bomb.csv.gz").write_bytes(gzip.compress(b"0" * (300 << 20), compresslevel=1))
    work(desk, "lie-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 2051, 2**31, 60_000, 60_000))
    work(desk, "lie-labels-idx1-ubyte").write_bytes(struct.pack(">II", 2049, 1) + b"1")
    work(desk, "broken.parquet").write_bytes(b"PAR1" + b"\xff" * 300 + b"PAR1")
    for name in ("bomb.csv.gz", "broken.parquet", "lie-images-idx3-ubyte"):
        with pytest.raises(ToolError) as refused:
            desk.inspect_dataset(path=name)
        assert "\n" not in str(refused.value)


def test_it_looks_from_inside_the_sandbox(desk: Desk):
    """A link that code put among its files leads nowhere, whatever the host itself could read."""
    secret = desk.settings.home / "runs.sqlite"
    work(desk, "d/a.csv").write_text("a,b\n1,2\n")
    work(desk, "d/link.csv").symlink_to(secret)
    try:
        found = str(desk.inspect_dataset(path="d"))
    except ToolError as refused:
        found = str(refused)
    assert "SQLite format" not in found and str(desk.settings.home) not in found


def test_links_in_the_persons_own_data_are_followed(desk: Desk, tmp_path: Path):
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / "abc").write_text("a,b\n1,2\n")
    (tmp_path / "snapshot").mkdir()
    (tmp_path / "snapshot" / "a.csv").symlink_to(tmp_path / "blobs" / "abc")
    desk.bench.data = tmp_path / "snapshot"
    assert desk.inspect_dataset()["files"]["a.csv"]["rows"] == 1


def test_a_look_is_stopped_within_a_second(desk: Desk):
    rows = "".join(f"word{n} and word{n + 1} and word{n * 7} or {n},{n % 3}\n" for n in range(400_000))
    work(desk, "big/train.csv").write_text(f"text,label\n{rows}")
    stopped: list[float] = []

    def stop() -> None:
        time.sleep(1)
        stopped.append(time.monotonic())
        desk.run.cancel.set()

    threading.Thread(target=stop).start()
    with pytest.raises(RunStopped):
        desk.inspect_dataset(path="big")
    assert time.monotonic() - stopped[0] < 15, "a second, and some for a busy machine"
