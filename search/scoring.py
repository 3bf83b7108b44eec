"""From a query tree to the documents that match and their scores, over one open index.

Everything is an array over all documents: a leaf of the query adds up what its terms' postings say, and groups combine
the leaves' masks. When time is up the rest is not read, and what is returned is a part of the true result: every
document in it matches.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.schema import SCORED
from search.columns import Columns, Mask
from search.expansion import expand, index_field
from search.postings import Deadline, Leaves, Postings
from search.query import Clause, Either, Group, Leaf, Node, Phrase, Prefix, Word
from search.ranking import RANKING, Ranking

Scores: TypeAlias = NDArray[np.float32]

MAX_EXPANSIONS = 1024
"""Most words that a prefix stands for; those in most articles are taken."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one node says of every document: whether it matches, and how much that is worth.

    ``complete`` is false where time ran out while it was gathered.
    """

    matches: Mask
    scores: Scores
    complete: bool = True


class Scorer:
    """Scores queries against one open index. Leaves are kept, so that a second reading of a query costs little."""

    def __init__(self, leaves: Leaves, columns: Columns, deadline: Deadline, ranking: Ranking = RANKING) -> None:
        self._leaves = leaves
        self._columns = columns
        self._deadline = deadline
        self._ranking = ranking
        self._found: dict[Leaf, Evidence] = {}
        self.capped_prefixes: list[str] = []
        """Prefixes that stood for more words than were taken."""

    def evaluate(self, node: Node, match: Literal["all", "any"]) -> Evidence:
        """Return what ``node`` says of every document; deleted documents are not taken out."""
        if isinstance(node, Group):
            return self._group(node, "all" if node.strict else match)
        if isinstance(node, Either):
            return self._any([self._clause(option, match) for option in node.options])
        if node not in self._found:
            self._found[node] = self._leaf(node)
        return self._found[node]

    def worth(self) -> dict[Leaf, float]:
        """Return how telling each leaf was: the best score that it gave any document."""
        return {leaf: float(evidence.scores.max(initial=0.0)) or 1.0 for leaf, evidence in self._found.items()}

    def _nothing(self) -> tuple[Mask, Scores]:
        size = self._columns.size
        return np.zeros(size, np.bool_), np.zeros(size, np.float32)

    def _group(self, group: Group, match: Literal["all", "any"]) -> Evidence:
        wanted = [self.evaluate(clause.node, match) for clause in group.wanted()]
        if not wanted:
            matches, scores = self._nothing()
            evidence = Evidence(~matches, scores)
        else:
            evidence = self._all(wanted) if match == "all" else self._any(wanted)
        for clause in group.excluded():
            kept = self._clause(clause, match)
            evidence = Evidence(evidence.matches & kept.matches, evidence.scores, evidence.complete and kept.complete)
        return evidence

    def _clause(self, clause: Clause, match: Literal["all", "any"]) -> Evidence:
        evidence = self.evaluate(clause.node, match)
        if not clause.excluded:
            return evidence
        matches, scores = self._nothing()
        if evidence.complete:
            return Evidence(~evidence.matches, scores)
        return Evidence(matches, scores, complete=False)  # what was not read might have been excluded

    def _all(self, parts: Sequence[Evidence]) -> Evidence:
        matches = np.logical_and.reduce([part.matches for part in parts])
        return self._sum(matches, parts)

    def _any(self, parts: Sequence[Evidence]) -> Evidence:
        matches = np.logical_or.reduce([part.matches for part in parts])
        return self._sum(matches, parts)

    def _sum(self, matches: Mask, parts: Sequence[Evidence]) -> Evidence:
        scores = np.zeros(self._columns.size, np.float32)
        for part in parts:
            scores += part.scores
        return Evidence(matches, scores, all(part.complete for part in parts))

    def _leaf(self, leaf: Leaf) -> Evidence:
        fields = (leaf.field,) if leaf.field else SCORED
        if isinstance(leaf, Word):
            matches, scores = self._nothing()
            for form in expand(leaf.text):
                terms = [(index_field(field, form.kind), field, form.key) for field in fields]
                found, score = self._family(terms, self._ranking.kinds[form.kind])
                matches |= found
                scores += score
        elif isinstance(leaf, Prefix):
            terms = [(field, field, term) for field in fields for term in self._expansions(leaf, fields)]
            matches, scores = self._family(terms, self._ranking.only_exact())
        else:
            matches, scores = self._phrase(leaf, fields)
        return Evidence(matches, scores, not self._deadline.passed)

    def _family(self, terms: Iterable[tuple[str, str, str]], weight: float) -> tuple[Mask, Scores]:
        """Score terms as if they were one word. Each is an index field, the field it stands for, and a key."""
        frequencies = np.zeros(self._columns.size, np.float32)
        for index_name, field, key in terms:
            self._add(frequencies, field, self._leaves.postings(index_name, key, self._deadline))
        matches = frequencies > 0
        rarity = self._rarity(int(np.count_nonzero(matches)))
        return matches, self._saturated(frequencies, weight * rarity)

    def _add(self, frequencies: Scores, field: str, postings: Postings) -> None:
        counts = postings.counts * np.float32(self._ranking.weights.get(field, 1.0))
        b = self._ranking.b.get(field, 0.0)
        if b and len(counts):
            lengths = self._columns.lengths[field][postings.documents]
            counts = counts / (np.float32(1 - b) + np.float32(b / self._columns.average_lengths[field]) * lengths)
        frequencies[postings.documents] += counts

    def _saturated(self, frequencies: Scores, weight: float) -> Scores:
        k1 = self._ranking.k1
        scores: Scores = frequencies * np.float32(weight * (k1 + 1)) / (frequencies + np.float32(k1))
        return scores

    def _rarity(self, documents: int) -> float:
        size = self._columns.size
        return float(np.log1p((size - documents + 0.5) / (documents + 0.5)))

    def _phrase(self, phrase: Phrase, fields: Sequence[str]) -> tuple[Mask, Scores]:
        if len(phrase.words) == 1:
            return self._family([(field, field, phrase.words[0]) for field in fields], self._ranking.only_exact())
        frequencies = np.zeros(self._columns.size, np.float32)
        for field in fields:
            self._add(frequencies, field, self._leaves.phrase(field, phrase.words, self._deadline))
        matches = frequencies > 0
        # A phrase is worth its words together, more than they are apart; its own rarity is unknown before it is read,
        # so that of the words is added up, as Lucene does.
        rarity = sum(
            self._rarity(max(self._leaves.document_count(field, word) for field in fields))
            for word in dict.fromkeys(phrase.words)
        )
        return matches, self._saturated(frequencies, self._ranking.phrase * rarity)

    def _expansions(self, prefix: Prefix, fields: Sequence[str]) -> list[str]:
        counts: dict[str, int] = {}
        for field in fields:
            for term, count in self._leaves.terms_with_prefix(field, prefix.text, self._deadline):
                counts[term] = counts.get(term, 0) + count
        if len(counts) > MAX_EXPANSIONS:
            self.capped_prefixes.append(prefix.text)
            return heapq.nlargest(MAX_EXPANSIONS, counts, key=lambda term: (counts[term], term))
        return list(counts)
