"""Panels show facts as they are and escape what others wrote."""

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from intern.publish.bundle import Bundle
from intern.publish.push_plan import PlannedFile, PushPlan
from intern.runs import events as e
from intern.runs.report import PendingApproval
from intern.service import Service
from intern.ui import panels
from intern.ui.experiment import experiment
from intern.ui.files import FileLinks, add_route
from intern.ui.gallery import files
from intern.ui.paper import paper
from intern.ui.publication import publication
from intern.ui.results import results
from intern.ui.view import Views
from tests.ui.seeding import PAPER, SETUP, SPEC, SUMMARY, XSS, Seeder, finished_run, hostile_run, seed_run, settings_in


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    return Service(settings_in(tmp_path_factory.mktemp("home")))


def all_panels(service: Service, run_id: str) -> dict[str, str]:
    view, info = Views(service).look(run_id, "local")
    folder = service.settings.run_folder(run_id) / "artifacts"
    return {
        "status": panels.status(view, info),
        "training": panels.training(view),
        "paper": paper(view, FileLinks()),
        "experiment": experiment(view),
        "results": results(view, FileLinks()),
        "log": panels.log(view, FileLinks()),
        "files": files(view, FileLinks(), folder),
        "publication": publication(view, FileLinks(), folder.parent, service.settings.published, waiting=False),
        "runs": panels.run_list(service.list_runs(), run_id, ""),
    }


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_a_finished_run_shows_everything_it_established(service):
    shown = {name: text(html) for name, html in all_panels(service, finished_run(service)).items()}
    assert "97.60 ± 0.24" in shown["results"] and "over 2 seeds sealed" in shown["results"]
    assert "not comparable Another data set" in shown["results"]
    assert "published/local/transformer-number-words" in shown["publication"]
    assert "Deviations from the paper 3" in shown["experiment"] and "WMT 2014" in shown["paper"]
    assert "warmup steps 4 000 main p. 7 Stated in section 5.3" in shown["paper"]
    assert "gradient clipping weight decay" in shown["paper"]
    assert "Only tried, in ablations or searches 1 heads 16 Transformer (base) p. 9" in shown["paper"]
    assert "layers 2 6 p. 3 scaled" in shown["experiment"]
    assert "Seed 2 finished local · step 900 of 900" in shown["training"]
    assert "step 900/900" in shown["log"]
    assert "weights.bin" in shown["files"] and "2.4 MB" in shown["files"]
    assert "reproduce paper: attention is all you need" in shown["runs"]


def test_every_number_in_the_results_is_in_the_report(service):
    run_id = finished_run(service)
    report = service.get_run(run_id)
    shown = text(all_panels(service, run_id)["results"])
    for run in report.runs:
        for value in run["metrics"].values():
            assert panels.number(value) in shown


def test_nothing_that_others_wrote_is_markup(service):
    for name, html in all_panels(service, hostile_run(service)).items():
        assert "<img src=x" not in html and "<script" not in html, name
        assert not re.search(r'(href|src)="\s*javascript:', html), name
    request = PendingApproval(approval_id="a", action="publish", title=XSS, summary="", price_usd=1.5, artifact=None)
    html = panels.approval(request, 2)
    assert "<script" not in html and "$1.50 at most, in total" in html and "2 more after this" in html


def test_a_run_with_nothing_yet_has_kind_words_in_every_panel(service):
    seeder = Seeder(service, "just begun")
    shown = all_panels(service, seeder.id)
    assert all(
        'class="empty"' in shown[name]
        for name in ("training", "paper", "experiment", "results", "log", "files", "publication")
    )


def test_facts_that_lack_fields_do_not_break_a_panel(service):
    seeder = Seeder(service, "thin")
    for name, value in (("paper", {}), ("setup", {}), ("spec", {}), ("summary", {"mean": 1, "n": 1})):
        seeder.emit(e.Fact(name=name, value=value))
    seeder.emit(e.Fact(name="seed_run", key="j", value={"seed": 1}))
    seeder.emit(e.Fact(name="comparison", value=[{}]))
    shown = all_panels(service, seeder.id)
    assert "no evidence" in shown["results"]


def test_what_costs_nothing_is_said_once():
    summary = "3 files to `here`. It costs nothing."
    request = PendingApproval(approval_id="a", action="publish", title="T", summary=summary, price_usd=0, artifact=None)
    assert panels.approval_summary(request) == "3 files to `here`"
    assert "Costs nothing" in panels.approval(request, 0)
    assert panels.approval_summary(request.model_copy(update={"price_usd": 1.0})) == summary


def test_costs_are_unknown_nothing_or_what_they_are(service):
    seeder = Seeder(service, "costs")
    usage = e.Usage(step=1, model="m", prompt_tokens=1, completion_tokens=1, usd=None)
    shown = []
    before, _ = service.log.spent("local")  # other tests' runs cost something too
    for usd in (0.0, 0.004, 1.5, None):
        seeder.emit(usage.model_copy(update={"usd": usd}))
        shown.append(re.search(r"Cost ([^<]*)<", all_panels(service, seeder.id)["status"])[1])
    assert shown == ["$0.00", "under $0.01", "$1.50", "unknown"]
    assert service.log.spent("local") == (pytest.approx(before + 1.504), 1)
    assert service.log.spent("somebody else") == (0, 0)
    view, info = Views(service).look(seeder.id, "local")
    assert "8 tokens · Cost unknown of $2.00" in text(panels.status(view, info, 2.0))


def test_work_counts_when_it_is_settled_and_is_unknown_until_then(service):
    seeder = Seeder(service, "rented")
    before = service.log.spent("local")[0]
    seeder.emit(e.Cost(key="job", phase="held", usd=3.0))
    assert "Cost unknown" in text(all_panels(service, seeder.id)["status"])
    seeder.emit(e.Cost(key="job", phase="settled", usd=0.5))
    assert "Cost $0.50" in text(all_panels(service, seeder.id)["status"])
    assert service.log.spent("local")[0] == pytest.approx(before + 0.5)


def test_nothing_is_active_when_a_run_is_over(service):
    for status, left in (("done", "pending"), ("stopped", "pending"), ("failed", "failed")):
        seeder = Seeder(service, "over")
        seeder.plan(2)
        assert '<li class="active">' in all_panels(service, seeder.id)["status"]
        before = all_panels(service, seeder.id)["status"].count(f'<li class="{left}">')
        seeder.end(status)
        shown = all_panels(service, seeder.id)["status"]
        assert '<li class="active">' not in shown and shown.count(f'<li class="{left}">') == before + 1


def test_another_experiment_has_none_of_the_numbers_of_the_one_before(service):
    seeder = Seeder(service, "twice")
    seeder.design()
    seeder.train()
    late = {"what": "seeds", "paper": "2", "ours": "1", "reason": "seed 2 was cut short"}
    seeder.emit(e.Fact(name="spec", value={**SPEC, "deviations": [*SPEC["deviations"], late]}))
    shown = all_panels(service, seeder.id)
    assert "seed 2 was cut short" in shown["experiment"] and "97.6" in shown["results"]
    seeder.emit(e.Fact(name="spec", value={**SPEC, "spec_id": "another"}))
    assert "97.6" not in all_panels(service, seeder.id)["results"] and service.get_run(seeder.id).summary is None


def test_a_seed_that_was_cut_short_is_marked(service):
    seeder = Seeder(service, "cut short")
    whole, cut = seed_run(2), seed_run(1)
    cut["evidence"]["stopped_early_at"] = 541
    seeder.emit(e.Fact(name="seed_run", key="a", value=cut))
    assert "sealed cut short at step 541 " in text(all_panels(service, seeder.id)["results"])
    seeder.emit(e.Fact(name="seed_run", key="b", value=whole))
    shown = text(all_panels(service, seeder.id)["results"])
    assert shown.count("cut short at step 541, not in the mean") == 1


def with_evidence(seed: int, **evidence: object) -> dict:
    run = seed_run(seed)
    run["evidence"] |= evidence
    return run


def test_doubts_baselines_and_intervals_stand_beside_the_numbers(service):
    seeder = Seeder(service, "doubtful")
    proof = {
        "intervals": {"bleu": [96.25, 98.5], "exact_match": [0.931, 0.972]},
        "baselines": {"copy of the source": {"bleu": 3.25, "exact_match": 0.0}},
    }
    same, own = "bleu is no better than copy of the source.", "40 test rows are also training rows."
    seeder.emit(e.Fact(name="seed_run", key="a", value=with_evidence(1, **proof, flags=[same])))
    seeder.emit(e.Fact(name="seed_run", key="b", value=with_evidence(2, **proof, flags=[same, own])))
    seeder.emit(e.Fact(name="summary", value=SUMMARY))
    html = all_panels(service, seeder.id)["results"]
    shown = text(html)
    assert f"Reasons to doubt these numbers {same} seeds 1, 2 {own} seed 2 " in shown and html.count(same) == 1
    assert html.index("doubts") < html.index("Each seed")
    assert "copy of the source 3.25 0 – baseline" in shown and shown.count("copy of the source 3.25 0") == 1
    assert "95 % interval over the test rows, seed 1: bleu 96.25 to 98.5 · exact match 0.931 to 0.972" in shown
    assert "baseline: copy of the source 3.25" in shown and html.count('class="mark simple"') == 1
    clean = all_panels(service, finished_run(service))["results"]
    assert "doubt" not in clean and "baseline" not in clean and "95 %" not in clean


def test_a_baseline_is_drawn_in_the_unit_of_the_claim(service):
    seeder = Seeder(service, "per cent")
    proof = {"baselines": {"majority class": {"exact_match": 0.25}}}
    seeder.emit(e.Fact(name="seed_run", key="a", value=with_evidence(1, **proof)))
    claim = {"dataset": "d", "metric": "accuracy", "value": 97.5, "model": "theirs", "page": 1}
    seeder.emit(e.Fact(name="comparison", value=[{"claim": claim, "ours": 96.0, "comparable": True, "why": ""}]))
    assert "baseline: majority class 25 " in text(all_panels(service, seeder.id)["results"])


def test_evidence_that_is_hostile_or_broken_is_shown_as_text_or_not_at_all(service):
    seeder = Seeder(service, "hostile evidence")
    attack = {"intervals": {XSS: [0.1, 0.2]}, "baselines": {XSS: {"bleu": 1.0}}, "flags": [XSS, "a" * 400]}
    seeder.emit(e.Fact(name="seed_run", key="a", value=with_evidence(1, **attack)))
    seeder.emit(e.Fact(name="summary", value=SUMMARY))
    seeder.artifact("improve.svg", XSS.encode(), XSS)
    html = all_panels(service, seeder.id)["results"]
    assert "<img src=x" not in html and "<script" not in html and html.count("&lt;script&gt;") >= 4
    broken = {"intervals": {"bleu": [1], "x": XSS}, "baselines": {"m": 3, "n": {"bleu": XSS}}, "flags": XSS}
    seeder.emit(e.Fact(name="seed_run", key="a", value=with_evidence(1, **broken)))
    html = all_panels(service, seeder.id)["results"]
    assert "95 %" not in html and "doubt" not in html and 'class="simple"' not in html


def test_the_attempts_of_an_improvement_are_a_picture_that_follows_them(service):
    seeder = Seeder(service, "improve")
    views, addresses = Views(service), []
    for body in (b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<svg xmlns='http://www.w3.org/2000/svg'><g/></svg>"):
        before = views.look(seeder.id, "local")[0].versions["results"]
        seeder.artifact("improve.svg", body, "the tree of attempts")
        view, _ = views.look(seeder.id, "local")
        assert view.versions["results"] > before, "the panel is not drawn again"
        html = results(view, FileLinks())
        assert "<svg" not in html and 'class="empty"' not in html
        addresses.append(re.search(r'<img src="([^"]+)"', html)[1].replace("&amp;", "&"))
    assert addresses[0] != addresses[1], "the browser would show the old one"
    app = FastAPI()
    add_route(app, service)
    answer = TestClient(app).get("/" + addresses[1])
    assert answer.status_code == 200 and answer.content == body
    assert answer.headers["content-type"].startswith("image/svg+xml")
    # In an <img> it is a picture; opened by its address it may only be saved, so that it never is a page of ours.
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]


def test_the_list_of_runs_can_be_searched(service):
    Seeder(service, "Zebra stripes")
    runs = service.list_runs()
    assert "Zebra" in panels.run_list(runs, "", "zebra ")
    assert "reproduce" not in panels.run_list(runs, "", "zebra")
    assert "Zebra" in panels.run_list(runs, "", "working") and "Zebra" not in panels.run_list(runs, "", "interrupted")
    assert "No run has “yak”" in panels.run_list(runs, "", "yak")


def test_a_push_to_the_hub_is_shown_against_the_repository(service):
    seeder = Seeder(service, "to the Hub")
    seeder.bundle()
    folder = service.settings.run_folder(seeder.id)
    bundle = Bundle(name="words", folder=folder / "artifacts" / "bundle", digest="a" * 64, files=[])
    planned = [
        PlannedFile(path="README.md", bytes=60, change="changed"),
        PlannedFile(path="old/notes.txt", bytes=5, change="removed"),
    ]
    plan = PushPlan(
        repo_id="alice/words", private=True, exists=True, parent_commit="c" * 40, published=False, files=planned,
        warnings=[], digest=bundle.digest, experiment="e" * 64,
    )  # fmt: skip
    for kind, record in (("bundle", bundle), ("push_plan", plan)):
        path = folder / "state" / kind / "words.json"
        path.parent.mkdir(parents=True)
        path.write_text(record.model_dump_json())
    shown = text(all_panels(service, seeder.id)["publication"])
    assert "To alice/words on the Hub, private, in one commit. It holds an earlier state" in shown
    assert "README.md 60 B other content" in shown and "old/notes.txt 5 B taken away" in shown
    assert "spec.yaml" not in shown
    path.write_text(plan.model_copy(update={"digest": "b" * 64}).model_dump_json())
    stale = text(all_panels(service, seeder.id)["publication"])
    assert "alice/words" not in stale and "spec.yaml" in stale, "a plan is for one bundle and no other"
    seeder.end("stopped")


def test_a_paper_with_a_thousand_numbers_shows_the_first_and_says_how_many_more_there_are(service):
    seeder = Seeder(service, "read it")
    row = SETUP["results"][0]
    seeder.emit(e.Fact(name="paper", value=PAPER))
    many = [{**row, "model": f"net {n}", "own": n < 200} for n in range(1000)]
    seeder.emit(e.Fact(name="setup", value={**SETUP, "results": many}))
    view, _ = Views(service).look(seeder.run.id, "local")
    shown = text(paper(view, FileLinks()))
    assert "Claims 200" in shown and "net 149 " in shown and "net 150 " not in shown and "and 50 more" in shown
    assert "Numbers of others in the paper 800" in shown and "and 650 more" in shown
