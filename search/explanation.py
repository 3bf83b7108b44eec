"""Why an article stands where it does: its score taken apart, from the same lists that made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.schema import TEXTS
from search.kernels.resolution import BEGIN, END, FIELD, OWN
from search.query import Leaf, Phrase, Prefix, Word
from search.resolution import Lists, Resolved
from search.results import Evidence, Reason
from search.view import View

_KINDS: dict[type[Leaf], str] = {Word: "word", Phrase: "phrase", Prefix: "prefix"}


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """A row of a leaf that has the document. ``amount``: its frequency, weighted and normalised."""

    row: int
    evidence: Evidence
    amount: float


def explain(view: View, lists: Lists, leaves: Sequence[Resolved], number: int) -> tuple[Reason, ...]:
    """Return what each leaf added to a document's score.

    The leaves' scores add up to the article's, but for the rounding of 32-bit numbers.
    """
    reasons = []
    for resolved in leaves:
        found = _occurrences(view, lists, resolved, number)
        if found:
            whole = sum(each.amount for each in found)
            own = sum(each.amount for each in found if each.row < resolved.first + resolved.width)
            k1 = view.ranking.k1
            score = resolved.worth * whole / (whole + k1) + resolved.exact * own / (own + k1)
            leaf = resolved.leaf
            evidence = tuple(each.evidence for each in found)
            reasons.append(Reason(_KINDS[type(leaf)], _text(leaf), leaf.field, score, evidence))
    return tuple(reasons)


def _text(leaf: Leaf) -> str:
    return " ".join(leaf.words) if isinstance(leaf, Phrase) else leaf.text


def _occurrences(view: View, lists: Lists, resolved: Resolved, number: int) -> list[_Occurrence]:
    segment, document = view.place(number)
    place = view.segments.index(segment)
    postings, lengths = segment.arrays.postings, segment.arrays.documents.lengths
    found = []
    for number_of_row in range(resolved.first, resolved.last):
        row = lists.rows[place, number_of_row].tolist()
        docs, freqs = (lists.own_docs, lists.own_freqs) if row[OWN] else (postings.docs, postings.freqs)
        at = row[BEGIN] + int(np.searchsorted(docs[row[BEGIN] : row[END]], document))
        if at < row[END] and docs[at] == document:
            times, length = int(freqs[at]), int(lengths[row[FIELD], document])
            weight = float(lists.weights[number_of_row])
            form = _text(resolved.leaf)
            if resolved.forms is not None:
                form = resolved.forms.words[(number_of_row - resolved.first) // resolved.width].decode()
            evidence = Evidence(form, TEXTS[row[FIELD]], times, weight, length)
            amount = weight * times * float(view.norms[row[FIELD], length])
            found.append(_Occurrence(number_of_row, evidence, amount))
    return found
