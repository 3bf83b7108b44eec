"""One writer at a time: a lock on the index directory that says who holds it."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

_POLL_SECONDS = 0.1


class LockedError(RuntimeError):
    """Another writer holds the index and did not finish in time; the text says which."""


@contextmanager
def write_lock(
    directory: Path, command: str, wait: float, on_wait: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Hold the directory's write lock, waiting up to ``wait`` seconds for another writer.

    ``command`` is what the next one in line is told. ``on_wait`` is called once, with a sentence that names the holder,
    before waiting. Raises LockedError when the time is up. The kernel frees the lock when the process ends, however it
    ends, so a killed writer blocks nobody.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "write.lock").open("a+") as file:
        deadline = time.monotonic() + wait
        told = False
        while not _try_lock(file.fileno()):
            holder = _holder(file)
            if time.monotonic() >= deadline:
                raise LockedError(f"{directory} is being written by {holder}; gave up after {wait:g} s")
            if on_wait and not told:
                on_wait(f"waiting up to {wait:g} s for {holder}")
                told = True
            time.sleep(_POLL_SECONDS)
        file.seek(0)
        file.truncate()
        started = datetime.now(UTC).isoformat(timespec="seconds")
        file.write(json.dumps({"pid": os.getpid(), "command": command, "since": started}))
        file.flush()
        try:
            yield
        finally:
            file.seek(0)
            file.truncate()


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(file: TextIO) -> str:
    """Return a phrase for who holds the lock; the holder may be between locking and writing its name."""
    try:
        file.seek(0)
        record = json.loads(file.read())
        return f"`{record['command']}` (process {record['pid']}, since {record['since']})"
    except (ValueError, KeyError, TypeError):
        return "another process"
