"""`uv run` as a job of this server sees it: the server's own interpreter, with nothing installed.

`uv run [options] script.py|command [args]`: the script's PEP 723 block and every `--with` must be satisfied by what is
installed; otherwise it ends with status 1 and says what is missing, as uv does when it cannot resolve. A script may be
an http(s) address. `uv pip install X` and `uv sync` check in the same way.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import sys
import tempfile
import tomllib
import urllib.request
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

TAKES_VALUE = {"--with", "--python", "-p", "--with-requirements", "--with-editable", "--index", "--index-url",
               "--extra-index-url",
               "--env-file", "--project", "--directory", "--group", "--extra", "--index-strategy", "--prerelease",
               "--module", "-m",
               "--torch-backend", "--exclude-newer", "--cache-dir", "--color"}  # fmt: skip
BLOCK = re.compile(r"(?m)^# /// script$\s(?P<content>(^#(| .*)$\s)+)^# ///$")


def fail(message: str, code: int = 1) -> None:
    print(f"error: {message}", file=sys.stderr, flush=True)
    sys.exit(code)


def header(text: str) -> dict:
    """The PEP 723 table of a script."""
    found = BLOCK.search(text)
    if not found:
        return {}
    lines = [line[2:] if line.startswith("# ") else line[1:] for line in found["content"].splitlines()]
    return tomllib.loads("\n".join(lines))


def missing(requirements: list[str]) -> list[str]:
    """The requirements that this interpreter does not satisfy."""
    lacking = []
    for text in requirements:
        try:
            wanted = Requirement(text)
        except InvalidRequirement:
            fail(f"Failed to parse: `{text}`", 2)
        if wanted.marker and not wanted.marker.evaluate():
            continue
        try:
            version = importlib.metadata.version(wanted.name)
        except importlib.metadata.PackageNotFoundError:
            lacking.append(f"{text} (not installed)")
            continue
        if not wanted.specifier.contains(version, prereleases=True):
            lacking.append(f"{text} (installed: {version})")
    return lacking


def demand(requirements: list[str], python: str | None) -> None:
    if (
        python
        and SpecifierSet(python if python[0] in "<>=!~" else f"=={python}.*").contains(platform.python_version())
        is False
    ):
        fail(f"No interpreter found for Python {python}: this server's jobs run on {platform.python_version()}", 2)
    lacking = missing(requirements)
    if lacking:
        fail("No solution found when resolving script dependencies: " + "; ".join(lacking))


def script_text(script: str) -> tuple[str, str]:
    """(path, text) of a script, fetched first when it is an address."""
    if script.startswith(("http://", "https://")):
        with urllib.request.urlopen(script, timeout=60) as answer:
            content = answer.read()
        path = Path(tempfile.mkdtemp()) / (script.split("?")[0].rsplit("/", 1)[-1] or "script.py")
        path.write_bytes(content)
        script = str(path)
    try:
        return script, Path(script).read_text(encoding="utf-8")
    except OSError as error:
        fail(f"Failed to read `{script}`: {error.strerror}", 2)
        raise


def run(arguments: list[str]) -> None:
    requirements: list[str] = []
    while arguments and arguments[0].startswith("-") and arguments[0] != "-":
        option, _, value = arguments.pop(0).partition("=")
        if option in TAKES_VALUE and not value:
            if not arguments:
                fail(f"a value is required for '{option}'", 2)
            value = arguments.pop(0)
        if option == "--with":
            requirements += [part for part in value.split(",") if part]
        elif option in ("-m", "--module"):
            demand(requirements, None)
            os.execv(sys.executable, [sys.executable, "-m", value, *arguments])
        # --python names a version to download; the jobs of this server all run on one interpreter.
    if not arguments:
        fail("Provide a command or script to invoke with `uv run <command>` or `uv run <script>.py`.", 2)
    target, *rest = arguments
    if target.endswith(".py") or target.startswith(("http://", "https://")):
        path, text = script_text(target)
        table = header(text)
        demand([*table.get("dependencies", []), *requirements], table.get("requires-python"))
        os.execv(sys.executable, [sys.executable, path, *rest])
    demand(requirements, None)
    if target in ("python", "python3"):
        os.execv(sys.executable, [sys.executable, *rest])
    found = shutil.which(target) or shutil.which(target, path=str(Path(sys.executable).parent))
    if not found:
        fail(f"Failed to spawn: `{target}`\n  Caused by: No such file or directory (os error 2)", 2)
    os.execv(str(found), [target, *rest])


def main() -> None:
    arguments = sys.argv[1:]
    if arguments[:1] == ["--version"]:
        print("uv 0.0.0 (test server's stand-in)")
    elif arguments[:1] == ["run"]:
        run(arguments[1:])
    elif arguments[:2] == ["pip", "install"]:
        demand([part for part in arguments[2:] if not part.startswith("-")], None)
    elif arguments[:1] == ["sync"]:
        return
    else:
        fail(f"this server's uv knows `run`, `pip install` and `sync`; not `{' '.join(arguments[:2])}`", 2)


if __name__ == "__main__":
    main()
