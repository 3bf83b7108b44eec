"""Where input comes from: files, folders, globs, standard input; packed or not."""

from __future__ import annotations

import gzip
import io
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from readings import Pipe, line, titles

from index.article import Article, Rejection
from index.readers import Reading, ReadOptions, SourceError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files of every kind in folders, hidden ones and strangers among them."""
    contents = {
        "b.jsonl": line("b.jsonl"),
        "a.JSON": f"[{line('a.JSON')}]",
        "c/d.ndjson": line("c/d.ndjson"),
        "c/e.csv": "title\nc/e.csv",
        "c/f.tsv": "title\tbody\nc/f.tsv\tx",
        "g.txt": "g.txt",
        "h.text": "h.text",
        "i.html": "<title>i.html</title><p>x</p><p>y</p>",
        "j.htm": "<title>j.htm</title><p>x</p><p>y</p>",
        "notes.md": "notes.md",
        ".hidden.txt": "hidden",
        ".git/k.txt": "hidden",
        "l.txt.gz": "l.txt.gz",
    }
    for name, text in contents.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return tmp_path


def test_a_folder_gives_its_files_of_known_kinds_in_order(folder: Path) -> None:
    known = [
        "a.JSON",
        "b.jsonl",
        "c/d.ndjson",
        "c/e.csv",
        "c/f.tsv",
        "g.txt",
        "h.text",
        "i.html",
        "j.htm",
        "l.txt.gz",
    ]
    assert titles(folder) == known
    assert titles(folder, format="text") == ["g.txt", "h.text", "l.txt.gz"]
    (folder / "a.JSON").write_text(line("a.JSON"))
    assert titles(folder, format="jsonl") == ["a.JSON", "b.jsonl", "c/d.ndjson"]


def test_globs_and_files_in_the_order_given_and_each_once(folder: Path) -> None:
    names = ("h.text", "*.t*", "notes.md")
    assert titles(*(folder / name for name in names)) == ["h.text", "g.txt", "l.txt.gz", "notes.md"]
    assert titles(folder / "**" / "*.ndjson") == ["c/d.ndjson"]
    assert titles(f"{folder}/[c]") == ["c/d.ndjson", "c/e.csv", "c/f.tsv"]


def test_a_name_that_looks_like_a_glob_is_a_file_first(tmp_path: Path) -> None:
    (tmp_path / "a[1].txt").write_text("خبر", "utf-8")
    assert titles(tmp_path / "a[1].txt") == ["خبر"]


@pytest.mark.parametrize("name", ["none.jsonl", "*.none", "empty", "", "a\0b"])
def test_a_source_that_gives_nothing_is_an_error_before_anything_is_read(folder: Path, name: str) -> None:
    (folder / "empty").mkdir()
    source = str(folder / name) if name else name
    with pytest.raises(SourceError) as caught:
        Reading([str(folder / "b.jsonl"), source])
    assert repr(source) in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_what_cannot_be_opened_is_told_and_the_rest_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> io.FileIO:
        if path.endswith(("b.jsonl", "g.txt")):
            raise PermissionError(13, "Permission denied", path)
        return opened(path)

    opened = io.FileIO
    monkeypatch.setattr("index.readers.streams.io.FileIO", refuse)
    reading = Reading([str(folder / "b.jsonl"), str(folder / "g.txt"), str(folder / "h.text")])
    items = list(reading)
    assert items[:2] == [
        Rejection(str(folder / name), 0, "", "cannot be read: Permission denied") for name in ("b.jsonl", "g.txt")
    ]
    assert isinstance(items[2], Article)
    assert (reading.files, reading.records) == (3, 3)


def test_a_folder_that_cannot_be_listed_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("/c"):
            raise PermissionError(13, "Permission denied", path)
        return listed(path)

    monkeypatch.setattr(os, "scandir", refuse)
    rejections = [item for item in Reading([str(folder)]) if isinstance(item, Rejection)]
    assert [item.file for item in rejections] == [str(folder / "c")]


def test_a_file_name_in_no_encoding_can_be_reported(tmp_path: Path) -> None:
    path = os.path.join(os.fsencode(tmp_path), b"\xff.txt")
    try:
        with open(path, "wb") as file:
            file.write(b"\xd8 \n")
    except OSError:
        pytest.skip("this file system takes file names in UTF-8 only")
    (item,) = Reading([str(tmp_path)], ReadOptions(max_line_bytes=1))
    assert isinstance(item, Rejection)
    assert item.file == f"{tmp_path}/\\udcff.txt"


# Packed files


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.json.gz", "a.csv.gz", "a.txt.gz", "a.html.gz", "a.gz", "A.JSONL.GZ"])
def test_every_kind_of_file_may_be_packed(tmp_path: Path, name: str) -> None:
    contents = {"csv": "title\nخبر", "txt": "خبر", "html": "<title>خبر</title><p>a</p><p>b</p>"}
    text = contents.get(name.split(".")[1], line("خبر"))
    (tmp_path / name).write_bytes(gzip.compress(text.encode()))
    assert titles(tmp_path / name) == ["خبر"]


def test_packed_files_may_be_joined(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(line("a").encode()) + gzip.compress(line("b").encode()))
    assert titles(tmp_path / "a.jsonl.gz") == ["a", "b"]


@pytest.mark.parametrize(("kind", "before"), [("jsonl", ""), ("json", "["), ("csv", "title\n")])
@pytest.mark.parametrize("count", [2000, 20_000])
def test_a_truncated_file_gives_what_came_before(tmp_path: Path, kind: str, before: str, count: int) -> None:
    names = [f"مقال {number} {os.urandom(30).hex()}" for number in range(count)]
    ends = {"jsonl": "\n", "json": ",\n", "csv": "\n"}
    text = before + "".join((name if kind == "csv" else line(name)[:-1]) + ends[kind] for name in names)
    data = gzip.compress(text.encode())
    (tmp_path / f"a.{kind}.gz").write_bytes(data[: len(data) // 2])
    (tmp_path / "b.jsonl").write_text(line("b"))
    *items, rejection, last = Reading([str(tmp_path)])
    assert isinstance(rejection, Rejection)
    assert isinstance(last, Article)
    assert count // 3 < len(items) < count
    assert [item.title for item in items if isinstance(item, Article)] == names[: len(items)]
    assert rejection.line == len(items) + (kind != "jsonl")
    assert rejection.reason.startswith("cannot be read beyond this line: ")
    assert last.title == "b"


@pytest.mark.parametrize("kind", ["jsonl", "json", "csv", "txt", "html"])
@pytest.mark.parametrize(
    "data", [b"title,body\nplain,text", gzip.compress(b"x" * 9999)[:-9], b"\x1f\x8b\x08" + b"\xff" * 40]
)
def test_a_broken_packed_file_is_told(tmp_path: Path, kind: str, data: bytes) -> None:
    path = tmp_path / f"a.{kind}.gz"
    path.write_bytes(data)
    *_, last = Reading([str(path)])
    assert isinstance(last, Rejection)
    assert (last.file, last.reason.startswith("cannot be read")) == (str(path), True)


# Standard input


@pytest.fixture
def standard_input(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    def put(data: bytes) -> None:
        text = io.TextIOWrapper(io.BufferedReader(Pipe(data, 7)))
        monkeypatch.setattr("sys.stdin", text)

    return put


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (line("a") + "{\n" + line("b"), ["a", "not valid JSON", "b"]),
        ('\n {\n "title": "a"}', ["a"]),
        ('\ufeff \n[{"title": "a"}]', ["a"]),
        ("<title>a</title><p>x</p><p>y</p>", ["a"]),
        ("id,title\n1,a\n2,b", ["a", "b"]),
        ("body;x\na;b", [""]),
        ("headline\tx\na\tb", ["headline\tx"]),
        ("a title, of a text\nbody", ["a title, of a text"]),
        ("title\nbody", ["title"]),
        ("", []),
        (" \n", []),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_format_of_standard_input_is_found(
    standard_input: Callable[[bytes], None], text: str, expected: list[str], encoding: str
) -> None:
    for pack in (bytes, gzip.compress):
        standard_input(pack(text.removeprefix("\ufeff").encode(encoding) if encoding == "utf-16" else text.encode()))
        found = titles("-")
        assert [title[: len(wanted)] for title, wanted in zip(found, expected, strict=True)] == expected


def test_a_mapped_name_makes_a_header(standard_input: Callable[[bytes], None]) -> None:
    standard_input(b"headline;x\na;b")
    assert titles("-", mapping={"title": "headline"}) == ["a"]


def test_a_format_overrides_what_standard_input_looks_like(standard_input: Callable[[bytes], None]) -> None:
    standard_input(b'{"title": "a"}')
    assert titles("-", format="text") == ['{"title": "a"}']


def test_standard_input_is_named_in_rejections_and_stays_open(
    standard_input: Callable[[bytes], None],
) -> None:
    import sys

    standard_input(b"{}\n")
    reading = Reading(["-"])
    assert [item.file for item in reading if isinstance(item, Rejection)] == ["-"]
    assert not sys.stdin.closed
    assert reading.position() == (0, 0)
    with pytest.raises(SourceError, match="twice"):
        Reading(["-", "-"])


# The run as a whole


def test_a_reading_counts(folder: Path) -> None:
    (folder / "b.jsonl").write_text('{"title": "a", "note": 1}\n{"note": 2, "other": 3}\n')
    (folder / "g.txt").write_text("title\nbody\nاترك رد\nSource link")
    (folder / "empty.jsonl").touch()
    reading = Reading([str(folder)])
    total = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and "/." not in str(path)) - 8
    assert reading.position() == (0, total)
    places = [reading.position()[0] for _ in reading]
    assert places == sorted(places)
    assert reading.position() == (total, total)
    assert (reading.files, reading.records, reading.leavings) == (11, 11, 2)
    assert reading.ignored_fields == {"note", "other"}


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv"])
def test_memory_is_bounded_whatever_the_length_of_file_and_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    record = line("خبر")[:-1]
    with path.open("w", encoding="utf-8") as file:
        file.write({"a.json": "[", "a.csv": "title\n"}.get(name, ""))
        for number in range(10_000):
            file.write(f'"{number} {"x" * 200}"\n' if name == "a.csv" else record[:-2] + f' {"x" * 200}"}}')
            file.write({"a.json": ",", "a.jsonl": "\n"}.get(name, ""))
        file.write('"' if name == "a.csv" else '{"title": "')
        for _ in range(200):
            file.write("x" * 100_000)
        file.write('"' if name == "a.csv" else '"}')
        file.write("]" if name == "a.json" else "\n")
    tracemalloc.start()
    try:
        count = rejected = 0
        for item in Reading([str(path)], ReadOptions(max_line_bytes=1_000_000)):
            count += 1
            rejected += isinstance(item, Rejection)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (count, rejected) == (10_001, 1)
    # The file has 22 MB; what is held are a few buffers and one record below the limit.
    assert peak < 12_000_000


def test_a_reading_tells_the_place_of_the_record_at_hand(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n{}\n" + line("a"))
    (tmp_path / "b.json").write_text('[\n{"title": "b"}, {"title": "c"},\n\n{"title": "d"}]')
    (tmp_path / "c.csv").write_text('title\n"e\nf"\ng\n')
    (tmp_path / "d.txt").write_text("h")
    (tmp_path / "e.html").write_text("<p>i</p>")
    reading = Reading([str(tmp_path)])
    assert reading.place() == ("", 0)
    places = [(Path(reading.place()[0]).name[0], reading.place()[1]) for _ in reading]
    assert places == [("a", 2), ("a", 3), ("b", 2), ("b", 2), ("b", 4), ("c", 2), ("c", 4), ("d", 1), ("e", 0)]
