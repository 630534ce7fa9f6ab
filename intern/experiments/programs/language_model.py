# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "torch>=2.8,<3",
#   "transformers>=5.23,<6",
# ]
# ///
"""Train a small GPT on the characters of a text, and say how likely each next character of the test rows is.

A test row is a piece of text; the prediction is the distribution over the character after it. There are no word pieces:
one character is one token, so the harness can score bits per character whatever the vocabulary. Run it in a folder with
spec.json, data/ and runtime.py, which says what it writes there. `python program.py --predict model "To be"` goes on
with a text; in Python, `AutoModelForCausalLM.from_pretrained("model")` loads the model, `characters.json` its characters.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime import (  # before torch: its clock is that of the time limit
    PROBE_ROWS,
    InputError,
    Job,
    Stateful,
    Timer,
    Training,
    device,
    half_precision,
    parameter_count,
    precision,
    read_rows,
    require,
    run_program,
    say,
    settings_from,
)

# isort: split
import torch
from torch.nn import functional
from transformers import GPT2Config, GPT2LMHeadModel

UNKNOWN = 0
ROWS_AT_ONCE = 64
CONTINUE = 200
"""Characters that `--predict` adds."""


@dataclass
class Hyperparameters:
    """What can be set; language_model.yaml says why these are the defaults."""

    layers: int = 12
    hidden_size: int = 768
    heads: int = 12
    max_seq_len: int = 1024
    dropout: float = 0.0
    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    adam_beta1: float = 0.9
    adam_beta2: float = 0.99
    weight_decay: float = 0.1
    grad_clip: float = 1.0
    warmup_steps: int = 100
    lr_schedule: str = "cosine"
    batch_size: int = 64
    steps: int = 100000
    evaluate_every: int = 200
    evaluate_windows: int = 100
    patience: int = 0
    checkpoint_every: int = 200
    precision: str = "auto"

    def check(self) -> None:
        """Raises InputError for values that cannot work."""
        whole = ("layers", "hidden_size", "heads", "batch_size", "steps", "evaluate_every", "evaluate_windows")
        for name in (*whole, "checkpoint_every"):
            require(getattr(self, name) >= 1, f"{name} must be at least 1")
        require(self.max_seq_len >= 8, "max_seq_len must be at least 8")
        require(self.hidden_size % self.heads == 0, "hidden_size must be a multiple of heads")
        require(0 <= self.dropout < 1, "dropout lies in [0, 1)")
        require(
            self.learning_rate > 0 and self.grad_clip >= 0, "learning_rate above 0, grad_clip at least 0 (0 = none)"
        )
        require(min(self.warmup_steps, self.patience) >= 0, "warmup_steps and patience are at least 0")
        require(0 <= self.adam_beta1 < 1 and 0 <= self.adam_beta2 < 1, "adam_beta1 and adam_beta2 lie in [0, 1)")
        require(
            self.optimizer.lower() in ("adam", "adamw"), f"optimizer {self.optimizer!r}: adam and adamw are offered"
        )
        require(self.precision in ("auto", "float32", "bfloat16"), "precision is auto, float32 or bfloat16")
        require(self.lr_schedule in ("cosine", "constant"), f"lr_schedule {self.lr_schedule!r}: cosine, constant")


class Characters:
    """Characters by number; 0 is one that training never showed. `model/characters.json`."""

    def __init__(self, known: Sequence[str]) -> None:
        self.known = list(known)
        self._numbers = {character: number for number, character in enumerate(self.known, 1)}

    @classmethod
    def of(cls, text: str) -> Characters:
        return cls(sorted(set(text)))

    @property
    def count(self) -> int:
        """The unknown one included."""
        return len(self.known) + 1

    def encode(self, text: str) -> torch.Tensor:
        """int64[len(text)]."""
        return torch.tensor([self._numbers.get(character, UNKNOWN) for character in text], dtype=torch.long)

    def save(self, file: Path) -> None:
        file.write_text(json.dumps(self.known, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, file: Path) -> Characters:
        return cls(json.loads(file.read_text(encoding="utf-8")))


@torch.inference_mode()
def next_shares(model: GPT2LMHeadModel, contexts: Sequence[torch.Tensor]) -> torch.Tensor:
    """float[contexts, characters]: how likely each is to come next. The unknown one gets nothing."""
    model.eval()
    longest = model.config.n_positions
    found = []
    for start in range(0, len(contexts), ROWS_AT_ONCE):
        part = [context[-longest:] for context in contexts[start : start + ROWS_AT_ONCE]]
        length = max(len(context) for context in part)
        # Padding stands on the right, where no earlier position looks at it.
        rows = torch.stack([functional.pad(context, (0, length - len(context))) for context in part]).to(device())
        states = model.transformer(rows).last_hidden_state
        last = torch.tensor([len(context) - 1 for context in part], device=states.device)
        chosen = model.lm_head(states[torch.arange(len(part), device=states.device), last]).float()
        chosen[:, UNKNOWN] = -math.inf
        found.append(torch.softmax(chosen, dim=1).cpu())
    return torch.cat(found)


class TextTraining(Training):
    """Windows at random places of the text, the same for the same seed and step."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.settings = settings = settings_from(Hyperparameters, job.spec.hyperparameters)
        settings.check()
        text = "".join(row["text"] for row in read_rows(job.data / "train.jsonl", ("id", "text")))
        validation = "".join(row["text"] for row in read_rows(job.data / "validation.jsonl", ("id", "text")))
        self.test_rows = read_rows(job.data / "test.jsonl", ("id", "context"))
        self.characters = Characters.of(text)
        self.text, self.validation = self.characters.encode(text), self.characters.encode(validation)
        self.contexts = [self.characters.encode(row["context"]) for row in self.test_rows]
        self.length = min(settings.max_seq_len, len(self.text) - 1, len(self.validation) - 1)
        if self.length < 8:
            raise InputError("the text is too short for one window of 8 characters in each part")
        self.model = self.gpt = GPT2LMHeadModel(
            GPT2Config(
                vocab_size=self.characters.count, n_positions=settings.max_seq_len, n_embd=settings.hidden_size,
                n_layer=settings.layers, n_head=settings.heads, resid_pdrop=settings.dropout, embd_pdrop=settings.dropout,
                attn_pdrop=settings.dropout, bos_token_id=UNKNOWN, eos_token_id=UNKNOWN, use_cache=False,
            )
        ).to(device())  # fmt: skip
        kind = torch.optim.AdamW if settings.optimizer.lower() == "adamw" else torch.optim.Adam
        decayed = [p for p in self.model.parameters() if p.dim() >= 2]
        plain = [p for p in self.model.parameters() if p.dim() < 2]
        groups: list[dict[str, Any]] = [
            {"params": decayed, "weight_decay": settings.weight_decay}, {"params": plain, "weight_decay": 0.0},
        ]  # fmt: skip
        self.optimizer = kind(groups, lr=settings.learning_rate, betas=(settings.adam_beta1, settings.adam_beta2))
        self.steps, self.evaluate_every = settings.steps, settings.evaluate_every
        self.checkpoint_every, self.patience = settings.checkpoint_every, settings.patience
        self.parts: dict[str, Stateful] = {"model": self.model, "optimizer": self.optimizer}
        self.half = half_precision(settings.precision)
        say(
            f"{len(text)} characters, {len(self.characters.known)} different, {parameter_count(self.model)} parameters, "
            f"{len(self.test_rows)} test rows, products of matrices in {'bfloat16' if self.half else 'float32'}"
        )

    def _rate(self, step: int) -> float:
        """Linear warm-up, then a cosine to a tenth (or level)."""
        settings = self.settings
        if step < settings.warmup_steps:
            return settings.learning_rate * (step + 1) / settings.warmup_steps
        if settings.lr_schedule == "constant":
            return settings.learning_rate
        done = (step - settings.warmup_steps) / max(1, settings.steps - settings.warmup_steps)
        return settings.learning_rate * (0.1 + 0.45 * (1 + math.cos(math.pi * min(1.0, done))))

    def step(self) -> float:
        step, settings = self.job.progress.step, self.settings
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate(step)
        generator = torch.Generator().manual_seed((self.job.spec.seed * 1_000_003 + step) % 2**63)
        starts = torch.randint(0, len(self.text) - self.length, (settings.batch_size,), generator=generator)
        rows = torch.stack([self.text[at : at + self.length + 1] for at in starts.tolist()]).to(device())
        self.model.train()
        with precision(self.half):
            loss = self._loss(rows)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if settings.grad_clip:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), settings.grad_clip)
        self.optimizer.step()
        return loss.item()

    def _loss(self, rows: torch.Tensor) -> torch.Tensor:
        """Nats a character over windows int64[rows, length + 1]."""
        scores = self.gpt(rows[:, :-1]).logits
        return functional.cross_entropy(scores.flatten(0, 1).float(), rows[:, 1:].flatten())

    def evaluate(self) -> tuple[float, float]:
        most = self.settings.evaluate_windows
        places = list(range(0, len(self.validation) - self.length, self.length))
        chosen = places[:: max(1, len(places) // most)][:most]
        self.model.eval()
        total = 0.0
        with torch.inference_mode():
            for start in range(0, len(chosen), ROWS_AT_ONCE):
                part = chosen[start : start + ROWS_AT_ONCE]
                rows = torch.stack([self.validation[at : at + self.length + 1] for at in part]).to(device())
                total += self._loss(rows).item() * len(part)
        loss = total / len(chosen)
        self.job.log.log(self.job.progress.step, validation_loss=loss, validation_bits_per_char=loss / math.log(2))
        return -loss, 0.0

    def reserve(self) -> float:
        sample = self.contexts[:ROWS_AT_ONCE]
        next_shares(self.gpt, sample[:4])  # the first call prepares things
        with Timer() as timer:
            next_shares(self.gpt, sample)
        return 1.5 * timer.seconds * (len(self.contexts) + self.settings.evaluate_windows) / len(sample)


def train(job: Job) -> None:
    """The whole job. Writes model/, then predictions.jsonl."""
    training = TextTraining(job)
    training.run()
    model, characters, rows, contexts = training.gpt, training.characters, training.test_rows, training.contexts
    if job.probing:
        rows, contexts = rows[:PROBE_ROWS], contexts[:PROBE_ROWS]
        with Timer() as timer:
            shares = next_shares(model, contexts)
        job.log_probe(parameter_count(model), timer.seconds / len(rows))
    else:

        def write(folder: Path) -> None:
            model.save_pretrained(folder)
            characters.save(folder / "characters.json")

        job.write_model(write)
        shares = next_shares(model, contexts)
    job.write_predictions(rows, (dict(zip(characters.known, row[1:], strict=True)) for row in shares.tolist()))
    say(f"{len(rows)} predictions after {job.progress.step} steps and {job.seconds_used():.0f} s")


def predict(folder: Path, texts: list[str]) -> list[str]:
    """Go on with each text, one character at a time, drawn from the model's distribution (the same each time)."""
    model, characters = (
        GPT2LMHeadModel.from_pretrained(folder).to(device()),
        Characters.load(folder / "characters.json"),
    )
    generator = torch.Generator().manual_seed(0)
    found = []
    for text in texts:
        written = text or "\n"
        for _ in range(CONTINUE):
            shares = next_shares(model, [characters.encode(written)])[0]
            written += characters.known[int(torch.multinomial(shares, 1, generator=generator)) - 1]
        found.append(written)
    return found


if __name__ == "__main__":
    run_program(train, predict, "Train a character language model, or go on with texts.")
