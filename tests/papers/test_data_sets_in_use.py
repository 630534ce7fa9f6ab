# ruff: noqa: E501  the cases are data, one a line
"""Which of the data sets a paper names are its own: not those of weights, of others or left out; one name for one data set.

All names that no list knows are invented.
"""

import pytest

from intern.papers import known_data
from intern.papers.dataset_folding import Candidate, fold, is_family, note
from intern.papers.dataset_mentions import mentions
from intern.papers.dataset_names import enumerated
from intern.papers.dataset_roles import weight
from intern.papers.dataset_sizes import sizes_from_text
from intern.papers.dataset_slots import may_be_data
from intern.papers.datasets import _beside_known
from intern.papers.model import Box, Paragraph
from intern.papers.sentences import split
from tests.papers.test_not_made_up import rows, table


def role(text, name):
    at = text.index(name)
    return weight(text, at, at + len(name))


@pytest.mark.parametrize(
    "text",
    [
        "Image features come from a ResNet-152 [13] model pre-trained on ImageNet.",
        "The backbone is an ImageNet-pretrained ResNet from torchvision.",
        "We initialize the encoder with weights trained on ImageNet.",
        "We use the publicly available vectors that were trained on 100 billion words from ImageNet.",
        "For features, we use 300-dimensional GloVe ImageNet word vectors.",
        "We do not evaluate on popular benchmarks such as ImageNet as it is less applicable.",
        "We did not use ImageNet data for this model.",
        "It is critical to use a document-level corpus rather than a shuffled one such as ImageNet.",
        "OakNet32, derived from the larger ImageNet, has 10 classes.",
        "On the OakNet32 data set, a downsampled version of the original ImageNet, we gain a point.",
        "Smith et al. (2018) used a new model on the standard ImageNet, obtaining faster predictions.",
        "The ImageNet data set [3] is not used for reasons of size.",
        "Unlike OakNet, which was fine-tuned on ImageNet, ours is trained from scratch.",
        "Patches are embedded by OAK, which was trained on ImageNet and other photos.",
        "Backbones are pre-trained on ImageNet.",
        "We compare with larger models, among them ImageNet-Grove 7B and Oak 3B.",
        "We beat a system whose language models were trained on a huge text, the ImageNet corpus.",
    ],
)
def test_data_of_weights_and_of_others_hardly_counts(text):
    assert role(text, "ImageNet") <= 0.3


@pytest.mark.parametrize(
    "text",
    [
        "We pre-train the encoder on ImageNet.",
        "We evaluate a ResNet-50 on ImageNet.",
        "In addition, we also pre-train a ResNet-50 on ImageNet and fine-tune it.",
        "Experiments are conducted on CIFAR-10 and ImageNet [5].",
        "Following Smith et al. (2018), we report results on ImageNet.",
        "We do not only evaluate on small data but also on ImageNet.",
        "We constructed a downsampled version of ImageNet.",
        "Our models are trained on ImageNet for 90 epochs.",
    ],
)
def test_data_that_is_trained_or_tested_on_counts_in_full(text):
    assert role(text, "ImageNet") == 1.0


def folded(texts, *places):
    found: dict[str, Candidate] = {}
    for name, where in places:
        note(found, name, ("quote", 1, where), 2.0, {})
    fold(found, texts)
    return set(found)


@pytest.mark.parametrize(
    ("texts", "places", "left"),
    [
        ([], [("NY-Oaks800k", "section 3"), ("NYOaks800k", "section 4")], {"NY-Oaks800k"}),
        ([], [("Hopper-v3", "section 3"), ("Hopper", "Table 1")], {"Hopper-v3"}),
        (
            ["We use the Oak Leaf photo data set (Wald-20 2011) [18]."],
            [("Oak Leaf", "section 3"), ("Wald-20", "Table 1"), ("Oaks", "section 4")],
            {"Oak Leaf", "Wald-20", "Oaks"},  # the initials differ: nothing says that they are one
        ),
        (["the 2011 version of the Oak Tree leaf data set (OT-200 2011)."], [("Oak Tree", "section 3"), ("OT-200", "Table 1")], {"OT-200"}),
        (["We test on Natural Oaks (NO)."], [("Natural Oaks", "section 3"), ("NO", "Table 1")], {"Natural Oaks"}),
        ([], [("WinterGreen", "section 3"), ("WinterG", "Table 1")], {"WinterGreen"}),
        ([], [("OpenOakQA", "section 3"), ("OOQA", "Table 1")], {"OpenOakQA"}),
        ([], [("MulberryBench", "section 3"), ("MRE", "Table 1")], {"MulberryBench", "MRE"}),
        (
            [],
            [("Oakflower airline", "Table 2"), ("Oakflower messages", "Table 2"), ("Oakflower economy", "Table 2"), ("Adult", "Table 2")],
            {"Oakflower (airline, messages, economy)", "Adult"},
        ),
        ([], [("Oakflower summarization", "section 3"), ("Oakflower", "Table 1")], {"Oakflower"}),
        ([], [("Adult", "section 3"), ("Adult Modelling (AM)", "section 4")], {"Adult"}),
        ([], [("Garden Oak", "section 3"), ("Oaks", "Table 1")], {"Garden Oak"}),
        (["We test on NaturalOaks (NO)."], [("NaturalOaks", "section 3"), ("NO-I", "Table 1")], {"NaturalOaks"}),
        ([], [("AMI", "section 3"), ("AMI-XHM", "Table 1"), ("AMI-XDM1", "Table 1")], {"AMI"}),
        ([], [("Common Voice", "section 3"), ("CommonVoice9", "Table 1"), ("CommonVoice5.1", "Table 2")], {"Common Voice"}),
    ],
)  # fmt: skip
def test_one_data_set_has_one_name(texts, places, left):
    assert folded(texts, *places) == left


@pytest.mark.parametrize(
    ("name", "names", "family"),
    [
        ("CIFAR", ["CIFAR-10", "MNIST"], True),
        ("ETT", ["ETTh1", "ETTm1"], True),
        ("LSUN", ["LSUN Cat", "LSUN Church"], True),
        ("ImageNet", ["ImageNet-A", "ImageNet-R"], False),
        ("MNIST", ["MNIST-1M", "MNIST-M"], False),
        ("Reddit", ["Reddit TIFU"], False),
    ],
)
def test_the_name_of_a_family_is_no_data_set_beside_its_members(name, names, family):
    assert is_family(name, [name, *names]) is family


@pytest.mark.parametrize(
    "name",
    [
        "PPO",
        "BM25",
        "Mandarin",
        "Corpora",
        "Training Data",
        "OakScore",
        "Translation",
        "Language Understanding",
        "Train FLOPs",
        "Trained params/task",
        "Dtrain",
        "ResNet-50",
        "Vicuna-7B",
    ],
)
def test_methods_and_counts_are_no_data(name):
    assert not may_be_data(name, plain=True)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("on the Caltech-UCSD Birds (CUB) 200-2011 dataset", {"CUB-200"}),
        ("ARC-e and ARC-c", {"ARC-Easy", "ARC-Challenge"}),
        ("NYU Depth v2, KITTI 2015 and MPI Sintel", {"NYUv2", "KITTI 2015", "Sintel"}),
        ("IMDB-B, RDT-M5K and D&D", {"IMDB-BINARY", "REDDIT-MULTI-5K", "DD"}),
        ("MVTec AD, BTAD and UCF-Crime", {"MVTec AD", "BTAD", "UCF-Crime"}),
        ("GSM8K, MATH-500, AIME'24 and OlympiadBench", {"GSM8K", "MATH-500", "AIME 2024", "OlympiadBench"}),
        ("Kvasir, BraTS2021 and CAMELYON-16", {"Kvasir", "BraTS 2021", "Camelyon16"}),
        ("(Loshchilov and Hutter, 2016)", set()),
        ("CIFAR-10/100 and SVHN", {"CIFAR-10", "CIFAR-100", "SVHN"}),
        ("tested on PASCAL VOC 2007 and 2012.", {"PASCAL VOC 2007", "PASCAL VOC 2012"}),
        ("on CIFAR-10 and 100 epochs of", {"CIFAR-10"}),
        ("hopper-medium-replay and antmaze-umaze", {"D4RL hopper-medium-replay", "D4RL antmaze-umaze"}),
    ],
)
def test_known_data_sets_by_their_usual_spellings(text, names):
    assert {name for name, _, _ in known_data.find_names(text)} == names


def test_members_of_a_collection_keep_their_rows_of_results():
    grid = table(
        "Table 2: Test accuracy.", ["Dataset", "Baseline", "Ours"],
        [["Oakflower airline", "80.1", "84.0"], ["Oakflower disasters", "70.0", "85.4"], ["Oakflower emotion", "36.3", "37.6"]],
    )  # fmt: skip
    assert {(row.dataset, row.value) for row in rows(grid) if row.own} == {
        ("Oakflower airline", 84.0), ("Oakflower disasters", 85.4), ("Oakflower emotion", 37.6),
    }  # fmt: skip


def test_a_contracted_heading_stands_beside_the_name_it_means():
    grid = table(
        "Table 1: Test accuracy.", ["Model", "RDT-B", "MUTAG"], [["Baseline", "90.1", "88.0"], ["Ours", "92.4", "89.4"]]
    )
    assert {row.dataset for row in rows(grid) if row.own} == {"REDDIT-BINARY (RDT-B)", "MUTAG"}


def points(text):
    """Points of each name in a sentence of the experiments."""
    paragraph = Paragraph(text, Box(1, 0, 0, 1, 1), "Experiments", place=0)
    return {found.name: found.points for sentence in split(paragraph) for found in mentions(sentence, frozenset())}


def test_a_collection_behind_its_members_is_only_their_source():
    found = points("We use FEMNIST and CIFAR-10 from DMLab.")
    assert found["DMLab"] < 0.5 * found["FEMNIST"]


def test_a_size_right_behind_a_name_tells_that_it_is_used():
    assert points("We then turn to the MNIST task with 60,000 images.")["MNIST"] >= 2.0
    assert points("MNIST [4] has 60,000 training and 10,000 test images.")["MNIST"] > points("MNIST is old.")["MNIST"]
    assert points("Then comes MNIST.")["MNIST"] < 2.0


def test_patients_of_the_paper_are_data():
    assert "private cohort" in points("In addition we test on a private cohort of 212 patients.")


def test_a_kind_of_data_with_its_members_behind_is_none_itself():
    text = "We use these benchmarks: ETT (ETTh1, ETTh2), Oakwood, and Elmwood (EW)."
    assert {name for name, *_ in enumerated(text)} == {"Oakwood", "Elmwood (EW)"}


def test_a_heading_beside_one_known_data_set_counts_a_little():
    grid = table(
        "Table 1: AUROC on images.",
        ["Method", "MVTec AD", "OakAD"],
        [["Baseline", "99.1", "95.1"], ["Ours", "99.4", "96.8"]],
    )
    assert _beside_known(grid) == set()
    assert _beside_known(grid, least=1) == {"OakAD"}


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("Oakset [1] consists of 12,000 training, 1,500 validation and 1,500 test images.", {"train": 12000, "validation": 1500, "test": 1500}),
        ("Oakset [2] contains 8k questions, split into 6k/1k/1k for training, validation and testing.", {"size": 8000, "train": 6000, "validation": 1000, "test": 1000}),
        ("We use Oakset (270 training and 129 test slides) and Elmset (1,041 slides).", {"train": 270, "test": 129}),
        ("Oakset is a corpus of 230,000 articles.", {"size": 230000}),
        ("Oakset: 54,306 images of 14 crops.", {"size": 54306}),
        ("We train on Oakset for 60,000 training steps with 500 images a batch.", {}),
        ("Oakset has 100 classes.", {}),
        ("Oakset is old. Others have 5,000 images.", {}),
    ],
)  # fmt: skip
def test_sizes_behind_a_name_whether_it_is_known_or_not(text, sizes):
    kept = [Candidate(name, 1, "", "section 3", points=3.0) for name in ("Oakset", "Elmset")]
    sizes_from_text(kept, split(Paragraph(text, Box(1, 0, 0, 1, 1), "Data")))
    assert kept[0].sizes == sizes
