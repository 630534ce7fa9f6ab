"""Tables in which results stand beside settings: budgets over the columns, guarantees beside the rows, kinds of models;
and what the caption leaves out but the text around the table says. Every test builds its own small table."""

from intern.papers import datasets, results
from intern.papers.model import Box, Document, Grid, Paragraph, Section
from intern.papers.names import own_names
from intern.papers.quotes import PageTexts
from intern.papers.sentences import all_sentences
from tests.papers.making import FILLER


def table(caption, columns, body, groups=None):
    """`columns` as lists of headings from top to bottom, as the PDF reader gives them."""
    head = [[parts[-1] if parts else "" for parts in columns]]
    return Grid(
        page=1,
        caption=caption,
        label="Table 1",
        rows=[*head, *body],
        bold=[[False] * len(columns) for _ in range(len(body) + 1)],
        lines=[" ".join(filter(None, row)) for row in [*head, *body]],
        head=1,
        columns=columns,
        groups=["", *(groups or [""] * len(body))],
    )


def rows(grid, text=FILLER):
    document = Document(
        title="A Study",
        pages=1,
        sections=[Section(title="Experiments", level=1, page=1)],
        paragraphs=[Paragraph(text, Box(1, 0, 0, 100, 20), section="Experiments", place=0)],
        tables=[grid],
        page_texts=["\n".join([text, *grid.lines])],
    )
    sentences, pages, names = list(all_sentences(document)), PageTexts(document.page_texts), own_names(document)
    data = datasets.find(document, sentences, pages, names)
    return results.find(document, sentences, pages, names, data)[0]


def test_a_setting_over_the_columns_belongs_to_the_model():
    grid = table(
        "Table 1: Accuracy (in %) on CIFAR-10.",
        [["Method"], ["ε = 1", "Train"], ["ε = 1", "Valid"], ["ε = 8", "Train"], ["ε = 8", "Valid"]],
        [["Flat (De et al., 2022)", "44.9", "44.7", "77.1", "73.9"], ["Layered", "49.1", "48.6", "77.7", "73.5"]],
    )
    found = {(row.model, row.value, row.own) for row in rows(grid)}
    assert found == {
        ("Flat (ε = 1)", 44.7, False), ("Flat (ε = 8)", 73.9, False),
        ("Layered (ε = 1)", 48.6, True), ("Layered (ε = 8)", 73.5, True),
    }  # fmt: skip


def test_a_guarantee_beside_the_measure_is_no_data_set():
    grid = table(
        "Table 1: Generation with private training.",
        [["Metric"], ["Guarantee"], ["E2E", "Layered (ours)"], ["E2E", "Flat"], ["DART", "Layered (ours)"]],
        [["BLEU", "ε = 8", "63.4", "63.2", "34.2"], ["ROUGE-L", "ε = 8", "66.7", "66.4", "52.9"]],
    )
    found = {(row.dataset, row.metric, row.model): row.value for row in rows(grid)}
    assert found[("E2E", "BLEU", "Layered (ours) (ε = 8)")] == 63.4
    assert found[("DART", "ROUGE-L", "Layered (ours) (ε = 8)")] == 52.9
    assert {name for name, _, _ in found} == {"E2E", "DART"}


def test_the_kind_of_a_model_is_no_part_of_the_data():
    grid = table(
        "Table 1: Quality on COCO.",
        [["Approach"], ["Model Type"], ["Zero-shot FID-30K"], ["CLIP"]],
        [["LDM (Rombach et al., 2022)", "Diffusion", "12.63", "0.27"], ["Ours", "Masked", "7.88", "0.32"]],
    )
    own = {(row.dataset, row.metric, row.value) for row in rows(grid) if row.own}
    assert own == {("COCO", "Zero-shot FID-30K", 7.88), ("COCO", "CLIP", 0.32)}


def test_the_sentence_that_refers_to_a_table_names_its_data():
    grid = table("Table 1: Larger models do better.", [["Model"], ["R-1"], ["R-L"]], [["Ours", "48.0", "41.3"]])
    text = "We use SAMSum as a testbed and train on the SAMSum dataset. Table 1 shows the results on SAMSum."
    found = {(row.dataset, row.metric, row.value) for row in rows(grid, text)}
    assert found == {("SAMSum", "ROUGE-1", 48.0), ("SAMSum", "ROUGE-L", 41.3)}


def test_an_average_is_over_as_many_data_sets_as_the_heading_counts():
    grid = table(
        "Table 1: Zero-shot performance.",
        [["Filtering strategy"], ["ImageNet"], ["Average over", "38 datasets"]],
        [["None", "0.723", "0.611"], ["Both (ours)", "0.792", "0.653"]],
    )
    assert ("38 datasets average", 0.653, True) in {(row.dataset, row.value, row.own) for row in rows(grid)}


def test_a_bound_is_the_value_it_bounds():
    grid = table("Table 1: CIFAR-10 results.", [["Model"], ["FID"], ["NLL"]], [["Ours", "3.17", "≤3.75 (3.72)"]])
    assert {row.value for row in rows(grid)} == {3.17, 3.75}


def test_data_told_by_a_short_form_or_after_the_word_data_set():
    text = (
        "We evaluate our flow on a branching diffusion process (BDP) and MNIST. The first dataset Diseases-I is composed "
        "of a network of disorders. The relational games dataset was contributed as a benchmark for reasoning. "
        "The whole dataset was crawled. Texts are extracted from Reddit."
    )
    document = Document(
        title="A Study",
        pages=1,
        sections=[Section(title="Experiments", level=1, page=1)],
        paragraphs=[Paragraph(text, Box(1, 0, 0, 100, 20), section="Experiments", place=0)],
        tables=[],
        page_texts=[text],
    )
    sentences, pages = list(all_sentences(document)), PageTexts(document.page_texts)
    found = {item.name for item in datasets.find(document, sentences, pages, own_names(document))}
    assert found == {"branching diffusion process (BDP)", "MNIST", "Diseases-I", "relational games"}
