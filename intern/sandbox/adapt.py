"""Makes ordinary libraries feel at home in a confined worker: caches, temporary files, seeds, and a few calls.

Convenience, never protection: the code may undo all of it and gains nothing.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import random
import shutil
import stat
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from intern.sandbox.request import Layers, Request

MOST_WARNING = 400
NO_HOME = "/proc/no-home-yet"
"""HOME while the forkserver loads libraries: what they derive from it is found again by this name."""


def frozen_paths() -> list[tuple[ModuleType, str, Any]]:
    """Module attributes that libraries computed from the forkserver's HOME. Slow: once, after the preload."""
    return [
        (module, name, value)
        for module in list(sys.modules.values())
        if module.__name__ != __name__
        for name, value in list(vars(module).items())
        # By exact type: a lazy object's __class__ may import half a library, or warn.
        if type(value) in (str, type(Path())) and NO_HOME in str(value)
    ]


def adapt(request: Request, layers: Layers, frozen: Sequence[tuple[ModuleType, str, Any]]) -> list[str]:
    """Prepare this worker; remarks for the author of the code."""
    tempfile.tempdir = None
    for module, name, value in frozen:
        setattr(module, name, type(value)(str(value).replace(NO_HOME, request.workdir)))
    reseed()
    warnings.formatwarning = one_line
    after_import({"joblib.externals.loky.backend.context": _tell_cores})
    notes = []
    if not layers.namespaces and layers.seccomp:
        os.chmod = change_mode  # type: ignore[assignment]
        notes.append("Temporary files go to the folder that tempfile.gettempdir() names; /tmp itself is closed.")
    if layers.no_connect:
        single_process_loading()
        if request.kind == "session":  # joblib's workers could not be reached; and it would warn that lscpu is confined
            os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")
        notes.append("DataLoader and datasets work in one process here (num_workers and num_proc are ignored).")
    return notes


def one_line(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """A warning without the library's path and source line."""
    return f"{category.__name__}: {' '.join(str(message).split())[:MOST_WARNING]}\n"


def reseed() -> None:
    """Sessions are forked from one image; their random numbers must differ."""
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(int.from_bytes(os.urandom(4), "big"))
    if torch := sys.modules.get("torch"):
        torch.manual_seed(int.from_bytes(os.urandom(7), "big"))


def change_mode(
    path: int | str | bytes | os.PathLike[str], mode: int, *, dir_fd: int | None = None, follow_symlinks: bool = True
) -> None:
    """os.chmod where modes cannot be changed: a file becomes executable by being written anew, the rest is ignored."""
    status = os.stat(path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)
    wants_to_run = stat.S_ISREG(status.st_mode) and mode & 0o100 and not status.st_mode & 0o100
    if not wants_to_run or isinstance(path, int) or dir_fd is not None:
        return
    target = os.path.realpath(os.fsdecode(path))
    fresh = f"{target}.{os.getpid()}.mode"
    with open(target, "rb") as source, open(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o700), "wb") as copy:
        shutil.copyfileobj(source, copy)
    os.replace(fresh, target)  # noqa: PTH105


class _PatchAfterImport(importlib.abc.MetaPathFinder):
    """Runs a function on a module as soon as it has been imported."""

    def __init__(self, patches: dict[str, Callable[[ModuleType], None]]) -> None:
        self.patches = patches

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        patch = self.patches.pop(fullname, None)
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target) if patch else None
        if spec is None or spec.loader is None or patch is None:
            return None
        execute = spec.loader.exec_module

        def execute_and_patch(module: ModuleType) -> None:
            execute(module)
            patch(module)

        spec.loader.exec_module = execute_and_patch  # type: ignore[method-assign]
        return spec


def single_process_loading() -> None:
    """Where processes cannot connect to each other, data loading stays in one process instead of failing."""
    after_import({"torch.utils.data.dataloader": _patch_loader, "datasets.arrow_dataset": _patch_dataset})


def after_import(patches: dict[str, Callable[[ModuleType], None]]) -> None:
    """Run each function on its module: now if it is there, else once it has been imported."""
    for name in list(patches):
        if module := sys.modules.get(name):
            patches.pop(name)(module)
    sys.meta_path.insert(0, _PatchAfterImport(patches))


def _tell_cores(module: ModuleType) -> None:
    """joblib would ask lscpu, which is confined, and print a warning and a traceback into the first model's output."""
    if getattr(module, "physical_cores_cache", 0) is None:
        module.physical_cores_cache = os.cpu_count() or 1  # type: ignore[attr-defined]


def _without(function: Callable[..., Any], *, zero: str = "", none: str = "", drop: Sequence[str] = ()) -> Any:
    import functools

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if zero in kwargs:
            kwargs[zero] = 0
        if none in kwargs:
            kwargs[none] = None
        for name in drop:
            kwargs.pop(name, None)
        return function(*args, **kwargs)

    return call


def _patch_loader(module: ModuleType) -> None:
    needs_workers = ("prefetch_factor", "persistent_workers", "timeout", "multiprocessing_context")
    loader = module.DataLoader
    loader.__init__ = _without(loader.__init__, zero="num_workers", drop=needs_workers)


def _patch_dataset(module: ModuleType) -> None:
    for name in _dataset_methods(module.Dataset):
        setattr(module.Dataset, name, _without(getattr(module.Dataset, name), none="num_proc"))


def _dataset_methods(dataset: type) -> Iterator[str]:
    return (name for name in ("map", "filter", "save_to_disk") if hasattr(dataset, name))
