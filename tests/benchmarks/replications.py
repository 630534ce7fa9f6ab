"""Replications through the front door: `intern run … --json` on real papers and real data, and what came out.

    python -m tests.benchmarks.replications [NAME …] [--keep DIR] [--write]

Runs the named cases (all when none is named) that DIR does not have yet, one after the other, each with its own time
limit, and prints the table; `--write` puts it into docs/replications.md. A report of a run is kept as it is, so a number
in the table is one that the harness measured. Needs ../shared (papers and data are not part of this project).
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import json
import math
import os
import platform
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from intern.experiments.data import sealed_labels
from intern.experiments.evidence import prediction_list
from intern.experiments.journal import Journal
from intern.experiments.noise import between_means, paired_sigma
from tests.conftest import ROOT, SHARED, clean_environment

PAGE = ROOT / "docs" / "replications.md"
Report = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One call of the command line."""

    name: str
    request: str
    data: str
    minutes: float
    paper: str = ""
    as_long_as: str = ""
    """The case whose CPU seconds stand in this one's request in place of {cpu}."""


@dataclass(frozen=True)
class Row:
    """A line of the table: a claim, the cases that look at it, and what they say about it."""

    title: str
    claim: str
    cases: tuple[Case, ...]
    finding: Callable[[dict[str, Report]], str]
    may_lack: bool = False
    """A run without a number (it diverged, say) is an outcome that `finding` tells."""


def trained(report: Report) -> str:
    """Mean ± deviation of the primary metric over the seeds, with its 95 % interval where there is one."""
    summary = report.get("summary")
    if not summary:
        return f"no number ({report.get('status', 'it failed')})"
    spread = f" ± {summary['std']:.4f}" if summary.get("std") is not None else ""
    return f"{summary['metric']} {summary['mean']:.4f}{spread} ({summary['n']} seeds, {summary['evidence_level']})"


def seconds(report: Report) -> str:
    return "/".join(f"{run['seconds']:.0f}" for run in report.get("runs", []))


def cpu(report: Report) -> float:
    """CPU seconds of all trainings."""
    return sum((run.get("evidence") or {}).get("cpu_seconds") or 0.0 for run in report.get("runs", []))


def cpu_each(report: Report) -> str:
    used = [(run.get("evidence") or {}).get("cpu_seconds") for run in report.get("runs", [])]
    return "/".join("–" if one is None else f"{one:.0f}" for one in used)


def values(report: Report) -> list[float]:
    """The primary metric of the seeds that count: those that trained to their end."""
    name, runs = report["summary"]["metric"], [run for run in report["runs"] if run["metrics"]]
    whole = [run for run in runs if (run.get("evidence") or {}).get("stopped_early_at") is None]
    return [run["metrics"][name] for run in whole or runs]


def mean(report: Report) -> float:
    return float(report["summary"]["mean"])


# -- the rows ------------------------------------------------------------------------------------------------------

TEXTCNN = {"TREC": 91.2, "MR": 76.1, "SST-2": 82.7}
WHY = {
    "TREC": "the paper's own train and test part",
    "MR": "ours is one random tenth held out, the paper's is ten-fold cross-validation: not comparable row by row",
    "SST-2": "the paper trains on phrases too, these files hold sentences only",
}


def textcnn(name: str) -> Row:
    case = Case(f"textcnn-{name}", f"reproduce this paper on {name}, two seeds", "data/sentences", 8, "1408.5882.pdf")

    def finding(reports: dict[str, Report]) -> str:
        ours = 100 * mean(reports[case.name])
        return f"{ours - TEXTCNN[name]:+.1f} points; {WHY[name]}"

    return Row(f"TextCNN (1408.5882, CNN-rand) on {name}", f"{TEXTCNN[name]} %", (case,), finding)


RATES = ("0.001", "0.01", "0.1", "0.5", "2")


def batch_norm() -> Row:
    def case(used: bool, rate: str) -> Case:
        request = f"reproduce this paper, batch_norm={str(used).lower()}, learning_rate={rate}, steps=3000, three seeds"
        return Case(f"bn-{'with' if used else 'without'}-{rate}", request, "mnist8000", 20, "1502.03167.pdf")

    def finding(reports: dict[str, Report]) -> str:
        better, even, worse, neither = [], [], [], []
        for rate in RATES:
            with_it, without = (reports[f"bn-{used}-{rate}"] for used in ("with", "without"))
            if not (with_it.get("summary") and without.get("summary")):
                counted = [used for used, report in (("with", with_it), ("without", without)) if report.get("summary")]
                neither.append(f"{rate} (a number only {' and '.join(counted) or 'for none'} BN)")
                continue
            gap = 100 * (mean(with_it) - mean(without))
            noise = 100 * between_means(values(with_it), values(without)).least_gain
            place = even if abs(gap) <= noise else better if gap > 0 else worse
            place.append(f"{rate} ({gap:+.1f} points, noise {noise:.1f})")
        said = {"BN ahead beyond the noise": better, "no difference beyond it": even, "BN behind beyond it": worse}
        listed = "; ".join(f"{what} at {', '.join(rates) or 'none of them'}" for what, rates in said.items())
        listed += f"; not both measured at {', '.join(neither)}" if neither else ""
        return (
            "**The paper states no learning rate for MNIST.** Each rate here is assumed, and the outcome depends on it: "
            f"{listed}"
        )

    cases = tuple(case(used, rate) for rate in RATES for used in (True, False))
    claim = "higher test accuracy with BN, faster (§4.1, 60,000 images, 50,000 steps; no number in the text)"
    return Row("Batch Normalization (1502.03167) §4.1 on MNIST", claim, cases, finding, may_lack=True)


def distillation() -> Row:
    def case(net: str, steps: int) -> Case:
        request = f"reproduce this paper, net={net}, steps={steps}, 6 seeds"
        return Case(f"distillation-{net}", request, "mnist8000", 60 if net != "distilled" else 120, "1503.02531.pdf")

    def finding(reports: dict[str, Report]) -> str:
        found = {net: reports[f"distillation-{net}"] for net in ("large", "distilled", "small")}
        errors = {net: 100 * (1 - mean(report)) for net, report in found.items()}
        listed = ", ".join(f"{net} {value:.2f} %" for net, value in errors.items())
        holds, steps = True, []
        for less, more in (("large", "distilled"), ("distilled", "small")):
            gap, noise = errors[more] - errors[less], between_means(values(found[less]), values(found[more]))
            holds = holds and gap > 0
            place = "beyond" if gap > 100 * noise.least_gain else "within"
            steps.append(
                f"{less} to {more} {gap:+.2f}, {place} the noise of {100 * noise.least_gain:.2f} ({noise.factor:.2f} standard "
                f"errors of the difference, {len(values(found[less]))} and {len(values(found[more]))} seeds)"
            )
        return f"Errors: {listed}. The order {'holds' if holds else 'does not hold'}: {'; '.join(steps)}"

    cases = (case("large", 2400), case("small", 2400), case("distilled", 4800))
    claim = "errors of 10,000: large 67 < distilled 74 < small 146"
    return Row("Distillation (1503.02531) on MNIST", claim, cases, finding)


TRANSLATION = (
    "layers=2, hidden_size=256, ffn_size=512, heads=4, vocab_size=6000, steps=6000, warmup_steps=600, lr_factor=0.6, "
    "batch_size=1024, beam_size=4, checkpoint_every=300, evaluate_every=600, evaluate_rows=200"
)


def translation() -> Row:
    case = Case(
        "multi30k", f"reproduce this paper on Multi30k, one seed, {TRANSLATION}", "data/multi30k", 80, "1706.03762.pdf"
    )

    def finding(reports: dict[str, Report]) -> str:
        report = reports[case.name]
        low, high = report["runs"][0]["evidence"]["intervals"]["bleu"]
        curve = ", ".join(f"{step:,}: {value:.1f}" for step, value in report["curve"]["validation_bleu"])
        loss = ", ".join(f"{step:,}: {value:.2f}" for step, value in report["curve"]["validation_loss"])
        return (
            f"BLEU {mean(report):.1f} (95 % over test rows {low:.1f} to {high:.1f}) in {cpu(report) / 60:.1f} CPU minutes on one "
            f"thread; wanted were 15 within 45. Not comparable with the paper: other data (WMT there), a smaller model, one seed."
            f"\n\nLearning curve, step: BLEU of 200 validation rows (greedy): {curve}. Validation loss: {loss}"
        )

    return Row("Transformer (1706.03762), small, on Multi30k en–de", "none on this data", (case,), finding)


def changed(attempt: dict[str, Any]) -> str:
    return ", ".join(f"{c['name']} {c['before']} → {c['after']}" for c in attempt["changes"]) or "baseline"


def curve_words(points: list[tuple[int, float]]) -> str:
    return ", ".join(f"{step:,}: {value:.3f}" for step, value in points)


def language_model() -> Row:
    case = Case("charlm", "improve a character language model, steps=100", "data/tinyshakespeare", 20)

    def finding(reports: dict[str, Report]) -> str:
        done = reports[case.name]["improvement"]
        attempts = [
            f"| {a['attempt']} | {changed(a)} | {a['mean']:.4f} ({len(a['scores'])}) | {a['at'] / 60:.1f} | {a['outcome']} |"
            for a in done["attempts"]
            if a["mean"] is not None
        ]
        table = "\n".join(["| # | change | bits a character (seeds) | minute | |", "|---|---|---|---|---|", *attempts])
        curves = (f"{name} {curve_words(points)}" for name, points in reports[case.name]["curve"].items())
        status = reports[case.name]["status"]
        tested = (
            f"On the sealed characters: {done['final']['words']}."
            if done["final"]
            else f"**The sealed test part gave no number (the run ended as {status}), so the kept change is one on the selection "
            "part only.**"
        )
        return (
            f"Kept {done['kept']}, discarded {done['discarded']}, failed {done['failed']}; {done['noise']}. {tested} No claim to "
            f"set it beside.\n\nAttempts, chosen on a selection part:\n\n{table}"
            f"\n\nLoss of seed 1 (nats a character), step: value. {'; '.join(curves)}"
        )

    return Row("Character language model on tinyshakespeare", "–", (case,), finding, may_lack=True)


TABLES = {
    "adult": "train a classifier on adult",
    "titanic": "train a classifier on titanic",
    "california": "predict the median house value in California housing",
}


def tabular(name: str) -> Row:
    """A search over the settings of scikit-learn's boosting, with the CPU seconds that AutoGluon took
    (requirements-automl.txt)."""
    plain = Case(f"tabular-{name}", f"{TABLES[name]}, three seeds", "data/tabular", 5)
    autogluon = Case(f"automl-{name}-autogluon", f"{TABLES[name]}, one seed, model=autogluon", "data/tabular", 6)
    search = f"{TABLES[name]}, one seed, trials=1000, cpu_seconds={{cpu}}"
    ours = Case(f"automl-{name}-ours", search, "data/tabular", 12, as_long_as=autogluon.name)

    lightgbm = replace(ours, name=f"automl-{name}-lightgbm", request=f"{search}, model=lightgbm")
    others = (lightgbm,) if name == "california" else ()  # where scikit-learn's trees did not reach AutoGluon

    def finding(reports: dict[str, Report]) -> str:
        return ". With LightGBM's trees: ".join(beside(reports, case) for case in (ours, *others))

    def beside(reports: dict[str, Report], case: Case) -> str:
        we, they = reports[case.name], reports[autogluon.name]
        metric = we["summary"]["metric"]
        gain = (mean(we) - mean(they)) * (-1 if metric == "rmse" else 1)
        # Two single runs on the same test rows: chance moves each by its seed, and both by the rows.
        over_seeds = reports[plain.name]["summary"]["std"] or 0
        noise = 2 * math.sqrt(2 * over_seeds**2 + we["over_rows"] ** 2)
        place = "within" if abs(gain) <= noise else "beyond"
        uneven = abs(cpu(we) - cpu(they)) > 0.1 * cpu(they)
        return (
            f"The search took {cpu(we):.0f} CPU s, AutoGluon {cpu(they):.0f}{' (not equal)' if uneven else ''}, each on one "
            f"thread. The search is {abs(gain):.4g} {'better' if gain > 0 else 'worse'}, {place} the noise of 2 σ = {noise:.3g} "
            f"(σ over seeds {over_seeds:.3g} for each, over draws of the same test rows {we['over_rows']:.3g})"
        )

    return Row(
        f"Tables: {name}", "within noise of AutoGluon at equal CPU seconds", (plain, autogluon, ours, *others), finding
    )


ROWS = (
    *(textcnn(name) for name in TEXTCNN),
    batch_norm(),
    distillation(),
    translation(),
    language_model(),
    *(tabular(name) for name in TABLES),
)


# -- running -------------------------------------------------------------------------------------------------------


def data_of(case: Case, keep: Path) -> Path:
    """The case's data; "mnist8000" is made of the 10,000 official test images: the first 8,000 train, the last 2,000 test."""
    if case.data != "mnist8000":
        return SHARED / case.data
    folder = keep / "mnist10k-8000-2000"
    if not folder.exists():
        folder.mkdir(parents=True)
        images = gzip.decompress((SHARED / "data/mnist10k/images-idx3-ubyte.gz").read_bytes())
        labels = gzip.decompress((SHARED / "data/mnist10k/labels-idx1-ubyte.gz").read_bytes())
        for part, start, end in (("train", 0, 8000), ("t10k", 8000, 10_000)):
            count = end - start
            pixels = images[16 + start * 784 : 16 + end * 784]
            (folder / f"{part}-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 2051, count, 28, 28) + pixels)
            (folder / f"{part}-labels-idx1-ubyte").write_bytes(
                struct.pack(">II", 2049, count) + labels[8 + start : 8 + end]
            )
    return folder


def run(case: Case, keep: Path) -> Report:
    """Run one case, or take the report that is kept of it."""
    kept = keep / f"{case.name}.json"
    if not kept.exists():
        if case.as_long_as:
            other = json.loads((keep / f"{case.as_long_as}.json").read_text())["report"]
            case = replace(case, request=case.request.format(cpu=round(cpu(other))))
        arguments = [sys.executable, "-m", "intern", "run", case.request, "--data", str(data_of(case, keep)), "--yes",
                     "--json", "--publish", "never", "--max-minutes", str(case.minutes)]  # fmt: skip
        if case.paper:
            arguments += ["--paper", str(SHARED / "papers" / case.paper)]
        environment = clean_environment(keep / "home")
        started = time.time()
        done = subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, text=True)
        report = json.loads(done.stdout) if done.stdout.strip() else {"status": done.stderr.strip()[-300:]}
        measured = {
            "wall": time.time() - started,
            "date": datetime.date.today().isoformat(),
            "exit": done.returncode,
        }
        kept.write_text(json.dumps({"case": case.__dict__, "measured": measured, "report": report}, indent=1))
        print(f"{case.name}: exit {done.returncode}, {trained(report)}, {measured['wall']:.0f} s", file=sys.stderr)
    if "curve" not in json.loads(kept.read_text())["report"]:
        keep_curve(kept, keep / "home")
    if case.as_long_as and "over_rows" not in json.loads(kept.read_text())["report"]:
        keep_over_rows(kept, keep / f"{case.as_long_as}.json", keep / "home")
    return json.loads(kept.read_text())


def keep_over_rows(kept: Path, other: Path, home: Path) -> None:
    """Put beside a run's report what drawing other test rows would change of its difference from another run's."""
    made, found = json.loads(kept.read_text()), []
    for report in (made["report"], json.loads(other.read_text())["report"]):
        folder, spec = home / "runs" / report["run_id"], report["spec"]
        labels = sealed_labels(folder / "sealed", spec["data"]["id"])
        predicted = prediction_list(folder / "jobs" / f"{spec['spec_id']}-seed1", list(labels), spec["task"])
        found.append(([str(label) for label in labels.values()], predicted))
    assert found[0][0] == found[1][0], "not the same sealed rows"
    metric = made["report"]["summary"]["metric"]
    made["report"]["over_rows"] = paired_sigma(metric, found[1][1], found[0][1], found[0][0])
    kept.write_text(json.dumps(made, indent=1))


def keep_curve(kept: Path, home: Path) -> None:
    """Put the curves of the run's last training beside its report, of an improvement those of its baseline and best
    attempt, where its folder is still there."""
    made = json.loads(kept.read_text())
    folder = home / "runs" / str(made["report"].get("run_id", "none"))
    written = sorted((folder / "jobs").glob("*-seed*/metrics.jsonl"), key=lambda path: path.stat().st_mtime)[-1:]
    named = {"": written[0]} if written else {}
    for journal in (folder / "state" / "improve").glob("*.json"):
        tree = Journal.model_validate_json(journal.read_text())
        made["report"]["improvement"] = tree.told()
        ends = {"baseline": tree.nodes[0], "best": tree.best_node}
        named = {f"{who} ": folder / "jobs" / f"{node.spec_id}-seed1" / "metrics.jsonl" for who, node in ends.items()}
    found: dict[str, list[tuple[int, float]]] = {}
    for who, path in named.items():
        for line in path.read_text().splitlines():
            metric = json.loads(line)
            if metric["name"] in ("train_loss", "validation_loss", "validation_bleu"):
                found.setdefault(f"{who}{metric['name']}", []).append((metric["step"], metric["value"]))
    made["report"]["curve"] = found
    kept.write_text(json.dumps(made, indent=1))


def lines(rows: tuple[Row, ...], kept: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The page: one line a case, and what the cases of a row say together."""
    yield "# Replications\n"
    yield (
        "Each line is one `python -m intern run … --json` with the built-in planner, no account and no network, measured by "
        "the harness on sealed test labels. Written by `python -m tests.benchmarks.replications --write` from "
        f"the runs' own reports. Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, shared with "
        "much other work, so seconds by the clock are upper bounds; CPU seconds are the training program's, all threads."
    )
    for row in rows:
        reports = {case.name: kept[case.name]["report"] for case in row.cases if case.name in kept}
        if not reports:
            yield f"\n## {row.title}\n\nNot run yet."
            continue
        yield f"\n## {row.title}\n\nClaim: {row.claim}.\n"
        yield "| run | measured | seconds a seed | CPU s a seed | date |\n|---|---|---|---|---|"
        for case in row.cases:
            if case.name in kept:
                made = kept[case.name]
                report = made["report"]
                took = f"{seconds(report)} | {cpu_each(report)} | {made['measured']['date']}"
                yield f"| {made['case'].get('request', case.request)} | {trained(report)} | {took} |"
        if len(reports) == len(row.cases) and (row.may_lack or all(r.get("summary") for r in reports.values())):
            if said := row.finding(reports):
                yield f"\n{said}."
        else:
            missing = [case.name for case in row.cases if not reports.get(case.name, {}).get("summary")]
            yield f"\nNot all of its runs have a number ({', '.join(missing)}), so nothing is concluded."
        first = next(iter(reports.values()))
        if listed := first.get("deviations"):
            told = "; ".join(f"{d['what']}: {d['paper']} → {d['ours']} ({d['reason']})" for d in listed)
            yield f"\nDeviations from the paper: {told}."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="cases, by the beginning of their names")
    parser.add_argument("--keep", type=Path, default=Path("replications"), help="where reports are kept")
    parser.add_argument("--write", action="store_true", help="write docs/replications.md")
    arguments = parser.parse_args()
    keep = arguments.keep.resolve()
    keep.mkdir(parents=True, exist_ok=True)
    wanted = [c for row in ROWS for c in row.cases if not arguments.names or c.name.startswith(tuple(arguments.names))]
    for case in wanted:
        run(case, keep)
    kept = {c.name: run(c, keep) for row in ROWS for c in row.cases if (keep / f"{c.name}.json").exists()}
    text = "\n".join(lines(ROWS, kept)) + "\n"
    if arguments.write:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
