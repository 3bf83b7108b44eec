"""One generation of the index: a directory with a whole build in it, who holds it, and what belongs to it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from whoosh.index import TOC, EmptyIndexError, FileIndex

from index.arabic import ANALYSIS_VERSION
from index.codec.container import DamagedFileError, FormatVersionError
from index.codec.layout import open_segment
from index.codec.segment import INDEX_NAME, ArraySegment
from index.completions import FILE_NAME as COMPLETIONS
from index.completions import OpenedCompletions
from index.durable import DurableStorage, write_atomically
from index.families import FILE_NAME as FAMILIES
from index.families import published
from index.lock import LockedError
from index.schema import SCHEMA_VERSION, build_schema

T = TypeVar("T")

_MANIFEST = "manifest.json"
_IN_USE = "in-use.lock"
_WHOOSH_LOCK = f"{INDEX_NAME}_WRITELOCK"
_OPEN_ATTEMPTS = 5
_POLL_SECONDS = 0.02


class RefusedIndexError(RuntimeError):
    """The index was built by another version of the analysis or the schema, or is damaged; the text says which."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a build was: versions, counts, and when (ISO 8601, UTC). Adding and deleting later does not change it."""

    analysis_version: str
    schema_version: str
    articles: int
    rejected: int
    started: str
    finished: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Generation:
    """One build on disk."""

    directory: Path

    @property
    def name(self) -> str:
        """Directory name: the UTC time of its start and a random part (``_NAME``)."""
        return self.directory.name

    def make(self) -> None:
        """Make the directory, without an index in it yet."""
        self.directory.mkdir(parents=True)
        (self.directory / _IN_USE).touch()

    def manifest(self) -> Manifest:
        """Read the manifest; raises RefusedIndexError where it is missing, unreadable or of another version."""
        path = self.directory / _MANIFEST
        try:
            # The versions are looked at first: another version's manifest may well have other fields.
            values = json.loads(path.read_bytes())
            for what, wanted in (("analysis", ANALYSIS_VERSION), ("schema", SCHEMA_VERSION)):
                found = values[f"{what}_version"]
                if found != wanted:
                    raise RefusedIndexError(
                        f"the index {self.directory} was built with {what} version {found}, this program needs "
                        f"{wanted}: run `fihris reindex` on your articles again"
                    )
            return Manifest(**values)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise RefusedIndexError(f"{path} cannot be read ({error!r}): run `fihris reindex`") from None

    def write_manifest(self, manifest: Manifest) -> None:
        """Mark the build as complete."""
        write_atomically(self.directory / _MANIFEST, json.dumps(asdict(manifest), indent=1).encode())

    def is_complete(self) -> bool:
        """Tell whether the build was finished."""
        return (self.directory / _MANIFEST).exists()

    def completed(self) -> int:
        """When the build was finished, in nanoseconds since 1970."""
        return (self.directory / _MANIFEST).stat().st_mtime_ns

    def open_index(self) -> FileIndex:
        """Open the Whoosh index for reading or writing, at its latest commit; raises RefusedIndexError."""
        return self._opened(lambda: FileIndex(self._storage(), schema=build_schema(), indexname=INDEX_NAME))

    def contents(self) -> TOC:
        """Read the latest table of contents: its segments and its number; raises RefusedIndexError."""
        return self._opened(lambda: TOC.read(self._storage(), INDEX_NAME, schema=build_schema()))

    def _opened(self, opening: Callable[[], T]) -> T:
        attempt = 0
        while True:
            attempt += 1
            try:
                return opening()
            except Exception as error:  # Whoosh raises anything, from TypeError to EOFError, on a damaged TOC
                # A commit may replace the TOC between the look-up of its name and its opening: look again.
                if attempt < _OPEN_ATTEMPTS and isinstance(error, FileNotFoundError | EmptyIndexError):
                    continue
                raise RefusedIndexError(
                    f"the index {self.directory} cannot be opened ({error!r}): run `fihris reindex`"
                ) from error

    def _storage(self) -> DurableStorage:
        return DurableStorage(str(self.directory))

    @contextmanager
    def refusing_damage(self) -> Iterator[None]:
        """Raise RefusedIndexError for what is wrong with a file of arrays; for whoever holds the write lock."""
        try:
            yield
        except DamagedFileError as error:
            raise RefusedIndexError(f"{error}: run `fihris reindex`") from error
        except FormatVersionError as error:
            raise RefusedIndexError(str(error)) from error
        except FileNotFoundError as error:
            raise RefusedIndexError(f"{error.filename} is missing: run `fihris reindex`") from error

    def verify(self) -> None:
        """Open all that a server would, wholly; raises RefusedIndexError."""
        self.manifest()
        segments = [segment for segment in self.contents().segments if isinstance(segment, ArraySegment)]
        with self.refusing_damage():
            for segment in segments:
                open_segment(segment.file(self.directory))
            OpenedCompletions().open(self.directory, segments)
            published(self.directory)

    def article_count(self) -> int:
        """Count the articles, from the table of contents alone; raises RefusedIndexError."""
        return sum(segment.doc_count() for segment in self.contents().segments)

    def commit_number(self) -> int:
        """Number of the latest commit; grows with every add and delete."""
        return int(TOC._latest_generation(self._storage(), INDEX_NAME))

    def size(self) -> int:
        """Bytes on disk."""
        total = 0
        for entry in os.scandir(self.directory):
            with suppress(FileNotFoundError):  # a commit may delete while we count
                total += entry.stat().st_size
        return total

    def hold(self) -> Hold:
        """Keep the generation from being deleted until the hold is released or its process ends."""
        return Hold(self.directory / _IN_USE)

    def is_free(self, wait: float) -> bool:
        """Tell whether nobody holds the generation, waiting up to so many seconds for the last one to let go."""
        deadline = time.monotonic() + wait
        while True:
            try:
                with (self.directory / _IN_USE).open("rb+") as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except FileNotFoundError:
                return True
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    return False
                time.sleep(_POLL_SECONDS)
            else:
                return True

    def whoosh_lock(self) -> Any:
        """Return the lock that Whoosh's own writers take on the index (``acquire``, ``release``)."""
        return self._storage().lock(_WHOOSH_LOCK)

    def remove_strays(self) -> None:
        """Delete what a killed writer left: files that the latest commit does not name.

        Raises RefusedIndexError, and deletes nothing, where what belongs to the index cannot be known; LockedError
        where a program writes to it through Whoosh.
        """
        self.manifest()  # another version's index may rightly hold other files
        lock = self.whoosh_lock()
        if not lock.acquire():
            raise LockedError(f"{self.directory} is being written by another program, through Whoosh")
        try:
            contents = self.contents()
            segments = tuple(f"{segment.segment_id()}." for segment in contents.segments)
            kept = {
                _MANIFEST,
                _IN_USE,
                FAMILIES,
                COMPLETIONS,
                TOC._filename(INDEX_NAME, contents.generation),
                _WHOOSH_LOCK,
            }
            for entry in os.scandir(self.directory):
                if entry.is_dir():
                    shutil.rmtree(entry.path)
                elif entry.name not in kept and not (segments and entry.name.startswith(segments)):
                    os.unlink(entry.path)
        finally:
            lock.release()


class Hold:
    """A shared lock on a generation, held while a reader or a builder has it open."""

    def __init__(self, path: Path) -> None:
        self._descriptor: int | None = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def release(self) -> None:
        """Let go; more than once is fine."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
