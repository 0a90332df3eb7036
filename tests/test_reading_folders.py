"""Walks end, stay inside, and leave out what is no document."""

from __future__ import annotations

import pytest

from qclassify.errors import ReadError
from qclassify.reading import walk


def test_files_come_in_order_and_lock_files_and_resource_forks_do_not(tmp_path):
    for name in (
        "b.txt",
        "a.txt",
        "~$a.docx",
        "._a.txt",
        ".DS_Store",
        "sub/c.txt",
        ".git/config",
        "__MACOSX/._a.txt",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    assert [str(path.relative_to(tmp_path)) for path in walk(tmp_path)] == ["a.txt", "b.txt", "sub/c.txt"]


def test_links_are_not_followed_so_a_loop_ends(tmp_path):
    outside = tmp_path / "outside"
    inside = tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "secret.txt").write_text("x")
    (inside / "own.txt").write_text("x")
    (inside / "loop").symlink_to(inside)
    (inside / "parent").symlink_to(tmp_path)
    (inside / "file.txt").symlink_to(outside / "secret.txt")
    (inside / "dead.txt").symlink_to("nowhere")
    assert list(walk(inside)) == [inside / "own.txt"]


def test_a_folder_nested_very_deeply_does_not_exhaust_the_stack(tmp_path):
    path = tmp_path
    for _ in range(80):
        path = path / "d"
    path.mkdir(parents=True)
    (path / "deep.txt").write_text("x")
    (tmp_path / "top.txt").write_text("x")
    assert list(walk(tmp_path)) == [tmp_path / "top.txt"]


def test_a_missing_folder_and_a_file_are_typed_errors(tmp_path):
    (tmp_path / "file").write_text("x")
    for path, kind in ((tmp_path / "none", "not_found"), (tmp_path / "file", "not_a_file")):
        with pytest.raises(ReadError) as caught:
            list(walk(path))
        assert caught.value.kind == kind
