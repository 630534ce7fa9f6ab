"""Jobs on the loopback Hub: real subprocesses, seen through the real client."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.servers.hub.clients import hf, python
from tests.servers.hub.process import HubProcess, running_hub
from tests.servers.hub.runner import can_unshare

USERS = ("--user", "alice:hf_alice", "bob:hf_bob", "--credit", "bob:0")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    with running_hub(tmp_path_factory.mktemp("hub"), *USERS) as found:
        yield found


WITH_VOLUMES = """
    alice.create_bucket("alice/work", private=True)
    program = b'''
    import os, pathlib, sys, time
    work, rows = map(pathlib.Path, sys.argv[1:])
    text = (work / "in/data.txt").read_text() + (rows / "rows.csv").read_text()
    print("first", flush=True)
    (work / "out.txt").write_text(text)
    (work / "gone.txt").unlink()
    time.sleep(2.5)
    print("last")
    [print(name, "=", value) for name, value in sorted(os.environ.items())]
    '''
    alice.batch_bucket_files("alice/work", add=[(program, "run.py"), (b"input ", "in/data.txt"), (b"x", "gone.txt")])
    alice.create_repo("alice/rows", repo_type="dataset", private=True)
    alice.upload_file(repo_id="alice/rows", repo_type="dataset", path_in_repo="rows.csv", path_or_fileobj=b"a,b")
    volumes = [Volume(type="bucket", source="alice/work", mount_path="/work"),
               Volume(type="dataset", source="alice/rows", mount_path="/set")]
    job = alice.run_job(image="python:3.12", command=["python", "/work/run.py", "/work", "/set"], volumes=volumes,
                        env={"GIVEN": "1"},
                        secrets={"KEY": "s3cret"}, labels={"run": "r-1", "seed": "0"}, flavor="t4-small", timeout="5m")
    assert job.status.stage == "SCHEDULING" and job.labels["run"] == "r-1" and job.flavor == "t4-small"
    end = time.monotonic() + 20
    while "out.txt" not in [file.path for file in alice.list_bucket_tree("alice/work")]:
        assert time.monotonic() < end, lines(job)
        time.sleep(0.1)
    assert alice.inspect_job(job_id=job.id).status.stage == "RUNNING"  # the bucket follows while the job runs
    (metric,) = alice.fetch_job_metrics(job_id=job.id)
    assert metric["memory_used_bytes"] > 1e6 and metric["cpu_millicores"] == 4000
    live = lines(job, follow=True)
    done = finished(job)
    assert done.status.stage == "COMPLETED" and done.durations.running_secs >= 2, (done, live)
    assert live == lines(job, follow=True) == lines(job) and lines(job, tail=2) == live[-2:]
    assert live[:2] == ["first", "last"]
    told = dict(line.split(" = ", 1) for line in live[2:])
    assert set(told) - {"LC_CTYPE", "PWD", "SHLVL", "_", "OLDPWD"} == {
        "ACCELERATOR", "CPU_CORES", "GIVEN", "HOME", "JOB_ID", "KEY", "MEMORY", "PATH"}, told
    assert told["JOB_ID"] == job.id and told["KEY"] == "s3cret" and told["ACCELERATOR"] == "T4"
    alice.download_bucket_files("alice/work", [("out.txt", here / "out.txt")])
    assert (here / "out.txt").read_text() == "input a,b"
    assert sorted(file.path for file in alice.list_bucket_tree("alice/work")) == ["in/data.txt", "out.txt", "run.py"]
    assert "s3cret" not in str(alice.inspect_job(job_id=job.id)) and list(done.secrets) == ["KEY"]
    listed = lambda **options: [found.id for found in alice.list_jobs(namespace="alice", **options)]
    assert listed(labels={"run": "r-1", "seed": "0"}) == [job.id] == listed(status="COMPLETED", labels={"run": "r-1"})
    assert listed(labels={"run": "r-1", "seed": "1"}) == [] == listed(status="RUNNING")
    refused(403, bob.inspect_job, job_id=job.id, namespace="alice")
    refused(404, alice.inspect_job, job_id="0" * 24)
"""


def test_volumes_logs_environment_and_labels(hub: HubProcess, tmp_path: Path) -> None:
    python(hub, tmp_path / "home", WITH_VOLUMES)
    assert b"s3cret" not in b"".join(path.read_bytes() for path in hub.root.glob("hub.sqlite*"))


@pytest.mark.skipif(not can_unshare(), reason="this machine allows no mount namespaces")
def test_a_job_has_a_root_of_its_own(hub: HubProcess, tmp_path: Path) -> None:
    python(hub, tmp_path / "home", f"""
        alice.create_bucket("alice/rooted")
        alice.batch_bucket_files("alice/rooted", add=[(b"in", "deep/in.txt")])
        script = "from pathlib import Path; print(Path('/mnt/in/it/deep/in.txt').read_text(), *Path('{hub.root}').iterdir())"
        job = alice.run_job(image="python:3.12", command=["python", "-c", script],
                            volumes=[Volume(type="bucket", source="alice/rooted", mount_path="/mnt/in/it", read_only=True)])
        assert finished(job).status.stage == "COMPLETED" and lines(job) == ["in {hub.root}/jobs"], lines(job)
        script = "echo x > /mnt/in/it/new || echo refused"
        job = alice.run_job(image="debian", command=["sh", "-c", script],
                            volumes=[Volume(type="bucket", source="alice/rooted", mount_path="/mnt/in/it", read_only=True)])
        assert finished(job) and lines(job)[-1] == "refused", lines(job)
        """)  # fmt: skip
    assert not Path("/mnt/in").exists()


def test_without_namespaces_the_paths_are_rewritten(tmp_path: Path) -> None:
    with running_hub(tmp_path / "hub", *USERS, "--no-namespaces") as hub:
        python(hub, tmp_path / "home", """
            alice.create_bucket("alice/work")
            alice.batch_bucket_files("alice/work", add=[(b"in", "in.txt")])
            script = "mkdir $PLACE && cp /work/in.txt $PLACE/o && cat '/work/deep/o' /other/in.txt && echo /workshop"
            job = alice.run_job(image="debian", command=["sh", "-c", script], env={"PLACE": "/work/deep"},
                                volumes=[Volume(type="bucket", source="alice/work", mount_path="/work"),
                                         Volume(type="bucket", source="alice/work", mount_path="/other", read_only=True)])
            assert finished(job).status.stage == "COMPLETED" and lines(job) == ["inin/workshop"], lines(job)
            assert "deep/o" in [file.path for file in alice.list_bucket_tree("alice/work")]
            """)  # fmt: skip


def test_how_jobs_end(hub: HubProcess, tmp_path: Path) -> None:
    python(hub, tmp_path / "home", """
        run = lambda *command, **options: alice.run_job(image="python:3.12", command=list(command), **options)
        failing, late, missing, long, again = (
            run("python", "-c", "print('about to fail'); raise SystemExit(3)"),
            run("sh", "-c", "sleep 100 & sleep 100", timeout=1),
            run("no-such-program"),
            run("sh", "-c", "echo begun; exec sleep 100"),
            run("sh", "-c", "echo try; exit 1", attempts=3),
        )
        end = lambda job: (finished(job).status.stage, finished(job).status.message)
        assert end(failing) == ("ERROR", "Job failed with exit code: 3. Reason: Error")
        assert lines(failing) == ["about to fail"]
        assert end(late) == ("ERROR", "Job timeout")
        assert end(missing) == ("ERROR", "Job failed with exit code: 128. Reason: StartError")
        assert end(again)[0] == "ERROR" and lines(again) == ["try"] * 3
        assert next(iter(alice.fetch_job_logs(job_id=long.id, follow=True))) == "begun"
        alice.cancel_job(job_id=long.id)
        assert end(long) == ("CANCELED", None) and lines(long, follow=True) == ["begun"]
        refused(406, lambda: huggingface_hub.utils.hf_raise_for_status(huggingface_hub.utils.get_session().get(
            f"{os.environ['HF_ENDPOINT']}/api/jobs/alice/{long.id}/metrics", headers={"Authorization": "Bearer hf_alice"})))
        rerun = alice.rerun_job(job_id=failing.id)
        assert end(rerun)[0] == "ERROR" and rerun.initiator.type == "duplicated-job"
        alice.update_job_labels(job_id=rerun.id, labels={"new": "label"})
        assert [job.id for job in alice.list_jobs(namespace="alice", labels={"new": "label"})] == [rerun.id]
        error = refused(402, bob.run_job, image="python:3.12", command=["true"], namespace="bob")
        assert "credit balance is insufficient" in str(error)
        refused(403, bob.run_job, image="python:3.12", command=["true"], namespace="alice")
        refused(400, run, "true", flavor="tpu")
        refused(400, run, "true", labels={"a b": "c"})
        refused(404, run, "true", volumes=[Volume(type="bucket", source="bob/none", mount_path="/b")])
        alice.create_bucket("alice/empty")
        nowhere = Volume(type="bucket", source="alice/empty", mount_path="/b", path="no/folder")
        assert "no such folder" in end(run("true", volumes=[nowhere]))[1]
        prices = {item.name: item for item in alice.list_jobs_hardware()}
        assert len(prices) == 26 and round(prices["a100-large"].unit_cost_usd * 60, 2) == 2.5
        assert prices["a100x8"].accelerator.vram == "640 GB" and prices["cpu-basic"].accelerator is None
        plan = alice.create_scheduled_job(image="x", command=["echo", "planned"], schedule="@daily", labels={"plan": "1"})
        assert plan.status.next_job_run_at and alice.list_scheduled_jobs(labels={"plan": "1"})[0].id == plan.id
        started = alice.trigger_scheduled_job(scheduled_job_id=plan.id)
        assert end(started) == ("COMPLETED", None) and lines(started) == ["planned"]
        alice.delete_scheduled_job(scheduled_job_id=plan.id)
        """)  # fmt: skip


def test_uv_runs_on_the_servers_python(hub: HubProcess, tmp_path: Path) -> None:
    python(hub, tmp_path / "home", """
        header = "# /// script\\n# requires-python = '>=3.10'\\n# dependencies = [%s]\\n# ///\\n"
        pathlib.Path("good.py").write_text(header % "'packaging>=20'" + "import packaging, sys; print('ran', sys.argv[1:])")
        pathlib.Path("bad.py").write_text(header % "'packaging<1', 'no-such-package'" + "print('ran')")
        good = alice.run_uv_job("good.py", script_args=["--seed", "1"], dependencies=["pyyaml"])
        assert good.command[:2] == ["uv", "run"] and good.volumes[0].source == "alice/jobs-artifacts"
        assert finished(good).status.stage == "COMPLETED" and lines(good) == ["ran ['--seed', '1']"], lines(good)
        bad = alice.run_uv_job("bad.py")
        assert finished(bad).status.stage == "ERROR"
        (line,) = lines(bad)
        assert "packaging<1 (installed" in line and "no-such-package (not installed)" in line
        """)  # fmt: skip


def test_command_line_follows_a_job(hub: HubProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "job.py").write_text("print('from the script')")
    assert "from the script" in hf(hub, home, "jobs", "uv", "run", "job.py")
    assert "COMPLETED" in hf(hub, home, "jobs", "ps", "--all")
    assert "a100-large" in hf(hub, home, "jobs", "hardware")


def test_no_job_outlives_the_server_and_its_record_does(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running_hub(tmp_path / "hub", *USERS) as hub:
        python(hub, home, """
            done = alice.run_job(image="x", command=["echo", "kept"])
            finished(done)
            script = "import os, time\\nif os.fork() == 0: os.setsid()\\nprint('up', flush=True)\\ntime.sleep(300)"
            long = alice.run_job(image="x", command=["python", "-c", script, "marked-for-this-test"])
            log = iter(alice.fetch_job_logs(job_id=long.id, follow=True))
            assert [next(log), next(log)] == ["up", "up"]
            """)  # fmt: skip
        assert len(_marked()) == 2
        hub.process.kill()
        end = time.monotonic() + 10
        while _marked() and time.monotonic() < end:
            time.sleep(0.1)
        assert not _marked()
    with running_hub(tmp_path / "hub", *USERS) as hub:
        python(hub, home, """
            long, done = alice.list_jobs(namespace="alice")
            assert (done.status.stage, long.status.stage) == ("COMPLETED", "ERROR")
            assert lines(done, follow=True) == ["kept"] and lines(long)[0] == "up"
            """)  # fmt: skip


def _marked() -> list[int]:
    """The processes of the job above (not the supervisor, which got the command by its input)."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        if "marked-for-this-test" in (process.info["cmdline"] or []) and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process.pid)
    return found
