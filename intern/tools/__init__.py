"""smolagents tools: thin adapters over the rooms; the only place where an agent touches the world."""

from __future__ import annotations

from smolagents import Tool

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
from intern.tools.files import Files
from intern.tools.look import HelpTool, InspectDataset, ReadMore
from intern.tools.papers import Citations, ExtractSetup, FindPaper, FindPapers, PaperTable, ReadPaper
from intern.tools.publishing import PreviewPublication, Publish
from intern.tools.talk import AskUser, CannotDo, UpdatePlan
from intern.tools.workbench import Workbench

TOOLS = (
    UpdatePlan,
    FindPaper,
    ExtractSetup,
    PaperTable,
    ReadPaper,
    FindPapers,
    Citations,
    ChooseProgram,
    FindData,
    PrepareData,
    DesignExperiment,
    Preflight,
    RunSeed,
    CompareWithPaper,
    PreviewPublication,
    Publish,
    AskUser,
    Files,
    InspectDataset,
    SearchDocs,
    ReadMore,
    HelpTool,
    CannotDo,
)


def build_tools(bench: Workbench) -> list[Tool]:
    """All tools for one run."""
    return [tool(bench) for tool in TOOLS]
