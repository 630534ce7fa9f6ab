"""The app: `python app.py [--port P]`, and what a Hugging Face Space runs. `demo` is the Gradio app."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator

from intern.ui.gradio_start import start_light

if __name__ == "__main__":
    start_light()  # before anything else is imported

from intern.compute.zerogpu import prepare
from intern.service import Service
from intern.settings import SettingsError, load_settings
from intern.ui.app import build_app, launch_app


@contextlib.contextmanager
def _one_line() -> Iterator[None]:
    """A wrong setting is one line on stderr and exit code 2."""
    try:
        yield
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from error


prepare()  # a ZeroGPU Space wants a function for its GPU to be there when this file is imported
with _one_line():
    service = Service(load_settings())
    demo = build_app(service)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Serve the intern's app.")
    parser.add_argument("--port", type=int, default=None, help=f"default {service.settings.app.port}")
    with _one_line():
        launch_app(service, parser.parse_args().port, demo=demo)
