"""One commit of one generation as it is searched."""

from __future__ import annotations

import weakref

from index.generations import Generation, Hold
from search.fallback import StockView
from search.suggestions import Suggestions
from search.view import View


class Session:
    """A commit, shared by all threads, and the hold that keeps it on disk."""

    def __init__(
        self, generation: Generation, commit: int, view: View | StockView, suggestions: Suggestions, hold: Hold
    ) -> None:
        self.generation = generation
        self.key = (generation.name, commit)
        self.view = view
        self.suggestions = suggestions
        self.stamp: tuple[int, int, int] | None = None
        self.looked = 0.0  # when it was last seen, by the monotonic clock, that the stamp is still the same
        # The hold goes when the last thread has moved on to another session.
        weakref.finalize(self, hold.release)
