# ruff: noqa: E501  one case a line
"""Settings that a whole clause tells: what is left out, what was chosen of a search, what each of several models has. All sentences are ours."""

import pytest

from intern.papers.model import Box, Document, Paragraph, Section
from intern.papers.setup import extract

CASES = [
    ("We use stacked LSTMs with 4 layers, each with 1000 cells.", {"layers": [4], "hidden_size": [1000]}),
    ("We filter out sentence pairs whose lengths exceed 60 words.", {"max_seq_len": [60]}),
    ("Pairs with more than 100 tokens on either side are removed.", {"max_seq_len": [100]}),
    (
        "In training we follow earlier work: (a) weights are drawn uniformly, (b) we train for 15 epochs using plain SGD, (c) our mini-batch size is 256.",
        {"epochs": [15], "optimizer": ["SGD"], "batch_size": [256]},
    ),
    (
        "We start with a learning rate of 1; after 6 epochs, we begin to halve the learning rate every epoch.",
        {"learning_rate": [1], "lr_schedule": ["halv"]},
    ),
    (
        "All our models are trained on the training data consisting of 3.5M sentences pairs.",
        {"train_examples": [3500000]},
    ),
    (
        "The L2 regularization coefficient λ is searched in the range of {1e-6, 1e-5, ..., 1e-2}, and in most cases the optimal value is 1e-4.",
        {"weight_decay": [0.0001]},
    ),
    ("The weight decay is tuned in {0, 1e-5, 1e-4}, and the best value is 1e-5.", {"weight_decay": [1e-05]}),
    ("The dropout rate is searched in {0.1, 0.3, 0.5}, and 0.3 works best.", {"dropout": [0.3]}),
    ("We fix the number of embeddings per query at Nq = 24.", {"max_seq_len": [24]}),
    ("The query length is N_q = 48 tokens.", {"max_seq_len": [48]}),
    (
        "An increasing degree of stochastic depth is employed for larger models, i.e. 0.1, 0.2, 0.4 for Net-S, Net-M, and Net-L, respectively.",
        {"drop_connect": [0.1, 0.2, 0.4]},
    ),
    (
        "We used ε-greedy exploration, annealing ε to 0.02 in the first 300K frames.",
        {"epsilon_end": [0.02], "epsilon_decay_frames": [300000]},
    ),
    ("We set λ, the weight for the discriminator objective in the loss, to 40.", {"aux_loss_weight": [40]}),
    ("The norm of the gradient is not allowed to exceed 5.", {"grad_clip": [5]}),
    ("Dropout is applied to the word embeddings (0.3) and to the LSTM outputs (0.5).", {"dropout": [0.3, 0.5]}),
    ("The Transformer consists of 12 blocks with 8 attention heads of size 64 each.", {"layers": [12], "heads": [8]}),
    ("A byte-level BPE with 40,000 merges is learned.", {"vocab_size": [40000]}),
    ("Questions are cut to 30 words and contexts to 300 words.", {"max_seq_len": [30, 300]}),
    ("During decoding we keep 6 hypotheses in the beam.", {"beam_size": [6]}),
    ("Future rewards are discounted by 0.98.", {"discount": [0.98]}),
    ("Experience is gathered by 64 parallel actors for 128 steps each.", {"num_actors": [64], "horizon": [128]}),
    ("The buffer keeps the latest 500,000 transitions.", {"replay_memory": [500000]}),
    # of a search, the value that was taken
    ("The batch size was selected from {16, 32, 64}; 32 gave the best results.", {"batch_size": [32]}),
    ("We searched the learning rate in {1e-5, 3e-5} and chose 3e-5.", {"learning_rate": [3e-5]}),
    ("We tried hidden sizes of 64, 128 and 256 and settled on 128.", {"hidden_size": [128]}),
    ("We tried hidden sizes of 64, 128 and 256 and used 10 of the runs.", {"hidden_size": ["64, 128, 256"]}),
    # what only looks like a setting
    ("Sentences longer than 40 words are harder to translate.", {"max_seq_len": []}),
    ("We train for 14 epochs and start halving the learning rate after 9 epochs.", {"epochs": [14]}),
    ("After 6 epochs, we begin to halve the learning rate every epoch.", {"epochs": []}),
    (
        "The learning rate was tuned in {0.1, 0.01, 0.001} and the best accuracy is 0.93.",
        {"learning_rate": ["0.1, 0.01, 0.001"]},
    ),
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text[:40] for text, _ in CASES])
def test_a_clause_tells_its_settings(text, expected):
    document = Document(title="A study", pages=1, sections=[Section(title="Training details")], page_texts=[text])
    document.paragraphs.append(Paragraph(text, Box(1), "Training details", place=0))
    found = {}
    for fact in extract(document).hyperparameters:
        found.setdefault(fact.name, []).append(fact.value)
    for name, values in expected.items():
        got = found.get(name, [])
        if values and isinstance(values[0], str):
            assert len(got) == 1 and values[0] in got[0], found
        else:
            assert sorted(got) == pytest.approx(sorted(values)), found


def test_a_paragraph_of_two_phases_tells_each_value_its_own():
    text = (
        "We also pre-train on the larger ImageNet-22K data set. We employ AdamW for 80 epochs. A batch size of 2048 is used. "
        "In ImageNet-1K fine-tuning, we train the models for 20 epochs with a batch size of 512."
    )
    document = Document(title="A study", pages=1, sections=[Section(title="Training details")], page_texts=[text])
    document.paragraphs.append(Paragraph(text, Box(1), "Training details", place=0))
    facts = {(fact.name, fact.value): fact.scope for fact in extract(document).hyperparameters}
    for name, first, second in (("epochs", 80, 20), ("batch_size", 2048, 512)):
        assert facts[name, first] == "pre-training ImageNet-22K"
        assert facts[name, second] == "fine-tuning ImageNet-1K"
