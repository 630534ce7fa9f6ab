"""Eight more small tasks for tests.benchmarks.local_llm, written before anything was tuned for them."""

from __future__ import annotations

import csv
import re
import statistics
from pathlib import Path

import numpy as np

from tests.benchmarks.local_tasks import Ended, Task, chooser_rows, numbers, says, write_csv
from tests.conftest import SHARED


def cites(answer: str, page: int) -> bool:
    """Whether an answer names this page."""
    return re.search(rf"\bp(?:age|g|\.)?s?[\s.:*]*\(?{page}\b", answer, re.IGNORECASE) is not None


def stock(place: Path) -> Path:
    rows = chooser_rows(21, 320, lambda c, n: [n, c.choice(["tea", "rice", "oil"]), round(c.uniform(1, 40), 2)])
    for row in rows[::10]:
        row[2] = ""
    return write_csv(place / "stock.csv", [["id", "item", "price"], *rows])


def staff(place: Path) -> Path:
    rows = chooser_rows(22, 180, lambda c, n: [
        f"E{n:03}", c.choice(["Research", "Sales", "Support"]), c.randrange(28_000, 90_000, 500), c.randrange(21, 66)
    ])  # fmt: skip
    return write_csv(place / "staff.csv", [["employee", "department", "salary", "age"], *rows])


def well_paid(end: Ended) -> bool:
    with (end.place / "staff.csv").open() as file:
        ages = [
            int(r["age"]) for r in csv.DictReader(file) if r["department"] == "Research" and int(r["salary"]) > 50_000
        ]
    return says(end.answer, len(ages), 0) and says(end.answer, statistics.fmean(ages), 0.002)


def plants(place: Path) -> Path:
    """Three faults: a negative height, a height of another unit, rows twice; and gaps in one column."""
    rows = chooser_rows(
        23, 90, lambda c, n: [n, c.choice(["fern", "moss", "ivy"]), round(c.uniform(5, 60), 1), c.randrange(1, 8)]
    )
    rows[12][2], rows[55][2] = -14.5, 2310.0
    for row in rows[3::20]:
        row[3] = ""
    rows += [list(rows[30]), list(rows[31])]
    return write_csv(place / "plants.csv", [["plant_id", "species", "height_cm", "leaves"], *rows])


def plant_faults(end: Ended) -> bool:
    """At least three of the four."""
    answer = end.answer.lower()
    return sum((
        "-14.5" in answer or "negative" in answer,
        "2310" in answer or "outlier" in answer or "far from" in answer,
        "duplicate" in answer or "twice" in answer,
        "missing" in answer or "empty" in answer or "nan" in answer,
    )) >= 3  # fmt: skip


def measured_neighbours(end: Ended) -> bool:
    """With the data as they are or scaled, the classes evenly split or not: one of the values that come out."""
    from sklearn.datasets import load_breast_cancer
    from sklearn.model_selection import train_test_split
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = load_breast_cancer(return_X_y=True)
    for classes in (None, y):
        x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.3, random_state=42, stratify=classes)
        for model in (KNeighborsClassifier(5), make_pipeline(StandardScaler(), KNeighborsClassifier(5))):
            if says(end.answer, model.fit(x_train, y_train).score(x_test, y_test), 0.003):
                return True
    return False


def two_models(end: Ended) -> bool:
    """Both accuracies of the split that was asked for, and the better one is named as the better one."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    from sklearn.naive_bayes import GaussianNB
    from sklearn.svm import SVC

    x, y = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.25, random_state=7)
    scores = [model.fit(x_train, y_train).score(x_test, y_test) for model in (GaussianNB(), SVC())]
    answer = end.answer.replace("**", "")
    named = re.search(
        r"\b(?:SVC|SVM)[^\n]*\b(?:better|higher|best|outperform)|\b(?:better|best|higher)[^\n]*\b(?:SVC|SVM)", answer
    )
    wrong = re.search(r"GaussianNB\W+(?:\w+\W+){0,3}(?:better|best|higher)", answer)
    return all(says(end.answer, score, 0.003) for score in scores) and bool(named) and not wrong


def weights(place: Path) -> Path:
    rows = chooser_rows(24, 200, lambda c, n: [n, c.choice(["beagle", "boxer"]), round(c.gauss(22, 5), 1)])
    return write_csv(place / "dogs.csv", [["dog", "breed", "weight_kg"], *rows])


def is_drawn(end: Ended) -> bool:
    from PIL import Image

    file = end.work / "weights.png"
    if not file.is_file():
        return False
    with Image.open(file) as picture:
        return min(picture.size) >= 100 and float(np.asarray(picture.convert("L")).std()) > 5


FRESH = [
    Task("tool-share", "Find out with the inspect_dataset tool how many values of the column price are missing in stock.csv, and "
         "then compute what percentage of all rows that is.", lambda e: says(e.answer, 32, 0) and 10 in numbers(e.answer),
         prepare=stock),
    Task("neighbours", "Train a k-nearest-neighbours classifier (k=5) on scikit-learn's breast cancer data set with 30% of it as "
         "test set (random_state=42) and tell me the accuracy on the test set.", measured_neighbours),
    Task("faulty-plants", "Please inspect plants.csv. What problems does this data have?", plant_faults, prepare=plants),
    Task("paper-batch", "What mini-batch size does this paper train with? Give the page.",
         lambda e: 50 in numbers(e.answer) and cites(e.answer, 3), needed=3, paper=lambda: SHARED / "papers" / "1408.5882.pdf"),
    Task("two-models", "Compare GaussianNB and SVC (default settings) on scikit-learn's digits with test_size=0.25 and "
         "random_state=7: which one is better, and what are their test accuracies?", two_models),
    Task("filter-rows", "How many people in the file {given} work in Research and have a salary above 50000? What is their mean "
         "age?", well_paid, prepare=staff, named=True),
    Task("histogram", "Draw a histogram of the column weight_kg of dogs.csv and save it as weights.png.", is_drawn,
         prepare=weights),
    Task("paper-result", "Which BLEU score does the big Transformer model reach on the WMT 2014 English-to-German task, "
         "according to this paper? Cite the page.",
         lambda e: 28.4 in numbers(e.answer) and (cites(e.answer, 8) or cites(e.answer, 1)), needed=3,
         paper=lambda: SHARED / "papers" / "1706.03762.pdf"),
]  # fmt: skip

# -- four more, written after the harness was improved on the eight above ----------------------------------


def loans(place: Path) -> Path:
    rows = chooser_rows(31, 400, lambda c, n: [
        c.randrange(900, 6000, 10), c.randrange(19, 70), c.choice(["Rome", "Oslo", "Bonn"]), c.random()
    ])  # fmt: skip
    for row in rows:
        good = int(str(row[0])) > 2800
        row[3] = "yes" if good != (float(str(row[3])) < 0.05) else "no"
    return write_csv(place / "loans.csv", [["income", "age", "city", "approved"], *rows])


def is_accuracy(end: Ended) -> bool:
    """No model can do better than the noise lets it; a useless one does worse than 0.8."""
    return any(0.8 <= n <= 1 or 80 <= n <= 100 for n in numbers(end.answer)) and "accura" in end.answer.lower()


WORDS = [
    "The",
    "the",
    "sea",
    "Sea,",
    "wind",
    "rises",
    "and",
    "old",
    "boats",
    "sleep.",
    "nobody",
    "calls",
    "them",
    "home;",
]


def speech(place: Path) -> Path:
    rows = chooser_rows(
        32, 60, lambda c, n: [" ".join(c.choices(WORDS, [9, 9, 7, 5, 6, 2, 5, 2, 2, 2, 1, 1, 1, 1], k=9))]
    )
    (place / "speech.txt").write_text("\n".join(str(row[0]) for row in rows) + "\n")
    return place / "speech.txt"


def words_counted(end: Ended) -> bool:
    words = re.findall(r"[a-z]+", (end.place / "speech.txt").read_text().lower())
    top = sorted(set(words), key=words.count, reverse=True)[:3]
    told = [len(words), len(set(words))]
    return all(says(end.answer, n, 0) for n in told) and all(re.search(rf"\b{w}\b", end.answer, re.I) for w in top)


LAST = [
    Task("docs", "What is the default value of the parameter cache_size of scikit-learn's SVC? Look it up in its documentation "
         "or signature.", lambda e: 200 in numbers(e.answer)),
    Task("own-split", "Train a classifier that predicts approved from the other columns of loans.csv. Keep 20% of the rows as "
         "test set (random_state=0) and report the accuracy on it.", is_accuracy, prepare=loans),
    Task("word-statistics", "How many words does speech.txt have, how many different ones (ignore case and punctuation), and "
         "which three are the most frequent?", words_counted, prepare=speech),
    Task("paper-hardware", "On how many GPUs, and of which kind, were the models of this paper trained? Cite the page.",
         lambda e: 8 in numbers(e.answer) and "P100" in e.answer and cites(e.answer, 7), needed=3,
         paper=lambda: SHARED / "papers" / "1706.03762.pdf"),
]  # fmt: skip
