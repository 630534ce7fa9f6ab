"""The brain that is no LLM: it writes the next code step from what the tools returned.

It keeps no state. Each call reads the whole conversation, finds which tools were called and what they printed, and
writes the next step as ordinary agent code, or an answer. What it cannot do it says.
"""

from __future__ import annotations

import json
import re
from typing import Any

from intern.agent import improving
from intern.agent.conversation import (
    LENGTH,
    Conversation,
    asked_seeds,
    asked_target,
    asked_values,
    paper_query,
    read_conversation,
)
from intern.agent.memory import CLOSE_TAG, OPEN_TAG
from intern.agent.messages import Message, Role
from intern.agent.planner_words import (
    audit_words,
    counted,
    metric_words,
    result_words,
    setup_words,
    source_words,
    stated_words,
)

CAN_DO = """I am the built-in planner, not an LLM: I follow rules. I can

- **reproduce a paper** at a small scale: “reproduce paper: attention is all you need”, or your own PDF and data
- **read a paper** and list its setup: “read paper: …”
- **train** on your data: “train a text classifier”, “predict price”, “train a language model”; or “train a classifier on digits”
- **tune pretrained weights** that you give, all of them or with LoRA: fine-tune owner/name on rows.csv
- **improve** a training: “improve the text classifier”

After a run I can publish it. For anything else choose a model: set INTERN_MODEL (and INTERN_LLM_BASE_URL for your own server)."""

NO_WEIGHTS = (
    "Fine-tuning starts from pretrained weights, and none were given: name (--weights, in the app under options) a "
    "folder as save_pretrained writes it, or a model of the Hub (owner/name@revision). Or ask me to train from scratch "
    "(“train a transformer classifier”)."
)
TUNES = re.compile(r"\b(fine-?\s?tun\w*|lora\b|lora-?\s?tun\w*|pre-?trained)", re.IGNORECASE)

STAGES = (
    ("find_paper", "Read the paper"),
    ("extract_setup", "Extract its setup"),
    ("bring_weights", "Bring the weights"),
    ("choose_program", "Choose a training program"),
    ("find_data", "Find data"),
    ("prepare_data", "Audit the data, seal the test labels"),
    ("design_experiment", "Design the experiment"),
    ("preflight", "Pre-flight checks"),
    ("run_seed", "Train and measure"),
    ("start_improving", "Measure the baseline and its noise"),
    ("try_change", "Try changes, keep what is beyond the noise"),
    ("finish_improving", "Measure the test part, once"),
    ("compare_with_paper", "Compare with the paper"),
    ("preview_publication", "Stage the bundle"),
    ("publish", "Publish"),
)


IMPROVING = {"start_improving", "try_change", "finish_improving"}


class Planner:
    """Decides by rules. `generate` is the whole interface to the loop."""

    model_id = "planner"

    def generate(self, messages: list[Message], stop_sequences: list[str] | None = None, **kwargs: Any) -> Message:
        """The next step for this conversation: a thought and code between the run tags, or an answer in prose."""
        return Message(Role.ASSISTANT, decide(read_conversation(messages)))

    def close(self) -> None:
        """It holds nothing."""


# -- deciding ----------------------------------------------------------------------------------------------


def decide(c: Conversation) -> str:
    """The next reply. One request kind, one function below."""
    words = c.request.lower()
    if re.match(r"\s*((ok(ay)?|yes|please|now)\b,?\s*)*publish\b", words) and c.last("design_experiment", earlier=True):
        return _publish_now(c)
    if re.match(r"\s*(read|summari[sz]e|extract)\b", words) and paper_query(c):
        return _read_paper(c)
    # The paper given with the run says what to do in its first message; later words speak for themselves.
    if (c.given.get("paper") and not c.earlier) or re.search(
        r"\b(reproduce|replicate|reimplement|paper|arxiv)\b", words
    ):
        return _experiment(c, paper=True)
    if c.given.get("weights") or TUNES.search(words):
        return _experiment(c, paper=False)
    if re.search(r"\b(train\w*|classif\w*|translat\w*|predict\w*|regress\w*|language model\w*)\b", words):
        return _experiment(c, paper=False)
    return CAN_DO


def _read_paper(c: Conversation) -> str:
    found = c.last("find_paper")
    if found is None:
        return _first_or_give_up(c, "find_paper", "I read the paper first.", query=paper_query(c))
    setup = c.last("extract_setup")
    if setup is None:
        said = f"“{found['title']}” ({found['source']}, {found['pages']} pages). Next: its setup."
        return _first_or_give_up(c, "extract_setup", said, paper_id=found["paper_id"])
    return _answer(c, "All read.", setup_words(found, setup))


def _experiment(c: Conversation, *, paper: bool) -> str:
    """The main job, stage by stage; each stage starts from what the one before returned."""
    if not paper and TUNES.search(c.request) and not c.given.get("weights"):
        return _give_up(c, NO_WEIGHTS)
    paper_id = ""
    if paper:
        found = c.last("find_paper")
        if found is None:
            return _first_or_give_up(c, "find_paper", "First the paper itself.", query=paper_query(c))
        paper_id = found["paper_id"]
        if c.last("extract_setup") is None:
            said = f"“{found['title']}”, read from {source_words(found['source'])}. Next: what setup does it state?"
            return _first_or_give_up(c, "extract_setup", said, paper_id=paper_id)
    column = {"target": asked_target(c)} if asked_target(c) else {}
    if c.given.get("weights") and c.last("bring_weights") is None:
        return _first_or_give_up(c, "bring_weights", f"The weights first: {c.given['weights']}.", source="")
    programs = c.last("choose_program")
    if programs is None:
        return _first_or_give_up(c, "choose_program", stated_words(c), task=c.request, paper_id=paper_id, **column)
    if not programs["programs"]:
        known = "; ".join(programs["all"])
        return _give_up(c, f"None of my training programs fits this paper or task. I have: {known}.")
    program = programs["programs"][0]["program"]
    data = c.last("find_data")
    if data is None:
        said = f"The program “{programs['programs'][0]['title']}” fits. Which data is there?"
        return _first_or_give_up(c, "find_data", said, program=program, paper_id=paper_id, **column)
    prepared = c.last("prepare_data")
    if prepared is None:
        chosen, why = _pick_data(data["data"], c.request)
        return _first_or_give_up(c, "prepare_data", why, program=program, data_id=chosen["data_id"], **column)
    spec = c.last("design_experiment")
    if spec is None:
        said = f"{audit_words(prepared)} Next: what fits into {c.given.get('minutes', 5)} minutes?"
        failed, planned = c.failures("design_experiment"), improving.trainings(float(c.given.get("minutes", 5)))
        if _improves(c) and failed and improving.fewer(planned, failed):
            planned, said = improving.fewer(planned, failed), "So many trainings do not fit here. Fewer?"
        elif failed:
            return _give_up(c, failed[-1].error)
        return _step(
            c,
            "design_experiment",
            said,
            program=program,
            data_id=prepared["data_id"],
            paper_id=paper_id,
            seeds=planned if _improves(c) else asked_seeds(c),
            values=asked_values(c),
        )
    return _measure_and_publish(c, spec)


def _measure_and_publish(c: Conversation, spec: dict[str, Any]) -> str:
    spec_id = spec["spec_id"]
    checks = c.last("preflight")
    if checks is None:
        refused = [f.error for f in c.failures("preflight") if f.error.startswith("Not started")]
        if refused:
            return _answer(c, "As you wish.", refused[-1])
        said = "The experiment is designed. Checks before training:"
        if c.last("find_paper"):
            said = f"{counted(len(spec['deviations']), 'deviation')} from the paper, each with its reason. " + said
        return _first_or_give_up(c, "preflight", said, spec_id=spec_id)
    if not checks["passed"]:
        failed = "; ".join(f"{k['check']}: {k['detail']}" for k in checks["checks"] if not k["ok"])
        return _give_up(c, f"Pre-flight failed, so nothing was trained. {failed}")
    if _improves(c):
        return _improve(c, spec, checks.get("spec_id", spec_id))
    tried = {s.arguments.get("seed") for s in c.steps if s.tool == "run_seed"}
    spec_id, seeds = checks.get("spec_id", spec_id), checks.get("seeds", spec["seeds"])  # a person may have edited them
    if left := [seed for seed in seeds if seed not in tried]:
        before = c.last("run_seed")
        said = (
            f"Seed {before['seed']}: {metric_words(before['metrics'])}. Next seed." if before else "All checks passed."
        )
        return _step(c, "run_seed", said, spec_id=spec_id, seed=left[0])
    if c.last("run_seed") is None:
        return _give_up(c, f"No seed could be measured. {c.failures('run_seed')[-1].error}")
    compared = c.last("compare_with_paper")
    if compared is None:
        return _first_or_give_up(
            c, "compare_with_paper", "All seeds are measured. How do they compare?", spec_id=spec_id
        )
    if c.given.get("publish") == "never":
        return _answer(c, "Publishing is off for this run.", result_words(c, spec, compared, None))
    return _stage_and_publish(c, spec, compared)


def _improves(c: Conversation) -> bool:
    return improving.wants_improvement(c.request, bool(c.given.get("weights"))) and not c.given.get("paper")


def _improve(c: Conversation, spec: dict[str, Any], spec_id: str) -> str:
    step = improving.next_step(c, spec_id)
    if step is not None:
        if step.tool != "try_change" and (failed := c.failures(step.tool)):
            return _give_up(c, failed[-1].error)
        return _step(c, step.tool, step.thought, **step.arguments)
    compared, done = c.last("compare_with_paper"), c.last("finish_improving") or {}
    if compared is None:
        said = "The test part is measured. Beside simple methods:"
        return _first_or_give_up(c, "compare_with_paper", said, spec_id=done["spec_id"])
    if c.given.get("publish") == "never":
        return _answer(c, "Publishing is off for this run.", result_words(c, spec, compared, None))
    return _stage_and_publish(c, spec, compared)


def _stage_and_publish(c: Conversation, spec: dict[str, Any], compared: dict[str, Any]) -> str:
    bundle = c.last("preview_publication")
    if bundle is None:
        if (
            c.failures("preview_publication") and c.given.get("publish") == "ask"
        ):  # what was measured stands all the same
            return _answer(c, "That is all.", result_words(c, spec, compared, None))
        return _first_or_give_up(
            c,
            "preview_publication",
            "I stage the bundle, so that it can be looked at first.",
            spec_id=(c.last("finish_improving", earlier=True) or c.last("preflight", earlier=True) or spec).get(
                "spec_id", spec["spec_id"]
            ),
        )
    published = c.last("publish")
    if published is None and not c.failures("publish"):
        said = f"{len(bundle['files'])} files, {bundle['total_bytes'] / 1e6:.1f} MB. A person has to agree."
        target = "hub" if c.given.get("publish") == "hub" else "folder"
        return _step(c, "publish", said, bundle_id=bundle["bundle_id"], target=target)
    return _answer(c, "That is all.", result_words(c, spec, compared, published))


def _publish_now(c: Conversation) -> str:
    spec = c.last("design_experiment", earlier=True)
    compared = c.last("compare_with_paper", earlier=True)
    if spec is None or compared is None:
        return "There is no measured result in this run yet, so there is nothing to publish."
    return _stage_and_publish(c, spec, compared)


def _pick_data(candidates: list[dict[str, Any]], request: str) -> tuple[dict[str, Any], str]:
    """The data set that the request names; else one the paper uses, with a test part, and small."""
    words = re.sub(LENGTH, "", request.lower())  # "one seed" does not name the data set "one"
    named = [d for d in candidates if re.search(rf"\b{re.escape(d['name'].lower())}(?!\w)", words)]
    ranked = sorted(named or candidates, key=lambda d: (not d["used_by_paper"], not d["has_test_part"], d["bytes"]))
    chosen = ranked[0]
    if named:
        why = f"{chosen['name']}, as asked."
    elif chosen["source"] == "bundled":
        why = f"No data was given, so I use {chosen['name']}, a small set that comes with scikit-learn."
    elif chosen["source"] == "generated":
        why = "No data was given and none of the paper's can be had here, so I use generated data and say so."
    else:
        why = f"{chosen['name']}: {'used by the paper' if chosen['used_by_paper'] else 'given by you'}"
        several = len(candidates) > 1 and chosen["has_test_part"]
        why += ", the smallest of them with its own test part." if several else "."
    return chosen, why


# -- writing -----------------------------------------------------------------------------------------------


def _first_or_give_up(c: Conversation, tool: str, thought: str, **arguments: Any) -> str:
    """Try a stage once; when it failed before, say so and end."""
    if failed := c.failures(tool):
        return _give_up(c, failed[-1].error)
    return _step(c, tool, thought, **arguments)


def _step(c: Conversation, tool: str, thought: str, **arguments: Any) -> str:
    written = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in arguments.items())
    code = f"import json\n\nupdate_plan({_plan(c, tool)})\nresult = {tool}({written})\nprint(json.dumps(result))"
    return f"{thought}\n{OPEN_TAG}\n{code}\n{CLOSE_TAG}"


def _answer(c: Conversation, thought: str, text: str) -> str:
    code = f"update_plan({_plan(c, '')})\nfinal_answer({json.dumps(text, ensure_ascii=False)})"
    return f"{thought}\n{OPEN_TAG}\n{code}\n{CLOSE_TAG}"


def _give_up(c: Conversation, reason: str) -> str:
    more = ", over_budget=True" if reason.startswith("The time budget") else ""
    return f"I cannot go on.\n{OPEN_TAG}\ncannot_do(reason={json.dumps(reason, ensure_ascii=False)}{more})\n{CLOSE_TAG}"


def _plan(c: Conversation, now: str) -> str:
    """The to-do list as a Python literal: where each stage stands. With no stage `now`, only what was tried."""
    finished = {s.tool for s in [*c.earlier, *c.steps] if s.result is not None}
    items, ahead = [], False
    mode = IMPROVING if _improves(c) else {"run_seed"}
    for tool, title in STAGES:
        if tool in IMPROVING | {"run_seed"} and tool not in mode:
            continue
        if tool == "bring_weights" and not c.given.get("weights"):
            continue
        if tool == now:
            ahead = True  # a stage that follows may be done for an earlier request: not for this one
            items.append([title, "active"])
        elif tool in finished and not ahead:
            items.append([title, "done"])
        elif not now:
            items += [[title, "failed"]] if c.failures(tool) else []
        elif not (tool == "publish" and c.given.get("publish") == "never"):
            items.append([title, "pending"])
    return json.dumps(items, ensure_ascii=False)
