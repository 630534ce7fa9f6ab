"""Tools to look things up: installed packages, data files, long outputs, other tools."""

from __future__ import annotations

import sys
import time

import pytest

from intern.agent.outputs import Outputs
from intern.tools import TOOLS
from intern.tools.workbench import ToolError
from tests.conftest import shared
from tests.tools.conftest import Desk

# -- search_docs ----------------------------------------------------------------------------------------------


def test_a_dotted_name_gives_the_signature_and_docstring_of_what_is_installed(desk: Desk):
    found = desk.search_docs(query="huggingface_hub.HfApi.create_repo")
    import huggingface_hub

    assert found["version"] == huggingface_hub.__version__
    assert found["signature"].startswith("create_repo(self, repo_id: str") and "Create an empty repo" in found["doc"]
    assert found["where"].startswith("huggingface_hub/hf_api.py:")


def test_a_class_shows_its_constructor_or_its_fields(desk: Desk):
    assert "__init__(self, model" in desk.search_docs(query="smolagents.CodeAgent")["signature"].replace(
        "tools: list[Tool], ", ""
    )
    arguments = desk.search_docs(query="transformers.TrainingArguments")["signature"]
    assert "output_dir" in arguments and "num_train_epochs" in arguments


def test_nothing_is_imported_and_it_is_quick(desk: Desk):
    before, started = set(sys.modules), time.monotonic()
    desk.search_docs(query="transformers.AutoModelForCausalLM")
    assert time.monotonic() - started < 10
    assert not {"torch", "transformers"} & (set(sys.modules) - before)


def test_part_of_a_name_lists_what_fits(desk: Desk):
    found = desk.search_docs(query="huggingface_hub upload_")
    assert {"upload_file", "upload_folder"} <= {hit["name"] for hit in found["found"]}


@pytest.mark.parametrize(
    "query", ["no_such_package.x", "", "huggingface_hub.zzz_no_such_name", "../etc passwd", "os.path"]
)
def test_what_is_not_there_is_said_in_a_line(desk: Desk, query):
    with pytest.raises(ToolError) as refused:
        desk.search_docs(query=query)
    assert "\n" not in str(refused.value)


# -- inspect_dataset ------------------------------------------------------------------------------------------

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
    assert found["leakage"] == ["1 rows of train.csv are also in test.csv."]
    assert "samples" in found["files"]["train.csv"] and "samples" not in found["files"]["test.csv"]


@pytest.mark.parametrize(("name", "text"), [("a.jsonl", '{"a": 1}\n{"a"'), ("b.json", "3"), ("c.csv", "")])
def test_a_broken_file_is_one_line(desk: Desk, name, text):
    with pytest.raises(ToolError) as refused:
        desk.inspect_dataset(path=table(desk, name, text))
    assert "\n" not in str(refused.value) and name in str(refused.value)


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


# -- the rest -------------------------------------------------------------------------------------------------


def test_a_long_output_is_read_in_pieces(desk: Desk):
    text = "".join(str(n % 10) for n in range(10_000))
    Outputs(desk.run.folder / "outputs").fit("step3", text, 100)
    first = desk.read_more(handle="step3", start=0)
    second = desk.read_more(handle="step3", start=first["next"])
    assert first["text"] + second["text"] == text and second["next"] is None
    with pytest.raises(ToolError, match="step3"):
        desk.read_more(handle="step4")


def test_every_tool_can_be_explained(desk: Desk):
    assert len(desk.bench.tools) >= len(TOOLS)
    for tool in desk.bench.tools:
        told = desk.help_tool(name=tool.name)
        assert told["does"] and set(told["arguments"]) == set(tool.inputs)
    with pytest.raises(ToolError, match="no tool"):
        desk.help_tool(name="nothing")
