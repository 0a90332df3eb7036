"""The page in a real browser: what an analyst does with it, and what it must never do."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from report_documents import compared, hostile, marked_for_review, model, page, tagged

sync_api = pytest.importorskip("playwright.sync_api", reason="drives the browser; in the extra `dev`")
BROWSER = os.environ.get("QCLASSIFY_CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on PATH (Debian: apt install chromium)")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 375, "height": 812}


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    review = marked_for_review(tagged("xining-2015"), 9)
    pages = {
        "one": page(review),
        "several": page(tagged("xining-2015"), tagged("dongtou-2023")),
        "english": page(review, language="en"),
        "hostile": page(hostile()),
        "compared": compared(tagged("xining-2015"), tagged("dongtou-2023")),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("qclassify.rendering.report.page.LARGE", 10)
        pages["large"] = page(review)
    for name, source in pages.items():
        (folder / f"{name}.html").write_text(source, "utf-8")
    return folder


@pytest.fixture
def opened(browser, files):
    """Open a page; at the end, nothing may have been fetched, logged or thrown."""
    contexts, faults = [], []

    def open_page(name="one", viewport=WIDE, fragment=""):
        context = browser.new_context(viewport=viewport)
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: faults.append(f"console: {message.text}"))
        tab.on("pageerror", lambda error: faults.append(f"error: {error}"))
        tab.on("dialog", lambda dialog: (faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        address = (files / f"{name}.html").as_uri()
        tab.on(
            "request",
            lambda request: (
                faults.append(f"request: {request.url}") if not request.url.startswith(address) else None
            ),
        )
        tab.goto(address + fragment)
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def shown(tab):
    return tab.eval_on_selector_all(
        ".clause", "all => all.filter(n => n.offsetParent).map(n => Number(n.id.slice(1)))"
    )


def expected(wants):
    predictions = marked_for_review(tagged("xining-2015"), 9).predictions
    return [n for n, p in enumerate(predictions) if wants(p)]


@pytest.mark.parametrize("name", ["one", "large"])
def test_filtering_by_category_shows_exactly_its_clauses_and_counts_them(opened, name):
    tab = opened(name)
    tab.get_by_role("button", name="品牌", exact=True).click()
    want = expected(lambda p: "brand" in p.labels)
    assert shown(tab) == want
    assert tab.locator("#count").text_content() == f"显示 {len(want)} / {len(expected(lambda p: True))} 条"
    tab.get_by_role("button", name="标准", exact=True).click()
    assert shown(tab) == expected(lambda p: {"brand", "standards"} & set(p.labels))
    tab.get_by_label("仅主类别").check()
    assert shown(tab) == expected(lambda p: p.primary in {"brand", "standards"})


def test_filters_combine_and_clear(opened):
    tab = opened()
    tab.get_by_role("button", name="治理", exact=True).click()
    tab.get_by_label("待复核").select_option("review")
    assert shown(tab) == expected(lambda p: "governance" in p.labels and p.review)
    tab.get_by_label("查找文字").fill("质量")
    assert shown(tab) == expected(lambda p: "governance" in p.labels and p.review and "质量" in p.unit.text)
    tab.get_by_role("button", name="清除筛选").click()
    assert shown(tab) == expected(lambda p: True)


def test_clauses_without_a_category_can_be_found(opened):
    tab = opened()
    tab.get_by_role("button", name="无类别").click()
    assert shown(tab) == expected(lambda p: not p.labels)


def test_a_search_that_finds_nothing_says_so(opened):
    tab = opened()
    tab.get_by_label("查找文字").fill("没有这样的文字")
    assert shown(tab) == []
    assert tab.get_by_text("没有符合条件的条款").is_visible()
    assert tab.locator(".heading:visible").count() == 0


def test_the_contents_count_clauses_section_by_section(opened):
    tab = opened()
    want = set(expected(lambda p: "brand" in p.labels))
    tab.get_by_role("button", name="品牌", exact=True).click()
    links = tab.eval_on_selector_all(
        "#contents a",
        "all => all.map(a => [Number(a.dataset.start), Number(a.dataset.stop), a.querySelector('.n').textContent])",
    )
    assert len(links) > 10
    for start, stop, count in links:
        assert count == f"{len(want & set(range(start, stop)))}/{stop - start}"


def test_a_cell_of_the_heat_map_filters_its_category_and_goes_to_its_section(opened):
    tab = opened()
    cell = tab.locator("a.cell[data-category=standards]").first
    target = cell.get_attribute("href")
    cell.click()
    assert shown(tab) == expected(lambda p: "standards" in p.labels)
    assert tab.url.endswith(target)


def test_a_number_of_clauses_to_look_at_leads_to_the_first_of_them(opened):
    tab = opened()
    tab.locator(".figure.review a").click()
    want = expected(lambda p: p.review)
    assert shown(tab) == want
    assert tab.evaluate("document.activeElement.closest('.clause').id") == f"c{want[0]}"
    tab.keyboard.press("Enter")
    assert tab.locator("#panel .doubt").text_content().startswith("? 待复核 · ")
    tab.locator(".figure.none a").click()
    assert shown(tab) == expected(lambda p: not p.labels)
    assert tab.get_by_label("待复核").input_value() == "all"


def test_a_share_in_the_table_of_documents_leads_into_its_document(opened):
    tab = opened("several")
    before = len(tagged("xining-2015").predictions)
    tab.locator("#index tbody tr").nth(1).locator("a[data-category=brand]").click()
    first = next(n for n, p in enumerate(tagged("dongtou-2023").predictions) if "brand" in p.labels)
    assert tab.evaluate("document.activeElement.closest('.clause').id") == f"c{before + first}"
    assert tab.locator(f"#c{before + first}").evaluate(
        "node => node.getBoundingClientRect().bottom < window.innerHeight"
    )


def test_one_key_press_or_click_leads_past_the_overview(opened):
    tab = opened()
    tab.get_by_role("button", name="品牌", exact=True).click()
    tab.get_by_role("button", name="到第一条").click()
    first = expected(lambda p: "brand" in p.labels)[0]
    assert tab.evaluate("document.activeElement.closest('.clause').id") == f"c{first}"
    tab.get_by_label("查找文字").fill("没有这样的文字")
    assert tab.get_by_role("button", name="到第一条").is_disabled()


def test_a_clause_shows_reasons_that_add_up_to_its_score(opened):
    tab = opened()
    for number in (7, 30, 50):
        tab.locator(f"#c{number} .no").click()
        radios = tab.locator("#panel input[name=why]")
        for choice in range(radios.count()):
            radios.nth(choice).check()
            parts = tab.eval_on_selector_all(
                "#sum tr.part td", "all => all.map(td => Number(td.textContent.replace('−', '-')))"
            )
            total = tab.locator("#sum tr.total td").text_content().replace("−", "-")
            assert round(sum(parts), 3) == float(total)
            rows = tab.eval_on_selector_all(
                "#sum tr.term td", "all => all.map(td => Number(td.textContent.replace('−', '-')))"
            )
            assert round(sum(rows), 3) == round(parts[1] + parts[2], 3)


def test_the_reasons_are_those_of_the_category_one_has_filtered_for(opened):
    tab = opened()
    clause = expected(lambda p: "brand" in p.labels and p.primary != "brand")[0]
    tab.locator(f"#c{clause} .no").click()
    assert tab.locator("#sum h3").text_content() != "品牌"
    tab.keyboard.press("Escape")
    tab.get_by_role("button", name="品牌", exact=True).click()
    tab.locator(f"#c{clause} .no").click()
    assert tab.locator("#sum h3").text_content() == "品牌"


def test_highlights_stand_on_the_words_they_speak_of(opened):
    tab = opened()
    predictions = tagged("xining-2015").predictions
    for number in (7, 30):
        tab.locator(f"#c{number} .no").click()
        assert tab.locator(f"#c{number} .text").text_content() == predictions[number].unit.text
        assert tab.locator(f"#c{number} mark").count() > 0
        terms = tab.locator("#sum tr.term button")
        for position in range(min(terms.count(), 8)):
            term = terms.nth(position)
            term.focus()
            hits = tab.eval_on_selector_all(f"#c{number} .hit", "all => all.map(n => n.textContent)")
            word = term.text_content()
            assert word in "".join(hits) or re.sub(r"\d", "0", "".join(hits)) >= word


def test_highlights_count_characters_as_the_offsets_do(opened):
    """𠮷 and 😀 are one character each, although the browser holds them as two."""
    tab = opened("hostile")
    clause = next(n for n, p in enumerate(hostile().predictions) if "召回" in p.unit.text)
    tab.locator(f"#c{clause} .no").click()
    button = tab.locator("#sum tr.term button", has_text=re.compile("^召回$"))
    button.focus()
    assert (
        "".join(tab.eval_on_selector_all(f"#c{clause} .hit", "all => all.map(n => n.textContent)")) == "召回"
    )


def test_leaving_a_clause_restores_its_text(opened):
    tab = opened()
    tab.locator("#c7 .no").click()
    tab.locator("#c8 .no").click()
    assert tab.locator("#c7 mark").count() == 0
    assert tab.locator("#c7 .text").text_content() == tagged("xining-2015").predictions[7].unit.text
    assert tab.locator(".clause.selected").count() == 1


def test_the_keyboard_suffices(opened):
    tab = opened()
    selected = "document.querySelector('.selected')?.id"
    tab.keyboard.press("j")
    tab.keyboard.press("j")
    assert tab.evaluate(selected) == "c1"
    tab.keyboard.press("k")
    assert tab.evaluate(selected) == "c0"
    tab.keyboard.press("n")
    assert tab.evaluate(selected) == "c9"
    tab.keyboard.press("Escape")
    assert tab.evaluate(selected) is None
    assert tab.evaluate("document.activeElement.closest('.clause').id") == "c9"
    tab.keyboard.press("/")
    tab.keyboard.type("jkn")
    assert tab.get_by_label("查找文字").input_value() == "jkn"
    assert tab.evaluate("[...document.querySelectorAll('.no')].filter(b => b.tabIndex === 0).length") <= 1


def test_a_link_to_a_clause_opens_it(opened):
    tab = opened(fragment="#c12")
    assert tab.evaluate("document.querySelector('.selected').id") == "c12"
    assert tab.locator("#panel h2").text_content() == "条款 13"


@pytest.mark.parametrize("width", [1440, 1100, 800])
def test_the_panel_hides_neither_the_filters_nor_the_clause(opened, width):
    tab = opened(viewport={"width": width, "height": 900})
    tab.locator("#c7 .no").click()
    panel, clause = (tab.locator(name).bounding_box() for name in ("#panel", "#c7 .text"))
    header = tab.locator("header").bounding_box()
    assert panel["y"] >= header["y"] + header["height"] - 1
    assert clause["x"] + clause["width"] <= panel["x"] + 1 or clause["y"] + clause["height"] <= panel["y"] + 1
    assert tab.locator("#panel h2").is_visible()


def test_on_a_phone_nothing_is_wider_than_the_screen(opened):
    for name in ("one", "several", "hostile", "english"):
        tab = opened(name, PHONE)
        assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        tab.locator("#c1 .no").click()
        assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        box = tab.locator("#panel").bounding_box()
        assert box["y"] + box["height"] <= PHONE["height"] + 1
        assert tab.locator("#c1 .text").bounding_box()["y"] < box["y"]
        tab.get_by_role("button", name="关闭" if name != "english" else "Close").click()
        assert not tab.locator("#panel").is_visible()


def test_a_comparison_on_a_phone_is_no_wider_than_the_screen(opened):
    tab = opened("compared", PHONE)
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    widths = tab.eval_on_selector_all(".pairs .scroll", "all => all.map(n => n.scrollWidth)")
    assert widths
    assert max(widths) <= PHONE["width"]


@pytest.mark.parametrize("name", ["one", "large"])
def test_a_heading_is_there_when_a_clause_below_it_is(opened, name):
    tab = opened(name)
    tab.get_by_role("button", name="品牌", exact=True).click()
    want = set(expected(lambda p: "brand" in p.labels))
    headings = tab.eval_on_selector_all(
        ".heading",
        "all => all.map(h => [Number(h.dataset.start), Number(h.dataset.stop), Boolean(h.offsetParent)])",
    )
    for start, stop, visible in headings:
        assert visible == bool(want & set(range(start, stop)))


def test_in_print_there_is_the_document_and_no_controls(opened):
    tab = opened()
    tab.get_by_role("button", name="品牌", exact=True).click()
    tab.emulate_media(media="print")
    for gone in (".filters", "#contents", "#panel"):
        assert not tab.locator(gone).is_visible()
    assert tab.locator(".body").is_visible()
    assert "品牌" in tab.locator("#filtered").text_content()
    assert tab.locator("#filtered").is_visible()
    assert tab.locator(".clause:visible .chip .p").first.is_visible()


@pytest.mark.parametrize("name", ["one", "large"])
def test_it_prints_on_a4(opened, tmp_path, name):
    pdfium = pytest.importorskip("pypdfium2", reason="reads the printed pages")
    tab = opened(name)
    tab.pdf(path=tmp_path / "print.pdf", prefer_css_page_size=True)
    printed = pdfium.PdfDocument(tmp_path / "print.pdf")
    sizes = {tuple(map(round, printed[n].get_size())) for n in range(len(printed))}
    assert all(abs(w - 595) <= 1 and abs(h - 842) <= 1 for w, h in sizes)
    text = "".join(printed[n].get_textpage().get_text_bounded() for n in range(len(printed)))
    text = "".join(text.split())
    for prediction in tagged("xining-2015").predictions:
        assert "".join(prediction.unit.text.split())[:12] in text
    printed.close()


@pytest.mark.parametrize(
    ("name", "viewport"),
    [("one", WIDE), ("several", WIDE), ("english", WIDE), ("one", PHONE), ("compared", WIDE)],
)
def test_axe_finds_nothing_worth_mending(opened, name, viewport):
    axe = pytest.importorskip("axe_playwright_python", reason="carries axe-core; in the extra `dev`")
    script = (Path(axe.__file__).parent / "axe.min.js").read_text("utf-8")
    tab = opened(name, viewport)
    if name != "compared":
        tab.locator("#c7 .no").click()
    tab.evaluate(script)  # by the driver: the page's own policy would refuse it
    found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")
    worth_mending = {
        rule["id"]: [node["html"][:120] for node in rule["nodes"][:3]]
        for rule in found["violations"]
        if rule["impact"] in ("moderate", "serious", "critical")
    }
    assert worth_mending == {}, json.dumps(worth_mending, ensure_ascii=False, indent=1)


def test_hostile_text_runs_nothing(opened):
    tab = opened("hostile")
    assert tab.evaluate("document.querySelectorAll('img, textarea').length") == 0
    for number in range(len(hostile().predictions)):
        tab.locator(f"#c{number} .no").click()
        assert tab.locator(f"#c{number} .text").text_content() == hostile().predictions[
            number
        ].unit.text.replace("\0", "\ufffd")


def test_the_page_speaks_english(opened):
    tab = opened("english")
    assert tab.get_by_role("button", name="Brand", exact=True).is_visible()
    tab.locator("#c7 .no").click()
    assert tab.locator("#panel h2").text_content() == "Clause 8"
    controls = tab.locator("header").inner_text() + tab.locator("#panel legend").inner_text()
    assert not re.search("[一-鿿]", controls)
    assert model().taxonomy.categories[0].name_en in tab.locator("table").first.inner_text()
