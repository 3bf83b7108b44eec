"""Running a query over a view: its posting lists found, its shape made out, and the kernels set to work.

Three ways, by the query's shape. Alternatives, or one word: every list is added up, and what was touched is a hit.
Words that must all be there: the rarest is selected, the others restrict it, and only what is left is scored. Anything
nested: masks decide, then the hits are scored. Filters are looked at where a hit is taken, in all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.codec.layout import COUNTED
from search.deadline import Deadline
from search.explanation import closer, explain
from search.kernels.closeness import look_closer, refine
from search.kernels.collection import put_in_order
from search.kernels.ranking import ALL, ANY, MASKED, rank
from search.masks import Masks
from search.preferences import Preference
from search.query import Clause, Either, Group, Leaf, Node, Phrase, Prefix, Query, Word
from search.request import Sort
from search.resolution import Unit
from search.results import Reason
from search.selection import Selection
from search.view import View
from search.workspace import Workspace

Match: TypeAlias = Literal["all", "any"]

_AT_ONCE = 8
"""Segments between two looks at the clock."""

_LEAVES = (Word, Phrase, Prefix)
_NO_MASK = np.zeros(0, np.uint8)
_NO_COUNTS = np.zeros(0, np.int64)
_NO_FACTORS = np.zeros(0, np.float32)


class Found(NamedTuple):
    """What was found: how many, the best of them in order, and counts of facet values.

    ``scores`` and ``documents``: of the best. ``counts`` are by facet and value number, None where they were not asked
    for. ``complete`` is false where time ran out or documents were passed over: what is there matches, but more would.
    """

    total: int
    scores: NDArray[np.float32]
    documents: NDArray[np.int64]
    counts: Mapping[str, NDArray[np.int64]] | None
    complete: bool


class _Shape(NamedTuple):
    """How a query is run: the way, the units that score, those that exclude, and the mask."""

    way: int
    scoring: Sequence[Unit]
    excluding: Sequence[Unit]
    mask: NDArray[np.uint8] = _NO_MASK


class Execution:
    """One query over one view. May be run more than once, for another reading of its words."""

    def __init__(
        self, view: View, query: Query, workspace: Workspace, deadline: Deadline, preference: Preference | None = None
    ) -> None:
        self._view = view
        self._factors = preference.factors if preference else _NO_FACTORS
        self._root = query.root
        self._wanted = query.root.wanted()
        self._workspace = workspace
        self._deadline = deadline
        self._made: dict[Leaf, Unit] = {}
        self._near: set[int] = set()  # the documents that had a second look

    def _unit(self, leaf: Leaf) -> Unit:
        if isinstance(leaf, Word):
            return self._view.units.word(leaf, self._workspace)
        if leaf not in self._made:
            self._made[leaf] = self._view.units.make(leaf, self._workspace)
        return self._made[leaf]

    def worth(self) -> dict[Leaf, float]:
        """Return how telling each leaf is: the most that it can add to a score."""
        return {leaf: float(self._unit(leaf).worths.sum()) for leaf in leaves_of(self._root)}

    def explain(self, number: int) -> tuple[Reason, ...]:
        """Return the parts of a document's score."""
        view = self._view
        units = self._scoring()
        reasons = explain(view, units, number)
        if number not in self._near:
            return reasons
        added = np.empty((1, 2))
        look_closer(view.table, _located(units), view.closeness, np.array([number]), added)
        return (*reasons, *closer(added[0]))

    def _scoring(self) -> list[Unit]:
        return [self._unit(leaf) for leaf in scoring_leaves(self._root)]

    def run(
        self, match: Match, selection: Selection, sort: Sort, depth: int, *, counting: bool = True, exact: bool = True,
        binding: Group | None = None,
    ) -> Found:  # fmt: skip
        """Find what matches and is selected, and the best ``depth`` of it.

        ``binding``: a part of the query that decides what matches, all of it, while the rest only adds to scores;
        ``match`` means nothing then. Where the total need not be ``exact``, documents may be passed over that cannot be
        among the best.
        """
        view = self._view
        way, scoring, excluding, mask = self._bound(binding) if binding else self._shape(match)
        ranking = view.ranking
        by_score = sort == "relevance"
        looks_twice = by_score and bool(scoring) and ranking.looks_twice
        room = min(max(depth, ranking.window), view.size) if looks_twice else depth
        heap = np.empty(room, np.float32), np.empty(room, np.int64), np.empty(room, np.int64)
        state = np.zeros(2, np.int64)
        counts = np.zeros(view.counts, np.int64) if counting else _NO_COUNTS
        asked = np.array(
            [way, by_score, -1 if sort == "oldest" else 1, counting, selection.first_day, selection.last_day,
             by_score and not exact and not len(self._factors), not looks_twice, len(scoring),
             *[unit.address for unit in scoring], *[unit.address for unit in excluding]], np.int64,
        )  # fmt: skip
        chosen, chosen_at = selection.chosen(view)
        segments = len(view.segments)
        passed_over = False
        read = 0
        try:
            while read < segments and not self._deadline.check():
                upto = min(read + _AT_ONCE, segments)
                passed_over |= rank(
                    view.table, read, upto, asked, ranking.presence(len(scoring)), mask, self._factors,
                    chosen, chosen_at, counts, view.counts_at, *heap, state, *self._workspace.buffers,
                )  # fmt: skip
                read = upto
            total, kept = state.tolist()
            if looks_twice:
                refine(
                    view.table, _located(scoring), view.closeness, self._factors, *heap, kept, ranking.window
                )  # fmt: skip
                self._near.update(heap[2][: min(kept, ranking.window)].tolist())
            elif read < segments:
                put_in_order(*heap, kept)
        except BaseException:
            self._workspace.clear()
            raise
        kept = min(kept, depth)
        complete = read == segments and not passed_over and not self._deadline.passed
        return Found(total, heap[0][:kept], heap[2][:kept], self._joined(counts) if counting else None, complete)

    def _joined(self, counts: NDArray[np.int64]) -> Mapping[str, NDArray[np.int64]]:
        """Add up the counts of all segments by the numbers that values have in the facets' tables."""
        joined = {name: np.zeros(size, np.int64) for name, size in self._view.values.items()}
        for segment, places in zip(self._view.segments, self._view.counts_at.tolist(), strict=True):
            for name, at in zip(COUNTED, places, strict=True):
                numbers = segment.facet_numbers[name]
                joined[name][numbers] += counts[at : at + len(numbers)]
        return joined

    def _bound(self, binding: Group) -> _Shape:
        return _Shape(MASKED, self._scoring(), (), self._mask(binding, "all"))

    def _mask(self, node: Group, match: Match) -> NDArray[np.uint8]:
        if self._deadline.check():
            return np.zeros(self._view.size, np.uint8)
        return Masks(self._view, self._unit, match).of(node).view(np.uint8)

    def _shape(self, match: Match) -> _Shape:
        root = self._root
        excluded = root.excluded()
        leaves = [clause.node for clause in excluded if isinstance(clause.node, _LEAVES)]
        if len(leaves) == len(excluded):
            excluding = [self._unit(leaf) for leaf in dict.fromkeys(leaves)]
            flat = _flat(self._wanted, "all" if root.strict else match)
            if flat is not None:
                return _Shape(ALL if flat[0] == "all" else ANY, [self._unit(leaf) for leaf in flat[1]], excluding)
            if not self._wanted:
                return _Shape(MASKED, (), excluding, np.ones(self._view.size, np.uint8))
        return _Shape(MASKED, self._scoring(), (), self._mask(root, match))


def _located(units: Sequence[Unit]) -> NDArray[np.int64]:
    """Return the addresses of units with places: of vocalised words, of those that their lists were parted from."""
    return np.array([(unit.bare or unit).address for unit in units], np.int64)


def _flat(wanted: Sequence[Clause], match: Match) -> tuple[Match, Sequence[Leaf]] | None:
    """Return a query that is nothing but leaves side by side as these leaves, each once, or None."""
    if len(wanted) == 1:
        node = wanted[0].node
        if isinstance(node, Either) and not any(option.excluded for option in node.options):
            return _flat(node.options, "any")
        if isinstance(node, Group) and not node.excluded():
            return _flat(node.wanted(), "all" if node.strict else match)
        match = "any"
    leaves = [clause.node for clause in wanted if isinstance(clause.node, _LEAVES)]
    if not leaves or len(leaves) != len(wanted):
        return None
    return match, leaves if len(leaves) == 1 else list(dict.fromkeys(leaves))


def leaves_of(node: Node) -> Sequence[Leaf]:
    """Return all leaves that decide anything, excluded ones as well."""
    if isinstance(node, Group):
        return [leaf for clause in (*node.wanted(), *node.excluded()) for leaf in leaves_of(clause.node)]
    if isinstance(node, Either):
        return [leaf for clause in node.options for leaf in leaves_of(clause.node)]
    return [node]


def scoring_leaves(root: Group) -> Sequence[Leaf]:
    """Return the leaves of a query that add to a score, each once."""
    return list(dict.fromkeys(leaf for clause in root.wanted() for leaf in _scoring(clause)))


def _scoring(clause: Clause) -> Sequence[Leaf]:
    """Return the leaves of a clause that add to the score: none that is excluded."""
    if clause.excluded:
        return []
    node = clause.node
    if isinstance(node, Group):
        return [leaf for each in node.wanted() for leaf in _scoring(each)]
    if isinstance(node, Either):
        return [leaf for each in node.options for leaf in _scoring(each)]
    return [node]
