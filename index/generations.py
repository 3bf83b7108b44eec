"""Generations: every full build of the index is a directory of its own, and one small file says which one is live.

::

    var/index/
      live.json                   the live generation's name and the one before it; replaced in one rename
      write.lock                  held by the one writer
      rejects.jsonl               what the last command could not index, and why
      generations/NAME/
        manifest.json             written last: a directory without one is an unfinished build
        in-use.lock               held shared by every reader
        MAIN_*.seg, _MAIN_*.toc   a Whoosh index
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from whoosh.index import TOC, FileIndex

from index.arabic import ANALYSIS_VERSION
from index.durable import DurableStorage, sync_directory, write_atomically
from index.schema import SCHEMA_VERSION, build_schema
from index.segments import INDEX_NAME

_MANIFEST = "manifest.json"
_IN_USE = "in-use.lock"


class NoIndexError(RuntimeError):
    """Nothing has been published in this directory yet."""


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
        """Directory name: the UTC time of its start and a random part."""
        return self.directory.name

    def manifest(self) -> Manifest:
        """Read the manifest; raises RefusedIndexError where it is missing, unreadable or of another version."""
        try:
            manifest = Manifest(**json.loads((self.directory / _MANIFEST).read_bytes()))
        except (OSError, ValueError, TypeError) as error:
            raise RefusedIndexError(f"{self.directory / _MANIFEST} cannot be read: {error}") from None
        for what, found, wanted in (
            ("analysis", manifest.analysis_version, ANALYSIS_VERSION),
            ("schema", manifest.schema_version, SCHEMA_VERSION),
        ):
            if found != wanted:
                raise RefusedIndexError(
                    f"the index {self.directory} was built with {what} version {found}, this program needs "
                    f"{wanted}: run `fihris reindex` on your articles again"
                )
        return manifest

    def write_manifest(self, manifest: Manifest) -> None:
        """Mark the build as complete."""
        write_atomically(self.directory / _MANIFEST, json.dumps(asdict(manifest), indent=1).encode())

    def is_complete(self) -> bool:
        """Tell whether the build was finished."""
        return (self.directory / _MANIFEST).exists()

    def open_index(self) -> FileIndex:
        """Open the Whoosh index for reading or writing, at its latest commit."""
        try:
            return FileIndex(DurableStorage(str(self.directory)), schema=build_schema(), indexname=INDEX_NAME)
        except Exception as error:  # Whoosh raises anything, from TypeError to EOFError, on a damaged TOC
            raise RefusedIndexError(f"the index {self.directory} cannot be opened: {error!r}") from error

    def commit_number(self) -> int:
        """Number of the latest commit; grows with every add and delete."""
        return int(TOC._latest_generation(DurableStorage(str(self.directory)), INDEX_NAME))

    def size(self) -> int:
        """Bytes on disk."""
        return sum(entry.stat().st_size for entry in os.scandir(self.directory) if entry.is_file())

    def hold(self) -> Hold:
        """Keep the generation from being pruned until the hold is released or its process ends."""
        return Hold(self.directory / _IN_USE)

    def remove_strays(self) -> None:
        """Delete what a killed writer left: files that the latest commit does not name."""
        number = self.commit_number()
        segments = tuple(f"{segment.segment_id()}." for segment in self.open_index()._segments())
        kept = {_MANIFEST, _IN_USE, TOC._filename(INDEX_NAME, number), f"{INDEX_NAME}_WRITELOCK"}
        for entry in os.scandir(self.directory):
            if entry.is_dir():
                shutil.rmtree(entry.path)
            elif entry.name not in kept and not (segments and entry.name.startswith(segments)):
                os.unlink(entry.path)


class Hold:
    """A shared lock on a generation, held while a reader has it open."""

    def __init__(self, path: Path) -> None:
        self._descriptor: int | None = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def release(self) -> None:
        """Let go; more than once is fine."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class Generations:
    """The generations of one index directory. All writing calls need the write lock to be held."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._pointer = root / "live.json"
        self._home = root / "generations"

    def live(self) -> Generation:
        """Return the published generation; raises NoIndexError before the first publication."""
        return self._named("live")

    def previous(self) -> Generation:
        """Return the one that a rollback would publish; raises NoIndexError where there is none."""
        return self._named("previous")

    def _named(self, role: str) -> Generation:
        name = self._read_pointer().get(role)
        if not name:
            raise NoIndexError(f"no {role} index in {self.root}: run `fihris reindex` on your articles first")
        return Generation(self._home / name)

    def _read_pointer(self) -> dict[str, Any]:
        try:
            pointer = json.loads(self._pointer.read_bytes())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise RefusedIndexError(f"{self._pointer} cannot be read: {error}") from None
        return pointer if isinstance(pointer, dict) else {}

    def open_live(self) -> tuple[Generation, Hold]:
        """Return the live generation, held against pruning; raises NoIndexError before the first publication."""
        while True:
            generation = self.live()
            try:
                hold = generation.hold()
            except FileNotFoundError:
                if self.live() == generation:
                    raise NoIndexError(f"{generation.directory} is missing: run `fihris reindex`") from None
                continue  # published over and pruned between the two look-ups
            if self.live() == generation:
                return generation, hold
            hold.release()

    def create(self) -> Generation:
        """Make the directory of a new, unpublished generation."""
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        generation = Generation(self._home / f"{stamp}-{secrets.token_hex(3)}")
        generation.directory.mkdir(parents=True)
        (generation.directory / _IN_USE).touch()
        return generation

    def publish(self, generation: Generation) -> None:
        """Make a complete generation the live one, in one rename, and remember the one it replaces."""
        sync_directory(generation.directory)
        sync_directory(self._home)
        live = self._read_pointer().get("live", "")
        self._point(generation.name, live)

    def rollback(self) -> Generation:
        """Make the previous generation the live one again, and the live one the previous. Return it."""
        previous = self.previous()
        previous.manifest()
        self._point(previous.name, self.live().name)
        return previous

    def _point(self, live: str, previous: str) -> None:
        pointer = {"live": live, "previous": previous}
        write_atomically(self._pointer, json.dumps(pointer, indent=1).encode())

    def discard(self, generation: Generation) -> None:
        """Delete an unpublished generation."""
        shutil.rmtree(generation.directory, ignore_errors=True)

    def clean(self) -> None:
        """Delete unfinished builds, strays in the live generation, and old generations that nobody reads."""
        pointer = self._read_pointer()
        kept = {pointer.get("live"), pointer.get("previous")} - {"", None}
        if not self._home.exists():
            return
        for entry in os.scandir(self._home):
            generation = Generation(Path(entry.path))
            if entry.name in kept:
                with suppress(RefusedIndexError):  # a damaged index is left as it is: a reindex must still be possible
                    generation.remove_strays()
            elif not generation.is_complete() or not self._is_read(generation):
                self.discard(generation)

    def _is_read(self, generation: Generation) -> bool:
        try:
            with (generation.directory / _IN_USE).open("rb+") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False
