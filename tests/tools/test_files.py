"""The files tool: nothing is overwritten unread, nothing outside the work folder is touched, a diff is shown."""

from __future__ import annotations

import pytest

from intern.runs.report import open_question
from intern.runs.workspace import RunAsks
from intern.tools.workbench import ToolError
from tests.tools.conftest import Desk


@pytest.fixture
def work(desk: Desk):
    folder = desk.run.folder / "work"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_a_file_is_written_read_edited_and_listed(desk: Desk, work):
    assert desk.files(action="write", path="src/a.py", text="x = 1\ny = 2\n")["added"] == 2
    changed = desk.files(action="edit", path="src/a.py", old="y = 2", text="y = 3")
    assert (changed["added"], changed["removed"]) == (1, 1)
    assert desk.files(action="read", path="src/a.py")["text"] == "x = 1\ny = 3\n" == (work / "src/a.py").read_text()
    assert desk.files(action="list")["files"] == ["src/a.py (12 bytes)"]
    diffs = [o.text for o in desk.events("output")]
    assert diffs[1] == "--- a/src/a.py\n+++ b/src/a.py\n@@ -1,2 +1,2 @@\n x = 1\n-y = 2\n+y = 3\n"


def test_what_was_not_read_is_not_overwritten(desk: Desk, work):
    (work / "a.txt").write_text("by the code")
    with pytest.raises(ToolError, match="read it first"):
        desk.files(action="write", path="a.txt", text="mine")
    desk.files(action="read", path="a.txt")
    (work / "a.txt").write_text("changed meanwhile")
    with pytest.raises(ToolError, match="read it first"):
        desk.files(action="write", path="a.txt", text="mine")
    assert (work / "a.txt").read_text() == "changed meanwhile"
    desk.files(action="read", path="a.txt")
    desk.again().files(action="write", path="a.txt", text="mine")  # also after a restart
    assert (work / "a.txt").read_text() == "mine"


@pytest.mark.parametrize("old", ["zzz", "a", ""])
def test_an_edit_must_be_of_one_place(desk: Desk, work, old):
    desk.files(action="write", path="a.txt", text="a b a")
    with pytest.raises(ToolError, match="exactly once"):
        desk.files(action="edit", path="a.txt", old=old, text="c")


@pytest.mark.parametrize("path", ["../x", "/etc/x", "", "a/../../x", "link/x", "out", "bad\0name"])
@pytest.mark.parametrize("action", ["read", "write"])
def test_nothing_outside_the_work_folder_is_touched(desk: Desk, work, tmp_path, path, action):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x").write_text("kept")
    (work / "link").symlink_to(outside)
    (work / "out").symlink_to(outside / "x")
    with pytest.raises(ToolError):
        desk.files(action=action, path=path, text="taken")
    assert (outside / "x").read_text() == "kept" and not (work.parent / "x").exists()


@pytest.mark.parametrize(
    "call",
    [{"action": "delete"}, {"action": "write", "path": "a"}, {"action": "write", "path": "a", "text": "x" * 1_000_001}],
)
def test_a_wrong_call_is_one_line(desk: Desk, work, call):
    with pytest.raises(ToolError) as refused:
        desk.files(**call)
    assert "\n" not in str(refused.value) and not (work / "a").exists()


def test_binary_files_are_for_code(desk: Desk, work):
    (work / "m.bin").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ToolError, match="no UTF-8"):
        desk.files(action="read", path="m.bin")


# -- ask_user -------------------------------------------------------------------------------------------------


def test_a_question_parks_the_run_and_is_asked_once(desk: Desk):
    for each in (desk, desk.again()):  # the second: resumed without an answer
        with pytest.raises(RunAsks, match="Which one"):
            each.ask_user(question="Which one?", options=["a", "b"])
    (asked,) = desk.events("question")
    assert asked.options == ["a", "b"]
    assert open_question(desk.run.log.events(desk.run.id)) == asked
    assert [t.phase for t in desk.events("tool")] == ["started"], "it has not ended"
