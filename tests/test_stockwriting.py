"""Segments that Whoosh's own writer writes through our codec: the same arrays as of any other segment."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_segment import assert_is_segment_of
from stock_indexes import create, opened, segments, write
from texts import ARABIC_TEXT
from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.query import Every, Or, Term
from whoosh.writing import SegmentWriter

from index.article import Article
from index.codec import stockwriting
from index.codec.layout import open_segment
from index.codec.segment import EXTENSION, ArrayCodec, ArraySegment
from index.readers import Reading, ReadOptions
from index.schema import document

SAMPLE = sorted((Path(__file__).resolve().parent.parent / "index" / "sample").glob("*.jsonl"))


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    found = [item for item in Reading(list(map(str, SAMPLE)), ReadOptions()) if isinstance(item, Article)]
    assert len(found) > 80
    return [*found, *ODD]


ODD = [
    Article(id="often", title="قمر " * 254, body="قمر " * 255 + "شمس " * 400, published="0001-01-01"),
    Article(id="long", title="ب", body="كلمة أخرى ثم " * 23_000, published="2024-02-29T23:30:00+03:00"),
    Article(id="empty/ن", body="، ؛ …", source="b\x00", published=""),
    Article(id="vocalised", title="عِلْمٌ", body="عِلْم " * 256 + "عَلَم العِلم", author="عِلْم"),
]


def only(directory: Path) -> ArraySegment:
    (segment,) = segments(directory)
    assert isinstance(segment, ArraySegment)
    return segment


def array_files(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.glob(f"*{EXTENSION}"))


def test_a_segment_is_what_its_articles_make_it(tmp_path: Path, articles: list[Article]) -> None:
    directory = tmp_path / "index"
    write(create(directory), ArrayCodec(), articles)
    assert_is_segment_of(directory, only(directory), articles)
    assert open_segment(only(directory).file(directory)).postings.positions.dtype == np.uint32
    assert len(open_segment(only(directory).file(directory)).postings.big) > 2


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(ARABIC_TEXT, ARABIC_TEXT, ARABIC_TEXT), min_size=1, max_size=5))
def test_any_text(texts: list[tuple[str, str, str]]) -> None:
    articles = [
        Article(*(text.encode(errors="ignore").decode() for text in (str(number), *each)))
        for number, each in enumerate(texts)
    ]
    with TemporaryDirectory() as name:
        directory = Path(name) / "index"
        write(create(directory), ArrayCodec(), articles)
        assert_is_segment_of(directory, only(directory), articles)


@pytest.mark.parametrize("codec", [ArrayCodec, W3Codec])
def test_stock_merging(tmp_path: Path, articles: list[Article], codec: Callable[[], Any]) -> None:
    index = create(tmp_path / "index")
    write(index, codec(), articles[:50])
    write(index, ArrayCodec(), articles[50:])
    with index.writer(codec=ArrayCodec()) as writer:
        writer.delete_by_query(Or([Term("id", article.id) for article in articles[::3]]))
        writer.optimize = True
    live = [article for number, article in enumerate(articles) if number % 3]
    assert_is_segment_of(tmp_path / "index", only(tmp_path / "index"), live)
    assert len(array_files(tmp_path / "index")) == 1


def test_a_stock_writer_without_our_codec_writes_w3_beside_ours_and_merges_ours_into_it(
    tmp_path: Path, articles: list[Article]
) -> None:
    index = create(tmp_path / "index")
    write(index, ArrayCodec(), articles[:50])
    with index.writer() as writer:
        writer.merge = False
        writer.add_document(**document(articles[60]))
        writer.delete_by_term("id", articles[0].id)
    ours, theirs = segments(tmp_path / "index")
    assert (type(ours), type(theirs)) == (ArraySegment, W3Segment)
    expected = [*articles[1:50], articles[60]]
    assert stored(index) == expected
    index.optimize()
    assert stored(index) == expected
    assert array_files(tmp_path / "index") == []


def stored(index: FileIndex) -> list[Article]:
    with index.searcher() as searcher:
        return [Article(**fields) for fields in searcher.reader().all_stored_fields()]


def test_update_replaces(tmp_path: Path, articles: list[Article]) -> None:
    index = create(tmp_path / "index")
    write(index, ArrayCodec(), articles)
    changed = replace(articles[7], title="زخرفيات")
    with index.writer(codec=ArrayCodec()) as writer:
        writer.update_document(**document(changed))
    with index.searcher() as searcher:
        assert searcher.document(id=changed.id)["title"] == "زخرفيات"
        assert searcher.doc_count() == len(articles)
        assert len(searcher.search(Term("title", "زخرفيات"), limit=None)) == 1


def test_what_is_not_given_is_derived(tmp_path: Path) -> None:
    article = Article("1", "عنوان", source="صحيفة", published="2020-05-06T01:02:03+03:00")
    index = create(tmp_path / "index")
    with index.writer(codec=ArrayCodec()) as writer:
        writer.add_document(id="1", title="عنوان", source="صحيفة", published=article.published, body=None)
    assert_is_segment_of(tmp_path / "index", only(tmp_path / "index"), [article])


def test_whoosh_may_write_with_several_processes(tmp_path: Path, articles: list[Article]) -> None:
    index = create(tmp_path / "index")
    writer = index.writer(procs=2, multisegment=True, batchsize=20, codec=ArrayCodec())
    for article in articles:
        writer.add_document(**document(article))
    writer.commit()
    assert len(array_files(tmp_path / "index")) == len(segments(tmp_path / "index")) == 2
    assert sorted(stored(index), key=lambda article: article.id) == sorted(articles, key=lambda article: article.id)


def test_further_arrays(tmp_path: Path, articles: list[Article]) -> None:
    given = []

    def extras(postings: Any) -> dict[str, Any]:
        given.append(postings)
        return {"family.some": np.arange(len(postings.docs))}

    write(create(tmp_path / "index"), ArrayCodec(extras), articles[:9])
    arrays = open_segment(only(tmp_path / "index").file(tmp_path / "index"))
    assert len(given) == 1
    assert arrays.extra["family.some"].tolist() == list(range(len(arrays.postings.docs)))


def test_nothing_is_left_of_what_was_not_committed(tmp_path: Path, articles: list[Article]) -> None:
    index = create(tmp_path / "index")
    writer = index.writer(codec=ArrayCodec())
    writer.add_document(**document(articles[0]))
    assert array_files(tmp_path / "index") != []
    writer.cancel()
    assert array_files(tmp_path / "index") == []
    index.writer(codec=ArrayCodec()).commit()
    assert array_files(tmp_path / "index") == segments(tmp_path / "index") == []


def test_a_segment_of_nothing(tmp_path: Path, articles: list[Article]) -> None:
    index = create(tmp_path / "index")
    write(index, ArrayCodec(), articles[:3])
    with index.writer(codec=ArrayCodec()) as writer:
        writer.delete_by_query(Every())
        writer.optimize = True
    with index.searcher() as searcher:
        assert len(searcher.search(Every())) == len(searcher.search(Term("title", "في"))) == 0
        assert list(searcher.reader().all_terms()) == []
        assert searcher.reader().min_field_length("title") == searcher.reader().max_field_length("title") == 0


GOOD = {"id": "1", "title": "عنوان"}

REFUSED: dict[str, tuple[Sequence[dict[str, Any]], str]] = {
    "boost": ([{**GOOD, "_title_boost": 2.0}], "holds no boosts"),
    "no id": ([{"title": "عنوان"}], "id '' is missing"),
    "id twice": ([GOOD, {**GOOD, "title": "آخر"}], "id '1' stands twice"),
    "a column at odds": ([{**GOOD, "day": 7}], "column 'day' of id '1' is 7"),
    "no string": ([{**GOOD, "_stored_title": 7}], "no <class 'int'> as 'title'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_an_article_cannot_say_is_refused(tmp_path: Path, case: str) -> None:
    documents, sentence = REFUSED[case]
    directory = tmp_path / "index"
    writer = create(directory).writer(codec=ArrayCodec())
    assert_refused(writer, documents, sentence)
    writer.cancel()
    assert array_files(directory) == []
    write(opened(directory), ArrayCodec(), [Article(**GOOD)])
    assert_is_segment_of(directory, only(directory), [Article(**GOOD)])


def assert_refused(writer: SegmentWriter, documents: Sequence[dict[str, Any]], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        _add_and_commit(writer, documents)


def _add_and_commit(writer: SegmentWriter, documents: Sequence[dict[str, Any]]) -> None:
    for fields in documents:
        writer.add_document(**fields)
    writer.commit()


@pytest.mark.parametrize("further", [[], [{**GOOD, "id": "2"}]], ids=["commit", "another document"])
def test_going_on_after_a_failure_is_refused(tmp_path: Path, further: list[dict[str, Any]]) -> None:
    writer = create(tmp_path / "index").writer(codec=ArrayCodec())
    assert_refused(writer, [GOOD, {**GOOD, "id": "3", "day": 7}], "which the article does not say")
    assert_refused(writer, further, "document 1 was left half taken: cancel this writer")
    writer.cancel()
    assert array_files(tmp_path / "index") == []


def test_a_field_that_is_not_in_the_schema_of_articles(tmp_path: Path) -> None:
    writer = create(tmp_path / "index").writer(codec=ArrayCodec())
    writer.add_field("language", opened(tmp_path / "index").schema["title"])
    assert_refused(writer, [{**GOOD, "language": "ar"}], "no <class 'str'> as 'language'")
    writer.cancel()


def test_more_documents_than_a_segment_holds(
    tmp_path: Path, articles: list[Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stockwriting, "MAX_DOCUMENTS", 10)
    index = create(tmp_path / "index")
    write(index, ArrayCodec(), articles[:10])
    write(index, ArrayCodec(), articles[10:12])
    writer = index.writer(codec=ArrayCodec())
    with pytest.raises(ValueError, match="a segment holds at most 10 documents: commit before, and merge fewer"):
        writer.commit(optimize=True)
    writer.cancel()
    assert stored(index) == articles[:12]


def test_the_table_of_contents_names_nothing_of_ours_but_the_segment(tmp_path: Path, articles: list[Article]) -> None:
    directory = tmp_path / "index"
    write(create(directory), ArrayCodec(), articles[:5])
    with opened(directory).writer(codec=ArrayCodec()) as writer:
        writer.merge = False
        writer.delete_document(3)
    named: set[tuple[str, str]] = set()

    class Unpickler(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            named.add((module, name))
            return super().find_class(module, name)

    (segment,) = Unpickler(BytesIO(_pickled_segments(directory))).load()
    assert (segment.doc_count(), segment.is_deleted(3), segment.is_deleted(4)) == (4, True, False)
    assert named == {("index.codec.segment", "ArraySegment")}


def _pickled_segments(directory: Path) -> bytes:
    """The end of the newest table of contents; what comes before it is read as Whoosh reads it."""
    newest = max(directory.glob("*.toc"), key=lambda path: int(path.stem.split("_")[-1]))
    stream = FileStorage(str(directory)).open_file(newest.name)
    for read in ("varint", "varint", "varint", "int", "int", "varint", "varint", "varint"):
        getattr(stream, f"read_{read}")()
    stream.skip_string()  # the schema
    for _ in range(2):
        stream.read_int()
    with stream:
        return newest.read_bytes()[stream.tell() :]
