"""Commands run in forks of one process that has imported everything, and stopped there at a chosen moment.

``Driver`` is the test's side; the module run as a program is the other. The program reads one JSON object a line and
answers with one.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SYNCS_AND_RENAMES = ("fsync", "replace", "rename")
DELETIONS = ("unlink", "remove", "rmdir")


@dataclass(frozen=True, slots=True)
class Stop:
    """When a command is stopped and how.

    At the system call number ``call`` (from 1) of the kinds that are watched: ``before`` it, ``after`` it, or with an
    error in its place (``fail``). Else ``seconds`` after its start or, with ``working``, after the first of these
    calls, by which it has the lock. ``group``: the signal goes to its child processes too, as from a terminal.
    """

    signal: int = signal.SIGKILL
    call: int = 0
    when: str = "before"
    seconds: float | None = None
    working: bool = False
    group: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """``status``: exit status, negative for a signal. ``calls``: names of the watched system calls, in order."""

    status: int
    calls: Sequence[str]
    output: str
    seconds: float
    session: int

    def processes(self) -> list[int]:
        """Processes that the command started, or itself, and that are still alive."""
        alive = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                if fields[3] == str(self.session) and fields[0] not in "ZX":
                    alive.append(int(entry.name))
        return alive

    def processes_after(self, seconds: float) -> list[int]:
        """Wait for all of them to end, at most so long; return those that have not."""
        deadline = time.monotonic() + seconds
        while (alive := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.02)
        return alive


class Driver:
    """Runs ``fihris`` commands that write. Close it in the end."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        )

    def run(self, *arguments: str | Path, stop: Stop | None = None) -> Outcome:
        assert self._process.stdin
        assert self._process.stdout
        request = {"arguments": [str(argument) for argument in arguments], "stop": asdict(stop) if stop else None}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return Outcome(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        self._process.communicate(timeout=30)


def _watch(stop: Stop, log: int) -> None:
    """Wrap the system calls, so that each is logged and the chosen one stops this process."""
    count = 0

    def wrap(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            nonlocal count
            count += 1
            os.write(log, f"{name}\n".encode())
            here = count == stop.call
            if here and stop.when == "before":
                os.kill(os.getpid(), stop.signal)
            if here and stop.when == "fail":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            result = real(*args, **kwargs)
            if here and stop.when == "after":
                os.kill(os.getpid(), stop.signal)
            return result

        return wrapped

    for name in SYNCS_AND_RENAMES + DELETIONS:
        setattr(os, name, wrap(name))


def _run_command(arguments: list[str], stop: Stop, log: int, output: int) -> None:
    import click

    from index.commands import COMMANDS

    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background inherits it ignored
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    status = 70
    try:
        _watch(stop, log)
        click.Group(commands={command.name or "": command for command in COMMANDS}).main(arguments, "fihris")
    except SystemExit as error:
        status = int(error.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _serve(arguments: list[str], stop: Stop) -> Outcome:
    log = os.memfd_create("log")
    output = os.memfd_create("output")
    begin = time.monotonic()
    child = os.fork()
    if child == 0:
        _run_command(arguments, stop, log, output)
    if stop.seconds is not None:
        while stop.working and not os.fstat(log).st_size:
            time.sleep(0.001)
            begin = time.monotonic()
        time.sleep(max(0.0, begin + stop.seconds - time.monotonic()))
        (os.killpg if stop.group else os.kill)(child, stop.signal)
    _, status = os.waitpid(child, 0)
    seconds = time.monotonic() - begin

    def content(descriptor: int) -> str:
        with open(descriptor, "rb") as file:
            file.seek(0)
            return file.read().decode("utf-8", "replace")

    return Outcome(os.waitstatus_to_exitcode(status), content(log).split(), content(output), seconds, child)


def main() -> None:
    import index.commands  # noqa: F401  # once, before the forks

    for line in sys.stdin:
        request = json.loads(line)
        outcome = _serve(request["arguments"], Stop(**request["stop"]) if request["stop"] else Stop())
        print(json.dumps(asdict(outcome)), flush=True)


if __name__ == "__main__":
    main()
