"""Generations: every full build of the index is a directory of its own, and one small file says which one is live.

::

    var/index/
      live.json                   the live generation's name and the one before it; replaced in one rename
      write.lock                  held by the one writer
      rejects.jsonl               what the last command could not index, and why
      generations/NAME/
        manifest.json             written last: a directory without one is an unfinished build
        in-use.lock               held shared by every reader, and by every process that builds a part
        MAIN_*.seg, _MAIN_*.toc   a Whoosh index
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from whoosh.index import TOC, EmptyIndexError, FileIndex

from index.arabic import ANALYSIS_VERSION
from index.durable import DurableStorage, sync_directory, temporary_name, write_atomically
from index.schema import SCHEMA_VERSION, build_schema
from index.segments import INDEX_NAME

_MANIFEST = "manifest.json"
_IN_USE = "in-use.lock"
_NAME = re.compile(r"\d{8}T\d{6}-[0-9a-f]{6}")

_OPEN_ATTEMPTS = 5
_POLL_SECONDS = 0.02
_BUILDERS_SECONDS = 10.0
"""How long the processes of a killed build are given to notice their parent's death; they take milliseconds."""


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
        """Directory name: the UTC time of its start and a random part (``_NAME``)."""
        return self.directory.name

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

    def open_index(self) -> FileIndex:
        """Open the Whoosh index for reading or writing, at its latest commit; raises RefusedIndexError."""
        attempt = 0
        while True:
            attempt += 1
            try:
                return FileIndex(DurableStorage(str(self.directory)), schema=build_schema(), indexname=INDEX_NAME)
            except Exception as error:  # Whoosh raises anything, from TypeError to EOFError, on a damaged TOC
                # A commit may replace the TOC between the look-up of its name and its opening: look again.
                if attempt < _OPEN_ATTEMPTS and isinstance(error, FileNotFoundError | EmptyIndexError):
                    continue
                raise RefusedIndexError(
                    f"the index {self.directory} cannot be opened ({error!r}): run `fihris reindex`"
                ) from error

    def article_count(self) -> int:
        """Count the articles, from the table of contents alone; raises RefusedIndexError."""
        return sum(segment.doc_count() for segment in self.open_index()._segments())

    def commit_number(self) -> int:
        """Number of the latest commit; grows with every add and delete."""
        return int(TOC._latest_generation(DurableStorage(str(self.directory)), INDEX_NAME))

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

    def remove_strays(self) -> None:
        """Delete what a killed writer left: files that the latest commit does not name.

        Raises RefusedIndexError, and deletes nothing, where what belongs to the index cannot be known.
        """
        self.manifest()  # another version's index may rightly hold other files
        number = self.commit_number()
        segments = tuple(f"{segment.segment_id()}." for segment in self.open_index()._segments())
        kept = {_MANIFEST, _IN_USE, TOC._filename(INDEX_NAME, number), f"{INDEX_NAME}_WRITELOCK"}
        for entry in os.scandir(self.directory):
            if entry.is_dir():
                shutil.rmtree(entry.path)
            elif entry.name not in kept and not (segments and entry.name.startswith(segments)):
                os.unlink(entry.path)


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no generation's name")
    return name


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

    def _read_pointer(self) -> dict[str, str]:
        try:
            pointer = json.loads(self._pointer.read_bytes())
            names = {"live": _checked_name(pointer["live"])}
            if pointer["previous"]:
                names["previous"] = _checked_name(pointer["previous"])
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise RefusedIndexError(f"{self._pointer} cannot be read ({error!r}): run `fihris reindex`") from None
        return names

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
        try:
            replaced = self._read_pointer().get("live", "")
        except RefusedIndexError:
            # Which one was live is lost: names begin with the time, so the last one is the likeliest.
            others = [other.name for other in self._all() if other.is_complete() and other != generation]
            replaced = max(others, default="")
        self._point(generation.name, replaced)

    def rollback(self) -> Generation:
        """Make the previous generation the live one again, and the live one the previous. Return it.

        Raises NoIndexError where there is none, and RefusedIndexError where it cannot be opened.
        """
        self.clean()
        previous = self.previous()
        previous.manifest()
        previous.open_index()
        self._point(previous.name, self.live().name)
        return previous

    def _point(self, live: str, previous: str) -> None:
        pointer = {"live": live, "previous": previous}
        write_atomically(self._pointer, json.dumps(pointer, indent=1).encode())

    def discard(self, generation: Generation) -> None:
        """Delete a generation that is not live: a build that was stopped right after its publication stays."""
        with suppress(RefusedIndexError):
            if self._read_pointer().get("live") == generation.name:
                return
        shutil.rmtree(generation.directory, ignore_errors=True)

    def clean(self) -> None:
        """Delete what a killed writer left, and old generations that nobody reads."""
        temporary_name(self._pointer).unlink(missing_ok=True)
        try:
            kept = set(self._read_pointer().values())
        except RefusedIndexError:
            # Damaged: any complete generation may be the live one. The next publication repairs it.
            kept = {generation.name for generation in self._all() if generation.is_complete()}
        for generation in self._all():
            if generation.name in kept:
                with suppress(RefusedIndexError):  # a damaged index is left as it is: a reindex must still be possible
                    generation.remove_strays()
            elif generation.is_free(0.0 if generation.is_complete() else _BUILDERS_SECONDS):
                self.discard(generation)

    def _all(self) -> list[Generation]:
        return [Generation(path) for path in self._home.glob("*") if path.is_dir()]
