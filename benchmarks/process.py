"""A peer's process: started on one core, spoken to by lines, watched for its memory."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

from benchmarks.peers.protocol import Answer, Question

REPOSITORY = Path(__file__).resolve().parent.parent

_TICKS = os.sysconf("SC_CLK_TCK")
_WATCH_SECONDS = 0.05


class PeerError(RuntimeError):
    """A peer's process ended before it answered."""


@dataclass(frozen=True, slots=True)
class Build:
    """What building an index took.

    ``seconds`` by the wall clock, ``reading`` the CPU seconds of them that went into reading the articles, ``cpu`` the
    CPU seconds of all processes, ``memory`` the peak of the sum of their resident sets in bytes, ``size`` bytes on
    disk.
    """

    seconds: float
    reading: float
    cpu: float
    memory: int
    size: int


@dataclass(frozen=True, slots=True)
class Timed:
    """An answer and the seconds it took inside the peer."""

    seconds: float
    answer: Answer


class PeerProcess:
    """A peer that runs; a context manager that ends it. ``core``: the only one it may use, None for all."""

    def __init__(self, command: Sequence[str], core: int | None) -> None:
        with affinity(core):
            self._process = subprocess.Popen(
                command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
            )
        self._name = " ".join(command)

    def __enter__(self) -> PeerProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(BrokenPipeError):
                _there(pipe).close()

    def build(self, articles: Path, directory: Path) -> Build:
        """Have the prepared articles indexed in a new directory."""
        directory.mkdir(parents=True)
        pid = self._process.pid
        begin = cpu_seconds(pid)
        watch = _Watch(pid)
        try:
            elapsed, reading = self._call(f"build\t{articles}\t{directory}").split("\t")
        finally:
            memory = watch.stop()
        return Build(
            seconds=int(elapsed) / 1e9,
            reading=int(reading) / 1e9,
            cpu=cpu_seconds(pid) - begin,
            memory=memory,
            size=size(directory),
        )

    def open(self, directory: Path) -> int:
        """Open an index that was built; return the number of its segments."""
        return int(self._call(f"open\t{directory}"))

    def ask(self, questions: Sequence[Question]) -> list[Timed]:
        """Have the questions answered one after the other."""
        first = self._call(f"ask\t{len(questions)}", questions)
        lines = [first, *(self._read() for _ in questions[1:])]
        return [_timed(line) for line in lines]

    def warm(self, questions: Sequence[Question], seconds: float) -> None:
        """Have the questions asked for so long, at least once each."""
        self._call(f"warm\t{len(questions)}\t{seconds}", questions)

    def _call(self, command: str, questions: Sequence[Question] = ()) -> str:
        pipe = _there(self._process.stdin)
        try:
            pipe.write("".join(f"{line}\n" for line in (command, *(question.line() for question in questions))))
            pipe.flush()
        except BrokenPipeError:
            raise PeerError(f"{self._name} ended") from None
        return self._read()

    def _read(self) -> str:
        line = _there(self._process.stdout).readline()
        if not line:
            raise PeerError(f"{self._name} ended with status {self._process.wait()}")
        return line.rstrip("\n")


def _timed(line: str) -> Timed:
    nanoseconds, answer = line.split("\t", 1)
    return Timed(int(nanoseconds) / 1e9, Answer.read(answer))


def _there(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise PeerError("the process has no pipe")
    return pipe


@contextmanager
def affinity(core: int | None) -> Iterator[None]:
    """Let what is started meanwhile run on one core only; it inherits that from this thread."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def family(pid: int) -> list[int]:
    """The process and its descendants that live now."""
    found = [pid]
    for each in found:
        for children in Path(f"/proc/{each}/task").glob("*/children"):
            with suppress(OSError):
                found += map(int, children.read_text().split())
    return found


def size(directory: Path) -> int:
    """Bytes of all files in a directory; a file with two names counts once."""
    files = {(entry.stat().st_dev, entry.stat().st_ino): entry.stat().st_size for entry in directory.rglob("*")
             if entry.is_file()}  # fmt: skip
    return sum(files.values())


def cpu_seconds(pid: int) -> float:
    """CPU seconds of a process and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS


def memory_line(pid: int, file: str, name: str) -> int:
    """Bytes that the line ``name`` of a file such as ``status`` in /proc/PID says; 0 where the process is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return 0


class _Watch:
    """Looks again and again at the resident memory of a process and its descendants."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._stopped.wait(_WATCH_SECONDS):
            self._peak = max(self._peak, sum(memory_line(pid, "status", "VmRSS") for pid in family(self._pid)))

    def stop(self) -> int:
        """Stop looking; return the peak in bytes, at least what the kernel remembers of the process itself."""
        self._stopped.set()
        self._thread.join()
        return max(self._peak, memory_line(self._pid, "status", "VmHWM"))


def first_answer(command: Sequence[str], directory: Path, question: Question, core: int | None) -> float:
    """Seconds from starting a peer's process to its answer to a first question."""
    begin = time.perf_counter()
    with PeerProcess(command, core) as peer:
        peer.open(directory)
        peer.ask([question])
        return time.perf_counter() - begin
