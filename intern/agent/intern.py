"""The loop: smolagents' CodeAgent with its own step. One brain call, one code step, one observation, all in the log."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Generator
from typing import Any

from rich.console import Console
from smolagents import CodeAgent, Tool
from smolagents.agents import ActionOutput
from smolagents.memory import ActionStep
from smolagents.models import ChatMessage, MessageRole, Model
from smolagents.monitoring import AgentLogger, LogLevel
from smolagents.utils import AgentExecutionError

from intern.agent.guards import RepeatGuard
from intern.agent.memory import CLOSE_TAG, MEMORY_KINDS, OPEN_TAG, PendingStep, Transcript, cut_middle, observation_text
from intern.runs.events import Answer, Code, Observation, Output, Thought
from intern.runs.workspace import Run
from intern.sandbox.executor import SandboxExecutor

FENCE = re.compile(r"^```(?:python|py)\s*\n(.*?)^```\s*$", re.DOTALL | re.MULTILINE)


class Intern(CodeAgent):
    """A CodeAgent whose every event goes to the run's log and whose memory is that log."""

    def __init__(
        self,
        run: Run,
        tools: list[Tool],
        model: Model,
        executor: SandboxExecutor,
        system_prompt: str,
        *,
        max_steps: int,
        observation_chars: int,
        given: str,
    ) -> None:
        self.record = run
        self.prompt = system_prompt
        self.observation_chars = observation_chars
        self.transcript, self.pending = Transcript.from_events(run.log.events(run.id, kinds=MEMORY_KINDS), given)
        self.guard = RepeatGuard()
        self._printed = self._printed_before(self.pending)
        run.step = self.transcript.steps
        # smolagents prints what users write even at LogLevel.OFF, hence the quiet console.
        quiet = AgentLogger(level=LogLevel.OFF, console=Console(quiet=True))
        super().__init__(
            tools, model, executor=executor, code_block_tags=(OPEN_TAG, CLOSE_TAG), max_steps=max_steps, logger=quiet
        )

    def turn(self) -> str:
        """Work until the brain answers; returns the answer. Raises StepLimitError after `max_steps` steps.

        BaseExceptions of the run (stopped, parked, failed) pass through; the log then says how far it got.
        """
        if self.transcript.answer is not None:  # the process died between the answer and what follows it
            return self.transcript.answer
        self.memory.reset()
        self.interrupt_switch = False
        self.python_executor.send_tools(self.tools)
        answer: Any = None
        for event in self._run_stream(task="", max_steps=self.max_steps):
            if isinstance(event, ActionStep):
                event.model_input_messages = None  # smolagents would keep every prompt of the run
            elif isinstance(event, ActionOutput) and event.is_final_answer:
                answer = event.output
        text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False, default=str)
        self.record.emit(Answer(text=text))
        self.transcript.add_answer(text)
        return text

    def initialize_system_prompt(self) -> str:
        return self.prompt

    def write_memory_to_messages(self, summary_mode: bool = False) -> list[ChatMessage]:
        return [ChatMessage(role=MessageRole.SYSTEM, content=self.prompt), *self.transcript.messages]

    def _step_stream(self, memory_step: ActionStep) -> Generator[Any]:
        self.record.check()
        decided, self.pending = self.pending, None
        if decided is None:
            reply = self.model.generate(self.write_memory_to_messages(), stop_sequences=[CLOSE_TAG])
            memory_step.token_usage = reply.token_usage
            thought, code = split_reply(str(reply.content or ""))
            if not code:  # prose only: that is the answer
                yield ActionOutput(output=thought, is_final_answer=True)
                return
            decided = PendingStep(self.record.step + 1, thought, code)
        self.record.step = decided.step
        if decided.thought:
            self.record.emit(Thought(step=decided.step, text=decided.thought), key=f"step{decided.step}:thought")
        self.record.emit(Code(step=decided.step, code=decided.code), key=f"step{decided.step}:code")
        yield self._execute(decided)

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
        observation = Observation(
            step=decided.step,
            text=cut_middle(seen, self.observation_chars),
            error=cut_middle(error, self.observation_chars) if error is not None else None,
            seconds=round(time.monotonic() - started, 3),
        )
        self.record.emit(observation, key=f"step{decided.step}:observation")
        self.transcript.add_step(decided.step, decided.thought, decided.code, observation_text(observation))
        if error is not None:
            self.guard.failed(decided.code, error)
            raise AgentExecutionError(error, self.logger)
        self.guard.went_well()
        return ActionOutput(output=output, is_final_answer=final)

    def _handle_max_steps_reached(self, task: str) -> Any:
        raise StepLimitError(f"The brain did not finish within {self.max_steps} steps.")

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


class StepLimitError(RuntimeError):
    """The brain used all its steps without an answer."""


def split_reply(reply: str) -> tuple[str, str]:
    """A reply's thought and code. Code stands between the run tags, else in the first fenced python block."""
    reply = re.sub(r"<think>.*?</think>", "", reply, flags=re.DOTALL)
    if OPEN_TAG in reply:
        thought, _, rest = reply.partition(OPEN_TAG)
        return thought.strip(), rest.partition(CLOSE_TAG)[0].strip()
    if match := FENCE.search(reply):
        return reply[: match.start()].strip(), match[1].strip()
    return reply.strip(), ""
