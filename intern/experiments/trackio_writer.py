"""The process that writes to Trackio: lines of JSON on its input become metrics and alerts; it ends when the input does.

Not imported by the house: `python -m intern.experiments.trackio_writer`, with TRACKIO_DIR set, so that Trackio and its threads
never live in the app. The first line is {"project", "name", "group", "config"}; then {"values", "step"} or {"alert", "level"}.
"""

from __future__ import annotations

import contextlib
import json
import sys


def main() -> None:
    import trackio

    about = json.loads(sys.stdin.readline())
    with contextlib.redirect_stdout(sys.stderr):  # it prints advice
        trackio.init(
            project=about["project"], name=about["name"], group=about["group"], config=about["config"], resume="allow",
            embed=False, auto_log_gpu=False, auto_log_cpu=False,
        )  # fmt: skip
        for line in sys.stdin:
            row = json.loads(line)
            if "values" in row:
                trackio.log(row["values"], step=row["step"])
            else:
                trackio.alert(title=row["alert"][:120], text=row["alert"], level=trackio.AlertLevel(row["level"]))
        trackio.finish()


if __name__ == "__main__":
    main()
