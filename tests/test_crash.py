"""A killed writer leaves the last published articles searchable, all of them and no others, and blocks no later one."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from crash_driver import SYNCS_AND_RENAMES, Driver, Outcome, Stop
from stored_state import State, holds, make_article, make_state, strays, write_source

from index import embedded
from index.generations import Generations

MEMORY = 64


@dataclass(frozen=True, slots=True)
class Scenario:
    """A command, and the articles before it and after it."""

    arguments: Sequence[str | Path]
    before: State
    after: State


@dataclass(frozen=True, slots=True)
class Stage:
    """An index to start every attempt from, what may be done to it, and what is done to it next."""

    driver: Driver
    index: Path
    work: Path
    scenarios: dict[str, Scenario]
    last: dict[str, State]
    """Command run after the killed one → what it puts there, in place of everything (reindex) or in addition (add)."""

    def attempt(self, name: str, stop: Stop | None) -> tuple[Path, Outcome]:
        index = self.work / "index"
        shutil.rmtree(index, ignore_errors=True)
        shutil.copytree(self.index, index)
        return index, self.driver.run(*self.scenarios[name].arguments, "--index", index, stop=stop)

    def state(self, name: str, index: Path) -> State:
        """Return which of the two states the index is in."""
        scenario = self.scenarios[name]
        matching = [state for state in (scenario.before, scenario.after) if holds(index, state)]
        assert matching, "neither the articles from before nor those from after"
        return matching[0]

    def check_next(self, index: Path, state: State, command: str) -> None:
        """Run another command, which must succeed and leave the directory clean."""
        options = ("--jobs", "1") if command == "reindex" else ()
        source = self.work / f"{command}.jsonl"
        outcome = self.driver.run(command, *options, source, "--index", index, "--wait", "30")
        assert outcome.status == 0, outcome.output
        expected = {**state, **self.last[command]} if command == "add" else self.last[command]
        assert holds(index, expected)
        assert strays(index) == []


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    work = tmp_path_factory.mktemp("crash")
    index = work / "start"
    driver = Driver()

    def run(*arguments: str | Path) -> None:
        outcome = driver.run(*arguments, "--index", index)
        assert outcome.status == 0, outcome.output

    # A live generation and one before it; in the live one deletions, and a small segment for the next add to merge.
    before = make_state(range(50))
    run("reindex", "--jobs", "1", write_source(work / "1.jsonl", make_state(range(45)).values()))
    run("reindex", "--jobs", "1", write_source(work / "2.jsonl", before.values()))
    for number in (1, 11, 21, 31, 41):
        article = make_article(number, edition=3)
        before[article.id] = article
        run("add", write_source(work / "3.jsonl", [article]))
    deleted = [make_article(number).id for number in (2, 49)]
    run("delete", *deleted)
    for article_id in deleted:
        del before[article_id]

    rebuilt = make_state(range(5, 55), edition=2)
    added = make_state([*range(10, 18), *range(60, 66)], edition=2)
    gone = [article_id for number, article_id in enumerate(before) if number % 3 == 0]
    source = write_source(work / "rebuilt.jsonl", rebuilt.values())
    scenarios = {
        "reindex": Scenario(("reindex", "--jobs", "1", source), before, rebuilt),
        "reindex in two processes": Scenario(("reindex", "--jobs", "2", source), before, rebuilt),
        "add": Scenario(("add", write_source(work / "added.jsonl", added.values())), before, {**before, **added}),
        "delete": Scenario(("delete", *gone), before, {i: before[i] for i in before if i not in gone}),
    }
    last: dict[str, State] = {"add": make_state([7, 99], edition=3), "reindex": make_state(range(30), edition=3)}
    for command, state in last.items():
        write_source(work / f"{command}.jsonl", state.values())
    yield Stage(driver, index, work, scenarios, last)
    driver.close()


@pytest.mark.parametrize("name", ["reindex", "add", "delete"])
def test_killed_at_every_sync_rename_and_deletion(stage: Stage, name: str) -> None:
    index, whole = stage.attempt(name, None)
    assert whole.status == 0
    assert holds(index, stage.scenarios[name].after)
    # The old table of contents is not all that goes: segments were merged or rewritten.
    assert whole.calls.count("unlink") > 1
    commands = itertools.cycle(["add", "reindex"])
    published = max(number for number, call in enumerate(whole.calls, 1) if call == "replace")
    for number, call in enumerate(whole.calls, 1):
        for when in ("before", "after") if call in SYNCS_AND_RENAMES else ("before",):
            moment = f"{name} killed {when} call {number} of {len(whole.calls)}, {call}"
            index, outcome = stage.attempt(name, Stop(call=number, when=when))
            assert outcome.status == -9, moment
            assert list(outcome.calls[:number]) == list(whole.calls[:number]), moment
            state = stage.state(name, index)
            is_after = number > published or (number == published and when == "after")
            assert state == (stage.scenarios[name].after if is_after else stage.scenarios[name].before), moment
            stage.check_next(index, state, next(commands))


@pytest.mark.parametrize(
    ("name", "attempts"),
    [("reindex", 9), ("reindex in two processes", 6), ("add", 8), ("delete", 7)],
)
def test_killed_at_random_moments(stage: Stage, name: str, attempts: int) -> None:
    duration = stage.attempt(name, None)[1].seconds
    moments = random.Random(f"killed during {name}")
    commands = itertools.cycle(["add", "reindex"])
    killed = 0
    for _ in range(attempts):
        moment = moments.uniform(0.0, duration)
        index, outcome = stage.attempt(name, Stop(seconds=moment))
        assert outcome.status in {-9, 0}, outcome.output
        killed += outcome.status == -9
        # Before the orphans of the killed process have had time to notice: what they still write must not stay.
        stage.check_next(index, stage.state(name, index), next(commands))
        assert outcome.processes_after(15) == []
        assert strays(index) == []
    assert killed


def test_files_are_on_disk_before_their_names_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a loss of power may take away is what was not synced: a name must never come before what it names."""
    synced: dict[int, Any] = {}
    checked: list[str] = []
    sync, replace = os.fsync, os.replace

    def identity(path: Path) -> Any:
        if path.is_dir():
            return frozenset(os.listdir(path))
        found = path.stat()
        return found.st_size, found.st_mtime_ns

    def record(descriptor: int) -> None:
        sync(descriptor)
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        synced[path.stat().st_ino] = identity(path)

    def check(old: Path, new: Path) -> None:
        directory = Path(new).parent
        named = [Path(old)]
        if Path(new).name == "live.json":
            generation = max((directory / "generations").iterdir(), key=lambda path: path.stat().st_mtime_ns)
            named += [directory / "generations", generation, *generation.iterdir()]
        elif Path(new).suffix == ".toc" and directory.parent.name == "generations":
            named += [directory, *directory.glob("MAIN*")]
        for path in named:
            if stat.S_ISDIR(path.stat().st_mode) or path.stat().st_size:
                assert synced.get(path.stat().st_ino) == identity(path), path
        checked.append(Path(new).name)
        replace(old, new)

    monkeypatch.setattr(os, "fsync", record)
    monkeypatch.setattr(os, "replace", check)
    generations = Generations(tmp_path)
    embedded.rebuild(generations, make_state(range(20)).values(), jobs=1, memory=MEMORY)
    embedded.add(generations, make_state(range(3), edition=2).values(), memory=MEMORY)
    embedded.delete(generations, [make_article(9).id])
    assert [name for name in checked if name in {"live.json", "_MAIN_2.toc", "_MAIN_3.toc"}] == [
        "live.json",
        "_MAIN_2.toc",
        "_MAIN_3.toc",
    ]
