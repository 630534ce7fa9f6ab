"""As on a Space: visitors are strangers to each other, and the app boots there."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from tests.ui.conftest import AppProcess
from tests.ui.test_browser import wait_text


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    app = AppProcess(tmp_path_factory.mktemp("space"), SYSTEM="spaces", SPACE_ID="someone/intern")
    try:
        app.wait()
        yield app
    finally:
        app.end()


def test_two_visitors_do_not_see_each_others_runs(watched, space):
    tabs = [watched() for _ in range(2)]
    first, second = (tab.page for tab in tabs)
    first.goto(space.url)
    wait_text(first, "#header", "visitor (not signed in)")
    assert not first.locator("#data").is_visible()
    first.locator("#chat .example", has_text="What does “Attention").click()
    first.wait_for_function("location.search.includes('run=')")
    wait_text(first, "#runs", "read paper")
    address = first.url
    second.goto(address)
    wait_text(second, "#chat", "There is no such run here, or it belongs to somebody else.")
    wait_text(second, "#runs", "No runs yet")
    first.goto(space.url)  # the same browser comes back
    wait_text(first, "#runs", "read paper")
    first.goto(address)
    wait_text(first, "#chat", "read paper")
    for tab in tabs:  # on a Space Gradio itself adds the Hub's header with its font
        assert {urlsplit(url).hostname for url in tab.strangers} <= {"huggingface.co", "fonts.googleapis.com"}
        tab.strangers.clear()


def test_a_script_without_a_token_is_told_what_to_do(space):
    client = Client(space.url, verbose=False)
    assert client.predict(api_name="/health")["brain"] == "planner"
    with pytest.raises(AppError, match="token"):
        client.predict(api_name="/list_runs")
