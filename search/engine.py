"""The seam between the service and whatever holds the index: what an engine can do."""

from __future__ import annotations

from typing import Protocol

from search.request import SearchRequest
from search.results import Everything, Extent, MarkedArticle, SearchResults


class EngineUnavailableError(RuntimeError):
    """There is no index to search, or it cannot be read; the text says why and what to do."""


class Engine(Protocol):
    """What every engine answers. All calls may come from several threads and raise EngineUnavailableError."""

    def search(self, request: SearchRequest) -> SearchResults:
        """Answer a question. No text a reader can type makes it raise anything but EngineUnavailableError."""
        ...

    def everything(self, request: SearchRequest) -> Everything:
        """Find all that match, however many and however long it takes; the request's page means nothing."""
        ...

    def article(self, article_id: str, query: str = "") -> MarkedArticle | None:
        """The stored article of that id, marked by ``query``; None where there is none."""
        ...

    def generation(self) -> str:
        """The name of the generation that answers now; changes with every publication and every add."""
        ...

    def state(self) -> str:
        """What answers depend on, as a text: the same question in the same state has the same answer."""
        ...

    def extent(self) -> Extent:
        """How large the live index is."""
        ...

    def close(self) -> None:
        """Let go of files; a later call opens them again."""
        ...
