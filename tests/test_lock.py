"""The write lock: the second writer waits, is told for whom, gives up in time, and a killed one blocks nobody."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from stored_state import holds, make_state, write_source

from index.commands import add, reindex
from index.lock import LockedError, write_lock

HOLD = """
import sys, time
from pathlib import Path
from index.lock import write_lock
with write_lock(Path(sys.argv[1]), "fihris reindex of the killed", 0):
    print("held", flush=True)
    time.sleep(600)
"""


def test_second_writer_waits_and_is_told_for_whom(tmp_path: Path) -> None:
    held, release = threading.Event(), threading.Event()
    order: list[str] = []

    def first() -> None:
        with write_lock(tmp_path, "fihris reindex corpus", 0):
            held.set()
            assert release.wait(60)
            order.append("first done")

    told: list[str] = []

    def tell(sentence: str) -> None:
        told.append(sentence)
        release.set()

    holder = threading.Thread(target=first)
    holder.start()
    assert held.wait(60)
    with write_lock(tmp_path, "fihris add", 60, on_wait=tell):
        order.append("second in")
    holder.join()
    assert order == ["first done", "second in"]
    assert len(told) == 1
    assert "fihris reindex corpus" in told[0]
    assert "process" in told[0]


def test_nobody_is_told_of_a_free_lock(tmp_path: Path) -> None:
    told: list[str] = []
    for _ in range(2):
        with write_lock(tmp_path / "new", "fihris add", 0, on_wait=told.append):
            pass
    assert told == []


def test_waiting_ends_in_an_error_that_names_the_holder(tmp_path: Path) -> None:
    with (
        write_lock(tmp_path, "fihris reindex corpus", 0),
        pytest.raises(LockedError, match=r"fihris reindex corpus.*gave up after 0\.2 s"),
        write_lock(tmp_path, "fihris add", 0.2),
    ):
        pytest.fail("two writers at once")


def test_command_gives_up_with_status_1(tmp_path: Path) -> None:
    source = write_source(tmp_path / "a.jsonl", make_state(range(3)).values())
    index = tmp_path / "index"
    with write_lock(index, "fihris reindex corpus", 0):
        result = CliRunner().invoke(add, [str(source), "--index", str(index), "--wait", "0.2"])
    assert result.exit_code == 1
    assert "fihris reindex corpus" in result.output
    assert "Traceback" not in result.output
    assert not (index / "live.json").exists()


def test_command_goes_on_when_the_lock_is_free(tmp_path: Path) -> None:
    state = make_state(range(3))
    source = write_source(tmp_path / "a.jsonl", state.values())
    index = tmp_path / "index"
    held = threading.Event()

    def first() -> None:
        with write_lock(index, "fihris delete", 0):
            held.set()
            threading.Event().wait(0.5)

    holder = threading.Thread(target=first)
    holder.start()
    assert held.wait(60)
    result = CliRunner().invoke(reindex, [str(source), "--jobs", "1", "--index", str(index), "--wait", "60"])
    holder.join()
    assert result.exit_code == 0, result.output
    assert "waiting up to 60 s for `fihris delete`" in result.output
    assert holds(index, state)


def test_lock_is_free_after_an_error_and_names_nobody(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), write_lock(tmp_path, "fihris reindex", 0):
        _ = 1 / 0
    assert (tmp_path / "write.lock").read_text() == ""
    with write_lock(tmp_path, "fihris add", 0):
        assert "fihris add" in (tmp_path / "write.lock").read_text()


def test_holder_without_a_name(tmp_path: Path) -> None:
    """Between locking and writing its name, or with a name cut off by a full disk."""
    with write_lock(tmp_path, "fihris reindex", 0):
        (tmp_path / "write.lock").write_text('{"pid": 1')
        with pytest.raises(LockedError, match="another process"), write_lock(tmp_path, "fihris add", 0):
            pytest.fail("two writers at once")


def test_killed_holder_blocks_nobody(tmp_path: Path) -> None:
    repository = Path(__file__).parent.parent
    with subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE, cwd=repository) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(LockedError, match="fihris reindex of the killed"), write_lock(tmp_path, "fihris add", 0):
            pytest.fail("two writers at once")
        process.send_signal(signal.SIGKILL)
        process.wait(60)
    with write_lock(tmp_path, "fihris add", 0):
        assert "fihris add" in (tmp_path / "write.lock").read_text()
