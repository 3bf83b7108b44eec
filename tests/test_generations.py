"""Generations: published, rolled back and pruned, under the eyes of engines that search them."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from publications import FIRST, MEMORY, SECOND, THIRD, names, publish, run
from stored_state import holds, make_state, opened, strays, unfinished

from index import embedded
from index.generations import Generations, NoIndexError


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


@pytest.mark.parametrize("damage", ["manifest.json", "_MAIN_1.toc", "MAIN_*.arrays", "MAIN.families"])
def test_rollback_to_a_damaged_generation_is_refused(tmp_path: Path, damage: str) -> None:
    first = publish(tmp_path, FIRST)
    publish(tmp_path, SECOND)
    (path,) = first.directory.glob(damage)
    path.write_bytes(b"")
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
    (abandoned.directory / "part-0" / "MAIN_x.arrays").write_bytes(b"x")
    (tmp_path / ".live.json.new").write_bytes(b"{")
    (live.directory / "MAIN.tmp").mkdir()
    (live.directory / "MAIN.tmp" / "x.run").write_bytes(b"x")
    (live.directory / "MAIN_0123456789abcdef.arrays").write_bytes(b"x")
    (live.directory / "MAIN_0123456789abcdef.seg").write_bytes(b"x")
    (live.directory / "_MAIN_2.toc.1700000000.5").write_bytes(b"x")
    assert len(strays(tmp_path)) == 10
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
