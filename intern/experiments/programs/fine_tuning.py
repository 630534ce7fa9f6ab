# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "torch>=2.8,<3",
#   "transformers>=5.23,<6",
#   "peft>=0.21,<0.30",
# ]
# ///
"""Tune pretrained weights on labelled texts or on a text: all of them, or small matrices beside them (LoRA, peft).

The weights lie in `weights/`: a folder as save_pretrained writes it (config.json, *.safetensors, the tokenizer's files; in
place of a tokenizer characters.json, where characters are the tokens). Nothing else is read: no pickle, no code of the
weights' author. A language model's test row is a piece of text, and the prediction is the distribution over the character
after it, summed over all tokens that could go on there, so that models of any vocabulary can be compared. Run it in a
folder with spec.json, data/, weights/ and runtime.py, which says what it writes there; `model/` holds whole weights again,
LoRA's matrices merged in (and alone in model/adapter). `python program.py --predict model "a text"` uses a finished model.
"""

from __future__ import annotations

import bisect
import inspect
import json
import math
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
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
from torch.nn import functional
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer
from transformers.utils import logging

TASKS = {"text-classification": AutoModelForSequenceClassification, "text-generation": AutoModelForCausalLM}
ROWS_AT_ONCE = 32
LOOK_BACK = 4
"""Tokens at the end of a context that other tokens might cover."""
SMOOTHING = 1e-4
"""Of a next-character distribution: the share that goes to the characters of the training text as often as they occur
there, since a vocabulary may not be able to write some of them."""
CONTINUE = 60
"""Tokens that `--predict` adds."""
LEAST_LOADED = 0.5
"""Share of the network's numbers that has to come from the weights."""
EUROPEAN = 0x250
UNKNOWN = 0


@dataclass
class Hyperparameters:
    """What can be set; the manifests say why these are the defaults."""

    method: str = "full"
    start: str = "weights"
    lora_rank: int = 8
    lora_alpha: int = 16
    lora_dropout: float = 0.0
    max_seq_len: int = 128
    learning_rate: float = 5e-5
    weight_decay: float = 0.01
    grad_clip: float = 1.0
    warmup_steps: int = 50
    batch_size: int = 16
    steps: int = 1000
    evaluate_every: int = 50
    evaluate_windows: int = 64
    patience: int = 4
    checkpoint_every: int = 100
    optimizer: str = "adamw"

    def check(self, task: str = "text-generation") -> None:
        """Raises InputError for values that cannot work."""
        whole = ("lora_rank", "lora_alpha", "batch_size", "evaluate_every", "evaluate_windows", "checkpoint_every")
        for name in whole:
            require(getattr(self, name) >= 1, f"{name} must be at least 1")
        require(self.max_seq_len >= 8, "max_seq_len must be at least 8")
        require(self.method in ("full", "lora"), f"method {self.method!r}: full and lora are offered")
        require(self.start in ("weights", "random"), f"start {self.start!r}: weights or random")
        require(not (self.method == "lora" and self.start == "random"), "LoRA keeps the weights, so it needs some")
        require(0 <= self.lora_dropout < 1, "lora_dropout lies in [0, 1)")
        require(self.learning_rate > 0 and self.weight_decay >= 0, "learning_rate above 0, weight_decay at least 0")
        require(min(self.warmup_steps, self.patience) >= 0 <= self.grad_clip, "no negative numbers")
        require(self.optimizer.lower() == "adamw", f"optimizer {self.optimizer!r}: adamw is offered")
        # A language model is measured as it is with 0 steps; a classifier's last layer is new, so it would guess.
        least = 0 if task == "text-generation" else 1
        require(self.steps >= least, f"steps must be at least {least}")


# --- text as numbers ---------------------------------------------------------------------------------------------


class Units:
    """The tokens of a folder of weights: those of its tokenizer, or the characters of characters.json (0 = unknown)."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer: Any = None
        self.characters: list[str] = []
        own = folder / "characters.json"
        if own.is_file():
            self.characters = json.loads(own.read_text(encoding="utf-8"))
            self._numbers = {character: number for number, character in enumerate(self.characters, 1)}
            self.padding = UNKNOWN
            return
        try:
            self.tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        except (OSError, ValueError, KeyError, ImportError) as error:
            raise InputError(f"the weights have no tokenizer that can be read: {_first_line(error)}") from error
        if not set(self.tokenizer.get_vocab()) - set(self.tokenizer.all_special_tokens):
            # Some kinds of tokenizer are made without their files, and then know no word: every text would be one.
            raise InputError("the weights have no tokenizer that can be read: it knows no token but its marks")
        if self.tokenizer.pad_token is None:
            self.tokenizer.pad_token = self.tokenizer.eos_token or self.tokenizer.unk_token
        self.padding = self.tokenizer.pad_token_id or 0

    @property
    def start(self) -> list[int]:
        """What stands before a text, where the vocabulary has such a token."""
        known = (getattr(self.tokenizer, "bos_token_id", None), getattr(self.tokenizer, "eos_token_id", None))
        return [number for number in known if number is not None][:1]

    def encode(self, text: str) -> list[int]:
        """Without tokens that mark beginning or end."""
        if self.tokenizer is None:
            return [self._numbers.get(character, UNKNOWN) for character in text]
        return self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]

    def rows(self, texts: Sequence[str], longest: int) -> dict[str, torch.Tensor]:
        """What a classifier takes: numbers int64[rows, longest of them] and which of them are there."""
        if self.tokenizer is not None:
            made = self.tokenizer(list(texts), truncation=True, max_length=longest, padding=True, return_tensors="pt")
            return {name: made[name].to(device()) for name in made if name in ("input_ids", "attention_mask")}
        numbers = [self.encode(text)[:longest] or [UNKNOWN] for text in texts]
        width = max(map(len, numbers))
        ids = torch.tensor([row + [self.padding] * (width - len(row)) for row in numbers])
        there = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in numbers])
        return {"input_ids": ids.to(device()), "attention_mask": there.to(device())}

    def texts(self, count: int) -> list[str]:
        """The text that each token adds; "" for those that are no text of their own (marks, parts of a character)."""
        if self.tokenizer is None:
            return ["", *self.characters, *[""] * (count - len(self.characters) - 1)]
        before = self.encode("a")[-1]
        lead = self.tokenizer.decode([before])
        pairs = [[before, number] for number in range(min(count, len(self.tokenizer)))]
        decoded = self.tokenizer.batch_decode(pairs, clean_up_tokenization_spaces=False)
        marks = set(self.tokenizer.all_special_ids)
        found = [
            text[len(lead) :] if text.startswith(lead) and "\ufffd" not in text and number not in marks else ""
            for number, text in enumerate(decoded)
        ]
        return found + [""] * (count - len(found))

    def save(self, folder: Path) -> None:
        """Beside the weights, as they were."""
        if self.tokenizer is None:
            text = json.dumps(self.characters, ensure_ascii=False)
            (folder / "characters.json").write_text(text, encoding="utf-8")
        else:
            self.tokenizer.save_pretrained(folder)


class NextCharacter:
    """From shares of tokens to shares of the next character, whatever tokens a text is cut into."""

    def __init__(self, texts: Sequence[str], train: str) -> None:
        """`texts`: of each token. Characters of the training text and those of European scripts are told apart."""
        counts = Counter(train)
        self.characters = sorted(set(counts) | {c for text in texts for c in text if ord(c) < EUROPEAN})
        self._place = {character: number for number, character in enumerate(self.characters)}
        self._texts = list(texts)
        none = len(self.characters)
        self._first = torch.tensor([self._place.get(text[:1], none) for text in texts])
        pairs = sorted((text, number) for number, text in enumerate(texts) if text)
        self._sorted, self._number = [p[0] for p in pairs], [p[1] for p in pairs]
        self._beside = torch.tensor([counts.get(c, 0) / len(train) for c in self.characters], dtype=torch.float64)
        self._known: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}

    def shares(self, tokens: Sequence[int], after: torch.Tensor) -> torch.Tensor:
        """float[characters]. `after`: shares float[n, vocabulary] of the token after each of the last n tokens.

        Sums over the ways to go on: with a token after the last one, or with one that covers the last few and more.
        """
        found = torch.zeros(len(self.characters) + 1, dtype=torch.float64)
        found.index_add_(0, self._first, after[-1])
        covered = ""
        for back in range(1, after.shape[0]):
            text = self._texts[tokens[-back]]
            if not text:
                break
            covered = text + covered
            before = after[-1 - back]
            found *= before[tokens[-back]]
            numbers, places = self._longer(covered)
            found.index_add_(0, places, before[numbers])
        mass = found[:-1]
        total = mass.sum()
        sure = mass / total if total > 0 else self._beside
        return (1 - SMOOTHING) * sure + SMOOTHING * self._beside

    def _longer(self, text: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Tokens that begin with this text and go on, and the character with which each does."""
        if text not in self._known:
            at, end = bisect.bisect_right(self._sorted, text), bisect.bisect_left(self._sorted, text + "\U0010ffff")
            numbers = torch.tensor(self._number[at:end], dtype=torch.long)
            places = [self._place.get(t[len(text)], len(self.characters)) for t in self._sorted[at:end]]
            self._known[text] = numbers, torch.tensor(places, dtype=torch.long)
        return self._known[text]


# --- weights -----------------------------------------------------------------------------------------------------


class Trainable:
    """The weights that training changes, as one part of a checkpoint: with LoRA a small one."""

    def __init__(self, network: torch.nn.Module) -> None:
        self.network = network

    def parameters(self) -> dict[str, torch.nn.Parameter]:
        return {name: p for name, p in self.network.named_parameters() if p.requires_grad}

    def state_dict(self) -> dict[str, Any]:
        return {name: parameter.detach() for name, parameter in self.parameters().items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        mine = self.parameters()
        if set(mine) != set(state):
            raise KeyError("the checkpoint is one of other weights")
        with torch.no_grad():
            for name, parameter in mine.items():
                parameter.copy_(state[name])


def load_network(job: Job, settings: Hyperparameters, labels: Sequence[str]) -> Any:
    """The network with the weights of `weights/`, or of its shape with random ones. Raises InputError."""
    folder, kind = job.folder / "weights", TASKS[job.spec.task]
    require((folder / "config.json").is_file(), "there is no weights/config.json: this program starts from weights")
    more: dict[str, Any] = {}
    if labels:
        names = dict(enumerate(labels))
        more = {"num_labels": len(labels), "id2label": names, "label2id": {name: n for n, name in names.items()}}
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False, **more)
        if settings.start == "random":
            say(f"random weights in the shape of {named(job)}")
            return kind.from_config(config, dtype=torch.float32)
        network, found = kind.from_pretrained(
            folder, config=config, local_files_only=True, trust_remote_code=False, use_safetensors=True,
            dtype=torch.float32, ignore_mismatched_sizes=True, output_loading_info=True,
        )  # fmt: skip
    except (OSError, ValueError, KeyError, ImportError, RuntimeError, TypeError, AttributeError) as error:
        raise InputError(f"the weights cannot be used for {job.spec.task}: {_first_line(error)}") from error
    new = {*found["missing_keys"], *(name for name, *_ in found.get("mismatched_keys", ()))}
    sizes = {name: parameter.numel() for name, parameter in network.named_parameters()}
    total, fresh = sum(sizes.values()), sum(size for name, size in sizes.items() if name in new)
    if total - fresh < LEAST_LOADED * total:
        raise InputError(
            f"only {total - fresh:,} of {total:,} numbers come from the weights: they are of another architecture"
        )
    told = f"; new: {', '.join(sorted(new)[:6])}" if fresh else ""
    say(f"starts from {named(job)}: {total - fresh:,} of {total:,} numbers come from there{told}")
    return network


def named(job: Job) -> str:
    """The weights as people call them."""
    given = job.spec.weights or {}
    return f"{given.get('id', 'the weights')}{'@' + given['revision'][:12] if given.get('revision') else ''}"


def with_lora(network: Any, settings: Hyperparameters, task: str) -> Any:
    """Small matrices beside every linear layer; the weights themselves stay as they are. A new last layer is trained."""
    import peft  # seconds, and only LoRA needs it

    kind = peft.TaskType.SEQ_CLS if task == "text-classification" else peft.TaskType.CAUSAL_LM
    wanted = peft.LoraConfig(
        r=settings.lora_rank, lora_alpha=settings.lora_alpha, lora_dropout=settings.lora_dropout,
        target_modules="all-linear", task_type=kind,
    )  # fmt: skip
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of settings that peft sets right by itself
            return peft.get_peft_model(network, wanted)
    except ValueError as error:
        raise InputError(f"LoRA finds no place in these weights: {_first_line(error)}") from error


def write_weights(network: Any, units: Units, job: Job, lora: bool) -> None:
    """`model/`: whole weights in the form they came in, with the tokenizer; with LoRA also the adapter alone."""

    def write(folder: Path) -> None:
        whole = network
        if lora:
            _write_adapter(network, folder / "adapter", job)
            whole = network.merge_and_unload()
        whole.save_pretrained(folder)
        units.save(folder)

    job.write_model(write)


def _write_adapter(network: Any, folder: Path, job: Job) -> None:
    about = network.peft_config["default"]
    about.base_model_name_or_path = None  # else it would be looked for on the Hub
    network.save_pretrained(folder, save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)  # a form that nobody filled in
    given = job.spec.weights or {}
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    config |= {"base_model_name_or_path": given.get("id"), "revision": given.get("revision") or None}
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
    for file in folder.iterdir():
        file.chmod(0o644)
    folder.chmod(0o755)


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[:300]


def longest_of(config: Any, units: Units, wanted: int) -> int:
    """Tokens that the network can look at, as many as are wanted at most."""
    limits = [getattr(config, name, None) for name in ("max_position_embeddings", "n_positions")]
    limits.append(getattr(units.tokenizer, "model_max_length", None))
    return min([wanted, *(int(n) for n in limits if isinstance(n, int) and n > 0)])


# --- training ----------------------------------------------------------------------------------------------------


class Tuning(Training):
    """What both tasks share: the network, LoRA, the optimizer and one update."""

    def __init__(self, job: Job, settings: Hyperparameters, labels: Sequence[str] = ()) -> None:
        self.job, self.settings = job, settings
        self.units = Units(job.folder / "weights")
        network = load_network(job, settings, labels)
        network.config.use_cache = False
        network.config.pad_token_id = self.units.padding
        self.lora = settings.method == "lora"
        self.network = (with_lora(network, settings, job.spec.task) if self.lora else network).to(device())
        self.longest = longest_of(network.config, self.units, settings.max_seq_len)
        tuned = Trainable(self.network)
        self.model = tuned  # type: ignore[assignment]
        changing = list(tuned.parameters().values())
        self.trainable = sum(p.numel() for p in changing)
        groups = [
            {"params": [p for p in changing if p.dim() >= 2], "weight_decay": settings.weight_decay},
            {"params": [p for p in changing if p.dim() < 2], "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW([g for g in groups if g["params"]], lr=settings.learning_rate)
        self.steps, self.evaluate_every = settings.steps, settings.evaluate_every
        self.checkpoint_every, self.patience = settings.checkpoint_every, settings.patience
        self.parts: dict[str, Stateful] = {"model": tuned, "optimizer": self.optimizer}
        if device().type == "cuda":  # some networks use kernels that have no deterministic form there
            torch.use_deterministic_algorithms(True, warn_only=True)
        share = f"{self.trainable:,} of {parameter_count(self.network):,} parameters are trained ({settings.method})"
        say(share)

    def tune(self) -> None:
        """Train, if any steps are asked for; what validation says beforehand is logged as step 0."""
        job = self.job
        if not self.settings.steps and not job.probing:
            job.training_starts()
            self.evaluate()
            return
        if job.saved is None and not job.probing:
            self.evaluate()
        self.run()

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
        self.network.train()
        loss = self.loss(step)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if self.settings.grad_clip:
            torch.nn.utils.clip_grad_norm_(list(Trainable(self.network).parameters().values()), self.settings.grad_clip)
        self.optimizer.step()
        return loss.item()

    def loss(self, step: int) -> torch.Tensor:
        """The mean loss of the batch of this step."""
        raise NotImplementedError

    def finish(self, seconds_per_row: float) -> None:
        """The probe's findings, or the model's folder."""
        if self.job.probing:
            self.job.log_probe(parameter_count(self.network), seconds_per_row, trainable=self.trainable)
        elif self.settings.steps:  # else model/ would be weights/ again
            write_weights(self.network, self.units, self.job, self.lora)


class TextTuning(Tuning):
    """Labelled texts in shuffled batches."""

    def __init__(self, job: Job, settings: Hyperparameters) -> None:
        rows = read_rows(job.data / "train.jsonl", ("id", "text", "label"))
        validation = read_rows(job.data / "validation.jsonl", ("id", "text", "label"), may_be_empty=True)
        self.test_rows = read_rows(job.data / "test.jsonl", ("id", "text"))
        self.names = sorted({row["label"] for row in rows})
        super().__init__(job, settings, self.names)
        numbers = {name: number for number, name in enumerate(self.names)}
        self.texts = [row["text"] for row in rows]
        self.labels = torch.tensor([numbers[row["label"]] for row in rows], device=device())
        self.validation = [row["text"] for row in validation]
        self.validation_labels = torch.tensor([numbers.get(row["label"], -1) for row in validation], dtype=torch.long)
        self.order: list[int] = []
        self.epoch = -1

    def loss(self, step: int) -> torch.Tensor:
        size = min(self.settings.batch_size, len(self.texts))
        epoch, place = divmod(step, len(self.texts) // size)
        if epoch != self.epoch:
            self.order, self.epoch = shuffled(len(self.texts), self.job.spec.seed, epoch), epoch
        rows = self.order[place * size : (place + 1) * size]
        scores = self.network(**self.units.rows([self.texts[n] for n in rows], self.longest)).logits
        return functional.cross_entropy(scores.float(), self.labels[rows])

    def evaluate(self) -> tuple[float, float]:
        if not self.validation:
            return float(self.job.progress.step), 0.0
        scores = class_scores(self.network, self.units, self.validation, self.longest)
        known = self.validation_labels >= 0
        accuracy = (scores.argmax(dim=1) == self.validation_labels).double().mean().item()
        loss = functional.cross_entropy(scores[known], self.validation_labels[known]).item() if known.any() else 0.0
        loss = loss if math.isfinite(loss) else 1e9
        self.job.log.log(self.job.progress.step, validation_accuracy=accuracy, validation_loss=loss)
        return accuracy, -loss

    def reserve(self) -> float:
        sample = [row["text"] for row in self.test_rows[:ROWS_AT_ONCE]]
        with Timer() as timer:
            class_scores(self.network, self.units, sample, self.longest)
        return 1.5 * timer.seconds * (len(self.test_rows) + len(self.validation)) / len(sample)

    def predict(self) -> None:
        rows = self.test_rows[:PROBE_ROWS] if self.job.probing else self.test_rows
        with Timer() as timer:
            scores = class_scores(self.network, self.units, [row["text"] for row in rows], self.longest)
        self.finish(timer.seconds / len(rows))
        predictions = [self.names[number] for number in scores.argmax(dim=1).tolist()]
        shares = torch.softmax(scores, dim=1).tolist()
        self.job.write_predictions(rows, predictions, (dict(zip(self.names, row, strict=True)) for row in shares))


def class_scores(network: Any, units: Units, texts: Sequence[str], longest: int) -> torch.Tensor:
    """float[texts, labels] on the CPU. Texts of like length are taken together."""
    network.eval()
    order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
    found = torch.empty(len(texts), network.config.num_labels)
    with torch.no_grad():
        for start in range(0, len(order), ROWS_AT_ONCE):
            part = order[start : start + ROWS_AT_ONCE]
            found[part] = network(**units.rows([texts[n] for n in part], longest)).logits.float().cpu()
    return found


class LanguageTuning(Tuning):
    """Windows of tokens at random places of the text, the same for the same seed and step."""

    def __init__(self, job: Job, settings: Hyperparameters) -> None:
        text = "".join(row["text"] for row in read_rows(job.data / "train.jsonl", ("id", "text")))
        held = "".join(row["text"] for row in read_rows(job.data / "validation.jsonl", ("id", "text")))
        self.test_rows = read_rows(job.data / "test.jsonl", ("id", "context"))
        super().__init__(job, settings)
        self.text, self.validation = (torch.tensor(self.units.encode(part)) for part in (text, held))
        self.characters_per_token = len(held) / max(1, len(self.validation))
        self.window = min(self.longest, len(self.text) - 1, len(self.validation) - 1)
        if self.window < 8:
            raise InputError("the text is too short for one window of 8 tokens in each part")
        self.next = NextCharacter(self.units.texts(vocabulary_of(self.network)), text)

    def loss(self, step: int) -> torch.Tensor:
        generator = torch.Generator().manual_seed((self.job.spec.seed * 1_000_003 + step) % 2**63)
        starts = torch.randint(
            0, len(self.text) - self.window, (self.settings.batch_size,), generator=generator
        ).tolist()
        return self._loss(torch.stack([self.text[at : at + self.window + 1] for at in starts]).to(device()))

    def _loss(self, rows: torch.Tensor) -> torch.Tensor:
        """Nats a token over windows int64[rows, window + 1]."""
        scores = self.network(input_ids=rows[:, :-1]).logits.float()
        return functional.cross_entropy(scores.flatten(0, 1), rows[:, 1:].flatten())

    def evaluate(self) -> tuple[float, float]:
        most, size = self.settings.evaluate_windows, self.settings.batch_size
        places = list(range(0, len(self.validation) - self.window, self.window))
        chosen = places[:: max(1, len(places) // most)][:most]
        self.network.eval()
        total = 0.0
        with torch.no_grad():
            for start in range(0, len(chosen), size):
                part = chosen[start : start + size]
                rows = torch.stack([self.validation[at : at + self.window + 1] for at in part]).to(device())
                total += self._loss(rows).item() * len(part)
        loss = total / len(chosen)
        loss = loss if math.isfinite(loss) else 1e9
        bits = loss / math.log(2) / self.characters_per_token
        self.job.log.log(self.job.progress.step, validation_loss=loss, validation_bits_per_char=bits)
        return -loss, 0.0

    def reserve(self) -> float:
        sample = [row["context"] for row in self.test_rows[:ROWS_AT_ONCE]]
        list(
            next_shares(self.network, self.units, self.next, sample[:4], self.longest)
        )  # the first call prepares things
        with Timer() as timer:
            list(next_shares(self.network, self.units, self.next, sample, self.longest))
        a_test = 1.5 * timer.seconds * len(self.test_rows) / len(sample)
        with Timer() as timer:
            self.evaluate_quietly()
        return a_test + timer.seconds

    def evaluate_quietly(self) -> None:
        """As long as a validation takes, without its metrics."""
        rows = torch.stack([self.validation[: self.window + 1]] * min(self.settings.batch_size, 4)).to(device())
        self.network.eval()
        with torch.no_grad():
            for _ in range(max(1, self.settings.evaluate_windows // len(rows))):
                self._loss(rows)

    def predict(self) -> None:
        rows = self.test_rows[:PROBE_ROWS] if self.job.probing else self.test_rows
        contexts = [row["context"] for row in rows]
        with Timer() as timer:
            shares = dict(next_shares(self.network, self.units, self.next, contexts, self.longest))
        self.finish(timer.seconds / len(rows))
        names = self.next.characters
        found = (dict(zip(names, shares[place].tolist(), strict=True)) for place in range(len(rows)))
        self.job.write_predictions(rows, found)


def vocabulary_of(network: Any) -> int:
    return int(network.get_output_embeddings().weight.shape[0])


def next_shares(
    network: Any, units: Units, letters: NextCharacter, contexts: Sequence[str], longest: int
) -> Iterator[tuple[int, torch.Tensor]]:
    """(place, float[characters]) for each context. Those of as many tokens are taken together: nothing is padded."""
    network.eval()
    rows = [(units.start + units.encode(context))[-longest:] for context in contexts]
    order = sorted(range(len(rows)), key=lambda n: len(rows[n]))
    keep = {}
    base = network.get_base_model() if hasattr(network, "peft_config") else network
    if "logits_to_keep" in inspect.signature(base.forward).parameters:
        keep = {"logits_to_keep": LOOK_BACK + 1}
    with torch.no_grad():
        while order:
            part = [n for n in order[:ROWS_AT_ONCE] if len(rows[n]) == len(rows[order[0]])]
            order = order[len(part) :]
            scores = network(input_ids=torch.tensor([rows[n] for n in part], device=device()), **keep).logits
            after = torch.softmax(scores[:, -(LOOK_BACK + 1) :].double(), dim=-1).cpu()
            for place, given in zip(part, after, strict=True):
                yield place, letters.shares(rows[place], given)


def train(job: Job) -> None:
    """The whole job. Writes model/, then predictions.jsonl."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    settings = settings_from(Hyperparameters, job.spec.hyperparameters)
    settings.check(job.spec.task)
    require(job.spec.task in TASKS, f"this program is for {' and '.join(TASKS)}, not for {job.spec.task}")
    kind = TextTuning if job.spec.task == "text-classification" else LanguageTuning
    training = kind(job, settings)
    training.tune()
    training.predict()
    say(f"done after {job.progress.step} steps and {job.seconds_used():.0f} s")


def predict(folder: Path, texts: list[str]) -> list[str]:
    """Label texts with a finished `model/` of a classifier, or go on with them with that of a language model."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    units = Units(folder)
    classifies = "SequenceClassification" in " ".join(config.architectures or [])
    kind = TASKS["text-classification" if classifies else "text-generation"]
    network = kind.from_pretrained(folder, local_files_only=True, use_safetensors=True).to(device())
    longest = longest_of(config, units, 512)
    if classifies:
        scores = class_scores(network, units, texts, longest)
        return [str(config.id2label[number]) for number in scores.argmax(dim=1).tolist()]
    generator, pieces = torch.Generator().manual_seed(0), units.texts(vocabulary_of(network))
    found = []
    for text in texts:
        row, written = units.start + units.encode(text), text
        for _ in range(CONTINUE):
            with torch.no_grad():
                scores = network(input_ids=torch.tensor([row[-longest:]], device=device())).logits[0, -1]
            row.append(int(torch.multinomial(torch.softmax(scores.float().cpu(), dim=-1), 1, generator=generator)))
            written += pieces[row[-1]]
        found.append(written)
    return found


if __name__ == "__main__":
    run_program(train, predict, "Tune pretrained weights, or use tuned ones.")
