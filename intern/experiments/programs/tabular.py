# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "scikit-learn>=1.6,<2",
#   "skops>=0.13,<1",
# ]
# ///
"""Train boosted trees on a table and predict the test rows: classes (with probabilities) or numbers.

scikit-learn's histogram gradient boosting, or LightGBM where it is installed; early stopping on the validation split;
with `trials` above 0 a search over the settings (Optuna's, where it is installed, else random), judged on the validation
split alone; what it ends with is trained once more, on the validation rows too. `model: autogluon` hands the same rows and
the same time to AutoGluon, where that is installed. Run it in a folder
with spec.json, data/ and runtime.py, which says what it writes there.
`python program.py --predict model '{"age": 40, "sex": "Male"}'` predicts with a finished model.
"""

from __future__ import annotations

import copy
import json
import os
import random
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from runtime import (  # before numpy: its clock is that of the time limit
    PROBE_ROWS,
    SAVING_SECONDS,
    InputError,
    Job,
    Timer,
    read_records,
    require,
    run_program,
    say,
    settings_from,
)

# isort: split
import numpy as np

MODELS = ("histgb", "lightgbm", "autogluon")
PRESETS = ("medium_quality", "good_quality", "high_quality", "best_quality")
AUTOGLUON_SHARE = 0.85
"""Of the time that is left: AutoGluon's own limit; it looks at it between models, and its prediction takes time too."""
AUTOGLUON_SECONDS = 5.0
MOST_CATEGORIES = 200
CHUNK = 25
"""Trees that are added between two looks at the validation split."""
SAFE = ("functools.partial",)
"""What a saved forest holds beside scikit-learn's and numpy's own types; what a partial calls is checked by itself."""


@dataclass
class Hyperparameters:
    """What can be set; tabular_*.yaml says why these are the defaults."""

    model: str = "histgb"
    iterations: int = 300
    learning_rate: float = 0.1
    max_leaves: int = 31
    min_samples_leaf: int = 20
    l2: float = 0.0
    column_share: float = 0.8
    patience: int = 30
    trials: int = 0
    cpu_seconds: float = 0.0
    """What the search may take of processor time, start-up included; 0 = only the clock counts."""
    preset: str = "medium_quality"

    def check(self) -> None:
        """Raises InputError for values that cannot work."""
        require(self.model in MODELS, f"model {self.model!r}: {', '.join(MODELS)} are offered")
        require(self.preset in PRESETS, f"preset {self.preset!r}: {', '.join(PRESETS)} are offered")
        for name in ("iterations", "min_samples_leaf", "patience"):
            require(getattr(self, name) >= 1, f"{name} must be at least 1")
        require(self.max_leaves >= 2, "max_leaves must be at least 2")
        require(self.learning_rate > 0 and self.l2 >= 0 and self.trials >= 0, "learning_rate > 0, l2 and trials >= 0")
        require(self.cpu_seconds >= 0, "cpu_seconds must not be below 0")
        require(0 < self.column_share <= 1, "column_share lies in (0, 1]")


# --- data --------------------------------------------------------------------------------------------------------


@dataclass
class Columns:
    """How rows become numbers: `model/columns.json`. Categories are numbered; one that training never showed is missing."""

    numeric: list[str]
    categories: dict[str, list[str]]
    labels: list[str]
    """Empty for regression."""

    @classmethod
    def of(cls, rows: Sequence[dict[str, Any]], labels: list[str]) -> Columns:
        """From the training split only."""
        numeric, categories = [], {}
        for name in rows[0]["features"]:
            values = [row["features"].get(name) for row in rows]
            texts = [value for value in values if isinstance(value, str)]
            if not texts:
                numeric.append(name)
                continue
            counts = Counter(texts)
            if len(counts) > MOST_CATEGORIES or len(counts) > 0.5 * len(texts):
                say(f"{name} has {len(counts)} different texts and is left out")
                continue
            categories[name] = sorted(counts)
        if not numeric and not categories:
            raise InputError("there is no column to learn from: all hold a different text in each row")
        return cls(numeric, categories, labels)

    def matrix(self, rows: Sequence[dict[str, Any]]) -> np.ndarray:
        """float64[rows, columns]; missing = NaN."""
        found = np.full((len(rows), len(self.numeric) + len(self.categories)), np.nan)
        for place, name in enumerate(self.numeric):
            values = [row["features"].get(name) for row in rows]
            found[:, place] = [value if isinstance(value, int | float) else np.nan for value in values]
        for place, (name, known) in enumerate(self.categories.items(), len(self.numeric)):
            number = {value: n for n, value in enumerate(known)}
            found[:, place] = [number.get(row["features"].get(name), np.nan) for row in rows]
        return found

    @property
    def categorical(self) -> list[int]:
        """Places of the columns that hold categories."""
        return list(range(len(self.numeric), len(self.numeric) + len(self.categories)))


@dataclass
class Task:
    """The numbers of one job."""

    job: Job
    columns: Columns
    inputs: np.ndarray
    wanted: np.ndarray
    validation: np.ndarray
    validation_wanted: np.ndarray
    test: np.ndarray
    test_rows: list[dict[str, Any]]

    @property
    def classes(self) -> int:
        """0 for regression."""
        return len(self.columns.labels)

    def with_validation(self) -> Task:
        """The same job with the validation rows among those to learn from."""
        known = self.validation_wanted >= 0 if self.classes else np.ones(len(self.validation_wanted), dtype=bool)
        return replace(
            self, inputs=np.concatenate([self.inputs, self.validation[known]]),
            wanted=np.concatenate([self.wanted, self.validation_wanted[known]]),
        )  # fmt: skip

    def loss(self, given: np.ndarray) -> float:
        """Of predictions for the validation split: log loss, or root mean squared error."""
        if not self.classes:
            return float(np.sqrt(np.mean((given - self.validation_wanted) ** 2)))
        known = self.validation_wanted >= 0
        right = given[known, self.validation_wanted[known]]
        return float(-np.mean(np.log(np.maximum(right, 1e-12)))) if known.any() else 0.0

    def log(self, step: int, given: np.ndarray) -> None:
        loss = self.loss(given)
        if self.classes:
            right = float((given.argmax(axis=1) == self.validation_wanted).mean())
            self.job.log.log(step, validation_loss=loss, validation_accuracy=right)
        else:
            self.job.log.log(step, validation_rmse=loss)


def load(job: Job) -> Task:
    """Read the job's rows. Raises InputError."""
    target = "label" if job.spec.task == "tabular-classification" else "value"
    train = read_records(job.data / "train.jsonl", ("id", "features", target))
    validation = read_records(job.data / "validation.jsonl", ("id", "features", target))
    test = read_records(job.data / "test.jsonl", ("id", "features"))
    labels = sorted({row["label"] for row in train}) if target == "label" else []
    columns = Columns.of(train, labels)
    number = {name: n for n, name in enumerate(labels)}

    def wanted(rows: Sequence[dict[str, Any]]) -> np.ndarray:
        if target == "label":
            return np.array([number.get(row["label"], -1) for row in rows])
        return np.array([row["value"] for row in rows], dtype=float)

    say(f"{len(train)} rows, {len(columns.numeric)} numeric columns, {len(columns.categories)} with categories")
    return Task(
        job, columns, columns.matrix(train), wanted(train), columns.matrix(validation), wanted(validation),
        columns.matrix(test), test,
    )  # fmt: skip


# --- the two kinds of trees --------------------------------------------------------------------------------------


class HistGB:
    """scikit-learn's histogram gradient boosting, grown in chunks so that the validation split can be looked at."""

    def __init__(self, task: Task, settings: Hyperparameters) -> None:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        kind = HistGradientBoostingClassifier if task.classes else HistGradientBoostingRegressor
        self.task, self.kept = task, None
        self.model = kind(
            max_iter=1, learning_rate=settings.learning_rate, max_leaf_nodes=settings.max_leaves,
            min_samples_leaf=settings.min_samples_leaf, l2_regularization=settings.l2, max_features=settings.column_share,
            categorical_features=task.columns.categorical, early_stopping=False, warm_start=True,
            random_state=task.job.spec.seed,
        )  # fmt: skip

    def grow(self, iterations: int) -> None:
        """Up to this many iterations in all."""
        self.model.set_params(max_iter=iterations)
        self.model.fit(self.task.inputs, self.task.wanted)

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        return self.model.predict_proba(inputs) if self.task.classes else self.model.predict(inputs)

    def keep(self) -> None:
        """What it is now is what will be predicted with and saved."""
        self.kept = copy.deepcopy(self.model)

    def restore(self) -> None:
        self.model = self.kept

    def save(self, folder: Path) -> None:
        from skops.io import dump

        dump(self.model, folder / "model.skops")


class LightGBM:
    """LightGBM, the same way."""

    def __init__(self, task: Task, settings: Hyperparameters) -> None:
        try:
            import lightgbm
        except ImportError as error:
            raise InputError("LightGBM is not installed: `pip install lightgbm`, or model=histgb") from error
        objective = {0: "regression", 2: "binary"}.get(task.classes, "multiclass")
        self.task, self.kept = task, 0
        self.params = {
            "objective": objective, "learning_rate": settings.learning_rate, "num_leaves": settings.max_leaves,
            "min_data_in_leaf": settings.min_samples_leaf, "lambda_l2": settings.l2,
            "feature_fraction": settings.column_share, "seed": task.job.spec.seed, "deterministic": True,
            "num_threads": task.job.spec.threads, "verbosity": -1, "force_row_wise": True,
        }  # fmt: skip
        if objective == "multiclass":
            self.params["num_class"] = task.classes
        data = lightgbm.Dataset(
            task.inputs, task.wanted, categorical_feature=task.columns.categorical, free_raw_data=False
        )
        self.model = lightgbm.Booster(self.params, data)

    def grow(self, iterations: int) -> None:
        while self.model.current_iteration() < iterations:
            self.model.update()

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        given = np.asarray(self.model.predict(inputs))
        return np.stack([1 - given, given], axis=1) if self.task.classes == 2 else given

    def keep(self) -> None:
        """What it is now is what will be predicted with and saved."""
        self.kept = self.model.current_iteration()

    def restore(self) -> None:
        while self.model.current_iteration() > self.kept:
            self.model.rollback_one_iter()

    def save(self, folder: Path) -> None:
        self.model.save_model(str(folder / "model.txt"))


Trees = HistGB | LightGBM
KINDS: dict[str, type[HistGB] | type[LightGBM]] = {"histgb": HistGB, "lightgbm": LightGBM}


# --- training ----------------------------------------------------------------------------------------------------


@dataclass
class Grown:
    """A model at its best validation. `out_of_time`: it might have become better."""

    trees: Trees
    iterations: int
    loss: float
    out_of_time: bool


def grow(task: Task, settings: Hyperparameters, first_step: int, *, curve: bool = True) -> Grown:
    """Add trees until the validation loss no longer falls, the iterations are used up, or the time is up."""
    job, done, best, best_at, early = task.job, 0, float("inf"), 0, False
    trees = KINDS[settings.model](task, settings)
    limit = settings.iterations
    while done < limit and not early:
        done = min(done + CHUNK, limit)
        trees.grow(done)
        job.progress.step = first_step + done
        given = trees.predict(task.validation)
        if curve:
            task.log(job.progress.step, given)
        loss = task.loss(given)
        if loss < best:
            best, best_at = loss, done
            trees.keep()
        early = job.out_of_time() and done < limit
        if done - best_at >= settings.patience:
            break
    trees.restore()
    return Grown(trees, best_at, best, early)


def suggested(settings: Hyperparameters, tried: list[dict[str, Any]], seed: int) -> Hyperparameters:
    """The next settings to try: Optuna's, from what was tried so far; random ones where it is not installed."""
    try:
        import optuna
    except ImportError:
        chooser = random.Random(seed * 1000 + len(tried))
        return replace(
            settings, learning_rate=10 ** chooser.uniform(-2, -0.5), max_leaves=round(2 ** chooser.uniform(2, 8)),
            min_samples_leaf=round(2 ** chooser.uniform(1, 7)), l2=10 ** chooser.uniform(-3, 1),
            column_share=chooser.uniform(0.3, 1.0),
        )  # fmt: skip
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    from optuna.distributions import FloatDistribution, IntDistribution

    space: dict[str, FloatDistribution | IntDistribution] = {
        "learning_rate": FloatDistribution(0.01, 0.3, log=True), "max_leaves": IntDistribution(4, 256, log=True),
        "min_samples_leaf": IntDistribution(2, 128, log=True), "l2": FloatDistribution(1e-3, 10, log=True),
        "column_share": FloatDistribution(0.3, 1.0),
    }  # fmt: skip
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed + len(tried), n_startup_trials=6))
    for trial in tried:
        if trial["loss"] is not None:
            params = {n: min(max(trial["params"][n], space[n].low), space[n].high) for n in space}
            study.add_trial(optuna.trial.create_trial(params=params, distributions=dict(space), value=trial["loss"]))
    return replace(settings, **study.ask(dict(space)).params)


@dataclass
class Tried:
    """The trials so far: all that a checkpoint has to hold."""

    trials: list[dict[str, Any]]
    cpu_before: float = 0.0
    """Processor time of killed predecessors."""

    @property
    def cpu_seconds(self) -> float:
        return self.cpu_before + time.process_time()

    def state_dict(self) -> dict[str, Any]:
        return {"trials": self.trials, "cpu_seconds": self.cpu_seconds}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.trials, self.cpu_before = state["trials"], state["cpu_seconds"]

    @property
    def best(self) -> dict[str, Any]:
        return min(self.trials, key=lambda trial: trial["loss"])


def search(task: Task, settings: Hyperparameters) -> Grown:
    """Train with the settings as they are, then with `trials` others; the best on the validation split are trained once
    more, on the validation rows too."""
    job, tried = task.job, Tried([])
    job.restore({"tried": tried})
    kept: Grown | None = None
    longest, begun, hurried = 0.0, tried.cpu_seconds, False
    first = len(tried.trials)
    for number in range(first, settings.trials + 1):
        usual = (tried.cpu_seconds - begun) / max(1, number - first)
        spent = 0 < settings.cpu_seconds < tried.cpu_seconds + 1.5 * usual  # one more, and the last training
        if tried.trials and (spent or job.seconds_used() + 2 * longest + job.reserve > job.spec.seconds):
            say(f"the {'processor ' if spent else ''}time is up after {number} of {settings.trials + 1} settings")
            break  # as many trials as fit: that is what a search with a time limit is
        made = settings if number == 0 else suggested(settings, tried.trials, job.spec.seed)
        with Timer() as timer:
            grown = grow(task, made, job.progress.step, curve=number == 0)
        longest = max(longest, timer.seconds)
        tried.trials.append({"params": asdict(made), "loss": grown.loss, "iterations": grown.iterations})
        job.log.log(job.progress.step, trial=number, trial_loss=grown.loss)
        if kept is None or grown.loss < kept.loss:
            kept = grown
        job.save({"tried": tried})
        hurried = grown.out_of_time
        if hurried:
            if number == 0:
                job.log.log(job.progress.step, stopped_early=job.progress.step)
            break
    best = tried.best
    again = settings.trials > 0 and not hurried  # nothing is left to choose: the validation rows are learnt from too
    if again or kept is None or kept.loss > best["loss"]:  # (or it was grown before the program was killed)
        trees = KINDS[settings.model](task.with_validation() if again else task, Hyperparameters(**best["params"]))
        trees.grow(best["iterations"])
        trees.keep()
        kept = Grown(trees, best["iterations"], best["loss"], out_of_time=False)
    say(f"best validation loss {kept.loss:.5g} at {kept.iterations} iterations, {len(tried.trials)} settings tried")
    return kept


# --- AutoGluon ---------------------------------------------------------------------------------------------------


class AutoGluon:
    """AutoGluon's own choice of models and ensembles, on the columns as they are. It gets the training and validation rows
    together and splits them itself. A job that was killed starts it from the beginning."""

    def __init__(self, job: Job, settings: Hyperparameters) -> None:
        os.environ["AG_CPU_COUNT"] = str(job.spec.threads)  # else it looks for limits in files that the sandbox closes
        try:
            from autogluon.tabular import TabularPredictor
        except ImportError as error:
            raise InputError(
                "AutoGluon is not installed: `pip install -r requirements-automl.txt`, or model=histgb"
            ) from error
        self.job, self.settings = job, settings
        self.target = "label" if job.spec.task == "tabular-classification" else "value"
        rows = [
            r
            for part in ("train", "validation")
            for r in read_records(job.data / f"{part}.jsonl", ("id", "features", self.target))
        ]
        self.rows = self._frame(rows)
        self.rows[self.target] = [row[self.target] for row in rows]
        self.test_rows = read_records(job.data / "test.jsonl", ("id", "features"))
        shutil.rmtree(job.folder / "autogluon", ignore_errors=True)
        kind, metric = "regression", "root_mean_squared_error"
        if self.target == "label":
            kind, metric = "binary" if self.rows[self.target].nunique() == 2 else "multiclass", "accuracy"
        self.predictor = TabularPredictor(
            self.target, problem_type=kind, eval_metric=metric, path=str(job.folder / "autogluon"), verbosity=1,
            learner_kwargs={"random_state": job.spec.seed},
        )  # fmt: skip
        say(f"{len(rows)} rows for AutoGluon, validation rows among them")

    @staticmethod
    def _frame(rows: Sequence[dict[str, Any]]) -> Any:
        import pandas

        return pandas.DataFrame([row["features"] for row in rows])

    def fit(self, **options: Any) -> None:
        threads = self.job.spec.threads
        self.predictor.fit(self.rows, num_cpus=threads, num_gpus=0, fit_strategy="sequential", **options)

    def predict(self, rows: Sequence[dict[str, Any]]) -> tuple[list[Any], Any]:
        """Predictions, and for classes the share of each."""
        frame = self._frame(rows)
        if self.target == "value":
            return [float(value) for value in self.predictor.predict(frame)], None
        shares = self.predictor.predict_proba(frame)
        names = [str(name) for name in shares.columns]
        found = [dict(zip(names, map(float, row), strict=True)) for row in shares.to_numpy()]
        return [max(row, key=row.__getitem__) for row in found], found

    def log(self) -> None:
        """What each model of its reached on its own validation rows (higher is better), in the order of their ends."""
        board = self.predictor.leaderboard(silent=True).sort_values("fit_order")
        for number, (name, score) in enumerate(zip(board["model"], board["score_val"], strict=True), 1):
            self.job.progress.step = number
            self.job.log.log(number, validation_score=float(score))
            say(f"{name}: {score:.5g} on AutoGluon's own validation rows")

    def write(self, folder: Path) -> None:
        self.predictor.save_space()
        shutil.copytree(self.predictor.path, folder, dirs_exist_ok=True)
        values = {"model": "autogluon", "task": self.job.spec.task, "best": self.predictor.model_best}
        (folder / "config.json").write_text(json.dumps(values), encoding="utf-8")


def automl(job: Job, settings: Hyperparameters) -> None:
    """The whole job with AutoGluon."""
    made = AutoGluon(job, settings)
    job.training_starts()
    if job.probing:
        with Timer() as growing:
            made.fit(hyperparameters={"GBM": {"num_boost_round": job.spec.probe_steps}})
        job.progress.step = job.spec.probe_steps
        with Timer() as timer:
            made.predict(made.test_rows)
        job.log_probe(
            settings.iterations * settings.max_leaves, timer.seconds / len(made.test_rows),
            growing.seconds / job.spec.probe_steps,
        )  # fmt: skip
        rows = made.test_rows[:PROBE_ROWS]
        job.write_predictions(rows, *made.predict(rows))
        return
    limit = AUTOGLUON_SHARE * (job.spec.seconds - job.seconds_used() - SAVING_SECONDS)
    require(
        limit >= AUTOGLUON_SECONDS,
        f"AutoGluon would have {limit:.0f} s, and needs {AUTOGLUON_SECONDS:.0f}: give it more time",
    )
    made.fit(time_limit=limit, presets=settings.preset, dynamic_stacking=False)
    made.log()
    predictions, shares = made.predict(made.test_rows)
    job.write_model(made.write)
    shutil.rmtree(job.folder / "autogluon", ignore_errors=True)
    job.write_predictions(made.test_rows, predictions, shares)
    say(f"{len(predictions)} predictions after {job.seconds_used():.0f} s")


def train(job: Job) -> None:
    """The whole job. Writes model/, then predictions.jsonl."""
    settings = settings_from(Hyperparameters, job.spec.hyperparameters)
    settings.check()
    if settings.model == "autogluon":
        return automl(job, settings)
    task = load(job)
    job.reserve = SAVING_SECONDS
    if job.probing:
        return probe(task, settings)
    job.training_starts()
    grown = search(task, settings)
    columns = task.columns

    def write(folder: Path) -> None:
        grown.trees.save(folder)
        (folder / "columns.json").write_text(json.dumps(asdict(columns), ensure_ascii=False), encoding="utf-8")
        values = {"model": settings.model, "task": job.spec.task, "iterations": grown.iterations}
        (folder / "config.json").write_text(json.dumps(values), encoding="utf-8")

    job.write_model(write)
    write_predictions(job, task.test_rows, grown.trees.predict(task.test), columns.labels)
    say(f"{len(task.test_rows)} predictions after {job.seconds_used():.0f} s")
    return None


def probe(task: Task, settings: Hyperparameters) -> None:
    """Time a few iterations, without what only the first one does. `parameters` are the leaves that there may be."""
    job = task.job
    trees = KINDS[settings.model](task, settings)
    trees.grow(1)
    job.training_starts()
    with Timer() as growing:
        trees.grow(1 + job.spec.probe_steps)
    job.progress.step = job.spec.probe_steps
    with Timer() as timer:
        given = trees.predict(task.test)
    job.log_probe(
        settings.iterations * max(1, task.classes if task.classes > 2 else 1) * settings.max_leaves,
        timer.seconds / len(task.test_rows),
        growing.seconds / job.spec.probe_steps,
    )
    write_predictions(job, task.test_rows[:PROBE_ROWS], given[:PROBE_ROWS], task.columns.labels)


def write_predictions(job: Job, rows: list[dict[str, Any]], given: np.ndarray, labels: list[str]) -> None:
    """Classes with their probabilities, or numbers as text."""
    if not labels:
        job.write_predictions(rows, [float(value) for value in given])
        return
    predictions = [labels[number] for number in given.argmax(axis=1)]
    job.write_predictions(rows, predictions, (dict(zip(labels, map(float, row), strict=True)) for row in given))


def predict(folder: Path, texts: list[str]) -> list[str]:
    """Predict rows, each a JSON object, with a finished `model/`."""
    if json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model") == "autogluon":
        import pandas
        from autogluon.tabular import TabularPredictor

        predictor = TabularPredictor.load(str(folder))
        return [str(value) for value in predictor.predict(pandas.DataFrame([json.loads(text) for text in texts]))]
    columns = Columns(**json.loads((folder / "columns.json").read_text(encoding="utf-8")))
    inputs = columns.matrix([{"features": json.loads(text)} for text in texts])
    if (folder / "model.txt").is_file():
        import lightgbm

        given = np.asarray(lightgbm.Booster(model_file=str(folder / "model.txt")).predict(inputs))
        if len(columns.labels) == 2:
            given = np.stack([1 - given, given], axis=1)
    else:
        from skops.io import get_untrusted_types, load

        trusted = [
            t
            for t in get_untrusted_types(file=folder / "model.skops")
            if t in SAFE or t.startswith(("sklearn.", "numpy."))
        ]
        model = load(folder / "model.skops", trusted=trusted)
        given = model.predict_proba(inputs) if columns.labels else model.predict(inputs)
    return [columns.labels[n] for n in given.argmax(axis=1)] if columns.labels else [repr(float(v)) for v in given]


if __name__ == "__main__":
    run_program(train, predict, "Train boosted trees on a table, or predict rows with them.")
