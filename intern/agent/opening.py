"""What a turn begins with: the conversation so far and a brain for it. No smolagents: the first request can leave at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from intern.agent.brain import Brain
from intern.agent.guards import Limits
from intern.agent.memory import MEMORY_KINDS, Transcript
from intern.agent.messages import Message, Mind, Role
from intern.agent.summary import files_line
from intern.runs.events import Hint
from intern.runs.workspace import Run

NEW_SANDBOX = (
    "The sandbox was started anew after step {step}: variables, functions and imports of earlier steps are gone, "
    "files are kept."
)
NO_LIMITS = Limits(tokens=10**12, usd=0)


class Opening:
    """A run's memory, rebuilt from its log, and the brain that goes on with it."""

    def __init__(
        self, run: Run, mind: Mind, system_prompt: str, *, given: str, limits: Limits = NO_LIMITS, small: bool = False,
        example: Sequence[Message] = (), names: Mapping[str, str] | None = None, advice: str = "", looks: bool = True,
    ) -> None:  # fmt: skip
        """`given`: the request's options as JSON; `small`, `names`, `advice`, `looks`: see Transcript;
        `example`: a finished task to show."""
        said = run.log.events(run.id, kinds=MEMORY_KINDS)
        self.transcript, self.pending = Transcript.from_events(said, given, small, names, advice, looks)
        self.messages = [Message(Role.SYSTEM, system_prompt), *example]
        self.small = small
        self.note = ""
        """That the sandbox is new, where it is."""
        self.run = run
        run.step = self.transcript.steps
        self.brain = Brain(mind, run, limits, self.messages)

    def tell_new_sandbox(self) -> None:
        """The code of the next step finds nothing of what earlier steps left in memory: say so, once."""
        transcript = self.transcript
        if self.small or transcript.answer is not None or not transcript.has_code_since(NEW_SANDBOX[:30]):
            return
        self.note = NEW_SANDBOX.format(step=transcript.steps)
        if names := files_line(self.run.folder / "work"):
            self.note += f" In the work folder: {names}."
        if self.pending is None:  # else it runs first, as it stands
            self.run.emit(Hint(step=transcript.steps, said="", text=self.note))
            transcript.add_hint("", self.note)

    def ask_ahead(self) -> None:
        """Let the first request leave before the agent is built, if the brain is what the turn begins with."""
        if self.pending is None and self.transcript.answer is None and not self.small:
            self.brain.ask_ahead(self.transcript)

    def give_up(self) -> None:
        """The agent could not be built: whoever asks must not say anything after the run's end."""
        self.brain.drop_ahead()
