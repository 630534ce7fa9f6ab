"""Whose account: the owner's own, confirmed by the Hub, fit for what it is asked for, and never somebody else's."""

from __future__ import annotations

import time

import pytest

from intern import account as accounts_module
from intern.account import LOCAL_USER, AccountError, Accounts
from intern.admission import admit
from intern.network import _reachable
from intern.requests import BadRequestError, RunRequest
from intern.settings import Network, Settings
from tests.hub import ALICE, BOB, READER, running_hub


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with running_hub(tmp_path_factory.mktemp("hub")) as found:
        yield found


@pytest.fixture
def settings(hub, tmp_path, monkeypatch):
    monkeypatch.setattr(accounts_module, "get_token", lambda: None)
    _reachable.cache_clear()
    return Settings(home=tmp_path, network=Network(hub=hub.url))


def test_on_ones_own_machine_it_is_the_account_of_the_environment(settings, monkeypatch):
    monkeypatch.setattr(accounts_module, "get_token", lambda: ALICE)
    found = Accounts(settings).account(LOCAL_USER, "publish", "jobs")
    assert (found.name, found.role) == ("alice", "write")
    assert ALICE not in repr(found) and ALICE not in str(vars(settings))


def test_a_spaces_own_token_is_nobodys(settings, monkeypatch):
    monkeypatch.setattr(accounts_module, "get_token", lambda: ALICE)
    monkeypatch.setenv("SYSTEM", "spaces")
    for owner in ("alice", "bob", LOCAL_USER, "anon-" + "0" * 32):
        with pytest.raises(AccountError, match="sign in with the button"):
            Accounts(settings).account(owner, "publish")


def test_a_visitor_acts_as_themselves_only(settings, monkeypatch):
    monkeypatch.setenv("SYSTEM", "spaces")
    accounts = Accounts(settings)
    accounts.sign_in("bob", BOB)
    assert accounts.account("bob", "publish").name == "bob"
    accounts.sign_in("alice", BOB)  # a token that is another's
    with pytest.raises(AccountError, match="belongs to another account"):
        accounts.account("alice", "publish")


def test_a_token_that_a_call_brings_stands_beside_the_pages_sign_in(settings, monkeypatch):
    monkeypatch.setenv("SYSTEM", "spaces")
    accounts = Accounts(settings)
    accounts.sign_in("alice", ALICE, "openid contribute-repos", until=time.time() + 60)
    accounts.bring("alice", READER)  # may only read
    assert accounts.token("alice") == ALICE and accounts.account("alice", "publish").name == "alice"
    with pytest.raises(AccountError, match="'jobs', which your sign-in does not give"):
        accounts.account("alice", "jobs")
    accounts.bring("alice", ALICE)  # and what the page may not do, a better token may
    assert accounts.account("alice", "jobs").scopes is None
    accounts.sign_in("alice", "hf_old", "openid contribute-repos", until=time.time() - 1)  # has ended
    assert accounts.token("alice") == ALICE and accounts.account("alice", "publish").name == "alice"
    for n in range(9):
        accounts.bring("alice", f"hf_{n}")
    assert accounts.token("alice") == "hf_8" and "hf_" not in repr(accounts._brought)


@pytest.mark.parametrize(
    ("need", "scope", "fits"),
    [
        ("jobs", "openid profile jobs", True),
        ("jobs", "openid profile contribute-repos", False),
        ("publish", "openid profile contribute-repos", True),
        ("publish", "openid profile write-repos", True),
        ("publish", "openid profile inference-api jobs", False),
    ],
)
def test_the_scopes_of_a_sign_in_are_checked_before_any_work(settings, need, scope, fits):
    accounts = Accounts(settings)
    accounts.sign_in("alice", ALICE, scope)
    if fits:
        assert accounts.account("alice", need).name == "alice"
    else:
        with pytest.raises(AccountError, match="which your sign-in does not give: sign out and in again"):
            accounts.account("alice", need)


@pytest.mark.parametrize(
    ("options", "token", "words"),
    [
        ({"publish": "hub"}, None, "Publishing to the Hub needs a Hugging Face account: set HF_TOKEN"),
        ({"publish": "hub"}, READER, "the one of alice may only read"),
        ({"compute": "hf-jobs", "flavor": "moon"}, ALICE, "no machine 'moon' .*there are: .*cpu-basic"),
        ({"compute": "hf-jobs", "publish": "hub"}, "hf_" + "W" * 34, "does not take this token"),
    ],
)
def test_what_an_account_cannot_do_is_refused_at_once(settings, monkeypatch, options, token, words):
    monkeypatch.setattr(accounts_module, "get_token", lambda: token)
    with pytest.raises(BadRequestError, match=words) as told:
        admit(RunRequest(task="train", **options), LOCAL_USER, settings, Accounts(settings))
    assert "\n" not in str(told.value)


def test_without_a_network_it_says_so(settings, monkeypatch):
    monkeypatch.setattr(accounts_module, "get_token", lambda: ALICE)
    offline = settings.model_copy(update={"offline": True})
    with pytest.raises(AccountError, match="INTERN_OFFLINE is set: use --compute local and --publish folder"):
        Accounts(offline).account(LOCAL_USER, "publish")
