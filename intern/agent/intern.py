"""The loop: smolagents' CodeAgent with its own step. One brain call, one code step, one observation, all in the log."""

from __future__ import annotations

import json
import time
from collections.abc import Generator
from typing import Any

from rich.console import Console
from smolagents import CodeAgent, Tool
from smolagents.agents import ActionOutput
from smolagents.memory import ActionStep, CallbackRegistry
from smolagents.models import ChatMessage, MessageRole, Model
from smolagents.monitoring import AgentLogger, LogLevel
from smolagents.utils import AgentExecutionError

from intern.agent import last_words
from intern.agent.doubts import Doubts, Looked
from intern.agent.drafts import DRAFTS, Draft
from intern.agent.guards import LoopGuard, StepLimitError, StuckError
from intern.agent.memory import CLOSE_TAG, LOOK, OPEN_TAG, PendingStep, observation_text
from intern.agent.messages import Message, Mind, Role
from intern.agent.opening import NEW_SANDBOX, Opening
from intern.agent.outputs import Outputs, cut_middle, rounded
from intern.agent.planner import Planner
from intern.agent.reply import UNFINISHED, form_fault, sounds_unfinished, split_reply
from intern.agent.wanted import wanted_files
from intern.runs.events import Answer, Code, Hint, Observation, Output, Question, Summary, Thought
from intern.runs.workspace import Run, RunAsks
from intern.sandbox.executor import SandboxExecutor

PRINTED = "\n\nWhat the code printed last:\n```\n{text}\n```"
PRINTED_CHARACTERS = 800
"""Beside a small model's answer, which may have left out or misread something."""


class AsModel(Model):
    """A mind as smolagents knows models."""

    def __init__(self, mind: Mind) -> None:
        super().__init__(model_id=getattr(mind, "model_id", None))
        self.mind = mind

    def generate(self, messages: list[ChatMessage], *args: Any, **kwargs: Any) -> ChatMessage:
        roles = {MessageRole.SYSTEM: Role.SYSTEM, MessageRole.ASSISTANT: Role.ASSISTANT}
        ours = [Message(roles.get(m.role, Role.USER), str(m.content)) for m in messages]
        return as_chat(self.mind.generate(ours, *args, **kwargs))


def as_chat(message: Message) -> ChatMessage:
    """A message of ours as one of smolagents'."""
    return ChatMessage(role=MessageRole(message.role.value), content=message.content, raw=message.raw)


def as_text(answer: Any) -> str:
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False, default=str)


class Intern(CodeAgent):
    """A CodeAgent whose every event goes to the run's log and whose memory is that log."""

    def __init__(
        self, run: Run, tools: list[Tool], opening: Opening, executor: SandboxExecutor, *,
        max_steps: int, observation_chars: int, sandbox_since: int | None = None,
    ) -> None:  # fmt: skip
        self.record = run
        self.transcript, self.pending = opening.transcript, opening.pending
        self.brain, self.opening = opening.brain, opening.messages
        mind = self.brain.model
        self.guard = LoopGuard(hints=not isinstance(mind, Planner))
        self.doubts = Doubts() if opening.small else None
        self.looked: Looked = ""
        self.observation_chars = self.brain.observation_chars(observation_chars)
        self.outputs = Outputs(run.folder / "outputs")
        self.sandbox_since = self.transcript.steps if sandbox_since is None else sandbox_since
        self._note = opening.note if self.pending is not None else ""
        """For the brain, once the step that was cut short has run again."""
        self._printed = self._printed_before(self.pending)
        run.step = self.transcript.steps
        # smolagents prints what users write even at LogLevel.OFF, hence the quiet console.
        quiet = AgentLogger(level=LogLevel.OFF, console=Console(quiet=True))
        super().__init__(
            tools,
            AsModel(mind),
            executor=executor,
            code_block_tags=(OPEN_TAG, CLOSE_TAG),
            max_steps=max_steps,
            logger=quiet,
        )
        self.step_callbacks = CallbackRegistry()  # its monitor would count tokens for a console that nobody sees

    def look_first(self, code: str, kind: Looked) -> None:
        """Let the run begin with this step of the harness, if nothing has happened yet."""
        self.looked = kind
        if code and not self.transcript.steps and self.pending is None and len(self.transcript.entries) == 1:
            self.pending = PendingStep(1, LOOK, code)

    def turn(self) -> str:
        """Work until the brain answers; returns the answer. Raises LimitReachedError, ModelError, StuckError.

        BaseExceptions of the run (stopped, parked, failed) pass through; the log then says how far it got.
        """
        if self.transcript.answer is not None:  # the process died between the answer and what follows it
            return self.transcript.answer
        self.memory.reset()
        self.interrupt_switch = False
        self.python_executor.send_tools(self.tools)
        if self.doubts is not None:
            files = wanted_files(self.transcript.task, self.record.folder / "work")
            shown = tuple(split_reply(str(m.content))[1] for m in self.opening[1:] if m.role == Role.ASSISTANT)
            self.doubts = Doubts(
                worked=self.transcript.steps > 0, files=files, example=shown, task=self.transcript.task
            )
        answer: Any = None
        try:
            for event in self._run_stream(task="", max_steps=self.max_steps):
                if isinstance(event, ActionStep):
                    event.model_input_messages = None  # smolagents would keep every prompt of the run
                elif isinstance(event, ActionOutput) and event.is_final_answer:
                    answer = event.output
        except StuckError as stuck:
            if not self.guard.hints:
                raise
            answer = self._at_last(stuck)
        text = as_text(answer)
        if self.doubts is not None:
            told = self.doubts.completed(text)
            printed, text = self.doubts.evidence(told), rounded(told)
        if self.doubts is not None and printed:
            text += PRINTED.format(text=cut_middle(printed, PRINTED_CHARACTERS))
        self.record.emit(Answer(text=text))
        self.transcript.add_answer(text)
        return text

    def _at_last(self, stuck: StuckError) -> str:
        """What a small model makes of what was printed, now that it does not get on. Raises RunAsks when that is nothing."""
        if words := self._from_what_was_printed():
            return words + last_words.NOT_FURTHER.format(reason=stuck)
        question = f"I do not get on: {stuck} What should I do differently, or shall I stop here?"
        self.record.emit(Question(step=self.record.step, text=question))
        raise RunAsks(question) from stuck

    def _from_what_was_printed(self) -> str:
        """A small model's answer that sees the task and what its code has printed and nothing else; "" for none."""
        shown = self.doubts.findings() if self.doubts is not None else []
        if self.doubts is None or not shown:
            return ""
        replies = self.brain.drafts(last_words.request(self.doubts.task, shown), 1, last_words.ANSWERING)
        return last_words.words_in(replies[0], shown, self.doubts.task) if replies else ""

    def initialize_system_prompt(self) -> str:
        return self.opening[0].content

    def write_memory_to_messages(self, summary_mode: bool = False) -> list[ChatMessage]:
        return [as_chat(message) for message in (*self.opening, *self.transcript.messages)]

    def _step_stream(self, memory_step: ActionStep) -> Generator[Any]:
        self.record.check()
        decided, self.pending = self.pending or self._decide(), None
        if isinstance(decided, str):
            yield ActionOutput(output=decided, is_final_answer=True)
        elif decided is not None:
            self.record.step = decided.step
            if decided.thought:
                self.record.emit(Thought(step=decided.step, text=decided.thought), key=f"step{decided.step}:thought")
            self.record.emit(Code(step=decided.step, code=decided.code), key=f"step{decided.step}:code")
            yield self._execute(decided)

    def _decide(self) -> PendingStep | str | None:
        """Ask the brain: the next step, the answer, or None when its reply could not be used and it was told so."""
        said = self.brain.ask(self.transcript)
        if said.reasoning:
            self.record.emit(Thought(step=self.record.step + 1, text=said.reasoning, reasoning=True))
        thought, code = split_reply(said.text)
        if self.doubts is not None and not said.hint and (words := self.doubts.answer_in(code)):
            thought, code = words, ""
        doubt = self._doubt(thought, code) if not said.hint else None
        if doubt and self.doubts is not None and self.doubts.settled and (words := self._from_what_was_printed()):
            thought, code, doubt = words, "", self._doubt(words, "")
        if code and not said.hint and not doubt:
            return PendingStep(self.record.step + 1, thought, code)
        if doubt and (deed := self._deed()):
            return deed
        hint = said.hint or doubt or form_fault(thought)
        if hint is None and sounds_unfinished(thought) and not self.guard.nudged and self.guard.hints:
            self.guard.nudged, hint = True, UNFINISHED
        if hint is None:  # prose only: that is the answer
            return thought
        if not doubt:
            self.guard.form_fault(said.told)
        # A small model is not shown what it did wrong: what it has said once it says again.
        self._hint(hint, said=said.text.strip()[:2000] if self.doubts is None else "")
        if doubt:
            self._insist()
        if self.doubts is not None and self.doubts.nowhere is not None:
            nowhere, self.doubts.nowhere = self.doubts.nowhere, None
            self._forget(nowhere)
        return None

    def _forget(self, nowhere: Summary) -> None:
        """Let a note stand for steps that led nowhere."""
        self.record.emit(nowhere)
        self.transcript.replace(nowhere.upto, nowhere.text, nowhere.since)

    def _doubt(self, thought: str, code: str) -> str | None:
        """Why what a small model has said should not be taken as it is."""
        if self.doubts is None:
            return None
        return self.doubts.of_code(code, self._seen()) if code else self.doubts.of_prose(thought, self._seen())

    def _execute(self, decided: PendingStep) -> ActionOutput:
        """Run the code, log what is seen of it. An error is an observation; the loop goes on."""
        started = time.monotonic()
        output, final, error = None, False, None
        try:
            result = self.python_executor(decided.code)
            seen, output, final = result.logs, result.output, result.is_final_answer
            if output is not None and not final:
                seen = f"{seen}\nLast value: {output}".strip()
        except Exception as failure:  # noqa: BLE001 - whatever model-written code raised is what the brain must see
            seen, error = str(self.python_executor.state.get("_print_outputs", "")), str(failure)
            # A small model takes every sentence for a task: only what may explain the error.
            told = self.guard.hints and (self.doubts is None or "OSError" in error or "PermissionError" in error)
            if notes := self.python_executor.take_notes() if told else ():
                error = f"(About this sandbox: {' '.join(notes)})\n{error}"
            if "NameError" in error and self.sandbox_since and self.guard.hints:
                error, self._note = f"({NEW_SANDBOX.format(step=self.sandbox_since)})\n{error}", ""
        handle = f"step{decided.step}"
        observation = Observation(
            step=decided.step,
            text=self.outputs.fit(handle, seen, self.observation_chars),
            error=self.outputs.fit(f"{handle}-error", error, self.observation_chars) if error is not None else None,
            seconds=round(time.monotonic() - started, 3),
        )
        self.record.emit(observation, key=f"step{decided.step}:observation")
        self.transcript.add_step(decided.step, decided.thought, decided.code, observation_text(observation))
        if self.doubts is not None and decided.thought == LOOK:
            self.doubts.looked_at(self.looked, decided.code, seen)
            self._insist()
            self.pending = self._deed()
        elif self.doubts is not None:
            nowhere = self.doubts.ran(decided.step, decided.code, error, seen)
            if nowhere is not None:
                self._forget(nowhere)
            self._insist()
            self.pending = self._deed()
        if final:
            final = self._is_taken(decided.code, as_text(output))
        elif hint := self.guard.saw(decided.code, error if error is not None else seen, error is not None):
            self._hint(hint)
        note, self._note = self._note, ""
        if note and not final:
            self._hint(note)
        if error is not None:
            raise AgentExecutionError(error, self.logger)
        return ActionOutput(output=output, is_final_answer=final)

    def _is_taken(self, code: str, answer: str) -> bool:
        """Whether an answer that code has given is one; a small model's may be doubted."""
        doubt = self.doubts.of_result(code, answer, self._seen()) if self.doubts is not None else None
        if doubt and (deed := self._deed()):
            self.pending = deed
        elif doubt:
            self._hint(doubt)
            self._insist()
        return not doubt

    def _deed(self) -> PendingStep | None:
        """The step that the harness itself takes for a small model, if there is one."""
        if self.doubts is None or self.doubts.deed is None:
            return None
        deed, self.doubts.deed = self.doubts.deed, None
        if isinstance(deed, Draft):
            deed = deed.with_versions(self.brain.drafts(deed.request, DRAFTS))
            if not deed.code:
                return None
        return PendingStep(self.record.step + 1, deed.thought, deed.code)

    def _seen(self) -> list[str]:
        """What the brain was shown."""
        return [e.message.content for e in self.transcript.entries if e.message.role == Role.USER]

    def _insist(self) -> None:
        if self.doubts is not None:
            self.brain.insist, self.brain.wanted = self.doubts.insist, self.doubts.wanted

    def _hint(self, hint: str, said: str = "") -> None:
        self.record.emit(Hint(step=self.record.step, said=said, text=hint))
        self.transcript.add_hint(said, hint)

    def _handle_max_steps_reached(self, task: str) -> Any:
        raise StepLimitError(
            f"The brain did not finish within {self.max_steps} steps. Resume the run for as many more."
        )

    def _printed_before(self, pending: PendingStep | None) -> int:
        """How many characters of a cut-short step's output are in the log."""
        if pending is None:
            return 0
        outputs = [e.body for e in self.record.log.events(self.record.id, kinds=("output",))]
        return sum(len(o.text) for o in outputs if isinstance(o, Output) and o.step == pending.step)

    def live_output(self, text: str) -> None:
        """For the executor: output of the running code, as it comes."""
        # A step that runs again after a restart prints again what the log has already.
        known, self._printed = text[: self._printed], max(0, self._printed - len(text))
        if fresh := text[len(known) :]:
            self.record.emit(Output(step=self.record.step, text=fresh))
