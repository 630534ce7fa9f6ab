# ruff: noqa: E501  one case a line
"""Settings read from sentences in the manner of papers. The sentences are ours; the wordings are common ones."""

import re

import pytest

from intern.papers.model import Box, Document, Paragraph, Section
from intern.papers.rulebook import RULES
from intern.papers.setup import extract

CASES = [
    # optimization
    ("We train with Adam and a learning rate of 3e-4.", {"optimizer": "Adam", "learning_rate": 3e-4}),
    ("The initial learning rate was set to 0.05 and the batch size to 128.", {"learning_rate": 0.05, "batch_size": 128}),
    ("All networks are trained by stochastic gradient descent with a mini-batch size of 64 and momentum 0.95.", {"batch_size": 64, "momentum": 0.95, "optimizer": "SGD with momentum"}),
    ("We use SGD with a momentum of 0.8 and a weight decay of 0.0002.", {"momentum": 0.8, "weight_decay": 0.0002}),
    ("Training was carried out by optimising the objective using mini-batch gradient descent with momentum; the batch size was set to 200, momentum to 0.85.", {"batch_size": 200, "momentum": 0.85}),
    ("The training was regularised by weight decay (the L2 penalty multiplier set to 3 · 10^-4) and dropout (dropout ratio set to 0.4).", {"weight_decay": 3e-4, "dropout": 0.4}),
    ("We used a weight decay of 10^-4 and a Nesterov momentum of 0.9 without dampening.", {"weight_decay": 1e-4, "momentum": 0.9}),
    ("The learning rate starts from 0.2 and is divided by 5 at 40k and 60k iterations, and we stop training at 80k iterations.", {"learning_rate": 0.2, "steps": 80000, "lr_schedule": re.compile("40k")}),
    ("We use a cosine learning rate schedule with 500 warmup steps.", {"lr_schedule": re.compile("cosine"), "warmup_steps": 500}),
    ("The learning rate is warmed up linearly for the first 3,000 updates and then decayed linearly to zero.", {"warmup_steps": 3000, "lr_schedule": re.compile("linear")}),
    ("Adam with β1 = 0.85, β2 = 0.97 and ε = 10^-7 is used throughout.", {"adam_beta1": 0.85, "adam_beta2": 0.97, "adam_eps": 1e-7}),
    ("We optimize with Adam (β1 = 0.5, β2 = 0.9).", {"adam_beta1": 0.5, "adam_beta2": 0.9}),
    ("We use AdamW with (β1, β2) = (0.9, 0.95).", {"optimizer": "AdamW", "adam_beta1": 0.9, "adam_beta2": 0.95}),
    ("We set T0 = 20 and Tmult = 3 for the schedule with warm restarts.", {"T_0": 20, "T_mult": 3}),
    ("The learning rate was multiplied by 0.94 every two epochs.", {"lr_decay_factor": 0.94}),
    ("We clip the gradient norm to 0.25.", {"grad_clip": 0.25}),
    ("Gradients were clipped when their norm exceeded 5.", {"grad_clip": 5}),
    ("The norm of the gradients is clipped at a threshold of 2.", {"grad_clip": 2}),
    ("We rescale the gradient whenever its norm is larger than 10.", {"grad_clip": 10}),
    ("Each SGD update direction is computed using a minibatch of 70 sentences.", {"batch_size": 70}),
    ("We train each model for a total of 250,000 iterations.", {"steps": 250000}),
    ("The network was trained for 90 epochs on eight cards.", {"epochs": 90}),
    ("Training takes roughly 75 passes through the training set.", {"epochs": 75}),
    ("Models are trained for 500K updates with mini-batches containing 2K sequences.", {"steps": 500000, "batch_size": 2000}),
    ("We use Adadelta (ε = 10^-6 and ρ = 0.95) to train.", {"optimizer": "Adadelta", "adadelta_rho": 0.95, "adadelta_eps": 1e-6}),
    ("We report the mean and standard deviation over 7 random seeds.", {"seeds": 7}),
    ("Results are averaged over 4 runs with different initializations.", {"seeds": 4}),
    ("Every experiment was repeated 6 times.", {"seeds": 6}),
    ("We employ early stopping on the validation loss.", {"early_stopping": re.compile("validation")}),
    ("The step size is 0.01 and is halved 10 times.", {"learning_rate": 0.01}),
    # regularization
    ("A dropout of 0.35 is applied to all hidden layers.", {"dropout": 0.35}),
    ("We apply dropout with probability 0.25 after each layer.", {"dropout": 0.25}),
    ("We used 20% dropout on the inputs.", {"dropout": 0.2}),
    ("We do not use dropout in any of our models.", {"dropout": 0}),
    ("We use label smoothing with ε = 0.15.", {"label_smoothing": 0.15}),
    ("Weight-dropped connections use DropConnect with a rate of 0.45.", {"weight_dropout": 0.45}),
    ("We use stochastic depth with a drop rate of 0.2 and ℓ2 regularization of 1e-5.", {"weight_decay": 1e-5}),
    ("The weights were constrained to a max-norm of 4.", {"l2_constraint": 4}),
    # model
    ("Our model is a 3-layer LSTM with 650 hidden units per layer.", {"layers": 3, "hidden_units": 650}),
    ("The encoder has 12 layers, 16 attention heads and a hidden size of 768.", {"layers": 12, "heads": 16, "hidden_size": 768}),
    ("Each layer has a feed-forward dimension of 3072.", {"ffn_size": 3072}),
    ("We use 400-dimensional word embeddings and a vocabulary of 10,000 words.", {"embedding_dim": 400, "vocab_size": 10000}),
    ("The word embedding dimensionality is 620 and the maxout layer has 480 units.", {"embedding_dim": 620, "maxout_units": 480}),
    ("We use BPE with 32K merge operations.", {"vocab_size": 32000}),
    ("The input length is fixed to 1014 characters.", {"max_seq_len": 1014}),
    ("Documents are truncated to the first 400 tokens.", {"max_seq_len": 400}),
    ("We use a beam size of 12 for decoding.", {"beam_size": 12}),
    ("The network uses tanh activations in all hidden layers.", {"activation": "tanh"}),
    ("Our alphabet consists of 70 characters.", {"vocab_size": 70}),
    ("We fine-tune with LoRA of rank 16.", {"lora_rank": 16}),
    ("Our RNN has 1000 hidden units and two layers.", {"hidden_units": 1000, "layers": 2}),
    ("Each hidden layer contains 500 rectified linear units.", {"hidden_units": 500, "activation": "ReLU"}),
    ("The input image is of size 572 × 572.", {"input_shape": "572x572"}),
    ("The first layer has 96 filters of size 11 × 11 with a stride of 4.", {"filters": "96 11x11 stride 4"}),
    # objective and data
    ("Samples are drawn with a softmax temperature of 0.7.", {"temperature": 0.7}),
    ("The auxiliary loss is added with a weight of 0.3.", {"aux_loss_weight": 0.3}),
    ("We use a truncated BPTT length of 35.", {"bptt": 35}),
    ("For the bag-of-words baseline we keep the 50,000 most frequent words.", {"bow_features": 50000}),
    # reinforcement learning
    ("We use a discount factor of γ = 0.99 and GAE with λ = 0.95.", {"discount": 0.99, "gae_lambda": 0.95}),
    ("The clipping parameter ε is set to 0.2.", {"clip": 0.2}),
    ("We use 16 parallel actors with a horizon of 128 steps each.", {"num_actors": 16, "horizon": 128}),
    ("The agents are trained for 40 million frames with a frame skip of 4.", {"frames": 40_000_000, "frame_skip": 4}),
    ("The replay memory holds the last 500,000 transitions.", {"replay_memory": 500000}),
    ("The entropy bonus has a coefficient of 0.01.", {"entropy_coef": 0.01}),
    ("The exploration rate ε is annealed from 1.0 to 0.05 over 250,000 frames.", {"epsilon_start": 1.0, "epsilon_end": 0.05, "epsilon_decay_frames": 250000}),
    # shorter and older wordings
    ("We used a mini-batch of 100 images for every update.", {"batch_size": 100}),
    ("Updates are made on batches of 24.", {"batch_size": 24}),
    ("Models were trained with a batch of 96 examples.", {"batch_size": 96}),
    ("Batch size: 12. Learning rate: 0.003.", {"batch_size": 12, "learning_rate": 0.003}),
    ("We use a learning rate η = 0.02 for all layers.", {"learning_rate": 0.02}),
    ("We train with learning rate α = 0.004 and momentum μ = 0.75.", {"learning_rate": 0.004, "momentum": 0.75}),
    ("The number of epochs is set to 15.", {"epochs": 15}),
    ("The momentum coefficient was 0.7.", {"momentum": 0.7}),
    ("We use momentum (0.9) and weight decay (λ = 0.0003).", {"momentum": 0.9, "weight_decay": 0.0003}),
    ("We apply dropout (p = 0.6) before the softmax.", {"dropout": 0.6}),
    ("We use L2 regularization with λ = 0.02.", {"weight_decay": 0.02}),
    ("Gradient clipping of 1.5 is applied.", {"grad_clip": 1.5}),
    ("We clip gradients at 6.", {"grad_clip": 6}),
    ("We use a GRU layer with 120 units.", {"hidden_units": 120}),
    ("The network has 900 LSTM cells per layer.", {"hidden_units": 900}),
    ("All hidden layers are of size 512 in our experiments.", {"hidden_size": 512}),
    ("The hidden state size is 220.", {"hidden_size": 220}),
    ("The model has two hidden layers of 700 units each.", {"layers": 2, "hidden_units": 700}),
    ("We limit the vocabulary to the 40,000 most frequent words.", {"vocab_size": 40000}),
    ("Sentences of up to 60 words are used for training.", {"max_seq_len": 60}),
    ("The soft targets were computed at a temperature of 8.", {"temperature": 8}),
    ("The learning rate is decayed by a factor of 0.2 at epochs 60 and 120.", {"lr_decay_factor": 0.2, "lr_schedule": re.compile("60")}),
    ("The learning rate is reduced by a factor of 10 every 30 epochs.", {"lr_schedule": re.compile("10 every 30")}),
    ("We use early stopping with a patience of 12 epochs.", {"early_stopping": "patience of 12"}),
    ("Each model is trained from 9 random initializations.", {"seeds": 9}),
    ("We use Adagrad with a learning rate of 0.06 and momentum 0.3.", {"optimizer": "Adagrad", "learning_rate": 0.06, "momentum": 0.3}),
    ("We train a 44-layer network.", {"layers": 44}),
    ("The network takes a 224 × 224 crop as its input.", {"input_shape": "224x224"}),
    ("We use Adam with default parameters.", {"optimizer": "Adam"}),
    ("The weight of the auxiliary loss is set to 0.4.", {"aux_loss_weight": 0.4}),
    ("Training runs for 30 epochs with early stopping on the development set.", {"epochs": 30, "early_stopping": re.compile("development")}),
    ("We use rmsprop with a decay of 0.95 and a momentum of 0.85.", {"optimizer": "RMSProp", "rmsprop_decay": 0.95, "momentum": 0.85}),
    ("The discount factor is 0.98.", {"discount": 0.98}),
    ("We linearly anneal the learning rate to zero over training.", {"lr_schedule": re.compile("linear")}),
    ("The model dimension is 256 and each block has 4 heads.", {"hidden_size": 256, "heads": 4}),
    ("The context window is 1024 tokens.", {"max_seq_len": 1024}),
    ("Our largest model has 36 layers and a width of 1280.", {"layers": 36, "hidden_size": 1280}),
    ("The learning rate is 2 × 10^-4 with 2,000 steps of warmup.", {"learning_rate": 2e-4, "warmup_steps": 2000}),
    ("We warm up over the first 6% of steps.", {"warmup_ratio": 0.06}),
]  # fmt: skip

NOTHING = [
    "Inference latency was measured with batch size 1 on a single CPU core.",
    "In contrast, Smith et al. (2015) used a learning rate of 0.7.",
    "BERT is pre-trained on large corpora, as shown in Table 4.",
    "The learning rate was chosen on the validation set.",
    "This is 10 times faster than a learning rate schedule by hand.",
    "Section 3 describes the batch size and Figure 2 the number of layers.",
    "We compare with momentum and with dropout.",
    "The model achieves an accuracy of 93.4% after convergence.",
    "Training took 3.5 days on 8 GPUs.",
]


def _read(text: str, section: str = "Training details"):
    document = Document(title="A study", pages=1, sections=[Section(title=section)], page_texts=[text])
    document.paragraphs.append(Paragraph(text, Box(1), section, place=0))
    return extract(document).hyperparameters


def _matches(expected, value):
    if isinstance(expected, re.Pattern):
        return bool(expected.search(str(value)))
    if isinstance(expected, str):
        return value == expected
    return not isinstance(value, str) and value == pytest.approx(expected)


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text[:40] for text, _ in CASES])
def test_a_wording_is_read(text, expected):
    found = {fact.name: fact.value for fact in _read(text)}
    wrong = {name: found.get(name) for name, value in expected.items() if not _matches(value, found.get(name))}
    assert not wrong, f"{wrong} in {found}"


@pytest.mark.parametrize("text", NOTHING)
def test_no_setting_is_made_up(text):
    assert [fact for fact in _read(text) if fact.name not in ("lr_schedule",)] == []


def test_every_rule_compiles_and_names_a_value():
    for rule in RULES:
        assert "v" in rule.pattern.groupindex, rule
        assert rule.low <= rule.high and rule.keys
