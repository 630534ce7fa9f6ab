"""Paper tools: sections of a file, and searches against servers that speak the real formats."""

from __future__ import annotations

import pytest

from intern.runs.events import UserMessage
from intern.tools.all_tools import build_tools
from intern.tools.workbench import ToolError
from tests.conftest import shared
from tests.servers.papers import PaperServer
from tests.tools.conftest import Desk


@pytest.fixture
def connected(desk: Desk, tmp_path):
    """A desk with a network that ends on loopback."""
    with PaperServer() as server:
        desk.bench.settings = server.settings(tmp_path / "net")
        desk.bench.online = True
        desk.tools = {tool.name: tool for tool in build_tools(desk.bench)}
        yield desk


def test_a_section_is_read_from_the_file(desk: Desk) -> None:
    desk.bench.paper = str(shared("papers/1706.03762.pdf"))
    found = desk.find_paper(query=desk.bench.paper)
    read = desk.read_paper(paper_id=found["paper_id"], section="5.3")
    assert "Adam" in read["text"] and "warmup" in read["text"]
    assert "data" in read["note"]
    asked = desk.search_paper(paper_id=found["paper_id"], query="Which optimizer and warmup steps?")
    assert any("warmup" in p["text"] and p["page"] == 7 for p in asked["passages"]) and "data" in asked["note"]


def test_only_files_that_were_given_to_the_run_are_read(desk: Desk, tmp_path, monkeypatch) -> None:
    source = "\\documentclass{article}\\title{Secret}\\begin{document}\\section{One} Words.\\end{document}"
    theirs, mine = tmp_path / "uploads" / "theirs.tex", desk.run.folder / "work" / "mine.tex"
    for path in (theirs, mine):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    (mine.parent / "link.tex").symlink_to(theirs)
    for path in (theirs, theirs.parent, mine.parent / "link.tex", mine.parent / ".." / ".." / ".." / ".." / "uploads"):
        with pytest.raises(ToolError, match="was not given to this run"):
            desk.find_paper(query=str(path))
    assert desk.find_paper(query=str(mine))["title"] == "Secret"
    desk.run.emit(UserMessage(text=f"read paper: {theirs}, please"))
    assert desk.find_paper(query=str(theirs))["title"] == "Secret"
    monkeypatch.setenv("SYSTEM", "spaces")
    with pytest.raises(ToolError, match="was not given to this run"):
        desk.find_paper(query=str(theirs))
    desk.bench.paper = str(theirs)
    assert desk.find_paper(query=str(theirs))["title"] == "Secret"


def test_a_card_has_no_text(desk: Desk) -> None:
    found = desk.find_paper(query="attention is all you need")
    with pytest.raises(ToolError, match="built-in card"):
        desk.read_paper(paper_id=found["paper_id"], section="5.3")
    with pytest.raises(ToolError, match="built-in card"):
        desk.search_paper(paper_id=found["paper_id"], query="warmup")


def test_searches_need_a_network(desk: Desk) -> None:
    with pytest.raises(ToolError, match="no network"):
        desk.find_papers(query="transformers")
    with pytest.raises(ToolError, match="no network"):
        desk.citations(arxiv_id="1706.03762", kind="citations")


def test_papers_are_found_once_each(connected: Desk) -> None:
    found = connected.find_papers(query="loopback networks")
    assert [(p["title"], p["year"]) for p in found["papers"]] == [("Loopback Networks for Small Talk", 2021)]
    assert found["problems"] == []


def test_references_and_citations(connected: Desk) -> None:
    cited = connected.citations(arxiv_id="2101.00001v2", kind="references")
    assert [p["title"] for p in cited["papers"]] == ["A Second Paper on Loopback"]
    with pytest.raises(ToolError, match="references"):
        connected.citations(arxiv_id="2101.00001", kind="friends")


def test_a_paper_is_found_online_and_a_section_read(connected: Desk) -> None:
    found = connected.find_paper(query="2101.00001")
    assert found["title"] == "Loopback Networks for Small Talk"
    assert found["source"] == "latex"
    read = connected.read_paper(paper_id=found["paper_id"], section="Training")
    assert "learning rate of 0.05" in read["text"]
