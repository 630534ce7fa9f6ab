"""Who pays for a brain: on one's own machine its keys, on a Space each person their own; the owner's secret pays the owner."""

from __future__ import annotations

import pytest

from intern.account import Accounts, space_owner
from intern.admission import admit, usual_brain
from intern.requests import BadRequestError, RunRequest
from intern.runs.events import Status, UserMessage
from intern.service import Service
from intern.settings import App, Settings

SERVER = "http://127.0.0.1:1/v1"


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    for name in ("SYSTEM", "SPACE_AUTHOR_NAME", "INTERN_OWNER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setenv("INTERN_LLM_API_KEY", "own")


@pytest.fixture
def space(monkeypatch):
    monkeypatch.setenv("SYSTEM", "spaces")
    monkeypatch.setenv("SPACE_ID", "olga/intern")


def test_an_own_server_gets_its_own_key_and_never_the_hub_token(monkeypatch):
    assert Accounts(Settings()).brain_token("local") == "hf_secret" and space_owner() is None
    assert Accounts(Settings(llm_base_url=SERVER)).brain_token("local") == "own"
    monkeypatch.delenv("INTERN_LLM_API_KEY")
    assert Accounts(Settings(llm_base_url=SERVER)).brain_token("local") is None


def test_on_a_space_the_secret_pays_its_owner_only(space):
    accounts = Accounts(Settings())
    accounts.sign_in("ada", "hf_ada", "openid profile inference-api")
    anonymous = "anon-" + "0" * 32
    assert [accounts.brain_token(who) for who in ("olga", "ada", "bob", anonymous, "local")] == [
        "hf_secret", "hf_ada", None, None, None,
    ]  # fmt: skip
    accounts.sign_in("olga", "hf_olga")
    assert accounts.brain_token("olga") == "hf_olga"
    server = Accounts(Settings(llm_base_url=SERVER))
    assert [server.brain_token(who) for who in ("olga", "ada", anonymous)] == ["own", None, None]


def test_an_owner_may_share_and_an_organisations_space_may_name_its_owner(space, monkeypatch):
    shared = Accounts(Settings(app=App(share_brain=True)))
    assert shared.brain_token("ada") == "hf_secret"
    monkeypatch.setenv("INTERN_OWNER", "bob")
    assert [Accounts(Settings()).brain_token(who) for who in ("olga", "bob")] == [None, "hf_secret"]


def test_after_a_restart_a_run_waits_for_its_owner_to_sign_in_again(space, tmp_path):
    service = Service(Settings(home=tmp_path, offline=True))
    request = RunRequest(task="hello", model="org/model")
    run_id, _ = service.log.create("ada", "hello", request)
    service.log.append(run_id, UserMessage(text="hello"))
    service.log.append(run_id, Status(status="running"))  # and then the process died
    service.recover()
    assert service.join(run_id, 20)
    assert service.info(run_id, "ada").status == "interrupted"
    said = service.answer(run_id, "ada")
    assert said.count("\n") == 0 and "sign in with the button" in said and said.endswith("Then resume this run.")
    service.close()


def test_who_may_not_spend_gets_the_planner_and_is_told_when_they_ask_for_more(space, tmp_path):
    settings = Settings(home=tmp_path, model="org/model", llm_base_url=SERVER, offline=True)
    accounts = Accounts(settings)
    assert [usual_brain(who, settings, accounts) for who in ("olga", "ada")] == ["org/model", "planner"]
    assert admit(RunRequest(task="hello"), "ada", settings, accounts).model == "planner"
    with pytest.raises(BadRequestError, match="its owner's"):
        admit(RunRequest(task="hello", model="org/model"), "ada", settings, accounts)
    hub = settings.model_copy(update={"llm_base_url": None})
    with pytest.raises(BadRequestError, match="sign in first"):
        admit(RunRequest(task="hello", model="org/model"), "ada", hub, Accounts(hub))


def test_an_organisation_pays_for_its_own_key_and_its_own_space_owner_only(monkeypatch):
    monkeypatch.setenv("INTERN_BILL_TO", "lab")
    assert Accounts(Settings()).payer("local") == "lab"
    monkeypatch.setenv("SYSTEM", "spaces")
    monkeypatch.setenv("SPACE_AUTHOR_NAME", "olga")
    accounts = Accounts(Settings())
    assert [accounts.payer(who) for who in ("olga", "ada")] == ["lab", None]
    shared = Accounts(Settings(app=App(share_brain=True)))
    assert shared.payer("ada") == "lab", "it asks with our key"
    shared.sign_in("ada", "hf_ada")
    assert shared.payer("ada") is None, "it asks with its own"
