"""The same metrics through the `evaluate` library, loaded from this folder without a network."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from intern.experiments.metrics import score
from tests.conftest import ROOT

CODE = """
import json
import evaluate
found = {}
for name in ("accuracy", "macro_f1", "bleu"):
    metric = evaluate.load("intern/experiments/measures", name)
    found |= metric.compute(predictions=["a b c d", "x", "a b c d"], references=["a b c d", "a b c d", "x"])
try:
    evaluate.load("intern/experiments/measures", "auc")
except ValueError as error:
    found["refused"] = str(error)
print(json.dumps(found))
"""


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("INTERN_SLOW"), reason="evaluate imports torch and more; INTERN_SLOW=1 runs it")
def test_evaluate_computes_what_the_harness_computes(tmp_path):
    environment = os.environ | {
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(tmp_path),
        "HF_MODULES_CACHE": str(tmp_path / "m"),
    }
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert "no metric 'auc'" in found.pop("refused")
    said, right = ["a b c d", "x", "a b c d"], ["a b c d", "a b c d", "x"]
    assert found == pytest.approx(score(["accuracy", "macro_f1", "bleu"], said, right))
