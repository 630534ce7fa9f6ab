"""Texts of others are shown, never run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intern.ui.text import duration, fenced, inert, number, one_line, safe_markdown, size
from tests.ui.seeding import XSS


def test_markdown_keeps_its_marks_and_loses_html_and_images():
    text = safe_markdown(f"**bold** {XSS} ![pixel](https://example.com/x.png) | a |")
    assert "**bold**" in text
    assert "<" not in text
    assert "![" not in text and "[pixel](https://example.com/x.png)" in text


def test_markdown_leaves_code_alone():
    text = "before `a < b` <b>\n```html\n<b>![x](y)</b>\n```\nafter <i>"
    assert safe_markdown(text) == "before `a < b` &lt;b>\n```html\n<b>![x](y)</b>\n```\nafter &lt;i>"


def test_an_open_fence_is_closed_so_that_the_next_message_is_not_code():
    assert safe_markdown("```python\nx = 1").count("```") == 2


@given(st.text(alphabet="<>`~![]()ab \n", max_size=60))
def test_outside_code_no_tag_survives(text: str):
    assert "<" not in safe_markdown(text.replace("`", "").replace("~", ""))


@given(st.text(max_size=80))
def test_inert_text_has_no_tag_but_line_breaks(text: str):
    assert "<" not in inert(text).replace("<br>", "")


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
