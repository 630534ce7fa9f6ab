# ruff: noqa: E501  one case a line
"""Which part of a model, section or clause a value belongs to, and which values only stand beside the setup."""

import pytest

from intern.papers.model import Box, Document, Paragraph, Section
from intern.papers.setup import extract

PARTS = [
    ("The policy network has 3 layers and the value network has 5 layers.", {("layers", 3, "policy network"), ("layers", 5, "value network")}),
    ("We stack 8 layers in the decoder.", {("layers", 8, "decoder")}),
    ("The features go through a 4-layer projection MLP.", {("layers", 4, "projection MLP")}),
    ("We train only the mask head for 15 epochs.", {("epochs", 15, "mask head")}),
    ("We fine-tune the backbone with a learning rate of 3e-5.", {("learning_rate", 3e-5, "fine-tuning backbone")}),
    ("We set the decoder's learning rate to 2e-4.", {("learning_rate", 2e-4, "decoder")}),
    ("We use a source vocabulary of 24,000 and a target vocabulary of 16,000 words.", {("vocab_size", 24000, "source"), ("vocab_size", 16000, "target")}),
    ("The batch sizes for ALPHA and BETA are 64 and 512, running for 30K steps and 90K steps, respectively.", {("steps", 30000, "ALPHA"), ("steps", 90000, "BETA")}),
    ("The batch size is 24 for small sets (ALPHA, BETA) and 96 for large sets (GAMMA, DELTA).", {("batch_size", 24, "small sets (ALPHA, BETA)"), ("batch_size", 96, "large sets (GAMMA, DELTA)")}),
    ("We pre-train for 4 epochs with a batch size of 640, and fine-tune on the small set for 9 epochs with a batch size of 20.", {("batch_size", 640, "pre-training"), ("batch_size", 20, "fine-tuning")}),
    ("We use LeakyReLU units and train with a batch size of 48.", {("batch_size", 48, "main")}),
    ("We use 7 layers with 14 heads with the same widths as for the image experiments.", {("layers", 7, "main"), ("heads", 14, "main")}),
    ("We train with a batch size of 48 and one additional BM25 passage a question.", {("batch_size", 48, "main")}),
]  # fmt: skip
BESIDE = [
    "Even a batch size of 24 performs decently.",
    "A batch size of 24 reaches 81.3% accuracy.",
    "As an additional baseline we train a perceptron with a batch size of 24.",
    "In another variant we use a batch size of 24 throughout.",
    "Smith and Jones [7] trained their network with a batch size of 24.",
    "Such networks are typically trained with a batch size of 24.",
    "Time was measured with inputs of a batch size of 24.",
]


def facts_of(
    *paragraphs: Paragraph, sections: tuple[Section, ...] = (), title: str = "A study"
) -> set[tuple[str, object, str]]:
    text = " ".join(item.text for item in paragraphs)
    document = Document(title=title, pages=1, sections=list(sections), page_texts=[text])
    document.paragraphs.extend(paragraphs)
    return {(fact.name, fact.value, fact.scope) for fact in extract(document).hyperparameters}


def told(text: str, place: int = 0, section: str = "Training details") -> Paragraph:
    return Paragraph(text, Box(1), section, place=place)


DETAILS = (Section(title="Training details"),)


@pytest.mark.parametrize(("text", "expected"), PARTS, ids=[text[:40] for text, _ in PARTS])
def test_a_value_has_the_part_it_is_for(text, expected):
    got = facts_of(told(text), sections=DETAILS)
    assert expected <= got, got


@pytest.mark.parametrize("beside", BESIDE, ids=[text[:30] for text in BESIDE])
def test_a_value_told_beside_the_setup_gives_way_to_one_that_is_set(beside):
    alone = {value for name, value, _ in facts_of(told(beside), sections=DETAILS) if name == "batch_size"}
    both = facts_of(told("We set the batch size to 96."), told(beside), sections=DETAILS)
    assert {value for name, value, _ in both if name == "batch_size"} == {96}
    assert alone in ({24}, set())  # nothing is lost that a paper says only so, unless it is the setting of others


def test_the_one_that_is_used_is_the_setting_and_not_what_it_is_better_than():
    facts = facts_of(told("We optimize with Nadam, which we found easier to tune than RMSProp."), sections=DETAILS)
    assert {value for name, value, _ in facts if name == "optimizer"} <= {"NAdam"}


def test_candidates_of_a_search_are_variations_where_a_choice_is_told():
    text = "We searched for a learning rate out of [3e-5, 7e-5] and chose the best. "
    assert [value for name, value, _ in facts_of(told(text), sections=DETAILS) if name == "learning_rate"]
    both = facts_of(told(text), told("The reported models use a learning rate of 7e-5."), sections=DETAILS)
    assert {value for name, value, _ in both if name == "learning_rate"} == {7e-5}


def test_a_setting_that_is_changed_from_one_value_to_another_has_the_other():
    facts = facts_of(told("For small models we reduced the batch size (from 640 to 48)."), sections=DETAILS)
    assert {value for name, value, _ in facts if name == "batch_size"} == {48}


def test_sizes_in_quotes_and_in_small_capitals_are_scopes():
    facts = facts_of(
        told('The "big" model had a hidden dimension of 320, while the "small" model had a hidden dimension of 160.'),
        told("B ase contains 7 attention heads and L arge contains 14 attention heads."),
        sections=DETAILS,
    )
    assert {("hidden_size", 320, "big"), ("hidden_size", 160, "small")} <= facts
    assert {("heads", 7, "base"), ("heads", 14, "large")} <= facts


def test_a_throughput_is_no_number_of_frames():
    facts = facts_of(
        told("We train for 40 million frames. The learner achieves a throughput of 90,000 frames per second."),
        sections=DETAILS,
    )
    assert {value for name, value, _ in facts if name == "frames"} <= {40_000_000}


def test_what_is_said_of_a_compared_network_goes_on_into_the_next_sentence():
    facts = facts_of(
        told("For our model we use RAdam with a batch size of 96."),
        told("We also compare with a recurrent network. We use Adagrad with a batch size of 24."),
        sections=DETAILS,
    )
    assert {value for name, value, _ in facts if name == "batch_size"} == {96}


def test_a_list_item_names_the_part_that_its_sentences_go_on_about():
    facts = facts_of(
        told("• Projection MLP. It ends in a normalization. This MLP has 3 layers."),
        told("• Prediction MLP. It has a bottleneck. This MLP has 2 layers."),
        sections=DETAILS,
    )
    assert {("layers", 3, "Projection MLP"), ("layers", 2, "Prediction MLP")} <= facts


def test_headings_that_name_a_model_or_an_experiment_hold_and_those_that_name_a_setting_do_not():
    sections = (
        Section(title="Experiments"),
        Section(title="Copying Tasks", level=2),
        Section(title="Speech Recognition", level=2),
        Section(title="Batch Size", level=2),
        Section(title="Occupancy Autoencoders"),
        Section(title="Training", level=2),
    )
    facts = facts_of(
        told("We train with a batch size of 12.", 1, "Copying Tasks"),
        told("We train with a batch size of 36.", 2, "Speech Recognition"),
        told("We use 9 layers.", 3, "Batch Size"),
        told("We use a dropout of 0.3.", 5, "Training"),
        sections=sections,
    )
    assert facts == {
        ("batch_size", 12, "Copying Tasks"),
        ("batch_size", 36, "Speech Recognition"),
        ("layers", 9, "main"),
        ("dropout", 0.3, "Occupancy Autoencoders"),
    }


def test_the_chapter_of_the_papers_own_method_is_no_scope():
    sections = (Section(title="Occupancy Autoencoders"), Section(title="Training", level=2))
    facts = facts_of(
        told("We use a dropout of 0.3.", 1, "Training"), sections=sections, title="Occupancy autoencoders for maps"
    )
    assert facts == {("dropout", 0.3, "main")}
