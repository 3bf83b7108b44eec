"""Making tables of families: one of a new generation's vocabulary, and one of the new words of each later segment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.arabic.kinship import Kinship
from index.arabic.lexicon import Lexicon
from index.codec.container import Container, ContainerWriter
from index.codec.layout import Postings, SegmentArrays, Strings
from index.codec.lookup import find
from index.codec.unions import Union
from index.families.table import FamilyTable, kinship_arrays, table_arrays

FILE_NAME = "MAIN.families"
"""The table of a generation, beside its segments."""


def vocabulary(postings: Iterable[Postings]) -> tuple[Strings, NDArray[np.uint32]]:
    """Return all words of some segments, ascending, and in how many documents each stands, by field."""
    dictionaries = [dictionary for each in postings for dictionary in each.fields.values()]
    if not dictionaries:
        return Strings.of([]), np.zeros(0, np.uint32)
    union = Union.of([dictionary.terms for dictionary in dictionaries])
    counts = np.zeros(union.size, np.uint32)
    for dictionary, places in zip(dictionaries, union.places, strict=True):
        counts[places] += np.diff(dictionary.starts)
    return union.strings(np.ones(union.size, np.bool_)), counts


def publish(directory: Path, segments: Sequence[SegmentArrays], protected: Iterable[str] = ()) -> None:
    """Write the table of a new generation: of all words of its segments. ``protected``: words to be left whole."""
    words, counts = vocabulary(segment.postings for segment in segments)
    kinship = Kinship.protecting(Lexicon.joined(words.bytes_, words.ends, counts), protected)
    with ContainerWriter(directory / FILE_NAME) as writer:
        for name, array in {**table_arrays(words, counts, kinship), **kinship_arrays(kinship)}.items():
            writer.put(name, array)


def published(directory: Path) -> FamilyTable:
    """Open the table of a generation; raises as ``Container.open`` does."""
    return FamilyTable(Container.open(directory / FILE_NAME).arrays)


def additions(directory: Path) -> Callable[[Postings], Mapping[str, NDArray[Any]]]:
    """Return what makes the table of a segment that is added to a published generation."""
    table = published(directory)
    known, kinship = table.words, table.kinship
    assert kinship is not None  # noqa: S101 - as it was written

    def added(postings: Postings) -> Mapping[str, NDArray[Any]]:
        words, counts = vocabulary([postings])
        missing = np.flatnonzero(find(known, words) < 0)
        return table_arrays(Strings.of([words[place] for place in missing.tolist()]), counts[missing], kinship)

    return added
