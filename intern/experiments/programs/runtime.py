"""What every training program shares: its input, its log, its checkpoint, its time limit and its output.

This file is copied beside the program into the job's folder, so it needs nothing but Python, and torch where the program
imports it. The contract:
the folder holds `spec.json` and `data/`; the program writes `metrics.jsonl`, `checkpoint.pt`, `model/` and, last of
all, `predictions.jsonl`; it exits 0 only when all of them are complete. A program that was killed and is started again
in the same folder goes on from its checkpoint and ends with the same predictions.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import math
import os
import pickle
import random
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    import torch

STARTED = time.monotonic()
"""Before the program imports torch, which takes seconds: start-up is part of the time limit."""
PROBE_ROWS = 8
DIVERGED = 20.0
"""A mean loss this many times the first one will not come back."""
LOG_EVERY = 50
LEAST_PROBABILITY = 1e-7
"""What is given less is left out of predictions.jsonl."""
SAVING_SECONDS = 2.0
"""Kept back for writing the checkpoint, the model and the predictions."""

Settings = TypeVar("Settings")


class ProgramError(Exception):
    """Something that the person who reads the log can act on; ends the program with `exit_status` and no traceback."""

    def __init__(self, message: str, exit_status: int = 1) -> None:
        super().__init__(message)
        self.exit_status = exit_status


def torch_module() -> Any:
    """torch, if the program uses it; runtime.py alone does not load it."""
    return sys.modules.get("torch")


class InputError(ProgramError):
    """spec.json or a data file is not usable (exit status 2)."""

    def __init__(self, message: str) -> None:
        super().__init__(message, exit_status=2)


# --- spec.json ---------------------------------------------------------------------------------------------------


@dataclass
class Spec:
    """`spec.json`. `seconds` is the soft wall-clock limit of the whole job; `probe_steps` > 0 asks for a smoke run."""

    task: str
    seed: int
    threads: int
    hyperparameters: dict[str, Any]
    seconds: float
    probe_steps: int = 0
    weights: dict[str, Any] | None = None
    """What lies in weights/, for programs that start from weights: id, revision and fingerprint."""

    @classmethod
    def read(cls, path: Path) -> Spec:
        """Raises InputError."""
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            spec = cls(**values)
        except (OSError, ValueError, TypeError) as error:
            raise InputError(f"{path.name} is not a program's input: {error}") from error
        whole = all(isinstance(n, int) and n >= 0 for n in (spec.seed, spec.threads, spec.probe_steps))
        if not whole or spec.threads < 1 or not isinstance(spec.hyperparameters, dict):
            raise InputError(f"{path.name}: seed, threads and probe_steps are whole numbers, threads at least 1")
        if not isinstance(spec.seconds, int | float) or not spec.seconds > 0:
            raise InputError(f"{path.name}: seconds is a number above 0, not {spec.seconds!r}")
        return spec


def settings_from(kind: type[Settings], values: dict[str, Any]) -> Settings:
    """Make the dataclass `kind` from hyperparameters; what is absent takes the field's default.

    Raises InputError for an unknown name (a value that would silently do nothing) and for a value of another type.
    """
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(set(values) - set(known)):
        raise InputError(f"this program has no hyperparameter {', '.join(unknown)}; it has {', '.join(sorted(known))}")
    made = {name: _coerce(name, value, _default(known[name])) for name, value in values.items()}
    return kind(**made)


def _default(item: Any) -> Any:
    return item.default if item.default is not MISSING else item.default_factory()


def _coerce(name: str, value: Any, like: Any) -> Any:
    """`value` in the type of the default `like`. Papers write lists as text ("3, 4, 5"), whole numbers as floats."""
    wanted = InputError(f"hyperparameter {name}: {value!r} is not like {like!r}")
    if isinstance(like, list):
        parts = value.replace(",", " ").split() if isinstance(value, str) else value
        if not isinstance(parts, list) or not parts:
            raise wanted
        return [_coerce(name, part, like[0]) for part in parts]
    if isinstance(like, bool) or isinstance(value, bool):
        if not (isinstance(like, bool) and isinstance(value, bool)):
            raise wanted
        return value
    if isinstance(like, int | float):
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise wanted from None
        if not math.isfinite(number) or (isinstance(like, int) and number != int(number)):
            raise wanted
        return int(number) if isinstance(like, int) else number
    if not isinstance(value, str):
        raise wanted
    return value


def require(condition: bool, message: str) -> None:
    """Raise InputError unless `condition`: for ranges of hyperparameters."""
    if not condition:
        raise InputError(message)


# --- data --------------------------------------------------------------------------------------------------------


def read_records(
    path: Path, columns: Sequence[str], *, may_be_empty: bool = False, text: bool = False
) -> list[dict[str, Any]]:
    """The rows of a JSON-lines file with at least these columns. Raises InputError that names file and line."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} cannot be read: {error}") from error
    rows = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            rows.append({column: row[column] for column in columns})
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path.name}, line {number}: needs {', '.join(columns)} ({error!r})") from error
        if text and not all(isinstance(value, str) and _is_text(value) for value in rows[-1].values()):
            raise InputError(f"{path.name}, line {number}: {', '.join(columns)} must be text")
    if not rows and not may_be_empty:
        raise InputError(f"{path.name} holds no rows")
    return rows


def read_rows(path: Path, columns: Sequence[str], *, may_be_empty: bool = False) -> list[dict[str, str]]:
    """As read_records, where every column is text."""
    return read_records(path, columns, may_be_empty=may_be_empty, text=True)


def _is_text(value: str) -> bool:
    """Whether it can be written as UTF-8; JSON lets half a surrogate pair through, tokenizers do not."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


# --- metrics.jsonl -----------------------------------------------------------------------------------------------


class MetricLog:
    """`metrics.jsonl`: one {"step","name","value","time"} a line, flushed, so that others can read along.

    `keep` is the byte length to which an earlier log is cut back: what came after the checkpoint will be logged again.
    """

    def __init__(self, path: Path, keep: int = 0) -> None:
        self._file = path.open("ab")
        self._file.truncate(keep)
        self._file.seek(keep)

    @property
    def length(self) -> int:
        """Bytes written so far."""
        return self._file.tell()

    def log(self, step: int, **values: float) -> None:
        """Append one line for each value; what is not finite is refused by JSON and therefore by us."""
        for name, value in values.items():
            row = {"step": step, "name": name, "value": value, "time": round(time.time(), 3)}
            self._file.write((json.dumps(row, allow_nan=False) + "\n").encode())
        self._file.flush()

    def close(self) -> None:
        self._file.close()


# --- checkpoint --------------------------------------------------------------------------------------------------


class Stateful(Protocol):
    """What a checkpoint can hold: models, optimizers, and whatever of the program's own offers the same two methods."""

    def state_dict(self) -> dict[str, Any]: ...
    def load_state_dict(self, state_dict: dict[str, Any]) -> Any: ...


@dataclass
class Progress:
    """How far training is: `step` updates done; the next batch is number `batch` of pass `epoch`."""

    step: int = 0
    epoch: int = 0
    batch: int = 0
    finished: bool = False
    loss_sum: float = 0.0
    loss_count: int = 0
    """Losses since the last time they were logged."""
    first_loss: float = 0.0
    """The first mean loss that was logged."""


def random_states() -> dict[str, Any]:
    """The states of Python's, numpy's and torch's generators, in types that torch.load(weights_only=True) accepts."""
    states: dict[str, Any] = {"python": random.getstate()}
    if numpy := sys.modules.get("numpy"):
        kind, keys, *rest = numpy.random.get_state()
        states["numpy"] = [kind, keys.tolist(), *rest]
    if torch := torch_module():
        states["torch"] = torch.get_rng_state()
        if torch.cuda.is_available():
            states["cuda"] = torch.cuda.get_rng_state_all()
    return states


def restore_random_states(states: dict[str, Any]) -> None:
    version, numbers, gauss = states["python"]
    random.setstate((version, tuple(numbers), gauss))
    if "numpy" in states:
        import numpy

        kind, keys, *rest = states["numpy"]
        numpy.random.set_state((kind, numpy.array(keys, dtype=numpy.uint32), *rest))
    if (torch := torch_module()) and "torch" in states:
        torch.set_rng_state(states["torch"])
        if "cuda" in states:
            torch.cuda.set_rng_state_all(states["cuda"])


def seed_everything(seed: int) -> None:
    random.seed(seed)
    if torch := torch_module():
        torch.manual_seed(seed)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(seed % 2**32)


def shuffled(count: int, seed: int, epoch: int) -> list[int]:
    """A permutation of range(count) that depends on seed and epoch alone: a resumed epoch has the same order."""
    torch = torch_module()
    generator = torch.Generator().manual_seed((seed * 1_000_003 + epoch) % 2**63)
    return torch.randperm(count, generator=generator).tolist()


# --- the job -----------------------------------------------------------------------------------------------------


@dataclass
class Job:
    """One training job in the current folder. Make it with `Job.open()`."""

    folder: Path
    spec: Spec
    log: MetricLog
    identity: str
    saved: dict[str, Any] | None = None
    """The checkpoint that this job goes on from."""
    seconds_before: float = 0.0
    """Time that an earlier, killed process of this job had used at its last checkpoint."""
    reserve: float = SAVING_SECONDS
    """Seconds to keep back for predicting and saving; the program measures it and sets it."""
    progress: Progress = field(default_factory=Progress)
    _step_times: list[float] = field(default_factory=list)
    _first_step_at: float | None = None
    _memory_before: float = 0.0

    @classmethod
    def open(cls, folder: Path) -> Job:
        """Read spec.json, set threads and seeds, and find the checkpoint of a killed run. Raises InputError."""
        spec = Spec.read(folder / "spec.json")
        os.environ.setdefault("RAYON_NUM_THREADS", str(spec.threads))  # those of the tokenizers library
        if torch := torch_module():
            torch.set_num_threads(spec.threads)
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what CUDA wants for determinism
            torch.use_deterministic_algorithms(True)
        seed_everything(spec.seed)
        identity = _identity(spec, folder)
        checkpoint = folder / "checkpoint.pt"
        if spec.probe_steps and checkpoint.exists():
            raise InputError("a probe needs a folder of its own: here is the checkpoint of a real run")
        saved = _read_checkpoint(checkpoint, identity, folder / "metrics.jsonl")
        if saved is None:
            # Left-overs of another run must not pass for results of this one.
            shutil.rmtree(folder / "model", ignore_errors=True)
            for name in ("predictions.jsonl", "checkpoint.pt"):
                (folder / name).unlink(missing_ok=True)
        log = MetricLog(folder / "metrics.jsonl", keep=saved["metrics_bytes"] if saved else 0)
        job = cls(folder, spec, log, identity, saved)
        if saved:
            job.progress = Progress(**saved["progress"])
            job.seconds_before = saved["seconds"]
            say(f"going on from the checkpoint at step {job.progress.step}")
        return job

    @property
    def probing(self) -> bool:
        return self.spec.probe_steps > 0

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def restore(self, parts: dict[str, Stateful]) -> None:
        """Load the checkpoint, if there is one, into the program's parts. Call it last before the first step."""
        if self.saved is None:
            return
        for name, part in parts.items():
            part.load_state_dict(self.saved["parts"][name])
        restore_random_states(self.saved["random"])
        self.saved = None

    def save(self, parts: dict[str, Stateful]) -> None:
        """Write checkpoint.pt in one move: whoever is killed while writing keeps the one before."""
        if self.probing:
            return
        state = {
            "identity": self.identity,
            "progress": vars(self.progress),
            "parts": {name: part.state_dict() for name, part in parts.items()},
            "random": random_states(),
            "metrics_bytes": self.log.length,
            "seconds": self.seconds_used(),
        }
        temporary = self.folder / "checkpoint.pt.tmp"
        if torch := torch_module():
            torch.save(state, temporary)
        else:
            temporary.write_text(json.dumps(state), encoding="utf-8")
        temporary.replace(self.folder / "checkpoint.pt")

    def seconds_used(self) -> float:
        """Wall-clock seconds of this job, those of killed predecessors up to their checkpoint included."""
        return self.seconds_before + time.monotonic() - STARTED

    def out_of_time(self) -> bool:
        """Whether training must stop now for predictions and saving to fit."""
        return self.seconds_used() + self.reserve > self.spec.seconds

    def step_done(self, loss: float) -> None:
        """Count one update. Raises ProgramError when the loss is not a number any more."""
        self.progress.step += 1
        if not math.isfinite(loss):
            self._diverged(f"the loss became {loss}")
        self.progress.loss_sum += loss
        self.progress.loss_count += 1
        self._step_times.append(time.monotonic())

    def log_loss(self, **more: float) -> None:
        """Log the mean loss of the steps since the last call as `train_loss`, and `more` with it."""
        progress = self.progress
        mean = progress.loss_sum / progress.loss_count
        self.log.log(progress.step, train_loss=mean, **more)
        progress.first_loss = progress.first_loss or mean
        if mean > DIVERGED * progress.first_loss > 0:
            self._diverged(f"the loss rose from {progress.first_loss:.3g} to {mean:.3g}")
        progress.loss_sum, progress.loss_count = 0.0, 0

    def _diverged(self, what: str) -> None:
        """An alert in the log, and the end: what comes after has no meaning."""
        self.log.log(self.progress.step, diverged=1.0)
        raise ProgramError(
            f"{what} at step {self.progress.step}: training has diverged. Try a lower learning rate or a longer warm-up."
        )

    @property
    def first_step_here(self) -> bool:
        """Whether the last step was the first of this process: the moment to measure `reserve`."""
        return len(self._step_times) == 1

    def training_starts(self) -> None:
        """Mark the end of start-up (for the probe)."""
        self._first_step_at = time.monotonic()
        self._memory_before = peak_memory_mb()

    def seconds_per_step(self) -> float:
        """Mean time of a step. The first ones warm up caches and kernels and are left out when there are others."""
        assert self._first_step_at is not None and self._step_times, "no step was made"
        times = [self._first_step_at, *self._step_times]
        warm_up = min(3, len(self._step_times) // 2)
        return (times[-1] - times[warm_up]) / (len(times) - 1 - warm_up)

    def log_probe(
        self, parameters: int, seconds_per_prediction: float, seconds_per_step: float | None = None,
        trainable: int | None = None,
    ) -> None:  # fmt: skip
        """Log what a probe is run for. `seconds_per_step`: where the program measured it itself; `trainable`: how many of
        the parameters are trained, where not all are."""
        assert self._first_step_at is not None
        self.log.log(
            self.progress.step,
            seconds_per_step=self.seconds_per_step() if seconds_per_step is None else seconds_per_step,
            startup_seconds=self._first_step_at - STARTED,
            seconds_per_prediction=seconds_per_prediction,
            parameters=parameters,
            trainable_parameters=parameters if trainable is None else trainable,
            startup_memory_mb=self._memory_before,
            peak_memory_mb=peak_memory_mb(),
        )

    def write_model(self, write: Callable[[Path], None]) -> None:
        """Let `write` fill a folder and then name it `model`."""
        temporary = self.folder / "model.tmp"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        write(temporary)
        for file in temporary.rglob("*"):
            file.chmod(0o755 if file.is_dir() else 0o644)  # safetensors are written for their owner alone
        shutil.rmtree(self.folder / "model", ignore_errors=True)
        temporary.rename(self.folder / "model")

    def write_predictions(
        self,
        rows: Sequence[dict[str, Any]],
        predictions: Iterable[str | float | dict[str, float]],
        probabilities: Iterable[dict[str, float]] | None = None,
    ) -> None:
        """Write predictions.jsonl, one line a row, in one move. `probabilities`: of each label, where the program has them.

        A prediction is text, a number (regression) or a distribution over the next character (language models).
        """
        temporary = self.folder / "predictions.jsonl.tmp"
        every = [None] * len(rows) if probabilities is None else probabilities
        with temporary.open("w", encoding="utf-8") as file:
            for row, prediction, given in zip(rows, predictions, every, strict=True):
                shown = _shares(prediction) if isinstance(prediction, dict) else prediction
                line = {"id": row["id"], "prediction": shown}
                if given is not None:
                    line["probabilities"] = _shares(given)
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        temporary.replace(self.folder / "predictions.jsonl")


def _shares(given: dict[str, float]) -> dict[str, float]:
    """Probabilities as they are written: rounded, those next to nothing left out."""
    return {name: round(share, 7) for name, share in given.items() if share >= LEAST_PROBABILITY}


class Best:
    """The weights of the best evaluation so far, and how many evaluations ago that was. Higher scores are better."""

    def __init__(self) -> None:
        self.score, self.tie, self.age, self.step = -math.inf, -math.inf, 0, 0
        self.weights: dict[str, Any] = {}

    def offer(self, model: torch.nn.Module, score: float, tie: float, step: int) -> None:
        """Keep these weights if they are better; between equal scores the higher `tie` decides."""
        if (score, tie) > (self.score, self.tie):
            self.score, self.tie, self.age, self.step = score, tie, 0, step
            self.weights = {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}
        else:
            self.age += 1

    def state_dict(self) -> dict[str, Any]:
        return dict(vars(self))

    def load_state_dict(self, state: dict[str, Any]) -> None:
        vars(self).update(state)


class Training:
    """The course of a job that makes `steps` updates: logging, validation, early stopping, checkpoints, the time limit.

    A program fills in `model`, `parts`, `steps` and the three methods, then calls `run`. After it, `model` has the weights
    of the best validation. Early stopping looks at the validation split only.
    """

    job: Job
    model: torch.nn.Module
    parts: dict[str, Stateful]
    steps: int
    evaluate_every: int
    checkpoint_every: int
    patience: int
    """Evaluations without a better one before training stops; 0 = never."""

    def step(self) -> float:
        """Make one update (number `job.progress.step`, from 0) and return the loss."""
        raise NotImplementedError

    def evaluate(self) -> tuple[float, float]:
        """Log the validation metrics; return the score (higher is better) and what decides between equal ones."""
        raise NotImplementedError

    def reserve(self) -> float:
        """Measure: seconds that one more validation and the predictions of the test split will take."""
        raise NotImplementedError

    def run(self) -> None:
        """Train to the end. Restores a checkpoint first."""
        job, progress = self.job, self.job.progress
        self.best = Best()
        self.parts["best"] = self.best
        job.restore(self.parts)
        job.training_starts()
        while not progress.finished:
            loss = self.step()
            job.step_done(loss)
            if job.first_step_here:
                job.reserve = SAVING_SECONDS + self.reserve()
            if progress.step == 1 or progress.loss_count == LOG_EVERY or progress.step >= self.steps:
                job.log_loss()
            if job.probing:
                progress.finished = progress.step >= job.spec.probe_steps
            else:
                self._after_step()
        if self.best.weights:
            self.model.load_state_dict(self.best.weights)
            job.log.log(progress.step, best_step=self.best.step)

    def _after_step(self) -> None:
        job, progress = self.job, self.job.progress
        used_up = progress.step >= self.steps
        early = not used_up and job.out_of_time()
        if used_up or early or progress.step % self.evaluate_every == 0:
            self.best.offer(self.model, *self.evaluate(), progress.step)
        stale = 0 < self.patience <= self.best.age
        progress.finished = used_up or early or stale
        if early:
            say(f"the time is up at step {progress.step} of {self.steps}")
            job.log.log(progress.step, stopped_early=progress.step)
        elif stale and not used_up:
            say(f"no better validation in {self.patience} evaluations: stopped at step {progress.step} of {self.steps}")
        if progress.finished or progress.step % self.checkpoint_every == 0:
            job.save(self.parts)


def _identity(spec: Spec, folder: Path) -> str:
    """sha256 of what determines the result: a checkpoint of another spec, program or data is not gone on from."""
    settings = [spec.task, spec.seed, spec.threads, spec.hyperparameters, spec.probe_steps]
    settings += [spec.weights] if spec.weights else []
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    files = [folder / "data" / f"{name}.jsonl" for name in ("train", "validation", "test")]
    files += [file for file in (folder / "program.py", folder / "runtime.py") if file.exists()]
    for file in files:
        try:
            digest.update(hashlib.sha256(file.read_bytes()).digest())
        except OSError as error:
            raise InputError(f"{file.name} cannot be read: {error.strerror}") from error
    return digest.hexdigest()


def _read_checkpoint(path: Path, identity: str, metrics: Path) -> dict[str, Any] | None:
    """The checkpoint, or None when there is none that fits this job."""
    if not path.exists():
        return None
    try:
        torch = torch_module()
        saved = torch.load(path, weights_only=True, map_location="cpu") if torch else json.loads(path.read_bytes())
        fits = saved["identity"] == identity and metrics.stat().st_size >= saved["metrics_bytes"]
    except (OSError, RuntimeError, ValueError, KeyError, EOFError, pickle.UnpicklingError) as error:
        say(f"checkpoint.pt cannot be read ({error}); starting from the beginning")
        return None
    if not fits:
        say("checkpoint.pt belongs to another run; starting from the beginning")
        return None
    return saved


def device() -> torch.device:
    torch = torch_module()
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def half_precision(wanted: str) -> bool:
    """Whether matrix products are made in bfloat16: `wanted` is "float32", "bfloat16", or "auto" = where this machine's
    processor or GPU has instructions for it. Weights, sums, norms and losses stay in float32."""
    if wanted != "auto":
        return wanted == "bfloat16"
    torch = torch_module()
    if device().type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    able = torch.cpu.get_capabilities()
    return device().type == "cpu" and any(able.get(name) for name in ("avx512_bf16", "amx_bf16"))


@contextlib.contextmanager
def precision(half: bool) -> Iterator[None]:
    """Forward passes in bfloat16 where `half`; backward passes follow them."""
    if not half:
        yield
        return
    torch = torch_module()
    with contextlib.ExitStack() as stack:
        stack.enter_context(torch.autocast(device().type, dtype=torch.bfloat16))
        if device().type == "cpu":
            # The fused attention's backward pass takes ten times as long in bfloat16 as plain products do (torch 2.13).
            attention = torch.nn.attention
            stack.enter_context(attention.sdpa_kernel(attention.SDPBackend.MATH))
        yield


def parameter_count(model: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def peak_memory_mb() -> float:
    """Largest resident size of this process so far (macOS counts bytes, Linux kilobytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


class Timer:
    """`with Timer() as timer: ...; timer.seconds` (wall clock)."""

    seconds = 0.0

    def __enter__(self) -> Timer:
        self._start = time.monotonic()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.seconds = time.monotonic() - self._start


def say(text: str) -> None:
    """One line for the job's log."""
    print(text, flush=True)


def _predict_with(predict: Callable[[Path, list[str]], list[str]], folder: Path, texts: list[str]) -> list[str]:
    require((folder / "config.json").is_file(), f"{folder} is not a model's folder: it has no config.json")
    try:
        return predict(folder, texts)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(f"{folder} is not a model of this program: {error}") from error


def run_program(train: Callable[[Job], None], predict: Callable[[Path, list[str]], list[str]], about: str) -> None:
    """The program's command line. Without arguments: the job in the current folder. Ends the process."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--predict", nargs="+", metavar=("MODEL", "TEXT"), help="predict texts, or lines of stdin")
    arguments = parser.parse_args()
    try:
        if arguments.predict:
            folder, *texts = arguments.predict
            texts = texts or [line.rstrip("\n") for line in sys.stdin]
            with contextlib.redirect_stdout(sys.stderr):  # libraries print while they load; stdout is for predictions
                predictions = _predict_with(predict, Path(folder), texts)
            print("\n".join(predictions))
            return
        job = Job.open(Path.cwd())
        try:
            train(job)
        finally:
            job.log.close()
    except ProgramError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        raise SystemExit(error.exit_status) from None
