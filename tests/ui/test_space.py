"""As on a Space: visitors are strangers to each other, and the app boots there."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from tests.servers.llm import serving
from tests.servers.zerogpu import device_api
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


@pytest.fixture(scope="module")
def hub():
    from tests.ui.oidc import FakeHub

    hub = FakeHub()
    yield hub
    hub.close()


@pytest.fixture(scope="module")
def brain():
    """The model that the Space's owner pays."""
    with serving("<run>\nfinal_answer('Paid by the owner.')\n</run>") as server:
        yield server


@pytest.fixture(scope="module")
def signed_in_space(hub, brain, tmp_path_factory):
    app = AppProcess(
        tmp_path_factory.mktemp("oauth"),
        INTERN_MODEL="org/model",
        INTERN_LLM_BASE_URL=f"{brain.url}/v1",
        INTERN_LLM_API_KEY="sk-owner",
        SYSTEM="spaces",
        SPACE_ID="someone/intern",
        OAUTH_CLIENT_ID="client",
        OAUTH_CLIENT_SECRET="secret",
        OAUTH_SCOPES="openid profile inference-api jobs contribute-repos",
        OPENID_PROVIDER_URL=hub.url,
        HF_ENDPOINT=hub.url,
    )
    try:
        app.wait()
        yield app
    finally:
        app.end()


def sign_in(tab, app, hub, user: str):
    hub.user = user
    page = tab.page
    page.goto(f"http://localhost:{app.port}")  # the cookie is for https, or for localhost
    page.get_by_role("button", name="Sign in with Hugging Face").click()
    wait_text(page, "#header", user)
    return page


def test_who_signs_in_sees_their_own_runs_in_the_browser_and_by_script(watched, signed_in_space, hub):
    tabs = [watched() for _ in range(2)]
    ada = sign_in(tabs[0], signed_in_space, hub, "ada")
    bob = sign_in(tabs[1], signed_in_space, hub, "bob")
    ada.locator("#chat .example", has_text="What does “Attention").click()
    ada.wait_for_function("location.search.includes('run=')")
    run_id = ada.url.partition("run=")[2]
    bob.goto(ada.url)
    wait_text(bob, "#chat", "There is no such run here")
    client = Client(signed_in_space.url, verbose=False, headers={"x-hf-authorization": "Bearer hf_ada"})
    assert [run["run_id"] for run in client.predict(api_name="/list_runs")["runs"]] == [run_id]
    stranger = Client(signed_in_space.url, verbose=False, headers={"x-hf-authorization": "Bearer hf_bob"})
    for endpoint, arguments in (("/get_run", [run_id]), ("/stop_run", [run_id]), ("/list_artifacts", [run_id])):
        with pytest.raises(AppError, match="There is no run"):
            stranger.predict(*arguments, api_name=endpoint)
    assert client.predict(run_id, api_name="/get_run")["run_id"] == run_id
    for tab in tabs:
        tab.strangers.clear()


def ask(page, text: str) -> None:
    page.fill("#task textarea", text)
    page.keyboard.press("Enter")
    page.wait_for_function("location.search.includes('run=')")


def test_only_the_owner_of_a_space_spends_what_they_put_in(watched, signed_in_space, hub, brain):
    tabs = [watched() for _ in range(2)]
    ada = sign_in(tabs[0], signed_in_space, hub, "ada")
    wait_text(ada, "#header", "planner, not an LLM")
    wait_text(ada, "#notices", "last until it restarts")
    assert "bucket" not in ada.locator("#notices").inner_text()
    ask(ada, "read paper: attention is all you need")
    wait_text(ada, ".runbar .chip", "Done", 150)  # the main job may be training beside this test
    wait_text(ada, "#chat", "built-in planner")
    ada.click("#new-run")
    ada.wait_for_function("!location.search")
    ada.locator("#options button").first.click()
    ada.fill("#model input", "org/model")
    ada.keyboard.press("Tab")
    ada.fill("#task textarea", "hello")
    ada.keyboard.press("Enter")
    wait_text(ada, ".toast-wrap", "its owner's")
    assert not brain.requests
    owner = sign_in(tabs[1], signed_in_space, hub, "someone")
    wait_text(owner, "#header", "org/model")
    wait_text(owner, "#notices", "attach a storage bucket")
    ask(owner, "hello")
    wait_text(owner, "#chat", "Paid by the owner.", 60)
    assert len(brain.requests) == 1
    for page, words in ((owner, "the secret pays"), (ada, "Its owner sees more here")):
        page.click("#setup")
        wait_text(page, "#checklist", words)
    assert "sk-owner" not in owner.content() and "the secret pays" not in ada.locator("#checklist").inner_text()
    for tab in tabs:
        tab.strangers.clear()


def test_a_sign_in_that_gives_too_little_is_said_with_what_it_is_for(watched, signed_in_space, hub):
    hub.refused = {"jobs"}
    tab = watched()
    page = sign_in(tab, signed_in_space, hub, "carl")
    hub.refused = set()
    wait_text(page, "#notices", "Your sign-in does not give: jobs (to train on HF Jobs")
    tab.strangers.clear()


def test_visitors_without_a_name_have_small_limits_or_none(tmp_path, watched):
    app = AppProcess(tmp_path / "home", SYSTEM="spaces", SPACE_ID="someone/intern", INTERN_ANONYMOUS="off")
    try:
        app.wait()
        tab = watched()
        tab.page.goto(app.url)
        wait_text(tab.page, "#notices", "Sign in to start a run.")
        tab.page.locator("#chat .example").first.click()
        wait_text(tab.page, ".toast-wrap", "one has to sign in")
        tab.strangers.clear()
    finally:
        app.end()


def test_it_boots_on_zerogpu_and_several_who_ask_at_once_are_not_too_many(hub, tmp_path):
    """Where torch is built for a GPU: `spaces` looks into it, and this one has none, so it is kept from seeing it."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['torch'] = None\n")
    with device_api() as api:
        app = AppProcess(
            tmp_path / "home", SYSTEM="spaces", SPACE_ID="someone/intern", SPACES_ZERO_GPU="true",
            SPACES_ZERO_DEVICE_API_URL=api.url, PYTHONPATH=str(tmp_path), HF_ENDPOINT=hub.url,
        )  # fmt: skip
        try:
            app.wait()
            client = Client(app.url, verbose=False, headers={"x-hf-authorization": "Bearer hf_ada"})
            assert client.predict(api_name="/health")["compute"][:2] == ["local", "zerogpu"]
            asked = [client.submit("attention is all you need", api_name="/read_paper") for _ in range(5)]
            assert {job.result(60)["arxiv_id"] for job in asked} == {"1706.03762v7"}
        finally:
            app.end()
        assert api.asked("startup-report")
