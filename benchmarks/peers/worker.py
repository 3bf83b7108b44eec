"""The process round a Python peer: ``python -m benchmarks.peers.worker NAME [ARGUMENT...]``.

``NAME`` is a module of this package with a function ``make(*arguments)`` that returns a ``Peer``, and maybe one,
``read(line)``, that makes of a line what the peer indexes; else that is ``Prepared``. The lines it reads and writes are
those of ``benchmarks.peers.protocol``. Questions are timed here, so that no pipe is in the times.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Generic, TextIO, TypeVar

from benchmarks.peers.protocol import Peer, Prepared, Question

Item = TypeVar("Item")


class Articles(Generic[Item]):
    """The articles of a prepared file, read one at a time; ``reading`` sums up the CPU nanoseconds that this took."""

    def __init__(self, path: Path, read: Callable[[str], Item]) -> None:
        self._path = path
        self._read = read
        self.reading = 0

    def __iter__(self) -> Iterator[Item]:
        with self._path.open(encoding="utf-8", newline="\n") as lines:
            while True:
                begin = time.thread_time_ns()
                line = lines.readline()
                article = self._read(line) if line else None
                self.reading += time.thread_time_ns() - begin
                if article is None:
                    return
                yield article


def serve(peer: Peer[Item], read: Callable[[str], Item], commands: TextIO, answers: TextIO) -> None:
    """Carry out the commands of ``benchmarks.peers.protocol`` until they end."""

    def say(*words: object) -> None:
        answers.write("\t".join(map(str, words)) + "\n")
        answers.flush()

    for line in commands:
        command, *arguments = line.rstrip("\n").split("\t")
        if command == "build":
            articles = Articles(Path(arguments[0]), read)
            begin = time.perf_counter_ns()
            peer.build(articles, Path(arguments[1]))
            say(time.perf_counter_ns() - begin, articles.reading)
        elif command == "open":
            say(peer.open(Path(arguments[0])))
        else:
            questions = [Question.read(commands.readline()) for _ in range(int(arguments[0]))]
            if command == "ask":
                for question in questions:
                    begin = time.perf_counter_ns()
                    answer = peer.ask(question)
                    say(time.perf_counter_ns() - begin, answer.line())
            else:
                end = time.monotonic() + float(arguments[1])
                for question in questions:
                    peer.ask(question)
                while time.monotonic() < end:
                    for question in questions:
                        peer.ask(question)
                say("ok")


def main() -> None:
    name, *arguments = sys.argv[1:]
    # Whatever a library prints must not come between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    commands = os.fdopen(os.dup(0), "r", encoding="utf-8", newline="\n")
    module = importlib.import_module(f"benchmarks.peers.{name}")
    serve(module.make(*arguments), getattr(module, "read", Prepared.read), commands, answers)


if __name__ == "__main__":
    main()
