"""Run part of huggingface_hub's own test suite, unmodified, against this Hub.

`python -m tests.servers.hub.conformance.python_suite [--only FILE …] [--keep DIR] [pytest options]` fetches the sdist of the
installed version with pip, adds a conftest (the sdist has none), starts a Hub with the three users those tests log in
as, and prints the counts per file. Tests of the production Hub are left out.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from importlib.metadata import version
from pathlib import Path

from tests.servers.hub.process import running_hub

FILES = ("test_hf_api", "test_snapshot_download", "test_xet_upload", "test_buckets", "test_buckets_cli", "test_copy_files",
         "test_repocard", "test_cli_discussions", "test_commit_scheduler", "test_hf_file_system", "test_file_download",
         "test_buckets_hf_file_system", "test_jobs_api", "test_verification", "test_auth",
         "test_upload_pipeline",
         "test_cli", "test_lfs", "test_commit_api", "test_local_folder", "test_tree_cache")  # fmt: skip
USERS = ("__DUMMY_HUB_USER__:hf_HubCITokenXXXXXXXXXXXXXXXXXXXXX:Dummy User", "DVUser: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",
         "EnterpriseAdmin:hf_enterprise_admin_token")  # fmt: skip
"""Public names and tokens of the client's CI, as its tests have them."""
ORGS = (
    "valid_org_hub:__DUMMY_HUB_USER__:Dummy Hub Org",
    "EnterpriseOrgPrivate:EnterpriseAdmin",
    "EnterpriseOrg:EnterpriseAdmin",
)
OUTCOME = re.compile(r"^(?:\S*/)?(test_\w+)\.py::(\S.*?) (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)", re.MULTILINE)


def fetch(folder: Path) -> Path:
    """The tests of the sdist of the installed version, with our conftest."""
    wanted = f"huggingface_hub=={version('huggingface_hub')}"
    subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "--no-build-isolation",
                    "-d", str(folder), wanted], check=True)  # fmt: skip
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    tests = next(folder.glob("huggingface_hub-*/tests"))
    (tests / "__init__.py").touch()
    shutil.copyfile(Path(__file__).with_name("borrowed_conftest.py"), tests / "conftest.py")
    for unwanted in ("pyproject.toml", "setup.cfg"):
        (tests.parent / unwanted).unlink(missing_ok=True)
    markers = ["api", "transfer", "inference", "xet", "no_xet", "production", "deprecated", "git_lfs"]
    (tests.parent / "pytest.ini").write_text("[pytest]\nmarkers =\n" + "".join(f"    {name}\n" for name in markers))
    return tests


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", nargs="+", default=list(FILES))
    options.add_argument("--keep", type=Path, help="work here and leave it; the sdist is fetched once")
    chosen, more = options.parse_known_args()
    folder = chosen.keep or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    found = list(folder.glob("huggingface_hub-*/tests"))
    tests = found[0] if found else fetch(folder)
    shutil.copyfile(Path(__file__).with_name("borrowed_conftest.py"), tests / "conftest.py")
    with contextlib.ExitStack() as stack:
        root, home = (stack.enter_context(tempfile.TemporaryDirectory()) for _ in range(2))
        accounts = ("--user", *USERS, "--org", *ORGS, "--private-org", "EnterpriseOrgPrivate")
        hub = stack.enter_context(running_hub(Path(root), *accounts))
        environment = hub.environment(Path(home), HF_XET_CACHE=f"{home}/xet")
        command = [
            sys.executable, "-m", "pytest", "-v", "--tb=short", "--color=no", "--timeout=120", "-p", "no:cacheprovider",
            "--continue-on-collection-errors", "-m", "not production and not git_lfs",
            *[f"tests/{name}.py" for name in chosen.only], *more,
        ]  # fmt: skip
        done = subprocess.run(command, cwd=tests.parent, env=environment, capture_output=True, text=True)
    where = folder / "output.txt"
    where.write_text(done.stdout + done.stderr)
    report(done.stdout)
    print(f"whole output: {where}")


def report(output: str) -> None:
    """Print the counts of each file and of all."""
    counts: dict[str, Counter[str]] = {}
    for file, _, outcome in OUTCOME.findall(output):
        counts.setdefault(file, Counter())[outcome] += 1
    counts["all"] = sum(counts.values(), Counter())
    for file, counter in counts.items():
        failed = counter["FAILED"] + counter["ERROR"]
        print(f"{file:32} {counter['PASSED']:4} passed {failed:4} failed {counter['SKIPPED']:4} skipped")


if __name__ == "__main__":
    main()
