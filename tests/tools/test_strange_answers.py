"""Servers that answer JSON of any shape: a tool gives what it can make of it, or one line; never a traceback."""

from __future__ import annotations

import copy
import random

import pytest

from intern.settings import Network, Settings, Web
from intern.tools.workbench import ToolError
from tests.servers.web import WebServer, github, viewer
from tests.tools.conftest import Desk

ODD = [None, True, 0, -1, 1.5, "", "x", "0" * 300, [], [None], ["x"], [[]], [{}], {}, {"": None}, {"x": {"y": []}}]


def spoilt(value: object, chooser: random.Random) -> object:
    """The value with one part of it replaced, or gone."""
    value = copy.deepcopy(value)
    places: list[tuple[object, object]] = []

    def collect(inner: object) -> None:
        if isinstance(inner, dict | list):
            keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
            for key in keys:
                places.append((inner, key))
                collect(inner[key])

    collect(value)
    if not places or chooser.random() < 0.1:
        return chooser.choice(ODD)
    holder, key = chooser.choice(places)
    if isinstance(holder, dict) and chooser.random() < 0.3:
        del holder[key]
    else:
        holder[key] = chooser.choice(ODD)  # type: ignore[index]
    return value


@pytest.mark.parametrize("seed", range(4))
def test_any_answer_is_survived(desk: Desk, seed: int):
    import json

    chooser = random.Random(seed)
    with WebServer() as web:
        viewer(web, "org/rows")
        github(web, "org/small", {"examples/a.py": "x = 1\n", "b.ipynb": '{"cells": []}'})
        good = {path: json.loads(answer.body) for path, answer in web.pages.items()}
        network = Network(hub=web.url, viewer=web.url, github=web.url)
        desk.bench.settings = Settings(home=desk.settings.home, network=network, web=Web(allowed_hosts=()))
        desk.bench.online, desk.bench.github_token = True, "ghp_x"
        calls = (
            lambda: desk.inspect_dataset(path="hub:org/rows"),
            lambda: desk.github_examples(query="a", repo="org/small"),
            lambda: desk.github_examples(query="a"),
            lambda: desk.github_examples(repo="org/small", path="examples/a.py"),
            lambda: desk.github_examples(repo="org/small", path="b.ipynb"),
        )
        answered = 0
        for _ in range(60):
            path = chooser.choice(list(good))
            web.json(path, spoilt(good[path], chooser))
            for call in calls:
                try:
                    json.dumps(call())
                    answered += 1
                except ToolError as error:
                    assert "\n" not in str(error) and len(str(error)) < 600
            web.json(path, good[path])
        assert answered > 150
