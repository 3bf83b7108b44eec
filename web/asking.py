"""Questions to the engine from views, and what is noted of them: for metrics, for the log, for caches."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import request as http_request

from search.request import Filters, SearchRequest
from search.results import Everything, Note, SearchResults
from web.extension import current_engine

_NO_DAYS = Note("no_days", "اليوم الأول بعد اليوم الأخير، فلا يوم بينهما.")


@dataclass(slots=True)
class Asked:
    """What a request asked and got. ``seconds`` is None where the whole result was asked for, to be streamed."""

    request: SearchRequest
    total: int
    seconds: float | None = None
    partial: bool = False

    @property
    def in_vain(self) -> bool:
        """Whether a reader who asked for something got nothing."""
        something = bool(self.request.text.strip()) or self.request.filters != Filters()
        return something and not self.total


ASKED = "fihris.asked"
"""Where in the WSGI environment the last question of a request is kept."""


def ask(question: SearchRequest) -> SearchResults:
    """Answer a question by the current application's engine, and say so where it asks for no day at all."""
    results = current_engine().search(question)
    first, last = question.filters.published_from, question.filters.published_to
    if first and last and first > last:
        results = replace(results, notes=(*results.notes, _NO_DAYS))
    _note(Asked(question, results.total, results.took_ms / 1000, results.partial))
    return results


def ask_for_everything(question: SearchRequest) -> Everything:
    """Find all that matches a question."""
    found = current_engine().everything(question)
    _note(Asked(question, found.total))
    return found


def _note(asked: Asked) -> None:
    http_request.environ[ASKED] = asked
