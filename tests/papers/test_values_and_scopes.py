# ruff: noqa: E501  one case a line
"""Values with what they hold for: chains in sentences, run-in headings, openings, and tables of several shapes."""

import pymupdf
import pytest

from intern.papers.grids import head_rows
from intern.papers.model import Box, Document, Grid, Paragraph, Section
from intern.papers.pdf import read_pdf
from intern.papers.setup import extract
from tests.papers.making import paragraph, save, write

SENTENCES = [
    ("We use a batch size of 96 for Alpha and 24 for Beta.", {("batch_size", 96, "Alpha"), ("batch_size", 24, "Beta")}),
    ("The learning rate is 0.02 for Gamma, and 0.004 for all other sets.", {("learning_rate", 0.02, "Gamma"), ("learning_rate", 0.004, "other sets")}),
    ("The default batch size is 48, with 12 for Alpha and 6 for Beta.", {("batch_size", 48, "default"), ("batch_size", 12, "Alpha"), ("batch_size", 6, "Beta")}),
    ("On Alpha and Beta we train for 30 and 70 epochs, respectively.", {("epochs", 30, "Alpha"), ("epochs", 70, "Beta")}),
    ("ALPHA trains for 90k updates, BETA for 40k updates.", {("steps", 90000, "ALPHA"), ("steps", 40000, "BETA")}),
    ("Large trains for 250k updates, base for 400k updates on Librispeech.", {("steps", 250000, "large LibriSpeech"), ("steps", 400000, "base LibriSpeech")}),
    ("The encoder has an inner size of 1,536 and 12 attention heads.", {("ffn_size", 1536, "encoder"), ("heads", 12, "encoder")}),
    ("Adapters are used with the rank and alpha set to 6 and 18.", {("lora_rank", 6, "main"), ("lora_alpha", 18, "main")}),
    ("We apply no weight decay and did not use label smoothing.", {("weight_decay", 0, "main"), ("label_smoothing", 0, "main")}),
    ("The rate is warmed up to a peak learning rate of 7e-4 for the first 9% of updates.", {("learning_rate", 7e-4, "main"), ("warmup_ratio", 0.09, "main")}),
    ("We found a learning rate of 0.03 to be too high, using 0.006 instead.", {("learning_rate", 0.006, "main")}),
    ("We use the AdamOptimizer with a learning rate of 0.03 (decayed 0.8 every 300 iterations) for 6k iterations.", {("optimizer", "Adam", "main"), ("learning_rate", 0.03, "main"), ("lr_decay_factor", 0.8, "main"), ("steps", 6000, "main")}),
    ("We use RMSProp with both decay and momentum set to 0.8.", {("rmsprop_decay", 0.8, "main"), ("momentum", 0.8, "main")}),
    ("For the ablation studies, we trained the models for 30K iterations.", {("steps", 30000, "ablation")}),
    ("We stop early with a patience of 12 epochs.", {("early_stopping", "patience of 12", "main")}),
]  # fmt: skip


def read(*paragraphs: Paragraph, tables: list[Grid] | None = None) -> set[tuple[str, object, str]]:
    paragraphs = paragraphs or (said("We train with care."),)
    text = " ".join(item.text for item in paragraphs)
    lines = " ".join(" ".join(grid.lines) + grid.caption for grid in tables or [])
    document = Document(
        title="A study", pages=1, sections=[Section(title="Training details")], page_texts=[text + lines]
    )
    document.paragraphs.extend(paragraphs)
    document.tables.extend(tables or [])
    return {(fact.name, fact.value, fact.scope) for fact in extract(document).hyperparameters}


def said(text: str, lead: str = "") -> Paragraph:
    return Paragraph(text, Box(1), "Training details", place=0, lead=lead)


@pytest.mark.parametrize(("text", "expected"), SENTENCES, ids=[text[:40] for text, _ in SENTENCES])
def test_each_value_has_its_words(text, expected):
    assert expected <= read(said(text)), read(said(text))


def test_the_rejected_value_is_no_setting():
    assert ("learning_rate", 0.03, "main") not in read(said(SENTENCES[9][0]))


def test_a_repetition_of_something_else_is_no_seed():
    assert not [fact for fact in read(said("Each mutation is repeated 15 times per example.")) if fact[0] == "seeds"]


def test_a_run_in_heading_holds_for_its_paragraphs():
    facts = read(
        said("We apply dropout of 0.3 here, as the transductive sets are small.", "Transductive learning."),
        said("We apply dropout of 0.1 here, as the inductive sets are large.", "Inductive learning."),
        said(
            "In transductive and inductive learning, transductive nodes and inductive nodes differ; transductive, inductive."
        ),
        said("The transductive case comes first and the inductive case second, inductive last."),
    )
    assert ("dropout", 0.3, "Transductive") in facts and ("dropout", 0.1, "Inductive") in facts


def test_run_in_headings_that_name_data_hold_before_other_words():
    facts = read(
        said("CIFAR-10: The ResNet-18 model uses a batch size of 48.", "CIFAR-10"),
        said("SVHN: The ResNet-18 model uses a batch size of 96.", "SVHN"),
        said("Grove Kinds: The ResNet-18 model uses a batch size of 12.", "Grove Kinds"),
    )
    assert {scope for name, value, scope in facts if name == "batch_size" and value == 12} == {"ResNet-18 Grove Kinds"}


def test_a_prediction_length_and_a_list_of_commands_are_no_settings():
    facts = read(said("The model is trained to predict 96 steps. The vocabulary contains 35 words."))
    assert not {name for name, _, _ in facts} & {"steps", "vocab_size"}


def test_an_opening_holds_until_another():
    text = "For fine-tuning, we take our best model. The learning rate is 0.0004. All models are trained with a batch size of 36."
    facts = read(said(text))
    assert ("learning_rate", 0.0004, "fine-tuning") in facts
    assert ("batch_size", 36, "main") in facts


def table(rows: list[list[str]], caption: str) -> Grid:
    grid = Grid(1, caption, "Table 1", rows, [" ".join(cell for cell in row if cell) for row in rows])
    grid.head = head_rows(grid)
    grid.columns = [[rows[n][k] for n in range(grid.head) if rows[n][k]] for k in range(len(rows[0]))]
    grid.groups = ["" for _ in rows]
    return grid


def test_a_config_table_takes_its_scope_from_the_caption():
    rows = [
        ["config", "value"],
        ["optimizer", "AdamW"],
        ["optimizer momentum", "β1, β2=0.9, 0.93"],
        ["Q network: hidden units", "384"],
        ["training epochs", "120 (S), 60 (L)"],
        ["warmup steps (k)", "3"],
    ]
    facts = read(tables=[table(rows, "Table 1: Linear probing setting.")])
    assert ("optimizer", "AdamW", "Linear probing") in facts
    assert ("adam_beta2", 0.93, "Linear probing") in facts
    assert {("epochs", 120, "Linear probing S"), ("epochs", 60, "Linear probing L")} <= facts
    assert ("warmup_steps", 3000, "Linear probing") in facts
    assert any(name in ("hidden_units", "hidden_size") and value == 384 for name, value, _ in facts)


def test_a_table_with_one_row_a_layer():
    rows = [["Layer", "Large Feature", "Small Feature", "Kernel"]] + [
        [str(n), "768", "192", size] for n, size in enumerate("7533", 1)
    ]
    facts = read(tables=[table(rows, "Table 1: Convolutional layers of our networks.")])
    assert {
        ("feature_maps", 768, "Large"),
        ("feature_maps", 192, "Small"),
        ("filter_sizes", "7, 5, 3, 3", "main"),
    } <= facts


def test_grids_and_thousands_in_cells():
    rows = [["Dataset", "Steps", "Base LR"], ["Alpha", "12 000", "{0.002, 0.02}"], ["Beta", "700", "0.02"]]
    facts = read(tables=[table(rows, "Table 1: Hyperparameters for fine-tuning.")])
    assert {
        ("steps", 12000, "fine-tuning Alpha"),
        ("learning_rate", "0.002, 0.02", "fine-tuning Alpha"),
        ("steps", 700, "fine-tuning Beta"),
    } <= facts


def test_settings_that_differ_between_text_and_table_are_a_contradiction():
    text = said("All models were trained with a batch size of 128 and Adam.")
    rows = [["Hyperparameter", "Value"], ["Batch size", "256"], ["Optimizer", "Adam"], ["Dropout", "0.2"]]
    grid = table(rows, "Table 1: Settings of all runs.")
    document = Document(
        title="A study",
        pages=1,
        sections=[Section(title="Training details")],
        page_texts=[text.text + " ".join(grid.lines)],
    )
    document.paragraphs.append(text)
    document.tables.append(grid)
    found = extract(document).contradictions
    assert [sorted(item.value for item in one.values) for one in found] == [[128, 256]]


def test_a_section_heading_beside_a_table_stays_a_heading(tmp_path):
    document = pymupdf.open()
    page = document.new_page()
    write(page, 120, 80, "A Study of Tables and Headings", 17, "times-bold")
    write(page, 72, 130, "1   Introduction", 12, "times-bold")
    y = paragraph(
        page, 72, 150, "We study how tables and the headings right above them are told apart in a small paper of ours."
    )
    write(page, 72, y + 10, "2   Results", 12, "times-bold")
    for number, (left, right) in enumerate(
        [("Model", "BLEU"), ("First", "21.4"), ("Second", "22.6"), ("Third", "23.5")]
    ):
        write(page, 220, y + 34 + 13 * number, left)
        write(page, 320, y + 34 + 13 * number, right)
    y = write(page, 170, y + 100, "Table 1: BLEU of the models on the test set.") + 14
    write(page, 72, y + 10, "3   Conclusion", 12, "times-bold")
    paragraph(
        page,
        72,
        y + 30,
        "We conclude that the headings are read and that the table keeps to its own rows in this paper.",
    )
    read_back = read_pdf(save(document, tmp_path / "headings.pdf"))
    assert [section.title for section in read_back.sections] == ["Introduction", "Results", "Conclusion"]
    assert read_back.tables[0].rows[0] == ["Model", "BLEU"]


def test_people_and_rates_that_drop_and_images_set_nothing():
    assert not read(
        said("We thank Carla Dogood, Adam Fourleaf, and Gus Bansee for their help with the garden."),
        said("For both models, we use a learning rate drop of 1 and no more."),
        said("We render the pages to images with a maximum length of 1000 pixels."),
    )


def test_the_end_of_a_range_and_workers_of_a_service_are_no_settings():
    assert not read(
        said("Training takes 40 hours, which is between two and three passes over the dataset."),
        said("Here, we chose to have four workers serving each part of the pipeline in parallel."),
    )


def test_paragraphs_that_begin_alike_are_about_a_model_each():
    told = (
        "The narrow LSTM has 60 units per layer. We train it for 12 epochs.",
        "The wide LSTM has 240 units per layer. We train it for 18 epochs.",
        "The learning rate is 0.5.",
    )
    document = Document(title="A study", pages=1, sections=[Section(title="Training")], page_texts=["\n".join(told)])
    document.paragraphs.extend(Paragraph(text, Box(1), "Training", place=0) for text in told)
    found = {(fact.name, fact.value, fact.scope) for fact in extract(document).hyperparameters}
    assert {("epochs", 12, "narrow LSTM"), ("epochs", 18, "wide LSTM"), ("learning_rate", 0.5, "main")} <= found


def test_a_name_that_a_line_broke_is_whole_in_a_scope():
    told = "We use a batch size of 48 for Lan- TERN-B. LanTERN is our name, and LanTERN is small."
    document = Document(title="A study", pages=1, sections=[Section(title="Training")], page_texts=[told])
    document.paragraphs.append(Paragraph(told, Box(1), "Training", place=0))
    (fact,) = extract(document).hyperparameters
    assert (fact.value, "- " in fact.scope) == (48, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We increase the context size from 512 to 1024 tokens.", {("max_seq_len", 1024, "main")}),
        ("The context length was extended from 4k to 32k tokens.", {("max_seq_len", 32000, "main")}),
        (
            "The dimension of word embeddings and the hidden size of all layers are all set to 384.",
            {("embedding_dim", 384, "main"), ("hidden_size", 384, "main")},
        ),
        ("The kernel sizes of the convolutions are both set to 3.", {("filter_sizes", 3, "main")}),
        ("It takes 80k steps for training until convergence.", {("steps", 80000, "main")}),
        (
            "We use a momentum of 0.9 and a decay of 0.0005.",
            {("momentum", 0.9, "main"), ("weight_decay", 0.0005, "main")},
        ),
        ("The learning rate is tuned amongst {0.0001, 0.0005}.", {("learning_rate", "0.0001, 0.0005", "main")}),
        ("The coefficient of L2 normalization is searched in {0.1, 0.01}.", {("weight_decay", "0.1, 0.01", "main")}),
    ],
)
def test_settings_told_together_moved_or_searched(text, expected):
    assert read(said(text)) == expected


def test_where_a_rate_ends_and_the_year_of_a_data_set_are_no_settings():
    found = read(
        said("We use linear warmup with cosine decay to 1e-5 and nothing else."),
        said("We train on the training and validation data sets from PASCAL VOC 2007 and 2012."),
    )
    assert {name for name, _, _ in found} == {"lr_schedule"}


def test_a_data_set_that_is_told_apart_from_the_rest_is_not_what_all_is_about():
    found = read(
        said(
            "We apply a model of two layers. Dropout with p = 0.6 is used throughout. For Pubmed we set L2 regularization to 0.001."
        ),
        said(
            "It is trained using the Adam optimizer with an initial learning rate of 0.01 for Pubmed, and 0.005 for all other datasets."
        ),
    )
    assert {("dropout", 0.6, "main"), ("optimizer", "Adam", "main"), ("learning_rate", 0.01, "Pubmed")} <= found
