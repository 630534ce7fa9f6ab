"""Settings from file and environment, errors that say what to do, and a network that is looked for briefly and once."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from intern import network
from intern.network import is_online
from intern.settings import Network, Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    for name in [n for n in os.environ if n.startswith(("INTERN_", "HF_"))]:
        monkeypatch.delenv(name)
    network._reachable.cache_clear()


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "intern.yaml"
    path.write_text(text)
    return path


def test_the_projects_own_file_loads():
    settings = load_settings()
    assert settings.model == "planner" and settings.limits.minutes == 5 and settings.limits.model_usd == 1
    assert not settings.offline and settings.network.hub == "https://huggingface.co"


def test_an_empty_file_is_all_defaults(tmp_path):
    assert load_settings(file(tmp_path, "")) == Settings()


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch):
    path = file(tmp_path, "home: /from/file\nmodel: from-file\n")
    assert load_settings(path).model == "from-file"
    monkeypatch.setenv("INTERN_MODEL", "from-env")
    monkeypatch.setenv("INTERN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("INTERN_LLM_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:2")
    settings = load_settings(path)
    assert (settings.model, settings.home) == ("from-env", tmp_path / "home")
    assert (settings.llm_base_url, settings.network.hub) == ("http://127.0.0.1:1/v1", "http://127.0.0.1:2")


def test_an_endpoint_joins_the_other_network_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:2")
    for text in ("network:\n", "network: {probe_seconds: 0.5}\n"):
        assert load_settings(file(tmp_path, text)).network.hub == "http://127.0.0.1:2"


@pytest.mark.parametrize(
    ("value", "offline"), [("1", True), ("true", True), ("0", False), ("false", False), ("", False)]
)
def test_offline_is_a_yes_or_a_no(monkeypatch, value, offline):
    monkeypatch.setenv("INTERN_OFFLINE", value)
    assert load_settings().offline is offline


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("minuts: 5", "'minuts'"),
        ("limits: {minutes: many}", "'limits.minutes'"),
        ("offline: perhaps", "'offline'"),
        ("- a list", "intern.yaml"),
        ("limits: {minutes: 5", "intern.yaml"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(tmp_path, text, words):
    with pytest.raises(SettingsError, match=words) as refused:
        load_settings(file(tmp_path, text))
    assert "\n" not in str(refused.value)


def test_no_token_is_ever_in_the_settings(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setenv("INTERN_LLM_API_KEY", "sk-secret")
    assert "secret" not in load_settings().model_dump_json()


def test_a_home_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(SettingsError, match=r"INTERN_HOME .*file/home.* cannot be written"):
        Settings(home=tmp_path / "file" / "home").prepare_home()
    Settings(home=tmp_path / "new" / "home").prepare_home()
    assert list((tmp_path / "new" / "home").iterdir()) == []


def test_everything_of_a_home_is_below_it(tmp_path):
    settings = Settings(home=tmp_path)
    for path in (settings.database, settings.cache, settings.published, settings.run_folder("r")):
        assert path.is_relative_to(tmp_path)


# -- the network -------------------------------------------------------------------------------------------


def with_hub(url: str, seconds: float = 1.5, **more) -> Settings:
    return Settings(network=Network(hub=url, probe_seconds=seconds), **more)


def test_a_hub_that_answers_is_online_and_offline_is_offline_all_the_same():
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        assert is_online(with_hub(url))
        assert not is_online(with_hub(url, offline=True))


def test_nobody_there_is_noticed_at_once():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.monotonic()
    assert not is_online(with_hub(f"http://127.0.0.1:{port}"))
    assert time.monotonic() - started < 1.0


@pytest.mark.parametrize("slow", ["getaddrinfo", "connect"])
def test_silence_is_noticed_within_two_seconds_and_asked_once(monkeypatch, slow):
    """A resolver or a router that says nothing, as behind a firewall that drops packets."""
    asked = []

    def silent(*arguments, **more):
        asked.append(arguments)
        time.sleep(5)
        raise OSError("too late")

    monkeypatch.setattr(network.socket, "create_connection" if slow == "connect" else "getaddrinfo", silent)
    settings = with_hub(f"http://{slow}.invalid", seconds=0.5)
    started = time.monotonic()
    assert not is_online(settings) and not is_online(settings)
    assert time.monotonic() - started < 1.5 and len(asked) == 1
