"""Generations: published, rolled back, pruned, refused and repaired, under the eyes of engines that search them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from stored_state import COMMON, State, found, holds, make_article, make_state, opened, strays, unfinished, write_source

from index import embedded
from index.commands import COMMANDS
from index.durable import DurableStorage
from index.embedded import PublicationError
from index.generations import Generation, Generations, NoIndexError, RefusedIndexError
from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.engine import EngineUnavailableError
from search.request import SearchRequest

MEMORY = 64
FIRST, SECOND, THIRD = (make_state(range(size), edition) for size, edition in ((10, 1), (12, 2), (14, 3)))


def publish(directory: Path, state: State, force: bool = False) -> Generation:
    generations = Generations(directory)
    embedded.rebuild(generations, state.values(), jobs=1, memory=MEMORY, force=force)
    return generations.live()


def run(name: str, *arguments: str | Path) -> Result:
    command = next(command for command in COMMANDS if command.name == name)
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def names(directory: Path) -> set[str]:
    return set(os.listdir(directory / "generations"))


def alter(path: Path, **values: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


# Publication, rollback, pruning


def test_nothing_is_published_at_first(tmp_path: Path) -> None:
    generations = Generations(tmp_path / "none")
    for call in (generations.live, generations.previous, generations.open_live, generations.rollback):
        with pytest.raises(NoIndexError, match="fihris reindex"):
            call()
    assert not (tmp_path / "none").exists()


def test_complete_generation_is_not_live_before_it_is_published(tmp_path: Path) -> None:
    publish(tmp_path, FIRST)
    generations = Generations(tmp_path)
    other = generations.create()
    assert not other.is_complete()
    assert generations.live() != other
    shutil.copytree(generations.live().directory, other.directory, dirs_exist_ok=True)
    assert other.is_complete()
    assert generations.live() != other
    generations.publish(other)
    assert generations.live() == other
    assert holds(tmp_path, FIRST)


def test_rollback_and_back_again(tmp_path: Path) -> None:
    first, second = publish(tmp_path, FIRST), publish(tmp_path, SECOND)
    assert holds(tmp_path, SECOND)
    for generation, state in ((first, FIRST), (second, SECOND), (first, FIRST)):
        result = run("rollback", "--index", tmp_path)
        assert result.exit_code == 0
        assert generation.name in result.output
        assert Generations(tmp_path).live() == generation
        assert holds(tmp_path, state)
    assert strays(tmp_path) == []


def test_rollback_without_a_previous_one(tmp_path: Path) -> None:
    publish(tmp_path, FIRST)
    result = run("rollback", "--index", tmp_path)
    assert result.exit_code == 1
    assert "no previous index" in result.output
    assert holds(tmp_path, FIRST)
    assert not embedded.status(Generations(tmp_path)).can_roll_back


def test_rollback_keeps_what_was_added(tmp_path: Path) -> None:
    publish(tmp_path, FIRST)
    publish(tmp_path, SECOND)
    generations = Generations(tmp_path)
    extra = make_state([70])
    embedded.add(generations, extra.values(), memory=MEMORY)
    generations.rollback()
    assert holds(tmp_path, FIRST)
    generations.rollback()
    assert holds(tmp_path, {**SECOND, **extra})


@pytest.mark.parametrize("damage", ["manifest.json", "_MAIN_1.toc"])
def test_rollback_to_a_damaged_generation_is_refused(tmp_path: Path, damage: str) -> None:
    first = publish(tmp_path, FIRST)
    publish(tmp_path, SECOND)
    (first.directory / damage).write_bytes(b"")
    result = run("rollback", "--index", tmp_path)
    assert result.exit_code == 1
    assert first.name in result.output
    assert holds(tmp_path, SECOND)


def test_only_the_previous_generation_is_kept(tmp_path: Path) -> None:
    made = [publish(tmp_path, state).name for state in (FIRST, SECOND, THIRD)]
    assert names(tmp_path) == set(made[1:])
    assert Generations(tmp_path).previous().name == made[1]


def test_generation_that_is_read_is_kept_until_it_is_released(tmp_path: Path) -> None:
    first = publish(tmp_path, FIRST)
    generations = Generations(tmp_path)
    held, hold = generations.open_live()
    _, second_hold = generations.open_live()
    assert held == first
    second, third = publish(tmp_path, SECOND), publish(tmp_path, THIRD)
    assert names(tmp_path) == {first.name, second.name, third.name}
    hold.release()
    hold.release()
    generations.clean()
    assert names(tmp_path) == {first.name, second.name, third.name}
    second_hold.release()
    generations.clean()
    assert names(tmp_path) == {second.name, third.name}


def test_engine_keeps_its_generation_until_it_moves_on(tmp_path: Path) -> None:
    first = publish(tmp_path, FIRST)
    with opened(tmp_path) as engine:
        assert engine.generation() == f"{first.name}.1"
        second, third = publish(tmp_path, SECOND), publish(tmp_path, THIRD)
        assert first.name in names(tmp_path)
        assert engine.generation() == f"{third.name}.1"
        Generations(tmp_path).clean()
        assert names(tmp_path) == {second.name, third.name}


def test_leftovers_of_a_killed_writer_are_removed(tmp_path: Path) -> None:
    live = publish(tmp_path, FIRST)
    generations = Generations(tmp_path)
    abandoned = generations.create()
    (abandoned.directory / "part-0").mkdir()
    (abandoned.directory / "part-0" / "MAIN_x.trm").write_bytes(b"x")
    (tmp_path / ".live.json.new").write_bytes(b"{")
    (live.directory / "MAIN.tmp").mkdir()
    (live.directory / "MAIN.tmp" / "x.run").write_bytes(b"x")
    (live.directory / "MAIN_0123456789abcdef.seg").write_bytes(b"x")
    (live.directory / "_MAIN_2.toc.1700000000.5").write_bytes(b"x")
    assert len(strays(tmp_path)) == 9
    generations.clean()
    assert strays(tmp_path) == []
    assert holds(tmp_path, FIRST)


def test_unfinished_build_that_somebody_still_writes_is_awaited(tmp_path: Path) -> None:
    publish(tmp_path, FIRST)
    generations = Generations(tmp_path)
    abandoned = generations.create()
    hold = abandoned.hold()
    released = threading.Event()

    def write_on() -> None:
        threading.Event().wait(0.3)
        (abandoned.directory / "late").touch()
        released.set()
        hold.release()

    orphan = threading.Thread(target=write_on)
    orphan.start()
    generations.clean()
    assert released.is_set()
    assert unfinished(tmp_path) == []
    orphan.join()


def test_live_generation_is_not_discarded(tmp_path: Path) -> None:
    live = publish(tmp_path, FIRST)
    Generations(tmp_path).discard(live)
    assert holds(tmp_path, FIRST)


# Guards


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


# Another version, or damage


@pytest.mark.parametrize("what", ["analysis", "schema"])
@pytest.mark.parametrize("more", [{}, {"a_field_of_tomorrow": 1}])
def test_another_version_is_refused(tmp_path: Path, what: str, more: dict[str, int]) -> None:
    index = tmp_path / "index"
    live = publish(index, FIRST)
    alter(live.directory / "manifest.json", **{f"{what}_version": "0"}, **more)
    foreign = live.directory / "file-of-another-version"
    foreign.touch()
    source = write_source(tmp_path / "a.jsonl", SECOND.values())

    sentence = f"{what} version 0, this program needs"
    with opened(index) as engine:
        for call in (engine.generation, lambda: engine.search(SearchRequest("قمر")), lambda: engine.article("a")):
            with pytest.raises(EngineUnavailableError, match=sentence):
                call()
    for arguments in (("add", source), ("delete", make_article(1).id), ("status",)):
        result = run(*arguments, "--index", index)
        assert result.exit_code == 1
        assert sentence in result.output
        assert "run `fihris reindex`" in result.output
    assert foreign.exists()
    assert live.commit_number() == 1

    assert run("reindex", source, "--jobs", "1", "--index", index).exit_code == 0
    assert holds(index, SECOND)
    back = run("rollback", "--index", index)
    assert back.exit_code == 1
    assert sentence in back.output
    assert holds(index, SECOND)


def cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])


DAMAGES: dict[str, Callable[[Path, Path], object]] = {
    "pointer empty": lambda root, live: cut(root / "live.json", 0),
    "pointer cut": lambda root, live: cut(root / "live.json", 20),
    "pointer a list": lambda root, live: (root / "live.json").write_text("[]"),
    "pointer without names": lambda root, live: (root / "live.json").write_text("{}"),
    "pointer with no name": lambda root, live: alter(root / "live.json", live=""),
    "pointer with a number": lambda root, live: alter(root / "live.json", live=3),
    "pointer to elsewhere": lambda root, live: alter(root / "live.json", live="../generations"),
    "pointer with a bad previous": lambda root, live: alter(root / "live.json", previous=".."),
    "pointer not UTF-8": lambda root, live: (root / "live.json").write_bytes(b'{"live": "\xff"}'),
    "generation gone": lambda root, live: shutil.rmtree(live),
    "manifest gone": lambda root, live: (live / "manifest.json").unlink(),
    "manifest empty": lambda root, live: cut(live / "manifest.json", 0),
    "manifest cut": lambda root, live: cut(live / "manifest.json", 40),
    "manifest a list": lambda root, live: (live / "manifest.json").write_text("[]"),
    "manifest without fields": lambda root, live: (live / "manifest.json").write_text("{}"),
    "contents gone": lambda root, live: (live / "_MAIN_1.toc").unlink(),
    "contents empty": lambda root, live: cut(live / "_MAIN_1.toc", 0),
    "contents cut at once": lambda root, live: cut(live / "_MAIN_1.toc", 2),
    "contents cut in the schema": lambda root, live: cut(live / "_MAIN_1.toc", 200),
    "contents cut at the end": lambda root, live: cut(live / "_MAIN_1.toc", -5),
    "contents zeroed": lambda root, live: (live / "_MAIN_1.toc").write_bytes(bytes(2000)),
    "segment gone": lambda root, live: next(live.glob("*.seg")).unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_told_and_repaired(tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.embedded._OPEN_ATTEMPTS", 1)
    index = tmp_path / "index"
    publish(index, FIRST)
    live = publish(index, SECOND)
    DAMAGES[damage](index, live.directory)
    source = write_source(tmp_path / "a.jsonl", THIRD.values())

    with opened(index) as engine, pytest.raises(EngineUnavailableError, match=str(index)):
        engine.search(SearchRequest("قمر"))
    for arguments in (("add", source), ("delete", make_article(1).id)):
        result = run(*arguments, "--index", index)
        assert result.exit_code == 1, result.output
        assert "Error: " in result.output
        assert isinstance(result.exception, SystemExit)
        assert str(index) in result.output

    result = run("reindex", source, "--jobs", "1", "--index", index)
    assert result.exit_code == 0, result.output
    assert holds(index, THIRD)
    assert unfinished(index) == [f"generations/{live.name}"] * (damage == "manifest gone")
    assert names(index) <= {live.name, Generations(index).live().name}
    if damage.startswith("pointer"):
        # Nothing was wrong with what it pointed to.
        assert run("rollback", "--index", index).exit_code == 0
        assert holds(index, SECOND)


def test_damaged_pointer_deletes_nothing_that_may_be_live(tmp_path: Path) -> None:
    first, second = publish(tmp_path, FIRST), publish(tmp_path, SECOND)
    cut(tmp_path / "live.json", 10)
    generations = Generations(tmp_path)
    abandoned = generations.create()
    generations.clean()
    assert names(tmp_path) == {first.name, second.name}
    assert not abandoned.directory.exists()
    for call in (generations.live, generations.rollback):
        with pytest.raises(RefusedIndexError, match=r"live\.json.*run `fihris reindex`"):
            call()


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
