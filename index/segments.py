"""Making a segment and the completions of its articles together."""

from __future__ import annotations

from pathlib import Path

from index.article import Article
from index.codec.builder import Extras, SegmentBuilder, no_extras
from index.codec.segment import ArraySegment
from index.completions import CompletionsBuilder
from index.completions.publication import file_of

_SHARE = 8
"""What part of the memory is left to completions, as one of so many; of 65,536 articles they need some 40 MB."""


class SegmentMaker:
    """Builds a segment in a directory, with its completions beside it; see ``SegmentBuilder``."""

    def __init__(self, directory: Path, memory: int, extras: Extras = no_extras) -> None:
        self._directory = directory
        self._builder = SegmentBuilder(directory, memory - memory // _SHARE, extras)
        self._completions = CompletionsBuilder()

    @property
    def full(self) -> bool:
        """Whether the segment should be finished before more is added."""
        return self._builder.full

    def add(self, article: Article) -> None:
        """Take an article; raises as ``SegmentBuilder.add`` does."""
        self._builder.add(article)
        self._completions.add(article)

    def finish(self) -> ArraySegment | None:
        """Write the segment and its completions and return it; None where there is no document, and no file then."""
        segment = self._builder.finish()
        if segment is not None:
            self._completions.write(file_of(segment, self._directory))
        return segment

    def abandon(self) -> None:
        """Remove the file of a segment that is not finished."""
        self._builder.abandon()
