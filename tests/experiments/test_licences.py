"""Known, or flagged: what is said about the licences that data sets come with."""

from __future__ import annotations

import pytest

from intern.experiments.licences import licence_doubt


@pytest.mark.parametrize(
    ("licence", "said"),
    [
        ("mit", ""),
        ("CC BY 4.0 (UCI Adult)", ""),
        ("public domain (MIT repository)", ""),
        ("apache-2.0", ""),
        ("", "is not known"),
        ("other", "is not known"),
        ("not stated with the files: check it before you publish", "is not known"),
        ("cc-by-nc-4.0", "restricts use"),
        ("for research use", "restricts use"),
    ],
)
def test_a_licence_is_known_or_flagged(licence, said):
    assert (said in licence_doubt(licence, "the data")) if said else not licence_doubt(licence, "the data")
