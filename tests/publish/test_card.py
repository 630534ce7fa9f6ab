"""The model card: its numbers are the evidence's, and text from papers and files cannot break out of its place."""

from __future__ import annotations

import itertools
import json
import re

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from intern.experiments.metrics import Interval
from intern.experiments.spec import Deviation, Hyperparameter
from tests.experiments.samples import claim, data_ref, reading, seed_run, spec

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")


def card(bundle) -> str:
    return (bundle.folder / "README.md").read_text(encoding="utf-8")


def body(text: str) -> str:
    return text.split("---\n", 2)[2]


def tables(text: str) -> dict[str, list[list[str]]]:
    """The card's tables by the heading above them, as a Markdown reader sees them: rows of cells."""
    found: dict[str, list[list[str]]] = {}
    heading, tokens = "", MARKDOWN.parse(body(text))
    for token, following in itertools.pairwise(tokens):
        if token.type == "heading_open":
            heading = following.content
        elif token.type == "tr_open":
            found.setdefault(heading, []).append([])
        elif token.type in ("td_open", "th_open"):
            found[heading][-1].append(following.content)
    return found


# -- numbers -----------------------------------------------------------------------------------------------


def test_the_results_are_the_measured_runs(shop):
    rows = tables(card(shop.stage()))["Results"]
    assert rows == [
        ["seed", "accuracy", "exact_match", "seconds"],
        ["1", "0.9125", "0.9125", "1.5"],
        ["2", "0.9375", "0.9375", "1.5"],
        ["mean ± std of accuracy", "0.9250 ± 0.0177", "0.9250", ""],
    ]


def test_doubts_simple_methods_and_intervals_stand_with_the_numbers(shop):
    runs = [
        run.model_copy(update={"evidence": run.evidence.model_copy(update={
            "flags": [] if run.seed == 1 else ["All 4 predictions are the same (“yes”).", "# No heading"],
            "baselines": {"majority class": {"accuracy": 0.5}, "bag of words": {"accuracy": 0.875}},
            "intervals": {"accuracy": Interval(0.9, 0.95)},
        })})
        for run in (seed_run(1, 0.9125), seed_run(2, 0.9375))
    ]  # fmt: skip
    text = card(shop.stage(runs=runs))
    assert "- Seed 2: All 4 predictions are the same" in text and "Seed 1:" not in text and "\n# No heading" not in text
    assert "majority class 0.5000, bag of words 0.8750." in text
    assert "seed 1 a accuracy between 0.9000 and 0.9500" in text
    assert "Reasons to doubt" not in card(shop.stage())


def test_labels_within_reach_are_not_called_unseen(shop):
    runs = [seed_run(1, 0.9125), seed_run(2, 0.9375)]
    assert "whose labels the\ntraining program never saw (evidence level: **sealed**)." in card(shop.stage(runs=runs))
    open_ = [r.model_copy(update={"evidence": r.evidence.model_copy(update={"level": "rescored"})}) for r in runs]
    text = card(shop.stage(runs=open_))
    assert "may have had: it ran where they could be reached (evidence level: **rescored**)." in text
    assert "never saw" not in text


def test_every_number_of_every_table_is_in_the_evidence_the_spec_or_the_comparison(shop):
    bundle = shop.stage()
    sources = [(bundle.folder / name).read_text() for name in ("experiment.yaml", "comparison.json")]
    sources += [f.read_text() for f in (bundle.folder / "evidence").iterdir()]
    known = [float(n) for n in re.findall(r"\d+(?:\.\d+)?", " ".join(sources))]
    known += [0.925, 0.0177]  # the mean and the spread of 0.9125 and 0.9375, by hand
    for rows in tables(card(bundle)).values():
        for cell in (c for row in rows[1:] for c in row if not c.startswith("`")):
            for number in re.findall(r"\d+(?:\.\d+)?", cell.replace(",", "")):
                assert any(abs(float(number) - k) < 0.005 for k in known), (number, cell)


def test_a_number_of_ours_stands_only_beside_a_comparable_claim(shop):
    rows = tables(card(shop.stage(spec(deviations=[]))))["Beside the paper’s claims".replace("’", "'")]
    by_claim = {row[0]: row for row in rows[1:]}
    assert by_claim["CNN-rand, TREC, accuracy (p. 4)"][1:3] == ["91.2", "92.50"]
    assert by_claim["CNN-rand, MR, accuracy (p. 4)"][2] == "–"
    assert by_claim["CNN-rand, MR, accuracy (p. 4)"][3].startswith("no: other data")


def test_every_deviation_and_every_value_with_its_origin(shop):
    found = tables(card(shop.stage()))
    assert found["Deviations from the paper"][1:] == [["steps", "500 (p. 3)", "60", "time"]]
    assert found["Setup"][1:] == [["steps", "60", "scaled p. 3"]]
    assert "Not stated in the paper: seed." in card(shop.stage())


def test_an_assumed_value_says_why(shop):
    made = spec(hyperparameters=[Hyperparameter(name="dropout", value=0.5, origin="assumed", reason="usual")])
    assert tables(card(shop.stage(made)))["Setup"][1:] == [["dropout", "0.5", "assumed: usual"]]


def test_the_front_matter_is_the_hubs_metadata_with_the_measured_means(shop):
    meta = yaml.safe_load(card(shop.stage()).split("---\n")[1])
    assert "arxiv:1408.5882" in meta["tags"] and meta["pipeline_tag"] == "text-classification"
    (model,) = meta["model-index"]
    metrics = {m["type"]: m for r in model["results"] for m in r["metrics"]}
    assert metrics["accuracy"]["value"] == 0.925 and "sealed" in metrics["accuracy"]["name"]
    assert {r["dataset"]["type"] for r in model["results"]} == {"trec"}


def test_generated_data_is_said_to_be_generated(shop):
    made = spec(data=data_ref("numbers", source="generated"))
    text = card(shop.stage(made))
    assert "**The data is generated, not real**" in text and "generated-data" in text.split("---\n")[1]
    assert "generated, not real" not in card(shop.stage())


def test_one_seed_has_no_spread(shop):
    rows = tables(card(shop.stage(runs=[seed_run(1, 0.9125)])))["Results"]
    assert rows[-1] == ["mean", "0.9125", "0.9125", ""] and "1 seed on" in card(shop.stage(runs=[seed_run(1, 0.9)]))


# -- foreign text ------------------------------------------------------------------------------------------

NASTY = [
    "a | b",
    "a \\| b",
    "line\nbreak",
    "\n\n# Heading",
    "<script>alert(1)</script>",
    "`code`",
    "---",
    "a \\",
    "\r| x |",
]


@pytest.mark.parametrize("text", NASTY)
def test_text_of_a_paper_stays_in_its_cell(shop, text):
    clean = tables(card(shop.stage()))
    made = spec(deviations=[Deviation(what=text, paper=text, ours=text, reason=text)])
    paper = reading(
        datasets=("TREC", text), results=(claim("TREC", "accuracy", 91.2, model=text), claim(text, text, 76.1))
    )
    found = tables(card(shop.stage(made, paper=paper)))
    assert {name: [len(row) for row in rows] for name, rows in found.items()} == {
        name: [len(row) for row in rows] for name, rows in clean.items()
    }
    assert found["Results"] == clean["Results"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet=st.sampled_from("ab|\\`<>#-\n\r *[]()!\u2028"), min_size=1, max_size=12))
def test_any_text_stays_in_its_cell(shop, text):
    made = spec(deviations=[Deviation(what="w", paper=text, ours="o", reason=text)])
    found = tables(card(shop.stage(made)))["Deviations from the paper"]
    assert [len(row) for row in found] == [4, 4] and found[1][0] == "w" and found[1][2] == "o"


@pytest.mark.parametrize("text", [*NASTY, "x\n\n## Results\n\n| seed | accuracy |\n|---|---|\n| 1 | 1.0000 |"])
def test_the_name_of_a_data_set_adds_no_heading_no_table_and_no_markup(shop, text):
    """A file's name is chosen by whoever made the file."""
    ref = data_ref("TREC", description=f"{text}: rows of {text}", licence=text)
    plain, odd = card(shop.stage()), card(shop.stage(spec(data=ref), not_stated=[text], audit=[text]))

    def outline(page: str) -> list[str]:
        return [
            t.type for t in MARKDOWN.parse(body(page)) if t.type in ("heading_open", "table_open", "html_block", "hr")
        ]

    assert outline(odd) == outline(plain)
    assert "<script" not in body(odd)
    assert isinstance(yaml.safe_load(odd.split("---\n")[1]), dict)


@pytest.mark.parametrize("text", ['" ; rm -rf ~ ; "', "$(reboot)", "`reboot`", "a\nreboot\n```", "\\", "!x"])
def test_the_example_cannot_leave_its_quotes(shop, text):
    made = spec(data=data_ref("numbers", source="generated"))
    shop.stage(made)
    folder = shop.job(made, 1)
    (folder / "data/test.jsonl").write_text(json.dumps({"id": "test-0", "text": text}) + "\n")
    from intern.publish.bundle import _example

    shown = _example(folder)
    assert not set(shown) & set('"\\$`\n')
