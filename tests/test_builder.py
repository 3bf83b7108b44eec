"""The segment that a builder writes of articles: array for array what plain Python makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from plain_segment import assert_is_segment_of
from texts import ARABIC_TEXT

from index.article import Article, InvalidFieldError
from index.codec import builder as module
from index.codec.builder import SegmentBuilder
from index.codec.container import Container
from index.codec.layout import Postings, open_segment
from index.readers import Reading

MEMORY = 1 << 26

TEXT = ARABIC_TEXT.map(lambda text: text.encode(errors="ignore").decode())
WORDS = st.lists(
    st.sampled_from(["قمر", "شمس", "بحر،", "نخلة", "نخله", "و", "1,5", "ﷺ", "نَخلة", "نَخْلةٌ", "قُرْءان"]), max_size=20
).map(" ".join)
ARTICLE = st.builds(
    Article,
    id=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5),
    title=TEXT,
    body=st.one_of(TEXT, WORDS),
    url=st.sampled_from(["", "https://example.org/ق"]),
    source=st.sampled_from(["", "المصدر", "a", "\U0001f600"]),
    author=TEXT,
    category=st.sampled_from(["", "رياضة", "رياضه"]),
    published=st.sampled_from(["", "2024-05-03", "2024-05-03T23:59:59-11:00", "0001-01-01", "9999-12-31T10:00"]),
)
ARTICLES = st.lists(ARTICLE, min_size=1, max_size=12, unique_by=lambda article: article.id)


def make_article(number: int) -> Article:
    """A small article of its own words and of some that others have."""
    return Article(f"مقالة/{number}", "قمر", f"مدينة فقرة{number} قمر", published=f"2024-05-{number % 28 + 1:02}")


def build(directory: Path, articles: Sequence[Article]) -> SegmentBuilder:
    """Build a segment and compare it."""
    builder = SegmentBuilder(directory, MEMORY)
    builder.add_many(articles)
    segment = builder.finish()
    assert segment is not None
    assert_is_segment_of(directory, segment, articles)
    return builder


@given(ARTICLES)
def test_made_articles(articles: list[Article]) -> None:
    with TemporaryDirectory() as directory:
        build(Path(directory), articles)


@pytest.mark.parametrize("batch", [1, 3000, 1 << 20])
def test_real_articles(tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    """However many are read together."""
    monkeypatch.setattr(module, "_BATCH", batch)
    articles: list[Article] = []
    for name in ("saudi", "ant", "hespress_aljazeera", "quran"):
        reading = Reading([str(shared_data / "corpora" / f"{name}.docs.jsonl.gz")])
        articles += islice((item for item in reading if isinstance(item, Article)), 60)
    build(tmp_path, articles)


@pytest.mark.parametrize("count", [254, 255, 256, 65_535, 65_536, 65_537])
def test_many_occurrences_and_long_texts(tmp_path: Path, count: int) -> None:
    articles = [
        Article("a", "قمر", "قمر " * count),
        Article("b", "قمر " * 300, "شمس قمر " * (count // 2)),
        Article("c", "", "شمس"),
        Article("d", "قمر", "نخلة " * 254 + "شمس " * 255 + "نخلة"),
        Article("e", "قَمر " * 255, "نَخلة " * 254),
        Article("f", "", "شَمس " * count),
    ]
    build(tmp_path, articles)
    (path,) = tmp_path.iterdir()
    assert Container.open(path).arrays["positions"].dtype == (np.uint32 if count > 65_536 else np.uint16)


def test_texts_without_words(tmp_path: Path) -> None:
    build(tmp_path, [Article("a", "!"), Article("b", "", "؟ ؟")])


def test_the_file_is_read_back_as_a_segment(tmp_path: Path) -> None:
    articles = [make_article(number) for number in range(300)]
    builder = SegmentBuilder(tmp_path, MEMORY)
    builder.add_many(articles)
    segment = builder.finish()
    assert segment is not None
    assert [path.name for path in tmp_path.iterdir()] == [f"{segment.segment_id()}.arrays"]
    arrays = open_segment(segment.file(tmp_path))
    body = arrays.postings.fields["body"]
    place = body.terms.find("فقره123".encode())
    assert arrays.postings.docs[body.starts[place] : body.starts[place + 1]].tolist() == [123]


def test_extras_are_made_once_of_the_complete_postings(tmp_path: Path) -> None:
    seen: list[Postings] = []

    def extras(postings: Postings) -> Mapping[str, NDArray[Any]]:
        seen.append(postings)
        return {"family.words": postings.fields["body"].terms.bytes_, "family.none": np.zeros(0, np.float32)}

    builder = SegmentBuilder(tmp_path, MEMORY, extras)
    articles = [make_article(number) for number in range(5)]
    builder.add_many(articles)
    segment = builder.finish()
    assert segment is not None
    assert_is_segment_of(tmp_path, segment, articles)
    arrays = open_segment(segment.file(tmp_path))
    assert len(seen) == 1
    np.testing.assert_array_equal(seen[0].docs, arrays.postings.docs)
    assert arrays.extra.keys() == {"family.words", "family.none"}
    np.testing.assert_array_equal(arrays.extra["family.words"], arrays.postings.fields["body"].terms.bytes_)


def test_no_article_no_file(tmp_path: Path) -> None:
    builder = SegmentBuilder(tmp_path, MEMORY)
    assert (builder.documents, builder.full) == (0, False)
    assert builder.finish() is None
    builder.abandon()
    assert list(tmp_path.iterdir()) == []


def test_abandoned_builder_leaves_no_file(tmp_path: Path) -> None:
    builder = SegmentBuilder(tmp_path, MEMORY)
    builder.add_many(make_article(number) for number in range(100))
    assert len(list(tmp_path.iterdir())) == 1
    builder.abandon()
    builder.abandon()
    assert list(tmp_path.iterdir()) == []


def test_builder_that_failed_is_abandoned_without_a_trace(tmp_path: Path) -> None:
    def extras(postings: Postings) -> Mapping[str, NDArray[Any]]:
        raise OSError("no space left")

    builder = SegmentBuilder(tmp_path, MEMORY, extras)
    builder.add(make_article(1))
    with pytest.raises(OSError, match="no space"):
        builder.finish()
    builder.abandon()
    with pytest.raises(InvalidFieldError, match="not an ISO 8601 date"):
        (builder := SegmentBuilder(tmp_path, MEMORY)).add(replace(make_article(1), published="never"))
    builder.abandon()
    assert list(tmp_path.iterdir()) == []


def test_abandoning_a_finished_builder_keeps_its_segment(tmp_path: Path) -> None:
    builder = build(tmp_path, [make_article(1)])
    builder.abandon()
    assert len(list(tmp_path.iterdir())) == 1


def test_a_segment_has_no_more_documents_than_16_bits_count(tmp_path: Path) -> None:
    builder = SegmentBuilder(tmp_path, 1 << 30)
    for number in range(1 << 16):
        assert not builder.full
        builder.add(Article(str(number), "قمر"))
    assert builder.full
    with pytest.raises(ValueError, match="65536 documents at most"):
        builder.add(Article("one more", "قمر"))
    segment = builder.finish()
    assert segment is not None
    assert segment.doc_count_all() == 1 << 16
    arrays = open_segment(segment.file(tmp_path))
    title = arrays.postings.fields["title"]
    assert title.terms.to_list() == ["قمر".encode()]
    np.testing.assert_array_equal(arrays.postings.docs, np.arange(1 << 16))


@pytest.mark.parametrize(
    "make",
    [
        lambda number: Article(f"{number}", body="قمر " * 1000),  # words
        lambda number: Article(f"{number}", body=" ".join(f"{number}س{n}" for n in range(50))),  # distinct words
        lambda number: Article(f"{number}", body=f"{number}" * 5000),  # long words
        lambda number: Article(f"{number}", title="قمر", author=f"{number} - " * 500),  # long values
    ],
)
def test_memory_fills_whatever_it_is_filled_with(tmp_path: Path, make: Any) -> None:
    builder = SegmentBuilder(tmp_path, 1 << 23)
    for number in range(3000):
        builder.add(make(number))
        if builder.full:
            break
    assert builder.full
    assert builder.documents > 100
    builder.abandon()
