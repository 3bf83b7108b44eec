"""The read side of the embedded engine: the live generation, opened anew when it changes, and questions to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from index import embedded, fallbacks
from index.article import Article
from index.codec.container import DamagedFileError, FormatVersionError
from index.generations import Generation, Generations, Hold, NoIndexError, RefusedIndexError
from index.settings import Settings
from search.alternatives import with_alternatives
from search.deadline import Deadline
from search.engine import EngineUnavailableError
from search.execution import Execution, Found
from search.fallback import StockExecution, StockView
from search.parser import parse
from search.preferences import Preference, Preferences
from search.query import Group, Leaf, Query
from search.question import Question, marker_of
from search.ranking import RANKING, Ranking
from search.request import MAX_DEPTH, MAX_QUERY_LENGTH, NO_FILTERS, SearchRequest
from search.results import Everything, Extent, Factor, MarkedArticle, Reason, SearchResults, Suggestion
from search.selection import EVERYTHING, Selection
from search.session import Session
from search.suggestions import SuggestionFiles
from search.synonyms import SynonymFile
from search.view import FacetTable, StockSegmentError, View, Views
from search.workspace import Workspace

_OPEN_ATTEMPTS = 3

_LOOK_SECONDS = 0.001
"""How long it is taken for granted that the index is as it was when it was last looked at."""


class EmbeddedEngine:
    """Searches the Whoosh index in a directory; may be shared by threads.

    Opens nothing of the index before the first call. Raises SettingsError for synonyms that cannot be used.
    """

    def __init__(self, settings: Settings, ranking: Ranking = RANKING, today: Callable[[], date] = date.today) -> None:
        self._generations = Generations(settings.index)
        self._time_budget = settings.time_budget
        self._lock = threading.Lock()
        self._ranking = ranking
        self._views = Views(ranking)
        self._suggestions = SuggestionFiles()
        self._synonyms = SynonymFile(settings.synonyms)
        self._today = today
        self._prefers_new = settings.recency_half_life > 0
        self._preferences = Preferences(settings, ranking, self._views.facets["source"], today)
        self._workspace = Workspace()
        self._session_: Session | None = None

    def generation(self) -> str:
        """Return the live generation's name and its commit."""
        name, commit = self._session().key
        return f"{name}.{commit}"

    def state(self) -> str:
        """Return the generation, the state of the synonyms and, where new articles are preferred, the day."""
        return f"{self.generation()} {self._synonyms.stamp} {self._today() if self._prefers_new else ''}"

    def close(self) -> None:
        """Let go of the index; questions on their way finish on what they have."""
        self._session_ = None

    def article(self, article_id: str, query: str = "") -> MarkedArticle | None:
        """Return a stored article with its words marked that the query would match."""
        view = self._session().view
        number = view.find(article_id)
        if number < 0:
            return None
        article = view.article(number)
        marker = marker_of(self._read(query, view), view.expansion)
        return MarkedArticle(article, marker.whole("title", article.title), marker.whole("body", article.body))

    def search(self, request: SearchRequest) -> SearchResults:
        """Answer a question; see ``search.engine``."""
        begin = time.perf_counter()
        return self._question(request, self._time_budget).answer(begin)

    def everything(self, request: SearchRequest) -> Everything:
        """Find all that match; see ``search.engine``. Held until they are read: 8 bytes an article, and the view."""
        session = self._session()
        return self._question(request, 0.0, session).all_of(session)

    def suggest(self, text: str, limit: int) -> tuple[Suggestion, ...]:
        """Return ways to go on from what was typed; see ``search.engine``."""
        return self._session().suggestions.of(text, limit)

    def extent(self) -> Extent:
        """Return how large the live index is."""
        try:
            status = embedded.status(self._generations)
        except (NoIndexError, RefusedIndexError) as error:
            raise EngineUnavailableError(str(error)) from error
        return Extent(f"{status.generation}.{status.commit}", status.articles, status.size)

    def ranked(self, request: SearchRequest) -> Found:
        """Return what ``search`` would find under ``match`` all or any, without reading an article."""
        return self._question(request, 0.0).found("any" if request.match == "any" else "all")

    def _question(self, request: SearchRequest, time_budget: float, session: Session | None = None) -> _Question:
        view = (session or self._session()).view
        if isinstance(view, StockView):
            fallbacks.record(self._generations.root)
        query = self._read(request.text, view)
        preference = self._preferences.of(view)
        return _Question(view, self._views.facets, request, query, self._workspace, Deadline(time_budget), preference)

    def _read(self, text: str, view: View | StockView) -> Query:
        query = parse(text[:MAX_QUERY_LENGTH])
        if not self._ranking.family:
            return query
        return with_alternatives(query, self._synonyms.current(), view.expansion.attested)

    def _session(self) -> Session:
        """Return the session on the live generation's latest commit, opening one where there is none."""
        session = self._session_
        now = time.monotonic()
        if session is not None and session.stamp is not None:
            if now - session.looked < _LOOK_SECONDS:
                return session
            if session.stamp == self._generations.stamp(session.generation):
                session.looked = now
                return session
            session.stamp = None
        try:
            generation = self._generations.live()
            stamp = self._generations.stamp(generation)
            key = (generation.name, generation.commit_number())
            if session is None or session.key != key:
                session = self._open(key)
            else:
                session.stamp = stamp
        except (NoIndexError, RefusedIndexError, DamagedFileError, FormatVersionError) as error:
            raise EngineUnavailableError(str(error)) from error
        return session

    def _open(self, key: tuple[str, int]) -> Session:
        with self._lock:
            if self._session_ is not None and self._session_.key == key:
                return self._session_
            for attempt in range(_OPEN_ATTEMPTS):
                generation, hold = self._generations.open_live()
                try:
                    session = self._open_held(generation, hold)
                except FileNotFoundError:
                    # A commit has removed a segment between the table of contents and the segment: look again.
                    hold.release()
                    if attempt == _OPEN_ATTEMPTS - 1:
                        raise EngineUnavailableError(
                            f"{generation.directory} is incomplete: run `fihris reindex`"
                        ) from None
                except BaseException:
                    hold.release()
                    raise
                else:
                    self._session_ = session
                    return session
        raise AssertionError("the last attempt returns or raises")

    def _open_held(self, generation: Generation, hold: Hold) -> Session:
        generation.manifest()
        commit = generation.commit_number()
        index = generation.open_index()
        view: View | StockView
        try:
            view = self._views.open(generation.directory, index)
        except StockSegmentError:
            view = StockView(generation.directory, index, self._views.facets, self._ranking)
        suggestions = self._suggestions.open(generation.directory, index, commit, view)
        return Session(generation, commit, view, suggestions, hold)


def _read(session: Session, numbers: NDArray[np.int64]) -> Iterator[Article]:
    """Yield articles of a session, which this keeps: it holds their files on the disk."""
    for number in numbers:
        yield session.view.article(int(number))


class _Question(Question):
    """One request on its way through a view of the index."""

    def __init__(
        self, view: View | StockView, facets: Mapping[str, FacetTable], request: SearchRequest, query: Query,
        workspace: Workspace, deadline: Deadline, preference: Preference | None,
    ) -> None:  # fmt: skip
        super().__init__(facets, request, query, deadline, view.expansion)
        self._view = view
        self._whole = False
        self._preference = preference
        self._execution: Execution | StockExecution
        if isinstance(view, StockView):
            self._execution = StockExecution(view, query, deadline, preference)
        else:
            self._execution = Execution(view, query, workspace, deadline, preference)

    def all_of(self, session: Session) -> Everything:
        self._whole = True
        match, found = self.run()
        # A copy: what was found is a part of buffers as large as the index.
        return self.everything(found, match, _read(session, found.documents.copy()))

    def found(self, match: Literal["all", "any"], binding: Group | None = None) -> Found:
        request, sort = self._request, self.sort()
        depth = self._view.size if self._whole else min(request.page * request.per_page, MAX_DEPTH, self._view.size)
        counting, exact = request.facets and not self._whole, request.total == "exact" or self._whole
        if isinstance(self._execution, StockExecution):
            return self._execution.run(match, request.filters, sort, depth, counting=counting, binding=binding)
        selection = EVERYTHING if request.filters is NO_FILTERS else Selection(request.filters)
        return self._execution.run(match, selection, sort, depth, counting=counting, exact=exact, binding=binding)

    def articles(self, numbers: Sequence[int]) -> Sequence[Article]:
        return [self._view.article(number) for number in numbers]

    def worth(self) -> dict[Leaf, float]:
        return self._execution.worth()

    def explain(self, number: int) -> tuple[Reason, ...]:
        return self._execution.explain(number)

    def factors(self, number: int) -> tuple[Factor, ...]:
        return self._preference.explain(number) if self._preference else ()
