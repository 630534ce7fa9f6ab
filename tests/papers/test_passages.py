"""Where a paper says something: the passage with its page, in text and in tables."""

from __future__ import annotations

import pytest

from intern.papers.model import Box, Document, Grid, Paragraph
from intern.papers.passages import find_passages
from intern.papers.read import read_document
from tests.conftest import shared

PAPER = Document(
    paragraphs=[
        Paragraph("We train for long. Batches hold 50 sentences. It converges. Nothing else matters.", Box(2), "Training",
                  breaks=[(48, 3)]),
        Paragraph("Related work is large. Batches of others are larger.", Box(1), "Introduction"),
        Paragraph("Smith. Batches of 50 sentences. 1999.", Box(9), "References", kind="reference"),
    ],
    tables=[Grid(4, "Table 1: Accuracy on TREC", "Table 1", [["Model", "TREC"], ["Ours", "92.1"], ["Theirs", "91.0"]], [],
                 columns=[["Model"], ["TREC"]])],
)  # fmt: skip


def test_the_best_passage_comes_first_with_its_page():
    best = find_passages(PAPER, "How many sentences does a batch hold in training?")[0]
    assert (best.page, best.where) == (2, "Training") and "hold 50 sentences" in best.text
    assert find_passages(PAPER, "Does it converge?")[0].page in (2, 3)
    assert find_passages(PAPER, "quantum chromodynamics") == []


def test_a_row_of_a_table_answers_too():
    best = find_passages(PAPER, "accuracy on TREC of theirs")[0]
    assert best.page == 4 and "Theirs | 91.0" in best.text and "Table 1" in best.where


@pytest.mark.parametrize(
    ("paper", "question", "page", "words"),
    [
        ("1706.03762", "Which BLEU score does the big model reach on WMT 2014 English-to-German?", 8, "28.4"),
        ("1408.5882", "What mini-batch size is used?", 3, "mini-batch size of 50"),
        ("1512.03385", "Which single-model top-5 validation error has the 152-layer ResNet?", 7, "4.49%"),
    ],
)
def test_questions_about_real_papers_find_their_page(paper: str, question: str, page: int, words: str):
    found = find_passages(read_document(shared(f"papers/{paper}.pdf")), question)
    assert any(words in p.text and p.page == page for p in found), found
