"""Eight more small tasks for tests.benchmarks.local_llm, written by somebody who had not read the harness."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import yaml

from tests.benchmarks.local_fresh import cites
from tests.benchmarks.local_tasks import Ended, Task, chooser_rows, numbers, says, write_csv
from tests.conftest import SHARED

NOUGHT = r"(?:no|none|zero|without|0(?!\.\d))"
FILLER = r"(?:(?!but|however|though|has|have|is|are|was|contains)\w+[ \t]+){0,2}?"


def reports(answer: str, *words: str) -> bool:
    """Whether an answer says that there is such a thing, not that there is none of it."""
    text = re.sub(r"[*`_]", " ", answer.lower())
    for word in words:
        denied = rf"\b{NOUGHT}[ \t]+{FILLER}{word}\w*|\b{word}\w*(?:[ \t]+\w+){{0,2}}[ \t]*[:=(][ \t]*{NOUGHT}\b"
        if re.search(rf"\b{word}", re.sub(denied, " ", text)):
            return True
    return False


def shares(answer: str) -> list[float]:
    """The numbers of an answer that may be an accuracy: 0.93, 93 %, 93.1."""
    found = re.findall(r"(?<![\w.])(\d*\.\d+|\d+(?=\s*(?:%|percent|per cent)))(?!\.\d)", answer)
    return [float(n) if float(n) <= 1 else float(n) / 100 for n in found]


def flights(place: Path) -> Path:
    rows = chooser_rows(61, 348, lambda c, n: [
        f"F{n:03}", c.choice(["LIS", "OSL", "VIE"]), c.choice(["LIS", "OSL", "VIE"]), c.randrange(40, 290),
        c.randrange(-10, 95), c.randrange(60, 190), c.choice(["A320", "E190"]),
    ])  # fmt: skip
    return write_csv(place / "flights.csv", [["flight", "from", "to", "minutes", "delay", "seats", "plane"], *rows])


def network_accuracy(end: Ended) -> bool:
    """What a small network that has learnt something can reach on 359 or 360 pictures."""
    return "accura" in end.answer.lower() and any(0.85 <= n < 0.9975 for n in shares(end.answer))


def marks(place: Path) -> Path:
    """Five faults: gaps, a pupil twice, marks above 100, words in a column of numbers, a class in two spellings."""
    rows = chooser_rows(62, 120, lambda c, n: [
        f"P{n:03}", c.choice(["7a", "7b", "7c"]), c.randrange(35, 100), c.randrange(0, 12)
    ])  # fmt: skip
    for row in rows[6::25]:
        row[2] = ""
    rows[33][2], rows[71][2] = 640, 870
    rows[18][3], rows[90][3] = "three", "unknown"
    rows[50][1], rows[51][1] = "7A", "7B"
    return write_csv(place / "marks.csv", [["pupil", "class", "mark", "days_absent"], *rows, rows[40], rows[41]])


def mark_faults(end: Ended) -> bool:
    """At least three of the five."""
    answer = end.answer
    return sum((
        reports(answer, "missing", "empty", "null", "nan", "blank"),
        reports(answer, "duplicat", "twice", "repeat"),
        reports(answer, "outlier", "impossible", "implausib", "unrealistic", "far from", "above 100", "over 100", "too high",
                "greater than 100", "exceed", "out of range", "extreme") or bool({640.0, 870.0} & set(numbers(answer))),
        reports(answer, "three", "unknown", "non-numeric", "not numeric", "not a number", "mixed type"),
        reports(answer, "spelling", "variant", "inconsisten", "upper", "capital", "casing") or "7A" in answer,
    )) >= 3  # fmt: skip


def settings_file(place: Path) -> Path:
    folder = place / "given"
    folder.mkdir()
    (folder / "train.yaml").write_text(
        "model: resnet18\ndata:\n  name: flowers\n  classes: 17\ntraining:\n  epochs: 30\n  batch_size: 32\n"
        "  learning_rate: 0.01\n  augment: true\n"
    )
    return folder


def settings_changed(end: Ended) -> bool:
    """The two values, and nothing else."""
    wanted = yaml.safe_load((end.place / "given" / "train.yaml").read_text())
    wanted["training"] |= {"batch_size": 64, "learning_rate": 0.003}
    try:
        return bool(yaml.safe_load((end.work / "train.yaml").read_text()) == wanted)
    except (OSError, yaml.YAMLError):
        return False


def events(place: Path) -> Path:
    rows = chooser_rows(63, 400, lambda c, n: [
        c.choice(["mia", "noah", "lena", "omar", "ivy"]), c.choices(["view", "click", "purchase"], [6, 3, 2])[0],
        5 + (n * 37 % 400) / 10,
    ])  # fmt: skip
    lines = [
        json.dumps({"user": user, "event": kind} | ({"amount": amount} if kind == "purchase" else {}))
        for user, kind, amount in rows
    ]
    (place / "events.jsonl").write_text("\n".join(lines) + "\n")
    return place / "events.jsonl"


def top_buyer(end: Ended) -> bool:
    """Number of purchases in all, and who made the most, with how many."""
    told = [json.loads(line) for line in (end.place / "events.jsonl").read_text().splitlines()]
    bought = Counter(e["user"] for e in told if e["event"] == "purchase")
    (user, count), (second, _) = bought.most_common(2)
    answer = end.answer.lower()
    named = re.search(rf"\b{user}\b", answer) and not re.search(
        rf"\b{second}\b\W+(?:\w+\W+){{0,3}}(?:the )?most\b", answer
    )
    return says(answer, bought.total(), 0) and bool(named) and says(answer, count, 0)


def wine_baseline(end: Ended) -> bool:
    """Both accuracies of the split that was asked for, with or without the classes split evenly."""
    from sklearn.datasets import load_wine
    from sklearn.dummy import DummyClassifier
    from sklearn.model_selection import train_test_split
    from sklearn.naive_bayes import GaussianNB

    x, y = load_wine(return_X_y=True)
    models = (GaussianNB(), DummyClassifier(strategy="most_frequent"))
    for classes in (None, y):
        x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.3, random_state=2, stratify=classes)
        if all(says(end.answer, m.fit(x_train, y_train).score(x_test, y_test), 0.006) for m in models):
            return True
    return False


TUNE5 = [
    Task("tool-cells", "Use the inspect_dataset tool on flights.csv: how many rows and how many columns are there? Then multiply "
         "the two to get the number of cells.",
         lambda e: all(n in numbers(e.answer) for n in (348, 7, 2436)), prepare=flights),
    Task("torch-digits", "Train a small neural network in PyTorch on the digits data of scikit-learn, keep 20% for testing, and "
         "tell me the accuracy on the test part.", network_accuracy),
    Task("faulty-marks", "Something is off with marks.csv, can you have a look and list the problems?", mark_faults,
         prepare=marks),
    Task("paper-replay", "What minibatch size and how large a replay memory do they use in this paper? On which page is that?",
         lambda e: 32 in numbers(e.answer) and cites(e.answer, 6)
         and bool(re.search(r"million|1[, ]?000[, ]?000\b|10\^6|10⁶|\b1e6|\b1M\b", e.answer)), needed=3,
         paper=lambda: SHARED / "papers" / "1312.5602.pdf"),
    Task("edit-settings", "Change the batch_size in train.yaml to 64 and the learning_rate to 0.003. Leave everything else as it "
         "is.", settings_changed, prepare=settings_file),
    Task("jsonl-purchases", "How many purchase events are in events.jsonl, and which user made the most purchases (how many)?",
         top_buyer, prepare=events),
    Task("docs-adam", "Look up the signature of torch.optim.Adam in the installed version: what are the defaults of lr and eps?",
         lambda e: 0.001 in numbers(e.answer) and 1e-8 in numbers(e.answer.replace("1 × 10^-8", "1e-8"))),
    Task("baseline-wine", "How much better than always guessing the most frequent class (DummyClassifier) is GaussianNB on "
         "scikit-learn's wine data? Use test_size=0.3 and random_state=2 and give both test accuracies.", wine_baseline),
]  # fmt: skip
