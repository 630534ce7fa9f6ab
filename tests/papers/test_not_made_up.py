"""Rows and facts that must not be there: settings as results, measures as models, others' models as own, thoughts as
settings. Every test builds its own small table or sentence; none knows a real paper."""

import pytest

from intern.papers import results
from intern.papers.cards import NOTE
from intern.papers.hyperparameters import Found
from intern.papers.model import Box, Document, Grid, Hyperparameter, Paragraph, Section
from intern.papers.names import own_names
from intern.papers.quotes import PageTexts
from intern.papers.read import read_paper_file, to_reading
from intern.papers.result_columns import is_enumerator, is_setting, may_name_data, may_name_model
from intern.papers.sentences import all_sentences
from intern.papers.setup import choose
from tests.papers.making import FILLER, paper, save


def table(caption, columns, rows, groups=None):
    """A grid as the PDF reader would make it; an empty heading is no heading."""
    lines = [" ".join(cell for cell in row if cell) for row in rows]
    return Grid(
        page=1,
        caption=caption,
        label="Table 1",
        rows=[columns, *rows],
        bold=[[False] * len(columns) for _ in range(len(rows) + 1)],
        lines=[" ".join(columns), *lines],
        head=1,
        columns=[[text] if text else [] for text in columns],
        groups=["", *(groups or [""] * len(rows))],
    )


def document(*grids, text="", title="A Study", section="Experiments"):
    page = "\n".join([text, *(line for grid in grids for line in grid.lines)])
    return Document(
        title=title,
        pages=1,
        sections=[Section(title=section, level=1, page=1)],
        paragraphs=[Paragraph(text or FILLER, Box(1, 0, 0, 100, 20), section=section, place=0)],
        tables=list(grids),
        page_texts=[page],
    )


def rows(*grids, **more):
    paper_document = document(*grids, **more)
    sentences = list(all_sentences(paper_document))
    pages = PageTexts(paper_document.page_texts)
    return results.find(paper_document, sentences, pages, own_names(paper_document), [])[0]


VARIATIONS = table(
    "Table 1: Variations of the model. All BLEU scores are on WMT 2014 English-German.",
    ["", "N", "dmodel", "dk", "Pdrop", "params", "BLEU"],
    [
        ["base", "6", "512", "64", "0.1", "65", "25.8"],
        ["(A)", "", "", "16", "", "58", "25.1"],
        ["", "", "", "32", "", "60", "25.4"],
        ["(B)", "", "", "", "", "61", "25.0"],
        ["(C)", "", "learned positions", "", "", "", "25.7"],
    ],
)


def test_a_column_of_settings_gives_no_results():
    found = rows(VARIATIONS)
    assert {row.metric for row in found} == {"BLEU"} and {row.value for row in found} <= {25.8, 25.1, 25.4, 25.7}
    assert {row.dataset for row in found} == {"WMT 2014 English-German"}


def test_rows_of_a_group_keep_what_tells_them_apart_and_others_are_dropped():
    found = {row.value: row.model for row in rows(VARIATIONS)}
    assert found == {25.8: "base", 25.1: "(A) dk=16", 25.4: "dk=32", 25.7: "(C) learned positions"}


@pytest.mark.parametrize(
    "heading", ["dk", "dv", "d_model", "h", "N", "Pdrop", "εls", "β1", "|V |", "c", "Learning rate"]
)
def test_headings_that_are_settings(heading):
    assert is_setting([heading]) and not may_name_data(heading) and not may_name_model(heading)


@pytest.mark.parametrize("heading", ["MR", "TREC", "SST-2", "CoLA", "R1", "BLEU", "EN-DE"])
def test_headings_that_are_none(heading):
    assert not is_setting([heading])


@pytest.mark.parametrize(
    "heading", ["double", "method", "r = 4", "Model", "relative accuracy change", "Test set", "top-1 err."]
)
def test_no_data_set_is_called_so(heading):
    assert not may_name_data(heading)


def test_group_marks_name_no_model_but_letters_may():
    assert is_enumerator("(A)") and is_enumerator("4*(A)") and not is_enumerator("A") and not is_enumerator("DQN")


def test_statistics_of_data_are_no_results():
    sizes = table(
        "Table 1: Data used, with accuracy in the next table.",
        ["Data", "c", "l", "N", "|V |", "Test"],
        [["MR", "2", "20", "10662", "18765", "CV"], ["TREC", "6", "10", "5952", "9592", "500"]],
    )
    assert rows(sizes) == []


def test_tables_of_best_settings_are_no_results():
    best = table(
        "Table 1: Best parametrizations for each loss.",
        ["Dataset", "Loss", "Mini-batch", "Dropout", "Momentum"],
        [
            ["CIFAR-10", "A", "50", "0.5", "0.1"],
            ["ImageNet", "B", "500", "0.2", "0.3"],
            ["MNIST", "B", "20", "0.2", "0"],
        ],
    )
    assert rows(best) == []


ERRORS = table(
    "Table 1: Error rates (%) on ImageNet.",
    ["method", "top-1 err.", "top-5 err."],
    [
        ["Foo [41] (ILSVRC'14)", "24.4", "7.1"],
        ["Bar [44] (ILSVRC'14)", "25.1", "7.9"],
        ["Quux-50", "20.7", "5.2"],
        ["ours (ILSVRC'15)", "19.4", "4.5"],
    ],
)


def test_measures_are_no_models_and_cited_rows_are_not_own():
    found = {(row.model, row.metric): row for row in rows(ERRORS)}
    assert len(found) == 8 and {metric for _, metric in found} == {"top-1 error", "top-5 error"}
    assert all("err" not in model for model, _ in found)
    own = {model for (model, _), row in found.items() if row.own}
    assert own == {"Quux-50", "ours (ILSVRC'15)"}


def test_a_name_cited_in_one_table_is_not_own_in_another():
    second = table("Table 2: mAP on COCO.", ["net", "mAP"], [["Foo", "21.2"], ["Quux-50", "27.2"]])
    own = {row.model: row.own for row in rows(ERRORS, second) if row.metric == "mAP"}
    assert own == {"Foo": False, "Quux-50": True}


def test_a_name_cited_in_the_text_is_not_own():
    one = table("Table 1: Accuracy on MNIST.", ["Model", "accuracy"], [["Zed large", "91.2"], ["Quux-5", "93.1"]])
    found = rows(one, text="We compare with Zed (Writer et al., 2015) on digits.")
    assert {row.model: row.own for row in found} == {"Zed large": False, "Quux-5": True}


def test_a_table_of_baselines_holds_no_own_rows():
    grid = table("Table 1: Accuracy on MNIST.", ["Baseline", "accuracy"], [["S-Foo", "91.2"], ["Quux", "93.1"]])
    assert [row.own for row in rows(grid)] == [False, False]


def test_names_in_the_second_column_and_depths_that_tell_rows_apart():
    grid = table(
        "Table 1: Classification error on CIFAR-10.",
        ["", "method", "error (%)"],
        [["", "Maxo [10]", "9.38"], ["FitNo [35]", "19", "8.39"], ["Resi", "20", "8.75"], ["Resi", "110", "6.43"]],
        groups=["FitNo [35]", "", "", ""],
    )
    found = {row.value: (row.model, row.own) for row in rows(grid)}
    assert found == {9.38: ("Maxo", False), 8.39: ("FitNo", False), 8.75: ("Resi 20", True), 6.43: ("Resi 110", True)}


def test_values_of_a_setting_in_the_headings_are_part_of_the_model():
    grid = table(
        "Table 1: Validation accuracy with different rank r.",
        ["", "Weights", "r = 1", "r = 8"],
        [["CoLA", "Wq", "68.8", "70.4"], ["MNLI", "Wq", "90.7", "91.6"]],
    )
    found = {(row.dataset, row.model): row.value for row in rows(grid)}
    assert found[("CoLA", "Wq r = 1")] == 68.8 and found[("MNLI", "Wq r = 8")] == 91.6 and len(found) == 4


@pytest.mark.parametrize(
    "text",
    [
        "If we only scale width without depth (d=1.0), our accuracy on ImageNet saturates.",
        "We obtain a 6.0% increase in accuracy on ImageNet.",
        "Our model obtains a 7.0% average accuracy improvement on ImageNet.",
        "We use 0.01 to warm up until the error on CIFAR-10 is below 80%.",
        "Our network on CIFAR-10 achieves a training error of 0.1% with ease.",
        "We train on ImageNet with a learning rate of 0.5 and the accuracy grows.",
    ],
)
def test_differences_bounds_and_settings_are_no_claims(text):
    assert rows(text=text) == []


def test_a_plain_claim_stays():
    (row,) = rows(text="Our model achieves an accuracy of 84.4% on ImageNet.")
    assert (row.dataset, row.value, row.own) == ("ImageNet", 84.4, True)


def facts(tmp_path, text, heading="Model"):
    path = save(paper(("Introduction", [FILLER]), (heading, [text, FILLER])), tmp_path / "p.pdf")
    return {fact.name: fact.value for fact in read_paper_file(path).setup.hyperparameters}


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        ("Model", "Another way of describing this is as two convolutions with kernel size 1."),
        ("Model", "In all cases we set the filter size to be 4H for a hidden size of H."),
        ("Model", "For each residual function we use a stack of 3 layers instead of 2."),
        ("Model", "We replace each 2-layer block by a bottleneck."),
        ("Model", "For the example in the figure that has two layers, the bias is left out."),
        ("Model", "We classify the image in two steps."),
        ("Related Work", "The famous player used a perceptron with one hidden layer."),
    ],
)
def test_thoughts_and_the_work_of_others_are_no_settings(tmp_path, heading, text):
    assert facts(tmp_path, text, heading) == {}


def test_plain_settings_stay(tmp_path):
    found = facts(tmp_path, "Our network has 34 layers. We use a kernel size of 5 and train for 20 steps.")
    assert found["layers"] == 34 and found["filter_sizes"] == 5 and found["steps"] == 20


def test_the_decay_from_layer_to_layer_is_no_decay_of_the_schedule(tmp_path):
    found = facts(
        tmp_path, "For fine-tuning we use a layerwise LR decay of 0.8 and no weight decay; weight decay 0 was best."
    )
    assert "lr_decay_factor" not in found and found["weight_decay"] == 0


def test_who_read_nothing_does_not_say_what_is_missing():
    empty = Document(title="", pages=1, sections=[], paragraphs=[], tables=[], page_texts=[""])
    reading = to_reading(empty)
    assert reading.setup.not_stated == [] and any("Nothing could be read" in text for text in reading.warnings)


def test_the_note_of_a_card_says_what_its_quotes_are():
    assert "locator" in NOTE and "`quote`" in NOTE and "not words of the paper" in NOTE


def test_a_number_that_the_table_gives_to_others_is_not_claimed_as_own():
    grid = table("Table 1: Accuracy on MNIST.", ["Model", "accuracy"], [["Baseline", "58.9%"], ["Quux", "61.1%"]])
    found = rows(grid, text="This system reaches an accuracy of 58.9% on ImageNet.")
    assert {(row.value, row.own) for row in found} == {(58.9, False), (61.1, True)} and len(found) == 3


def test_in_a_comparison_with_others_own_rows_are_kin_to_other_tables():
    own = table("Table 1: Accuracy on MNIST.", ["Model", "accuracy"], [["Qx-5", "91.2"], ["Qx-30", "93.1"]])
    compared = table(
        "Table 2: Qx comparison with previous state of the art on MNIST.",
        ["Model", "accuracy"],
        [["Zed ensemble", "90.0"], ["Deep Foo", "92.0"], ["Qx-Large ensemble", "95.0"]],
    )
    found = {row.model: row.own for row in rows(own, compared)}
    assert found == {
        "Qx-5": True, "Qx-30": True, "Zed ensemble": False, "Deep Foo": False, "Qx-Large ensemble": True,
    }  # fmt: skip


def test_each_number_takes_the_measure_behind_it():
    found = rows(text="Our model achieves 84.4% top1 / 97.1% top-5 accuracy on ImageNet.")
    assert {row.value: row.metric for row in found} == {84.4: "top-1 accuracy %", 97.1: "top-5 accuracy %"}


@pytest.mark.parametrize(
    "text",
    [
        "We focus on the original design by Writer et al. (2019) which has two adapter layers.",
        "This 10^3-layer network is easy to train.",
        "There are two fully connected layers with biases in an adapter layer.",
        "We omit models that were trained for 3000 steps.",
    ],
)
def test_designs_of_others_and_rough_sizes_are_no_settings(tmp_path, text):
    assert facts(tmp_path, text) == {}


def test_subsets_by_size_are_not_the_whole_data_set():
    grid = table("Table 1: Accuracy.", ["Method", "MNLI-100", "MNLI-10k"], [["Quux", "37.6", "79.5"]])
    assert {row.dataset: row.value for row in rows(grid)} == {"MNLI-100": 37.6, "MNLI-10k": 79.5}


def test_a_model_only_compared_with_is_no_scope(tmp_path):
    text = "Our 34-layer baseline has 3 billion operations, which is only 18% of FooNet-19 in total."
    path = save(paper(("Introduction", [FILLER]), ("Model", [text, FILLER])), tmp_path / "p.pdf")
    scopes = {fact.scope for fact in read_paper_file(path).setup.hyperparameters if fact.name == "layers"}
    assert scopes and not any("FooNet" in scope for scope in scopes)


def test_a_number_of_one_model_among_several_is_not_the_main_one():
    def found(value, scope, weight):
        fact = Hyperparameter(name="layers", value=value, scope=scope, page=1, quote=f"{value} layers")
        return Found(fact, weight)

    kept, _ = choose([found(18, "main", 1.3), found(18, "FooNet-18", 1.0), found(34, "FooNet-34", 1.0)])
    assert {(fact.value, fact.scope) for fact in kept} == {(18, "FooNet-18"), (34, "FooNet-34")}
    assert [fact.scope for fact in choose([found(18, "main", 1.3), found(18, "FooNet-18", 1.0)])[0]] == ["main"]
