"""Who may import whom, what tagging may load, and how files are named."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "qclassify"

# A room may import the rooms of earlier floors, and itself; rooms of one floor do not know each other.
FLOORS = [
    {"errors", "records", "heading_path", "segmenter", "palette"},
    {"taxonomy", "reading", "segmentation", "features", "deciding", "kernels", "model_files", "registry"},
    {"bundle"},
    {"scoring", "models"},
    {"tagging", "correcting", "profiles"},
    {"summarising", "comparing", "gold_clauses", "drifting"},
    {"rendering"},
    {"tagging_inputs"},
    {"row_output"},
    {"tagging_output", "profile_sources"},
    {"__init__"},
    {"archive"},
    {"cli"},
    {"__main__"},
]
HEAVY = (
    "sklearn",
    "scipy",
    "pandas",
    "mlflow",
    "joblib",
    "matplotlib",
    "openpyxl",
    "pyarrow",
    "lxml",
    "pypdfium2",
    "xlsxwriter",
)


def modules(folder):
    return sorted(path for path in folder.rglob("*.py"))


def room(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module
            if node.module == "qclassify":
                yield from (f"qclassify.{alias.name}" for alias in node.names)


def floor(name):
    return next(number for number, rooms in enumerate(FLOORS) if name in rooms)


@pytest.mark.parametrize("path", modules(PACKAGE), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_lower_floors(path):
    here = room(path)
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "training":
            pytest.fail(f"{path} imports training")
        if parts[0] == "qclassify" and len(parts) > 1 and parts[1] != here:
            target = parts[1]
            assert floor(target) < floor(here), f"{here} imports {target}"


def test_every_room_has_a_floor():
    assert {room(path) for path in modules(PACKAGE)} <= set().union(*FLOORS)


def test_no_room_is_a_drawer():
    drawers = re.compile(r"(utils?|helpers?|common|misc|shared|tools?)(\.py)?")
    paths = [p for folder in ("qclassify", "training", "tests") for p in (ROOT / folder).rglob("*")]
    assert [p for p in paths if drawers.fullmatch(p.name)] == []


def test_modules_stay_readable_in_one_sitting():
    long = {
        str(path.relative_to(ROOT)): lines
        for folder in (PACKAGE, ROOT / "training")
        for path in modules(folder)
        if (lines := len(path.read_text("utf-8").splitlines())) > 300
    }
    assert long == {}


def test_nothing_loads_an_object_from_a_file_in_the_package():
    forbidden = {"pickle", "joblib", "marshal", "shelve", "dill", "cloudpickle"}
    found = {
        (path.name, name)
        for path in modules(PACKAGE)
        for name in imports(path)
        if name.split(".")[0] in forbidden
    }
    assert found == set()


TAG_AND_LIST = """
import sys
from qclassify.cli.app import app
try:
    app(["tag", sys.argv[1], "--format", sys.argv[2]])
except SystemExit as stop:
    assert stop.code in (0, None), stop.code
print("\\n".join(sorted(sys.modules)), file=sys.stderr)
"""


@pytest.mark.parametrize("format_", ["jsonl", "table", "csv", "md", "html"])
def test_tagging_loads_nothing_heavy(format_):
    document = ROOT / "labels" / "documents" / "xining-2015.txt"
    done = subprocess.run(
        [sys.executable, "-c", TAG_AND_LIST, str(document), format_],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    loaded = {name.split(".")[0] for name in done.stderr.split()}
    assert loaded.isdisjoint(HEAVY)
    assert "qclassify" in loaded


def test_importing_the_package_reads_no_model_and_prints_nothing():
    done = subprocess.run(
        [sys.executable, "-c", "import qclassify"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == done.stderr == ""
