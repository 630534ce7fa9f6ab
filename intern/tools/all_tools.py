"""The list of all tools, and what of it a run can use."""

from __future__ import annotations

from smolagents import Tool

from intern.tools.base import RoomTool
from intern.tools.docs import SearchDocs
from intern.tools.experiments import (
    ChooseProgram,
    CompareWithPaper,
    DesignExperiment,
    FindData,
    Preflight,
    PrepareData,
    RunSeed,
)
from intern.tools.extras import PublishExtra
from intern.tools.files import Files
from intern.tools.hub import HubInfo, HubSearch
from intern.tools.improving import FinishImproving, StartImproving, TryChange
from intern.tools.inspecting import InspectDataset
from intern.tools.look import HelpTool, ReadMore
from intern.tools.mcp_tools import McpTool
from intern.tools.papers import Citations, ExtractSetup, FindPaper, FindPapers, PaperTable, ReadPaper
from intern.tools.passages import SearchPaper
from intern.tools.prompt import tool_line
from intern.tools.publishing import PreviewPublication, Publish
from intern.tools.research import Research
from intern.tools.scripts import RunScript
from intern.tools.shell import Shell
from intern.tools.talk import AskUser, CannotDo, UpdatePlan
from intern.tools.web import GithubExamples, WebFetch
from intern.tools.weights import BringWeights
from intern.tools.workbench import Workbench

TOOLS = (
    UpdatePlan,
    FindPaper,
    ExtractSetup,
    PaperTable,
    ReadPaper,
    SearchPaper,
    FindPapers,
    Citations,
    BringWeights,
    ChooseProgram,
    FindData,
    PrepareData,
    DesignExperiment,
    Preflight,
    RunSeed,
    RunScript,
    StartImproving,
    TryChange,
    FinishImproving,
    CompareWithPaper,
    PreviewPublication,
    Publish,
    PublishExtra,
    AskUser,
    Files,
    Shell,
    InspectDataset,
    HubSearch,
    HubInfo,
    SearchDocs,
    GithubExamples,
    WebFetch,
    Research,
    ReadMore,
    HelpTool,
    CannotDo,
)

MCP_CHARS = 2400
"""Of the prompt, for tools of MCP servers."""


def build_tools(bench: Workbench) -> list[Tool]:
    """All tools for one run; what it cannot use is there too and says why when it is called."""
    bench.tools = [tool(bench) for tool in TOOLS]
    return bench.tools


def usable(tools: list[Tool]) -> list[Tool]:
    """Those that can work in this run: what the prompt tells of. Of many MCP tools only the first; help_tool knows all."""
    left, told = MCP_CHARS, []
    for tool in tools:
        if isinstance(tool, RoomTool) and tool.missing:
            continue
        if isinstance(tool, McpTool):
            left -= len(tool_line(tool))
            if left < 0:
                continue
        told.append(tool)
    return told
