"""Why an article stands where it does: its score taken apart, from the same lists that made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.schema import TEXTS
from search.kernels.resolution import BEGIN, END, FIELD, FIRST_FIELD, FIRST_ROW, LAST_FIELD, LAST_ROW, OWN
from search.query import Leaf, Phrase, Prefix, Word
from search.resolution import Lists
from search.results import Evidence, Reason
from search.view import View

_KINDS: dict[type[Leaf], str] = {Word: "word", Phrase: "phrase", Prefix: "prefix"}


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """A row of a leaf that has the document.

    ``is_exact``: of the word itself. ``amount``: its frequency, weighted and normalised.
    """

    is_exact: bool
    evidence: Evidence
    amount: float


def explain(view: View, lists: Lists, leaves: Sequence[int], number: int) -> tuple[Reason, ...]:
    """Return what each leaf of these numbers added to a document's score.

    The leaves' scores add up to the article's, but for the rounding of 32-bit numbers.
    """
    reasons = []
    for which in leaves:
        found = _occurrences(view, lists, which, number)
        if found:
            whole = sum(each.amount for each in found)
            own = sum(each.amount for each in found if each.is_exact)
            k1 = view.ranking.k1
            worth, exact = lists.worths[which].tolist()
            score = worth * whole / (whole + k1) + exact * own / (own + k1)
            leaf = lists.leaves[which]
            evidence = tuple(each.evidence for each in found)
            reasons.append(Reason(_KINDS[type(leaf)], _text(leaf), leaf.field, score, evidence))
    return tuple(reasons)


def _text(leaf: Leaf) -> str:
    return " ".join(leaf.words) if isinstance(leaf, Phrase) else leaf.text


def _occurrences(view: View, lists: Lists, which: int, number: int) -> list[_Occurrence]:
    segment, document = view.place(number)
    place = view.segments.index(segment)
    postings, lengths = segment.arrays.postings, segment.arrays.documents.lengths
    described = lists.table[which].tolist()
    first, width = described[FIRST_ROW], described[LAST_FIELD] - described[FIRST_FIELD]
    forms = lists.forms[which]
    found = []
    for at_row in range(first, described[LAST_ROW]):
        row = lists.rows[place, at_row].tolist()
        docs, freqs = (lists.own_docs, lists.own_freqs) if row[OWN] else (postings.docs, postings.freqs)
        at = row[BEGIN] + int(np.searchsorted(docs[row[BEGIN] : row[END]], document))
        if at < row[END] and docs[at] == document:
            times, length = int(freqs[at]), int(lengths[row[FIELD], document])
            weight = float(lists.weights[at_row])
            form, kind = forms.told((at_row - first) // width) if forms else (_text(lists.leaves[which]), "exact")
            amount = weight * times * float(view.norms[row[FIELD], length])
            evidence = Evidence(form, kind, TEXTS[row[FIELD]], times, weight, length)
            found.append(_Occurrence(at_row < first + width, evidence, amount))
    return found
