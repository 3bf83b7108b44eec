"""Merged segments: what a segment of the same documents would be."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from plain_segment import assert_is_segment_of, write_plain
from stored_state import make_article

from index.article import Article
from index.codec.builder import SegmentBuilder
from index.codec.container import Container, DamagedFileError
from index.codec.layout import MAX_DOCUMENTS, Postings, open_segment
from index.codec.merging import merge
from index.codec.segment import ArraySegment
from index.codec.stored import StoredReader
from index.readers import Reading, ReadOptions

WORDS = (
    "قمر",
    "القمر",
    "شمس",
    "بحر",
    "جبل",
    "نخلة",
    "ق",
    "قمرقمرقمر",
    "سماء",
    "ﷺ",
    "a",
    "moon",
    "2024",
    "قَمَر",
    "قُمر",
    "قُمرُ",
)
TEXT = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
VALUE = st.sampled_from(["", "مصدر", "مصدر آخر", "b\x00", "b"])


@st.composite
def sources(draw: st.DrawFn) -> list[tuple[list[Article], list[bool]]]:
    """Segments to merge: the articles of each and which of them are live; ids are distinct over all."""
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    ids = draw(
        st.lists(st.text("abجد/", min_size=1, max_size=9), unique=True, min_size=sum(sizes), max_size=sum(sizes))
    )
    found = []
    for size in sizes:
        articles = [
            Article(
                id=ids.pop(),
                title=draw(TEXT),
                body=draw(TEXT)
                + draw(st.sampled_from([" شمس", " شَمس"])) * draw(st.sampled_from([0, 0, 0, 253, 255, 300])),
                source=draw(VALUE),
                author=draw(VALUE),
                category=draw(VALUE),
                published=draw(st.sampled_from(["", "2024-02-29", "0001-01-01", "2023-07-01T23:30:00+03:00"])),
            )
            for _ in range(size)
        ]
        found.append((articles, draw(st.lists(st.booleans(), min_size=size, max_size=size))))
    return found


def written(directory: Path, articles: Sequence[Article], live: Sequence[bool] = ()) -> ArraySegment:
    segment = write_plain(directory, articles)
    segment.delete_documents(number for number, is_live in enumerate(live) if not is_live)
    return segment


@given(sources())
def test_merged_segment_is_one_of_the_live_documents(parts: Sequence[tuple[list[Article], list[bool]]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        segments = [written(directory, articles, live) for articles, live in parts]
        before = set(directory.iterdir())
        kept = [article for articles, live in parts for article, stays in zip(articles, live, strict=True) if stays]
        merged = merge(directory, segments)
        assert before <= set(directory.iterdir())
        if merged is None:
            assert not kept
            assert set(directory.iterdir()) == before
        else:
            assert kept
            assert merged.deleted_count() == 0
            assert_is_segment_of(directory, merged, kept)


def built(directory: Path, articles: Sequence[Article]) -> ArraySegment:
    builder = SegmentBuilder(directory, 1 << 26)
    for article in articles:
        builder.add(article)
    segment = builder.finish()
    assert segment
    return segment


def test_real_articles(tmp_path: Path, shared_data: Path) -> None:
    """Segments as they are built, merged, are the segment that is built of all of them."""
    corpora = [str(shared_data / "corpora" / f"{name}.docs.jsonl.gz") for name in ("saudi", "ant", "wiki")]
    chance = random.Random(7)
    segments, kept = [], []
    for corpus, size in zip(corpora, (700, 500, 300), strict=True):
        articles = [a for a in islice(Reading([corpus], ReadOptions()), size) if isinstance(a, Article)]
        segment = built(tmp_path, articles)
        segment.delete_documents(n for n in range(len(articles)) if chance.random() < 0.1)
        kept += [article for article, live in zip(articles, segment.live(), strict=True) if live]
        segments.append(segment)
    merged, whole = merge(tmp_path, segments), built(tmp_path, kept)
    assert merged
    found, expected = (Container.open(segment.file(tmp_path)) for segment in (merged, whole))
    assert found.numbers == expected.numbers
    assert found.arrays.keys() == expected.arrays.keys()
    for name, array in expected.arrays.items():
        if not name.startswith("stored."):
            assert found.arrays[name].dtype == array.dtype, name
            np.testing.assert_array_equal(found.arrays[name], array, err_msg=name)
    readers = (StoredReader(open_segment(segment.file(tmp_path)).stored) for segment in (merged, whole))
    assert len({tuple(reader.records()) for reader in readers}) == 1


def long_article(number: int, size: int) -> Article:
    return Article(id=f"long{number}", title="قمر", body="بحر " * (size - 1) + "جبل")


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 70_000])
@pytest.mark.parametrize("deleted", [False, True])
def test_long_texts(tmp_path: Path, size: int, deleted: bool) -> None:
    """Positions take 32 bits where one of the live texts needs them."""
    articles = [make_article(1), long_article(1, size), make_article(2)]
    live = [True, not deleted, True]
    segments = [
        written(tmp_path, [make_article(7)]),
        written(tmp_path, articles, live),
        written(tmp_path, [long_article(2, 300)]),
    ]
    merged = merge(tmp_path, segments)
    assert merged
    kept = [
        make_article(7),
        make_article(1),
        *([] if deleted else [articles[1]]),
        make_article(2),
        long_article(2, 300),
    ]
    assert_is_segment_of(tmp_path, merged, kept)


def test_merging_again_and_again(tmp_path: Path) -> None:
    """Segments of segments, with deletions between."""
    moments = random.Random(3)
    state: list[Article] = []
    merged: ArraySegment | None = None
    for step in range(12):
        new = [make_article(step * 20 + n, 1 + step % 3) for n in range(moments.randrange(1, 20))]
        segments = [*([merged] if merged else []), written(tmp_path, new)]
        articles = state + new
        gone = {n for n in range(len(articles)) if moments.random() < 0.2}
        first = 0
        for segment in segments:
            size = segment.doc_count_all()
            segment.delete_documents(n - first for n in gone if first <= n < first + size)
            first += size
        merged = merge(tmp_path, segments)
        state = [article for n, article in enumerate(articles) if n not in gone]
        assert merged
        assert_is_segment_of(tmp_path, merged, state)


def test_extra_arrays_are_made_of_the_merged_postings(tmp_path: Path) -> None:
    asked: list[Postings] = []

    def extras(postings: Postings) -> dict[str, NDArray[Any]]:
        asked.append(postings)
        return {"family.x": np.arange(5, dtype=np.uint32).reshape(5, 1)}

    merged = merge(tmp_path, [written(tmp_path, [make_article(n)]) for n in range(3)], extras)
    assert merged
    assert len(asked) == 1
    found = open_segment(merged.file(tmp_path))
    np.testing.assert_array_equal(asked[0].docs, found.postings.docs)
    np.testing.assert_array_equal(found.extra["family.x"], [[0], [1], [2], [3], [4]])
    again = merge(tmp_path, [merged])
    assert again
    assert not open_segment(again.file(tmp_path)).extra


def test_failed_merge_leaves_no_file(tmp_path: Path) -> None:
    segment = written(tmp_path, [make_article(1)])

    def fail(postings: Postings) -> dict[str, NDArray[Any]]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        merge(tmp_path, [segment], fail)
    assert list(tmp_path.iterdir()) == [segment.file(tmp_path)]


def test_more_documents_than_a_segment_holds_are_refused(tmp_path: Path) -> None:
    parts = [written(tmp_path, [Article(id=f"{part} {n}") for n in range(MAX_DOCUMENTS // 2)]) for part in range(3)]
    with pytest.raises(ValueError, match="98304 documents do not fit"):
        merge(tmp_path, parts)
    merged = merge(tmp_path, parts[:2])
    assert merged
    assert merged.doc_count_all() == MAX_DOCUMENTS
    parts[2].delete_documents(range(1, MAX_DOCUMENTS // 2))
    with pytest.raises(ValueError, match="65537 documents do not fit"):
        merge(tmp_path, [merged, parts[2]])
    merged.delete_document(0)
    last = merge(tmp_path, [merged, parts[2]])
    assert last
    ids = open_segment(last.file(tmp_path)).documents
    assert int(ids.id_docs[ids.ids.find(b"2 0")]) == MAX_DOCUMENTS - 1


def test_file_of_another_segment_is_refused(tmp_path: Path) -> None:
    segment = written(tmp_path, [make_article(1), make_article(2)])
    segment.set_doc_count(3)
    with pytest.raises(DamagedFileError, match="holds 2 documents, not 3"):
        merge(tmp_path, [segment])


def test_stored_articles_fill_their_blocks(tmp_path: Path) -> None:
    """However small the segments are, merging leaves no trail of small blocks."""
    articles = [make_article(n) for n in range(600)]
    segments = [written(tmp_path, articles[n : n + 5]) for n in range(0, len(articles), 5)]
    merged = merge(tmp_path, segments)
    assert merged
    assert_is_segment_of(tmp_path, merged, articles)
    arrays = Container.open(merged.file(tmp_path)).arrays
    whole = Container.open(write_plain(tmp_path, articles).file(tmp_path)).arrays
    assert len(arrays["stored.block_ends"]) <= 2 * len(whole["stored.block_ends"])
