"""Real papers: shape, values and honesty. Skipped where the papers are not there (they are not ours to ship)."""

import json
from pathlib import Path

import pytest

from intern.papers.cards import load_card, make_card
from intern.papers.quotes import PageTexts
from intern.papers.read import read_document, read_paper_file, to_reading

PAPERS = Path(__file__).resolve().parents[3] / "shared" / "papers"
pytestmark = pytest.mark.skipif(
    not PAPERS.is_dir(), reason=f"needs the papers in {PAPERS}, which are not part of the project"
)


@pytest.fixture(scope="module")
def readings():
    return {
        key: read_paper_file(PAPERS / f"{key}.pdf")
        for key in ("1706.03762", "1408.5882", "1905.11946", "1908.10084-garbled")
    }


def values(reading, name, scope=None):
    return [fact.value for fact in reading.setup.hyperparameters if fact.name == name and scope in (None, fact.scope)]


def test_the_schema_is_the_promised_one(readings):
    for reading in readings.values():
        document = json.loads(json.dumps(reading.model_dump(mode="json")))
        assert list(document) == [
            "title",
            "authors",
            "abstract",
            "arxiv_id",
            "pages",
            "sections",
            "tables",
            "setup",
            "warnings",
        ]
        promised = ["hyperparameters", "datasets", "results", "not_stated", "contradictions"]
        assert list(document["setup"]) == [*promised, "variations"]
        for fact in document["setup"]["hyperparameters"]:
            assert list(fact) == ["name", "value", "unit", "scope", "page", "quote"]
        for row in document["setup"]["results"]:
            assert list(row) == ["dataset", "metric", "value", "model", "own", "page", "quote"]
        for section in document["sections"]:
            assert list(section) == ["title", "level", "page", "appendix"]


def test_values_scopes_and_contradiction_of_a_translation_paper(readings):
    reading = readings["1706.03762"]
    assert values(reading, "steps", "base") == [100000] and values(reading, "steps", "big") == [300000]
    assert values(reading, "adam_eps") == [1e-9] and values(reading, "warmup_steps") == [4000]
    about = reading.setup.contradictions[0]
    assert {value.value for value in about.values} == {41.0, 41.8}
    assert "weight_decay" in reading.setup.not_stated and "epochs" in reading.setup.not_stated


def test_own_rows_baselines_and_sizes_of_a_classification_paper(readings):
    reading = readings["1408.5882"]
    own = {(row.dataset, row.model): row.value for row in reading.setup.results if row.own}
    assert own[("TREC", "CNN-rand")] == 91.2 and own[("MR", "CNN-non-static")] == 81.5
    assert all(not row.own for row in reading.setup.results if "et al" in row.quote)
    sizes = {item.name: (item.size, item.test) for item in reading.setup.datasets}
    assert sizes["TREC"] == (5952, 500) and sizes["MR"] == (10662, None)
    assert values(reading, "dropout") == [0.5] and values(reading, "filter_sizes") == ["3, 4, 5"]
    assert {"learning_rate", "epochs"} <= set(reading.setup.not_stated)


def test_a_batch_size_of_a_latency_test_is_not_the_training_one(readings):
    reading = readings["1905.11946"]
    assert values(reading, "batch_size") == [] and "batch_size" in reading.setup.not_stated
    assert values(reading, "dropout") == ["0.2 (EfficientNet-B0) to 0.5 (EfficientNet-B7)"]
    assert any(fact.name == "inherited" for fact in reading.setup.hyperparameters)


def test_garbled_text_is_said_and_not_used(readings):
    reading = readings["1908.10084-garbled"]
    assert any("garbled" in warning for warning in reading.warnings) and reading.arxiv_id == "1908.10084v1"
    assert not reading.setup.hyperparameters and not reading.setup.results and not reading.title


@pytest.mark.parametrize("key", ["1706.03762", "1408.5882"])
def test_every_quote_stands_on_its_page(key):
    document = read_document(PAPERS / f"{key}.pdf")
    pages = PageTexts(document.page_texts)
    setup = to_reading(document).setup
    for fact in [*setup.hyperparameters, *setup.datasets, *setup.results]:
        assert pages.stands(fact.quote, fact.page), fact


def test_latex_source_says_what_the_pdf_says(readings):
    latex = read_paper_file(PAPERS / "1706.03762-latex")
    pdf = readings["1706.03762"]
    assert (latex.title, latex.authors) == (pdf.title, pdf.authors) and latex.source.kind == "latex"
    top = [
        section.title
        for section in pdf.sections
        if section.level == 1 and section.title not in ("Abstract", "References")
    ]
    assert [section.title for section in latex.sections if section.level == 1] == top
    for name in ("optimizer", "adam_beta1", "adam_beta2", "adam_eps", "warmup_steps", "beam_size"):
        assert set(values(latex, name)) == set(values(pdf, name)), name
    claims = {(row.value, row.own) for row in pdf.setup.results if row.metric == "BLEU" and row.table == "Table 2"}
    assert claims <= {(row.value, row.own) for row in latex.setup.results}
    assert latex.setup.contradictions


def test_drafts_in_comments_are_not_the_paper(tmp_path):
    path = tmp_path / "main.tex"
    path.write_text(
        "\\documentclass{article}\\title{T}\\begin{document}\\section{Training}\n% We use a batch size of 9.\n"
        "\\iffalse We use a dropout of 0.9. \\fi We use a batch size of 16.\\end{document}"
    )
    found = {fact.name: fact.value for fact in read_paper_file(path).setup.hyperparameters}
    assert found == {"batch_size": 16}


def cards():
    folder = Path(__file__).resolve().parents[2] / "configs" / "papers"
    return sorted(path.stem for path in folder.glob("*.json"))


@pytest.mark.parametrize("key", cards())
def test_cards_are_what_the_reader_makes_today(key):
    path = PAPERS / f"{key}.pdf"
    if not path.is_file():
        pytest.skip(f"{path.name} is not here")
    folder = Path(__file__).resolve().parents[2] / "configs" / "papers"
    assert json.loads((folder / f"{key}.json").read_text()) == json.loads(json.dumps(make_card(read_paper_file(path))))


def test_cards_hold_facts_and_no_sentences(readings):
    reading, card = readings["1408.5882"], load_card("1408.5882")
    text = json.dumps(make_card(reading), ensure_ascii=False)
    assert reading.abstract[:60] not in text
    for fact in reading.setup.hyperparameters:
        assert len(fact.quote) < 25 or fact.quote not in text
    assert card.abstract == "" and card.source.kind == "card" and card.setup.results == [
        row.model_copy(update={"quote": row.where}) for row in reading.setup.results
    ]  # fmt: skip
    dropout = next(fact for fact in card.setup.hyperparameters if fact.name == "dropout")
    assert (dropout.value, dropout.quote, dropout.page) == (0.5, "section 3.1", 3)
    assert "built-in card" in card.warnings[0]
