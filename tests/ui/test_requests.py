"""What a page or caller may ask for, and who is asking."""

from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest

from intern.account import Accounts
from intern.service import BadRequestError, Service
from intern.settings import App, Settings
from intern.ui.api import Endpoints
from intern.ui.identity import (
    ANONYMOUS,
    ApiCallers,
    IdentityError,
    can_sign_in,
    new_visitor,
    page_owner,
    shown_name,
)
from intern.ui.requests import make_request, start
from tests.ui.seeding import Seeder, settings_in


@pytest.fixture
def settings(tmp_path):
    settings = settings_in(tmp_path / "home")
    settings.prepare_home()
    return settings


def test_uploads_are_kept_by_content(settings, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "pa per.pdf").write_bytes(b"%PDF-1.4 same")
    first = make_request(settings, task="t", paper_file=str(tmp_path / "one" / "pa per.pdf"))
    second = make_request(settings, task="t", paper_file=str(tmp_path / "two" / "pa per.pdf"))
    assert first.paper == second.paper and first.paper.startswith(str(settings.home))
    assert Path(first.paper).read_bytes() == b"%PDF-1.4 same"


def test_several_data_files_become_a_folder(settings, tmp_path):
    for name in ("train.csv", "test.csv"):
        (tmp_path / name).write_text(name)
    request = make_request(settings, task="t", data_files=[str(tmp_path / "train.csv"), str(tmp_path / "test.csv")])
    assert sorted(p.name for p in Path(request.data).iterdir()) == ["test.csv", "train.csv"]


def test_the_same_files_under_exchanged_names_are_other_data(settings, tmp_path):
    kept = []
    for order in (("train.csv", "test.csv"), ("test.csv", "train.csv")):
        for name, content in zip(order, ("many", "few"), strict=True):
            (tmp_path / name).write_text(content)
        request = make_request(settings, task="t", data_files=[str(tmp_path / name) for name in order])
        kept.append({path.name: path.read_text() for path in Path(request.data).iterdir()})
    assert kept == [{"train.csv": "many", "test.csv": "few"}, {"test.csv": "many", "train.csv": "few"}]


@pytest.mark.parametrize(
    "asked",
    [
        {"paper": "x", "paper_file": "/tmp/x.pdf"},
        {"data": "x", "data_files": ["/tmp/x.csv"]},
        {"minutes": 0},
        {"minutes": 10_000},
        {"publish": "everywhere"},
        {"compute": "my phone"},
        {"budget_usd": -1},
        {"paper_file": "/nowhere/gone.pdf"},
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(settings, asked):
    with pytest.raises(BadRequestError) as error:
        make_request(settings, task="t", **asked)
    assert "\n" not in str(error.value) and len(str(error.value)) > 15


@pytest.mark.parametrize("asked", [{"data": "/etc"}, {"paper": "/etc/hostname"}, {"paper": "~/x.pdf"}])
def test_on_a_space_no_file_of_the_machine_can_be_named(settings, a_space, asked):
    with pytest.raises(BadRequestError, match="Space"):
        make_request(settings, task="t", **asked)
    assert make_request(settings, task="t", paper="1706.03762").paper == "1706.03762"


def test_away_from_a_space_there_is_one_user(monkeypatch):
    monkeypatch.delenv("SYSTEM", raising=False)
    assert page_owner(None, None) == "local" == ApiCallers("http://127.0.0.1:9", Accounts(Settings())).owner(None, None)
    assert not can_sign_in()


def test_on_a_space_a_visitor_needs_a_name_that_cannot_be_a_users(a_space):
    visitor = new_visitor()
    assert ANONYMOUS.fullmatch(visitor) and page_owner(None, visitor) == visitor
    for forged in ("local", "ada", "anon-", f"{visitor}x", None, 7):
        with pytest.raises(IdentityError):
            page_owner(None, forged)
    assert shown_name(visitor) == "visitor (not signed in)"


def test_on_a_space_a_script_needs_a_token_that_the_hub_knows(a_space):
    callers = ApiCallers("http://127.0.0.1:9", Accounts(Settings()))
    with pytest.raises(IdentityError, match="token"):
        callers.owner(None, None)

    request = SimpleNamespace(headers={"x-hf-authorization": "Bearer hf_wrong"})
    with pytest.raises(IdentityError, match="does not know this token"):
        callers.owner(request, None)


def test_on_a_space_one_person_cannot_take_the_whole_machine(settings, a_space):
    service = Service(settings)
    for title in ("one", "two"):
        Seeder(service, title, owner="ada")
    wanted = make_request(settings, task="read paper: attention is all you need")
    with pytest.raises(BadRequestError, match="2 of your runs are still working"):
        start(service, wanted, "ada")
    assert service.list_runs("bob") == []


def test_going_on_takes_the_same_room_as_starting(settings, a_space):
    service = Service(settings)
    for title in ("one", "two"):
        Seeder(service, title, owner="ada")
    ended = Seeder(service, "ended", owner="ada")
    ended.end("done")
    endpoints = Endpoints(service)
    endpoints._callers = SimpleNamespace(owner=lambda request, token: "ada")
    with pytest.raises(gr.Error, match="2 of your runs are still working"):
        endpoints.send_message(ended.id, "read paper: attention is all you need")
    assert service.info(ended.id, "ada").status == "done"


def test_a_paper_without_words_is_read_and_the_run_is_named_after_it(settings, tmp_path):
    paper = tmp_path / "some paper.pdf"
    paper.write_bytes(b"%PDF-1.4 no paper")
    service = Service(settings)
    info = start(service, make_request(settings, task=" ", paper_file=str(paper)), "local")
    assert info.title == "Read some_paper.pdf" and service.request(info.run_id).task == "read the paper"
    service.stop_run(info.run_id)
    service.close()
    with pytest.raises(BadRequestError, match="task is empty"):
        start(service, make_request(settings, task=" "), "local")


@pytest.mark.parametrize(
    ("app", "who", "minutes", "words"),
    [
        ({"anonymous": False}, "visitor", 1, "one has to sign in"),
        ({"anonymous_minutes": 2}, "visitor", 3, "at most 2 minutes"),
        ({"visitor_minutes": 2}, "ada", 3, "at most 2 minutes"),
        ({"starts_per_hour": 2}, "ada", 1, "2 runs within the hour"),
        ({"most_waiting": 1}, "bob", 1, "1 runs are at work"),
        ({"anonymous": False, "visitor_minutes": 1}, "olga", 60, ""),
    ],
)
def test_a_space_has_limits_for_everybody_but_its_owner(settings, a_space, monkeypatch, app, who, minutes, words):
    monkeypatch.setenv("SPACE_AUTHOR_NAME", "olga")
    service = Service(settings.model_copy(update={"app": App(**app)}))
    for n in range(2):
        Seeder(service, f"ended {n}", owner="ada").end("done")
    Seeder(service, "at work", owner="carl")
    owner = new_visitor() if who == "visitor" else who
    wanted = make_request(service.settings, task="read paper: attention is all you need", minutes=minutes)
    if not words:
        service.stop_run(start(service, wanted, owner).run_id, owner)
        service.close()
        return
    with pytest.raises(BadRequestError, match=words):
        start(service, wanted, owner)
