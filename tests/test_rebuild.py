"""Reindex, add and delete: what they do, what they refuse, and what is left when they fail or are stopped."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from publications import MEMORY, published, run
from stored_state import (
    found,
    holds,
    make_article,
    make_state,
    opened,
    stored_articles,
    strays,
    write_source,
)

from index import embedded, families
from index.article import Article
from index.codec.layout import SegmentArrays
from index.codec.segment import ArraySegment
from index.commit import merge_small
from index.embedded import PublicationError
from index.generations import Generations, NoIndexError
from index.parts import BuildError, RemotePart


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_jobs_do_not_change_the_index(tmp_path: Path, jobs: int) -> None:
    state = make_state(range(3000))
    change = embedded.rebuild(Generations(tmp_path), state.values(), jobs=jobs, memory=MEMORY * jobs)
    assert change.written == 3000
    assert change.removed == 0
    status = embedded.status(Generations(tmp_path))
    assert (status.articles, status.segments) == (3000, jobs)
    assert holds(tmp_path, state)
    (tmp_path / "write.lock").touch()
    assert strays(tmp_path) == []


def wordy(number: int) -> Article:
    """An article of many words that no other has: a few hundred of them fill a megabyte of memory."""
    return Article(id=f"w{number}", title="قمر", body=" ".join(f"كلمة{number}س{word}" for word in range(60)))


def test_little_memory_makes_more_segments_which_are_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def record(directory: Path, segments: list[ArraySegment]) -> list[ArraySegment]:
        made.append(len(segments))
        return merge_small(directory, segments)

    monkeypatch.setattr("index.embedded.merge_small", record)
    state = {article.id: article for article in map(wordy, range(2500))}
    generations = Generations(tmp_path)
    assert embedded.rebuild(generations, state.values(), jobs=1, memory=1).written == 2500
    assert embedded.status(generations).segments < made[0]
    assert stored_articles(tmp_path) == sorted(state.values(), key=lambda article: article.id)
    changed = {article.id: replace(article, title="شمس") for article in map(wordy, range(2000, 3200))}
    change = embedded.add(generations, changed.values(), memory=1)
    assert (change.written, change.removed) == (1200, 500)
    state.update(changed)
    assert stored_articles(tmp_path) == sorted(state.values(), key=lambda article: article.id)
    with opened(tmp_path) as engine:
        assert found(engine, "شمس") == sorted(changed)
        assert found(engine, "كلمة700س7") == ["w700"]
        assert found(engine, "كلمة2700س7") == ["w2700"]
    (tmp_path / "write.lock").touch()
    assert strays(tmp_path) == []


@pytest.mark.parametrize("what", ["segment", "families"])
def test_build_that_is_damaged_is_not_published(tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = make_state(range(4))
    generations = published(tmp_path, before)
    publish = families.publish

    def cut(path: Path) -> None:
        path.write_bytes(path.read_bytes()[:-1])

    def merge_and_damage(directory: Path, segments: list[ArraySegment]) -> list[ArraySegment]:
        cut(segments[0].file(directory))
        return merge_small(directory, segments)

    def publish_and_damage(directory: Path, segments: list[SegmentArrays], protected: Collection[str]) -> None:
        publish(directory, segments, protected)
        cut(directory / families.FILE_NAME)

    if what == "segment":
        monkeypatch.setattr("index.embedded.merge_small", merge_and_damage)
    else:
        monkeypatch.setattr(families, "publish", publish_and_damage)
    with pytest.raises(PublicationError, match="is damaged: its end is missing; not published"):
        embedded.rebuild(generations, make_state(range(9)).values(), jobs=1, memory=MEMORY)
    assert holds(tmp_path, before)
    assert strays(tmp_path) == []


def test_parts_without_articles(tmp_path: Path) -> None:
    """More processes than batches: those that get none leave no segment."""
    state = make_state(range(5))
    embedded.rebuild(Generations(tmp_path), state.values(), jobs=3, memory=MEMORY)
    assert embedded.status(Generations(tmp_path)).segments == 1
    assert holds(tmp_path, state)


def test_process_that_raises_fails_the_build(tmp_path: Path) -> None:
    before = make_state(range(4))
    generations = published(tmp_path, before)
    bad = Article(id="bad", title="قمر", published="never")
    articles = [*make_state(range(200)).values(), bad, *make_state(range(200, 2000)).values()]
    with pytest.raises(BuildError, match="not an ISO 8601 date"):
        embedded.rebuild(generations, articles, jobs=2, memory=MEMORY)
    assert multiprocessing.active_children() == []
    assert holds(tmp_path, before)
    assert strays(tmp_path) == []


@pytest.mark.parametrize("deadly", [0, 150, 999])
def test_process_that_dies_fails_the_build(tmp_path: Path, deadly: int) -> None:
    before = make_state(range(4))
    generations = published(tmp_path, before)

    def articles() -> Iterator[Article]:
        for number in range(1000):
            if number == deadly:
                victim = multiprocessing.active_children()[0]
                os.kill(victim.pid or 0, signal.SIGKILL)
            yield make_article(number)

    with pytest.raises(BuildError, match=r"part-\d ended early, with exit status -9"):
        embedded.rebuild(generations, articles(), jobs=2, memory=MEMORY)
    assert multiprocessing.active_children() == []
    assert holds(tmp_path, before)
    assert strays(tmp_path) == []


def test_reason_is_found_behind_answers_not_read_yet(tmp_path: Path) -> None:
    generation = Generations(tmp_path).create()
    part = RemotePart(generation.directory / "part-0", MEMORY)
    try:
        part.add(list(make_state(range(3)).values()))
        part.add([Article(id="bad", title="قمر", published="never")])
        part._process.join(60)
        assert part._process.exitcode == 0
        with pytest.raises(BuildError, match="not an ISO 8601 date"):
            part.add(list(make_state(range(3)).values()))
    finally:
        part.abandon()


def test_reader_that_raises_fails_the_build(tmp_path: Path) -> None:
    before = make_state(range(4))
    generations = published(tmp_path, before)

    def articles() -> Iterator[Article]:
        yield from make_state(range(100)).values()
        raise OSError("the disk was pulled out")

    for jobs in (1, 2):
        with pytest.raises(OSError, match="pulled out"):
            embedded.rebuild(generations, articles(), jobs=jobs, memory=MEMORY)
        assert multiprocessing.active_children() == []
        assert holds(tmp_path, before)
        assert strays(tmp_path) == []
    with pytest.raises(OSError, match="pulled out"):
        embedded.add(generations, articles(), memory=MEMORY)
    assert holds(tmp_path, before)
    assert strays(tmp_path) == []


@pytest.mark.parametrize("name", ["reindex", "add"])
def test_second_article_of_an_id_is_rejected(tmp_path: Path, name: str) -> None:
    index = tmp_path / "index"
    published(index, make_state(range(4)))
    articles = [make_article(1, 2), make_article(2, 2), make_article(1, 3), make_article(3, 2)]
    source = write_source(tmp_path / "a.jsonl", articles)
    result = run(name, source, "--index", index)
    assert result.exit_code == 0, result.output
    assert "Rejected 1" in result.output
    rejection = json.loads((index / "rejects.jsonl").read_text())
    assert (rejection["file"], rejection["line"], rejection["field"]) == (str(source), 3, "id")
    assert rejection["id"] == articles[2].id
    kept = {article.id: article for article in (articles[0], articles[1], articles[3])}
    assert holds(index, kept if name == "reindex" else {**make_state(range(4)), **kept})


def test_strict_run_stops_at_the_second_of_an_id(tmp_path: Path) -> None:
    index = tmp_path / "index"
    before = make_state(range(4))
    published(index, before)
    source = write_source(tmp_path / "a.jsonl", [make_article(1, 2), make_article(1, 3), make_article(3, 2)])
    for name in ("reindex", "add"):
        result = run(name, source, "--strict", "--index", index)
        assert result.exit_code == 1
        assert "line 2, field id" in result.output
        assert holds(index, before)
        assert strays(index) == []


def test_add_replaces_by_id(tmp_path: Path) -> None:
    state = make_state(range(10))
    generations = published(tmp_path, state)
    for edition in (2, 3, 2):
        changed = make_state([3, 4, 20 + edition], edition)
        there = len(state.keys() & changed.keys())
        state.update(changed)
        change = embedded.add(generations, changed.values(), memory=MEMORY)
        assert (change.written, change.removed) == (3, there)
        assert holds(tmp_path, state)
    assert generations.live().article_count() == len(state)


def test_many_adds_are_merged_and_lose_nothing(tmp_path: Path) -> None:
    state = make_state(range(10))
    generations = published(tmp_path, state)
    for number in range(5, 35):
        article = make_article(number, edition=2)
        state[article.id] = article
        embedded.add(generations, [article], memory=MEMORY)
    assert embedded.status(generations).segments < 4
    assert holds(tmp_path, state)
    (tmp_path / "write.lock").touch()
    assert strays(tmp_path) == []


def test_add_of_nothing_changes_nothing(tmp_path: Path) -> None:
    generations = published(tmp_path, make_state(range(3)))
    commit = generations.live().commit_number()
    with pytest.raises(PublicationError, match="no article to add"):
        embedded.add(generations, [], memory=MEMORY)
    assert generations.live().commit_number() == commit
    assert strays(tmp_path) == []


def test_first_add_publishes(tmp_path: Path) -> None:
    source = write_source(tmp_path / "a.jsonl", make_state(range(3)).values())
    result = run("add", source, "--index", tmp_path / "index")
    assert result.exit_code == 0, result.output
    assert holds(tmp_path / "index", make_state(range(3)))


def test_delete(tmp_path: Path) -> None:
    state = make_state(range(10))
    published(tmp_path, state)
    known, unknown = make_article(3).id, make_article(77).id
    result = run("delete", known, unknown, known, "--index", tmp_path)
    assert result.exit_code == 0
    assert "Deleted 1 article; not there: 1" in result.output
    del state[known]
    assert holds(tmp_path, state)
    again = run("delete", known, "--index", tmp_path)
    assert again.exit_code == 1
    assert "Deleted 0 articles; not there: 1" in again.output
    assert holds(tmp_path, state)
    assert strays(tmp_path) == []


def test_delete_of_all_and_add_after_it(tmp_path: Path) -> None:
    state = make_state(range(10))
    generations = published(tmp_path, state)
    assert embedded.delete(generations, list(state)).removed == 10
    assert holds(tmp_path, {})
    with opened(tmp_path) as engine:
        assert found(engine, "قمر") == []
        assert engine.article(make_article(1).id) is None
    embedded.add(generations, state.values(), memory=MEMORY)
    assert holds(tmp_path, state)


def test_delete_without_an_index(tmp_path: Path) -> None:
    with pytest.raises(NoIndexError, match="fihris reindex"):
        embedded.delete(Generations(tmp_path), ["a"])
