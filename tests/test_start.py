"""What a fresh `tag` loads: neither a segmentation library nor anything of training."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TAG = """
import sys
from qclassify.cli import main
sys.argv = ["qclassify", "tag", sys.argv[1], "--format", "jsonl"]
try:
    main()
except SystemExit as stop:
    assert stop.code in (0, None), stop.code
print("\\n".join(sorted(sys.modules)), file=sys.stderr)
"""


@pytest.mark.parametrize("backend", ["numpy", "native", ""])
def test_tagging_loads_no_segmentation_library_and_nothing_of_training(backend, monkeypatch):
    if backend == "native":
        pytest.importorskip("qclassify.kernels._native", reason="the C extension is not built")
    monkeypatch.setenv("QCLASSIFY_BACKEND", backend)
    document = ROOT / "labels" / "documents" / "xining-2015.txt"
    done = subprocess.run(
        [sys.executable, "-c", TAG, str(document)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    loaded = {name.split(".")[0] for name in done.stderr.split()}
    assert loaded.isdisjoint(
        {"jieba", "rjieba", "training", "sklearn", "scipy", "pandas", "mlflow", "joblib"}
    )
    assert "numpy" in loaded
    assert len([json.loads(line) for line in done.stdout.splitlines()]) > 50
    if backend == "numpy":
        assert "qclassify.kernels._native" not in done.stderr.split()
