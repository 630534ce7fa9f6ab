"""What a person is shown of a measured seed: which classes were taken for which, and rows that went wrong."""

import json

from intern.experiments.errors import find_mistakes


def _run(folder, labels, said, inputs=None):
    rows = [f"test-{n}" for n in range(len(labels))]
    for name, records in (
        ("sealed/d.jsonl", [{"id": i, "label": label} for i, label in zip(rows, labels, strict=True)]),
        ("data/d/test.jsonl", [{"id": i, "text": f"row {i}"} for i in rows]),
        ("jobs/s-seed1/predictions.jsonl", [{"id": i, "prediction": p} for i, p in zip(rows, said, strict=True)]),
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return find_mistakes(folder, "s", "d", 1)


def test_classes_make_a_matrix_and_mistakes_come_first(tmp_path):
    found = _run(tmp_path, ["a", "a", "a", "b", "b", "b"], ["a", "a", "b", "b", "b", "a"])
    assert found.classes == ["a", "b"] and found.matrix == [[2, 1], [1, 2]]
    assert (found.right, found.rows) == (4, 6)
    assert [(s.text, s.expected, s.said) for s in found.samples[:2]] == [
        ("row test-2", "a", "b"),
        ("row test-5", "b", "a"),
    ]


def test_texts_make_samples_and_numbers_are_not_called_wrong(tmp_path):
    texts = _run(tmp_path / "texts", ["eins", "zwei"], ["eins", "drei"])
    assert texts.matrix == [] and texts.right == 1 and [s.right for s in texts.samples] == [False, True]
    numbers = _run(tmp_path / "numbers", ["1.5", "2.5"], ["1.4", "2.5"])
    assert numbers.right is None


def test_what_was_not_measured_shows_nothing(tmp_path):
    _run(tmp_path, ["a", "b"], ["a", "b"])
    assert find_mistakes(tmp_path, "s", "d", 2) is None and find_mistakes(tmp_path, "s", "other", 1) is None
    (tmp_path / "jobs/s-seed1/predictions.jsonl").write_text("{}")
    assert find_mistakes(tmp_path, "s", "d", 1) is None
