"""Run the npm client's own tests (the specs its package ships), unmodified, against this Hub; and our script for its Jobs calls.

`python -m tests.servers.hub.conformance.npm_suite [--keep DIR]` installs @huggingface/hub and vitest with npm, points the
specs' one file of constants at a fresh Hub, runs those specs that use it, and prints the counts. Needs node 20 or later.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.servers.hub.process import running_hub

PACKAGE = "@huggingface/hub@2.17.5"
OWN = Path(__file__).with_name("npm_client.mjs")


def install(folder: Path) -> Path:
    """The package with its sources and specs, and vitest; the folder of the sources."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is needed: install node 20 or later")
    if not (folder / "node_modules" / "vitest").exists():
        (folder / "package.json").write_text('{"name": "specs", "private": true, "type": "module"}')
        subprocess.run(
            [npm, "install", "--no-audit", "--no-fund", "--silent", PACKAGE, "vitest@3"], cwd=folder, check=True
        )
    sources = folder / "src"
    shutil.rmtree(sources, ignore_errors=True)
    shutil.copytree(folder / "node_modules" / "@huggingface" / "hub" / "src", sources)
    (folder / "tsconfig.json").write_text("{}")
    return sources


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--keep", type=Path, help="work here and leave it; the packages are fetched once")
    chosen = options.parse_args()
    with contextlib.ExitStack() as stack:
        folder = chosen.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        sources = install(folder)
        root = stack.enter_context(tempfile.TemporaryDirectory())
        hub = stack.enter_context(
            running_hub(
                Path(root), "--user", "hub.js:hf_hub.js", "--oauth-app", "dummy-app,unused,http://localhost:3000"
            )
        )
        constants = sources / "test" / "consts.ts"
        constants.write_text(_pointed(constants.read_text(), hub.url))
        specs = sorted(
            str(p.relative_to(folder)) for p in sources.rglob("*.spec.ts") if "TEST_HUB_URL" in p.read_text()
        )
        result = folder / "result.json"
        command = [
            "node_modules/.bin/vitest",
            "run",
            "--reporter=json",
            f"--outputFile={result}",
            "--testTimeout=30000",
            *specs,
        ]
        subprocess.run(command, cwd=folder, capture_output=True, text=True)
        report(json.loads(result.read_text()), folder)
        shutil.copyfile(OWN, folder / "npm_client.mjs")
        done = subprocess.run(
            ["node", "npm_client.mjs", hub.url, "hf_hub.js", "hub.js"], cwd=folder, capture_output=True, text=True
        )
        print(done.stdout + done.stderr)


def _pointed(text: str, url: str) -> str:
    text = re.sub(r'TEST_HUB_URL = "[^"]*"', f'TEST_HUB_URL = "{url}"', text)
    return re.sub(r'TEST_COOKIE = "[^"]*"', 'TEST_COOKIE = "hf_hub.js"', text)


def report(result: dict, folder: Path) -> None:
    """The counts of each spec, and what failed."""
    offline = 0
    for file in result["testResults"]:
        outcomes = [test["status"] for test in file["assertionResults"]]
        name = Path(file["name"]).name
        print(f"{name:40} {outcomes.count('passed'):3} passed {outcomes.count('failed'):3} failed")
        for test in file["assertionResults"]:
            if test["status"] == "failed":
                reason = " ".join(test["failureMessages"])
                offline += "fetch failed" in reason
                print(f"    {test['title']}: {'needs the internet' if 'fetch failed' in reason else reason[:300]}")
    failed = result["numFailedTests"]
    print(
        f"{'specs':40} {result['numPassedTests']:3} passed {failed:3} failed, {offline} of them for want of the internet"
    )


if __name__ == "__main__":
    main()
