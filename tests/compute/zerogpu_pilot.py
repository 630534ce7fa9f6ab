"""Run in a process of its own, as a ZeroGPU Space: a job for a visitor, from a thread that the page's request started."""

from __future__ import annotations

import contextvars
import json
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

from intern.compute import zerogpu
from intern.compute.base import ComputeError, JobSpec
from tests.compute.test_tail import Heard


def pilot(folder: Path, token: str, seconds: float, ours: bool) -> dict:
    """What comes of one job."""
    from gradio.context import LocalContext

    LocalContext.request.set(SimpleNamespace(headers=Headers({"x-ip-token": token} if token else {})))
    answer: dict = {}
    heard = Heard()

    def work() -> None:
        job = JobSpec(id=folder.name, folder=folder, argv=["program.py"], threads=1, hard_limit_seconds=seconds)
        try:
            result = zerogpu.ZeroGpuBackend(lambda _: ours).run(job, heard, lambda: None)
            answer.update(result.model_dump(mode="json"))
        except ComputeError as error:
            answer["error"] = str(error)

    # As Session does: the thread of a run carries the context of whoever started it.
    thread = threading.Thread(target=contextvars.copy_context().run, args=(work,))
    thread.start()
    thread.join()
    return answer | {"lines": heard.lines, "metrics": [m.name for m in heard.metrics], "states": heard.states}


class Headers(dict):
    """Like Starlette's: an object with attributes."""


if __name__ == "__main__":
    sys.modules["torch"] = None  # type: ignore[assignment]  # there is no GPU here for `spaces` to patch torch for
    zerogpu.prepare()
    jobs = json.loads(sys.argv[1])
    answers = [pilot(Path(j["folder"]), j["token"], j["seconds"], j["ours"]) for j in jobs]
    print(json.dumps({"answers": answers}))
