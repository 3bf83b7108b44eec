"""Parts of a new index: however many processes and segments there are, they hold the same articles."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import pytest
from plain_segment import assert_is_segment_of
from whoosh.index import TOC

from index import parts as module
from index.article import Article
from index.codec.layout import open_segment
from index.codec.segment import INDEX_NAME, ArraySegment
from index.codec.stored import StoredReader
from index.durable import DurableStorage
from index.generations import Generations
from index.parts import BuildError, LocalPart, Parts
from index.schema import build_schema

MEMORY = 64
BATCH = 20


def make_articles(count: int) -> list[Article]:
    return [
        Article(
            **{field.name: f"{field.name} {number % 7}" for field in fields(Article) if field.name != "published"}
            | {"id": f"id/{number}", "body": f"مدينة فقرة{number} " * (number % 50)},
            published=f"2024-05-{number % 28 + 1:02}" if number % 3 else "",
        )
        for number in range(count)
    ]


def segments(directory: Path) -> list[ArraySegment]:
    toc = TOC.read(DurableStorage(str(directory)), INDEX_NAME, schema=build_schema())
    found: list[ArraySegment] = toc.segments
    return found


def stored(directory: Path, segment: ArraySegment) -> list[Article]:
    reader = StoredReader(open_segment(segment.file(directory)).stored)
    return [reader.article(number) for number in range(segment.doc_count_all())]


def build(root: Path, articles: Sequence[Article], jobs: int, memory: int = MEMORY) -> Path:
    """Build in a new generation; return its directory."""
    home = Generations(root).create().directory
    parts = Parts(home, jobs, memory)
    try:
        for first in range(0, len(articles), BATCH):
            parts.add(articles[first : first + BATCH])
        parts.finish()
    finally:
        parts.abandon()
    assert multiprocessing.active_children() == []
    return home


@pytest.mark.parametrize(("jobs", "in_flight"), [(1, 1), (2, 1), (2, 8), (3, 2)])
def test_processes_do_not_change_what_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int, in_flight: int
) -> None:
    monkeypatch.setattr(module, "_IN_FLIGHT", in_flight)
    articles = make_articles(1000)
    home = build(tmp_path, articles, jobs)
    built = segments(home)
    assert 1 <= len(built) <= jobs
    contents = [stored(home, segment) for segment in built]
    assert sorted((a for part in contents for a in part), key=articles.index) == articles
    for segment, part in zip(built, contents, strict=True):
        assert_is_segment_of(home, segment, part)
    assert not [path for path in home.iterdir() if path.is_dir()]
    assert {path.name for path in home.glob("*.arrays")} == {segment.file(home).name for segment in built}


def test_memory_closes_segments_and_loses_nothing(tmp_path: Path) -> None:
    articles = make_articles(3000)
    part = LocalPart(tmp_path, 1 << 20)
    for first in range(0, len(articles), BATCH):
        part.add(articles[first : first + BATCH])
    part.finish()
    built = segments(tmp_path)
    assert len(built) > 3
    assert [article for segment in built for article in stored(tmp_path, segment)] == articles
    for segment in built[:3]:
        assert_is_segment_of(tmp_path, segment, stored(tmp_path, segment))


def test_memory_is_shared_by_the_processes(tmp_path: Path) -> None:
    articles = make_articles(6000)
    alone = build(tmp_path / "1", articles, jobs=1, memory=4)
    assert len(segments(alone)) > 1
    assert sum(segment.doc_count_all() for segment in segments(alone)) == len(articles)
    shared = build(tmp_path / "2", articles, jobs=2, memory=8)
    largest = max(segment.doc_count_all() for segment in segments(alone))
    assert max(segment.doc_count_all() for segment in segments(shared)) < largest * 1.2


@pytest.mark.parametrize("jobs", [1, 2])
def test_no_articles_no_segments(tmp_path: Path, jobs: int) -> None:
    home = build(tmp_path, [], jobs)
    assert segments(home) == []
    assert list(home.glob("*.arrays")) == []


def test_what_goes_wrong_in_a_process_is_told(tmp_path: Path) -> None:
    articles = make_articles(100)
    with pytest.raises(BuildError, match="not an ISO 8601 date"):
        build(tmp_path, [Article("bad", "قمر", published="never"), *articles], jobs=2)
    assert multiprocessing.active_children() == []


def test_abandoned_parts_leave_no_process(tmp_path: Path) -> None:
    home = Generations(tmp_path).create().directory
    parts = Parts(home, 3, MEMORY)
    for _ in range(50):
        parts.add(make_articles(BATCH))
    parts.abandon()
    assert multiprocessing.active_children() == []
    assert list(home.glob("part-0/*.arrays")) == []


class _Silent:
    """In place of another process: takes batches and never answers."""

    def __init__(self, directory: Path, memory: int) -> None:
        self.in_flight = 0

    def listen(self) -> None:
        pass

    def add(self, batch: Sequence[Article]) -> None:
        self.in_flight += 1

    def abandon(self) -> None:
        pass


def test_what_the_others_have_no_time_for_is_built_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RemotePart", _Silent)
    monkeypatch.setattr(module, "_IN_FLIGHT", 4)
    articles = make_articles(200)
    parts = Parts(tmp_path, 3, MEMORY)
    for first in range(0, len(articles), BATCH):
        parts.add(articles[first : first + BATCH])
    assert [part.in_flight for part in parts._remote] == [4, 4]
    parts._local.finish()
    (segment,) = segments(tmp_path / "part-0")
    assert stored(tmp_path / "part-0", segment) == articles[8 * BATCH :]
