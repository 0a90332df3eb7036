"""Pictures of MLflow's own page: runs, one run, its figures, the registered champion.

    python experiments/screenshots/take_mlflow.py [FOLDER]

Starts a tracking server on the loopback and trains the recipes `baseline` and `default` (some minutes) into
a folder that is thrown away; a FOLDER that is named is kept, and what is in it already is used again. Needs
the extra `dev` and a Chromium (on PATH, or named by QCLASSIFY_CHROMIUM).
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import mlflow
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
PATIENCE = 120
COLUMNS = ("lodo.micro_f1", "lodo.macro_f1", "lodo.primary_accuracy", "lodo.subset_accuracy", "lodo.ece")


def training(address: str, *arguments: str) -> str:
    """A command of `python -m training` that tracks on the server; its standard output."""
    command = [sys.executable, "-m", "training", *arguments]
    environment = {**os.environ, "MLFLOW_TRACKING_URI": address}
    return subprocess.run(
        command, check=True, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ).stdout.strip()


def fill(address: str, folder: Path) -> None:
    """Two trainings, of which the better one is the champion."""
    places = ["--models", str(folder / "models"), "--experiments", str(folder)]
    for recipe in ("baseline", "default"):
        made = training(address, "train", "--recipe", recipe, "--keep-current", *places)
        training(address, "promote", Path(made).name)


@contextmanager
def tracking_server(folder: Path) -> Iterator[str]:
    """A server that keeps runs and files in the folder, on a free port of the loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_MODEL_CATALOG_URI": "",
    }
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", "1", "--backend-store-uri", f"sqlite:///{folder / 'server.db'}"]
    command += ["--artifacts-destination", str(folder / "artefacts")]
    process = subprocess.Popen(command, env=settings, cwd=folder, start_new_session=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, 15)
        process.wait(30)


def wait_for(address: str) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - the loopback
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.3)
        else:
            return


def opened(browser: Browser, experiment: str, size: tuple[int, int]) -> Page:
    """A page as someone sees it who has chosen model training and some columns, and closed the rest."""
    state = {
        "selectedColumns": [f"metrics.`{name}`" for name in COLUMNS],
        "columnWidths": {},
        "columnOrder": [],
        "runsExpanded": {},
        "runsPinned": [],
        "runsHidden": [],
        "orderByKey": "attributes.start_time",
        "orderByAsc": False,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "searchFilter": "",
        "datasetsFilter": [],
        "modelVersionFilter": "All Runs",
    }
    stored = {
        "mlflow.workflowType_v1": "machine_learning",
        "mlflow.assistant.panelOpen_v1": False,
        "mlflow.assistant.fab.autoOpenedOnFirstLoad_v1": True,
        f'MLflowLocalStorage-1.1-ExperimentPage-["{experiment}"]-ReactComponentState': state,
    }
    lines = [
        f"localStorage.setItem({json.dumps(key)}, {json.dumps(json.dumps(value))});"
        for key, value in stored.items()
    ]
    viewport = {"width": size[0], "height": size[1]}
    page = browser.new_page(viewport=viewport)  # type: ignore[arg-type]
    page.add_init_script("\n".join(lines))
    return page


def take(browser: Browser, address: str) -> None:
    mlflow.set_tracking_uri(address)
    client = mlflow.MlflowClient()
    champion = client.get_model_version_by_alias("qclassify", "champion")
    experiment = client.get_run(champion.run_id).info.experiment_id
    run = f"experiments/{experiment}/runs/{champion.run_id}"
    pages = {
        "runs": (f"experiments/{experiment}/runs", "matching runs", (1440, 520)),
        "run": (run, "Registered models", (1440, 900)),
        "figures": (f"{run}/artifacts/figures/confusion.png", "reference_scores.json", (1080, 900)),
        "champion": ("models/qclassify", "@ champion", (1440, 760)),
    }
    for name, (place, sign, size) in pages.items():
        page = opened(browser, experiment, size)
        page.goto(f"{address}/#/{place}")
        page.get_by_text(sign).first.wait_for()
        page.wait_for_timeout(2500)  # tables and pictures are drawn after their frame
        picture = HERE / f"mlflow-{name}.png"
        page.screenshot(path=picture)
        print(f"{picture.name}  {picture.stat().st_size // 1024} KB")
        page.close()


def main() -> None:
    browser_path = os.environ.get("QCLASSIFY_CHROMIUM") or shutil.which("chromium")
    if browser_path is None:
        sys.exit("no chromium on PATH")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else scratch).resolve()
        known = (folder / "server.db").is_file()
        with tracking_server(folder) as address, sync_playwright() as playwright:
            if not known:
                fill(address, folder)
            browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
            take(browser, address)
            browser.close()


if __name__ == "__main__":
    main()
