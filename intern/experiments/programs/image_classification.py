# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "torch>=2.8,<3",
#   "huggingface_hub>=2.4,<3",
#   "safetensors>=0.4.5,<1",
#   "pillow>=10,<14",
# ]
# ///
"""Train an image classifier and label the test split.

Three networks: `mlp` (fully connected layers, with or without batch normalization), `cnn` (3×3 convolutions, pooling)
and `vit` (a small Vision Transformer). `net: distilled` trains a large network first and then a small one on its
softened outputs ("Distilling the Knowledge in a Neural Network"), `large` and `small` train one of them alone. Run it in a
folder with spec.json, data/ and runtime.py, which says what it writes there. `python program.py --predict model a.png`
labels pictures with a finished model; in Python, `Net.from_pretrained("model")` loads it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
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
    read_records,
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

ROWS_AT_ONCE = 500
ACTIVATIONS = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "gelu": nn.GELU}
OPTIMIZERS = ("sgd with momentum", "sgd", "adamw", "adam", "rmsprop", "adagrad", "adadelta")


@dataclass
class Hyperparameters:
    """What can be set; the manifests (image_*.yaml, distillation.yaml) say why these are the defaults."""

    architecture: str = "mlp"
    layers: int = 2
    hidden_units: int = 256
    filters: list[int] = field(default_factory=lambda: [32, 64])
    hidden_size: int = 64
    heads: int = 4
    patch_size: int = 4
    activation: str = "relu"
    batch_norm: bool = False
    dropout: float = 0.0
    net: str = "small"
    teacher_layers: int = 2
    teacher_hidden_units: int = 1200
    teacher_dropout: float = 0.5
    teacher_jitter: int = 2
    teacher_max_norm: float = 4.0
    temperature: float = 20.0
    hard_target_weight: float = 0.1
    optimizer: str = "sgd with momentum"
    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 0.0
    lr_schedule: str = "constant"
    jitter: int = 0
    batch_size: int = 60
    steps: int = 3000
    evaluate_every: int = 200
    patience: int = 0
    checkpoint_every: int = 500

    def check(self) -> None:
        """Raises InputError for values that cannot work."""
        whole = (
            "layers",
            "hidden_units",
            "hidden_size",
            "heads",
            "patch_size",
            "batch_size",
            "steps",
            "evaluate_every",
        )
        for name in (*whole, "checkpoint_every", "teacher_layers", "teacher_hidden_units"):
            require(getattr(self, name) >= 1, f"{name} must be at least 1")
        require(
            self.architecture in ("mlp", "cnn", "vit"),
            f"architecture {self.architecture!r}: mlp, cnn and vit are offered",
        )
        require(
            self.net in ("small", "large", "distilled"), f"net {self.net!r}: small, large and distilled are offered"
        )
        require(min(self.filters) >= 1, "filters must be at least 1")
        require(self.hidden_size % self.heads == 0, "hidden_size must be a multiple of heads")
        require(all(0 <= d < 1 for d in (self.dropout, self.teacher_dropout)), "dropout lies in [0, 1)")
        require(self.learning_rate > 0 and self.temperature > 0, "learning_rate and temperature must be above 0")
        require(0 <= self.hard_target_weight <= 1, "hard_target_weight lies in [0, 1]")
        require(min(self.patience, self.jitter, self.teacher_jitter) >= 0, "patience and jitter are at least 0")
        require(self.lr_schedule in ("constant", "cosine"), f"lr_schedule {self.lr_schedule!r}: constant, cosine")
        self.activation = "relu" if "rectified" in self.activation.lower() else self.activation.lower()
        require(self.activation in ACTIVATIONS, f"activation {self.activation!r}: {', '.join(ACTIVATIONS)} are offered")
        self.optimizer = "sgd with momentum" if self.optimizer.lower() == "momentum" else self.optimizer.lower()
        require(self.optimizer in OPTIMIZERS, f"optimizer {self.optimizer!r}: {', '.join(OPTIMIZERS)} are offered")


# --- networks ----------------------------------------------------------------------------------------------------


class Net(nn.Module, PyTorchModelHubMixin, library_name="pytorch", tags=["image-classification"]):
    """Pixels float[rows, channels, height, width], 0 to 1 -> scores float[rows, labels]."""

    def __init__(
        self,
        shape: Sequence[int],
        labels: Sequence[str],
        settings: dict[str, Any],
        mean: float = 0.0,
        spread: float = 1.0,
    ) -> None:
        super().__init__()
        self.shape, self.labels, self.mean, self.spread = list(shape), list(labels), mean, spread
        made = settings_from(Hyperparameters, settings)
        made.check()
        build = {"mlp": _mlp, "cnn": _cnn, "vit": VisionTransformer}[made.architecture]
        self.body = build(list(shape), len(self.labels), made)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.body((pixels - self.mean) / self.spread)


def _mlp(shape: list[int], labels: int, settings: Hyperparameters) -> nn.Module:
    width = shape[0] * shape[1] * shape[2]
    parts: list[nn.Module] = [nn.Flatten()]
    for _ in range(settings.layers):
        parts.append(nn.Linear(width, settings.hidden_units, bias=not settings.batch_norm))
        if settings.batch_norm:
            parts.append(nn.BatchNorm1d(settings.hidden_units))
        parts.append(ACTIVATIONS[settings.activation]())
        if settings.dropout:
            parts.append(nn.Dropout(settings.dropout))
        width = settings.hidden_units
    return nn.Sequential(*parts, nn.Linear(width, labels))


def _cnn(shape: list[int], labels: int, settings: Hyperparameters) -> nn.Module:
    channels, height, width = shape
    parts: list[nn.Module] = []
    for count in settings.filters:
        parts.append(nn.Conv2d(channels, count, 3, padding=1, bias=not settings.batch_norm))
        if settings.batch_norm:
            parts.append(nn.BatchNorm2d(count))
        parts.append(ACTIVATIONS[settings.activation]())
        if min(height, width) >= 4:
            parts.append(nn.MaxPool2d(2))
            height, width = height // 2, width // 2
        channels = count
    parts += [nn.Flatten(), nn.Dropout(settings.dropout)]
    return nn.Sequential(*parts, nn.Linear(channels * height * width, labels))


class VisionTransformer(nn.Module):
    """Patches as words, a class token, pre-norm Transformer layers."""

    def __init__(self, shape: list[int], labels: int, settings: Hyperparameters) -> None:
        super().__init__()
        channels, height, width = shape
        size, patch = settings.hidden_size, min(settings.patch_size, height, width)
        self.patches = nn.Conv2d(channels, size, patch, stride=patch)
        count = (height // patch) * (width // patch)
        self.token = nn.Parameter(torch.zeros(1, 1, size))
        self.places = nn.Parameter(torch.randn(1, count + 1, size) * 0.02)
        layer = nn.TransformerEncoderLayer(
            size, settings.heads, 4 * size, settings.dropout, settings.activation if settings.activation == "relu" else "gelu",
            batch_first=True, norm_first=True,
        )  # fmt: skip
        self.encoder = nn.TransformerEncoder(layer, settings.layers, enable_nested_tensor=False)
        self.norm, self.output = nn.LayerNorm(size), nn.Linear(size, labels)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        words = self.patches(pixels).flatten(2).transpose(1, 2)
        words = torch.cat([self.token.expand(len(words), -1, -1), words], dim=1) + self.places
        return self.output(self.norm(self.encoder(words)[:, 0]))


# --- data --------------------------------------------------------------------------------------------------------


def pixels_of(rows: Sequence[dict[str, Any]], name: str) -> torch.Tensor:
    """uint8[rows, channels, height, width]. Raises InputError."""
    shape = rows[0]["shape"]
    images = []
    for number, row in enumerate(rows, 1):
        data = base64.b64decode(row["pixels"])
        size = 1
        for side in row["shape"]:
            size *= side
        if row["shape"] != shape or len(data) != size:
            raise InputError(f"{name}, row {number}: its pixels are not {shape}")
        images.append(torch.frombuffer(bytearray(data), dtype=torch.uint8))
    stacked = torch.stack(images)
    if len(shape) == 2:
        return stacked.view(-1, 1, *shape)
    return stacked.view(-1, *shape).permute(0, 3, 1, 2).contiguous()


def moved(pixels: torch.Tensor, most: int) -> torch.Tensor:
    """Each image shifted by up to `most` pixels in either direction, zeros at the edge."""
    if most == 0:
        return pixels
    rows, _, height, width = pixels.shape
    padded = functional.pad(pixels, (most, most, most, most))
    down, right = torch.randint(0, 2 * most + 1, (2, rows))
    lines = (down[:, None] + torch.arange(height)).to(pixels.device)
    columns = (right[:, None] + torch.arange(width)).to(pixels.device)
    which = torch.arange(rows, device=pixels.device)[:, None, None]
    return padded.permute(0, 2, 3, 1)[which, lines[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


# --- training ----------------------------------------------------------------------------------------------------


def optimizer_of(settings: Hyperparameters, model: nn.Module) -> torch.optim.Optimizer:
    rate: dict[str, Any] = {"lr": settings.learning_rate, "weight_decay": settings.weight_decay}
    makers = {
        "sgd": lambda w: torch.optim.SGD(w, **rate),
        "sgd with momentum": lambda w: torch.optim.SGD(w, momentum=settings.momentum, **rate),
        "adam": lambda w: torch.optim.Adam(w, **rate),
        "adamw": lambda w: torch.optim.AdamW(w, **rate),
        "rmsprop": lambda w: torch.optim.RMSprop(w, momentum=settings.momentum, **rate),
        "adagrad": lambda w: torch.optim.Adagrad(w, **rate),
        "adadelta": lambda w: torch.optim.Adadelta(w, **rate),
    }
    return makers[settings.optimizer](model.parameters())


def scores_of(model: Net, pixels: torch.Tensor) -> torch.Tensor:
    """float[rows, labels] on the CPU."""
    model.eval()
    with torch.inference_mode():
        parts = [
            model(pixels[at : at + ROWS_AT_ONCE].to(device()).float() / 255).cpu()
            for at in range(0, len(pixels), ROWS_AT_ONCE)
        ]
    return torch.cat(parts)


class ImageTraining(Training):
    """One network, or a large one and then a small one that learns from it (half of the steps each)."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.settings = settings = settings_from(Hyperparameters, job.spec.hyperparameters)
        settings.check()
        rows = read_records(job.data / "train.jsonl", ("id", "shape", "pixels", "label"))
        validation = read_records(job.data / "validation.jsonl", ("id", "shape", "pixels", "label"), may_be_empty=True)
        self.test_rows = read_records(job.data / "test.jsonl", ("id", "shape", "pixels"))
        names = sorted({row["label"] for row in rows})
        numbers = {name: number for number, name in enumerate(names)}
        self.pixels = pixels_of(rows, "train.jsonl")
        self.labels = torch.tensor([numbers[row["label"]] for row in rows], device=device())
        self.validation = pixels_of(validation, "validation.jsonl") if validation else self.pixels[:0]
        self.validation_labels = torch.tensor([numbers.get(row["label"], -1) for row in validation], dtype=torch.long)
        self.test = pixels_of(self.test_rows, "test.jsonl")
        distilled = settings.net == "distilled"
        self.large = self._net(names, large=True) if settings.net != "small" else None
        self.small = self._net(names, large=False) if settings.net != "large" else None
        net = self.small or self.large
        assert net is not None
        self.model, self.net = net, net
        self.steps, self.evaluate_every = settings.steps, settings.evaluate_every
        self.checkpoint_every, self.patience = settings.checkpoint_every, settings.patience
        whole = job.spec.probe_steps or settings.steps
        self.teaching = whole // 2 if distilled else 0
        self.optimizer = optimizer_of(settings, self.large if distilled and self.large is not None else self.model)
        self.second = optimizer_of(settings, self.model) if distilled else None
        self.parts: dict[str, Stateful] = {"model": self.model, "optimizer": self.optimizer}
        if distilled:
            assert self.large is not None and self.second is not None
            self.parts |= {"teacher": self.large, "second": self.second}
        self.order, self.epoch = torch.tensor([], dtype=torch.long), -1
        say(
            f"{len(rows)} images of {list(self.pixels.shape[1:])}, {len(names)} labels, {parameter_count(self.model)} parameters"
        )

    def _net(self, names: list[str], *, large: bool) -> Net:
        """The network of this job; a large one has the teacher's size and regularization."""
        settings = dict(self.job.spec.hyperparameters)
        if large:
            settings |= {
                "layers": self.settings.teacher_layers,
                "hidden_units": self.settings.teacher_hidden_units,
                "dropout": self.settings.teacher_dropout,
            }
        values = self.pixels.float() / 255
        spread = max(values.std().item(), 1e-3)
        return Net(list(self.pixels.shape[1:]), names, settings, values.mean().item(), spread).to(device())

    def _batch(self, step: int) -> torch.Tensor:
        """Numbers of the rows of update `step`."""
        size = min(self.settings.batch_size, len(self.pixels))
        in_epoch = len(self.pixels) // size
        epoch, place = divmod(step, in_epoch)
        if epoch != self.epoch:
            self.order, self.epoch = torch.tensor(shuffled(len(self.pixels), self.job.spec.seed, epoch)), epoch
        return self.order[place * size : (place + 1) * size]

    def step(self) -> float:
        step, settings = self.job.progress.step, self.settings
        rows = self._batch(step)
        pixels = self.pixels[rows].to(device()).float() / 255
        labels = self.labels[rows.to(device())]
        teaching = step < self.teaching
        model = self.large if teaching and self.large is not None else self.model
        optimizer = self.second if self.second is not None and not teaching else self.optimizer
        self._schedule(optimizer, step)
        model.train()
        strong = teaching or settings.net == "large"
        given = moved(pixels, settings.teacher_jitter if strong else settings.jitter)
        if settings.net == "distilled" and not teaching:
            loss, shown = self._distillation_loss(given, labels)
        else:
            loss = shown = functional.cross_entropy(model(given), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if strong and settings.teacher_max_norm:
            self._constrain(model)
        return shown.item()

    def _distillation_loss(self, pixels: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Cross-entropy with the teacher's softened outputs, times T² (section 2), and with the labels.

        Returns what is minimized, and the same without the factor T², for the log.
        """
        assert self.large is not None
        self.large.eval()
        with torch.no_grad():
            wanted = torch.softmax(self.large(pixels) / self.settings.temperature, dim=1)
        scores = self.model(pixels)
        soft = functional.cross_entropy(scores / self.settings.temperature, wanted)
        hard = functional.cross_entropy(scores, labels)
        weight = self.settings.hard_target_weight
        return (1 - weight) * soft * self.settings.temperature**2 + weight * hard, (1 - weight) * soft + weight * hard

    def _schedule(self, optimizer: torch.optim.Optimizer, step: int) -> None:
        """The cosine falls over the steps of the network that learns: where two do, one after the other, each has its own."""
        if self.settings.lr_schedule == "cosine":
            import math

            begin, end = (0, self.teaching) if step < self.teaching else (self.teaching, self.steps)
            done = (step - begin) / max(1, end - begin)
            for group in optimizer.param_groups:
                group["lr"] = self.settings.learning_rate * 0.5 * (1 + math.cos(math.pi * done))

    @torch.no_grad()
    def _constrain(self, model: nn.Module) -> None:
        """Bound the norm of the weights into each unit."""
        for part in model.modules():
            if isinstance(part, nn.Linear):
                norms = part.weight.norm(dim=1, keepdim=True)
                part.weight.mul_((self.settings.teacher_max_norm / norms.clamp(min=1e-12)).clamp(max=1.0))

    def evaluate(self) -> tuple[float, float]:
        step = self.job.progress.step
        teaching = step <= self.teaching
        model = self.large if teaching and self.large is not None else self.net
        if not len(self.validation):
            return float(step), 0.0
        scores = scores_of(model, self.validation)
        known = self.validation_labels >= 0
        accuracy = (scores.argmax(dim=1) == self.validation_labels).double().mean().item()
        loss = functional.cross_entropy(scores[known], self.validation_labels[known]).item() if known.any() else 0.0
        name = "teacher_validation" if teaching and self.second is not None else "validation"
        self.job.log.log(step, **{f"{name}_accuracy": accuracy, f"{name}_loss": loss})
        # The student has not begun: nothing of it is worth keeping yet.
        return (accuracy, -loss) if name == "validation" else (-1.0, -1.0)

    def reserve(self) -> float:
        sample = self.test[:ROWS_AT_ONCE]
        with Timer() as timer:
            scores_of(self.net, sample)
        return 2 * timer.seconds * (len(self.test) + len(self.validation)) / len(sample)


def train(job: Job) -> None:
    """The whole job. Writes model/, then predictions.jsonl."""
    training = ImageTraining(job)
    training.run()
    model, rows, pixels = training.model, training.test_rows, training.test
    assert isinstance(model, Net)
    if job.probing:
        rows, pixels = rows[:PROBE_ROWS], pixels[:PROBE_ROWS]
        with Timer() as timer:
            scores = scores_of(model, pixels)
        teacher = parameter_count(training.large) if training.second is not None and training.large else 0
        job.log_probe(parameter_count(model) + teacher, timer.seconds / len(rows))
    else:
        job.write_model(model.save_pretrained)
        scores = scores_of(model, pixels)
    shares = torch.softmax(scores, dim=1).tolist()
    predictions = [model.labels[number] for number in scores.argmax(dim=1).tolist()]
    job.write_predictions(rows, predictions, (dict(zip(model.labels, row, strict=True)) for row in shares))
    say(f"{len(rows)} predictions after {job.progress.step} steps and {job.seconds_used():.0f} s")


def predict(folder: Path, texts: list[str]) -> list[str]:
    """Label picture files with a finished `model/`."""
    from PIL import Image

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    model = Net.from_pretrained(folder).to(device())
    channels, height, width = config["shape"]
    found = []
    for name in texts:
        with Image.open(name) as picture:
            image = picture.convert("L" if channels == 1 else "RGB").resize((width, height))
        data = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8).view(height, width, channels)
        scores = scores_of(model, data.permute(2, 0, 1)[None])
        found.append(model.labels[int(scores.argmax())])
    return found


if __name__ == "__main__":
    run_program(train, predict, "Train an image classifier, or label pictures with one.")
