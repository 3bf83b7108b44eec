"""Building a new Whoosh index with several processes: each writes a part, and one commit adopts all their segments."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from whoosh.index import TOC

from index.article import Article
from index.durable import DurableStorage, sync_directory
from index.generation import Generation
from index.schema import build_schema, document
from index.segments import INDEX_NAME, create_index, open_writer

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_IN_FLIGHT = 2
"""Batches that one process may have before it: one at work, one waiting."""
_EXIT_SECONDS = 5.0


class BuildError(RuntimeError):
    """A process that builds a part failed; the text holds its traceback."""


class LocalPart:
    """A part that this process builds itself."""

    def __init__(self, directory: Path, memory: int) -> None:
        self.directory = directory
        self._writer = open_writer(create_index(directory), memory)

    def add(self, batch: Sequence[Article]) -> None:
        """Index some articles."""
        for article in batch:
            self._writer.add_document(**document(article))

    def finish(self) -> None:
        """Write everything to disk."""
        self._writer.commit(merge=False)

    def abandon(self) -> None:
        """Free what the part holds; its files are the caller's to delete."""
        with suppress(Exception):  # the writer may be in any state; nothing of it is kept
            self._writer.cancel()


class RemotePart:
    """A part that a process of its own builds."""

    def __init__(self, directory: Path, memory: int) -> None:
        self.directory = directory
        # Spawned, not forked: a fork would inherit the pipes of its siblings, and would then not notice the parent's
        # death, which it learns of from the end of its own pipe.
        context = multiprocessing.get_context("spawn")
        self.connection, inbox = context.Pipe()
        self._process = context.Process(target=_serve_part, args=(directory, memory, inbox), daemon=True)
        self._process.start()
        inbox.close()
        self.in_flight = 0

    def add(self, batch: Sequence[Article]) -> None:
        """Send some articles; the caller keeps ``in_flight`` below the limit."""
        try:
            self.connection.send(batch)
        except OSError:  # the process is gone; among its last answers is the reason
            while True:
                self.acknowledge()
        self.in_flight += 1

    def acknowledge(self) -> None:
        """Take one answer of the process; raises BuildError where it failed."""
        try:
            answer = self.connection.recv()
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
            self.acknowledge()
        self.connection.close()
        self._process.join()

    def abandon(self) -> None:
        """End the process."""
        self.connection.close()
        self._process.kill()
        self._process.join()


@contextmanager
def _signals_held() -> Iterator[None]:
    """Hold SIGINT and SIGTERM back while processes are started, so that none is started and then not known of."""
    resource_tracker.ensure_running()  # else the first start() does, which lets the signals through
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _serve_part(directory: Path, memory: int, inbox: Connection) -> None:
    """Build a part from the batches that come in; an empty batch ends it, and so, at once, does the parent's death.

    The generation is held, so that the writer after a killed one does not delete it under a process that still writes.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)  # inherited, as _signals_held left it
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
            part.add(batch)
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
    """The parts of one new index, fed batch by batch."""

    def __init__(self, home: Path, jobs: int, memory: int) -> None:
        self._home = home
        share = memory // jobs
        directories = [home / f"part-{number}" for number in range(jobs)]
        self._local = LocalPart(directories[0], share) if jobs == 1 else None
        self._remote: list[RemotePart] = []
        try:
            if jobs > 1:
                with _signals_held():
                    for directory in directories:
                        self._remote.append(RemotePart(directory, share))
        except BaseException:
            self.abandon()
            raise

    def add(self, batch: Sequence[Article]) -> None:
        """Give a batch to the least busy process, waiting for one where all are busy."""
        if self._local:
            self._local.add(batch)
            return
        while True:
            part = min(self._remote, key=lambda part: part.in_flight)
            ready = wait([part.connection for part in self._remote], 0 if part.in_flight < _IN_FLIGHT else None)
            for other in self._remote:
                if other.connection in ready:
                    other.acknowledge()
            if part.in_flight < _IN_FLIGHT:
                part.add(batch)
                return

    def finish(self) -> None:
        """Complete all parts and make one index of their segments in the home directory."""
        parts: list[LocalPart | RemotePart] = [self._local] if self._local else [*self._remote]
        for part in self._remote:
            part.add([])
        if self._local:
            self._local.finish()
        for part in self._remote:
            part.wait_until_finished()
        _adopt(self._home, [part.directory for part in parts])

    def abandon(self) -> None:
        """Stop all processes; the files are the caller's to delete."""
        for part in self._remote:
            part.abandon()
        if self._local:
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
