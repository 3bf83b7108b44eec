"""One change of a generation: documents deleted, segments added and merged; readers see all of it at once or nothing.

A segment's file is never changed. Deletions and the list of segments stand in the table of contents (TOC), which is
Whoosh's own; writing the next one is the commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType

from whoosh.codec.base import Segment
from whoosh.index import TOC
from whoosh.reading import SegmentReader
from whoosh.util.filelock import try_for

from index import completions
from index.codec.builder import Extras, no_extras
from index.codec.identities import Identities
from index.codec.merging import merge
from index.codec.segment import INDEX_NAME, ArraySegment
from index.durable import DurableStorage
from index.generation import Generation, RefusedIndexError
from index.lock import LockedError
from index.schema import build_schema
from index.tiers import Size, plan

_LOCK_SECONDS = 10.0


def write_contents(directory: Path, segments: Sequence[Segment], number: int) -> None:
    """Write table of contents ``number`` in one step, after everything else in the directory is on disk."""
    TOC(build_schema(), list(segments), number).write(DurableStorage(str(directory)), INDEX_NAME)


def merge_small(directory: Path, segments: Sequence[Segment], extras: Extras = no_extras) -> list[Segment]:
    """Merge what is to be merged (see ``index.tiers``); return the segments that there are then.

    The files of merged segments stay: another table of contents may name them. A segment of another codec, from
    somebody's own script, is left as it is. Raises as ``open_segment`` does.
    """
    own = [segment for segment in segments if isinstance(segment, ArraySegment)]
    replaced: set[str] = set()
    made = []
    for group in plan([_size(directory, segment) for segment in own]):
        sources = [own[place] for place in group]
        merged = merge(directory, sources, extras)
        if merged:
            completions.join(directory, sources, completions.file_of(merged, directory))
        replaced.update(source.segment_id() for source in sources)
        if merged:
            made.append(merged)
    kept = [segment for segment in segments if segment.segment_id() not in replaced and segment.doc_count()]
    return [*kept, *made]


def _size(directory: Path, segment: ArraySegment) -> Size:
    live, everything = segment.doc_count(), segment.doc_count_all()
    return Size(live, everything - live, segment.file(directory).stat().st_size * live // everything)


class Commit:
    """A change in the making; leaving the context without ``complete`` takes it back.

    While it lasts no other writer may change the generation, a script that uses Whoosh's own included. Entering raises
    LockedError where one does, and RefusedIndexError where the table of contents cannot be read.
    """

    def __init__(self, generation: Generation, extras: Extras) -> None:
        self._generation = generation
        self.extras = extras
        self._lock = generation.whoosh_lock()
        self._there: list[Segment] = []
        self._added: list[ArraySegment] = []
        self._number = 0

    def __enter__(self) -> Commit:
        if not try_for(self._lock.acquire, timeout=_LOCK_SECONDS, delay=0.1):
            raise LockedError(f"{self._generation.directory} is being written by another program, through Whoosh")
        try:
            contents = self._generation.contents()
        except BaseException:
            self._lock.release()
            raise
        self._there = contents.segments
        self._number = contents.generation
        return self

    def add(self, segment: ArraySegment) -> None:
        """Take a new segment in. What ``delete`` does after that does not touch it."""
        self._added.append(segment)

    def delete(self, ids: Sequence[str]) -> int:
        """Delete the articles of these ids from the segments that were there; return how many were live."""
        # Half a surrogate, from a shell's stray byte, is in no id.
        keys = [article_id.encode("utf-8", "replace") for article_id in dict.fromkeys(ids)]
        if not keys:
            return 0
        with self._generation.refusing_damage():
            return sum(self._delete(segment, keys) for segment in self._there)

    def _delete(self, segment: Segment, keys: Sequence[bytes]) -> int:
        if isinstance(segment, ArraySegment):
            documents = Identities.open(segment.file(self._generation.directory)).documents(keys).tolist()
        else:
            documents = self._stock_documents(segment, keys)
        live = [number for number in documents if not segment.is_deleted(number)]
        for number in live:
            segment.delete_document(number)
        return len(live)

    def _stock_documents(self, segment: Segment, keys: Sequence[bytes]) -> list[int]:
        directory = self._generation.directory
        try:
            with closing(SegmentReader(DurableStorage(str(directory)), build_schema(), segment)) as reader:
                return [n for key in keys if ("id", key) in reader for n in reader.postings("id", key).all_ids()]
        except Exception as error:  # Whoosh raises anything on a damaged file
            raise RefusedIndexError(f"{directory / segment.segment_id()} cannot be read ({error!r})") from error

    def complete(self) -> None:
        """Merge what is to be merged, and write the table of contents."""
        with self._generation.refusing_damage():
            segments = merge_small(self._generation.directory, [*self._there, *self._added], self.extras)
        write_contents(self._generation.directory, segments, self._number + 1)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
        # New files after an error, replaced ones after a commit. If they cannot be removed now, the next command does.
        with suppress(OSError, RefusedIndexError, LockedError):
            self._generation.remove_strays()
