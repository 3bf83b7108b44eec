"""Texts and web pages, one article a file: what is taken from them, and those that hold none."""

from __future__ import annotations

from pathlib import Path

import pytest
from readings import ReadBytes, outline

from index.article import Article, Rejection
from index.readers import Reading

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
