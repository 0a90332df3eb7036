"""The walk-through of training/README.md, run as it stands there on a small folder with a store of its own."""

import re
import shlex
from functools import partial
from pathlib import Path

import openpyxl
import pytest
from small_training import CLAUSES, write_recipe, write_small_labels
from tracked_trainings import few_words
from typer.testing import CliRunner

from training.checking import check_labels
from training.cli import app
from training.dataset import load_dataset
from training.metrics import bootstrap_rows

GUIDE = Path(__file__).parent.parent / "training/README.md"
PLACES = ["北城", "港区", "高新区"]
THINGS = ["豆油", "面粉", "牛羊肉", "水产品", "成品油", "化肥", "食盐"]
FILL_IN = "# … people fill in queue.xlsx …"


def script():
    """The commands of the guide, with `\\` at the end of a line joined to the next."""
    text = GUIDE.read_text("utf-8")
    (block,) = re.findall(r"<!-- walk-through -->\n+```sh\n(.*?)```", text, re.DOTALL)
    return [line.strip() for line in block.replace("\\\n", " ").splitlines() if line.strip()]


def fill_in(path):
    """Answer every row by its words, in the cells that a person would fill in."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        text = sheet.cell(row, columns["正文 text"]).value
        for head, word in (("价格 price", "价格"), ("供给 supply", "供")):
            sheet.cell(row, columns[head]).value = "是" if word in text else "否"
        if "价格" in text and "供" in text:
            sheet.cell(row, columns["主类别 primary"]).value = "价格"
    book.save(path)
    return sheet.max_row - 1


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with labels, a recipe, and plans that nobody has labelled."""
    write_small_labels(tmp_path / "labels")
    write_recipe(tmp_path / "recipe.toml")
    (tmp_path / "plans").mkdir()
    for place in PLACES:
        sentences = [pattern.format(place, thing, thing) for thing in THINGS for pattern, _ in CLAUSES]
        (tmp_path / f"plans/{place}.txt").write_text(
            f"{place}保供稳价方案\n一、目标\n{''.join(sentences)}\n", "utf-8"
        )
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr("training.model_comparison.bootstrap_rows", partial(bootstrap_rows, resamples=100))
    return tmp_path


def run(line, names):
    """Run one command in this process; returns what it printed, and what it said."""
    variable, command = re.fullmatch(r"(?:(\w+)=\$\()?python -m training (.*?)\)?", line).groups()
    arguments = shlex.split(re.sub(r"\$(\w+)", lambda match: names[match[1]], command))
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, (line, done.output)
    if variable:
        names[variable] = done.stdout.strip()
    return done.stdout, done.stderr


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # mlflow's own imports warn about each other
def test_the_walk_through_of_the_guide_works(project):
    lines, names, said = script(), {}, {}
    with few_words():
        for line in lines:
            if line == FILL_IN:
                assert fill_in(project / "queue.xlsx") == 50
            elif not line.startswith("#"):
                said[line] = run(line, names)
    ran = [shlex.split(line.split("python -m training ")[1])[0] for line in said]
    assert ran == [
        "train",
        "promote",
        "queue",
        "export-tasks",
        "import-tasks",
        "check",
        "conflicts",
        "train",
        "compare",
        "promote",
        "list",
        "rollback",
    ]
    talk = "\n".join(err for _, err in said.values())
    assert "50 answers recorded" in talk
    assert "50 new clauses" in talk
    assert check_labels(project / "labels") == []
    dataset = load_dataset(project / "labels")
    assert len(dataset.documents) == 3 + len(PLACES)
    assert sum("li" in {a.annotator for a in clause.annotations} for clause in dataset.gold) == 50
    assert names["old"] != names["new"]
    assert (project / "changes.html").stat().st_size > 1000
    assert (project / "models/CURRENT").read_text("utf-8").strip() == Path(names["old"]).name
    assert Path(names["old"]).is_dir()
