"""Guards: a build that has lost its articles is not published unless forced."""

from __future__ import annotations

from pathlib import Path

import pytest
from publications import FIRST, MEMORY, SECOND, names, publish, run
from stored_state import holds, make_state, strays, write_source

from index import embedded
from index.embedded import PublicationError
from index.generations import Generations


def test_build_without_articles_is_not_published(tmp_path: Path) -> None:
    index = tmp_path / "index"
    publish(index, FIRST)
    source = write_source(tmp_path / "a.jsonl", [])
    result = run("reindex", source, "--jobs", "1", "--index", index)
    assert result.exit_code == 1
    assert "no article to publish" in result.output
    assert "--force" in result.output
    assert holds(index, FIRST)
    assert strays(index) == []
    forced = run("reindex", source, "--jobs", "1", "--force", "--index", index)
    assert forced.exit_code == 0, forced.output
    assert holds(index, {})
    embedded.add(Generations(index), SECOND.values(), memory=MEMORY)
    assert holds(index, SECOND)


def test_forced_empty_build_in_several_processes(tmp_path: Path) -> None:
    embedded.rebuild(Generations(tmp_path), [], jobs=2, memory=MEMORY, force=True)
    assert holds(tmp_path, {})


def test_first_build_without_articles_is_not_published(tmp_path: Path) -> None:
    for write in (
        lambda: embedded.rebuild(Generations(tmp_path), [], jobs=1, memory=MEMORY),
        lambda: embedded.add(Generations(tmp_path), [], memory=MEMORY),
    ):
        with pytest.raises(PublicationError, match="no article"):
            write()
        assert names(tmp_path) == set()


def test_build_with_fewer_than_half_is_not_published(tmp_path: Path) -> None:
    publish(tmp_path, FIRST)
    with pytest.raises(PublicationError, match="only 4 articles, fewer than half of the 10"):
        publish(tmp_path, make_state(range(4), 2))
    assert holds(tmp_path, FIRST)
    publish(tmp_path, make_state(range(5), 2))
    publish(tmp_path, make_state(range(1), 3), force=True)
    assert holds(tmp_path, make_state(range(1), 3))


def test_half_is_of_what_is_live_now(tmp_path: Path) -> None:
    """Not of what was live when it was built."""
    publish(tmp_path, FIRST)
    generations = Generations(tmp_path)
    embedded.delete(generations, list(FIRST)[:6])
    publish(tmp_path, make_state(range(2), 2))
    embedded.add(generations, make_state(range(2, 9), 2).values(), memory=MEMORY)
    with pytest.raises(PublicationError, match="of the 9"):
        publish(tmp_path, make_state(range(4), 3))
