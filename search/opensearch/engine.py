"""The read side of the cluster engine: its live generation, and questions to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.codec.lookup import find, pack
from index.completions import Completions, CompletionTable
from index.families import Families, FamilyTable
from index.opensearch.assets import Assets
from index.opensearch.connection import ClusterError, ClusterUnavailableError, connect
from index.opensearch.names import Names
from index.opensearch.state import State, live_state
from index.opensearch.vocabulary import WordCounts
from index.schema import TEXTS
from index.settings import Settings, weights_by_source
from search.alternatives import with_alternatives
from search.deadline import Deadline
from search.engine import EngineUnavailableError
from search.expansion import Expansion
from search.opensearch.question import CANDIDATES, ClusterQuestion, Taste
from search.opensearch.requests import MovedError, Requests, unavailable
from search.opensearch.statistics import Statistics
from search.opensearch.suggestions import suggestions
from search.opensearch.view import Known
from search.parser import parse
from search.query import Query
from search.question import marker_of
from search.ranking import RANKING, Ranking
from search.request import MAX_QUERY_LENGTH, SearchRequest
from search.results import Everything, Extent, MarkedArticle, SearchResults, Suggestion
from search.suggestions import FIRST_COMMIT
from search.synonyms import SynonymFile
from search.workspace import Workspace

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

_Answer = TypeVar("_Answer")

STATE_SECONDS = 0.2
"""How long the state of the cluster is believed: a new generation, or what was added, is seen after so long at most."""

_TELLING_SECONDS = 0.5
"""How long a node may take to tell the state, a document read by its id, before another one is asked."""

_DOUBT_SECONDS = 60.0
"""How long the state is believed that no node confirms: longer than a cluster keeps a node that hangs."""

_PAUSE_SECONDS = 2.0
"""After how long the state is asked for again that could not be read: whoever asks for it waits for all nodes."""

_ATTEMPTS = 3
"""How often a question is asked when what it is asked of changes under way."""


class _Tables:
    """Statistics of words as a generation's tables have them: its own, and those of what was added."""

    def __init__(self, state: State, counts: Sequence[WordCounts]) -> None:
        self.documents = state.documents
        self.words = state.words
        self._counts = counts

    def documents_of(self, words: Sequence[bytes]) -> NDArray[np.int64]:
        found = np.zeros((len(TEXTS), len(words)), np.int64)
        asked = pack(words)
        for counts in self._counts:
            places = find(counts.words, asked)
            there = places >= 0
            found[:, there] += counts.documents[places[there]].T
        return found


@dataclass(frozen=True, slots=True)
class _Session:
    """One commit of one generation, with what all questions to it have in common.

    ``told_at``: when the cluster said that it is the live one. ``due``: when to ask for that again. ``doubt``: why the
    cluster could not say so when it was last asked; empty where it could.
    """

    state: State
    known: Known
    completions: Completions
    told_at: float
    due: float
    doubt: str = ""


class ClusterEngine:
    """Searches the index in an OpenSearch cluster; may be shared by threads.

    Asks nothing of the cluster before the first call. Raises SettingsError for synonyms that cannot be used, and
    EngineUnavailableError where opensearch-py is not installed. ``window``: see ``ClusterQuestion``;
    ``state_seconds``: see STATE_SECONDS.
    """

    def __init__(
        self, settings: Settings, ranking: Ranking = RANKING, today: Callable[[], date] = date.today,
        window: int = CANDIDATES, state_seconds: float = STATE_SECONDS,
    ) -> None:  # fmt: skip
        with unavailable():
            self._client: OpenSearch = connect(settings)
        self._names = Names(settings.opensearch_index)
        self._assets = Assets(self._client, settings.index)
        self._patience = settings.opensearch_timeout
        self._time_budget = settings.time_budget
        self._ranking = ranking
        self._window = window
        self._state_seconds = state_seconds
        self._synonyms = SynonymFile(settings.synonyms)
        self._today = today
        self._half_life = settings.recency_half_life
        self._weights = weights_by_source(settings.source_weights)
        self._workspace = Workspace()
        self._lock = threading.Lock()
        self._session_: _Session | None = None
        self._opened: dict[str, tuple[FamilyTable, WordCounts, CompletionTable]] = {}

    def generation(self) -> str:
        """Return the live generation's name and its commit; unlike questions, never on the word of before."""
        session = self._session()
        if session.doubt:
            raise EngineUnavailableError(session.doubt)
        return _named(session.state)

    def state(self) -> str:
        """Return the generation, the state of the synonyms and, where new articles are preferred, the day."""
        return f"{_named(self._session().state)} {self._synonyms.stamp} {self._today() if self._half_life else ''}"

    def article(self, article_id: str, query: str = "") -> MarkedArticle | None:
        """Return a stored article with its words marked that the query would match."""
        session = self._session()
        with unavailable():
            article = self._requests(session).article(article_id)
        if article is None:
            return None
        expansion = session.known.expansion
        marker = marker_of(self._read(query, expansion), expansion)
        return MarkedArticle(article, marker.whole("title", article.title), marker.whole("body", article.body))

    def search(self, request: SearchRequest) -> SearchResults:
        """Answer a question; see ``search.engine``."""
        begin = time.perf_counter()
        return self._asked(lambda session: self._question(request, session, self._time_budget).answer(begin))

    def everything(self, request: SearchRequest) -> Everything:
        """Find all that match; see ``search.engine``. A point in time is held in the cluster until they are read."""
        found = self._asked(lambda session: self._question(request, session, 0.0).all_of())
        return replace(found, articles=_told(found.articles))

    def suggest(self, text: str, limit: int) -> tuple[Suggestion, ...]:
        """Return ways to go on from what was typed; see ``search.engine``."""
        session = self._session()
        unchanged = session.state.commit == FIRST_COMMIT
        with unavailable():
            return suggestions(session.completions, text, limit, self._requests(session), unchanged=unchanged)

    def extent(self) -> Extent:
        """Return how large the live index is."""
        session = self._session()
        with unavailable():
            articles, size = self._requests(session).extent()
        return Extent(_named(session.state), articles, size)

    def close(self) -> None:
        """Close the connections to the cluster."""
        self._client.close()

    def _asked(self, ask: Callable[[_Session], _Answer]) -> _Answer:
        """Ask of the live generation, and again where it changed meanwhile."""
        session = self._session()
        for _ in range(_ATTEMPTS - 1):
            try:
                return ask(session)
            except MovedError:
                session = self._session(anew=True)
            except ClusterError as error:
                before, session = session, self._session(anew=True)
                if session.state.generation == before.state.generation:
                    raise EngineUnavailableError(str(error)) from error
        with unavailable():
            try:
                return ask(session)
            except MovedError as error:
                raise EngineUnavailableError(f"articles change faster than they can be read: {error}") from error

    def _question(self, request: SearchRequest, session: _Session, seconds: float) -> ClusterQuestion:
        deadline = Deadline(seconds)
        query = self._read(request.text, session.known.expansion)
        today = self._today().toordinal() if self._half_life else 0
        taste = Taste(self._weights, self._half_life, self._ranking.recency, today)
        return ClusterQuestion(
            self._requests(session), session.known, request, query, self._workspace, deadline, taste, self._window
        )

    def _requests(self, session: _Session) -> Requests:
        return Requests(self._client, session.state.generation, self._time_budget)

    def _read(self, text: str, expansion: Expansion) -> Query:
        return with_alternatives(parse(text[:MAX_QUERY_LENGTH]), self._synonyms.current(), expansion.attested)

    def _session(self, *, anew: bool = False) -> _Session:
        """Return the session on the live generation's latest commit, as the state told it just now or lately."""
        session = self._session_
        if session is not None and not anew and time.monotonic() < session.due:
            return session
        # Who opens a generation fetches its tables first: the others go on with the one that they know.
        if not self._lock.acquire(blocking=session is None or anew) and session is not None:
            return session
        try:
            latest = self._session_
            if latest is not None and latest is not session and latest.doubt:
                return latest  # whoever held the lock has asked in vain just now
            with unavailable():
                return self._renewed()
        finally:
            self._lock.release()

    def _renewed(self) -> _Session:
        session, now = self._session_, time.monotonic()
        try:
            state = live_state(self._client, self._names, min(_TELLING_SECONDS, self._patience))
        except ClusterUnavailableError as error:
            if session is None or now - session.told_at > _DOUBT_SECONDS:
                raise
            # Whether it can be asked questions is another thing: a node may hang that these need not meet.
            session = replace(session, due=time.monotonic() + _PAUSE_SECONDS, doubt=str(error))
        else:
            if session is not None and session.state.key == state.key:
                session = replace(session, told_at=now, due=now + self._state_seconds, doubt="")
            else:
                opened = self._open(state)
                now = time.monotonic()
                session = _Session(state, *opened, now, now + self._state_seconds)
        self._session_ = session
        return session

    def _open(self, state: State) -> tuple[Known, Completions]:
        opened = {}
        for asset in state.assets:
            known = self._opened.get(asset.checksum)
            if known is None:
                arrays = self._assets.open(state, asset).arrays
                known = FamilyTable(arrays), WordCounts.stored(arrays), CompletionTable(arrays)
            opened[asset.checksum] = known
        self._opened = opened
        tables, counts, completions = zip(*opened.values(), strict=True)
        statistics = Statistics(_Tables(state, counts), self._ranking)
        return Known(Expansion(Families(tables), self._ranking), statistics, self._ranking), Completions(completions)


def _named(state: State) -> str:
    name, commit = state.key
    return f"{name}.{commit}"


def _told(articles: Iterator[Article]) -> Iterator[Article]:
    """Yield articles; where the cluster breaks off, so does the export."""
    with unavailable():
        yield from articles
