"""The experiment as data: what will be run, where each value comes from, and how it differs from the paper.

`ExperimentSpec` is what people read and approve. `ProgramInput` is the part a training program gets to see, as
`spec.json` in its work folder.
"""

from __future__ import annotations

import hashlib
import json
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from intern.compute.base import BackendName as BackendName

Value = float | int | str | bool | list[int] | list[float] | list[str]
Task = Literal[
    "translation",
    "text-classification",
    "image-classification",
    "tabular-classification",
    "tabular-regression",
    "text-generation",
]
"""Task families, named as the Hub names them (its pipeline tags).

What one line of predictions.jsonl is (evidence.py reads it, metrics.py scores it):

- translation, …-classification: `{"id", "prediction": text}`; a classifier may add `"probabilities": {label: number}`.
- tabular-regression: `{"id", "prediction": number}`.
- text-generation (language models): `{"id", "prediction": {character: probability}}`. A test row is a piece of sealed text
  that ends right before the character that is its label. No row's text holds another row's character, so a program
  commits to a distribution before it could see what it is scored on: sealed like any other number, and open to a model of
  any vocabulary. Probabilities are finite and their sum is at most 1; a character that is left out had none.

Sealed labels are text everywhere; for tabular-regression a number as text.
"""
EvidenceLevel = Literal["sealed", "rescored", "reported"]


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class Hyperparameter(Record):
    """One value and its origin.

    `origin`: "paper" = as the paper states it (page given); "scaled" = the paper's value reduced to fit the budget;
    "assumed" = the paper does not state it; "user" = set by the person; "data" = follows from the data set.
    """

    name: str
    value: Value
    origin: Literal["paper", "scaled", "assumed", "user", "data"]
    page: int | None = None
    paper_value: Value | None = None
    reason: str = ""


class Deviation(Record):
    """A place where this experiment is not the paper's."""

    what: str
    paper: str
    ours: str
    reason: str


class DataRef(Record):
    """The data set, by content. `splits` are row counts; `fingerprint` is a sha256 over all rows, labels included."""

    id: str
    source: Literal["generated", "local", "hub", "bundled"]
    revision: str = ""
    """The commit of a Hub data set; "" for what has none."""
    description: str
    licence: str
    fingerprint: str
    splits: dict[str, int]
    official_test: bool = False
    """Whether the test split is the one that published numbers use."""


class WeightsRef(Record):
    """Pretrained weights that a training starts from, by content. `fingerprint` is a sha256 over names and bytes of all
    files that are staged."""

    id: str
    """`owner/name` of the Hub, or the folder's name."""
    source: Literal["local", "hub"]
    revision: str = ""
    """The commit of a repository of the Hub; "" for a folder."""
    fingerprint: str
    licence: str
    architecture: str
    """As config.json names it, for example BertForMaskedLM."""
    parameters: int
    bytes: int

    @property
    def name(self) -> str:
        """How results name what they were tuned from: `owner/name@commit`, or the folder with its fingerprint."""
        return f"{self.id}@{self.revision[:12] if self.revision else 'sha256:' + self.fingerprint[:12]}"


class MetricSpec(Record):
    name: str
    direction: Literal["higher", "lower"] = "higher"
    primary: bool = False


class Budget(Record):
    minutes: float
    usd: float = 0.0


class ExperimentSpec(Record):
    """One experiment. Round-trips through YAML; `spec_hash` names its content."""

    title: str
    task: Task
    program: str
    paper_title: str | None = None
    arxiv_id: str | None = None
    variant: str = ""
    """The paper's own name for the model that this is (for example "CNN-rand"); "" when it has none."""
    data: DataRef
    weights: WeightsRef | None = None
    """What the training starts from; None = from scratch."""
    hyperparameters: list[Hyperparameter]
    metrics: list[MetricSpec]
    seeds: list[int] = Field(min_length=1)
    budget: Budget
    backend: BackendName = "local"
    threads: int = 1
    seconds_per_seed: float
    """Soft limit of one training job; the program stops early, and says so, when it is reached."""
    deviations: list[Deviation] = []

    def value(self, name: str) -> Value | None:
        """The value of a hyperparameter, or None."""
        return next((h.value for h in self.hyperparameters if h.name == name), None)

    @property
    def primary_metric(self) -> MetricSpec:
        return next((m for m in self.metrics if m.primary), self.metrics[0])

    @property
    def tuned_from(self) -> str:
        """The weights that it starts from, by name; "" for what starts from random numbers."""
        return self.weights.name if self.weights is not None and self.value("start") != "random" else ""

    @property
    def spec_hash(self) -> str:
        """sha256 of the canonical JSON form; the first 12 digits serve as id."""
        left_out = {"weights"} if self.weights is None else set()  # experiments of before there were any keep their id
        text = json.dumps(self.model_dump(mode="json", exclude=left_out), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def id(self) -> str:
        return self.spec_hash[:12]

    def to_yaml(self) -> str:
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True)

    @classmethod
    def from_yaml(cls, text: str) -> ExperimentSpec:
        """Raises pydantic.ValidationError, which names the field."""
        return cls.model_validate(yaml.safe_load(text))


class GivenWeights(Record):
    """What a program is told of the weights in its `weights/` folder."""

    id: str
    revision: str
    fingerprint: str


class ProgramInput(Record):
    """`spec.json`: all that a training program may know. No paths, no labels of the test split, no identity."""

    task: Task
    seed: int
    threads: int
    hyperparameters: dict[str, Value]
    seconds: float
    """Soft wall-clock limit of the whole process, start-up and prediction included."""
    probe_steps: int = 0
    """> 0: a smoke run. Train that many steps, predict a handful of test rows, report the timings, and end."""
    weights: GivenWeights | None = None


class ProgramParameter(Record):
    """A hyperparameter that a program reads."""

    name: str
    default: Value
    """Used, and listed as assumed, when the paper does not state it."""
    small: Value | None = None
    """For a budget of CPU minutes: a cap (numbers) or a replacement (anything else); None = the paper's value stands."""
    tiny: Value | None = None
    """In place of `default` where the given weights have few parameters."""
    reason: str = ""
    """Why this default, or why it is made smaller: shown to the person."""
    stated_as: str = ""
    """The paper's name for it, when it is another."""
    scope: list[str] = []
    """Words of which the scope of the paper's value must have one ("teacher")."""
    not_scope: list[str] = []
    """Words that it must not have."""
    suggested_by: dict[str, Value] = {}
    """Words in the paper's title, and the value that they make the default."""
    choices: list[str] = []
    """What the program can do, for values that are names; a paper's other value becomes a deviation."""


class ProgramManifest(Record):
    """`<program>.yaml` beside `<program>.py`: what the program does and which values it takes."""

    name: str
    task: Task
    file: str = ""
    """The program's file without `.py`, when it is not the manifest's name (one file may serve two tasks)."""
    batch_of: Literal["rows", "tokens", "windows"] = "rows"
    """What `batch_size` counts; only rows make epochs and steps convertible."""
    title: str
    variant: str = ""
    describes: list[str]
    """Lower-case words by which a paper of this kind is recognised in its title, abstract and setup."""
    parameters: list[ProgramParameter]
    metrics: list[MetricSpec]
    needs_weights: bool = False
    """It starts from pretrained weights and cannot start without."""
    built_in: dict[str, str] = {}
    """Settings that the program carries out in one way only: the words by which a paper states that way."""
    requirements: list[str]
