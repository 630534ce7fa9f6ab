"""Bad input: one clear line on stderr, exit code 2, no traceback, nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import CommandLine


@pytest.fixture(scope="module")
def intern(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    return CommandLine(tmp_path_factory.mktemp("errors") / "home")


def refused(finished, *words: str) -> None:
    assert finished.code == 2, (finished.out, finished.err)
    lines = finished.err.strip().splitlines()
    assert len(lines) == 1, finished.err
    assert "Traceback" not in finished.err
    for word in words:
        assert word in finished.err


def test_empty_task(intern: CommandLine) -> None:
    refused(intern("run", "   "), "task is empty")


def test_paper_file_that_is_not_there(intern: CommandLine) -> None:
    refused(intern("run", "reproduce this", "--paper", "no/such.pdf"), "no/such.pdf")


def test_data_folder_that_is_not_there(intern: CommandLine) -> None:
    refused(intern("run", "train a classifier", "--data", "no/such/folder"), "no/such/folder")


@pytest.mark.parametrize("option", ["--data", "--paper", "--weights"])
def test_an_option_that_a_shell_left_empty(intern: CommandLine, option: str) -> None:
    refused(intern("run", "hello", option, ""), f"{option} is empty")


@pytest.mark.parametrize(("option", "value"), [("--max-minutes", "5000"), ("--budget-usd", "inf")])
def test_a_number_out_of_bounds(intern: CommandLine, option: str, value: str) -> None:
    refused(intern("run", "hello", option, value), option, "Input should be")


def test_unknown_model(intern: CommandLine) -> None:
    refused(intern("run", "hello", "--model", "nonsense"), "nonsense", "planner")


def test_hub_model_without_an_account(intern: CommandLine) -> None:
    refused(intern("run", "hello", "--model", "org/name"), "HF_TOKEN")


def test_home_that_cannot_be_written(intern: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    refused(CommandLine(file / "home")("run", "hello"), "INTERN_HOME")


def test_run_that_does_not_exist(intern: CommandLine) -> None:
    refused(intern("runs", "show", "20990101"), "20990101")


@pytest.mark.parametrize("what", ["missing.pdf", "empty.pdf", "page.pdf", "truncated.pdf"])
def test_unreadable_paper(intern: CommandLine, tmp_path: Path, what: str) -> None:
    content = {
        "empty.pdf": b"",
        "page.pdf": b"<html><body>404</body></html>",
        "truncated.pdf": b"%PDF-1.5\n1 0 obj\n<<",
    }
    if what in content:
        (tmp_path / what).write_bytes(content[what])
    refused(intern("read", str(tmp_path / what), "--json"), what)


def test_unreadable_paper_in_a_run_fails_the_run_in_plain_words(intern: CommandLine, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.5\n1 0 obj\n<<")
    finished = intern("run", "reproduce this paper", "--paper", str(broken))
    assert finished.code in (1, 2)
    assert "broken.pdf" in finished.err
    assert "Traceback" not in finished.err + finished.out


def test_unknown_paper_names_what_is_known(intern: CommandLine) -> None:
    finished = intern("run", "reproduce paper: a paper that nobody wrote about submarines")
    assert finished.code == 1
    assert "Attention Is All You Need" in " ".join(finished.err.split())


def test_task_that_the_planner_cannot_do_says_what_it_can(intern: CommandLine) -> None:
    finished = intern("run", "what is the capital of France?")
    assert finished.code == 0
    assert "planner, not an LLM" in " ".join(finished.out.split())
    assert "Paris" not in finished.out


@pytest.mark.parametrize(
    "option", [["--compute", "hf-jobs"], ["--publish", "hub"], ["--compute", "moon"], ["--max-minutes", "0"]]
)
def test_what_cannot_be_had_is_refused(intern: CommandLine, option: list[str]) -> None:
    finished = intern("run", "reproduce paper: attention is all you need", *option)
    assert finished.code == 2
    assert "Traceback" not in finished.err


def test_budget_that_is_too_small_stops_the_run_and_says_what_to_change(intern: CommandLine) -> None:
    finished = intern("run", "reproduce paper: attention is all you need", "--max-minutes", "0.15", "--yes")
    assert finished.code == 3
    assert "--max-minutes" in finished.err
    assert "Traceback" not in finished.err
