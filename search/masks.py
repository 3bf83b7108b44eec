"""Which documents a nested query matches, as masks over all documents of a view."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from search.kernels.units import BEGIN, END, MATCHES
from search.query import Clause, Either, Group, Leaf, Node
from search.resolution import Unit
from search.view import View


class Masks:
    """Evaluates nodes of a query. ``unit``: gives that of a leaf; ``match`` is what groups ask of their clauses."""

    def __init__(self, view: View, unit: Callable[[Leaf], Unit], match: Literal["all", "any"]) -> None:
        self._view = view
        self._unit = unit
        self._match = match
        self._known: dict[Leaf, NDArray[np.bool_]] = {}

    def of(self, node: Node) -> NDArray[np.bool_]:
        """Return which documents a node matches."""
        if isinstance(node, Group):
            return self._group(node)
        if isinstance(node, Either):
            return np.asarray(np.logical_or.reduce([self._clause(option) for option in node.options]), np.bool_)
        if node not in self._known:
            self._known[node] = self._leaf(node)
        return self._known[node]

    def _group(self, group: Group) -> NDArray[np.bool_]:
        parts = [self.of(clause.node) for clause in group.wanted()]
        combine = np.logical_and if group.strict or self._match == "all" else np.logical_or
        matches = np.asarray(combine.reduce(parts), np.bool_) if parts else np.ones(self._view.size, np.bool_)
        for clause in group.excluded():
            matches = matches & ~self.of(clause.node)
        return matches

    def _clause(self, clause: Clause) -> NDArray[np.bool_]:
        matches = self.of(clause.node)
        return ~matches if clause.excluded else matches

    def _leaf(self, leaf: Leaf) -> NDArray[np.bool_]:
        matches = np.zeros(self._view.size, np.bool_)
        unit = self._unit(leaf)
        for segment, (first, last) in zip(self._view.segments, pairwise(unit.starts.tolist()), strict=True):
            here = matches[segment.base : segment.base + segment.arrays.size]
            docs = unit.docs if unit.made else segment.arrays.postings.docs
            for row in unit.rows[first:last].tolist():
                if row[MATCHES]:
                    here[docs[row[BEGIN] : row[END]]] = True
        return matches
