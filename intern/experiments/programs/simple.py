# /// script
# requires-python = ">=3.11"
# dependencies = ["scikit-learn>=1.6,<2", "numpy>=1.26,<3"]
# ///
"""The learned baseline: what plain scikit-learn gets in seconds, with defaults, on the rows that every program gets.

Texts: counts of words and pairs, weighted, into logistic regression. Images: pixels into logistic regression. Tables:
gradient boosting on the columns as they are. It keeps the contract of training programs but for a model to publish.
"""

from __future__ import annotations

import base64
import json
import math
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

TEXT_FEATURES = 50_000
MOST_CATEGORIES = 255
MOST_ROWS = 20_000
"""Logistic regression on more rows would take longer than a baseline may."""


def read(name: str) -> list[dict[str, Any]]:
    lines = (Path("data") / f"{name}.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line.strip()]


def texts(train: list[dict[str, Any]], tests: list[dict[str, Any]]) -> tuple[Any, Any, Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    words = TfidfVectorizer(ngram_range=(1, 2), max_features=TEXT_FEATURES, sublinear_tf=True, token_pattern=r"\S+")
    left = words.fit_transform([r["text"] for r in train])
    return left, words.transform([r["text"] for r in tests]), LogisticRegression(C=10, max_iter=200)


def images(train: list[dict[str, Any]], tests: list[dict[str, Any]]) -> tuple[Any, Any, Any]:
    from sklearn.linear_model import LogisticRegression

    def pixels(rows: list[dict[str, Any]]) -> np.ndarray:
        return np.array([np.frombuffer(base64.b64decode(r["pixels"]), dtype=np.uint8) for r in rows]) / 255.0

    return pixels(train), pixels(tests), LogisticRegression(max_iter=60)


def tables(train: list[dict[str, Any]], tests: list[dict[str, Any]], regression: bool) -> tuple[Any, Any, Any]:
    """Numbers as they are; other columns as the rank of their value among the commonest of the training part."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    left: list[np.ndarray] = []
    right: list[np.ndarray] = []
    categories: list[bool] = []
    for name in train[0]["features"]:
        given = [[row["features"].get(name) for row in rows] for rows in (train, tests)]
        number = all(v is None or isinstance(v, int | float) for values in given for v in values)
        common = [] if number else [v for v, _ in Counter(map(str, given[0])).most_common(MOST_CATEGORIES - 1)]
        place = {value: float(n) for n, value in enumerate(common)}
        for values, columns in zip(given, (left, right), strict=True):
            shown = [math.nan if v is None else float(v) if number else place.get(str(v), math.nan) for v in values]
            columns.append(np.array(shown, dtype=np.float64))
        categories.append(not number)
    kind = HistGradientBoostingRegressor if regression else HistGradientBoostingClassifier
    return np.stack(left, axis=1), np.stack(right, axis=1), kind(categorical_features=categories, random_state=1)


def main() -> None:
    started = time.monotonic()
    spec = json.loads(Path("spec.json").read_text(encoding="utf-8"))
    train, tests = read("train"), read("test")
    regression = spec["task"] == "tabular-regression"
    if not regression and len(train) > MOST_ROWS:
        train = [train[n] for n in sorted(np.random.default_rng(spec["seed"]).permutation(len(train))[:MOST_ROWS])]
    if "text" in train[0]:
        left, right, model = texts(train, tests)
    elif "pixels" in train[0]:
        left, right, model = images(train, tests)
    else:
        left, right, model = tables(train, tests, regression)
    rows: list[dict[str, Any]]
    if regression:
        model.fit(left, [float(row["value"]) for row in train])
        rows = [{"prediction": float(value)} for value in model.predict(right)]
    else:
        model.fit(left, [str(row["label"]) for row in train])
        names = [str(name) for name in model.classes_]
        shares = [{n: round(float(v), 6) for n, v in zip(names, p, strict=True)} for p in model.predict_proba(right)]
        rows = [{"prediction": max(p, key=p.__getitem__), "probabilities": p} for p in shares]
    with Path("metrics.jsonl").open("w", encoding="utf-8") as file:
        row = {"step": 0, "name": "seconds", "value": time.monotonic() - started, "time": time.time()}
        file.write(json.dumps(row) + "\n")
    lines = [json.dumps({"id": test["id"]} | row) for test, row in zip(tests, rows, strict=True)]
    Path("predictions.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
