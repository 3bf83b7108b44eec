"""What Whoosh's readers and matchers say of a segment, beyond what a comparison with W3 can show."""

from __future__ import annotations

from pathlib import Path

import pytest
from plain_segment import write_plain
from whoosh.filedb.filestore import FileStorage
from whoosh.matching import ReadTooFar
from whoosh.reading import SegmentReader

from index.arabic import words
from index.article import Article
from index.codec.matching import ArrayMatcher
from index.schema import TEXTS, build_schema

ARTICLES = [
    Article("1", title="قمر", body="قمر شمس قمر", source="صحيفة"),
    Article("2", title="شمس", body="بحر " * 66_000),
    Article("3", body="شمس " * 254 + "قمر " * 255 + "جبل " * 256 + "قمر"),
    Article("4", title="قمر وشمس", body="قمر"),
]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> SegmentReader:
    directory = tmp_path_factory.mktemp("segment")
    return SegmentReader(FileStorage(str(directory)), build_schema(), write_plain(directory, ARTICLES))


def test_lengths_are_exact_up_to_a_bound(reader: SegmentReader) -> None:
    for name in TEXTS:
        lengths = [len(words(getattr(article, name))) for article in ARTICLES]
        bounded = [min(length, 65_535) for length in lengths]
        assert [reader.doc_field_length(number, name) for number in range(4)] == bounded
        assert reader.field_length(name) == sum(lengths)
        assert (reader.min_field_length(name), reader.max_field_length(name)) == (min(bounded), max(bounded))
    assert (reader.doc_field_length(0, "id", 1), reader.field_length("id")) == (1, 0)
    assert reader.min_field_length("id") == reader.max_field_length("id") == 0


def test_occurrences_are_exact(reader: SegmentReader) -> None:
    counts = {"قمر": [2, 256, 1], "شمس": [1, 254], "جبل": [256], "بحر": [66_000]}
    for word, expected in counts.items():
        matcher = reader.postings("body", word)
        found = []
        while matcher.is_active():
            positions = matcher.value_as("positions")
            text = words(ARTICLES[matcher.id()].body)
            assert positions == [place for place, each in enumerate(text) if each == word]
            assert matcher.value_as("frequency") == len(positions)
            found.append(matcher.weight())
            matcher.next()
        assert found == expected
        assert reader.frequency("body", word) == reader.term_info("body", word).weight() == sum(expected)
        assert reader.term_info("body", word).max_weight() == max(expected)


def test_a_matcher_goes_on_and_back(reader: SegmentReader) -> None:
    matcher = reader.postings("body", "قمر")
    assert isinstance(matcher, ArrayMatcher)
    assert list(matcher.copy().all_ids()) == [0, 2, 3]
    matcher.skip_to(1)
    other = matcher.copy()
    matcher.skip_to(1)
    assert (matcher.id(), matcher.weight()) == (2, 256.0)
    matcher.skip_to(3)
    matcher.next()
    assert not matcher.is_active()
    assert matcher.id() == 3
    for go_on in (matcher.next, lambda: matcher.skip_to(9)):
        with pytest.raises(ReadTooFar):
            go_on()
    assert (other.is_active(), other.id()) == (True, 2)
    matcher.reset()
    assert matcher.id() == 0


def test_a_matcher_never_lets_whoosh_skip(reader: SegmentReader) -> None:
    matcher = reader.postings("body", "قمر")
    assert not matcher.supports_block_quality()
    assert matcher.max_quality() == matcher.block_quality() == float("inf")
    assert (matcher.skip_to_quality(1e9), matcher.id(), matcher.replace(1e9) is matcher) == (0, 0, True)


def test_a_column_that_is_none(reader: SegmentReader) -> None:
    with pytest.raises(ValueError, match="no column 'url'"):
        reader._perdoc.column_reader("url", None)
    with pytest.raises(NotImplementedError):
        reader.column_reader("source_value", reverse=True, translate=False)


def test_deleted_documents(tmp_path: Path) -> None:
    segment = write_plain(tmp_path, ARTICLES)
    segment.delete_document(2)
    reader = SegmentReader(FileStorage(str(tmp_path)), build_schema(), segment)
    assert (reader.doc_count(), reader.doc_count_all(), reader.has_deletions()) == (3, 4, True)
    assert list(reader.all_doc_ids()) == [0, 1, 3]
    assert [reader.is_deleted(number) for number in range(4)] == [False, False, True, False]
    assert [fields["id"] for fields in reader.all_stored_fields()] == ["1", "2", "4"]
    assert list(reader.postings("body", "قمر").all_ids()) == [0, 3]
    segment.delete_document(2, delete=False)
    assert list(reader.all_doc_ids()) == [0, 1, 2, 3]
    for number in (-1, 4):
        with pytest.raises(ValueError, match=f"document {number} of a segment of 4"):
            segment.delete_document(number)
