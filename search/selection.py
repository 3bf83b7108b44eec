"""Filters in the form in which a kernel looks at them: days, and a mark for every value that is asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.schema import FACETS, NO_DAY
from search.kernels.collection import EVERY_DAY
from search.request import NO_FILTERS, Filters
from search.view import View

_NONE_CHOSEN = np.zeros(0, np.uint8)


class Selection:
    """What a request's filters let through. ``first_day`` and ``last_day`` are inclusive; see ``index.schema``."""

    def __init__(self, filters: Filters) -> None:
        self._values: dict[str, Sequence[str]] = {
            name: getattr(filters, name) for name in FACETS if getattr(filters, name)
        }
        dated = filters.published_from or filters.published_to
        self.first_day = filters.published_from.toordinal() if filters.published_from else NO_DAY + bool(dated)
        self.last_day = filters.published_to.toordinal() if filters.published_to else EVERY_DAY

    def chosen(self, view: View) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Return a place for each value of each filtered facet in each segment, 1 where it is asked for.

        And for each segment and facet where its values begin, -1 where every value will do.
        """
        if not self._values:
            return _NONE_CHOSEN, view.all_chosen
        at = np.full_like(view.all_chosen, -1)
        pieces: list[NDArray[np.uint8]] = []
        size = 0
        for number, segment in enumerate(view.segments):
            for column, name in enumerate(FACETS):
                if name in self._values:
                    values = segment.arrays.documents.facets[name].values
                    places = (values.find(value.encode("utf-8", "replace")) for value in self._values[name])
                    piece = np.zeros(len(values), np.uint8)
                    piece[[place for place in places if place >= 0]] = 1
                    at[number, column] = size
                    pieces.append(piece)
                    size += len(piece)
        return np.concatenate(pieces) if pieces else _NONE_CHOSEN, at


EVERYTHING = Selection(NO_FILTERS)
"""What a request without filters lets through."""
