"""Pictures of the pages, as README shows them.

    python experiments/screenshots/take.py

Needs the extra `dev`, a Chromium (on PATH, or named by QCLASSIFY_CHROMIUM) and a Chinese font.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pypdfium2
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DOCUMENTS = ROOT / "labels" / "documents"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
WIDE, PHONE = (1440, 900), (375, 740)


def qclassify(*arguments: str | Path) -> None:
    """Run the command line as a user does."""
    command = [sys.executable, "-m", "qclassify", *map(str, arguments)]
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})


def opened(browser: Browser, path: Path, size: tuple[int, int], scale: float = 1) -> Page:
    viewport = {"width": size[0], "height": size[1]}
    page = browser.new_page(viewport=viewport, device_scale_factor=scale)  # type: ignore[arg-type]
    page.goto(path.as_uri())
    return page


def choose(page: Page, clause: int, category: int = 0) -> None:
    """Open a clause's reasons with the clause in the upper part of the screen."""
    page.locator(f"#c{clause}").evaluate("node => node.scrollIntoView({block: 'center'})")
    page.locator(f"#c{clause} .no").click()
    page.locator("#panel input[name=why]").nth(category).check()
    page.wait_for_timeout(200)


def take(browser: Browser, one: Path, several: Path, compared: Path, folder: Path) -> None:
    page = opened(browser, one, WIDE)
    page.screenshot(path=HERE / "report-overview.png")
    choose(page, 40)
    page.screenshot(path=HERE / "report-reasons.png")
    page = opened(browser, one, WIDE)
    page.get_by_role("button", name="品牌", exact=True).click()
    page.get_by_label("仅主类别").check()
    page.locator(".body").evaluate("node => node.scrollIntoView()")
    page.wait_for_timeout(200)
    page.screenshot(path=HERE / "report-filtered.png")
    page = opened(browser, one, PHONE, 2)
    choose(page, 39)
    page.screenshot(path=HERE / "report-phone.png")
    opened(browser, several, WIDE).screenshot(path=HERE / "report-several.png")
    opened(browser, compared, WIDE).screenshot(path=HERE / "compare.png")
    page = opened(browser, one, WIDE)
    page.pdf(path=folder / "print.pdf", prefer_css_page_size=True)
    document = pypdfium2.PdfDocument(folder / "print.pdf")
    for number in (0, 2):
        document[number].render(scale=1.2).to_pil().save(
            HERE / f"report-print-{number + 1}.png", optimize=True
        )
    document.close()


def main() -> None:
    browser_path = os.environ.get("QCLASSIFY_CHROMIUM") or shutil.which("chromium")
    if browser_path is None:
        sys.exit("no chromium on PATH")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        one, several, compared = (folder / f"{page}.html" for page in ("one", "several", "compared"))
        quanzhou, yancheng = DOCUMENTS / "quanzhou-2019.txt", DOCUMENTS / "yancheng-2022.txt"
        qclassify("tag", quanzhou, "--output", one)
        qclassify("tag", *sorted(DOCUMENTS.glob("*.txt")), "--output", several)
        qclassify("compare", quanzhou, yancheng, "--output", compared)
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        take(browser, one, several, compared, folder)
        browser.close()
    for path in sorted(HERE.glob("*.png")):
        print(f"{path.name}  {path.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
