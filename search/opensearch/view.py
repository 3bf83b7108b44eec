"""Candidates as a view: what kernels and explanations see is theirs, what it is worth is the whole cluster's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from index.codec.stored import StoredReader
from index.codec.subsets import Subset
from index.schema import TEXTS
from search.expansion import Expansion, Forms
from search.opensearch.candidates import Asked, Candidate, segment_of
from search.opensearch.statistics import Statistics
from search.query import Leaf, Phrase, Prefix, Word
from search.ranking import Ranking
from search.resolution import Unit, Units, unit_of
from search.view import FacetTable, OpenSegment, View, norms_of
from search.workspace import Workspace

_ALL_LIVE = np.zeros(0, np.uint8)
_UNTOLD = dict.fromkeys(TEXTS, Subset.untold())


class Known:
    """What all questions to one state of the cluster have in common."""

    def __init__(self, expansion: Expansion, statistics: Statistics, ranking: Ranking) -> None:
        self.expansion = expansion
        self.statistics = statistics
        self.ranking = ranking
        self.norms = norms_of(statistics.average_lengths, ranking)

    def asked(self, leaves: Sequence[Leaf]) -> Asked:
        """Return which words the leaves of a query ask for."""
        words: dict[bytes, None] = {}
        beginnings: list[str] = []
        vocalised: list[str] = []
        for leaf in leaves:
            if isinstance(leaf, Prefix):
                beginnings.append(leaf.text)
                continue
            if isinstance(leaf, Word):
                forms = self.expansion.forms_of(leaf)
                words |= dict.fromkeys(forms.words)
                if leaf.vowels:
                    vocalised += [form.decode() for form in forms.words]
                others = [word for phrase in forms.phrases for word in phrase.words]
            else:
                others = list(leaf.words)
            words |= dict.fromkeys(word.encode("utf-8", "replace") for word in others)
        return Asked(words, tuple(beginnings), tuple(vocalised))


class CandidateView(View):
    """A view of candidates, whose documents are numbered in the order in which they were written."""

    def __init__(
        self, candidates: Sequence[Candidate], known: Known, leaves: Sequence[Leaf], facets: Mapping[str, FacetTable],
        ranking: Ranking,
    ) -> None:  # fmt: skip
        self.candidates = sorted(candidates, key=lambda each: (each.sequence, each.id))
        arrays = segment_of(self.candidates, known.asked(leaves))
        numbers = {
            name: facets[name].numbers(column.values.to_list()) for name, column in arrays.documents.facets.items()
        }
        segments = (
            [OpenSegment(arrays, 0, _ALL_LIVE, StoredReader(arrays.stored), numbers, _UNTOLD)] if candidates else []
        )
        super().__init__(segments, known.expansion, ranking, known.norms)
        self.units = CandidateUnits(self, known.statistics)


class CandidateUnits(Units):
    """Units whose lists are of candidates, and whose worths are of the whole cluster."""

    def __init__(self, view: View, statistics: Statistics) -> None:
        arrays = [segment.arrays for segment in view.segments]
        super().__init__(view.table, view.constants, view.norms, view.expansion, arrays, view.ranking)
        self._statistics = statistics

    def _made(self, leaf: Phrase | Prefix, workspace: Workspace) -> Unit:
        unit = super()._made(leaf, workspace)
        if isinstance(leaf, Prefix):
            unit.worths[0] = self._statistics.worth_of_prefix(leaf)
        return unit

    def _of_forms(self, word: Word, forms: Forms) -> Unit:
        unit = super()._of_forms(word, forms)
        unit.worths[:] = self._statistics.worths(forms, word.field)
        unit.worths[:] *= self._ranking.telling(word.text)
        return unit

    def _joined(self, word: Unit, forms: Forms, phrases: Sequence[Unit], worth: float) -> Unit:
        joined = super()._joined(word, forms, phrases, worth)
        if joined is word and self._held(word.leaf, forms):
            # No candidate has any of the phrases, and yet articles have.
            worths = np.array([worth, word.worths[1]])
            own = (word.docs, word.freqs) if word.made else None
            return unit_of(word.leaf, forms, word.starts, word.rows, word.weights, worths, own, word.verdicts)
        return joined

    def _worth(self, text: str, word: Unit, forms: Forms, phrases: Sequence[Unit]) -> float:
        assert isinstance(word.leaf, Word)  # noqa: S101 - only words have phrases beside them
        worth, _ = self._statistics.worths(forms, word.leaf.field, self._held(word.leaf, forms))
        return worth * self._ranking.telling(text)

    def _held(self, leaf: Leaf, forms: Forms) -> list[int]:
        """Return how many articles hold each phrase that stands for a word, of those that any does."""
        counts = [self._statistics.holding_leaf(Phrase(phrase.words, leaf.field)) for phrase in forms.phrases]
        return [count for count in counts if count]
