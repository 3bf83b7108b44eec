"""Why an article stands where it does: its score taken apart, from the same lists that made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from index.schema import TEXTS
from search.kernels.closeness import EARLINESS, NEARNESS
from search.kernels.units import BEGIN, END, FIELD, FORM
from search.query import Leaf, Phrase, Prefix, Word
from search.resolution import Unit
from search.results import Evidence, Reason
from search.view import View

_VERDICTS: Mapping[int, Literal["", "agrees", "disagrees"]] = {0: "", 1: "agrees", -1: "disagrees"}
_KINDS: dict[type[Leaf], str] = {Word: "word", Phrase: "phrase", Prefix: "prefix"}


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """A row of a leaf that has the document.

    ``is_exact``: of the word itself. ``amount``: its frequency, weighted and normalised.
    """

    is_exact: bool
    evidence: Evidence
    amount: float


def explain(view: View, units: Sequence[Unit], number: int) -> tuple[Reason, ...]:
    """Return what each leaf that these are the units of added to a document's score.

    These scores and what ``closer`` returns add up to the article's, but for the rounding of 32-bit numbers.
    """
    reasons = []
    for unit in units:
        found = _occurrences(view, unit, number)
        if found:
            whole = sum(each.amount for each in found)
            own = sum(each.amount for each in found if each.is_exact)
            k1 = view.ranking.k1
            worth, exact = unit.worths.tolist()
            score = worth * whole / (whole + k1) + exact * own / (own + k1)
            leaf = unit.leaf
            evidence = tuple(each.evidence for each in found)
            reasons.append(Reason(_KINDS[type(leaf)], _text(leaf), leaf.field, score, evidence))
    presence = view.ranking.presence(len(units)) * len(reasons)
    if presence:
        reasons.append(Reason("coverage", "", "", presence, ()))
    return tuple(reasons)


def closer(added: NDArray[np.float64]) -> tuple[Reason, ...]:
    """Return what the second pass added to a document's score; see ``search.kernels.closeness``."""
    parts = ("early", float(added[EARLINESS])), ("proximity", float(added[NEARNESS]))
    return tuple(Reason(kind, "", "", score, ()) for kind, score in parts if score)


def _text(leaf: Leaf) -> str:
    return " ".join(leaf.words) if isinstance(leaf, Phrase) else leaf.text


def _occurrences(view: View, unit: Unit, number: int) -> list[_Occurrence]:
    segment, document = view.place(number)
    place = view.segments.index(segment)
    postings, lengths = segment.arrays.postings, segment.arrays.documents.lengths
    docs, freqs = (unit.docs, unit.freqs) if unit.made else (postings.docs, postings.freqs)
    found = []
    for at_row in range(int(unit.starts[place]), int(unit.starts[place + 1])):
        row = unit.rows[at_row].tolist()
        at = row[BEGIN] + int(np.searchsorted(docs[row[BEGIN] : row[END]], document))
        if at < row[END] and docs[at] == document:
            times, length = int(freqs[at]), int(lengths[row[FIELD], document])
            weight = float(unit.weights[at_row])
            form, kind = unit.forms.told(row[FORM]) if unit.forms else (_text(unit.leaf), "exact")
            amount = weight * times * float(view.norms[row[FIELD], length])
            verdict = _VERDICTS[0 if unit.verdicts is None else int(unit.verdicts[at_row])]
            evidence = Evidence(form, kind, TEXTS[row[FIELD]], times, weight, length, verdict)
            found.append(_Occurrence(row[FORM] == 0, evidence, amount))
    return found
