"""The route that skips the command-line framework understands exactly what the framework would."""

import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import qclassify.cli.tag_request
from qclassify.cli.app import app
from qclassify.cli.quick import understood

WORDS = [
    "tag", "a.txt", "b c.txt", "-", "--", "文件.docx", "x=y", "",
    "-f", "--format", "--format=jsonl", "--format=", "-f=csv", "-fjsonl", "jsonl", "csv", "table", "html",
    "-o", "--output", "--output=o.csv", "o.jsonl", "o.xlsx", "--model", "--model=m", "m",
    "--quiet", "-q", "-qf", "--help", "--lang", "en", "--explain", "--form", "segment",
]  # fmt: skip


def by_the_app(arguments):
    """The request that the framework makes of the arguments, None when it refuses them."""
    made = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(qclassify.cli.tag_request, "perform", lambda request: made.append(request) or 0)
        with pytest.raises(SystemExit) as stop:
            app(list(arguments))
        assert stop.value.code in (0, 2)
    return made[0] if made else None


@pytest.mark.parametrize(
    "arguments",
    [
        ["tag", "a.txt"],
        ["tag", "a.txt", "--format", "jsonl"],
        ["tag", "--format=csv", "a.txt", "b.txt", "-q"],
        ["tag", "-f", "jsonl", "folder", "-o", "out.bin"],
        ["tag", "a.txt", "--output", "OUT.CSV"],
        ["tag", "a.txt", "--model", "m", "--quiet"],
    ],
)
def test_plain_commands_take_the_quick_route_and_mean_the_same(arguments, monkeypatch):
    monkeypatch.delenv("QCLASSIFY_MODEL", raising=False)
    request = understood(arguments, {})
    assert request is not None
    assert request == by_the_app(arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["segment", "a.txt"],
        ["tag"],
        ["tag", "--help"],
        ["tag", "-"],
        ["tag", "a.txt", "--format", "html"],
        ["tag", "a.txt", "--format", "JSONL"],
        ["tag", "a.txt", "--format"],
        ["tag", "a.txt", "--output", ""],
        ["tag", "a.txt", "--output", "o.xlsx"],
        ["tag", "a.txt", "--level", "document"],
        ["tag", "--", "-a.txt"],
    ],
)
def test_whatever_else_is_left_to_the_framework(arguments):
    assert understood(arguments, {}) is None


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(WORDS), max_size=6))
def test_what_is_understood_is_what_the_framework_understands(words):
    arguments = ["tag", *words]
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("QCLASSIFY_MODEL", raising=False)
        request = understood(arguments, {})
        if request is not None:
            assert request == by_the_app(arguments)


def test_the_model_of_the_environment_holds_on_both_routes(monkeypatch):
    monkeypatch.setenv("QCLASSIFY_MODEL", "elsewhere")
    request = understood(["tag", "a.txt"], {"QCLASSIFY_MODEL": "elsewhere"})
    assert str(request.model) == "elsewhere"
    assert request == by_the_app(["tag", "a.txt"])


def test_a_table_in_a_terminal_is_left_to_the_framework(monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert understood(["tag", "a.txt"], {}) is None


def test_completion_is_left_to_the_framework():
    assert understood(["tag", "a.txt"], {"_QCLASSIFY_COMPLETE": "complete_bash"}) is None
