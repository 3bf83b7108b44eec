"""Writers that are interrupted or meet a full disk: the live index is as it was, or as it was to be."""

from __future__ import annotations

import random
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from crash_driver import Driver, Stop
from publications import published
from stored_state import (
    holds,
    make_state,
    strays,
    unfinished,
    write_source,
)

from index.generations import Generations


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    driver = Driver()
    yield driver
    driver.close()


@pytest.mark.parametrize("name", ["reindex", "add", "delete"])
@pytest.mark.parametrize("kind", ["SIGINT", "SIGTERM", "full disk"])
def test_stopped_or_failing_at_every_system_call(tmp_path: Path, driver: Driver, name: str, kind: str) -> None:
    """Unlike a killed one, a command that is asked to stop, or whose disk is full, cleans up before it ends."""
    start, index = tmp_path / "start", tmp_path / "index"
    before, changed = make_state(range(12)), make_state(range(6, 15), edition=2)
    oldest = published(start, make_state(range(2))).live().name
    published(start, before)
    source = write_source(tmp_path / "a.jsonl", changed.values())
    arguments, after = {
        "reindex": (["reindex", "--jobs", "1", source], changed),
        "add": (["add", source], {**before, **changed}),
        "delete": (["delete", *list(before)[:4]], dict(list(before.items())[4:])),
    }[name]
    shutil.copytree(start, index)
    whole = driver.run(*arguments, "--index", index)
    assert whole.status == 0, whole.output
    for number, call in enumerate(whole.calls, 1):
        shutil.rmtree(index)
        shutil.copytree(start, index)
        if kind == "full disk":
            stop = Stop(call=number, when="fail")
        else:
            stop = Stop(call=number, signal=getattr(signal, kind))
        outcome = driver.run(*arguments, "--index", index, stop=stop)
        moment = f"{kind} at call {number} of {len(whole.calls)}, {call}: {outcome.output}"
        assert "Traceback" not in outcome.output, moment
        done = holds(index, after)
        assert done or holds(index, before), moment
        # Of a published build, the pruning of the oldest one may be left to the next command.
        assert set(unfinished(index)) <= ({f"generations/{oldest}"} if done else set()), moment
        Generations(index).clean()
        assert strays(index) == [], moment
        if kind == "full disk":
            assert outcome.status == 1 or (outcome.status == 0 and done), moment
        else:
            assert outcome.status == 1, moment
            assert "Aborted" in outcome.output, moment


@pytest.mark.parametrize("group", [False, True], ids=["alone", "with its processes"])
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_stopped_with_processes(tmp_path: Path, driver: Driver, kind: signal.Signals, group: bool) -> None:
    index = tmp_path / "index"
    before, after = make_state(range(40)), make_state(range(300), edition=2)
    published(index, before)
    source = write_source(tmp_path / "a.jsonl", after.values())
    arguments = ("reindex", "--jobs", "2", source, "--index", index)
    moments = random.Random(f"{kind} {group}")
    shutil.copytree(index, tmp_path / "other")
    duration = driver.run(*arguments[:-1], tmp_path / "other").seconds
    for _ in range(3):
        stop = Stop(signal=kind, seconds=moments.uniform(0, duration * 0.8), working=True, group=group)
        outcome = driver.run(*arguments, stop=stop)
        assert outcome.status in {0, 1}, outcome.output
        assert "Traceback" not in outcome.output
        assert unfinished(index) == []
        assert outcome.processes_after(15) == []
        assert unfinished(index) == []
        assert holds(index, after if outcome.status == 0 else before) or holds(index, after)
