"""Sixteen more small tasks for tests.benchmarks.local_llm, written before any was run. FINAL4 is for one last look."""

from __future__ import annotations

import csv
import json
import re
import statistics
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np

from tests.benchmarks.local_fresh import cites
from tests.benchmarks.local_tasks import Ended, Task, chooser_rows, numbers, says, write_csv
from tests.conftest import SHARED


def table(file: Path) -> list[dict[str, str]]:
    with file.open() as opened:
        return list(csv.DictReader(opened))


def is_picture(file: Path) -> bool:
    """A picture that shows something."""
    from PIL import Image

    if not file.is_file():
        return False
    with Image.open(file) as picture:
        return min(picture.size) >= 100 and float(np.asarray(picture.convert("L")).std()) > 5


# -- new4 --------------------------------------------------------------------------------------------------


def visits(place: Path) -> Path:
    """18 rows stand in it twice."""
    rows = chooser_rows(41, 250, lambda c, n: [n, c.choice(["web", "phone", "shop"]), c.randrange(1, 90)])
    return write_csv(place / "visits.csv", [["visit", "channel", "minutes"], *rows, *(rows[n * 7] for n in range(18))])


def parking(place: Path) -> Path:
    """Five faults: a column that is always the same, gaps, rows twice, a negative fee, spellings of one class."""
    rows = chooser_rows(42, 140, lambda c, n: [
        n, c.choice(["car", "van", "bike"]), c.randrange(5, 300), round(c.uniform(1, 18), 2), "Harbour"
    ])  # fmt: skip
    for row in rows[4::30]:
        row[2] = ""
    rows[77][3] = -6.5
    rows[20][1], rows[21][1] = "CAR", "Van"
    return write_csv(place / "parking.csv", [["ticket", "vehicle", "minutes", "fee", "lot"], *rows, rows[50], rows[51]])


def parking_faults(end: Ended) -> bool:
    """At least three of the five."""
    answer = end.answer.lower()
    return sum((
        any(w in answer for w in ("constant", "single value", "one value", "same value", "always")),
        any(w in answer for w in ("missing", "empty", "null", "nan")),
        any(w in answer for w in ("duplicate", "twice", "repeat")),
        any(w in answer for w in ("-6.5", "negative", "outlier", "far from")),
        any(w in answer for w in ("spelling", "variant", "inconsisten", "upper", "capital")) or "CAR" in end.answer,
    )) >= 3  # fmt: skip


def temperatures(place: Path) -> Path:
    rows = chooser_rows(43, 120, lambda c, n: [f"day{n}", round(c.gauss(14, 6), 1), c.randrange(0, 30)])
    return write_csv(place / "temperatures.csv", [["day", "celsius", "rain_mm"], *rows])


def is_summarised(end: Ended) -> bool:
    try:
        found = json.loads((end.work / "summary.json").read_text())
    except (OSError, ValueError):
        return False
    values = [float(r["celsius"]) for r in table(end.place / "temperatures.csv")]
    wanted = {"mean": statistics.fmean(values), "min": min(values), "max": max(values)}
    return set(found) == set(wanted) and all(abs(float(found[k]) - v) < 0.01 for k, v in wanted.items())


def tree_on_wine(end: Ended) -> bool:
    from sklearn.datasets import load_wine
    from sklearn.model_selection import train_test_split
    from sklearn.tree import DecisionTreeClassifier

    x, y = load_wine(return_X_y=True)
    for classes in (None, y):
        x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.3, random_state=1, stratify=classes)
        for seed in range(60):  # the task names none
            fitted = DecisionTreeClassifier(random_state=seed).fit(x_train, y_train)
            if says(end.answer, fitted.score(x_test, y_test), 0.003):
                return True
    return False


def regressors(end: Ended) -> bool:
    """Both mean errors of the split, and the better model is called so."""
    from sklearn.datasets import load_diabetes
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.linear_model import LinearRegression
    from sklearn.metrics import mean_absolute_error
    from sklearn.model_selection import train_test_split

    x, y = load_diabetes(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=3)
    models = {"LinearRegression": LinearRegression(), "RandomForestRegressor": RandomForestRegressor(random_state=0)}
    errors = {n: float(mean_absolute_error(y_test, m.fit(x_train, y_train).predict(x_test))) for n, m in models.items()}
    best = min(errors, key=lambda name: errors[name]).removesuffix("Regressor")[:6]
    other = max(errors, key=lambda name: errors[name]).removesuffix("Regressor")[:6]
    words = r"(?:better|best|lower|lowest|small\w+|outperform\w*|wins)"
    named = re.search(rf"{best}[^\n]*\b{words}|\b{words}[^\n]*{best}", end.answer, re.IGNORECASE)
    wrong = re.search(rf"{other}\w*\W+(?:\w+\W+){{0,4}}{words}\b", end.answer, re.IGNORECASE)
    return all(says(end.answer, e, 0.003) for e in errors.values()) and bool(named) and not wrong


SNIPPET = """This snippet fails:

prices = {"tea": "3.50", "milk": "1.20", "bread": "2.80"}
total = 0
for name in prices:
    total += prices[name]
print(round(total, 2))

Why? Correct it and tell me what the corrected one prints."""

NEW4 = [
    Task("tool-twice", "Ask the inspect_dataset tool how many duplicate rows visits.csv has. How many rows remain without "
         "them?", lambda e: 18 in numbers(e.answer) and 250 in numbers(e.answer), prepare=visits),
    Task("tree-wine", "Fit a decision tree on the wine data of scikit-learn. Use 30% as test data with random_state=1 and tell "
         "me the test accuracy.", tree_on_wine),
    Task("parking", "I got parking.csv from a colleague. Check it for errors and list what you find.", parking_faults,
         prepare=parking),
    Task("paper-decay", "Which weight decay and which momentum were used to train the networks of this paper on ImageNet? "
         "Give the page number.",
         lambda e: 0.9 in numbers(e.answer) and any(abs(n - 1e-4) < 1e-9 for n in numbers(e.answer)) and cites(e.answer, 4),
         needed=3, paper=lambda: SHARED / "papers" / "1512.03385.pdf"),
    Task("write-summary", "Save the mean, the minimum and the maximum of the column celsius of temperatures.csv as summary.json "
         "with the keys mean, min and max.", is_summarised, prepare=temperatures),
    Task("two-regressors", "Compare LinearRegression and RandomForestRegressor(random_state=0) on scikit-learn's diabetes data "
         "(test_size=0.2, random_state=3) by mean absolute error on the test set. Which one is better?", regressors),
    Task("docs-neighbours", "What does the documentation say is the default metric of scikit-learn's KNeighborsClassifier, and "
         "how many neighbours does it use by default?",
         lambda e: "minkowski" in e.answer.lower() and (5 in numbers(e.answer) or "five" in e.answer.lower())),
    Task("fix-snippet", SNIPPET,
         lambda e: 7.5 in numbers(e.answer) and any(w in e.answer.lower() for w in ("str", "float", "number", "text"))),
]  # fmt: skip

# -- final4: not run before the last look --------------------------------------------------------------------


def server_log(place: Path) -> Path:
    lines = chooser_rows(51, 300, lambda c, n: [
        f"2026-03-0{c.randrange(1, 8)} {c.randrange(0, 24):02}:{c.randrange(0, 60):02}:00 "
        f"{c.choices(['INFO', 'WARNING', 'ERROR'], [7, 2, 1])[0]} {c.choice(['disk', 'net', 'login', 'cache'])} event {n}"
    ])  # fmt: skip
    (place / "server.log").write_text("\n".join(str(line[0]) for line in lines) + "\n")
    return place / "server.log"


def errors_counted(end: Ended) -> bool:
    lines = [line.split() for line in (end.place / "server.log").read_text().splitlines()]
    errors = Counter(line[3] for line in lines if line[2] == "ERROR")
    part, count = errors.most_common(1)[0]
    return says(end.answer, errors.total(), 0) and part in end.answer.lower() and says(end.answer, count, 0)


def losses(place: Path) -> Path:
    rows = chooser_rows(52, 60, lambda c, n: [n, round(2.3 / (1 + n / 6) + c.uniform(0, 0.1), 4)])
    return write_csv(place / "losses.csv", [["epoch", "loss"], *rows])


def lowest_drawn(end: Ended) -> bool:
    rows = table(end.place / "losses.csv")
    best = min(rows, key=lambda row: float(row["loss"]))
    return is_picture(end.work / "curve.png") and says(end.answer, float(best["epoch"]), 0)


def churn(place: Path) -> Path:
    rows = chooser_rows(
        53, 500, lambda c, n: [c.randrange(1, 72), round(c.uniform(10, 120), 2), c.randrange(0, 8), c.random()]
    )
    for row in rows:
        leaves = float(str(row[1])) > 70 and int(str(row[0])) < 40
        row[3] = int(leaves != (float(str(row[3])) < 0.04))
    return write_csv(place / "churn.csv", [["months", "fee", "calls", "left"], *rows])


def forest_f1(end: Ended) -> bool:
    """Noise lets no model reach 1; a useless one stays below 0.6."""
    answer = end.answer.lower()
    found = [n for n in numbers(answer) if 0.6 <= n < 1 or 60 <= n < 100]
    return bool(found) and "accura" in answer and "f1" in answer  # they may be the same number


def boxes(place: Path) -> Path:
    rows = chooser_rows(
        54, 200, lambda c, n: [c.choice(["red", "blue", "green"]), c.randrange(1, 50), c.choice(["A", "B"])]
    )
    return write_csv(place / "boxes.csv", [["colour", "weight", "site"], *rows])


def totals_saved(end: Ended) -> bool:
    wanted: Counter[str] = Counter()
    for row in table(end.place / "boxes.csv"):
        wanted[row["colour"]] += int(row["weight"])
    try:
        found = table(end.work / "totals.csv")
    except OSError:
        return False
    told = {cells[0]: float(cells[-1]) for cells in (list(r.values()) for r in found) if len(cells) >= 2}
    return told == dict(wanted)


def unsorted_script(place: Path) -> Path:
    folder = place / "given"
    folder.mkdir()
    (folder / "median.py").write_text(
        "def median(values):\n    middle = len(values) / 2\n    ordered = sorted(values)\n"
        "    if len(values) % 2 == 1:\n        return ordered[middle]\n"
        "    return (ordered[middle - 1] + ordered[middle]) / 2\n\n\n"
        "print(median([9, 1, 5]))\nprint(median([4, 1, 3, 2]))\n"
    )
    return folder


def median_is_fixed(end: Ended) -> bool:
    done = subprocess.run([sys.executable, end.work / "median.py"], capture_output=True, text=True, timeout=20)
    return done.returncode == 0 and [float(w) for w in done.stdout.split()] == [5.0, 2.5]


def components(end: Ended) -> bool:
    from sklearn.datasets import load_breast_cancer
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    x = StandardScaler().fit_transform(load_breast_cancer().data)
    return says(end.answer, int((np.cumsum(PCA().fit(x).explained_variance_ratio_) < 0.95).sum()) + 1, 0)


FINAL4 = [
    Task("log-errors", "server.log: how many ERROR lines are there, and which part of the system (the word after "
         "ERROR, like disk or net) has the most of them, with how many?", errors_counted, prepare=server_log),
    Task("loss-curve", "Plot the loss over the epochs of losses.csv into curve.png. In which epoch is the loss lowest?",
         lowest_drawn, prepare=losses),
    Task("churn", "Train a RandomForestClassifier on churn.csv to predict left, with 25% of the rows held out (random_state=0). "
         "Report accuracy and F1 on the held-out rows.", forest_f1, prepare=churn),
    Task("paper-size", "How many parameters has BERT-large according to this paper, and how many layers? Cite the page.",
         lambda e: 340 in numbers(e.answer) and 24 in numbers(e.answer) and cites(e.answer, 3), needed=3,
         paper=lambda: SHARED / "papers" / "1810.04805.pdf"),
    Task("totals", "Sum the weight of boxes.csv for each colour and save the result as totals.csv with the columns colour and "
         "weight.", totals_saved, prepare=boxes),
    Task("fix-median", "Running median.py ends with an error. Repair the file, run it and report its output.", median_is_fixed,
         needed=3, prepare=unsorted_script),
    Task("components", "How many principal components of scikit-learn's breast cancer data, standardised with StandardScaler, "
         "are needed to explain at least 95% of the variance?", components),
    Task("docs-linspace", "Look up in numpy's documentation how many samples numpy.linspace makes when num is not given, and "
         "whether the end point is included.",
         lambda e: 50 in numbers(e.answer) and bool(re.search(r"includ|True|endpoint", e.answer))
         and "not included" not in e.answer),
]  # fmt: skip
