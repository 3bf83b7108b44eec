"""Tables: their separators and headers, and that a bad row costs itself only, told with line and field."""

from __future__ import annotations

import pytest
from readings import ReadBytes, outline, rejections

from index.article import Article, Rejection


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
