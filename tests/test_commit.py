"""Commits beside other writers' segments and locks: what somebody's own script does through Whoosh is respected."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from publications import FIRST, MEMORY, publish, run
from stored_state import State, holds, make_article, make_state, strays, write_source
from whoosh.codec.whoosh3 import W3Codec

from index import embedded, fallbacks
from index.article import Article
from index.codec.container import Container
from index.codec.segment import ArraySegment
from index.generations import Generation, Generations
from index.schema import document


def add_by_script(generation: Generation, articles: Iterable[Article]) -> None:
    """Add articles as a script would that knows nothing of our codec."""
    writer = generation.open_index().writer(codec=W3Codec())
    for article in articles:
        writer.update_document(**document(article))
    writer.commit(merge=False)


def live_ids(generation: Generation) -> list[str]:
    with generation.open_index().searcher() as searcher:
        return sorted(fields["id"] for fields in searcher.documents())


def test_stock_segment_is_left_alone_but_for_its_deletions(tmp_path: Path) -> None:
    live = publish(tmp_path, FIRST)
    generations = Generations(tmp_path)
    by_script_numbers = range(8, 14)
    by_script = make_state(by_script_numbers, edition=2)
    add_by_script(live, by_script.values())
    state: dict[str, Article] = {**FIRST, **by_script}
    status = embedded.status(generations)
    assert (status.articles, status.segments, status.stock_segments) == (14, 2, 1)
    stock = next(s for s in live.contents().segments if not isinstance(s, ArraySegment))

    changed = make_state([3, 9, 30], edition=3)
    assert embedded.add(generations, changed.values(), memory=MEMORY).removed == 2
    state.update(changed)
    gone = [make_article(12).id, make_article(5).id, "nobody"]
    assert embedded.delete(generations, gone).removed == 2
    state = {key: article for key, article in state.items() if key not in gone}
    for number in range(40, 60):
        embedded.add(generations, [make_article(number)], memory=MEMORY)
        state.update(make_state([number]))

    assert live_ids(live) == sorted(state)
    status = embedded.status(generations)
    assert (status.articles, status.stock_segments) == (len(state), 1)
    kept = next(s for s in live.contents().segments if not isinstance(s, ArraySegment))
    assert kept.segment_id() == stock.segment_id()
    assert kept.deleted_count() == 2
    assert embedded.delete(generations, [make_article(n).id for n in by_script_numbers]).removed == 5
    assert embedded.status(generations).stock_segments == 0
    assert holds(tmp_path, {key: state[key] for key in state if key not in by_script})
    (tmp_path / "write.lock").touch()
    assert strays(tmp_path) == []


def test_damaged_stock_segment_is_told(tmp_path: Path) -> None:
    live = publish(tmp_path, FIRST)
    add_by_script(live, make_state([50]).values())
    (stock,) = live.directory.glob("*.seg")
    stock.unlink()
    for arguments in (
        ("add", write_source(tmp_path / "a.jsonl", [make_article(71)])), ("delete", make_article(1).id)
    ):  # fmt: skip
        result = run(*arguments, "--index", tmp_path)
        assert result.exit_code == 1
        assert f"{stock.with_suffix('')} cannot be read" in result.output


def test_commit_waits_for_whooshs_own_writer_and_its_files_are_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.commit._LOCK_SECONDS", 0.1)
    live = publish(tmp_path, FIRST)
    writer = live.open_index().writer(codec=W3Codec())
    writer.add_document(**document(make_article(70)))
    files = set(live.directory.iterdir())
    source = write_source(tmp_path / "a.jsonl", [make_article(71)])
    for arguments in (("add", source), ("delete", make_article(1).id)):
        result = run(*arguments, "--index", tmp_path)
        assert result.exit_code == 1
        assert f"{live.directory} is being written by another program, through Whoosh" in result.output
    assert set(live.directory.iterdir()) == files
    writer.commit(merge=False)
    assert run("add", source, "--index", tmp_path).exit_code == 0
    assert live_ids(live) == sorted({**FIRST, **make_state([70, 71])})


def test_failed_commit_lets_go_of_the_lock(tmp_path: Path) -> None:
    generations = Generations(tmp_path)
    publish(tmp_path, FIRST)

    def articles() -> Iterable[Article]:
        yield make_article(50)
        raise OSError("the disk was pulled out")

    with pytest.raises(OSError, match="pulled out"):
        embedded.add(generations, articles(), memory=MEMORY)
    embedded.add(generations, [make_article(50)], memory=MEMORY)
    assert holds(tmp_path, {**FIRST, **make_state([50])})


def test_add_opens_no_segment_that_it_does_not_merge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large segment it looks at the ids alone: to verify all of it would take longer, the larger the index."""
    state: State = make_state(range(200))
    publish(tmp_path, state)
    opened: list[tuple[str, bool]] = []
    opening = Container.open.__func__  # type: ignore[attr-defined]

    def record(cls: type[Container], path: Path, only: Iterable[str] | None = None) -> Container:
        opened.append((path.name, only is None))
        return opening(cls, path, only)  # type: ignore[no-any-return]

    monkeypatch.setattr(Container, "open", classmethod(record))
    (large,) = Generations(tmp_path).live().contents().segments
    changed = make_state([7, 300], edition=2)
    embedded.add(Generations(tmp_path), changed.values(), memory=MEMORY)
    name = large.file(tmp_path).name
    assert [whole for opened_name, whole in opened if opened_name == name] == [False]
    assert holds(tmp_path, {**state, **changed})


def test_fallbacks_are_counted(tmp_path: Path) -> None:
    publish(tmp_path, FIRST)
    assert embedded.status(Generations(tmp_path)).fallback_queries == 0
    for _ in range(3):
        fallbacks.record(tmp_path)
    assert embedded.status(Generations(tmp_path)).fallback_queries == 3
    assert "fallback queries  3" in run("status", "--index", tmp_path).output


def test_fallbacks_where_nothing_may_be_written(tmp_path: Path) -> None:
    fallbacks.record(tmp_path / "not there")
    assert fallbacks.count(tmp_path / "not there") == 0
    (tmp_path / fallbacks.FILE_NAME).symlink_to(tmp_path / "not there" / "either")
    fallbacks.record(tmp_path)
    assert fallbacks.count(tmp_path) == 0
