"""Runs in any state, written straight into a log: how the page looks in states that are hard to bring about."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any

from intern.runs import events as e
from intern.runs.log import RunLog
from intern.runs.workspace import Run
from intern.service import RunRequest, Service
from intern.settings import Settings, load_settings

XSS = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\'"`${window.hacked=1}{{7*7}}'


def settings_in(home: Path, **changes: object) -> Settings:
    """Offline settings with their own INTERN_HOME."""
    return load_settings().model_copy(update={"home": home, "offline": True, **changes})


class Seeder:
    """Appends a run's events as a session would."""

    def __init__(self, service: Service, title: str, owner: str = "local", task: str | None = None) -> None:
        self.service = service
        self.log: RunLog = service.log
        request = RunRequest(task=task or title)
        self.id, _ = self.log.create(owner, title, request)
        self.run = Run(self.id, owner, service.log, service.approvals, service.settings.run_folder(self.id))
        self.log.lease(self.id)
        self.emit(e.UserMessage(text=request.task))
        self.emit(e.Status(status="running"))

    def emit(self, body: e.EventPayload) -> None:
        self.log.append(self.id, body)

    def step(self, number: int, thought: str, code: str, output: str = "", error: str | None = None) -> None:
        self.emit(e.Thought(step=number, text=thought))
        self.emit(e.Code(step=number, code=code))
        tool = code.partition("(")[0].split("=")[-1].strip() or "print"
        self.emit(e.ToolCall(step=number, name=tool, phase="started"))
        if output:
            self.emit(e.Output(step=number, text=output))
        self.emit(e.ToolCall(step=number, name=tool, phase="failed" if error else "finished", seconds=1.3))
        self.emit(e.Observation(step=number, text=output or "done", error=error, seconds=1.6))

    def plan(self, active: int) -> None:
        titles = ["Read the paper", "Design the experiment", "Pre-flight", "Train and measure", "Compare", "Publish"]
        states = ["done" if i < active else "active" if i == active else "pending" for i in range(len(titles))]
        self.emit(e.Plan(items=[e.PlanItem(title=t, status=s) for t, s in zip(titles, states, strict=True)]))

    def paper(self) -> None:
        self.plan(0)
        self.emit(e.Note(text="No network: the built-in card of the paper is used, not the PDF."))
        self.step(1, "I read the paper's setup first.", 'paper = read_paper("attention is all you need")', "9 values")
        self.emit(e.Fact(name="paper", value=PAPER))
        self.emit(e.Fact(name="setup", value=SETUP))

    def design(self) -> None:
        self.plan(1)
        self.step(2, "Now the experiment, made to fit five minutes on two cores.", "spec = design(paper)", "ok")
        self.emit(e.Fact(name="spec", value=SPEC))

    def train(self, seeds: tuple[int, ...] = (1, 2), until: int = 900, finish: bool = True, every: int = 15) -> None:
        self.plan(3)
        self.emit(e.Thought(step=3, text="I train the seeds one after the other."))
        self.emit(e.Code(step=3, code="results = [run_seed(spec, seed) for seed in (1, 2)]\nprint(results)"))
        self.emit(e.ToolCall(step=3, name="run_seed", phase="started"))
        for seed in seeds:
            job = f"job{seed}"
            self.emit(e.Job(job_id=job, spec_id="s", seed=seed, backend="local", phase="started", total_steps=900))
            last = seed == seeds[-1]
            for step in range(every, (until if last else 900) + 1, every):
                loss = 4.2 * math.exp(-step / (210 + 25 * seed)) + 0.09 + 0.05 * math.sin(step / 17 + seed)
                self.metric(job, seed, step, "train_loss", loss)
                if step % (every * 4) == 0:
                    self.metric(job, seed, step, "validation_loss", loss * 1.12 + 0.05)
                    self.metric(job, seed, step, "validation_exact_match", 1 - math.exp(-step / 260))
                    self.emit(e.LogLine(job_id=job, text=f"step {step}/900 loss {loss:.4f}"))
            if not last or finish:
                self.emit(
                    e.Job(
                        job_id=job, spec_id="s", seed=seed, backend="local", phase="finished", exit_status=0, seconds=88
                    )
                )
                self.emit(e.Fact(name="seed_run", key=job, value=seed_run(seed)))
        if finish:
            self.emit(e.ToolCall(step=3, name="run_seed", phase="finished", seconds=176.2))
            self.emit(e.Observation(step=3, text="two seeds measured", seconds=176.4))
            self.emit(e.Fact(name="summary", value=SUMMARY))
            self.emit(e.Fact(name="comparison", value=COMPARISON))

    def metric(self, job: str, seed: int, step: int, name: str, value: float) -> None:
        self.emit(e.Metric(job_id=job, seed=seed, step=step, name=name, value=value))

    def artifact(self, name: str, content: bytes, label: str = "") -> None:
        path = self.run.artifacts / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.run.add_artifact(path, label)

    def bundle(self) -> None:
        self.artifact(
            "bundle/README.md", b"# transformer-number-words\n\nExact match 0.97 on the sealed test.\n", "card"
        )
        self.artifact("bundle/spec.yaml", b"title: Number words\nseeds: [1, 2]\n", "experiment")
        self.artifact("bundle/model/weights.bin", bytes(2_400_000), "model")
        self.artifact("curves.png", PNG, "curves")

    def ask(self, price: float = 0.0, summary: str = "") -> str:
        self.plan(5)
        self.emit(e.Code(step=4, code="publish(bundle)"))
        approval = self.run.approvals.request(
            self.id,
            "publish",
            hashlib.sha256(self.id.encode()).hexdigest(),
            title="Publish transformer-number-words to a folder",
            summary=summary
            or "**4 files, 2.4 MB** will be written to `published/local/transformer-number-words`.\n\n"
            "- model card with metrics, deviations and evidence\n- program, experiment and predictions",
            price_usd=price,
            artifact="bundle/README.md" if (self.run.artifacts / "bundle" / "README.md").exists() else None,
        )
        self.emit(e.Status(status="waiting", reason="Waiting for your decision on publishing."))
        return approval.id

    def publish(self) -> None:
        self.emit(e.Observation(step=4, text="published", seconds=0.4))
        location = "/home/you/intern/published/local/transformer-number-words"
        self.emit(e.Fact(name="published", value={"kind": "folder", "location": location, "url": None}))
        self.plan(6)

    def end(self, status: e.RunStatus, reason: str = "", answer: str = "") -> None:
        if answer:
            self.emit(e.Answer(text=answer))
        self.emit(e.Status(status=status, reason=reason))
        self.log.release(self.id)


def finished_run(service: Service, owner: str = "local") -> str:
    """A run from the task to the published folder."""
    seeder = Seeder(service, "reproduce paper: attention is all you need", owner)
    seeder.paper()
    seeder.design()
    seeder.train()
    seeder.bundle()
    approval = seeder.ask()
    service.approvals.decide(seeder.id, approval, "approved", by="local")
    seeder.publish()
    seeder.end("done", answer=ANSWER)
    return seeder.id


def hostile_run(service: Service) -> str:
    """Every text that a model, a program or a paper can write is an attack."""
    seeder = Seeder(service, XSS)
    seeder.emit(e.Note(level="warning", text=XSS))
    seeder.emit(e.Thought(step=1, text=f"{XSS}\n\n![pixel](https://example.com/leak.png) {XSS}"))
    seeder.emit(e.Code(step=1, code=f"print('''{XSS}```''')"))
    seeder.emit(e.Output(step=1, text=f"```\n{XSS}"))
    seeder.emit(e.Observation(step=1, text=XSS, error=XSS, seconds=0.1))
    for body in (
        e.Research(step=1, call=1, number=1, what="findings", text=XSS),
        e.Research(step=1, call=1, number=2, what="tool", text=XSS),
        e.Hint(step=1, said=XSS, text=XSS),
        e.Usage(step=1, model=XSS, prompt_tokens=1, completion_tokens=1, usd=0.1),
        e.Summary(upto=1, text=XSS),
        e.Question(step=1, text=XSS, options=[XSS]),
        e.UserMessage(text=XSS, model=XSS),
    ):
        seeder.emit(body)
    seeder.emit(e.Plan(items=[e.PlanItem(title=XSS, status="active")]))
    weights = {"id": XSS, "revision": XSS, "architecture": XSS, "parameters": 7, "licence": XSS, "fingerprint": XSS}
    for name, value in (("paper", PAPER), ("setup", SETUP), ("spec", {**SPEC, "weights": weights})):
        seeder.emit(e.Fact(name=name, value=poisoned(value)))
    seeder.emit(e.Job(job_id=XSS, spec_id="s", seed=1, backend=XSS, phase="started", total_steps=10, reason=XSS))
    seeder.metric(XSS, 1, 1, XSS, 1.0)
    seeder.metric(XSS, 1, 2, XSS, 0.5)
    seeder.emit(e.LogLine(job_id=XSS, text=XSS))
    seeder.artifact("page.html", XSS.encode(), XSS)
    seeder.artifact("notes.md", XSS.encode(), XSS)
    run = poisoned(seed_run(1))
    run["metrics"] = {XSS: 0.5}
    run["evidence"] |= {"flags": [XSS], "baselines": {XSS: {XSS: 0.4}}, "intervals": {XSS: [0.1, 0.9]}, "level": XSS}
    seeder.emit(e.Fact(name="seed_run", key=XSS, value=run))
    seeder.emit(e.Fact(name="summary", value={**poisoned(SUMMARY), "others": {XSS: 0.5}, "mean": 0.5}))
    comparison = [{"claim": XSS, "ours": 1.0, "comparable": False, "why": XSS}, poisoned(COMPARISON[0])]
    seeder.emit(e.Fact(name="comparison", value=comparison))
    url = "javascript:window.hacked=1"
    seeder.emit(e.Fact(name="published", value={"kind": XSS, "location": XSS, "url": url}))
    seeder.emit(e.Answer(text=f"{XSS}\n\n![pixel](https://example.com/leak.png)\n\n[click]({url})"))
    seeder.ask(summary=f"{XSS}\n\n![pixel](https://example.com/leak.png)")
    return seeder.id


def poisoned(value: Any) -> Any:
    """The same shape, with an attack in the place of every text."""
    if isinstance(value, dict):
        return {key: poisoned(part) for key, part in value.items()}
    if isinstance(value, list):
        return [poisoned(part) for part in value]
    return XSS if isinstance(value, str) else value


def seed_run(seed: int) -> dict:
    digest = hashlib.sha256(str(seed).encode()).hexdigest()
    return {
        "seed": seed,
        "backend": "local",
        "seconds": 88.2,
        "exit_status": 0,
        "metrics": {"bleu": 97.1 + seed / 3, "exact_match": 0.95 + seed / 100},
        "evidence": {
            "level": "sealed", "spec_hash": digest, "program_hash": digest, "data_fingerprint": digest, "seed": seed,
            "backend": "local", "exit_status": 0, "seconds": 88.2, "predictions_sha256": digest, "n_predictions": 1000,
            "stopped_early_at": None, "environment": {"python": "3.11"},
        },
    }  # fmt: skip


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)
PAPER = {
    "title": "Attention Is All You Need",
    "authors": ["Ashish Vaswani", "Noam Shazeer", "Niki Parmar", "Jakob Uszkoreit", "Llion Jones"],
    "abstract": "",
    "arxiv_id": "1706.03762",
    "pages": 15,
    "source": {"kind": "card", "reference": "configs/papers/1706.03762.json", "sha256": ""},
    "warnings": [],
}


def _value(name: str, value: object, page: int, quote: str, scope: str = "main") -> dict:
    return {"name": name, "value": value, "unit": None, "scope": scope, "page": page, "quote": quote}


SETUP = {
    "hyperparameters": [
        _value("layers", 6, 3, "section 3.1"),
        _value("d_model", 512, 3, "section 3.1"),
        _value("heads", 8, 5, "section 3.2.2"),
        _value("warmup_steps", 4000, 7, "section 5.3"),
        _value("label_smoothing", 0.1, 8, "section 5.4"),
        _value("layers", 6, 9, "table 3", "big"),
        _value("d_model", 1024, 9, "table 3", "big"),
    ],
    "datasets": [{"name": "WMT 2014 English-German", "page": 7, "quote": "section 5.1", "train": 4500000}],
    "results": [
        {"dataset": "newstest2014", "metric": "BLEU", "value": 27.3, "model": "Transformer (base)", "own": True,
         "page": 8, "quote": "table 2"},
    ],
    "not_stated": ["gradient_clipping", "weight_decay"],
    "variations": [_value("heads", 16, 9, "table 3", "Transformer (base)")],
    "contradictions": [],
}  # fmt: skip
SPEC = {
    "title": "Number words after the Transformer",
    "task": "translation",
    "program": "translation",
    "variant": "Transformer (base)",
    "data": {
        "id": "number-words-en-de", "source": "generated", "description": "English to German number words",
        "licence": "CC0-1.0", "fingerprint": "9f2c" * 16, "splits": {"train": 20000, "validation": 500, "test": 1000},
        "official_test": False,
    },
    "hyperparameters": [
        {"name": "layers", "value": 2, "origin": "scaled", "page": 3, "paper_value": 6, "reason": "fits five minutes"},
        {"name": "label_smoothing", "value": 0.1, "origin": "paper", "page": 8, "paper_value": 0.1, "reason": ""},
        {"name": "gradient_clipping", "value": 1.0, "origin": "assumed", "page": None, "paper_value": None,
         "reason": "not stated; the usual value"},
    ],
    "metrics": [{"name": "bleu", "direction": "higher", "primary": True}],
    "seeds": [1, 2],
    "budget": {"minutes": 5.0, "usd": 0.0},
    "backend": "local",
    "threads": 2,
    "seconds_per_seed": 120.0,
    "deviations": [
        {"what": "data set", "paper": "WMT 2014 English-German, 4.5 M pairs", "ours": "20 000 generated number words",
         "reason": "no network"},
        {"what": "layers", "paper": "6", "ours": "2", "reason": "fits five minutes on two cores"},
        {"what": "steps", "paper": "100 000", "ours": "900", "reason": "fits five minutes on two cores"},
    ],
}  # fmt: skip
SUMMARY = {
    "metric": "bleu", "mean": 97.6, "std": 0.24, "n": 2, "evidence_level": "sealed", "others": {"exact_match": 0.965},
}  # fmt: skip
COMPARISON = [
    {
        "claim": {"dataset": "newstest2014", "metric": "BLEU", "value": 27.3, "model": "Transformer (base)", "page": 8},
        "ours": 97.6,
        "comparable": False,
        "why": "Another data set: number words are far easier than news.",
    },
]
ANSWER = (
    "The two-layer Transformer learned English→German number words: **BLEU 97.6 ± 0.24** over 2 seeds.\n\n"
    "| | paper | here |\n|---|---|---|\n| data | WMT 2014 | number words |\n| layers | 6 | 2 |\n\n"
    "These numbers are **not comparable** with the paper's 27.3: the data set is another one."
)
