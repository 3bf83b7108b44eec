"""Running a query over a view: its posting lists found, its shape made out, and the kernels set to work.

Three ways, by the query's shape. Alternatives, or one word: every list is added up, and what was touched is a hit.
Words that must all be there: the rarest is selected, the others restrict it, and only what is left is scored. Anything
nested: masks decide, then the hits are scored. Filters are looked at where a hit is taken, in all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.codec.layout import COUNTED
from search.deadline import Deadline
from search.explanation import explain
from search.kernels.collection import KEPT, TOTAL, put_in_order
from search.kernels.ranking import ALL, ANY, MASKED, rank
from search.masks import Masks
from search.query import Clause, Either, Group, Leaf, Node, Phrase, Prefix, Query, Word
from search.request import Sort
from search.resolution import Unit
from search.results import Reason
from search.selection import Selection
from search.view import View, Workspace

Match: TypeAlias = Literal["all", "any"]

_AT_ONCE = 8
"""Segments between two looks at the clock."""

_LEAVES = (Word, Phrase, Prefix)
_NO_MASK = np.zeros(0, np.uint8)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: how many, the best of them as (score, document) in order, and counts of facet values.

    ``counts`` are by facet and value number, None where they were not asked for. ``complete`` is false where time ran
    out or documents were passed over: what is there matches, but more would.
    """

    total: int
    best: Sequence[tuple[float, int]]
    counts: Mapping[str, NDArray[np.int64]] | None
    complete: bool


class _Shape(NamedTuple):
    """How a query is run: the way, the units that score, those that exclude, and the mask."""

    way: int
    scoring: Sequence[Unit]
    excluding: Sequence[Unit]
    mask: NDArray[np.uint8]


class Execution:
    """One query over one view. May be run more than once, for another reading of its words."""

    def __init__(self, view: View, query: Query, workspace: Workspace, deadline: Deadline) -> None:
        self._view = view
        self._root = query.root
        self._workspace = workspace
        self._deadline = deadline
        # Held while kernels read them: a view may forget its words meanwhile.
        self._units = {leaf: view.units.of(leaf, workspace.counts) for leaf in _leaves(query.root)}

    def worth(self) -> dict[Leaf, float]:
        """Return how telling each leaf is: the most that it can add to a score."""
        return {leaf: float(unit.worths.sum()) for leaf, unit in self._units.items()}

    def explain(self, number: int) -> tuple[Reason, ...]:
        """Return the parts of a document's score."""
        scoring = dict.fromkeys(leaf for clause in self._root.wanted() for leaf in _scoring(clause))
        return explain(self._view, [self._units[leaf] for leaf in scoring], number)

    def run(
        self, match: Match, selection: Selection, sort: Sort, depth: int, *, counting: bool = True, exact: bool = True
    ) -> Found:
        """Find what matches and is selected, and the best ``depth`` of it.

        Where the total need not be ``exact``, documents may be passed over that cannot be among the best.
        """
        view = self._view
        shape = self._shape(match)
        heap = np.empty(depth, np.float32), np.empty(depth, np.int64), np.empty(depth, np.int64)
        state = np.zeros(2, np.int64)
        counts = np.zeros(view.counts if counting else 0, np.int64)
        by_score = int(sort == "relevance")
        options = np.array(
            [by_score, -1 if sort == "oldest" else 1, int(counting), selection.first_day, selection.last_day,
             int(by_score and not exact), int(not all(unit.all_match for unit in shape.scoring))], np.int64,
        )  # fmt: skip
        chosen, chosen_at = selection.chosen(view)
        scoring, excluding = _addresses(shape.scoring), _addresses(shape.excluding)
        passed_over = False
        read = 0
        try:
            while read < len(view.segments) and not self._deadline.check():
                upto = min(read + _AT_ONCE, len(view.segments))
                passed_over |= rank(
                    view.table, read, upto, scoring, excluding, shape.way,
                    view.norms, view.ranking.k1, shape.mask, chosen, chosen_at, options, counts, view.counts_at,
                    *heap, state, *self._workspace.buffers(),
                )  # fmt: skip
                read = upto
        except BaseException:
            self._workspace.clear()
            raise
        kept = int(state[KEPT])
        put_in_order(*heap, kept)
        best = list(zip(heap[0][:kept].tolist(), heap[2][:kept].tolist(), strict=True))
        complete = read == len(view.segments) and not passed_over and not self._deadline.passed
        return Found(int(state[TOTAL]), best, self._joined(counts) if counting else None, complete)

    def _joined(self, counts: NDArray[np.int64]) -> Mapping[str, NDArray[np.int64]]:
        """Add up the counts of all segments by the numbers that values have in the facets' tables."""
        sizes = {
            name: 1 + max((int(each.facet_numbers[name].max(initial=-1)) for each in self._view.segments), default=-1)
            for name in COUNTED
        }
        joined = {name: np.zeros(size, np.int64) for name, size in sizes.items()}
        for segment, places in zip(self._view.segments, self._view.counts_at.tolist(), strict=True):
            for name, at in zip(COUNTED, places, strict=True):
                numbers = segment.facet_numbers[name]
                joined[name][numbers] += counts[at : at + len(numbers)]
        return joined

    def _shape(self, match: Match) -> _Shape:
        root = self._root
        wanted = root.wanted()
        excluded = root.excluded()
        excluding = [self._units[clause.node] for clause in excluded if isinstance(clause.node, _LEAVES)]
        if len(excluding) == len(excluded):
            excluding = list(dict.fromkeys(excluding))
            flat = _flat(wanted, "all" if root.strict else match)
            if flat is not None:
                scoring = [self._units[leaf] for leaf in flat[1]]
                return _Shape(ALL if flat[0] == "all" else ANY, scoring, excluding, _NO_MASK)
            if not wanted:
                return _Shape(MASKED, (), excluding, np.ones(self._view.size, np.uint8))
        leaves = dict.fromkeys(leaf for clause in wanted for leaf in _scoring(clause))
        mask = np.zeros(self._view.size, np.bool_)
        if not self._deadline.check():
            mask = Masks(self._view, self._units, match).of(root)
        return _Shape(MASKED, [self._units[leaf] for leaf in leaves], (), mask.view(np.uint8))


def _addresses(units: Sequence[Unit]) -> NDArray[np.int64]:
    return np.array([unit.address for unit in units], np.int64)


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
    return (match, list(dict.fromkeys(leaves))) if leaves and len(leaves) == len(wanted) else None


def _leaves(node: Node) -> Sequence[Leaf]:
    """Return all leaves that decide anything, excluded ones as well."""
    if isinstance(node, Group):
        return [leaf for clause in (*node.wanted(), *node.excluded()) for leaf in _leaves(clause.node)]
    if isinstance(node, Either):
        return [leaf for clause in node.options for leaf in _leaves(clause.node)]
    return [node]


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
