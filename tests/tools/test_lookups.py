"""Tools to look things up: installed packages, data files, long outputs, other tools."""

from __future__ import annotations

import sys
import time

import pytest

from intern.agent.outputs import Outputs
from intern.tools.all_tools import TOOLS
from intern.tools.workbench import ToolError
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
