"""Records of any format: fields, mapping, ids, dates, and what is refused with which reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from index.article import Article, Rejection, derived_id
from index.readers import ReadOptions, parse_mapping
from index.readers.records import MAX_IGNORED_FIELDS, Ledger, Records, holds_text, iso_date


def read(record: Mapping[str, object], **mapping: str) -> Article | Rejection:
    return Records(mapping, Ledger()).read(record, "news.jsonl", 7)


def test_every_field_is_taken_as_it_is_written() -> None:
    record = {
        "id": "a/1",
        "title": " عنوان  بمسافات ",
        "body": "نصٌّ\r\nمُشكَّل ـ",
        "url": "https://example.org/1",
        "source": "جريدة",
        "author": "أحمد",
        "category": "سياسة",
        "published": "2016-05-03T10:00:00+03:00",
    }
    assert read(record) == Article(**record)


@pytest.mark.parametrize(
    ("record", "published"),
    [
        ({"date": "2016-05-03"}, "2016-05-03"),
        ({"date": "2016-05-03", "published": "2017-01-01"}, "2017-01-01"),
        ({"date": "2016-05-03", "published": None}, "2016-05-03"),
        ({"date": "2016-05-03", "published": " "}, "2016-05-03"),
        ({"published": ""}, ""),
        ({}, ""),
    ],
)
def test_published_wins_over_date(record: dict[str, object], published: str) -> None:
    article = read({"title": "خبر"} | record)
    assert isinstance(article, Article)
    assert article.published == published


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("2016-05-03", "2016-05-03"),
        (" 2016-05-03 ", "2016-05-03"),
        ("2016/05/03", "2016-05-03"),
        ("2016-05-03 10:20:30", "2016-05-03T10:20:30"),
        ("2016/05/03 10:20", "2016-05-03T10:20"),
        ("2016-05-03T10:20:30Z", "2016-05-03T10:20:30Z"),
        ("2016-05-03T10:20:30.5+03:00", "2016-05-03T10:20:30.5+03:00"),
        ("20160503", "20160503"),
        ("2016-W18-2", "2016-W18-2"),
    ],
)
def test_dates_are_stored_in_iso_form(written: str, stored: str) -> None:
    article = read({"title": "خبر", "published": written})
    assert isinstance(article, Article)
    assert article.published == stored


@pytest.mark.parametrize(
    "written",
    [
        "2016",
        "2016-13-01",
        "2016-02-30",
        "3/5/2016",
        "03-05-2016",
        "2016-05/03",
        "3 مايو 2016",
        "2016-05-03 at 10",
        "1462233600",
        "٢٠١٦-٠٥-٠٣",
        "2016-05-03T",
        "2016-05-03T25:00",
        "0001-01-01T00:00+10:00",
        "2016-05-03x10:00",
        "\ud800",
    ],
)
@pytest.mark.parametrize("field", ["published", "date"])
def test_other_dates_are_refused_by_the_name_they_have(field: str, written: str) -> None:
    rejection = read({"id": "n-1", "title": "خبر", field: written})
    assert isinstance(rejection, Rejection)
    assert (rejection.file, rejection.line, rejection.field, rejection.id) == ("news.jsonl", 7, field, "n-1")
    json.dumps(rejection.reason, ensure_ascii=False).encode()


def test_iso_date_takes_a_basic_date_with_a_space() -> None:
    assert iso_date("20160503 10:00") == "20160503T10:00"


@pytest.mark.parametrize(("given", "stored"), [(12, "12"), ("12", "12"), (0, "0"), ("ن/1", "ن/1"), (" x ", " x ")])
def test_ids(given: object, stored: str) -> None:
    article = read({"id": given, "title": "خبر"})
    assert isinstance(article, Article)
    assert article.id == stored


@pytest.mark.parametrize("missing", [{}, {"id": None}, {"id": ""}, {"id": "  "}])
def test_a_missing_id_is_derived(missing: dict[str, object]) -> None:
    by_text = read({"title": "خبر", "body": "نص"} | missing)
    by_url = read({"title": "خبر", "url": "https://example.org/1"} | missing)
    assert isinstance(by_text, Article)
    assert isinstance(by_url, Article)
    assert by_text.id == derived_id("خبر", "نص", "")
    assert by_url.id == derived_id("", "", "https://example.org/1")


@pytest.mark.parametrize("bad", [True, 1.0, ["1"], {"a": 1}, "a\nb", "..", "a/./b", "\ud800", "x" * 513])
def test_bad_ids_are_refused(bad: object) -> None:
    rejection = read({"nid": bad, "title": "خبر"}, id="nid")
    assert isinstance(rejection, Rejection)
    assert rejection.field == "nid"
    json.dumps([rejection.reason, rejection.id], ensure_ascii=False).encode()


@pytest.mark.parametrize("field", ["title", "body", "url", "source", "author", "category", "published", "date"])
@pytest.mark.parametrize("bad", [1, 1.5, True, ["نص"], {"text": "نص"}])
def test_a_field_of_another_type_is_refused(field: str, bad: object) -> None:
    rejection = read({"id": 5, "title": "خبر", "body": "نص"} | {field: bad})
    assert isinstance(rejection, Rejection)
    assert (rejection.field, rejection.id) == (field, "5")
    assert "not a string" in rejection.reason


@pytest.mark.parametrize("field", ["title", "body", "url", "source", "author", "category"])
@pytest.mark.parametrize("bad", ["نص\0", "\ud83d", "نص\udc00 آخر"])
def test_unstorable_characters_are_refused(field: str, bad: str) -> None:
    rejection = read({"title": "خبر", "body": "نص"} | {field: bad})
    assert isinstance(rejection, Rejection)
    assert rejection.field == field


@pytest.mark.parametrize(
    "nothing", [None, "", "  \n\t", "\u200b\u200f\ufeff", "\u064b\u0651", "\u00a0\u2028", "\u061c"]
)
def test_an_article_needs_something_to_see(nothing: str | None) -> None:
    rejection = read({"id": "n-1", "title": nothing, "content": nothing}, body="content")
    assert isinstance(rejection, Rejection)
    assert (rejection.field, rejection.id) == ("content", "n-1")
    assert "'title'" in rejection.reason
    for field in ("title", "content"):
        assert isinstance(read({"title": nothing, "content": nothing} | {field: "خبر"}, body="content"), Article)


@pytest.mark.parametrize("text", ["م", "a", "1", "؟", "。", "😀", "_", "\u064b."])
def test_holds_text(text: str) -> None:
    assert holds_text(text)


def test_a_mapping_renames_fields_and_frees_their_own_names() -> None:
    ledger = Ledger()
    records = Records({"source": "source_name", "published": "day"}, ledger)
    record = {"title": "خبر", "source": 5, "source_name": "جريدة", "day": "2016-05-03", "date": "bad"}
    article = records.read(record, "-", 1)
    assert isinstance(article, Article)
    assert (article.source, article.published) == ("جريدة", "2016-05-03")
    assert ledger.ignored_fields == {"source", "date"}


def test_ignored_fields_are_named_once_and_not_without_end() -> None:
    ledger = Ledger()
    records = Records({}, ledger)
    for number in range(2 * MAX_IGNORED_FIELDS):
        records.read({"title": "خبر", "summary": "", f"field {number}": 1}, "-", number)
    assert "summary" in ledger.ignored_fields
    assert len(ledger.ignored_fields) == MAX_IGNORED_FIELDS


def test_the_name_of_an_ignored_field_can_be_printed() -> None:
    ledger = Ledger()
    Records({}, ledger).read({"title": "خبر", "\ud800": 1}, "-", 1)
    assert ledger.ignored_fields == {"\\ud800"}


def test_parse_mapping() -> None:
    assert parse_mapping(["source=source_name", " date = when=x "]) == {
        "source": "source_name",
        "published": "when=x",
    }
    assert parse_mapping([]) == {}


@pytest.mark.parametrize("bad", ["source", "=x", "source=", "colour=x", ""])
def test_parse_mapping_refuses_with_the_text_at_fault(bad: str) -> None:
    with pytest.raises(ValueError, match=repr(bad.partition("=")[0] if "colour" in bad else bad)):
        parse_mapping([bad])


def test_parse_mapping_refuses_two_names_for_one_field() -> None:
    with pytest.raises(ValueError, match="mapped twice"):
        parse_mapping(["published=a", "date=b"])


@pytest.mark.parametrize(("name", "value"), [("format", "xml"), ("max_line_bytes", 0), ("mapping", {"colour": "x"})])
def test_options_are_checked(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"xml|max_line_bytes|colour"):
        ReadOptions(**{name: value})  # type: ignore[arg-type]


def test_formats_do_not_know_each_other() -> None:
    folder = Path(__file__).parent.parent / "index" / "readers"
    formats = ("jsonarray", "jsonlines", "plaintext", "table", "webpage")
    for name in formats:
        text = (folder / f"{name}.py").read_text("utf-8")
        assert not [other for other in formats if other != name and f"index.readers.{other}" in text]
