"""`python -m intern`: the command line (commands.py), and what must begin before the rest of it is even imported."""

from __future__ import annotations

import sys


def main() -> None:
    try:
        if sys.argv[1:2] == ["run"]:
            from intern.sandbox.pool import begin_trial

            begin_trial()  # in a process of its own, while this one imports
        from intern.commands import app
    except KeyboardInterrupt:
        sys.exit(130)
    app(prog_name="python -m intern")


if __name__ == "__main__":
    main()
