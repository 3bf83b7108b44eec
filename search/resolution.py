"""From the leaves of a query to posting lists: where their words stand in every segment, and what they are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.codec.layout import FIELD_NUMBER
from index.schema import SCORED
from search.expansion import Forms
from search.kernels import resolution as kernel
from search.kernels.resolution import PHRASE, PREFIX, WORD, resolve
from search.query import Leaf, Phrase, Word
from search.view import View, Workspace


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """All posting lists of a query.

    ``leaves``, and ``forms`` of those that are words, whose phrases have the last of a word's rows. ``table``: a row
    for each leaf, ``rows``: a table of posting lists for each segment, ``worths``: see ``search.kernels.resolution``.
    ``weights``: of each row. ``own_docs``, ``own_freqs``: lists made for the query. ``all_match``: whether there is no
    list that only adds to the score.
    """

    leaves: Sequence[Leaf]
    forms: Sequence[Forms | None]
    table: NDArray[np.int64]
    rows: NDArray[np.int64]
    worths: NDArray[np.float64]
    weights: NDArray[np.float32]
    own_docs: NDArray[np.uint16]
    own_freqs: NDArray[np.uint8]
    all_match: bool


_ONES = np.ones(2, np.float32)
_AFTER = b"\xff"
"""No byte of UTF-8 is 255: a beginning with it at its end stands right after every word that begins so."""


def find_lists(view: View, leaves: Sequence[Leaf], workspace: Workspace) -> Lists:
    """Find the posting lists of distinct leaves in all segments of a view, and what each leaf is worth."""
    terms: list[bytes] = []
    sizes: list[NDArray[np.uint32]] = []
    matches: list[NDArray[np.uint8]] = []
    weights: list[NDArray[np.float32]] = []
    fields: list[int] = []
    asked: dict[str, tuple[int, int]] = {}
    table: list[tuple[int, int, int, int, int, int, int]] = []
    known: list[Forms | None] = []
    all_match = True
    term = row = 0
    parts: list[tuple[Leaf, float]] = []  # the leaves, and after each the phrases that stand for it, with weights
    own: list[int] = []
    for leaf in leaves:
        own.append(len(parts))
        parts.append((leaf, 1.0))
        if isinstance(leaf, Word) and leaf.others:
            parts += [(Phrase(each.words, leaf.field), each.weight) for each in view.expansion.forms_of(leaf).phrases]
    for leaf, weight in parts:
        if leaf.field not in asked:
            names = (leaf.field,) if leaf.field else SCORED
            asked[leaf.field] = (len(fields), len(fields) + len(names))
            fields += [FIELD_NUMBER[name] for name in names]
        first_field, last_field = asked[leaf.field]
        width = last_field - first_field
        if isinstance(leaf, Word):
            forms = view.expansion.forms_of(leaf)
            size = len(forms.words)
            rows = size * width
            kind = WORD
            terms.append(forms.data)
            sizes.append(forms.sizes)
            matches.append(forms.matches)
            weights.append(forms.weights_of_rows(width))
            all_match &= forms.all_match
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
            # A word that a phrase repeats is worth something once.
            matches.append(np.array([word not in words[:place] for place, word in enumerate(words)], np.uint8))
            weights.append(_ONES[:width] * np.float32(weight))
        known.append(forms)
        table.append((kind, term, term + size, first_field, last_field, row, row + rows))
        term += size
        row += rows
    ends = np.zeros(term + 1, np.uint32)
    if sizes:
        _joined(sizes, np.uint32).cumsum(out=ends[1:])
    described = np.array(table, np.int64).reshape(-1, 7)
    found = np.empty((len(view.segments), row, 5), np.int64)
    worths = np.empty((len(parts), 2))
    own_docs, own_freqs = resolve(
        view.table, np.frombuffer(b"".join(terms), np.uint8), ends, _joined(matches, np.uint8), described,
        np.array(fields, np.int64), view.constants, found, worths, workspace.counts,
    )  # fmt: skip
    if len(parts) > len(leaves):
        for first, last in pairwise((*own, len(parts))):
            if last > first + 1:
                described[first, kernel.LAST_ROW] = described[last - 1, kernel.LAST_ROW]
                worths[first] = _worths(view, found, described[first])
        described, worths, known = described[own], worths[own], [known[place] for place in own]
    return Lists(leaves, known, described, found, worths, _joined(weights, np.float32), own_docs, own_freqs, all_match)


def _worths(view: View, rows: NDArray[np.int64], leaf: NDArray[np.int64]) -> tuple[float, float]:
    """Return what a word is worth together with the phrases that stand for it: as the kernel reckons a word's forms."""
    ranking, size = view.ranking, max(1, view.size)
    width = leaf[kernel.LAST_FIELD] - leaf[kernel.FIRST_FIELD]
    of_leaf = rows[:, leaf[kernel.FIRST_ROW] : leaf[kernel.LAST_ROW]]
    holding = (of_leaf[:, :, kernel.END] - of_leaf[:, :, kernel.BEGIN]).sum(axis=0).reshape(-1, width).max(axis=1)
    matches = of_leaf[0, ::width, kernel.MATCHES] != 0 if len(rows) else np.ones(len(holding), np.bool_)
    together = ranking.rarity(size, size * (1 - float(np.prod(1 - holding[matches] / size))))
    itself = ranking.exact * ranking.rarity(size, int(holding[0]))
    by_itself = holding[1:].any()  # else one reading is enough
    return (ranking.k1 + 1) * (together if by_itself else together + itself), (ranking.k1 + 1) * itself * by_itself


def _joined(arrays: Sequence[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    if len(arrays) == 1:
        return arrays[0]
    return np.concatenate(arrays) if arrays else np.empty(0, kind)
