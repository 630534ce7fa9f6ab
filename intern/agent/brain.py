"""Asking the model: within its context, within the budget, and with what it took in the log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from intern.agent.catalogue import ModelCard
from intern.agent.doubts import Insist
from intern.agent.endpoint import ContextTooLongError, CutReplyError, EndpointModel
from intern.agent.guards import Limits, Spending
from intern.agent.memory import Transcript
from intern.agent.messages import Message, Mind, Role
from intern.agent.reply import CLOSE_TAG, CUT, LOOPED, without_reasoning
from intern.agent.stream import LOOPING, Reply
from intern.agent.summary import SUMMARY_KINDS, summarise
from intern.runs.events import Summary, UserMessage
from intern.runs.events import Usage as UsageEvent
from intern.runs.workspace import Run

CHARACTERS_PER_TOKEN = 3.3
"""Before the server has told the truth; code and JSON have fewer characters a token than prose."""
LUCKY_TEMPERATURE = 0.6
LUCKIEST, LUCKIER = 1.0, 0.15
LUCKY_DRAFT = 0.7
"""The first draft of a script is the likeliest, the others differ."""
CLEAN_PAGE = "You are an expert Python programmer. You reply with one block of Python code and nothing else."
ALL_LOOPED = "The model's last answers repeated themselves, so they were cut and nothing of them was executed."
ALL_CUT = (
    "The model's last answers hit their length limit{limit} one after the other, so they were cut and nothing of them was "
    "executed. A smaller task, a longer context or a model that reasons less may help."
)
READ_OFF = 'final_answer("'
"""How an answer begins that stands in what was shown."""
DEPARTURE_SECONDS = 2.0
"""For the first request to leave, before the rest of a session is built beside it."""
TOLD_SECONDS = 0.5
"""A shorter wait for another try is not worth a line."""
MARGIN = 0.95
AFTER_COMPACTION = 0.5
SUMMARY_SHARE = 0.4
"""Of what is left after a compaction, the summary's part."""


@dataclass(frozen=True)
class Said:
    """A reply as the loop needs it. `hint` is set when it cannot be used at all."""

    text: str
    reasoning: str = ""
    hint: str = ""
    told: str = ""
    """For the person, if that goes on."""


class Ahead:
    """A question that is asked in a thread while its asker is still busy with something else."""

    def __init__(self, ask: Callable[[], Said]) -> None:
        self._said: Said | None = None
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._work, args=(ask,), name="ask-ahead", daemon=True)
        self._thread.start()

    def _work(self, ask: Callable[[], Said]) -> None:
        try:
            self._said = ask()
        except BaseException as failure:  # noqa: BLE001 - whoever takes the answer takes the failure too
            self._failure = failure

    def wait(self) -> None:
        """Until nothing is asked any more, whatever came of it."""
        self._thread.join()

    def take(self) -> Said:
        """Wait for the answer. Raises what asking raised."""
        self.wait()
        if self._failure is not None:
            raise self._failure
        assert self._said is not None
        return self._said


class Brain:
    """A model with a memory that fits and a budget that holds. The planner has neither context nor price."""

    def __init__(self, model: Mind, run: Run, limits: Limits, opening: Sequence[Message] = ()) -> None:
        """`opening`: the system prompt, and what else stands before the conversation."""
        self.model = model
        self.opening = list(opening)
        self._opening_characters = sum(len(message.content) for message in self.opening)
        self.run = run
        self.limits = limits
        self.spending = Spending()
        self.characters_per_token = CHARACTERS_PER_TOKEN
        self.insist: Insist = "no"
        """A reply was doubted again: the next one is drawn with more luck, or must be an answer. For one request."""
        self.wanted = ""
        self._ahead: Ahead | None = None
        self._card: ModelCard | None = None
        self._budget: float | None = None
        self._request = 0
        self._luck = 0
        """Requests in a row that were drawn with luck, each with more."""
        if isinstance(model, EndpointModel):
            self._card = model.card
            self._budget = (self._card.context_tokens - self._card.output_tokens) * MARGIN
            model.on_text = self._show
        for event in run.log.events(run.id, kinds=("user", "usage")):
            if isinstance(event.body, UserMessage):
                self.spending = Spending()  # a person spoke: the limits are per request
                self._request += 1
            elif isinstance(body := event.body, UsageEvent):
                self.spending.add(body.prompt_tokens or 0, body.completion_tokens or 0, body.usd)

    def observation_chars(self, wanted: int) -> int:
        """How long an observation may be: a small context has room for small ones only."""
        if self._budget is None:
            return wanted
        return max(600, min(wanted, round(self._budget * self.characters_per_token / 10)))

    def ask_ahead(self, transcript: Transcript) -> None:
        """Begin to ask; the next `ask` takes the reply. Returns once the request has left (or it is clear that none will).

        The transcript must not change until then.
        """
        if not isinstance(self.model, EndpointModel):
            return
        departed = self.model.departed

        def ask() -> Said:
            try:
                return self._ask_within_limits(transcript)
            finally:
                departed.set()

        self._ahead = Ahead(ask)
        departed.wait(DEPARTURE_SECONDS)

    def drop_ahead(self) -> None:
        """End a question that nobody will take the answer of."""
        if self._ahead is not None:
            self.run.cancel.set()
            self._ahead.wait()

    def ask(self, transcript: Transcript) -> Said:
        """One reply. Raises LimitReachedError, ModelError, RunStopped."""
        if self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            return ahead.take()
        return self._ask_within_limits(transcript)

    def _ask_within_limits(self, transcript: Transcript) -> Said:
        self.spending.check(self.limits)
        if self._budget is not None and self._tokens(transcript) > self._budget:
            self._compact(transcript, self._budget)
        try:
            return self._ask(transcript)
        except ContextTooLongError:
            # The context is smaller than we were told: learn that, compact, and try once more.
            self._budget = min(self._budget or 1e9, self._tokens(transcript)) * 0.7
            if not self._compact(transcript, self._budget) and not self._compact(transcript, self._budget, whole=True):
                raise
            return self._ask(transcript)
        finally:
            self.run.live = ""

    def _ask(self, transcript: Transcript) -> Said:
        messages = [*self.opening, *transcript.messages]
        characters = self._characters(transcript)
        try:
            ears = self._ears(characters)
            message = self.model.generate(messages, stop_sequences=[CLOSE_TAG], **self._insisting(), **ears)
        except CutReplyError as cut:
            self._took(cut.reply, characters)
            hint, told = (LOOPED, ALL_LOOPED) if cut.reply.finish == LOOPING else (CUT, self._all_cut())
            return Said(text=cut.reply.text[:400] + " …", reasoning=cut.reply.reasoning, hint=hint, told=told)
        reasoning = ""
        if isinstance(message.raw, Reply):
            self._took(message.raw, characters)
            reasoning = message.raw.reasoning
        thinking = without_reasoning(str(message.content or ""))[1]
        return Said(text=str(message.content or ""), reasoning=f"{reasoning}\n{thinking}".strip())

    def _all_cut(self) -> str:
        limit = f" of {self._card.output_tokens:,} tokens" if self._card is not None else ""
        return ALL_CUT.format(limit=limit)

    def drafts(self, request: str, count: int, begins: str = "") -> list[str]:
        """So many replies to a request that knows nothing of the conversation, fewer when some are too long.

        Raises LimitReachedError, ModelError, RunStopped.
        """
        found: list[str] = []
        for number in range(count):
            self.spending.check(self.limits)
            messages = [Message(Role.SYSTEM, CLEAN_PAGE), Message(Role.USER, request)]
            characters = sum(len(message.content) for message in messages)
            try:
                message = self.model.generate(
                    messages, stop_sequences=[CLOSE_TAG], temperature=LUCKY_DRAFT if number else 0.0, begins=begins,
                    **self._ears(characters),
                )  # fmt: skip
            except CutReplyError as cut:
                self._took(cut.reply, characters)
                continue
            if isinstance(message.raw, Reply):
                self._took(message.raw, characters)
            found.append(str(message.content or ""))
        self.run.live = ""
        return found

    def _ears(self, characters: int) -> dict[str, Any]:
        """For a model behind an endpoint: who hears of replies that were useless, and of waits."""
        if self._card is None:
            return {}
        return {"lost": lambda reply: self._took(reply, characters), "waits": self._waits}

    def _waits(self, why: str, seconds: float) -> None:
        """A wait is told before it begins, so that silence is not taken for work."""
        if seconds >= TOLD_SECONDS:
            until = (
                f" (until {time.strftime('%H:%M:%S', time.localtime(time.time() + seconds))})" if seconds > 10 else ""
            )
            self.run.note(f"{why[:1].upper()}{why[1:]}. I wait {seconds:.0f} s{until} and ask again.", quotes=True)

    def _insisting(self) -> dict[str, Any]:
        insist, self.insist = self.insist, "no"
        if insist == "no" or not isinstance(self.model, EndpointModel):
            self._luck = 0
            return {}
        if insist in ("read", "begin"):
            return {"begins": READ_OFF if insist == "read" else self.wanted}
        luck = min(LUCKIEST, LUCKY_TEMPERATURE + LUCKIER * self._luck)
        self._luck += 1
        begins = {"answer": "final_answer(", "write": f"open({self.wanted!r}, 'w').write('''"}
        return {"temperature": luck, "begins": begins.get(insist, "")}

    def _took(self, reply: Reply, characters: int) -> None:
        """Log what a request took, and warn of budgets that run out."""
        assert self._card is not None
        usd = self._card.price(reply.prompt_tokens, reply.completion_tokens)
        self.run.emit(
            UsageEvent(step=self.run.step + 1, model=self._card.id, prompt_tokens=reply.prompt_tokens,
                       completion_tokens=reply.completion_tokens, usd=usd,
                       cached_tokens=reply.cached_tokens)
        )  # fmt: skip
        answered = reply.completion_tokens
        if answered is None:  # not told: the limit must hold all the same
            answered = round((len(reply.text) + len(reply.reasoning)) / self.characters_per_token)
        self.spending.add(reply.prompt_tokens or round(characters / self.characters_per_token), answered, usd)
        if reply.prompt_tokens:
            self.characters_per_token = min(6.0, max(1.0, characters / reply.prompt_tokens))
        if usd is None and self._card.usd is not None:
            self.run.note(
                "A reply ended before its server said what it took, so the cost of this run is unknown (not zero).",
                "warning", key="usage-unknown",
            )  # fmt: skip
        elif usd is None:
            self.run.note(
                f"What {self._card.id} costs is not known here, so the cost of this run is unknown (not zero) and the "
                "limit in dollars cannot hold; the limit in tokens does.", "warning", key="price-unknown",
            )  # fmt: skip
        for key, words in self.spending.warnings(self.limits):
            self.run.note(words, "warning", key=f"budget:{key}:{self._request}")

    # -- the memory fits ---------------------------------------------------------------------------------

    def _tokens(self, transcript: Transcript) -> float:
        return self._characters(transcript) / self.characters_per_token

    def _characters(self, transcript: Transcript) -> int:
        return self._opening_characters + transcript.characters

    def _compact(self, transcript: Transcript, budget: float, whole: bool = False) -> bool:
        """Put a summary in place of old steps (`whole`: of all); False when there is nothing to take away."""
        first = len(str(transcript.messages[0].content))
        room = max(budget * AFTER_COMPACTION * self.characters_per_token - self._opening_characters - first, 1200.0)
        upto = transcript.steps if whole else transcript.last_steps(round(room * (1 - SUMMARY_SHARE)))
        if upto <= transcript.summarised:
            return False
        events = self.run.log.events(self.run.id, kinds=SUMMARY_KINDS)
        text = summarise(events, upto, round(room * SUMMARY_SHARE), self.run.folder / "work")
        self.run.emit(Summary(upto=upto, text=text))
        transcript.replace(upto, text)
        return True

    def _show(self, text: str) -> None:
        """The reply as it is being written, for faces in this process."""
        self.run.live = without_reasoning(text)[0]
