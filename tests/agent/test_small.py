"""A small model behind a scripted server: what it is shown first, what it is asked to do again, what it may not see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from intern.agent.catalogue import ModelCard
from intern.runs.events import Hint, Note, UserMessage
from intern.service import RunRequest, Service
from intern.settings import Settings
from tests.servers.llm import LlmServer, serving

MODEL = "tiny-coder-1.5b"


def code(text: str) -> str:
    return f"```python\n{text}\n```\n"


@pytest.fixture
def start(home: Path) -> Iterator[Callable[..., Service]]:
    services: list[Service] = []

    def build(server: LlmServer) -> Service:
        services.append(Service(Settings(home=home, offline=True, model=MODEL, llm_base_url=f"{server.url}/v1")))
        return services[-1]

    yield build
    for service in services:
        service.close("over")


def finished(service: Service, request: RunRequest) -> str:
    run_id = service.start_run(request).run_id
    assert service.join(run_id, 60)
    assert service.info(run_id).status == "done", service.answer(run_id)
    return run_id


@pytest.mark.parametrize(
    ("name", "small"),
    [
        ("qwen2.5-coder:1.5b", True),
        ("SmolLM2-135M-Instruct", True),
        ("Qwen/Qwen3-Coder-30B-A3B-Instruct", False),
        ("moonshotai/Kimi-K2", False),
        ("gpt-4.1b", True),
        ("llama-70b", False),
    ],
)
def test_a_model_is_small_when_its_name_or_its_server_says_so(name: str, small: bool):
    assert ModelCard(id=name).is_small is small
    assert ModelCard(id=name, parameters=1e9).is_small and not ModelCard(id=name, parameters=3e10).is_small


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "train.csv").write_text("text,label\n" + "".join(f"word {n},{'ab'[n % 2]}\n" for n in range(30)))
    (folder / "test.csv").write_text("text,label\nsecret words,a\n")
    return folder


def test_it_is_shown_what_was_given_and_its_guess_is_not_the_answer(start, data):
    with serving(
        "There are 55 rows.",  # a guess: nothing was run
        code("counts = train['label'].value_counts()\nprint(len(train), counts.to_dict())"),  # the first look loaded it
        code("final_answer('30 rows, of label a 77')"),  # a number that nothing printed
        code("final_answer(f'{len(train)} rows, {counts.to_dict()}')"),
    ) as server:
        service = start(server)
        run_id = finished(service, RunRequest(task="How many rows, and how many of each label?", data=str(data)))
        assert service.answer(run_id) == "30 rows, {'a': 15, 'b': 15}"
        first = server.requests[0]["body"]["messages"]
    assert [m["role"] for m in first] == ["system", "user"], "the look is no step of the model's"
    assert "(30, 2)" in first[1]["content"] and "word 0" in first[1]["content"] and "```python" in first[0]["content"]
    hints = [e.body.text for e in service.events(run_id) if isinstance(e.body, Hint)]
    assert "only seen the beginning" in hints[0] and "77" in hints[1] and len(hints) == 2
    last = server.requests[-1]["body"]["messages"]
    assert "30 rows, of label a 77" not in str(last), "what was doubted is not shown to it again"
    assert "How many rows" in last[-1]["content"], "the task stands beside each observation"


def test_the_test_part_stays_with_the_harness(start, data, home):
    with serving(
        code("import os\nprint(sorted(f for f in os.listdir() if f.endswith('.csv')))"), code("final_answer('ok')")
    ) as server:
        service = start(server)
        run_id = finished(service, RunRequest(task="List the files.", data=str(data)))
        shown = str(server.requests[-1]["body"]["messages"])
    assert "['train.csv']" in shown and "secret" not in shown
    assert not list((home / "runs" / run_id / "work").rglob("test.csv"))
    notes = [e.body.text for e in service.events(run_id) if isinstance(e.body, Note)]
    assert any("held back for testing: test.csv" in text for text in notes)


def test_data_without_a_test_part_is_open_and_that_is_said(start, data):
    with serving(code("print(train.shape)"), code("final_answer('ok')")) as server:
        service = start(server)
        run_id = finished(service, RunRequest(task="Look.", data=str(data / "train.csv")))
    notes = [e.body.text for e in service.events(run_id) if isinstance(e.body, Note)]
    assert any("rows that are later held back for testing are among" in text for text in notes)


def test_code_that_failed_is_not_run_again_and_failed_ways_are_forgotten(start):
    with serving(
        code("boom()"), code("boom()  # again"), code("boom2()"), code("x = 6 * 7\nprint(x)"), code("final_answer(x)"),
    ) as server:  # fmt: skip
        service = start(server)
        run_id = finished(service, RunRequest(task="What is 6 times 7?"))
        assert service.answer(run_id) == "42"
        asked = [str(r["body"]["messages"]) for r in server.requests]
    assert (
        "steps 1 to 1 failed and are left out here" in asked[2] and "boom()" not in asked[2].partition("6 times 7")[2]
    )
    assert "most different letters" in asked[0], "with nothing to look at, an example shows the form"
    assert [e.body.kind for e in service.events(run_id, kinds=("code",))] == ["code"] * 4


def test_the_memory_is_the_same_after_a_restart(start, data):
    with serving(code("print(train.shape)"), "(30, 2) it is.", code("print(1 + 1)"), "Two.") as server:
        service = start(server)
        run_id = finished(service, RunRequest(task="Look.", data=str(data)))
        before = server.requests[-1]["body"]["messages"]
        service.close("over")
        again = start(server)
        again.send_message(run_id, "And one plus one?")
        assert again.join(run_id, 60) and again.info(run_id).status == "done", again.answer(run_id)
        after = server.requests[2]["body"]["messages"]
    assert after[: len(before)] == before
    assert any(isinstance(e.body, UserMessage) and e.body.text == "And one plus one?" for e in again.events(run_id))


def test_a_file_that_the_task_names_is_at_hand_by_its_name(start, data):
    place = data / "train.csv"
    with serving(
        code("import pandas as pd\nprint(len(pd.read_csv('train.csv')))"), code("final_answer('There are 30 rows.')")
    ) as server:
        service = start(server)
        run_id = finished(service, RunRequest(task=f"How many rows has {place}?"))
        first = str(server.requests[0]["body"]["messages"])
    assert service.answer(run_id) == "There are 30 rows."
    assert "How many rows has train.csv?" in first and str(place) not in first and "(30, 2)" in first


def test_what_the_code_wrote_can_be_fetched_and_what_was_given_is_no_file_of_its_own(start, data):
    with serving(
        code("import os\nos.makedirs('plots')\nopen('plots/a.txt', 'w').write('drawn')\n"
             "os.symlink('/etc/passwd', 'link.txt')\nprint(len(train))"),
        code("final_answer('30 rows, and plots/a.txt is written.')"),
    ) as server:  # fmt: skip
        service = start(server)
        run_id = finished(
            service, RunRequest(task="Count the rows and write plots/a.txt.", data=str(data / "train.csv"))
        )
    assert [a["name"] for a in service.get_run(run_id).artifacts] == ["made/plots/a.txt"]
    assert service.artifact_path(run_id, "made/plots/a.txt").read_text() == "drawn"


def test_what_the_code_wrote_before_it_asked_is_kept_while_the_run_waits(start):
    with serving(code("open('half.txt', 'w').write('half')\nask_user(question='Red or blue?')")) as server:
        service = start(server)
        run_id = service.start_run(RunRequest(task="Write half.txt, then ask me.")).run_id
        assert service.join(run_id, 90) and service.info(run_id).status == "waiting"
    assert service.artifact_path(run_id, "made/half.txt").read_text() == "half"


def test_an_answer_at_the_end_of_work_may_be_doubted_too(start):
    work = "words = 'the sea the sea the wind'.split()\nfinal_answer(sorted(words, key=words.count)[-2:])"
    with serving(code(work), code("final_answer('the and sea')")) as server:
        service = start(server)
        run_id = finished(service, RunRequest(task="Which two words are the most frequent?"))
        hints = [e.body.text for e in service.events(run_id) if isinstance(e.body, Hint)]
    assert len(hints) == 1 and '["the", "the"] is one entry again and again' in hints[0]
    assert service.answer(run_id).startswith("the and sea")


def test_what_a_task_wants_from_the_documentation_is_looked_up_first(start):
    task = "What does the documentation of numpy.linspace say: what is the default of num?"
    with serving(code("final_answer('The default is 50.')")) as server:
        service = start(server)
        run_id = finished(service, RunRequest(task=task))
        shown = server.requests[0]["body"]["messages"]
    assert "linspace(start, stop, num=50" in shown[-1]["content"] and task in shown[-1]["content"]
    assert service.answer(run_id).startswith("The default is 50.")


SLUG = "def slug(text):\n    return '-'.join(text.lower().split())\n"


def test_a_script_that_misses_its_example_is_asked_for_from_a_clean_page(start):
    task = 'Write slug.py with slug(text): slug("Big Sea!") gives "big-sea".'
    right = "import re\n\ndef slug(text):\n    return '-'.join(re.findall('[a-z0-9]+', text.lower()))\n"
    drafts = [code(SLUG), code(right), code("def slug(text):\n    return 'big-sea'\n"), code(right)]
    with serving(
        code(f"open('slug.py', 'w').write({SLUG!r})"), code("final_answer('It is written.')"), *drafts,
        code("final_answer('slug.py is written and does as it should.')"),
    ) as server:  # fmt: skip
        service = start(server)
        run_id = finished(service, RunRequest(task=task))
        asked = [r["body"] for r in server.requests]
    assert (service.settings.run_folder(run_id) / "work" / "slug.py").read_text() == right
    assert [len(body["messages"]) for body in asked[2:6]] == [2] * 4, "they see nothing of what went before"
    assert asked[2]["temperature"] == 0 and asked[3]["temperature"] > 0.5
    assert "assert slug(\"Big Sea!\") == 'big-sea'" in asked[2]["messages"][1]["content"]
    steps = [e.body.text for e in service.events(run_id, kinds=("observation",))]
    assert "holds version 2 of 4 now (2 of them do the same)" in steps[1] or "of 5 now (2 of them" in steps[1]
    assert service.answer(run_id).startswith("slug.py is written and does as it should.")


def test_what_is_wrong_with_data_is_read_off_the_audit(start, data):
    (data / "train.csv").write_text("text,label\n" + "a word,a\n" * 20 + "another,b\n" * 3 + ",b\n")
    with serving(code("final_answer('21 of 24 rows are repeated.')")) as server:
        service = start(server)
        task = "I want to predict the label in train.csv. What is wrong with the data?"
        run_id = finished(service, RunRequest(task=task, data=str(data / "train.csv")))
        asked = server.requests[0]["body"]["messages"][-1]["content"]
    assert "Found in an audit" in asked and "all of it, each fault" in asked
    assert "What the audit of the data found beside that" in service.answer(run_id)


def test_who_does_not_get_on_answers_from_what_was_printed(start, data):
    work = code("print('rows:', len(train))")
    with serving(work, *[code("print(undefined_name)")] * 7, code('final_answer("There are 30 rows.")')) as server:
        service = start(server)
        run_id = finished(service, RunRequest(task="Say how long train.csv is.", data=str(data / "train.csv")))
        last = server.requests[-1]["body"]["messages"]
    assert len(last) == 2 and "rows: 30" in last[1]["content"]
    assert service.answer(run_id).startswith("There are 30 rows.") and "did not get further" in service.answer(run_id)
