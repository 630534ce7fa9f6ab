"""Texts of others are shown, never run."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intern.ui.text import duration, fenced, inert, lead, number, one_line, safe_markdown, size
from tests.ui.seeding import XSS

TAG = re.compile(r"<[A-Za-z/!?]")


def test_markdown_keeps_its_marks_and_loses_html_and_images():
    text = safe_markdown(f"**bold** {XSS} ![pixel](https://example.com/x.png) | a |")
    assert text.startswith("**bold** ")
    assert not TAG.search(text)
    assert "![" not in text and "[pixel](https://example.com/x.png)" in text


def test_markdown_leaves_fenced_code_alone():
    code = "```html\n<b>![x](y)</b>\n```"
    text = safe_markdown(f"before <b>\n{code}\nafter <i>")
    assert code in text and not TAG.search(text.replace(code, ""))


@pytest.mark.parametrize(
    "text", ["- ```\n<b>", "  ```\n<b>", "``` a`b\n<b>", "`\n\n<b> `", "\\` <b> `", "| `a | <b> | b` |"]
)
def test_what_only_looks_like_code_is_not_trusted(text: str):
    assert not TAG.search(safe_markdown(text))


def test_an_open_fence_is_closed_so_that_the_next_message_is_not_code():
    assert safe_markdown("````python\nx = 1\n```") == "````python\nx = 1\n```\n````"


@given(st.text(alphabet="<>`![]()ab \n", max_size=60))
def test_no_tag_survives_outside_a_fence(text: str):
    assert "```" in text or not TAG.search(safe_markdown(text))


@given(st.text(max_size=80))
def test_inert_text_has_no_tag_but_line_breaks(text: str):
    assert "<" not in inert(text).replace("<br>", "")


def test_of_a_long_message_its_first_words_stand_there_and_the_rest_folds_out():
    papers = ["1412.6980 Adam: A Method for Stochastic Optimization", *(f"1706.0{n} Paper {n}" for n in range(20))]
    said, rest = lead(f"'Mine: yours' is not at hand. Give a PDF file, or one of: {'; '.join(papers)}")
    assert said == "'Mine: yours' is not at hand. Give a PDF file, or one of …" and rest == papers
    said, rest = lead("It ended. " + "Why it did: " + "word " * 80)
    assert said == "It ended." and rest[0].startswith("Why it did: word")
    for whole in ("a; b; c: d; e", "x" * 1000):
        assert lead(whole) == (whole, [])


@pytest.mark.parametrize("code", ["plain", "has ``` inside", "````\nfour\n````"])
def test_a_fence_is_longer_than_any_inside(code: str):
    lines = fenced(code).split("\n")
    fence = lines[-1]
    assert set(fence) == {"`"} and lines[0] == f"{fence}text"
    assert all(fence not in line for line in lines[1:-1])


def test_numbers_for_people():
    assert number(0.123456) == "0.1235"
    assert number(100_000) == "100 000"
    assert number(True) == "True"
    assert duration(75) == "1 min 15 s" and duration(2.34) == "2.3 s" and duration(None) == ""
    assert size(2_400_000) == "2.4 MB" and size(12) == "12 B"


def test_a_title_is_the_first_sentence_of_a_long_line():
    assert one_line("\n Read the paper. " + "x" * 100) == "Read the paper."
    assert len(one_line("y" * 200)) == 90
