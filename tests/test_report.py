"""The page as a file: its policy, its escaping, and facts that agree with the tags."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_documents import compared, hostile, marked_for_review, model, page, tagged

import qclassify
from qclassify.palette import PALETTE, ink_on, on_any_ground, on_white
from qclassify.rendering.report.markup import element, text

VOID = {"meta", "input", "br", "hr"}


class Parsed(HTMLParser):
    """Elements with their attributes and own text; complains about elements that do not close in order."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.elements, self.open = [], []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        entry = {"tag": tag, **dict(attrs), "text": ""}
        self.elements.append(entry)
        if tag not in VOID:
            self.open.append(entry)

    def handle_endtag(self, tag):
        assert self.open.pop()["tag"] == tag

    def handle_data(self, data):
        if self.open:
            self.open[-1]["text"] += data

    def find(self, tag, **attributes):
        return [
            e for e in self.elements if e["tag"] == tag and all(e.get(k) == v for k, v in attributes.items())
        ]

    def of_class(self, name):
        return [e for e in self.elements if name in (e.get("class") or "").split()]


@pytest.fixture(scope="module")
def xining():
    return page(tagged("xining-2015"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_policy_allows_this_script_and_this_style_and_nothing_else(language):
    parsed = Parsed(page(tagged("xining-2015"), language=language))
    [policy] = [m["content"] for m in parsed.find("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert set(rules) == {"default-src", "script-src", "style-src", "base-uri", "form-action"}
    scripts = [s["text"] for s in parsed.find("script") if "type" not in s]
    [style] = [s["text"] for s in parsed.find("style")]
    assert len(scripts) == 1
    for content, rule in ((scripts[0], rules["script-src"]), (style, rules["style-src"])):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert rule == f"'sha256-{digest}'"


def test_nothing_is_fetched_and_nothing_is_inline(xining):
    for source in (xining, page(hostile()), compared(tagged("xining-2015"), hostile())):
        for found in Parsed(source).elements:
            assert not {"src", "srcset", "style", "action"} & set(found)
            assert not any(name.startswith("on") for name in found)
            assert found["tag"] not in {"link", "img", "iframe", "object", "embed", "base", "form", "video"}
            assert found.get("href", "#").startswith("#")
        assert "url(" not in source
        assert "@import" not in source


def test_hostile_text_is_shown_as_text():
    document = hostile()
    parsed = Parsed(page(document))
    shown = [e["text"] for e in parsed.of_class("text")]
    expected = [p.unit.text.replace("\0", "\ufffd") for p in document.predictions]
    assert shown == expected
    assert len(parsed.find("script")) == 3
    assert len(Parsed(compared(tagged("xining-2015"), hostile())).find("script")) == 0


def test_the_document_is_there_as_its_reader_knows_it(xining):
    document, parsed = tagged("xining-2015"), Parsed(xining)
    body = [e for e in parsed.elements if {"heading", "text", "other"} & set((e.get("class") or "").split())]
    shown = ["".join(e["text"].split()) for e in body]
    assert shown == ["".join(unit.text.split()) for unit in document.units]


def test_every_category_stands_as_text_with_its_probability_for_screen_readers(xining):
    parsed = Parsed(xining)
    clauses = parsed.of_class("clause")
    assert len(clauses) == len(tagged("xining-2015").predictions)
    chips = [e for e in parsed.of_class("chip") if "c-none" not in e["class"]]
    labels = [
        (label, p)
        for p in tagged("xining-2015").predictions
        for label in sorted(p.labels, key=lambda label: label != p.primary)
    ]
    assert len(chips) == len(labels)
    for chip, (label, prediction) in zip(chips, labels, strict=True):
        assert chip["text"] == model().taxonomy[label].name
        assert ("primary" in chip["class"]) == (label == prediction.primary)
        assert f"{prediction.scores[label] * 100:.1f}%" in chip["title"]
    said = [e["text"] for e in parsed.of_class("vh") if "概率" in e["text"]]
    assert len(said) == len(labels)


def test_facts_and_reasons_agree_with_the_tags(xining):
    parsed, document = Parsed(xining), tagged("xining-2015")
    [facts] = [json.loads(s["text"]) for s in parsed.find("script", id="facts")]
    [lines] = [s["text"].split("\n") for s in parsed.find("script", id="reasons")]
    assert len(facts["clauses"]) == len(document.predictions) == len(lines) - 1
    ids = model().taxonomy.ids
    for fact, line, prediction in zip(facts["clauses"], lines, document.predictions, strict=False):
        labels, primary, _, probabilities = fact
        assert [c for n, c in enumerate(ids) if labels & 1 << n] == list(prediction.labels)
        assert (ids[primary] if primary >= 0 else None) == prediction.primary
        assert probabilities == [round(s * 1000) for s in prediction.scores.values()]
        for score, base, heading, clause, shades in json.loads(line):
            assert base + heading[0] + clause[0] == score
            assert sum(shades) == clause[0]
            assert len(shades) == len(prediction.unit.text)


def test_several_documents_have_a_table_that_compares_them_and_a_section_each():
    names = ("xining-2015", "dongtou-2023")
    parsed = Parsed(page(*map(tagged, names)))
    assert len(parsed.find("section", id="index")) == 1
    assert [e["id"] for e in parsed.of_class("document")] == ["d0", "d1"]
    ids = [e["id"] for e in parsed.elements if "id" in e]
    assert len(ids) == len(set(ids))
    anchors = {e["href"][1:] for e in parsed.find("a")}
    assert anchors <= set(ids)


def test_where_one_category_is_chosen_no_threshold_is_spoken_of():
    taxonomy = replace(model().taxonomy, exclusive=True)
    bundle = replace(model(), taxonomy=taxonomy, decision=replace(model().decision, exclusive=True))
    document = qclassify.tag(tagged("xining-2015").document, bundle)
    source = page(marked_for_review(document, 9), bundle=bundle)
    parsed = Parsed(source)
    [facts] = [json.loads(s["text"]) for s in parsed.find("script", id="facts")]
    assert {entry["threshold"] for entry in facts["categories"]} == {None}
    assert "stroke-dasharray" not in source
    for flag, prediction in zip(parsed.of_class("flag"), document.predictions[::9], strict=True):
        first, second = sorted(prediction.scores.values(), reverse=True)[:2]
        assert f"{first * 100:.1f}%，其次" in flag["title"]
        assert flag["title"].endswith(f"{second * 100:.1f}%")


def test_thresholds_that_were_moved_leave_no_estimates():
    source = page(tagged("xining-2015"), min_score=0.9)
    assert "未给出校正占比" in source
    assert "95% 区间" not in re.sub(r"<script.*?</script>", "", source, flags=re.DOTALL)


def test_text_keeps_one_character_for_one():
    raw = "".join(map(chr, [*range(0x20), 0x7F, 0x85, 0xD800, 0xFFFE, 0x20BB7])) + "&<>\"'"
    import html

    shown = html.unescape(text(raw))
    assert len(shown) == len(raw)
    assert shown.endswith("&<>\"'")


def test_attributes_are_escaped_like_text():
    assert element("p", title='"><script>') == '<p title="&quot;&gt;&lt;script&gt;"></p>'


def contrast(colour, ground="#ffffff"):
    def light(hexed):
        parts = [int(hexed[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((light(colour), light(ground)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_chips_can_be_read_in_both_directions():
    for category in model().taxonomy.categories:
        assert contrast(category.colour) >= 4.5


@given(st.tuples(*[st.integers(0, 255)] * 3), st.floats(0, 1))
def test_ink_can_be_read_on_any_ground_that_a_colour_makes(channels, opacity):
    ground = on_white("#{:02x}{:02x}{:02x}".format(*channels), opacity)
    assert contrast(ink_on(ground), ground) >= 4.5


@pytest.mark.parametrize("colour", PALETTE)
def test_names_in_a_terminal_can_be_read_on_black_and_on_white(colour):
    shown = on_any_ground(colour)
    assert min(contrast(shown, "#000000"), contrast(shown, "#ffffff")) >= 4.4


def test_digits_of_the_heat_map_can_be_read_and_count_the_section():
    document = tagged("dongtou-2023")
    parsed = Parsed(page(document))
    cells = [e for e in parsed.find("a") if e.get("class") == "cell"]
    assert len(cells) > 30
    drawn = re.findall(
        r'<a href="[^"]+" class="cell" data-category="([^"]+)" aria-label="[^"]*: (\d+) / (\d+)"><title>.*?</title>'
        r'<rect [^>]*fill="(#\w+)".*?fill="(#\w+)"[^>]*>(\d+)</text></a>',
        page(document),
    )
    assert len(drawn) == len(cells)
    for _, count, total, ground, ink, digits in drawn:
        assert digits == count
        assert int(count) <= int(total)
        assert contrast(ink, ground) >= 4.5


def test_a_marked_clause_names_its_closest_call():
    document = marked_for_review(tagged("xining-2015"), 9)
    flags = Parsed(page(document)).of_class("flag")
    marked = [p for p in document.predictions if p.review]
    assert len(flags) == len(marked) > 3
    thresholds = dict(zip(model().taxonomy.ids, model().decision.thresholds, strict=True))
    for flag, prediction in zip(flags, marked, strict=True):
        distance = {
            category: (score - thresholds[category]) / (1 - thresholds[category])
            if score >= thresholds[category]
            else (thresholds[category] - score) / thresholds[category]
            for category, score in prediction.scores.items()
        }
        closest = min(distance, key=distance.get)
        assert flag["title"].startswith(f"{model().taxonomy[closest].name}的概率")
        assert f"{prediction.scores[closest] * 100:.1f}%" in flag["title"]
