"""Generations: every full build of the index is a directory of its own, and one small file says which one is live.

::

    var/index/
      live.json                   the live generation's name and the one before it; replaced in one rename
      write.lock                  held by the one writer
      rejects.jsonl               what the last command could not index, and why
      fallbacks                   a byte for every question that went to Whoosh's own searcher
      generations/NAME/
        manifest.json             written last: a directory without one is an unfinished build
        in-use.lock               held shared by every reader, and by every process that builds a part
        _MAIN_*.toc               Whoosh's table of contents, one for each commit; the latest counts
        MAIN_*.arrays             its segments
        MAIN_*.completions        what is suggested of their articles while somebody types
        MAIN.completions          the same for all that it was published with, where they are many
        MAIN.families             the word families of its vocabulary
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from index.durable import sync_directory, temporary_name, write_atomically
from index.generation import Generation, Hold, Manifest, RefusedIndexError
from index.lock import LockedError

__all__ = ["Generation", "Generations", "Hold", "Manifest", "NoIndexError", "RefusedIndexError"]

_NAME = re.compile(r"\d{8}T\d{6}-[0-9a-f]{6}")
_BUILDERS_SECONDS = 10.0
"""How long the processes of a killed build are given to notice their parent's death; they take milliseconds."""


_SETTLED = 1_000_000_000
"""Nanoseconds after which no second change can have the same time as the last one."""


class NoIndexError(RuntimeError):
    """Nothing has been published in this directory yet."""


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no generation's name")
    return name


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

    def stamp(self, generation: Generation) -> tuple[int, int, int] | None:
        """Return what changes when another generation or commit goes live, or None where it may be about to change.

        The pointer's and the generation's own times, which the file system keeps: two changes within its clock's
        resolution cannot be told apart, so that recent ones give None.
        """
        try:
            pointer, directory = os.stat(self._pointer), os.stat(generation.directory)
        except FileNotFoundError:
            return None
        if max(pointer.st_mtime_ns, directory.st_mtime_ns) > time.time_ns() - _SETTLED:
            return None
        return pointer.st_ino, pointer.st_mtime_ns, directory.st_mtime_ns

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
        generation.make()
        return generation

    def publish(self, generation: Generation) -> None:
        """Make a complete generation the live one, in one rename, and remember the one it replaces."""
        sync_directory(generation.directory)
        sync_directory(self._home)
        try:
            replaced = self._read_pointer().get("live", "")
        except RefusedIndexError:
            # Which one was live is lost; the last one that was built is the likeliest.
            others = [other for other in self._all() if other.is_complete() and other != generation]
            replaced = max(others, key=Generation.completed).name if others else ""
        self._point(generation.name, replaced)

    def rollback(self) -> Generation:
        """Make the previous generation the live one again, and the live one the previous. Return it.

        Raises NoIndexError where there is none, and RefusedIndexError where it is damaged.
        """
        self.clean()
        previous = self.previous()
        previous.verify()
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
                # A damaged index is left as it is: a reindex must still be possible.
                with suppress(RefusedIndexError, LockedError):
                    generation.remove_strays()
            elif generation.is_free(0.0 if generation.is_complete() else _BUILDERS_SECONDS):
                self.discard(generation)

    def _all(self) -> list[Generation]:
        return [Generation(path) for path in self._home.glob("*") if path.is_dir()]
