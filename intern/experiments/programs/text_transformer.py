# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "torch>=2.8,<3",
#   "huggingface_hub>=2.4,<3",
#   "safetensors>=0.4.5,<1",
# ]
# ///
"""Train a small Transformer encoder on labelled texts from scratch, and label the test split.

Words of the training split as tokens, learned places, pre-norm layers, the mean over the words, one linear layer. Run it
in a folder with spec.json, data/ and runtime.py, which says what it writes there. `python program.py --predict model "a
sentence"` labels with a finished model; in Python, `TextTransformer.from_pretrained("model")` loads it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runtime import (  # before torch: its clock is that of the time limit
    PROBE_ROWS,
    Job,
    Stateful,
    Timer,
    Training,
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
from torch import nn
from torch.nn import functional

PAD, UNKNOWN = 0, 1
ROWS_AT_ONCE = 128
WORD = re.compile(r"\w+(?:[-.]\w+)*|'\w+|\S")


@dataclass
class Hyperparameters:
    """What can be set; text_transformer.yaml says why these are the defaults."""

    layers: int = 6
    hidden_size: int = 512
    heads: int = 8
    ffn_size: int = 2048
    dropout: float = 0.1
    max_seq_len: int = 64
    min_count: int = 2
    optimizer: str = "adamw"
    learning_rate: float = 5e-4
    weight_decay: float = 0.01
    warmup_steps: int = 100
    label_smoothing: float = 0.0
    batch_size: int = 32
    steps: int = 10000
    evaluate_every: int = 200
    patience: int = 4
    checkpoint_every: int = 200

    def check(self) -> None:
        """Raises InputError for values that cannot work."""
        whole = ("layers", "hidden_size", "heads", "ffn_size", "max_seq_len", "min_count", "batch_size", "steps")
        for name in (*whole, "evaluate_every", "checkpoint_every"):
            require(getattr(self, name) >= 1, f"{name} must be at least 1")
        require(self.hidden_size % self.heads == 0, "hidden_size must be a multiple of heads")
        require(0 <= self.dropout < 1 and 0 <= self.label_smoothing < 1, "dropout and label_smoothing lie in [0, 1)")
        require(self.learning_rate > 0 and self.weight_decay >= 0, "learning_rate above 0, weight_decay at least 0")
        require(min(self.warmup_steps, self.patience) >= 0, "warmup_steps and patience are at least 0")
        require(
            self.optimizer.lower() in ("adam", "adamw"), f"optimizer {self.optimizer!r}: adam and adamw are offered"
        )


class TextTransformer(nn.Module, PyTorchModelHubMixin, library_name="pytorch", tags=["text-classification"]):
    """Word numbers int64[rows, length], 0 = padding -> scores float[rows, labels]."""

    def __init__(
        self, words: Sequence[str], labels: Sequence[str], layers: int, hidden_size: int, heads: int, ffn_size: int,
        dropout: float, max_seq_len: int,
    ) -> None:  # fmt: skip
        super().__init__()
        self.words, self.labels, self.longest = list(words), list(labels), max_seq_len
        self.numbers = {word: number for number, word in enumerate(self.words, 2)}
        self.embedding = nn.Embedding(len(self.words) + 2, hidden_size, padding_idx=PAD)
        self.places = nn.Embedding(max_seq_len, hidden_size)
        nn.init.normal_(self.embedding.weight, std=0.02)
        nn.init.normal_(self.places.weight, std=0.02)
        layer = nn.TransformerEncoderLayer(
            hidden_size, heads, ffn_size, dropout, "gelu", batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.norm, self.dropout = nn.LayerNorm(hidden_size), nn.Dropout(dropout)
        self.output = nn.Linear(hidden_size, len(self.labels))

    def encode(self, texts: Sequence[str]) -> torch.Tensor:
        """int64[rows, longest of them]."""
        rows = [
            [self.numbers.get(w, UNKNOWN) for w in split_words(text)][: self.longest] or [UNKNOWN] for text in texts
        ]
        length = max(map(len, rows))
        return torch.tensor([row + [PAD] * (length - len(row)) for row in rows], device=device())

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        empty = words == PAD
        states = self.embedding(words) + self.places.weight[: words.shape[1]]
        states = self.norm(self.encoder(self.dropout(states), src_key_padding_mask=empty))
        there = (~empty).unsqueeze(2)
        return self.output(self.dropout((states * there).sum(dim=1) / there.sum(dim=1)))


def split_words(text: str) -> list[str]:
    """Words, clitics ('s) and single marks, in lower case."""
    return WORD.findall(text.lower())


def scores_of(model: TextTransformer, texts: Sequence[str]) -> torch.Tensor:
    """float[rows, labels] on the CPU. Texts of like length are taken together."""
    model.eval()
    order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
    found = torch.empty(len(texts), len(model.labels))
    with torch.no_grad():
        for start in range(0, len(order), ROWS_AT_ONCE):
            part = order[start : start + ROWS_AT_ONCE]
            found[part] = model(model.encode([texts[n] for n in part])).float().cpu()
    return found


class TextTraining(Training):
    """One job: labelled texts in shuffled batches."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.settings = settings = settings_from(Hyperparameters, job.spec.hyperparameters)
        settings.check()
        rows = read_rows(job.data / "train.jsonl", ("id", "text", "label"))
        validation = read_rows(job.data / "validation.jsonl", ("id", "text", "label"), may_be_empty=True)
        self.test_rows = read_rows(job.data / "test.jsonl", ("id", "text"))
        counts = Counter(word for row in rows for word in split_words(row["text"]))
        words = sorted(word for word, count in counts.items() if count >= settings.min_count)
        names = sorted({row["label"] for row in rows})
        numbers = {name: number for number, name in enumerate(names)}
        self.model = self.net = TextTransformer(
            words, names, settings.layers, settings.hidden_size, settings.heads, settings.ffn_size, settings.dropout,
            settings.max_seq_len,
        ).to(device())  # fmt: skip
        self.texts = [row["text"] for row in rows]
        self.labels = torch.tensor([numbers[row["label"]] for row in rows], device=device())
        self.validation = [row["text"] for row in validation]
        self.validation_labels = torch.tensor([numbers.get(row["label"], -1) for row in validation], dtype=torch.long)
        kind = torch.optim.AdamW if settings.optimizer.lower() == "adamw" else torch.optim.Adam
        self.optimizer = kind(self.model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
        self.steps, self.evaluate_every = settings.steps, settings.evaluate_every
        self.checkpoint_every, self.patience = settings.checkpoint_every, settings.patience
        self.parts: dict[str, Stateful] = {"model": self.model, "optimizer": self.optimizer}
        self.order: list[int] = []
        self.epoch = -1
        say(f"{len(rows)} texts, {len(words)} words, {len(names)} labels, {parameter_count(self.model)} parameters")

    def _batch(self, step: int) -> list[int]:
        size = min(self.settings.batch_size, len(self.texts))
        epoch, place = divmod(step, len(self.texts) // size)
        if epoch != self.epoch:
            self.order, self.epoch = shuffled(len(self.texts), self.job.spec.seed, epoch), epoch
        return self.order[place * size : (place + 1) * size]

    def _rate(self, step: int) -> float:
        """Linear warm-up, then a linear fall to nothing."""
        settings = self.settings
        if step < settings.warmup_steps:
            return settings.learning_rate * (step + 1) / settings.warmup_steps
        left = (self.steps - step) / max(1, self.steps - settings.warmup_steps)
        return settings.learning_rate * max(0.0, left)

    def step(self) -> float:
        step = self.job.progress.step
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate(step)
        rows = self._batch(step)
        self.model.train()
        scores = self.net(self.net.encode([self.texts[row] for row in rows]))
        loss = functional.cross_entropy(scores, self.labels[rows], label_smoothing=self.settings.label_smoothing)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        return loss.item()

    def evaluate(self) -> tuple[float, float]:
        if not self.validation:
            return float(self.job.progress.step), 0.0
        scores = scores_of(self.net, self.validation)
        known = self.validation_labels >= 0
        accuracy = (scores.argmax(dim=1) == self.validation_labels).double().mean().item()
        loss = functional.cross_entropy(scores[known], self.validation_labels[known]).item() if known.any() else 0.0
        if not math.isfinite(loss):
            loss = 1e9
        self.job.log.log(self.job.progress.step, validation_accuracy=accuracy, validation_loss=loss)
        return accuracy, -loss

    def reserve(self) -> float:
        sample = [row["text"] for row in self.test_rows[:ROWS_AT_ONCE]]
        with Timer() as timer:
            scores_of(self.net, sample)
        return 1.5 * timer.seconds * (len(self.test_rows) + len(self.validation)) / len(sample)


def train(job: Job) -> None:
    """The whole job. Writes model/, then predictions.jsonl."""
    training = TextTraining(job)
    training.run()
    model, rows = training.net, training.test_rows
    if job.probing:
        rows = rows[:PROBE_ROWS]
        with Timer() as timer:
            scores = scores_of(model, [row["text"] for row in rows])
        job.log_probe(parameter_count(model), timer.seconds / len(rows))
    else:
        job.write_model(model.save_pretrained)
        scores = scores_of(model, [row["text"] for row in rows])
    predictions = [model.labels[number] for number in scores.argmax(dim=1).tolist()]
    shares = torch.softmax(scores, dim=1).tolist()
    job.write_predictions(rows, predictions, (dict(zip(model.labels, row, strict=True)) for row in shares))
    say(f"{len(rows)} predictions after {job.progress.step} steps and {job.seconds_used():.0f} s")


def predict(folder: Path, texts: list[str]) -> list[str]:
    """Label with a finished `model/`."""
    model = TextTransformer.from_pretrained(folder).to(device())
    return [model.labels[number] for number in scores_of(model, texts).argmax(dim=1).tolist()]


if __name__ == "__main__":
    run_program(train, predict, "Train a small Transformer on labelled texts, or label texts with one.")
