"""What publishing would change beside what lies there already."""

from intern.publish.differences import card_difference, folder_changes


def test_every_file_is_new_changed_same_or_only_there(tmp_path):
    staged, earlier = tmp_path / "staged", tmp_path / "earlier"
    for folder, files in (
        (staged, {"README.md": "title\nnew line\n", "model/w": "12", "evidence/seed-1.json": "a"}),
        (earlier, {"README.md": "title\nold line\n", "model/w": "12", "old.txt": "x", ".intern.json": "{}"}),
    ):
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
    changes = {change.path: change.change for change in folder_changes(staged, earlier)}
    assert changes == {"README.md": "changed", "model/w": "same", "evidence/seed-1.json": "new", "old.txt": "gone"}
    lines = card_difference(staged, earlier).splitlines()
    assert "-old line" in lines and "+new line" in lines
    assert {change.change for change in folder_changes(staged, None)} == {"new"}
    assert card_difference(staged, tmp_path / "nowhere") == ""
