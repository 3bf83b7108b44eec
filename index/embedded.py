"""The write side of the embedded engine: rebuild, add and delete, each one atomic step for whoever searches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from index.arabic import ANALYSIS_VERSION
from index.article import Article
from index.generations import Generation, Generations, Manifest, NoIndexError, RefusedIndexError
from index.parts import Parts
from index.schema import SCHEMA_VERSION, document, stored_article
from index.segments import open_writer

_BATCH = 64
"""Articles sent to a process at once."""


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
    """The live index as ``fihris status`` shows it. ``size`` is in bytes; times are ISO 8601, UTC."""

    generation: str
    commit: int
    articles: int
    segments: int
    size: int
    built: str
    analysis_version: str
    schema_version: str
    can_roll_back: bool


def rebuild(
    generations: Generations,
    articles: Iterable[Article],
    *,
    jobs: int,
    memory: int,
    force: bool = False,
    rejected: Callable[[], int] = lambda: 0,
) -> Change:
    """Build a new generation of ``articles`` and publish it. The write lock must be held.

    ``jobs``: processes. ``memory``: MB of postings that all of them together may hold before they spill. ``rejected``
    is asked at the end, for the manifest. Unless ``force``, a build without articles, or with fewer than half of the
    live one's, raises PublicationError and changes nothing; so does a build that does not verify.
    """
    started = datetime.now(UTC)
    clock = time.monotonic()
    generations.clean()
    live_count = _live_count(generations)
    generation = generations.create()
    try:
        written = _build(generation, articles, jobs, memory)
        _check_count(written, live_count, force)
        _verify(generation, written)
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


def _verify(generation: Generation, written: int) -> None:
    """Open the build as a server would and read from every segment, before anyone else does."""
    with generation.open_index().reader() as reader:
        if reader.doc_count() != written:
            raise PublicationError(f"the build holds {reader.doc_count()} of {written} articles; not published")
        for leaf, _ in reader.leaf_readers():
            number = leaf.doc_count_all() - 1
            if number < 0:
                continue  # an index without articles has one reader all the same
            last = stored_article(leaf.stored_fields(number)["article"])
            if leaf.postings("id", last.id).id() != number:
                raise PublicationError(f"the build cannot find its article {last.id!r}; not published")


def add(generations: Generations, articles: Iterable[Article], *, memory: int) -> Change:
    """Insert or replace articles in the live generation, all in one commit. The write lock must be held.

    No two of ``articles`` may have one id. Where nothing is published yet, they become the first generation. Raises
    PublicationError where there are none.
    """
    generations.clean()
    try:
        generation = generations.live()
    except NoIndexError:
        return rebuild(generations, articles, jobs=1, memory=memory)
    change = _commit(generation, articles, (), memory)
    if not change.written:
        raise PublicationError("no article to add; the live index is unchanged")
    return change


def delete(generations: Generations, ids: Sequence[str]) -> Change:
    """Remove articles from the live generation, all in one commit. The write lock must be held.

    Unknown ids are passed over; ``removed`` says how many were there. Raises NoIndexError where nothing is published.
    """
    generations.clean()
    return _commit(generations.live(), (), ids, 0)


def _commit(generation: Generation, articles: Iterable[Article], ids: Iterable[str], memory: int) -> Change:
    clock = time.monotonic()
    generation.manifest()  # refuses another version's index before anything is written to it
    index = generation.open_index()
    written = removed = 0
    writer = open_writer(index, memory)
    try:
        with index.reader() as reader:
            for article in articles:
                removed += _delete_one(reader, writer, article.id)
                writer.add_document(**document(article))
                written += 1
            for article_id in dict.fromkeys(ids):
                removed += _delete_one(reader, writer, article_id)
        if written or removed:
            writer.commit()
        else:
            _cancel(generation, writer)
    except BaseException:
        _cancel(generation, writer)
        raise
    return Change(generation.name, written, removed, time.monotonic() - clock)


def _cancel(generation: Generation, writer: Any) -> None:
    with suppress(Exception):  # the writer may be stuck halfway; what matters is the error that led here
        writer.cancel()
    with suppress(Exception):  # Whoosh leaves the files of a cancelled segment; if we do too, the next run removes them
        generation.remove_strays()


def _delete_one(reader: Any, writer: Any, article_id: str) -> int:
    """Mark the committed article of that id as deleted; return how many there were (0 or 1)."""
    key = article_id.encode("utf-8", "replace")  # half a surrogate, from a shell's stray byte, is in no id
    if ("id", key) not in reader:
        return 0
    removed = 0
    postings = reader.postings("id", key)
    while postings.is_active():
        number = postings.id()
        if not reader.is_deleted(number):
            writer.delete_document(number)
            removed += 1
        postings.next()
    return removed


def status(generations: Generations) -> Status:
    """Describe the live index; raises NoIndexError or RefusedIndexError."""
    generation, hold = generations.open_live()
    try:
        manifest = generation.manifest()
        index = generation.open_index()
        try:
            generations.previous()
            can_roll_back = True
        except NoIndexError:
            can_roll_back = False
        return Status(
            generation=generation.name,
            commit=generation.commit_number(),
            articles=generation.article_count(),
            segments=len(index._segments()),
            size=generation.size(),
            built=manifest.finished,
            analysis_version=manifest.analysis_version,
            schema_version=manifest.schema_version,
            can_roll_back=can_roll_back,
        )
    finally:
        hold.release()
