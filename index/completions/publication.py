"""The files of completions of a generation: one beside each segment, or one joined of those of many.

Whoever looks up asks every table, so that few are fast: a build of more segments than ``_MOST`` has one table for all
of them. A segment that is added later brings its own, and the headlines and words of its articles complete at once;
what a deleted article alone held goes on completing, but for its headline, until the next reindex.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from index.codec.container import Container
from index.codec.segment import ArraySegment
from index.completions.builder import write
from index.completions.joining import joined
from index.completions.lookup import Completions
from index.completions.table import CompletionTable

FILE_NAME = "MAIN.completions"
"""The table of all segments that a generation was published with, where there were many."""

_SUFFIX = ".completions"
_MOST = 4


def file_of(segment: ArraySegment, directory: Path) -> Path:
    """Return where the completions of a segment's articles are."""
    return segment.file(directory).with_suffix(_SUFFIX)


def join(directory: Path, segments: Sequence[ArraySegment], target: Path) -> None:
    """Join what there is of the completions of some segments into a new file; raises as ``Container.open`` does."""
    paths = [path for path in (file_of(segment, directory) for segment in segments) if path.exists()]
    if paths:
        write(target, joined([Container.open(path).arrays for path in paths]))


def publish(directory: Path, segments: Sequence[ArraySegment]) -> None:
    """Make the completions of a new generation fast to look up, and verify them; raises as ``Container.open`` does."""
    if len(segments) > _MOST:
        join(directory, segments, directory / FILE_NAME)
        for segment in segments:
            file_of(segment, directory).unlink(missing_ok=True)
    for path in _paths(directory, segments):
        Container.open(path)


def _paths(directory: Path, segments: Sequence[ArraySegment]) -> list[Path]:
    # Those segments have none that the table of all is of, and those that somebody's own script wrote.
    paths = [directory / FILE_NAME, *(file_of(segment, directory) for segment in segments)]
    return [path for path in paths if path.exists()]


class OpenedCompletions:
    """Opens the completions of one commit after the other, each file once."""

    def __init__(self) -> None:
        self._tables: dict[Path, CompletionTable] = {}

    def open(self, directory: Path, segments: Sequence[ArraySegment]) -> Completions:
        """Open those of a commit; raises as ``Container.open`` does. Not by two threads at once."""
        known = self._tables
        self._tables = {
            path: known.get(path) or CompletionTable(Container.open(path).arrays)
            for path in _paths(directory, segments)
        }
        return Completions(list(self._tables.values()))
