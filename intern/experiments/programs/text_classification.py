# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "torch>=2.8,<3",
#   "huggingface_hub>=2.4,<3",
#   "safetensors>=0.4.5,<1",
# ]
# ///
"""Train a convolutional sentence classifier and label the test split.

The model is CNN-rand of "Convolutional Neural Networks for Sentence Classification": random word vectors that are
trained, windows of several widths, the maximum over time, dropout and a bound on the norm of the output weights,
Adadelta, early stopping on the validation split. Run it in a folder with spec.json, data/ and runtime.py, which says
what it writes there. `python program.py --predict model "a sentence"` labels with a finished model; in Python,
`TextCNN.from_pretrained("model")` loads it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runtime import (  # before torch: its clock is that of the time limit
    PROBE_ROWS,
    SAVING_SECONDS,
    Job,
    Stateful,
    Timer,
    device,
    parameter_count,
    read_rows,
    require,
    run_program,
    say,
    settings_from,
    shuffled,
)

# isort: split
import torch
from huggingface_hub import PyTorchModelHubMixin
from torch.nn import functional

PAD, UNKNOWN = 0, 1
ROWS_AT_ONCE = 256
"""Texts that are labelled together."""
WORD = re.compile(r"\w+(?:[-.]\w+)*|'\w+|\S")
ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}


@dataclass
class Hyperparameters:
    """What can be set; text_classification.yaml says why these are the defaults."""

    embedding_dim: int = 300
    initial_range: float = 0.05
    filter_sizes: list[int] = field(default_factory=lambda: [3, 4, 5])
    feature_maps: int = 100
    activation: str = "relu"
    dropout: float = 0.5
    l2_constraint: float = 3.0
    optimizer: str = "adadelta"
    learning_rate: float = 1.0
    adadelta_rho: float = 0.95
    adadelta_eps: float = 1e-6
    batch_size: int = 50
    epochs: int = 25
    patience: int = 10
    max_seq_len: int = 64
    min_count: int = 1
    lowercase: bool = False
    checkpoint_every: int = 200

    def check(self) -> None:
        """Raises InputError for values that cannot work."""
        for name in ("embedding_dim", "feature_maps", "batch_size", "epochs", "patience", "max_seq_len", "min_count"):
            require(getattr(self, name) >= 1, f"{name} must be at least 1")
        require(self.checkpoint_every >= 1, "checkpoint_every must be at least 1")
        require(min(self.filter_sizes) >= 1, "filter_sizes must be at least 1")
        require(0 <= self.dropout < 1, "dropout lies in [0, 1)")
        require(self.l2_constraint >= 0 and self.initial_range > 0, "l2_constraint (0 = none) and initial_range > 0")
        require(
            0 < self.adadelta_rho < 1 and self.adadelta_eps > 0, "adadelta_rho lies in (0, 1), adadelta_eps above 0"
        )
        require(self.learning_rate > 0, "learning_rate must be above 0")
        require(self.optimizer.lower() == "adadelta", f"optimizer {self.optimizer!r} is not offered; adadelta is")
        self.activation = activation_name(self.activation)


def activation_name(words: str) -> str:
    """relu, tanh or sigmoid from the ways that papers say it. Raises InputError."""
    plain = words.lower()
    for name, marks in {"relu": ("relu", "rectified"), "tanh": ("tanh", "hyperbolic"), "sigmoid": ("sigmoid",)}.items():
        if any(mark in plain for mark in marks):
            return name
    require(False, f"activation {words!r} is not offered; relu, tanh and sigmoid are")
    return ""


# --- vocabulary --------------------------------------------------------------------------------------------------


@dataclass
class Vocabulary:
    """Words and labels by number; `model/vocab.json`. The words start with padding and the unknown word."""

    words: list[str]
    labels: list[str]
    lowercase: bool
    max_seq_len: int

    def __post_init__(self) -> None:
        self._numbers = {word: number for number, word in enumerate(self.words)}

    @classmethod
    def of(cls, rows: Sequence[dict[str, str]], settings: Hyperparameters) -> Vocabulary:
        """From the training split only: a word that occurs first in the test split is unknown."""
        counts = Counter(word for row in rows for word in split_words(row["text"], settings.lowercase))
        words = sorted(word for word, count in counts.items() if count >= settings.min_count)
        labels = sorted({row["label"] for row in rows})
        return cls(["<pad>", "<unk>", *words], labels, settings.lowercase, settings.max_seq_len)

    def encode(self, text: str) -> list[int]:
        words = split_words(text, self.lowercase)[: self.max_seq_len]
        return [self._numbers.get(word, UNKNOWN) for word in words]

    def save(self, file: Path) -> None:
        values = {key: value for key, value in vars(self).items() if not key.startswith("_")}
        file.write_text(json.dumps(values, ensure_ascii=False, indent=0), encoding="utf-8")

    @classmethod
    def load(cls, file: Path) -> Vocabulary:
        return cls(**json.loads(file.read_text(encoding="utf-8")))


def split_words(text: str, lowercase: bool) -> list[str]:
    """Words, clitics ('s) and single marks."""
    return WORD.findall(text.lower() if lowercase else text)


# --- model -------------------------------------------------------------------------------------------------------


class TextCNN(torch.nn.Module, PyTorchModelHubMixin, library_name="pytorch", tags=["text-classification"]):
    """Word numbers int64[rows, length] -> scores float[rows, labels].

    Rows are padded by `TextCNN.pad` with zero vectors at both ends, so that every word meets every column of a filter
    and at least one window holds padding only; a row's scores therefore do not depend on the rows beside it.
    """

    def __init__(
        self,
        vocabulary: int,
        labels: int,
        embedding_dim: int = 300,
        filter_sizes: Sequence[int] = (3, 4, 5),
        feature_maps: int = 100,
        activation: str = "relu",
        dropout: float = 0.5,
        initial_range: float = 0.05,
    ) -> None:
        super().__init__()
        self.filter_sizes = list(filter_sizes)
        self.feature_maps = feature_maps
        self.activation = ACTIVATIONS[activation]
        self.embedding = torch.nn.Embedding(vocabulary, embedding_dim, padding_idx=PAD)
        self.filters = torch.nn.ParameterList(
            torch.nn.Parameter(torch.empty(size, embedding_dim, feature_maps)) for size in self.filter_sizes
        )
        self.biases = torch.nn.Parameter(torch.zeros(len(self.filter_sizes), feature_maps))
        self.dropout = torch.nn.Dropout(dropout)
        self.output = torch.nn.Linear(len(self.filter_sizes) * feature_maps, labels)
        with torch.no_grad():
            self.embedding.weight.uniform_(-initial_range, initial_range)
            self.embedding.weight[PAD].zero_()
            for weights in self.filters:
                size, _, maps = weights.shape
                bound = (6 / (size * (embedding_dim + maps))) ** 0.5
                weights.uniform_(-bound, bound)
            self.output.weight.uniform_(-0.01, 0.01)
            self.output.bias.zero_()

    def pad(self, sequences: Sequence[list[int]]) -> torch.Tensor:
        """int64[rows, longest + padding at both ends]."""
        widest = max(self.filter_sizes)
        length = max(map(len, sequences)) + 2 * widest - 1
        left = [PAD] * (widest - 1)
        return torch.tensor(
            [left + ids + [PAD] * (length - len(left) - len(ids)) for ids in sequences], device=device()
        )

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        distinct, places = torch.unique(words, return_inverse=True)
        return self.scores(self.embedding(distinct), places)

    def scores(self, vectors: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        """The scores from the vectors of the distinct words and, for each position, which of them stands there.

        A window's value is a sum over its columns, so each word is multiplied once with each column of each filter,
        however often it occurs; the convolution then only adds up. That is several times faster than convolving.
        """
        pooled = []
        for size, weights, bias in zip(self.filter_sizes, self.filters, self.biases, strict=True):
            windows = places.shape[1] - size + 1
            total: torch.Tensor | None = None
            for column in range(size):
                values = functional.embedding(places[:, column : column + windows], vectors @ weights[column])
                total = values if total is None else total + values
            assert total is not None
            pooled.append(self.activation(total.amax(dim=1) + bias))
        return self.output(self.dropout(torch.cat(pooled, dim=1)))

    @torch.no_grad()
    def constrain(self, bound: float) -> None:
        """Scale the weight vector of each output unit back to L2 norm `bound` where it is longer (section 2.1)."""
        if bound > 0:
            norms = self.output.weight.norm(dim=1, keepdim=True)
            self.output.weight.mul_((bound / norms.clamp(min=1e-12)).clamp(max=1.0))


class RowAdadelta:
    """Adadelta for a table of which a step touches few rows: the same update as torch.optim.Adadelta's, by touched row.

    A row with a zero gradient does not move; only its two averages shrink by `rho` a step, which is made up for when it
    is touched again. So most of the table costs nothing.
    """

    def __init__(self, table: torch.Tensor, rate: float, rho: float, eps: float) -> None:
        self.table, self.rate, self.rho, self.eps = table, rate, rho, eps
        self.squares = torch.zeros_like(table)
        self.changes = torch.zeros_like(table)
        self.touched = torch.zeros(len(table), dtype=torch.int64, device=table.device)
        self.steps = 0

    @torch.no_grad()
    def step(self, rows: torch.Tensor, gradient: torch.Tensor) -> None:
        """`rows`: distinct row numbers; `gradient`: theirs, float[len(rows), width]."""
        self.steps += 1
        missed = (self.rho ** (self.steps - 1 - self.touched[rows]).to(gradient.dtype)).unsqueeze(1)
        squares = self.squares[rows].mul_(missed * self.rho).addcmul_(gradient, gradient, value=1 - self.rho)
        changes = self.changes[rows].mul_(missed)
        change = gradient.mul((changes + self.eps).sqrt_().div_((squares + self.eps).sqrt_()))
        self.squares[rows] = squares
        self.changes[rows] = changes.mul_(self.rho).addcmul_(change, change, value=1 - self.rho)
        self.touched[rows] = self.steps
        self.table[rows] = self.table[rows].sub_(change, alpha=self.rate)

    def state_dict(self) -> dict[str, Any]:
        return {"squares": self.squares, "changes": self.changes, "touched": self.touched, "steps": self.steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for name in ("squares", "changes", "touched"):
            getattr(self, name).copy_(state[name])
        self.steps = state["steps"]


class Best:
    """The weights of the pass with the highest validation accuracy, and how many passes ago that was."""

    def __init__(self) -> None:
        self.accuracy, self.loss, self.age = -1.0, float("inf"), 0
        self.weights: dict[str, torch.Tensor] = {}

    def offer(self, model: TextCNN, accuracy: float, loss: float) -> None:
        """Keep these weights if they are better; between equal accuracies the lower loss decides."""
        if (accuracy, -loss) > (self.accuracy, -self.loss):
            self.accuracy, self.loss, self.age = accuracy, loss, 0
            self.weights = {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}
        else:
            self.age += 1

    def state_dict(self) -> dict[str, Any]:
        return dict(vars(self))

    def load_state_dict(self, state: dict[str, Any]) -> None:
        vars(self).update(state)


# --- labelling ---------------------------------------------------------------------------------------------------


@torch.inference_mode()
def all_scores(model: TextCNN, sequences: Sequence[list[int]]) -> torch.Tensor:
    """float[rows, labels] on the CPU, in the order of `sequences`."""
    model.eval()
    parts = [
        model(model.pad(sequences[start : start + ROWS_AT_ONCE])).cpu()
        for start in range(0, len(sequences), ROWS_AT_ONCE)
    ]
    return torch.cat(parts)


def label(model: TextCNN, vocabulary: Vocabulary, texts: Sequence[str]) -> list[str]:
    """The likeliest label of each text."""
    best = all_scores(model, [vocabulary.encode(text) for text in texts]).argmax(dim=1)
    return [vocabulary.labels[number] for number in best.tolist()]


def predict(folder: Path, texts: list[str]) -> list[str]:
    """Label with a finished `model/`."""
    model = TextCNN.from_pretrained(folder).to(device())
    return label(model, Vocabulary.load(folder / "vocab.json"), texts)


# --- training ----------------------------------------------------------------------------------------------------


class Training:
    """One training job: the data, the model and everything that changes with a step."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.settings = settings = settings_from(Hyperparameters, job.spec.hyperparameters)
        settings.check()
        rows = read_rows(job.data / "train.jsonl", ("id", "text", "label"))
        validation = read_rows(job.data / "validation.jsonl", ("id", "text", "label"), may_be_empty=True)
        self.test_rows = read_rows(job.data / "test.jsonl", ("id", "text"))
        self.vocabulary = vocabulary = Vocabulary.of(rows, settings)
        numbers = {name: number for number, name in enumerate(vocabulary.labels)}
        self.texts = [vocabulary.encode(row["text"]) for row in rows]
        self.labels = torch.tensor([numbers[row["label"]] for row in rows], device=device())
        # A label that training never saw cannot be predicted: it counts as wrong and stays out of the loss.
        self.validation_texts = [vocabulary.encode(row["text"]) for row in validation]
        self.validation_labels = torch.tensor([numbers.get(row["label"], -1) for row in validation])
        self.model = TextCNN(
            vocabulary=len(vocabulary.words),
            labels=len(vocabulary.labels),
            embedding_dim=settings.embedding_dim,
            filter_sizes=settings.filter_sizes,
            feature_maps=settings.feature_maps,
            activation=settings.activation,
            dropout=settings.dropout,
            initial_range=settings.initial_range,
        ).to(device())
        update = {"rho": settings.adadelta_rho, "eps": settings.adadelta_eps}
        dense = [weights for name, weights in self.model.named_parameters() if name != "embedding.weight"]
        self.optimizer = torch.optim.Adadelta(dense, lr=settings.learning_rate, **update)
        self.rows_optimizer = RowAdadelta(self.model.embedding.weight.detach(), settings.learning_rate, **update)
        self.best = Best()
        self.parts: dict[str, Stateful] = {
            "model": self.model,
            "optimizer": self.optimizer,
            "rows_optimizer": self.rows_optimizer,
            "best": self.best,
        }
        job.restore(self.parts)
        say(
            f"{len(rows)} texts, {len(vocabulary.words)} words, {len(vocabulary.labels)} labels, "
            f"{parameter_count(self.model)} parameters"
        )

    def step(self, rows: list[int]) -> float:
        """One update; returns the loss."""
        self.model.train()
        words = self.model.pad([self.texts[row] for row in rows])
        distinct, places = torch.unique(words, return_inverse=True)
        vectors = self.model.embedding.weight.detach()[distinct].requires_grad_()
        loss = functional.cross_entropy(self.model.scores(vectors, places), self.labels[rows])
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        assert vectors.grad is not None
        vectors.grad[distinct == PAD] = 0  # padding stays the zero vector
        self.rows_optimizer.step(distinct, vectors.grad)
        self.model.constrain(self.settings.l2_constraint)
        return loss.item()

    def run(self) -> None:
        """Train until the passes are used up, validation stops improving, or the time is up."""
        job, progress, settings = self.job, self.job.progress, self.settings
        job.training_starts()
        order = shuffled(len(self.texts), job.spec.seed, progress.epoch)
        while not progress.finished:
            start = progress.batch * settings.batch_size
            loss = self.step(order[start : start + settings.batch_size])
            progress.batch += 1
            job.step_done(loss)
            if job.first_step_here:
                self.measure_reserve()
            epoch_done = progress.batch * settings.batch_size >= len(order)
            if epoch_done or progress.loss_count == 50 or progress.step == 1:
                job.log_loss()
            if epoch_done:
                progress.epoch, progress.batch = progress.epoch + 1, 0
                order = shuffled(len(self.texts), job.spec.seed, progress.epoch)
                job.log.log(progress.step, epoch=progress.epoch)
            self.after_step(epoch_done)

    def measure_reserve(self) -> None:
        """Keep back the time of one more validation and of prediction."""
        sample = self.texts[:ROWS_AT_ONCE]
        with Timer() as timer:
            all_scores(self.model, sample)
        rows = len(self.test_rows) + len(self.validation_texts)
        self.job.reserve = SAVING_SECONDS + 2 * timer.seconds * rows / len(sample)

    def after_step(self, epoch_done: bool) -> None:
        """Decide whether training ends; evaluate after each pass and at the end; checkpoint."""
        job, progress, settings = self.job, self.job.progress, self.settings
        if job.probing:
            progress.finished = progress.step >= job.spec.probe_steps
            return
        early = job.out_of_time() and progress.epoch < settings.epochs
        if epoch_done or early:
            self.evaluate()
        used_up = progress.epoch >= settings.epochs
        stale = bool(self.validation_texts) and self.best.age >= settings.patience
        progress.finished = early or used_up or stale
        if early:
            say(f"the time is up in pass {progress.epoch + 1} of {settings.epochs}")
            job.log.log(progress.step, stopped_early=progress.step)
        elif stale and not used_up:
            say(f"no better validation accuracy in {settings.patience} passes")
        if epoch_done or progress.finished or progress.step % settings.checkpoint_every == 0:
            job.save(self.parts)

    def evaluate(self) -> None:
        """Log loss and accuracy on the validation split, and keep the weights if they are the best so far."""
        if not self.validation_texts:
            return
        scores = all_scores(self.model, self.validation_texts)
        known = self.validation_labels >= 0
        accuracy = (scores.argmax(dim=1) == self.validation_labels).double().mean().item()
        loss = functional.cross_entropy(scores[known], self.validation_labels[known]).item() if known.any() else 0.0
        self.job.log.log(self.job.progress.step, validation_loss=loss, validation_accuracy=accuracy)
        self.best.offer(self.model, accuracy, loss)


def train(job: Job) -> None:
    """The whole job. Writes model/, then predictions.jsonl."""
    training = Training(job)
    training.run()
    model, vocabulary, rows = training.model, training.vocabulary, training.test_rows
    if job.probing:
        rows = rows[:PROBE_ROWS]
        with Timer() as timer:
            predictions = label(model, vocabulary, [row["text"] for row in rows])
        job.log_probe(parameter_count(model), timer.seconds / len(rows))
        job.write_predictions(rows, predictions)
        return
    if training.best.weights:
        model.load_state_dict(training.best.weights)
        job.log.log(job.progress.step, best_validation_accuracy=training.best.accuracy)

    def write(folder: Path) -> None:
        model.save_pretrained(folder)
        vocabulary.save(folder / "vocab.json")

    job.write_model(write)
    job.write_predictions(rows, label(model, vocabulary, [row["text"] for row in rows]))
    say(f"{len(rows)} predictions after {job.progress.step} steps and {job.seconds_used():.0f} s")


if __name__ == "__main__":
    run_program(train, predict, "Train a convolutional sentence classifier, or label texts with one.")
