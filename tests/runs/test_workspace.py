"""A run's files: only what was recorded, only below its artifact folder; and how a run is stopped."""

from __future__ import annotations

import hashlib
import threading
import time

import pytest

from intern.runs.workspace import RunStopped


def test_an_artifact_is_recorded_with_its_hash_and_type_once(run, log):
    path = run.artifacts / "tables" / "a.json"
    path.parent.mkdir()
    path.write_bytes(b"{}")
    artifact = run.add_artifact(path, "a table")
    run.add_artifact(path, "a table")
    assert (artifact.name, artifact.bytes, artifact.media_type) == ("tables/a.json", 2, "application/json")
    assert artifact.sha256 == hashlib.sha256(b"{}").hexdigest()
    assert [e.body for e in log.events(run.id)] == [artifact]


def test_changed_content_is_a_new_event(run, log):
    path = run.artifacts / "a.txt"
    for text in ("one", "two"):
        path.write_text(text)
        run.add_artifact(path)
    assert len(log.events(run.id)) == 2


@pytest.mark.parametrize("name", ["../secret.txt", "sub/../../secret.txt"])
def test_a_file_outside_the_artifact_folder_is_refused(run, log, name):
    (run.folder / "secret.txt").write_text("token")
    (run.artifacts / "sub").mkdir()
    with pytest.raises(ValueError, match="not in the subpath"):
        run.add_artifact(run.artifacts / name)
    assert log.events(run.id) == []


def test_a_link_that_leads_out_is_refused(run):
    (run.folder / "secret.txt").write_text("token")
    (run.artifacts / "innocent.txt").symlink_to(run.folder / "secret.txt")
    with pytest.raises(ValueError, match="not in the subpath"):
        run.add_artifact(run.artifacts / "innocent.txt")


def test_sealed_labels_are_apart_from_what_faces_and_jobs_see(run):
    for folder in (run.artifacts, run.jobs):
        assert not run.sealed.is_relative_to(folder) and not folder.is_relative_to(run.sealed)


def test_check_and_wait_end_at_once_when_the_run_is_stopped(run):
    run.check()
    threading.Timer(0.2, run.cancel.set).start()
    started = time.monotonic()
    with pytest.raises(RunStopped):
        run.wait_for(lambda: False, poll_seconds=5)
    assert time.monotonic() - started < 1
    with pytest.raises(RunStopped):
        run.check()


def test_no_code_step_can_swallow_a_stop(run):
    run.cancel.set()
    with pytest.raises(RunStopped):
        try:
            run.check()
        except Exception:  # noqa: BLE001 - what a tool or model-written code might do
            pytest.fail("a stop is not an ordinary exception")
