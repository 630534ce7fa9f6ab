"""Real clients in processes of their own: they read the endpoint and their caches when they are imported."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

from tests.servers.hub.process import HubProcess

PRELUDE = """
import os, sys, time, json, pathlib
import huggingface_hub
from huggingface_hub import HfApi, Volume, CommitOperationAdd, CommitOperationDelete
from huggingface_hub.errors import *
alice, bob, nobody = HfApi(token="hf_alice"), HfApi(token="hf_bob"), HfApi(token=False)
here = pathlib.Path(os.environ["HF_HOME"])

def refused(status, function, *values, **options):
    try:
        function(*values, **options)
    except HfHubHTTPError as error:
        assert error.response.status_code == status, (error.response.status_code, str(error))
        return error
    raise AssertionError(f"{function} was not refused")

def finished(job, seconds=30):
    done = alice.wait_for_job(job.id, timeout=seconds, poll_interval=0.05, namespace=job.owner.name)
    return done

def lines(job, **options):
    return list(alice.fetch_job_logs(job_id=job.id, namespace=job.owner.name, **options))
"""


def python(hub: HubProcess, home: Path, code: str, **environment: str) -> str:
    """Run a script with the real Python client: `alice`, `bob` and `nobody` are its HfApis. Its output; fails as it fails."""
    home.mkdir(exist_ok=True)
    script = PRELUDE + textwrap.dedent(code)
    told = hub.environment(home, HF_HUB_DISABLE_EXPERIMENTAL_WARNING="1", **environment)
    command = [sys.executable, "-W", "error::ResourceWarning", "-c", script]
    done = subprocess.run(command, env=told, capture_output=True, text=True, timeout=120, cwd=home)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def hf(hub: HubProcess, home: Path, *arguments: str, token: str = "hf_alice", code: int = 0) -> str:
    """Run the `hf` command line; its standard output."""
    program = Path(sys.executable).with_name("hf")
    told = hub.environment(home, token, NO_COLOR="1")
    done = subprocess.run([str(program), *arguments], env=told, capture_output=True, text=True, timeout=60, cwd=home)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout
