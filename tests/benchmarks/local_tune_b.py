"""Eight more small tasks for tests.benchmarks.local_llm, by the author of tune5."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.benchmarks.local_fresh import cites
from tests.benchmarks.local_more import is_picture, table
from tests.benchmarks.local_tasks import Ended, Task, chooser_rows, numbers, says, write_csv
from tests.conftest import SHARED

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "June?", "July?", "Aug", "Sept?", "Oct", "Nov", "Dec"]


def called(end: Ended, script: str, expressions: list[str]) -> list[object] | None:
    """What calls of a module in the work folder return; None if it cannot be imported or a call fails."""
    code = (
        "import contextlib, io, json, sys\nsys.path.insert(0, '.')\nwith contextlib.redirect_stdout(io.StringIO()):\n"
        f"    from {script} import *\n    found = [{', '.join(expressions)}]\nprint(json.dumps(found))"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=end.work,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=30,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return list(json.loads(done.stdout.splitlines()[-1])) if done.returncode == 0 and done.stdout else None


def opinions(place: Path) -> Path:
    things, verdicts = ["food", "room", "staff", "view"], ["so dull", "very fine", "odd"]
    rows = chooser_rows(71, 400, lambda c, n: [
        f"{c.choice(['The', 'My'])} {c.choice(things)} of visit {n} was {c.choice(verdicts)}",
        "positive" if n % 40 < 23 else "negative" if n % 40 < 34 else "neutral",
    ])  # fmt: skip
    return write_csv(place / "opinions.csv", [["text", "label"], *rows])


def iris_errors(end: Ended) -> bool:
    """Accuracy and number of mistakes, of a split with the classes evenly divided or not."""
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split

    x, y = load_iris(return_X_y=True)
    for classes in (None, y):
        x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.4, random_state=7, stratify=classes)
        wrong = int((LogisticRegression(max_iter=1000).fit(x_train, y_train).predict(x_test) != y_test).sum())
        right = says(end.answer, 1 - wrong / len(y_test), 0.005) or says(
            end.answer, round(1 - wrong / len(y_test), 2), 0
        )
        if right and (wrong in numbers(end.answer) or (wrong == 4 and "four" in end.answer.lower())):
            return True
    return False


def rain(place: Path) -> Path:
    rows = chooser_rows(72, 336, lambda c, n: [
        f"2025-{n // 28 + 1:02}-{n % 28 + 1:02}", round(max(0.0, c.gauss(1.5 + (n // 28 in (9, 10)) * 1.2, 2.5)), 1)
    ])  # fmt: skip
    return write_csv(place / "rain.csv", [["date", "mm"], *rows])


def rain_drawn(end: Ended) -> bool:
    """The picture, the wettest month (by name or number), and its sum."""
    sums: Counter[int] = Counter()
    for row in table(end.place / "rain.csv"):
        sums[int(row["date"][5:7])] += round(10 * float(row["mm"]))
    (month, tenths), *_ = sums.most_common(1)
    named = re.search(rf"\b{MONTHS[month - 1]}[a-z]*\b|\b0?{month}\b(?!\.\d)", end.answer, re.IGNORECASE)
    return is_picture(end.work / "rain.png") and bool(named) and says(end.answer.replace("%", ""), tenths / 10, 0.002)


def contacts(place: Path) -> Path:
    """Addresses within sentences, many of them more than once."""
    people = [f"{n}@{d}" for d, names in (
        ("mail.org", "ana ben.k cho dora"), ("lab-nine.net", "eli.x fay gus hana_b ivo jo.lee kim"), ("uni.edu", "lou mo nia"),
    ) for n in names.split()]  # fmt: skip
    rows = chooser_rows(73, 45, lambda c, n: [
        c.choice(["Please write to {}, not to the office.", "Asked {} on Monday", "({} was away.)", "From: {}; no answer @ noon"])
        .format(people[n] if n < len(people) else c.choice(people))
    ])  # fmt: skip
    (place / "contacts.txt").write_text("\n".join(str(row[0]) for row in rows) + "\n")
    return place / "contacts.txt"


def runs_in_miles(place: Path) -> Path:
    rows = chooser_rows(74, 75, lambda c, n: [f"run {n}", round(c.uniform(1, 14), 2), c.randrange(10, 130)])
    return write_csv(place / "runs.csv", [["run", "miles", "minutes"], *rows])


def runs_converted(end: Ended) -> bool:
    """The file with its new column, the old ones kept, and the sum."""
    given = table(end.place / "runs.csv")
    try:
        found = table(end.work / "runs_km.csv")
        right = len(found) == len(given) and all(
            f["miles"] == g["miles"] and f["run"] == g["run"] and f["minutes"] == g["minutes"]
            and abs(float(f["km"]) - float(g["miles"]) * 1.609344) < 0.0101 for f, g in zip(found, given, strict=True)
        )  # fmt: skip
    except (OSError, KeyError, TypeError, ValueError, csv.Error):
        return False
    return right and says(end.answer.replace("%", ""), sum(float(g["miles"]) for g in given) * 1.609344, 0.0005)


def is_roman(end: Ended) -> bool:
    asked = {
        1: "I",
        4: "IV",
        9: "IX",
        40: "XL",
        90: "XC",
        400: "CD",
        944: "CMXLIV",
        1994: "MCMXCIV",
        3888: "MMMDCCCLXXXVIII",
    }
    return called(end, "roman", [f"to_roman({n})" for n in asked]) == list(asked.values())


def rate_and_decay(end: Ended) -> bool:
    """0.256, and 0.00001 however it is written, on page 7."""
    answer = re.sub(r"(?:1(?:\.0)?\s*[×x*·]\s*)?10\s*(?:\^|\*\*)?\s*[{(]*[-−⁻]\s*[5⁵][})]*", "1e-5", end.answer)
    found = numbers(answer.replace("−", "-").replace("e–", "e-"))
    return 0.256 in found and any(abs(n - 1e-5) < 1e-12 for n in found) and cites(answer, 7)


def vowels_script(place: Path) -> Path:
    folder = place / "given"
    folder.mkdir()
    (folder / "vowels.py").write_text(
        "def count_vowels(word):\n    count = 0\n    for letter in word[1:]:\n        if letter in 'aeio':\n"
        "            count += 1\n    return count\n\n\n"
        "print(count_vowels('education'))\nprint(count_vowels('unusual'))\n"
    )
    return folder


def vowels_fixed(end: Ended) -> bool:
    words = {"education": 5, "unusual": 4, "apple": 2, "sky": 0, "u": 1}
    return called(end, "vowels", [f"count_vowels('{w}')" for w in words]) == list(words.values())


TUNE5B = [
    Task("tool-majority", "Ask inspect_dataset how often each label occurs in opinions.csv. What accuracy would somebody get who "
         "always guesses the most frequent label?",
         lambda e: "positive" in e.answer.lower() and says(e.answer, 0.575, 0.01), prepare=opinions),
    Task("iris-errors", "Train LogisticRegression(max_iter=1000) on iris with 40% of the flowers held out (random_state=7). How "
         "high is the accuracy on the held-out flowers and how many of them does it get wrong?", iris_errors),
    Task("bar-chart", "rain.csv has the rain of each day in mm. Make a bar chart of the total per month, save it as rain.png, "
         "and tell me the wettest month and its total.", rain_drawn, prepare=rain),
    Task("addresses", "How many different e-mail addresses are there in contacts.txt, and which domain do most of them belong "
         "to?",
         lambda e: (14 in numbers(e.answer) or "fourteen" in e.answer.lower()) and "lab-nine.net" in e.answer.lower(),
         prepare=contacts),
    Task("miles", "Add a column km to runs.csv (1 mile = 1.609344 km), save the table as runs_km.csv, and tell me the total "
         "distance in km.", runs_converted, prepare=runs_in_miles),
    Task("roman", "Write a file roman.py with a function to_roman(n) that turns numbers from 1 to 3999 into Roman numerals. "
         "Examples: to_roman(4) == \"IV\", to_roman(1994) == \"MCMXCIV\".", is_roman),
    Task("paper-efficient", "What are the initial learning rate and the weight decay in this paper's ImageNet training? Name the "
         "page.", rate_and_decay, needed=3, paper=lambda: SHARED / "papers" / "1905.11946.pdf"),
    Task("fix-vowels", "The function in vowels.py miscounts: count_vowels('education') should be 5 and count_vowels('unusual') "
         "should be 4. Correct the file and run it.", vowels_fixed, needed=3, prepare=vowels_script),
]  # fmt: skip
