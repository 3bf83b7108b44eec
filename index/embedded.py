"""The write side of the embedded engine: rebuild, add and delete, each one atomic step for whoever searches."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from index import completions, fallbacks, families
from index.arabic import ANALYSIS_VERSION
from index.article import Article
from index.codec.builder import Extras
from index.codec.container import DamagedFileError
from index.codec.layout import SegmentArrays, open_segment
from index.codec.segment import ArraySegment
from index.codec.stored import StoredReader
from index.commit import Commit, merge_small, write_contents
from index.generations import Generation, Generations, Manifest, NoIndexError, RefusedIndexError
from index.lock import write_lock
from index.parts import Parts
from index.schema import SCHEMA_VERSION
from index.segments import SegmentMaker
from index.writing import Change, Command, PublicationError, Status

_BATCH = 64
"""Articles sent to a process at once."""


@dataclass(frozen=True, slots=True)
class EmbeddedStatus(Status):
    """A Whoosh index.

    ``stock_segments``: segments in another codec, from somebody's own script. ``fallback_queries``: questions that
    Whoosh's own searcher had to answer.
    """

    segments: int
    stock_segments: int
    fallback_queries: int


def rebuild(
    generations: Generations,
    articles: Iterable[Article],
    *,
    jobs: int,
    memory: int,
    force: bool = False,
    rejected: Callable[[], int] = lambda: 0,
    protected: Collection[str] = (),
) -> Change:
    """Build a new generation of ``articles`` and publish it. The write lock must be held.

    ``jobs``: processes. ``memory``: MB that all of them together may hold before they close a segment. ``rejected`` is
    asked at the end, for the manifest. ``protected``: folded words to be left whole. Unless ``force``, a build without
    articles, or with fewer than half of the live one's, raises PublicationError and changes nothing; so does a build
    that does not verify.
    """
    started = datetime.now(UTC)
    clock = time.monotonic()
    generations.clean()
    live_count = _live_count(generations)
    generation = generations.create()
    try:
        written = _build(generation, articles, jobs, memory)
        _check_count(written, live_count, force)
        _finish(generation, written, protected)
        seconds = time.monotonic() - clock
        generation.write_manifest(
            Manifest(
                analysis_version=ANALYSIS_VERSION,
                schema_version=SCHEMA_VERSION,
                articles=written,
                rejected=rejected(),
                started=started.isoformat(timespec="seconds"),
                finished=datetime.now(UTC).isoformat(timespec="seconds"),
                seconds=round(seconds, 1),
            )
        )
        generations.publish(generation)
    except BaseException:
        generations.discard(generation)
        raise
    generations.clean()
    return Change(generation.name, written, live_count, seconds)


def _live_count(generations: Generations) -> int:
    try:
        return generations.live().article_count()
    except (NoIndexError, RefusedIndexError):
        return 0


def _build(generation: Generation, articles: Iterable[Article], jobs: int, memory: int) -> int:
    parts = Parts(generation.directory, jobs, memory)
    written = 0
    try:
        for batch in _batches(articles, _BATCH):
            parts.add(batch)
            written += len(batch)
        parts.finish()
    except BaseException:
        parts.abandon()
        raise
    return written


def _batches(articles: Iterable[Article], size: int) -> Iterator[Sequence[Article]]:
    source = iter(articles)
    while batch := list(islice(source, size)):
        yield batch


def _check_count(written: int, live_count: int, force: bool) -> None:
    if force:
        return
    if not written:
        raise PublicationError("no article to publish; the live index is unchanged (reindex --force publishes none)")
    if written * 2 < live_count:
        raise PublicationError(
            f"only {written} articles, fewer than half of the {live_count} that are live; the live index is unchanged "
            "(--force publishes them all the same)"
        )


def _finish(generation: Generation, written: int, protected: Collection[str]) -> None:
    """Merge small segments, group the vocabulary, and read everything back as a server would, before anyone else does.

    A damaged file, or one that lacks an article, raises PublicationError.
    """
    directory = generation.directory
    built = generation.contents().segments
    try:
        segments = merge_small(directory, built)
        if segments != built:
            write_contents(directory, segments, 1)
            for segment in built:
                if segment not in segments:
                    segment.file(directory).unlink()
                    completions.file_of(segment, directory).unlink(missing_ok=True)
        opened = [open_segment(segment.file(directory)) for segment in segments]
        families.publish(directory, opened, protected)
        families.published(directory)
        completions.publish(directory, segments)
    except DamagedFileError as error:
        raise PublicationError(f"{error}; not published") from error
    found = sum(arrays.size for arrays in opened)
    if found != written:
        raise PublicationError(f"the build holds {found} of {written} articles; not published")
    for arrays in opened:
        _check_last(arrays)


def _check_last(arrays: SegmentArrays) -> None:
    last = StoredReader(arrays.stored).article(arrays.size - 1).id
    place = arrays.documents.ids.find(last.encode())
    if place < 0 or arrays.documents.id_docs[place] != arrays.size - 1:
        raise PublicationError(f"the build cannot find its article {last!r}; not published")


def add(
    generations: Generations, articles: Iterable[Article], *, memory: int, protected: Collection[str] = ()
) -> Change:
    """Insert or replace articles in the live generation, all in one commit. The write lock must be held.

    No two of ``articles`` may have one id. Where nothing is published yet, they become the first generation, built with
    the ``protected`` words; else those stay that the live one was built with. Raises PublicationError where there is no
    article.
    """
    generations.clean()
    try:
        generation = generations.live()
    except NoIndexError:
        return rebuild(generations, articles, jobs=1, memory=memory, protected=protected)
    clock = time.monotonic()
    written = removed = 0
    with _commit(generation) as commit:
        for segment, ids in _segments(generation, articles, memory, commit.extras):
            removed += commit.delete(ids)
            commit.add(segment)
            written += len(ids)
        if not written:
            raise PublicationError("no article to add; the live index is unchanged")
        commit.complete()
    return Change(generation.name, written, removed, time.monotonic() - clock)


def _commit(generation: Generation) -> Commit:
    generation.manifest()  # refuses another version's index before anything is written to it
    with generation.refusing_damage():
        return Commit(generation, families.additions(generation.directory))


def _segments(
    generation: Generation, articles: Iterable[Article], memory: int, extras: Extras
) -> Iterator[tuple[ArraySegment, list[str]]]:
    """Build segments of articles; yield each with the ids that it holds."""
    source = iter(articles)
    full = True
    while full:
        maker = SegmentMaker(generation.directory, memory << 20, extras)
        ids = []
        try:
            for article in source:
                maker.add(article)
                ids.append(article.id)
                if maker.full:
                    break
            full = maker.full
            segment = maker.finish()
        except BaseException:
            maker.abandon()
            raise
        if segment:
            yield segment, ids


def delete(generations: Generations, ids: Sequence[str]) -> Change:
    """Remove articles from the live generation, all in one commit. The write lock must be held.

    Unknown ids are passed over; ``removed`` says how many were there. Raises NoIndexError where nothing is published.
    """
    generations.clean()
    generation = generations.live()
    clock = time.monotonic()
    with _commit(generation) as commit:
        removed = commit.delete(ids)
        if removed:
            commit.complete()
    return Change(generation.name, 0, removed, time.monotonic() - clock)


def status(generations: Generations) -> EmbeddedStatus:
    """Describe the live index; raises NoIndexError or RefusedIndexError."""
    generation, hold = generations.open_live()
    try:
        manifest = generation.manifest()
        contents = generation.contents()
        try:
            generations.previous()
            can_roll_back = True
        except NoIndexError:
            can_roll_back = False
        return EmbeddedStatus(
            generation=generation.name,
            commit=contents.generation,
            articles=sum(segment.doc_count() for segment in contents.segments),
            deleted=sum(segment.deleted_count() for segment in contents.segments),
            segments=len(contents.segments),
            stock_segments=sum(not isinstance(segment, ArraySegment) for segment in contents.segments),
            size=generation.size(),
            built=manifest.finished,
            analysis_version=manifest.analysis_version,
            schema_version=manifest.schema_version,
            can_roll_back=can_roll_back,
            fallback_queries=fallbacks.count(generations.root),
        )
    finally:
        hold.release()


class EmbeddedWriter:
    """The embedded engine behind the seam of ``index.writing``: writes to the index in a directory."""

    def __init__(self, directory: Path) -> None:
        self._generations = Generations(directory)

    @contextmanager
    def locked(
        self, command: Command, told: str, wait: float, on_wait: Callable[[str], None] | None = None
    ) -> Iterator[None]:
        """Hold the directory's one write lock."""
        with write_lock(self._generations.root, told, wait, on_wait):
            yield

    def reject_log(self, command: Command) -> Path:
        """One file: the last command's."""
        return self._generations.root / "rejects.jsonl"

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
        """See ``rebuild``."""
        return rebuild(
            self._generations,
            articles,
            jobs=jobs,
            memory=memory,
            force=force,
            rejected=rejected,
            protected=protected,
        )

    def add(self, articles: Iterable[Article], *, memory: int, protected: Collection[str]) -> Change:
        """See ``add``."""
        return add(self._generations, articles, memory=memory, protected=protected)

    def delete(self, ids: Sequence[str]) -> Change:
        """See ``delete``."""
        return delete(self._generations, ids)

    def rollback(self) -> str:
        """See ``Generations.rollback``."""
        return self._generations.rollback().name

    def status(self) -> EmbeddedStatus:
        """See ``status``."""
        return status(self._generations)
