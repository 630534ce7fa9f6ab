"""What has to happen before `import gradio`: no usage statistics, and no rewriting of its editor stubs."""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.abc
import importlib.machinery
import os
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType

STUB_WRITER = "gradio.component_meta"


def prepare() -> None:
    """Call before the first `import gradio`; later calls change nothing."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    # After every event Gradio makes a table of the last ten thousand, for a monitoring page that is off here.
    os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(sys.maxsize)
    os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
    # Around every handler Gradio asks matplotlib, where there is one, for its backend; looking for one loads pyplot.
    os.environ.setdefault("MPLBACKEND", "agg")
    if "gradio" not in sys.modules and not any(isinstance(f, _WithoutStubs) for f in sys.meta_path):
        sys.meta_path.insert(0, _WithoutStubs())


def start_light() -> None:
    """For a process that only serves the app: call first of all. `settle` undoes what is undone once the page answers.

    pandas comes with Gradio and would bring pyarrow, 35 MB that the page has no use for (rooms that read Parquet import
    pyarrow themselves, without pandas). And collecting garbage among what an import makes finds none.
    """
    gc.disable()
    if "pandas" not in sys.modules and "pyarrow" not in sys.modules:
        sys.modules["pyarrow"] = None  # type: ignore[assignment]
        try:
            importlib.import_module("pandas")
        finally:
            del sys.modules["pyarrow"]


def settle() -> None:
    """The app is served: what is in memory by now stays, and garbage is collected again."""
    gc.freeze()
    gc.enable()


@contextlib.contextmanager
def one_server() -> Iterator[None]:
    """While a page is laid out Gradio makes its server three times, to throw it away; `launch` makes the one that serves."""
    from gradio.routes import App

    made = App.create_app
    App.create_app = staticmethod(lambda *arguments, **named: None)  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        App.create_app = made  # type: ignore[method-assign]


class _WithoutStubs(importlib.abc.MetaPathFinder):
    """Loads `gradio.component_meta` with its stub writer off.

    At every import Gradio parses the source of all its components again to refresh `.pyi` files for editors: 1.3 s
    of a 3 s start, and writes into site-packages. Nothing at run time reads them.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != STUB_WRITER:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(importlib.abc.Loader):
    def __init__(self, loader: importlib.abc.Loader) -> None:
        self._loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        # A name that a later Gradio drops is no harm: then there is nothing to turn off.
        module.create_or_modify_pyi = lambda *arguments, **named: None  # type: ignore[attr-defined]
