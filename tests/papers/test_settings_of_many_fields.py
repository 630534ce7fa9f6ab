"""Settings as papers of ten fields state them, each value read and none added; and numbers that nobody set."""

import pytest

from tests.papers.settings_cases import NAMED_ONLY, STATED
from tests.papers.test_told_in_prose import facts


@pytest.mark.parametrize(("text", "expected"), STATED, ids=[f"{n}-{text[:36]}" for n, (text, _) in enumerate(STATED)])
def test_a_stated_setting_is_read(text, expected):
    found = facts(text)
    for name, values in expected.items():
        got = found.get(name, [])
        assert sorted(map(str, got)) == sorted(map(str, values)), found


@pytest.mark.parametrize("text", NAMED_ONLY, ids=[f"{n}-{text[:36]}" for n, text in enumerate(NAMED_ONLY)])
def test_a_number_that_nobody_set_is_no_setting(text):
    assert facts(text, "Experiments") == {}
