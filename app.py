"""The app: `python app.py [--port P]`, and what a Hugging Face Space runs. `demo` is the Gradio app."""

from __future__ import annotations

import argparse
import sys

from intern.service import Service
from intern.settings import SettingsError, load_settings
from intern.ui.app import build_app, launch_app


def _service() -> Service:
    try:
        return Service(load_settings())
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from error


service = _service()
demo = build_app(service)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Serve the intern's app.")
    parser.add_argument("--port", type=int, default=None, help=f"default {service.settings.app.port}")
    launch_app(service, parser.parse_args().port, demo=demo)
