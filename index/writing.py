"""The seam on the write side: what whoever holds the index can do, and what it tells of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from index.article import Article

Command = Literal["reindex", "add", "delete", "rollback"]


class PublicationError(RuntimeError):
    """A build was not published; the live index is as it was. The text says why."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a command did: articles written, articles replaced or deleted among those that were there, seconds."""

    generation: str
    written: int
    removed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Status:
    """The live index as ``fihris status`` shows it. ``size`` is in bytes; times are ISO 8601, UTC.

    ``deleted``: documents that wait for a merge to be reclaimed. Each engine tells more than this.
    """

    generation: str
    commit: int
    articles: int
    deleted: int
    size: int
    built: str
    analysis_version: str
    schema_version: str
    can_roll_back: bool


class Writer(Protocol):
    """Writes to an index. All calls but ``status`` and ``reject_log`` must come within ``locked``.

    They raise what ``index.commands`` names as failures.
    """

    def locked(
        self, command: Command, told: str, wait: float, on_wait: Callable[[str], None] | None = None
    ) -> AbstractContextManager[None]:
        """Keep other writers out, whom ``told`` is told to wait for; raises LockedError after ``wait`` seconds."""
        ...

    def reject_log(self, command: Command) -> Path:
        """The file to which a command logs what it rejects."""
        ...

    def rebuild(
        self,
        articles: Iterable[Article],
        *,
        jobs: int,
        memory: int,
        force: bool,
        rejected: Callable[[], int],
        protected: Collection[str],
    ) -> Change:
        """Build a new generation and publish it in one step.

        ``jobs``: processes or threads. ``memory``: MB that may be held. ``rejected`` is asked at the end.
        ``protected``: folded words to be left whole. Unless ``force``, a build without articles, or with fewer than
        half of the live one's, raises PublicationError and changes nothing; so does a build that does not verify.
        """
        ...

    def add(self, articles: Iterable[Article], *, memory: int, protected: Collection[str]) -> Change:
        """Insert or replace articles in the live generation; where there is none, they become the first one."""
        ...

    def delete(self, ids: Sequence[str]) -> Change:
        """Remove articles from the live generation; unknown ids are passed over."""
        ...

    def rollback(self) -> str:
        """Publish the previous generation again, and return its name; raises NoIndexError where there is none."""
        ...

    def status(self) -> Status:
        """Describe the live index; raises NoIndexError or RefusedIndexError."""
        ...
