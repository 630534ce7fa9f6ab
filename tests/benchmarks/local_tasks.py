"""Small tasks with answers that a machine can check, for tests.benchmarks.local_llm."""

from __future__ import annotations

import csv
import json
import math
import random
import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import SHARED


@dataclass(frozen=True)
class Ended:
    """What a run left: its answer, its work folder, and the folder that the task was prepared in."""

    answer: str
    work: Path
    place: Path


@dataclass(frozen=True)
class Task:
    """`needed`: steps that a sensible solution takes, the answer included."""

    name: str
    text: str
    check: Callable[[Ended], bool]
    needed: int = 2
    prepare: Callable[[Path], Path] | None = None
    """Makes the person's data in a folder; returns the file or folder to give."""
    paper: Callable[[], Path] | None = None
    named: bool = False
    """The data are not handed over: the text names them, by {given}."""


def numbers(text: str) -> list[float]:
    """All numbers of a text; 12,345 is one."""
    found = re.findall(r"-?\d+(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?(?:[eE]-?\d+)?", text)
    return [float(n.replace(",", "")) for n in found]


def says(text: str, value: float, within: float = 0.005) -> bool:
    """Whether a text names this number (relative tolerance), as it is or as a percentage."""
    return any(math.isclose(n, v, rel_tol=within, abs_tol=1e-9) for n in numbers(text) for v in (value, value * 100))


def write_csv(file: Path, rows: Sequence[Sequence[object]]) -> Path:
    with file.open("w", newline="") as out:
        csv.writer(out).writerows(rows)
    return file


def chooser_rows(seed: int, count: int, row: Callable[[random.Random, int], list[object]]) -> list[list[object]]:
    """Rows drawn with a fixed seed."""
    chooser = random.Random(seed)
    return [row(chooser, n) for n in range(count)]


# -- the first eight ---------------------------------------------------------------------------------------


def sales(place: Path) -> Path:
    chooser = random.Random(1)
    rows = [[n, chooser.choice(["north", "south", "west"]), round(chooser.uniform(5, 90), 2)] for n in range(240)]
    return write_csv(place / "sales.csv", [["order", "region", "amount"], *rows])


def amounts(place: Path, region: str = "") -> list[float]:
    with (place / "sales.csv").open() as file:
        return [float(r["amount"]) for r in csv.DictReader(file) if region in ("", r["region"])]


def flawed(place: Path) -> Path:
    """A table with four faults: missing ages, a row twice, one class in two spellings, an impossible age."""
    chooser = random.Random(2)
    rows = [[n, chooser.randrange(20, 70), chooser.choice(["yes", "no"])] for n in range(60)]
    for n in (5, 17, 33):
        rows[n][1] = ""
    rows[40][1] = 4100
    rows[11][2] = "Yes"
    rows.append(rows[20])
    return write_csv(place / "people.csv", [["id", "age", "smoker"], *rows])


def notices_flaws(end: Ended) -> bool:
    """At least three of the four faults."""
    answer = end.answer.lower()
    faults = (
        "missing" in answer or "null" in answer or "nan" in answer or "empty" in answer,
        "duplicate" in answer or "repeat" in answer or "twice" in answer,
        any(word in answer for word in ("spelling", "variant", "inconsisten")) or "Yes" in end.answer,
        "4100" in answer or "outlier" in answer or "far from" in answer,
    )  # fmt: skip
    return sum(faults) >= 3


def labelled(place: Path) -> Path:
    chooser = random.Random(3)
    rows = [
        [f"sentence number {n}", chooser.choices(["sport", "world", "tech", "money"], [4, 3, 2, 1])[0]]
        for n in range(731)
    ]
    return write_csv(place / "news.csv", [["text", "label"], *rows])


def label_counts(end: Ended) -> bool:
    with (end.place / "news.csv").open() as file:
        labels = [r["label"] for r in csv.DictReader(file)]
    pairs = [(label, labels.count(label)) for label in set(labels)]
    return says(end.answer, 731, 0) and all(
        re.search(rf"{label}\D{{0,25}}{count}\b|\b{count}\D{{0,25}}{label}", end.answer) for label, count in pairs
    )


def broken_script(place: Path) -> Path:
    folder = place / "given"
    folder.mkdir()
    (folder / "mean.py").write_text(
        "def mean(values):\n    total = 0\n    for value in values:\n        total = total + value\n"
        "    return total / count\n\n\n"
        "print('mean:', mean([3, 5, 10]))\n"
    )
    return folder


def script_is_fixed(end: Ended) -> bool:
    done = subprocess.run([sys.executable, end.work / "mean.py"], capture_output=True, text=True, timeout=20)
    return done.returncode == 0 and done.stdout.split() == ["mean:", "6.0"]


def config_is_written(end: Ended) -> bool:
    try:
        found = json.loads((end.work / "config.json").read_text())
    except (OSError, ValueError):
        return False
    return found == {"learning_rate": 0.001, "epochs": 5, "optimizer": "adam"}


FIRST = [
    Task("tool-arithmetic", "How many data rows does sales.csv have (ask the inspect_dataset tool), and what is that number "
         "divided by 16?", lambda e: says(e.answer, 15, 0), prepare=sales),
    Task("digits", "Train a LogisticRegression classifier on scikit-learn's digits data set, with a quarter of it held out for "
         "testing (random_state=0), and report the test accuracy that you measured.",
         lambda e: any(0.94 <= n <= 0.985 or 94 <= n <= 98.5 for n in numbers(e.answer))),
    Task("what-is-wrong", "Look at people.csv and tell me what is wrong with the data.", notices_flaws, prepare=flawed),
    Task("paper-rate", "Which learning rate does this paper use for fine-tuning or training with Adam? Cite the page.",
         lambda e: bool(re.search(r"\bp(?:age|\.)?\s*\d+", e.answer, re.IGNORECASE)) and "0.001" in e.answer, needed=3,
         paper=lambda: SHARED / "papers" / "1412.6980.pdf"),
    Task("rows-classes", "How many rows does news.csv have, and how many rows has each label?", label_counts, prepare=labelled),
    Task("fix-script", "mean.py fails when it is run. Find the mistake, fix the file, run it, and tell me what it prints.",
         script_is_fixed, needed=3, prepare=broken_script),
    Task("write-file", "Write a file config.json with learning_rate 0.001, epochs 5 and optimizer \"adam\", as JSON.",
         config_is_written),
    Task("statistics", "For the region 'north' in sales.csv, compute the mean and the median of the amount, and count the "
         "orders.",
         lambda e: all(says(e.answer, v) for v in (statistics.fmean(amounts(e.place, "north")),
         statistics.median(amounts(e.place, "north")), len(amounts(e.place, "north")))), prepare=sales),
]  # fmt: skip

# -- eight more, written after the tuning and not tuned on -------------------------------------------------


def orders(place: Path) -> Path:
    chooser = random.Random(4)
    fruit = ["apples", "pears", "plums"]
    listed = [{"id": n, "item": chooser.choice(fruit), "quantity": chooser.randrange(1, 30)} for n in range(90)]
    (place / "orders.json").write_text(json.dumps(listed, indent=1))
    return place / "orders.json"


def apples(end: Ended) -> bool:
    listed = json.loads((end.place / "orders.json").read_text())
    return says(end.answer, sum(o["quantity"] for o in listed if o["item"] == "apples"), 0)


def weather(place: Path) -> Path:
    chooser = random.Random(5)
    rows = []
    for _ in range(150):
        sun, wind, rain = chooser.uniform(0, 12), chooser.uniform(0, 40), chooser.uniform(0, 20)
        rows.append([round(x, 2) for x in (sun, wind, rain, 20 + 9 * sun - wind * 0.3 + chooser.gauss(0, 12))])
    return write_csv(place / "weather.csv", [["sun_hours", "wind", "rain", "ice_cream_sales"], *rows])


def sun_wins(end: Ended) -> bool:
    with (end.place / "weather.csv").open() as file:
        rows = list(csv.DictReader(file))
    value = statistics.correlation([float(r["sun_hours"]) for r in rows], [float(r["ice_cream_sales"]) for r in rows])
    return "sun" in end.answer.lower() and says(end.answer, value, 0.01)


def essay(place: Path) -> Path:
    chooser = random.Random(6)
    words = chooser.choices(["river", "stone", "light", "bridge", "morning"], [9, 4, 3, 2, 2], k=400)
    (place / "essay.txt").write_text("\n".join(" ".join(words[n : n + 12]) for n in range(0, 400, 12)) + "\n")
    return place / "essay.txt"


def top_word(end: Ended) -> bool:
    count = (end.place / "essay.txt").read_text().split().count("river")
    return "river" in end.answer.lower() and says(end.answer, count, 0)


def shop(place: Path) -> Path:
    chooser = random.Random(7)
    folder = place / "given"
    folder.mkdir()
    names = ["Ada", "Ben", "Cleo", "Dan", "Eva"]
    write_csv(folder / "customers.csv", [["customer_id", "name"], *([n, name] for n, name in enumerate(names, 1))])
    bought = [[n, chooser.randrange(1, 6), chooser.randrange(5, 200)] for n in range(120)]
    write_csv(folder / "purchases.csv", [["purchase_id", "customer_id", "price"], *bought])
    return folder


def best_customer(end: Ended) -> bool:
    folder = end.place / "given"
    with (folder / "customers.csv").open() as file:
        names = {r["customer_id"]: r["name"] for r in csv.DictReader(file)}
    spent: dict[str, int] = {}
    with (folder / "purchases.csv").open() as file:
        for row in csv.DictReader(file):
            spent[names[row["customer_id"]]] = spent.get(names[row["customer_id"]], 0) + int(row["price"])
    best = max(spent, key=lambda name: spent[name])
    return best in end.answer and says(end.answer, spent[best], 0)


def fibonacci_runs(end: Ended) -> bool:
    try:
        done = subprocess.run([sys.executable, end.work / "fib.py"], capture_output=True, text=True, timeout=20)
    except OSError:
        return False
    return done.returncode == 0 and numbers(done.stdout)[-3:] == [13, 21, 34]


def ages(place: Path) -> Path:
    chooser = random.Random(8)
    rows = [[n, chooser.randrange(18, 80) if n % 9 else ""] for n in range(100)]
    return write_csv(place / "members.csv", [["id", "age"], *rows])


def is_filled(end: Ended) -> bool:
    try:
        with (end.work / "cleaned.csv").open() as file:
            rows = list(csv.DictReader(file))
    except OSError:
        return False
    with (end.place / "members.csv").open() as file:
        known = [float(r["age"]) for r in csv.DictReader(file) if r["age"]]
    filled = [float(r["age"] or "nan") for n, r in enumerate(rows) if n % 9 == 0]
    return len(rows) == 100 and all(v == statistics.median(known) for v in filled) and says(end.answer, len(filled), 0)


UNSEEN = [
    Task("json-sum", "orders.json lists orders. What is the total quantity of apples that was ordered?", apples, prepare=orders),
    Task("correlation", "Which column of weather.csv has the strongest correlation with ice_cream_sales, and how large is it?",
         sun_wins, prepare=weather),
    Task("cross-validate", "Evaluate a RandomForestClassifier (random_state=0) on scikit-learn's wine data set with 5-fold "
         "cross-validation and report the mean accuracy.", lambda e: says(e.answer, 0.983, 0.01)),
    Task("paper-dropout", "What dropout rate does the base model in this paper use? Cite the page.",
         lambda e: "0.1" in e.answer and bool(re.search(r"\bp(?:age|\.)?\s*\d+", e.answer, re.IGNORECASE)), needed=3,
         paper=lambda: SHARED / "papers" / "1706.03762.pdf"),
    Task("frequent-word", "Which word is the most frequent in essay.txt, and how often does it occur?", top_word, prepare=essay),
    Task("join-tables", "Which customer (by name) has spent the most in total, and how much? Use customers.csv and "
         "purchases.csv.",
         best_customer, prepare=shop),
    Task("write-script", "Write a script fib.py that prints the first 10 Fibonacci numbers, starting with 0 and 1. Run it and "
         "tell me what it prints.", fibonacci_runs, needed=3),
    Task("fill-missing", "In members.csv fill the missing values of age with the median age, save the result as cleaned.csv, "
         "and tell me how many values you filled.", is_filled, prepare=ages),
]  # fmt: skip
