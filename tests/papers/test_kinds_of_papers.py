# ruff: noqa: E501  one case a line
"""What papers of other fields do differently: detection, reinforcement learning, recommenders, tables of IEEE style.

Every case is a small table, sentence or page of our own."""

import pymupdf
import pytest

from intern.papers.captions import find_captions
from intern.papers.chains import links
from intern.papers.grid_parts import parts_of
from intern.papers.headings import find_headings
from intern.papers.layout import Line, Page, Piece
from intern.papers.measures import find_measure
from intern.papers.model import Box, Document, Paragraph, Section
from intern.papers.read import read_document
from intern.papers.setup import extract
from tests.papers.making import FILLER, paragraph, write
from tests.papers.test_results_beside_settings import rows, table


def settings(text):
    document = Document(
        title="A Study", pages=1, sections=[Section(title="Setup", level=1, page=1)],
        paragraphs=[Paragraph(text, Box(1, 0, 0, 100, 20), section="Setup", place=0)], page_texts=[text],
    )  # fmt: skip
    return {(fact.name, fact.value): fact.scope for fact in extract(document).hyperparameters}


@pytest.mark.parametrize(
    ("heading", "measure"),
    [
        ("AP50", "AP50"),
        ("AP_S", "APS"),
        ("APL", "APL"),
        ("AP", "mAP"),
        ("APmask", "mask AP"),
        ("PQ", "PQ"),
        ("ROC-AUC", "AUC"),
    ],
)
def test_measures_of_detection_keep_what_tells_them_apart(heading, measure):
    found = find_measure(heading)
    assert found is not None and found.name.replace("_", "") == measure


def test_methods_beside_a_column_of_networks_are_the_models():
    grid = table(
        "Table 1: Test accuracy on two data sets.",
        [["Dataset"], ["Model"], ["SGD"], ["Ours"]],
        [["CIFAR-10", "VGG11", "90.1", "91.4"], ["CIFAR-100", "VGG11", "66.1", "68.0"]],
        ["CIFAR-10", "CIFAR-100"],
    )
    found = {(row.dataset, row.model, row.value, row.own) for row in rows(grid)}
    assert ("CIFAR-10", "Ours (VGG11)", 91.4, True) in found and ("CIFAR-100", "SGD (VGG11)", 66.1, False) in found


def test_a_counted_setting_over_a_column_belongs_to_the_model():
    grid = table(
        "Table 1: Test perplexity on Penn Treebank.",
        [["Optimizer"], ["1-layer"], ["2-layer"]],
        [["SGD", "85.1", "67.4"], ["Ours", "84.2", "66.3"]],
    )
    assert ("Ours (2-layer)", 66.3, True) in {(row.model, row.value, row.own) for row in rows(grid)}


def test_tables_side_by_side_are_parted_at_their_captions():
    grid = table(
        "Table 2: Ablations.",
        [["γ"], ["AP"], ["AP50"], ["method"], ["batch size"], ["AP"]],
        [
            ["0", "31.1", "49.4", "OHEM", "256", "31.2"],
            ["2", "34.0", "52.5", "Focal", "256", "36.0"],
            ["", "(a) Varying γ", "", "(b) Against others", "", ""],
        ],
    )
    left, right = parts_of(grid)
    assert left.rows == [["γ", "AP", "AP50"], ["0", "31.1", "49.4"], ["2", "34.0", "52.5"]]
    assert right.columns == [["method"], ["batch size"], ["AP"]] and right.caption.endswith("(b) Against others")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We use a cosine decay schedule without restarts over 300 epochs, with a warm-up period of 10 epochs.", {("epochs", 300), ("warmup_epochs", 10)}),
        ("We perform 100-epoch pre-training for all models.", {("epochs", 100)}),
        ("Each task is run for 1 million time steps with our agent.", {("steps", 1000000)}),
        ("We set the layer number L = 2 and head number h = 4.", {("layers", 2), ("heads", 4)}),
        ("Training stops if the validation score doesn't improve for 20 epochs, and we use Adam.", {("optimizer", "Adam")}),
    ],
)  # fmt: skip
def test_wordings(text, expected):
    assert expected <= settings(text).keys()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("We use linear warm-up for 10 epochs and a batch size of 64.", "warmup_steps"),
        ("Training stops if the validation score doesn't improve for 20 epochs; the batch size is 64.", "epochs"),
        ("The factor α is linearly annealed from 1 to 0 over training; the batch size is 64.", "epsilon_start"),
        ("We use 20 nodes per class for training and a batch size of 64.", "hidden_units"),
        ("The agent has a pair of critics along with a single actor, and we use a batch size of 64.", "num_actors"),
        ("We tune the share ρ and use ρ = 0.6 with a batch size of 64.", "adadelta_rho"),
    ],
)  # fmt: skip
def test_not_made_up(text, name):
    found = settings(text)
    assert ("batch_size", 64) in found and name not in {key for key, _ in found}


def test_values_with_their_models_in_brackets():
    text = "We use a batch size of 2880 (ViT-B) / 2400 (ViT-L)."
    at = text.index("2880")
    assert [(link.value, link.words) for link in links(text, at, at + 4)] == [("2880", "ViT-B"), ("2400", "ViT-L")]


def line(text, y, *, italic=False, size=10.0, block=0):
    piece = Piece(text, 50, y, 50 + 5 * len(text), y + size, size, False, italic, peak=size, base=y + size)
    return Line(1, block, [piece])


def test_headings_with_roman_numbers_and_letters_at_the_size_of_the_text():
    texts = [
        ("I. Introduction", 0),
        ("Plain words of the text follow here", 0),
        ("II. Experiments", 0),
        ("A. Data Sets", 1),
        ("Plain words again", 0),
        ("B. Results", 1),
    ]
    lines = [line(text, 40 * n, italic=bool(slanted), block=n) for n, (text, slanted) in enumerate(texts)]
    assert [(item.title, item.level) for item in find_headings(lines, 10)] == [
        ("Introduction", 1),
        ("Experiments", 1),
        ("Data Sets", 2),
        ("Results", 2),
    ]


def test_a_label_right_below_its_table_with_a_title_in_small_capitals():
    """Small capitals are lower case once they are read, and small: the second line of a title has no capital at all."""
    row = Line(1, 0, [Piece("Ours", 50, 50, 70, 58, 8.0, False), Piece("93.4", 120, 50, 140, 58, 8.0, False)])
    label = Line(1, 0, [Piece("TABLE I", 90, 60, 120, 68, 8.0, False, peak=8.0)])
    title = [
        Line(1, 0, [Piece("Accuracy of all the methods on", 50, 69, 160, 77, 6.4, False, peak=8.0)]),
        Line(1, 0, [Piece("the test sets.", 80, 78, 130, 86, 6.4, False, peak=6.4)]),
    ]
    page = Page(1, 612, 792, lines=[row, label, *title])
    assert [caption.text for caption in find_captions(page)] == [
        "TABLE I Accuracy of all the methods on the test sets."
    ]


def test_appendices_with_a_letter_and_a_number():
    texts = ["1 Introduction", "2 Experiments", "References", "A1. Architectures", "A2. Settings of training"]
    lines = [line(text, 40 * n, size=13.0, block=n) for n, text in enumerate(texts)]
    found = [(item.number, item.title, item.level, item.appendix) for item in find_headings(lines, 10)]
    assert found[-2:] == [("A1", "Architectures", 1, True), ("A2", "Settings of training", 1, True)]


def test_an_abstract_under_a_small_heading_and_numbers_that_nearly_touch(tmp_path):
    document = pymupdf.open()
    page = document.new_page()
    write(page, 150, 80, "A Small Study of Networks", 17, "times-bold")
    write(page, 280, 130, "Abstract", 9, "times-bold")
    y = paragraph(page, 90, 150, "We introduce MixNet, a network for tables. " + FILLER, 90, 9)
    y = write(page, 72, y + 14, "1 Experiments", 12, "times-bold") + 6
    y = paragraph(page, 72, y, "MixNet is compared with others. MixNet wins in Table 1. MixNet is small. " + FILLER)
    y = write(page, 72, y + 20, "Table 1: Accuracy on the data sets.", 10) + 8
    for label, numbers in (("Names", "ABCDEF"), ("MLP", "1357924"), ("SNN", "246813"), ("MixNet", "975312")):
        write(page, 72, y, label)
        for column, digit in enumerate(numbers[:6]):
            write(page, 130 + 27 * column, y, digit if label == "Names" else f"0.{digit}50")
        y += 14
    path = tmp_path / "paper.pdf"
    document.save(path)
    read = read_document(path)
    assert read.abstract.startswith("We introduce MixNet")
    assert read.tables[0].rows[-1] == ["MixNet", "0.950", "0.750", "0.550", "0.350", "0.150", "0.250"]
