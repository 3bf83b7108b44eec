"""Each format: what it reads, and that a bad record costs itself only, told with file, line and field."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import astuple
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article, Rejection
from index.readers import Reading, ReadOptions

ReadBytes = Callable[..., list[Article | Rejection]]


@pytest.fixture
def read_bytes(tmp_path: Path) -> ReadBytes:
    """Write bytes under a name and read them; the file's name in rejections is cut to that name."""

    def read(name: str, data: bytes | str, **options: object) -> list[Article | Rejection]:
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        items = list(Reading([str(path)], ReadOptions(**options)))  # type: ignore[arg-type]
        assert all(item.file == str(path) for item in items if isinstance(item, Rejection))
        return items

    return read


def outline(items: Sequence[Article | Rejection]) -> list[str | int]:
    """The titles of articles and the lines of rejections."""
    return [item.title if isinstance(item, Article) else item.line for item in items]


def rejections(items: Sequence[Article | Rejection]) -> list[Rejection]:
    return [item for item in items if isinstance(item, Rejection)]


# JSON Lines


def test_json_lines_with_every_kind_of_bad_line(read_bytes: ReadBytes) -> None:
    lines = [
        b'{"id": "1", "title": "\xd8\xae\xd8\xa8\xd8\xb1"}',
        b"",
        b'{"id": "3", "title": ',
        b'{"id": "4", "title": "a"} {"id": "4b", "title": "b"}',
        b'["a", "list"]',
        b"[" * 200_000,
        b'{"id": 7, "views": ' + b"9" * 5000 + b"}",
        b'{"id": 8, "title": 8}',
        b'{"id": "9", "title": " \\u200b"}',
        b'{"id": "10", "title": "a", "date": "yesterday"}',
        b'{"id": [], "title": "a"}',
        b'{"id": "12", "title": "a", "body": "\\ud83d"}',
        b'{"id": "13", "title": "a", "body": "\\u0000"}',
        b'{"id": "14", "title": "\xe9"}',
        b'{"id": "15", "title": "' + b"x" * 60_000 + b'"}',
        b'\xef\xbb\xbf{"id": "16", "title": "last", "title": "wins", "author": NaN}\r',
        b"null",
        b'{"id": "18", "title": "18"}',
    ]
    items = read_bytes("news.jsonl", b"\n".join(lines), max_line_bytes=250_000)
    assert outline(items) == ["خبر", *range(3, 15), "x" * 60_000, "wins", 17, "18"]
    assert [(item.line, item.field, item.id) for item in rejections(items)] == [
        (3, "", ""),
        (4, "", ""),
        (5, "", ""),
        (6, "", ""),
        (7, "", ""),
        (8, "title", "8"),
        (9, "body", "9"),
        (10, "date", "10"),
        (11, "id", ""),
        (12, "body", "12"),
        (13, "body", "13"),
        (14, "", ""),
        (17, "", ""),
    ]
    reasons = {item.line: item.reason for item in rejections(items)}
    assert "not valid JSON" in reasons[3]
    assert "not a JSON object" in reasons[5]
    assert "deep" in reasons[6]
    assert "digits" in reasons[7]
    offset = sum(len(line) + 1 for line in lines[:13]) + lines[13].index(b"\xe9")
    assert reasons[14] == f"byte {offset} (0xE9) is not UTF-8"


def test_a_line_too_long_is_passed_over_and_the_offsets_after_it_are_right(read_bytes: ReadBytes) -> None:
    first = b'{"title": "' + b"x" * 1_000_000 + b'"}\n'
    data = b"\xef\xbb\xbf" + first + '{"title": "خبر"}\n'.encode()
    items = read_bytes("news.jsonl", data + b'{"title": "\xff"}\n{"title": "z"}', max_line_bytes=1000)
    assert outline(items) == [1, "خبر", 3, "z"]
    assert "1000 bytes or more" in rejections(items)[0].reason
    assert f"byte {len(data) + 11} " in rejections(items)[1].reason


@pytest.mark.parametrize(("over", "lines"), [(0, [1, "b"]), (1, ["a" * 50, "b"])])
@pytest.mark.parametrize("end", [b"\n", b""])
def test_the_size_of_a_record_is_counted_without_its_line_end(
    read_bytes: ReadBytes, over: int, lines: list[object], end: bytes
) -> None:
    line = json.dumps({"title": "a" * 50}).encode()
    both = line + b"\n" + b'{"title": "b"}' + end
    assert outline(read_bytes("news.jsonl", both, max_line_bytes=len(line) + over)) == lines


def test_json_lines_keep_control_and_line_separators_within_texts(read_bytes: ReadBytes) -> None:
    body = "سطر\u2028آخر\x85\r\nثالث\u200f"
    (article,) = read_bytes("news.ndjson", json.dumps({"title": "خبر", "body": body}, ensure_ascii=False))
    assert isinstance(article, Article)
    assert article.body == body


# JSON arrays


@pytest.mark.parametrize("indent", [None, 0, 2])
@pytest.mark.parametrize(
    "broken", ['{"x": 0, ', '{"title": "x', '{"title": "x",, "a": [{"b": 1}, {"c": 2}]}', '{"title" "x"}']
)
def test_an_array_goes_on_after_a_broken_element(read_bytes: ReadBytes, indent: int | None, broken: str) -> None:
    good = [json.dumps({"title": title, "tags": [{"a": 1}, {"b": 2}]}, indent=indent) for title in "abcd"]
    pieces = [*good[:2], broken, *good[2:]]
    separator = ", " if indent is None else ",\n  "
    text = "[" + ("" if indent is None else "\n  ") + separator.join(pieces) + "]"
    if indent:
        text = text.replace("\n", "\n  ")
    items = read_bytes("news.json", text)
    titles = [item.title for item in items if isinstance(item, Article)]
    assert titles[:2] == ["a", "b"]
    assert titles[-1] == "d"
    first = rejections(items)[0]
    assert "not valid JSON" in first.reason
    assert first.line == text[: text.index(broken)].count("\n") + 1


def test_an_array_of_one_element_a_line_loses_the_broken_one_only(read_bytes: ReadBytes) -> None:
    elements = ['{"title": "a"}', '{"title": "b}', '{"title": "c", "x": [{"title": "no"}, {"title": "no"}]}']
    items = read_bytes("news.json", "[\n" + ",\n".join([*elements, '{"title": "d"}']) + "\n]\n")
    assert outline(items) == ["a", 3, "c", "d"]


def test_an_array_longer_than_any_window(read_bytes: ReadBytes) -> None:
    records = [{"id": number, "title": f"خبر {number}", "body": "نص " * (number % 700)} for number in range(3000)]
    for name, indent in (("a.json", None), ("b.json", 1)):
        data = json.dumps(records, ensure_ascii=False, indent=indent)
        items = read_bytes(name, "\ufeff" + data)
        assert outline(items) == [record["title"] for record in records]
        assert [item.id for item in items] == [str(number) for number in range(3000)]


def test_an_element_larger_than_the_window_is_read_and_one_over_the_limit_is_not(
    read_bytes: ReadBytes,
) -> None:
    body = "نص" * 400_000
    records = [{"title": "a", "body": body}, {"title": "b"}, {"title": "c", "body": body * 3}, {"title": "d"}]
    for separators, indent in (((", ", ": "), None), ((",", ":"), 2)):
        data = json.dumps(records, ensure_ascii=False, indent=indent, separators=separators)
        items = read_bytes("news.json", data, max_line_bytes=2_000_000)
        line = 1 if indent is None else 9
        assert outline(items) == ["a", "b", line, "d"]
        assert "2000000 bytes or more" in rejections(items)[0].reason


def test_the_limit_of_an_element_is_in_bytes(read_bytes: ReadBytes) -> None:
    element = '{"title": "خبر"}'
    size = len(element.encode())
    for name, text in (("a.json", f"[{element}]"), ("b.json", f"[\n{element}\n]")):
        assert outline(read_bytes(name, text, max_line_bytes=size + 1)) == ["خبر"]
        assert len(rejections(read_bytes(name, text, max_line_bytes=size))) == 1


def test_elements_that_are_no_objects_are_rejected(read_bytes: ReadBytes) -> None:
    items = read_bytes("news.json", '[1, "a",\n null, [{"title": "x"}], {"title": "b"}, {"title": 3, "id": 9},, ]')
    assert outline(items) == [1, 1, 2, 2, "b", 2]
    assert (rejections(items)[-1].field, rejections(items)[-1].id) == ("title", "9")


@pytest.mark.parametrize("text", ['[{"title": "a"}', '[{"title": "a"},', '[{"title": "a"}, \n'])
def test_an_array_that_was_cut_off_is_told(read_bytes: ReadBytes, text: str) -> None:
    items = read_bytes("news.json", text)
    assert outline(items) == ["a", text.count("\n") + 1]
    assert "not closed" in rejections(items)[0].reason


def test_an_array_cut_within_an_element_is_told_once(read_bytes: ReadBytes) -> None:
    items = read_bytes("news.json", '[\n{"title": "a"},\n{"title": "b')
    assert outline(items) == ["a", 3]


def test_text_after_an_array_is_told(read_bytes: ReadBytes) -> None:
    assert outline(read_bytes("news.json", '[{"title": "a"}]\nx')) == ["a", 2]


def test_a_json_array_with_a_bad_byte_loses_that_element_only(read_bytes: ReadBytes) -> None:
    data = '[{"title": "خبر"}, {"id": 5, "title": "'.encode() + b'\xff"}, ' + '{"title": "آخر"}]'.encode()
    items = read_bytes("news.json", data)
    assert outline(items) == ["خبر", 1, "آخر"]
    assert (rejections(items)[0].id, "0xFF" in rejections(items)[0].reason) == ("5", True)


def test_hopeless_elements_do_not_stop_an_array(read_bytes: ReadBytes) -> None:
    deep = "[" * 200_000
    items = read_bytes(
        "news.json", f'[\n{{"title": "a"}},\n{{"x": {deep}}},\n{{"x": {"9" * 5000}}},\n{{"title": "b"}}\n]'
    )
    assert outline(items) == ["a", 3, 4, "b"]
    assert ["deep" in item.reason or "digits" in item.reason for item in rejections(items)] == [True, True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"title": "a"}\n{"title": \n{"title": "c"}\n', ["a", 2, "c"]),
        ('{"title" "a"}\n{"title": "b"}', [1, "b"]),
        ('{"title": "a"}', ["a"]),
        ('\n {\n  "title": "a",\n  "body": "b"\n}\n', ["a"]),
        ('{\n  "title": "a"\n}\n{\n  "title" "b"\n}\n{\n  "title": "c"\n}', ["a", 4, "c"]),
        ("", []),
        (" \n ", []),
        ("[]", []),
        ("hello", [1]),
        ("[", [1]),
    ],
)
def test_a_json_file_may_hold_objects_without_an_array(
    read_bytes: ReadBytes, text: str, expected: list[object]
) -> None:
    assert outline(read_bytes("news.json", text)) == expected


# Tables


def test_a_table_with_every_kind_of_bad_row(read_bytes: ReadBytes) -> None:
    rows = [
        b"id,title,body,date,note",
        '1,خبر,"سطر\nآخر, وفاصلة ""نص""",2016/05/03,x'.encode(),
        b"",
        b",,,,",
        b"2,,,,",
        b"3,short",
        b"4,long,b,,n,extra",
        b"5,a,b,bad date,",
        b"6,bad \xff byte,b,,",
        b'7,"multi\nline \xfe",b,,',
        b'8,"text"after quote,b,,',
        b"9,\0,b,,",
        "10,آخر,,,".encode(),
    ]
    items = read_bytes("news.csv", b"\xef\xbb\xbf" + b"\r\n".join(rows))
    assert outline(items) == ["خبر", 6, "short", 8, 9, 10, 11, 13, 14, "آخر"]
    assert [(item.field, item.id) for item in rejections(items)] == [
        ("body", "2"),
        ("", ""),
        ("date", "5"),
        ("", "6"),
        ("", "7"),
        ("", ""),
        ("title", "9"),
    ]
    article = items[0]
    assert isinstance(article, Article)
    assert (article.body, article.published) == ('سطر\nآخر, وفاصلة "نص"', "2016-05-03")
    data = b"\xef\xbb\xbf" + b"\r\n".join(rows)
    assert f"byte {data.index(0xFF)} (0xFF)" in rejections(items)[3].reason


@pytest.mark.parametrize("end", ["\n", ""])
def test_a_quote_that_is_never_closed_takes_no_neighbour_with_it(read_bytes: ReadBytes, end: str) -> None:
    rows = ["title,body", "a,x", 'b,"open', "c,x", 'd,"quoted"', "e,x", '"f', "g,x"]
    items = read_bytes("news.csv", "\n".join(rows) + end)
    assert outline(items) == ["a", 3, "c", "d", "e", 7, "g"]
    assert "never closed" in rejections(items)[1].reason


def test_a_row_over_the_limit_takes_no_neighbour_with_it(read_bytes: ReadBytes) -> None:
    rows = ["title,body", "a,x", 'b,"' + "open\n" * 30, "c,x", "d," + "x" * 200, "e,x"]
    items = read_bytes("news.csv", "\n".join(rows), max_line_bytes=100)
    assert outline(items)[:2] == ["a", 3]
    assert [item.title for item in items if isinstance(item, Article)][-2:] == ["c", "e"]
    assert [
        item.line for item in rejections(items) if item.reason.startswith("100 bytes or more: too large for one record")
    ] == [3, 35]


def test_hostile_quotes_do_not_take_quadratic_time(read_bytes: ReadBytes) -> None:
    # Each line opens a quote whether it is read within one or not.
    items = read_bytes("news.csv", "title,body\n" + 'a","\n' * 20_000)
    assert items
    assert all(isinstance(item, Rejection) for item in items)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_in_the_header(read_bytes: ReadBytes, separator: str) -> None:
    text = f"id{separator} title {separator}body\n1{separator}خبر{separator}نص"
    (article,) = read_bytes("news.csv", text)
    assert article == Article(id="1", title="خبر", body="نص")


def test_a_table_by_a_mapped_name_alone(read_bytes: ReadBytes) -> None:
    (article,) = read_bytes("news.tsv", "headline\nخبر, وآخر", mapping={"title": "headline"})
    assert isinstance(article, Article)
    assert article.title == "خبر, وآخر"


def test_excel_names_the_separator_itself(read_bytes: ReadBytes) -> None:
    assert outline(read_bytes("news.csv", "sep=;\r\ntitle;body\r\na,b;c\r\n")) == ["a,b"]


def test_a_table_without_a_usable_header_is_rejected_once(read_bytes: ReadBytes) -> None:
    items = read_bytes("news.csv", "\nheadline,text\na,b\nc,d\n")
    assert outline(items) == [2]
    assert "'title'" in rejections(items)[0].reason
    assert read_bytes("empty.csv", "") == []


# Text


def test_text_gives_title_and_body(read_bytes: ReadBytes) -> None:
    (article,) = read_bytes("a.txt", "\n \n عنوان \r\n\r\n \u200b\nفقرة  أولى\r\rثانية\n\nاترك رد\n")
    assert isinstance(article, Article)
    assert (article.title, article.body) == ("عنوان", "فقرة  أولى\n\nثانية")
    assert outline(read_bytes("b.text", "عنوان فقط")) == ["عنوان فقط"]


@pytest.mark.parametrize(
    ("data", "line", "field"),
    [
        (b"", 1, "body"),
        (" \n\u200b\n".encode(), 1, "body"),
        ("عنوان\nنص".encode() + b" \xff", 2, ""),
        (b"title\na\0b", 1, "body"),
        (b"ti\0tle\nab", 1, "title"),
        (b"x" * 1000, 1, ""),
    ],
)
def test_text_that_is_no_article(read_bytes: ReadBytes, data: bytes, line: int, field: str) -> None:
    (rejection,) = read_bytes("a.txt", data, max_line_bytes=1000)
    assert isinstance(rejection, Rejection)
    assert (rejection.line, rejection.field) == (line, field)


def test_the_seed_article_loses_the_leavings_of_its_site_only(shared_data: Path) -> None:
    path = shared_data / "text" / "seed-article.txt"
    reading = Reading([str(path)])
    (article,) = reading
    assert isinstance(article, Article)
    lines = path.read_text("utf-8").split("\n")
    assert lines[-5::2] == ["Source link", "اترك رد", "لن يتم نشر عنوان بريدك الإلكتروني."]
    assert article.title == lines[0]
    assert article.body == "\n".join(lines[4:-6])
    assert reading.leavings == 3


# Web pages

PARAGRAPH = "قال الوزير إن العمل جار لاستئناف نظام وقف إطلاق النار في حلب. " * 4
PAGE = f"""<!DOCTYPE html><html lang="ar"><head><meta charset="CHARSET"><title>عنوان الخبر - موقع</title>
<meta property="og:title" content="عنوان الخبر"><meta property="og:site_name" content="جريدة الشمس">
<meta name="author" content="أحمد علي">
<meta property="article:published_time" content="2016-05-03T10:00:00+03:00">
<meta property="article:section" content="سياسة"><link rel="canonical" href="https://news.example.org/a/1"></head>
<body><nav><ul><li><a href="/">الرئيسية</a></li></ul></nav><article><h1>عنوان الخبر</h1><p>{PARAGRAPH}</p>
<p>فقرة ثانية من النص.</p><p>اترك رد</p></article><div id="comments"><p>تعليق قارئ</p></div></body></html>"""


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "windows-1256"),
        ("utf-8-sig", ""),
        ("utf-16", "utf-8"),
        ("cp1256", "windows-1256"),
        ("cp1256", "WINDOWS-1256"),
        ("cp1256", "utf-8"),
        ("cp1256", "no-such-thing"),
        ("cp1256", "base64"),
        ("iso8859-6", "iso-8859-6"),
    ],
)
def test_a_page_in_any_encoding(read_bytes: ReadBytes, encoding: str, declared: str) -> None:
    page = PAGE.replace("CHARSET", declared)
    (article,) = read_bytes("a.html", page.encode(encoding))
    assert isinstance(article, Article)
    assert article.title == "عنوان الخبر"
    assert article.body.splitlines() == [PARAGRAPH.strip(), "فقرة ثانية من النص."]
    assert (article.author, article.source, article.category) == ("أحمد علي", "جريدة الشمس", "سياسة")
    assert (article.published, article.url) == ("2016-05-03", "https://news.example.org/a/1")


@pytest.mark.parametrize(
    "declaration",
    [
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1256">',
        "<meta charset=windows-1256>",
        '<?xml version="1.0" encoding="windows-1256"?>',
    ],
)
def test_a_declaration_is_found_in_each_of_its_forms(read_bytes: ReadBytes, declaration: str) -> None:
    # ط and ظ stand elsewhere in ISO 8859-6: short texts can only be told by the declaration.
    page = f"{declaration}<html><body><p>طريق و ظهر</p><p>ضوء</p></body></html>"
    (article,) = read_bytes("a.htm", page.encode("cp1256"))
    assert isinstance(article, Article)
    assert article.body == "طريق و ظهر\nضوء"


def test_a_declared_encoding_of_seven_bits_is_believed(read_bytes: ReadBytes) -> None:
    page = '<html><head><meta charset="iso-2022-jp"></head><body><p>日本語の記事</p></body></html>'
    (article,) = read_bytes("a.html", page.encode("iso-2022-jp"))
    assert isinstance(article, Article)
    assert article.body == "日本語の記事"


def test_a_bad_byte_in_a_page_costs_one_letter(read_bytes: ReadBytes) -> None:
    page = PAGE.replace("CHARSET", "utf-8").encode().replace("فقرة".encode(), "فقرة".encode() + b"\xff")
    (article,) = read_bytes("a.html", page)
    assert isinstance(article, Article)
    assert article.body.splitlines()[1] == "فقرة\ufffd ثانية من النص."


def test_a_fragment_is_a_page_too(read_bytes: ReadBytes) -> None:
    (article,) = read_bytes("a.html", "<p>نص قصير</p>")
    assert isinstance(article, Article)
    assert (article.title, article.body) == ("", "نص قصير")


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"\0",
        b"<html><body></body></html>",
        b"<html><head><title>t</title></head></html>",
        b"<div>" * 20_000,
        b"<!-- ",
    ],
)
def test_a_page_without_an_article(read_bytes: ReadBytes, page: bytes) -> None:
    (item,) = read_bytes("a.html", page)
    assert isinstance(item, Rejection)
    (item,) = read_bytes("a.html", page + b" " * 200_000, max_line_bytes=150_000)
    assert isinstance(item, Rejection)
    assert "150000 bytes or more" in item.reason


# All of them

FRAGMENTS = [
    b'{"title": "a"}',
    b"title,body\n",
    b'"',
    b"\n",
    b",",
    b"[",
    b"]",
    b"{",
    b"}",
    b"\\",
    b"\xff\xfe",
    b"\xd8\xae",
]
FRAGMENTS += [
    b"<html><body><p>",
    b"</p>",
    b"\0",
    b"\xef\xbb\xbf",
    b"\x1f\x8b",
    b'"id": 1',
    b":",
    b"NaN",
    b"\\ud800",
    b"\r",
]


@pytest.mark.parametrize("form", ["auto", "jsonl", "json", "csv", "text", "html"])
@pytest.mark.parametrize("name", ["f", "f.gz"])
@settings(max_examples=60, deadline=None)
@given(
    data=st.binary(max_size=200)
    | st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=5), max_size=30).map(b"".join)
)
def test_no_bytes_make_a_reader_fail(
    tmp_path_factory: pytest.TempPathFactory, form: str, name: str, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / f"{form}-{name}"
    for content in (data, gzip.compress(data)[: len(data) + 9]):
        path.write_bytes(content)
        for limit in (40, 1_000_000):
            reading = Reading([str(path)], ReadOptions(format=form, max_line_bytes=limit))
            items = list(reading)
            assert reading.records == len(items)
            for item in items:
                assert isinstance(item, Article | Rejection)
                assert all(str(value).encode() is not None for value in astuple(item))
