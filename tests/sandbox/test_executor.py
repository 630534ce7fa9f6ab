"""The agent's executor: state, tools, errors, deadlines, stopping."""

from __future__ import annotations

import itertools
import sys
import threading
import time
from pathlib import Path

import pytest
from smolagents import Tool

from intern.runs.workspace import RunParked, RunStopped
from intern.sandbox.executor import CodeError, SandboxExecutor
from intern.sandbox.pool import SandboxUnavailable, prepare_workdir
from intern.settings import SandboxLimits


class Add(Tool):
    name = "add"
    description = "Adds two numbers."
    inputs = {  # noqa: RUF012
        "left": {"type": "number", "description": "one"},
        "right": {"type": "number", "description": "other", "nullable": True},
    }
    output_type = "number"

    def forward(self, left, right=None):
        return left + (right or 0)


class Do(Tool):
    """Runs whatever the test put in; `what` names it."""

    name = "do"
    description = "Does something on the host."
    inputs = {"what": {"type": "string", "description": "which"}}  # noqa: RUF012
    output_type = "any"

    def __init__(self, actions):
        super().__init__()
        self.actions = actions

    def forward(self, what):
        return self.actions[what]()


class PaperMissing(Exception):
    pass


def _raise(error):
    raise error


@pytest.fixture
def make(tmp_path):
    made = []

    def make_executor(actions=None, seconds=10.0, on_output=None, cancel=None):
        executor = SandboxExecutor(
            tmp_path / "work", SandboxLimits(), on_output, cancel or threading.Event(), step_seconds=seconds
        )
        executor.send_variables(variables={})
        executor.send_tools({"add": Add(), "do": Do(actions or {})})
        made.append(executor)
        return executor

    yield make_executor
    for executor in made:
        executor.cleanup()


def test_values_and_state_pass_between_steps(make):
    executor = make()
    executor.send_variables(variables={"given": {"a": [1, 2.5, None, ("x",)]}})
    executor("total = add(1, right=2)")
    result = executor("print(given)\ntotal")
    assert (result.output, result.logs, result.is_final_answer) == (3, "{'a': [1, 2.5, None, ('x',)]}\n", False)
    result = executor("final_answer({'mean': total})")
    assert (result.output, result.is_final_answer) == ({"mean": 3}, True)
    result = executor("final_answer(f'{total} rows', 'none of them empty')")
    assert (result.output, result.is_final_answer) == ("3 rows\nnone of them empty", True), "parts are lines"


def test_an_error_is_a_traceback_with_source_and_output(make):
    executor = make()
    with pytest.raises(CodeError) as caught:
        executor("print('before')\ndef f(x):\n    return 1 / x\nf(0)")
    assert "return 1 / x" in str(caught.value) and "ZeroDivisionError" in str(caught.value)
    assert "intern" not in str(caught.value)
    assert executor.state["_print_outputs"] == "before\n"


def test_tool_errors_are_catchable_with_their_message(make):
    executor = make({"value": lambda: _raise(ValueError("no such thing")), "own": lambda: _raise(PaperMissing("gone"))})
    code = """
try:
    do("value")
except ValueError as error:
    print("one", error)
try:
    do("own")
except Exception as error:
    print("two", type(error).__name__, error)
try:
    add("x", 1)
except TypeError as error:
    print("three", error)
"""
    assert (
        executor(code).logs == "one no such thing\ntwo PaperMissing gone\nthree add(): left must be number, not str\n"
    )


@pytest.mark.parametrize("reason", [RunStopped(), RunParked("wait")])
def test_a_stop_raised_in_a_tool_ends_the_step_and_keeps_variables(make, reason):
    executor = make({"park": lambda: _raise(reason)})
    with pytest.raises(type(reason)):
        executor("x = 41\ndo('park')\nx = 0")
    assert executor("x + 1").output == 42


def test_tool_time_does_not_count(make):
    executor = make({"slow": lambda: time.sleep(1.2) or "slept"}, seconds=0.8)
    assert executor("do('slow')").output == "slept"


def test_deadline_interrupts_then_kills(make):
    executor = make(seconds=0.5)
    executor("x = 1")
    with pytest.raises(CodeError, match=r"longer than 0\.5 s"):
        executor("import time\ntime.sleep(60)")
    assert executor("x").output == 1
    with pytest.raises(CodeError, match="variables are lost, files are kept"):
        executor(
            "open('kept','w').close()\nwhile True:\n    try:\n        time.sleep(60)\n    except BaseException: pass"
        )
    with pytest.raises(CodeError, match="NameError"):
        executor("x")
    assert executor("import os; os.listdir('.')").output.count("kept") == 1
    assert executor("add(2, 3)").output == 5


@pytest.mark.parametrize(
    "code", ["import time; time.sleep(60)", "do('sleep')", "while True:\n  try: do('x')\n  except BaseException: pass"]
)
def test_cancel_ends_a_step_within_a_second(make, code):
    cancel = threading.Event()
    executor = make({"sleep": lambda: time.sleep(20)}, seconds=30, cancel=cancel)
    executor("1")
    threading.Timer(0.3, cancel.set).start()
    began = time.monotonic()
    with pytest.raises(RunStopped):
        executor(code)
    assert time.monotonic() - began < 15
    with pytest.raises(RunStopped):
        executor("1")


def test_interrupt_keeps_variables(make):
    executor = make(seconds=30)
    executor("x = 7")
    threading.Timer(0.3, executor.interrupt).start()
    with pytest.raises(CodeError, match="interrupted"):
        executor("import time; time.sleep(60)")
    assert executor("x").output == 7


def test_output_arrives_while_the_code_runs(make):
    seen = []
    executor = make(on_output=lambda text: seen.append((time.monotonic(), text)))
    logs = executor(
        "import time, os\nfor i in range(5):\n    print(i)\n    time.sleep(0.15)\nos.system('echo child')"
    ).logs
    assert logs == "0\n1\n2\n3\n4\nchild\n" == "".join(text for _, text in seen)
    assert seen[-1][0] - seen[0][0] > 0.4
    seen.clear()
    executor("for i in range(20000): print(i)")
    spans = [b[0] - a[0] for a, b in itertools.pairwise(seen[:-1])]
    assert all(span >= 0.09 for span in spans)


def test_arrays_and_odd_objects_come_back(make):
    numpy = pytest.importorskip("numpy")
    executor = make()
    output = executor(
        "import numpy as np\n(np.arange(6, dtype='f4').reshape(2, 3), float('nan'), np.float64(0.5))"
    ).output
    assert numpy.array_equal(output[0], numpy.arange(6, dtype="f4").reshape(2, 3))
    assert output[1] != output[1] and output[2] == 0.5
    odd = executor("class Odd:\n    def __repr__(self): raise RuntimeError('no')\nOdd()").output
    assert "its repr raised RuntimeError" in odd
    assert executor("import threading\nthreading.Lock()").output.startswith("<unlocked")


def test_tools_work_from_threads(make):
    executor = make()
    code = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "list(ThreadPoolExecutor(4).map(lambda i: add(i, i), range(20)))"
    )
    assert executor(code).output == [2 * i for i in range(20)]


def test_a_work_folder_that_others_could_read_is_refused():
    with pytest.raises(SandboxUnavailable, match="INTERN_HOME"):
        prepare_workdir(Path(sys.prefix) / "intern-test-work")


def test_the_host_survives_a_session_that_ended_between_steps(make):
    executor = make()
    executor("import threading, os\nthreading.Timer(0.2, lambda: os._exit(5)).start()")
    time.sleep(0.6)
    with pytest.raises(CodeError, match=r"between two steps.*variables are lost"):
        executor("1")
    assert executor("1").output == 1


def test_tools_cannot_be_called_by_other_names(make):
    executor = make()
    with pytest.raises(CodeError, match="NameError"):
        executor("no_such_tool(1)")
    code = "import intern.sandbox.worker as w, gc\nwire = next(o for o in gc.get_objects() if type(o) is w.Wire)\n"
    with pytest.raises(CodeError, match="there is no tool 'secret'"):
        executor(code + "w.call_tool(wire, 'secret', [], (), {})")
