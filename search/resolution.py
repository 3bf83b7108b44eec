"""From the leaves of a query to posting lists: where their words stand in every segment, and what they are worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.codec.layout import FIELD_NUMBER
from index.schema import SCORED
from search.expansion import Forms
from search.kernels.resolution import PHRASE, PREFIX, WORD, resolve
from search.query import Leaf, Phrase, Word
from search.view import View, Workspace


class Resolved(NamedTuple):
    """A leaf, its forms (of a word), and its rows in the table of posting lists: ``width`` for each form.

    ``worth``: what the saturated frequency of all its rows is multiplied by; ``exact``: the same for its first
    ``width`` rows by themselves, which are those of the word as it was asked for (0: they are not reckoned so).
    """

    leaf: Leaf
    forms: Forms | None
    first: int
    last: int
    width: int
    worth: float
    exact: float


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """All posting lists of a query: see ``search.kernels.resolution``.

    ``weights``: of each row. ``all_match``: whether there is no list that only adds to the score.
    """

    leaves: Sequence[Resolved]
    rows: NDArray[np.int64]
    weights: NDArray[np.float32]
    own_docs: NDArray[np.uint16]
    own_freqs: NDArray[np.uint8]
    all_match: bool


_ONES = np.ones(2, np.float32)
_AFTER = b"\xff"
"""No byte of UTF-8 is 255: a beginning with it at its end stands right after every word that begins so."""


def find_lists(view: View, leaves: Sequence[Leaf], workspace: Workspace) -> Lists:
    """Find the posting lists of distinct leaves in all segments of a view."""
    terms: list[bytes] = []
    sizes: list[NDArray[np.uint32]] = []
    matches: list[NDArray[np.uint8]] = []
    weights: list[NDArray[np.float32]] = []
    fields: list[int] = []
    asked: dict[str, tuple[int, int]] = {}
    table: list[tuple[int, int, int, int, int, int, int]] = []
    known: list[Forms | None] = []
    term = row = 0
    for leaf in leaves:
        if leaf.field not in asked:
            names = (leaf.field,) if leaf.field else SCORED
            asked[leaf.field] = (len(fields), len(fields) + len(names))
            fields += [FIELD_NUMBER[name] for name in names]
        first_field, last_field = asked[leaf.field]
        width = last_field - first_field
        if isinstance(leaf, Word):
            forms = view.expansion.forms(leaf.text)
            kind, size, rows = WORD, len(forms), len(forms) * width
            terms.append(forms.data)
            sizes.append(forms.sizes)
            matches.append(forms.matches)
            weights.append(forms.weights_of_rows(width))
        else:
            forms = None
            if isinstance(leaf, Phrase):
                kind, words = PHRASE, [word.encode("utf-8", "replace") for word in leaf.words]
            else:
                beginning = leaf.text.encode("utf-8", "replace")
                kind, words = PREFIX, [beginning, beginning + _AFTER]
            size, rows = len(words), width
            terms += words
            sizes.append(np.array([len(word) for word in words], np.uint32))
            matches.append(np.ones(size, np.uint8))
            weights.append(_ONES[:width])
        known.append(forms)
        table.append((kind, term, term + size, first_field, last_field, row, row + rows))
        term += size
        row += rows
    ends = np.zeros(term + 1, np.uint32)
    if sizes:
        np.concatenate(sizes).cumsum(out=ends[1:])
    found = np.empty((len(view.segments), row, 5), np.int64)
    documents = np.empty(term, np.int64)
    own_docs, own_freqs = resolve(
        view.table, np.frombuffer(b"".join(terms), np.uint8), ends, _joined(matches, np.uint8),
        np.array(table, np.int64).reshape(-1, 7),
        np.array(fields, np.int64), found, documents, workspace.counts,
    )  # fmt: skip
    holding = documents.tolist()
    resolved = [
        _weighed(view, leaf, forms, holding[first:last], row, end, field_end - field)
        for leaf, forms, (_, first, last, field, field_end, row, end) in zip(leaves, known, table, strict=True)
    ]
    all_match = all(forms is None or forms.all_match for forms in known)
    return Lists(resolved, found, _joined(weights, np.float32), own_docs, own_freqs, all_match)


def _joined(arrays: Sequence[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    if len(arrays) == 1:
        return arrays[0]
    return np.concatenate(arrays) if arrays else np.empty(0, kind)


def _weighed(
    view: View, leaf: Leaf, forms: Forms | None, documents: Sequence[int], row: int, end: int, width: int
) -> Resolved:
    ranking = view.ranking
    size = max(1, view.size)
    exact = 0.0
    if forms is not None:
        matching = documents if forms.all_match else compress(documents, forms.matches)
        # How many documents hold some form is not known before all are read: forms are taken to be independent.
        holding = size * (1 - math.prod([1 - count / size for count in matching]))
        worth = ranking.rarity(size, holding)
        exact = ranking.exact * ranking.rarity(size, documents[0])
        if not any(documents[1:]):  # no other form: one reading is enough
            worth, exact = worth + exact, 0.0
    elif isinstance(leaf, Phrase) and len(leaf.words) > 1:
        # A phrase is worth its words together; its own rarity is unknown before it is read, so that of the words is
        # added up, as Lucene does.
        counts = dict(zip(leaf.words, documents, strict=True)).values()
        worth = ranking.phrase * sum(ranking.rarity(size, count) for count in counts)
    else:
        worth = (ranking.kinds["exact"] + ranking.exact) * ranking.rarity(size, documents[0])
    saturation = ranking.k1 + 1
    return Resolved(leaf, forms, row, end, width, saturation * worth, saturation * exact)
