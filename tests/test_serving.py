"""Engines that go on searching while others write, and in a directory that may only be read."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from publications import FIRST, MEMORY, SECOND, THIRD, publish
from stored_state import COMMON, State, found, make_article, make_state, opened

from index import embedded
from index.durable import DurableStorage
from index.generations import Generations
from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.engine import EngineUnavailableError
from search.request import SearchRequest

# Engines that go on searching


def test_engine_notices_publications_and_commits(tmp_path: Path) -> None:
    """The same engine, without a restart, in every one of its threads."""
    publish(tmp_path, FIRST)
    generations = Generations(tmp_path)
    engine = EmbeddedEngine(Settings(index=tmp_path, time_budget=0.0))
    threads = 3
    together = threading.Barrier(threads, timeout=60)

    def look(_: int) -> tuple[str, list[str], bool]:
        together.wait()  # so that each task has a thread of its own
        answer = engine.generation(), found(engine, COMMON), engine.article(make_article(3).id) is not None
        together.wait()
        return answer

    seen: list[str] = []
    with ThreadPoolExecutor(threads) as pool:

        def check(state: State) -> None:
            answers = set(map(str, pool.map(look, range(threads))))
            expected = engine.generation(), sorted(state), make_article(3).id in state
            assert answers == {str(expected)}
            seen.append(expected[0])

        check(FIRST)
        added = make_state([3, 50], 2)
        embedded.add(generations, added.values(), memory=MEMORY)
        check({**FIRST, **added})
        embedded.delete(generations, [make_article(3).id])
        check({key: value for key, value in {**FIRST, **added}.items() if key != make_article(3).id})
        publish(tmp_path, SECOND)
        check(SECOND)
        generations.rollback()
        check({key: value for key, value in {**FIRST, **added}.items() if key != make_article(3).id})
        publish(tmp_path, {}, force=True)
        check({})
        publish(tmp_path, THIRD)
        check(THIRD)
        list(pool.map(lambda _: (together.wait(), engine.close()), range(threads)))
    engine.close()
    assert len(set(seen)) == len(seen) - 1  # the rollback came back to one


def test_engine_waits_for_the_first_publication(tmp_path: Path) -> None:
    with opened(tmp_path) as engine:
        with pytest.raises(EngineUnavailableError, match="fihris reindex"):
            engine.generation()
        publish(tmp_path, FIRST)
        assert found(engine, COMMON) == sorted(FIRST)


def test_commit_between_finding_the_contents_and_opening_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generation = publish(tmp_path, FIRST)
    open_file = DurableStorage.open_file

    def commit_and_open(storage: DurableStorage, name: str) -> object:
        monkeypatch.setattr(DurableStorage, "open_file", open_file)
        embedded.add(Generations(tmp_path), SECOND.values(), memory=MEMORY)
        assert not storage.file_exists(name)
        return storage.open_file(name)

    monkeypatch.setattr(DurableStorage, "open_file", commit_and_open)
    assert generation.article_count() == len(SECOND)


def test_readers_race_with_writers(tmp_path: Path) -> None:
    """Every answer is that of one state: never an error, a mixture, or one older than the reader has seen."""
    steps = 24
    sizes = [10 + step for step in range(steps + 1)]
    publish(tmp_path, make_state(range(sizes[0])))
    generations = Generations(tmp_path)
    engine = EmbeddedEngine(Settings(index=tmp_path, time_budget=0.0))
    done = 0
    finished = threading.Event()

    def read(_: int) -> int:
        answers = 0
        try:
            while not finished.is_set() or not answers:
                before = done
                results = engine.search(SearchRequest(COMMON, per_page=100))
                after = done
                ids = {hit.article.id for hit in results.hits}
                assert results.total == len(results.hits) == len(ids)
                assert sizes[before] <= results.total <= sizes[min(after + 1, steps)]
                assert ids == {make_article(number).id for number in range(results.total)}
                assert sum(value.count for value in results.facets["category"]) == results.total
                answers += 1
            assert engine.search(SearchRequest(COMMON)).total == sizes[-1]
            return answers
        finally:
            engine.close()

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read, number) for number in range(3)]
        try:
            for step in range(1, steps + 1):
                if step % 4 == 0:
                    publish(tmp_path, make_state(range(sizes[step]), 1 + step % 3))
                else:
                    # One new article, and some replaced: merges happen on the way.
                    changed = make_state([sizes[step] - 1, *range(step % 5)], 1 + step % 3)
                    embedded.add(generations, changed.values(), memory=MEMORY)
                done = step
                if any(reader.done() for reader in readers):
                    break
        finally:
            finished.set()
        assert all(reader.result() for reader in readers)


# A directory that may only be read

READ = """
import os, sys
from pathlib import Path
from index.generations import Generations
from index.embedded import status
from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.request import SearchRequest

def search():
    engine = EmbeddedEngine(Settings(index=Path(sys.argv[1]), time_budget=0.0))
    return engine.search(SearchRequest("")).total, status(Generations(Path(sys.argv[1]))).articles

search()  # imports all it needs
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    open(Path(sys.argv[1], "live.json"), "a")
except PermissionError:
    print(*search())
else:
    print("the directory can be written")
"""


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """A directory that other users may enter, which pytest's own are not."""
    directory = Path(tempfile.mkdtemp(prefix="fihris-test-"))
    directory.chmod(0o755)
    yield directory
    for path in [directory, *directory.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(directory)


def test_read_only_directory_is_searchable(open_directory: Path) -> None:
    publish(open_directory, FIRST)
    embedded.add(Generations(open_directory), SECOND.values(), memory=MEMORY)
    for path in [*open_directory.rglob("*"), open_directory]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    repository = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", READ, open_directory], capture_output=True, text=True, cwd=repository, timeout=120
    )
    assert done.stdout.split() == [str(len(SECOND))] * 2, done.stderr
