"""A short run of the fuzzer in every test run; `python -m tests.papers.fuzz` runs a long one."""

import random
import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intern.papers.latex_text import to_text
from intern.papers.model import PaperError
from intern.papers.numbers import parse_number
from intern.papers.read import read_paper_file
from tests.papers import fuzz
from tests.papers.test_wordings import _read


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9), which=st.integers(0, 1))
def test_damaged_pdfs_are_read_or_refused(seed, which, tmp_path):
    bases = fuzz.base(tmp_path)
    start = time.monotonic()
    assert fuzz.read_one(fuzz.mutate(bases[which], random.Random(seed)), tmp_path / "case.pdf") in ("read", "refused")
    assert time.monotonic() - start < fuzz.SLOW


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400), suffix=st.sampled_from([".pdf", ".tex", ".tar.gz", ".html"]))
def test_any_bytes_under_any_name(data, suffix, tmp_path):
    path = tmp_path / f"any{suffix}"
    path.write_bytes(data)
    try:
        read_paper_file(path)
    except PaperError as error:
        assert "\n" not in str(error)


@settings(max_examples=150, deadline=30_000)
@given(st.text(alphabet="0123456789.,eE-+^×· %kKMB()[]{}=βε learning rate of batch size dropout\\$_&", max_size=200))
def test_any_text_is_survived(text):
    parse_number(text)
    to_text(text)
    for fact in _read(text):
        assert fact.quote
