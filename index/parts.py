"""Building a new index with several processes: each writes a part, and one commit adopts all their segments.

The process that reads the articles builds a part too, of what the others have no time for: with few processes reading
takes less than its share of the work, with many all of its time.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from operator import attrgetter
from pathlib import Path
from queue import SimpleQueue
from types import ModuleType

from whoosh.index import TOC

from index.article import Article
from index.codec.segment import INDEX_NAME, ArraySegment
from index.durable import DurableStorage, sync_directory
from index.generation import Generation
from index.schema import build_schema
from index.segments import SegmentMaker

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_IN_FLIGHT = 8
"""Batches that one process may have before it: enough for the time in which this one builds from a batch itself."""
_EXIT_SECONDS = 5.0
_values = attrgetter(*(field.name for field in fields(Article)))  # tuples are pickled in half the time of objects


class BuildError(RuntimeError):
    """A process that builds a part failed; the text holds its traceback."""


class LocalPart:
    """A part that this process builds itself: a segment, or several where the memory or a segment's bounds are reached.

    ``memory``: bytes that the segment in the making may hold.
    """

    def __init__(self, directory: Path, memory: int) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self._memory = memory
        self._segments: list[ArraySegment] = []
        self._maker = SegmentMaker(directory, memory)

    def add(self, batch: Sequence[Article]) -> None:
        """Index some articles."""
        for article in batch:
            if self._maker.full:
                self._close()
                self._maker = SegmentMaker(self.directory, self._memory)
            self._maker.add(article)

    def _close(self) -> None:
        segment = self._maker.finish()
        if segment is not None:
            self._segments.append(segment)

    def finish(self) -> None:
        """Write everything to disk."""
        self._close()
        TOC(build_schema(), self._segments, 0).write(DurableStorage(str(self.directory)), INDEX_NAME)

    def abandon(self) -> None:
        """Free what the part holds; its files are the caller's to delete."""
        self._maker.abandon()


class RemotePart:
    """A part that a process of its own builds."""

    def __init__(self, directory: Path, memory: int) -> None:
        self.directory = directory
        # Spawned, not forked: a fork would inherit the pipes of its siblings, and would then not notice the parent's
        # death, which it learns of from the end of its own pipe.
        context = multiprocessing.get_context("spawn")
        self._connection, inbox = context.Pipe()
        self._process = context.Process(target=_serve_part, args=(directory, memory, inbox), daemon=True)
        self._process.start()
        inbox.close()
        self.in_flight = 0
        # A pipe holds less than a batch; the thread waits until the process takes the rest, and we need not.
        self._outbox: SimpleQueue[list[tuple[str, ...]] | None] = SimpleQueue()
        self._sender = threading.Thread(target=self._send, daemon=True)
        self._sender.start()

    def _send(self) -> None:
        with suppress(OSError):  # the process is gone; what it answered last, or that nothing comes, tells why
            while (batch := self._outbox.get()) is not None:
                self._connection.send(batch)

    def add(self, batch: Sequence[Article]) -> None:
        """Send some articles; the caller keeps ``in_flight`` below the limit. Raises BuildError as ``listen`` does."""
        self.listen()
        self._outbox.put([_values(article) for article in batch])
        self.in_flight += 1

    def listen(self) -> None:
        """Take the answers of the process that are there; raises BuildError where it failed."""
        while self._connection.poll():
            self._acknowledge()

    def _acknowledge(self) -> None:
        try:
            answer = self._connection.recv()
        except (EOFError, OSError):
            self._process.join(_EXIT_SECONDS)
            raise BuildError(
                f"the process building {self.directory.name} ended early, with exit status {self._process.exitcode} "
                "(-9: killed, perhaps for want of memory: lower --jobs or --memory); the live index is unchanged"
            ) from None
        if answer is not None:
            raise BuildError(answer)
        self.in_flight -= 1

    def wait_until_finished(self) -> None:
        """Wait until the process, sent an empty batch, has written everything to disk."""
        while self.in_flight:
            self._acknowledge()
        self._process.join()
        self._close()

    def abandon(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self._close()

    def _close(self) -> None:
        self._outbox.put(None)
        self._sender.join()
        self._connection.close()


@contextmanager
def _starting() -> Iterator[None]:
    """Hold SIGINT and SIGTERM back while processes are started, so that none is started and then not known of.

    And hide the main module: a new process would import it again, with the whole program behind it, and needs nothing
    but this one.
    """
    resource_tracker.ensure_running()  # else the first start() does, which lets the signals through
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _serve_part(directory: Path, memory: int, inbox: Connection) -> None:
    """Build a part from the batches that come in; an empty batch ends it, and so, at once, does the parent's death.

    The generation is held, so that the writer after a killed one does not delete it under a process that still writes.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)  # inherited, as _starting left it
    parent = multiprocessing.parent_process()
    try:
        hold = Generation(directory.parent).hold()
    except FileNotFoundError:
        return  # deleted: the parent died before we began
    if parent is None or not parent.is_alive():
        return
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    try:
        part = LocalPart(directory, memory)
        while batch := inbox.recv():
            part.add([Article(*values) for values in batch])
            inbox.send(None)
        part.finish()
        inbox.send(None)
    except EOFError:
        return
    except OSError as error:  # a full disk is no fault of the program: it needs no traceback
        inbox.send(str(error))
    except Exception:  # told to the parent, which raises it
        inbox.send(traceback.format_exc())
    finally:
        hold.release()


class Parts:
    """The parts of one new index, fed batch by batch. ``memory``: MB that all of them together may hold."""

    def __init__(self, home: Path, jobs: int, memory: int) -> None:
        self._home = home
        share = (memory << 20) // jobs
        self._local = LocalPart(home / "part-0", share)
        self._remote: list[RemotePart] = []
        try:
            if jobs > 1:
                with _starting():
                    for number in range(1, jobs):
                        self._remote.append(RemotePart(home / f"part-{number}", share))
        except BaseException:
            self.abandon()
            raise

    def add(self, batch: Sequence[Article]) -> None:
        """Give a batch to the least busy process, or build from it here where all are busy."""
        for part in self._remote:
            part.listen()
        idle = [part for part in self._remote if part.in_flight < _IN_FLIGHT]
        if idle:
            min(idle, key=lambda part: part.in_flight).add(batch)
        else:
            self._local.add(batch)

    def finish(self) -> None:
        """Complete all parts and make one index of their segments in the home directory."""
        for part in self._remote:
            part.add([])
        self._local.finish()
        for part in self._remote:
            part.wait_until_finished()
        _adopt(self._home, [self._local.directory, *(part.directory for part in self._remote)])

    def abandon(self) -> None:
        """Stop all processes; the files are the caller's to delete."""
        for part in self._remote:
            part.abandon()
        self._local.abandon()


def _adopt(home: Path, parts: Sequence[Path]) -> None:
    """Move the parts' segment files up and write the one table of contents (TOC) that names them all."""
    storage = DurableStorage(str(home))
    schema = build_schema()
    segments = []
    for directory in parts:
        toc = TOC.read(DurableStorage(str(directory)), INDEX_NAME, schema=schema)
        for segment in toc.segments:
            if segment.doc_count_all():
                segments.append(segment)
                for file in directory.glob(f"{segment.segment_id()}.*"):
                    file.rename(home / file.name)
    sync_directory(home)
    TOC(schema, segments, 1).write(storage, INDEX_NAME)
    for directory in parts:
        shutil.rmtree(directory)
