"""What a SOURCE stands for: files, members of containers, rows of tables; hostile ones included."""

import csv
import gzip
import io
import json
import os
import random
import stat
import tarfile
import tracemalloc
import zipfile

import pytest
from archive_runs import write_tar, write_zip
from hypothesis import given, settings
from hypothesis import strategies as st

from qclassify.archive.containers import is_container, members
from qclassify.archive.inputs import Listing, ListingDigest
from qclassify.archive.items import items
from qclassify.archive.options import ArchiveOptions
from qclassify.archive.tables import opened_table
from qclassify.errors import QClassifyError, ReadError
from qclassify.reading import ClauseRow, Limits, read_clauses, read_table
from qclassify.reading.limits import DEFAULT_LIMITS, MIB

POLICY = "加强产品质量监督抽查,健全缺陷产品召回制度。"


def listed(source):
    return [entry.name for entry in Listing(str(source))]


def all_items(source, **options):
    return list(items(Listing(str(source)), ArchiveOptions(**options), ListingDigest()))


@pytest.fixture
def folder(tmp_path):
    for name in (
        "b.txt",
        "a/deep/x.txt",
        "a/plan-1.txt",
        "c/plan-2.docx",
        ".hidden/z.txt",
        "~$b.docx",
        "a/._x.txt",
    ):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(POLICY, "utf-8")
    return tmp_path / "in"


def test_a_folder_is_listed_in_order_without_hidden_files(folder):
    assert listed(folder) == ["b.txt", "a/plan-1.txt", "a/deep/x.txt", "c/plan-2.docx"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.txt", ["b.txt"]),
        ("**/*.txt", ["b.txt", "plan-1.txt", "x.txt"]),
        ("*/plan-?.*", ["plan-1.txt", "plan-2.docx"]),
        ("*/plan-[!1].*", ["plan-2.docx"]),
        ("a/**", ["plan-1.txt", "x.txt"]),
        ("[ab].txt", ["b.txt"]),
    ],
)
def test_patterns_stay_within_a_folder_unless_they_say_otherwise(folder, pattern, found):
    assert [name.rpartition("/")[2] for name in listed(folder / pattern)] == found


def test_a_pattern_without_a_match_is_an_error(folder):
    with pytest.raises(QClassifyError, match="no file matches"):
        Listing(str(folder / "*.pdf"))


def test_links_are_not_followed(folder, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text(POLICY, "utf-8")
    before = listed(folder)
    (folder / "link.txt").symlink_to(outside / "secret.txt")
    (folder / "linked").symlink_to(outside)
    (folder / "a" / "loop").symlink_to(folder)
    assert listed(folder) == before
    with pytest.raises(QClassifyError, match="no file matches"):
        Listing(str(folder / "**" / "secret.txt"))


def test_the_digest_knows_names_sizes_and_times(folder):
    first = Listing(str(folder)).survey()
    assert Listing(str(folder)).survey() == first
    status = (folder / "b.txt").stat()
    os.utime(folder / "b.txt", ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    second = Listing(str(folder)).survey()
    assert (second.files, second.size) == (first.files, first.size)
    assert second.digest != first.digest
    (folder / "b.txt").rename(folder / "d.txt")
    assert Listing(str(folder)).survey().digest != second.digest


def copied(path, tmp_path, limits=DEFAULT_LIMITS):
    """Name → content of the members, and the errors."""
    found, errors = {}, []
    for number, member in enumerate(members(path, path.name, limits)):
        if isinstance(member, ReadError):
            errors.append(member)
            continue
        target = tmp_path / f"copy-{number}"
        try:
            member.copy(target)
        except ReadError as error:
            errors.append(error)
        else:
            found[member.name] = target.read_bytes()
    return found, errors


@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.tgz", "x.tar.bz2", "x.tar.xz", "x.zip", "X.ZIP"])
def test_every_kind_of_container_gives_its_members_in_order(tmp_path, name):
    contents = {f"年/{n}.txt": f"{POLICY}{n}".encode() for n in (3, 1, 2)}
    path = tmp_path / name
    if name.lower().endswith("zip"):
        write_zip(path, contents)
    else:
        mode = {"gz": "w:gz", "bz2": "w:bz2", "xz": "w:xz", "tgz": "w:gz"}.get(name.rpartition(".")[2], "w")
        with tarfile.open(path, mode) as tar:
            for member, data in contents.items():
                info = tarfile.TarInfo(member)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    assert is_container(path)
    found, errors = copied(path, tmp_path)
    assert errors == []
    assert list(found.items()) == list(contents.items())


def test_names_in_gbk_without_a_flag_are_read(tmp_path):
    path = tmp_path / "windows.zip"
    name = "质量强市方案.txt"
    write_zip(path, {"q" * len(name.encode("gbk")): POLICY.encode()})
    data = path.read_bytes().replace(b"q" * len(name.encode("gbk")), name.encode("gbk"))
    path.write_bytes(data)
    assert list(copied(path, tmp_path)[0]) == [name]


def test_links_devices_and_side_files_in_containers_are_left_out(tmp_path):
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w") as tar:
        for name, kind in (
            ("l", tarfile.SYMTYPE),
            ("h", tarfile.LNKTYPE),
            ("d", tarfile.CHRTYPE),
            ("f", tarfile.FIFOTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            tar.addfile(info)
    write_zip(tmp_path / "y.zip", {"__MACOSX/a.txt": b"x", "a/._b.txt": b"x", "~$c.docx": b"x"})
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "y.zip", "a") as package:
        package.writestr(link, "/etc/passwd")
    assert copied(path, tmp_path) == ({}, [])
    assert copied(tmp_path / "y.zip", tmp_path) == ({}, [])


def test_a_bomb_in_a_zip_costs_one_member(tmp_path):
    path = tmp_path / "bomb.zip"
    write_zip(path, {"bomb.txt": bytes(50 * MIB), "plan.txt": POLICY.encode()})
    found, errors = copied(path, tmp_path)
    assert list(found) == ["plan.txt"]
    assert [error.kind for error in errors] == ["too_large"]
    assert "bomb.txt" in errors[0].message
    assert max(p.stat().st_size for p in tmp_path.glob("copy-*")) <= 11 * MIB


def test_a_bomb_in_a_compressed_tar_ends_that_container(tmp_path):
    path = tmp_path / "bomb.tar.gz"
    write_tar(path, {"plan.txt": POLICY.encode(), "bomb.txt": bytes(150 * MIB), "later.txt": b"x"})
    assert path.stat().st_size < MIB
    found, errors = copied(path, tmp_path, Limits(file_bytes=16 * MIB))
    assert list(found) == ["plan.txt"]
    assert [error.kind for error in errors] == ["too_large", "too_large"]
    assert "the rest of it is not read" in errors[-1].message


def test_a_sparse_member_that_claims_a_terabyte_is_stopped(tmp_path):
    path = tmp_path / "sparse.tar"
    info = tarfile.TarInfo("sparse")
    info.size = 10
    info.pax_headers = {
        "GNU.sparse.major": "0",
        "GNU.sparse.minor": "1",
        "GNU.sparse.size": str(1 << 40),
        "GNU.sparse.map": "0,10",
    }
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(info, io.BytesIO(b"0123456789"))
    found, errors = copied(path, tmp_path, Limits(file_bytes=MIB))
    assert found == {}
    assert [error.kind for error in errors] == ["too_large"]


def test_an_encrypted_member_is_reported(tmp_path):
    path = tmp_path / "x.zip"
    write_zip(path, {"a.txt": POLICY.encode()})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert [error.kind for error in copied(path, tmp_path)[1]] == ["encrypted"]


@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.tar.xz", "x.tar.bz2", "x.zip"])
@settings(max_examples=40, deadline=None)
@given(damage=st.data())
def test_whatever_is_wrong_with_a_container_is_a_read_error(tmp_path_factory, name, damage):
    tmp_path = tmp_path_factory.mktemp("damaged")
    path = tmp_path / name
    contents = {f"{n}.txt": (POLICY * 20).encode() for n in range(3)}
    if name.endswith("zip"):
        write_zip(path, contents)
    else:
        mode = "w" if name.endswith(".tar") else "w:" + name.rpartition(".")[2]
        with tarfile.open(path, mode) as tar:
            for member, data in contents.items():
                info = tarfile.TarInfo(member)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    data = bytearray(path.read_bytes())
    data = data[: damage.draw(st.integers(0, len(data)))]
    for _ in range(damage.draw(st.integers(0, 8))):
        if data:
            data[damage.draw(st.integers(0, len(data) - 1))] = damage.draw(st.integers(0, 255))
    path.write_bytes(data)
    is_container(path)
    copied(path, tmp_path)  # raises nothing


def test_a_docx_in_a_folder_is_no_container(tmp_path):
    path = tmp_path / "plan.zip"  # as some mail programs rename it
    write_zip(path, {"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"})
    assert not is_container(path)


CELLS = st.text(alphabet='质量强市，。 ,;\t"\r\nab\u2028', max_size=12)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=6),
    dialect=st.sampled_from([("csv", ","), ("csv", ";"), ("tsv", "\t")]),
    noise=st.lists(st.tuples(st.integers(0, 200), st.sampled_from(['"', "\n", ",", "\t", "x"])), max_size=3),
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-8-sig", "utf-16"]),
)
def test_a_streamed_table_has_the_rows_of_one_read_whole(tmp_path_factory, rows, dialect, noise, encoding):
    ending, delimiter = dialect
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([("id", "text", "heading_path"), *rows])
    content = text.getvalue()
    header = content.index("\n") + 1
    for position, character in noise:
        at = header + position % (len(content) - header + 1)
        content = content[:at] + character + content[at:]
    path = tmp_path_factory.mktemp("table") / f"t.{ending}"
    path.write_bytes(content.encode(encoding))
    compare_clauses(path)


@settings(max_examples=80, deadline=None)
@given(
    lines=st.lists(
        st.one_of(
            st.builds(
                lambda i, t, p: json.dumps({"id": i, "text": t, "heading_path": p}, ensure_ascii=False),
                st.one_of(st.integers(), CELLS, st.none()),
                CELLS,
                st.one_of(CELLS, st.lists(CELLS, max_size=3), st.none()),
            ),
            st.sampled_from(["", "[1]", "{", "null", '{"id": 1}', '{"a": {"b": 1}}']),
        ),
        max_size=6,
    )
)
def test_streamed_json_lines_have_the_rows_of_those_read_whole(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("table") / "t.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    compare_clauses(path)


def compare_clauses(path):
    """Whatever way a table of clauses is read: the same rows at the same places, the same complaints."""
    try:
        whole = [
            (row.id, row.text, row.line) if isinstance(row, ClauseRow) else row.message
            for row in read_clauses(path, name=path.name)
        ]
    except ReadError as error:
        whole = [error.message]
    found = all_items(path, clauses=True)
    streamed = [
        (item.record["id"], item.record["text"])
        if "text" in item.record
        else item.record["failure"]["message"]
        for item in found
    ]
    lines = [row[2] if isinstance(row, tuple) else None for row in whole]
    assert streamed == [row[:2] if isinstance(row, tuple) else row for row in whole]
    assert [item.record.get("index") for item in found if "text" in item.record] == [
        n for n, line in enumerate(lines) if line is not None
    ]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "xlsx"])
def test_rows_that_are_documents_are_those_of_a_table_read_whole(tmp_path, ending):
    path = tmp_path / f"t.{ending}"
    rows = [{"id": f"n{n}", "标题": f"题{n}", "text": POLICY * n} for n in range(5)]
    if ending == "csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, rows[0])
            table.writeheader()
            table.writerows(rows)
    elif ending == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    elif ending == "parquet":
        pa = pytest.importorskip("pyarrow", reason="needs the extra `parquet`")
        pytest.importorskip("pyarrow.parquet").write_table(pa.Table.from_pylist(rows), path)
    else:
        openpyxl = pytest.importorskip("openpyxl", reason="needs the extra `tables`")
        book = openpyxl.Workbook()
        for row in (tuple(rows[0]), *(tuple(row.values()) for row in rows)):
            book.active.append(row)
        book.save(path)
    whole = list(read_table(path, name=path.name))
    found = all_items(path)
    assert len(found) == len(whole) == 5
    for item, document in zip(found, whole, strict=True):
        if isinstance(document, ReadError):
            assert item.record["failure"]["message"] == document.message
        else:
            assert (item.document, item.record["text"]) == (document.name, document.text)
            assert item.record["title"] == document.meta["title"]


def test_a_long_table_is_never_in_memory_as_a_whole(tmp_path):
    path = tmp_path / "long.jsonl"
    line = json.dumps({"id": "1", "text": POLICY * 20}, ensure_ascii=False) + "\n"
    path.write_text(line * 20_000, "utf-8")
    assert path.stat().st_size > 20 * MIB
    tracemalloc.start()
    count = sum(1 for _ in items(Listing(str(path)), ArchiveOptions(clauses=True), ListingDigest()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 8 * MIB  # the head from which the encoding is guessed, and its text


def test_an_encoding_that_shows_late_is_found(tmp_path):
    path = tmp_path / "late.csv"
    path.write_bytes(b"id,text\n" + b"1,abc\n" * 220_000 + "2,质量。\n".encode("gb18030"))
    with opened_table(path, path.name, "auto", ("id", "text"), DEFAULT_LIMITS) as table:
        assert table.encoding == "gb18030"
        *_, (last, position) = table.rows
    assert last.cells["text"] == "质量。"
    assert position == path.stat().st_size


def test_a_line_without_end_is_one_failure(tmp_path):
    path = tmp_path / "endless.jsonl"
    limits = Limits(characters=1000)
    long = json.dumps({"id": "2", "text": "x" * 3 * MIB})
    path.write_text(f'{{"id": "1", "text": "a"}}\n{long}\n{{"id": "3", "text": "b"}}\n', "utf-8")
    found = list(items(Listing(str(path)), ArchiveOptions(clauses=True), ListingDigest(), limits))
    assert ["failure" in item.record for item in found] == [False, True, False]
    assert "longer than a row may be" in found[1].record["failure"]["message"]


def test_a_stray_quotation_mark_swallows_no_row_after_it(tmp_path):
    path = tmp_path / "stray.csv"
    path.write_text('id,text\n1,"open\n' + "".join(f"{n},提升质量。\n" for n in range(2, 300)), "utf-8")
    found = all_items(path, clauses=True)
    assert "failure" in found[0].record
    assert [item.record["id"] for item in found[1:]] == [str(n) for n in range(2, 300)]


def test_positions_grow_to_the_size_of_the_listing(tmp_path):
    choose = random.Random(1)  # noqa: S311 - test data
    for n in range(4):
        (tmp_path / f"{n}.txt").write_text(POLICY * choose.randint(1, 50), "utf-8")
    write_zip(tmp_path / "m.zip", {f"{n}.txt": POLICY.encode() * 9 for n in range(5)})
    (tmp_path / "t.csv").write_text("id,text\n" + "".join(f"{n},{POLICY}\n" for n in range(50)), "utf-8")
    positions = [item.position for item in all_items(tmp_path)]
    assert positions == sorted(positions)
    size = Listing(str(tmp_path)).survey().size
    assert 0.9 * size < positions[-1] <= size


def test_several_columns_that_may_be_the_text_are_asked_about(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("text,正文\na,b\n", "utf-8")
    [item] = all_items(path)
    assert "--text-column" in item.record["failure"]["hint"]
    [item] = all_items(path, text_column="正文")
    assert item.record["text"] == "b"


def test_a_gzip_that_is_no_tar_is_reported(tmp_path):
    path = tmp_path / "x.tar.gz"
    path.write_bytes(gzip.compress(POLICY.encode()))
    [error] = members(path, "x.tar.gz", DEFAULT_LIMITS)
    assert error.kind == "corrupt"
