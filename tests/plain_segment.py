"""The arrays that a segment of some articles must have, made the plain way: lists and dictionaries, word by word."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.arabic import vocalised, words
from index.article import Article
from index.codec.container import Container, ContainerWriter
from index.codec.layout import COUNTED, open_segment
from index.codec.segment import ArraySegment
from index.codec.stored import StoredReader, StoredWriter, packed
from index.schema import FACETS, TEXTS, VOCALISED, day_of, instant_of

Arrays = dict[str, NDArray[Any]]


def strings(values: Iterable[str]) -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    """Pack values as they come."""
    encoded = [value.encode() for value in values]
    ends = [*accumulate(map(len, encoded), initial=0)]
    return np.frombuffer(b"".join(encoded), np.uint8), np.array(ends, np.uint32)


def plain_arrays(articles: Sequence[Article]) -> Arrays:
    """Return all arrays but the stored articles."""
    lengths = np.zeros((len(TEXTS), len(articles)), np.uint16)
    postings: list[tuple[int, int, list[int] | int]] = []  # field, document, positions (vocalised: how many)
    arrays: Arrays = {}
    for field, name in enumerate(TEXTS):
        inverted: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for document, article in enumerate(articles):
            text = words(getattr(article, name))
            lengths[field, document] = min(len(text), 65_535)
            for position, word in enumerate(text):
                inverted[word][document].append(position)
        starts = []
        ordered = sorted(inverted)
        for word in ordered:
            starts.append(len(postings))
            postings += ((field, document, positions) for document, positions in inverted[word].items())
        starts.append(len(postings))
        arrays[f"{name}.terms"], arrays[f"{name}.term_ends"] = strings(ordered)
        arrays[f"{name}.starts"] = np.array(starts, np.uint32)
    for name in VOCALISED:
        counted: dict[str, Counter[int]] = defaultdict(Counter)
        for document, article in enumerate(articles):
            for word in vocalised(getattr(article, name)):
                counted[word][document] += 1
        starts = [len(postings)]
        for word in sorted(counted):
            postings += ((TEXTS.index(name), document, times) for document, times in counted[word].items())
            starts.append(len(postings))
        arrays[f"vocalised.{name}.terms"], arrays[f"vocalised.{name}.term_ends"] = strings(sorted(counted))
        arrays[f"vocalised.{name}.starts"] = np.array(starts, np.uint32)
    return arrays | _posting_arrays(postings) | _document_arrays(articles) | {"lengths": lengths}


def _posting_arrays(postings: Sequence[tuple[int, int, list[int] | int]]) -> Arrays:
    placed = [[] if isinstance(where, int) else where for *_, where in postings]
    times = [where if isinstance(where, int) else len(where) for *_, where in postings]
    positions = [position for where in placed for position in where]
    many = [(number, often) for number, often in enumerate(times) if often >= 255]
    sizes = [sum(map(len, placed[begin : begin + 16])) for begin in range(0, len(postings), 16)]
    return {
        "docs": np.array([document for _, document, _ in postings], np.uint16),
        "freqs": np.array([min(often, 255) for often in times], np.uint8),
        "big_at": np.array([number for number, _ in many], np.uint32),
        "big": np.array([often for _, often in many], np.uint32),
        "positions": np.array(positions, np.uint16 if max(positions, default=0) < 65_536 else np.uint32),
        "position_starts": np.array([*accumulate(sizes, initial=0)], np.uint32),
    }


def _document_arrays(articles: Sequence[Article]) -> Arrays:
    order = sorted(range(len(articles)), key=lambda number: articles[number].id.encode())
    ids, id_ends = strings(articles[number].id for number in order)
    arrays: Arrays = {
        "ids": ids,
        "id_ends": id_ends,
        "id_docs": np.array(order, np.uint16),
        "day": np.array([day_of(article.published) for article in articles], np.int32),
        "instant": np.array([instant_of(article.published) for article in articles], np.int64),
    }
    for name in COUNTED:
        if name in FACETS:
            values = [getattr(article, name) for article in articles]
        else:
            values = [str(date.fromordinal(day).year) if day else "" for day in arrays["day"].tolist()]
        distinct = sorted(set(values), key=str.encode)
        places = {value: place for place, value in enumerate(distinct)}
        arrays[f"{name}.ordinals"] = np.array([places[value] for value in values], np.uint16)
        arrays[f"{name}.values"], arrays[f"{name}.value_ends"] = strings(distinct)
    return arrays


def plain_numbers(articles: Sequence[Article]) -> dict[str, int]:
    """Return the numbers beside the arrays."""
    counts = Counter(dict.fromkeys(TEXTS, 0))
    for article in articles:
        for name in TEXTS:
            counts[name] += len(words(getattr(article, name)))
    return {f"words.{name}": count for name, count in counts.items()}


def write_plain(directory: Path, articles: Sequence[Article]) -> ArraySegment:
    """Write a segment made the plain way."""
    segment = ArraySegment(documents=len(articles))
    with ContainerWriter(segment.file(directory)) as writer:
        stored = StoredWriter(writer)
        for article in articles:
            stored.add(packed(article))
        stored.finish()
        for name, array in plain_arrays(articles).items():
            writer.put(name, array)
        writer.complete(plain_numbers(articles))
    return segment


def assert_is_segment_of(directory: Path, segment: ArraySegment, articles: Sequence[Article]) -> None:
    """Compare a segment's file with the plain arrays of its articles: name by name, value by value, type by type."""
    found = Container.open(segment.file(directory))
    expected = plain_arrays(articles)
    beside = {name for name in found.arrays if name.startswith(("stored.", "family."))}
    assert found.arrays.keys() - beside == expected.keys()
    for name, array in expected.items():
        assert found.arrays[name].dtype == array.dtype, name
        np.testing.assert_array_equal(found.arrays[name], array, err_msg=name)
    assert dict(found.numbers) == plain_numbers(articles)
    assert segment.doc_count_all() == len(articles)
    reader = StoredReader(open_segment(segment.file(directory)).stored)
    assert [reader.article(number) for number in range(len(articles))] == list(articles)
    assert list(reader.records()) == [packed(article) for article in articles]
