"""Files that the brain's code wrote are kept with the run's, whatever they are called."""

from __future__ import annotations

import os

from intern.tools.made import keep_made_files


def test_a_file_may_become_a_folder_and_a_name_may_be_no_text(desk):
    work, kept = desk.run.folder / "work", desk.run.artifacts / "made"
    work.mkdir(exist_ok=True)
    (work / "out").write_text("1")
    assert keep_made_files(desk.run, 0) == ["out"] and (kept / "out").read_text() == "1"
    (work / "out").unlink()
    (work / "out").mkdir()
    (work / "out" / "rows.csv").write_text("2")
    (work / "good.txt").write_text("3")
    (work / os.fsdecode(b"caf\xe9.csv")).write_text("4")
    assert keep_made_files(desk.run, 0) == ["good.txt"], "the others are told"
    told = [e.body.text for e in desk.run.log.events(desk.run.id, kinds=("note",))]
    assert any("out/rows.csv" in text for text in told) and any("caf" in text for text in told)
    assert (kept / "out").read_text() == "1", "what was kept stays"
