"""The read side of the embedded engine: the live generation, opened anew when it changes, and questions to it."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from index.generations import Generation, Generations, Hold, NoIndexError, RefusedIndexError
from index.schema import FACETS, NO_DAY, stored_article
from index.settings import Settings
from search.columns import Columns, Mask, SegmentColumns, join_segments, load_segment
from search.engine import EngineUnavailableError
from search.highlight import Marker
from search.parser import parse
from search.postings import Deadline, Leaves
from search.query import Group, Query
from search.request import MAX_QUERY_LENGTH, Filters, SearchRequest
from search.results import FacetValue, Hit, MarkedArticle, Note, SearchResults
from search.scoring import MAX_EXPANSIONS, Evidence, Scorer

FACET_VALUES = 100
"""Most values that one facet lists."""

_NO_MARKS = Marker(Query(Group(())))
_OPEN_ATTEMPTS = 3


class _View:
    """One commit of one generation, shared by all threads: its columns, and the hold that keeps it on disk."""

    def __init__(self, key: tuple[str, int], columns: Columns, hold: Hold) -> None:
        self.key = key
        self.columns = columns
        # The hold goes when the last thread has moved on to another view.
        weakref.finalize(self, hold.release)


@dataclass(frozen=True, slots=True)
class _Session:
    """A thread's own reader of a view: Whoosh's readers share a file position, so no two threads may share one."""

    view: _View
    reader: Any
    leaves: Leaves


class EmbeddedEngine:
    """Searches the Whoosh index in a directory. Opens nothing before the first call; may be shared by threads."""

    def __init__(self, settings: Settings) -> None:
        self._generations = Generations(settings.index)
        self._time_budget = settings.time_budget
        self._lock = threading.Lock()
        self._segments: dict[str, SegmentColumns] = {}
        self._view: weakref.ref[_View] | None = None
        self._local = threading.local()

    def generation(self) -> str:
        """Return the live generation's name and its commit."""
        view = self._session().view
        return f"{view.key[0]}.{view.key[1]}"

    def close(self) -> None:
        """Close this thread's files."""
        session: _Session | None = getattr(self._local, "session", None)
        if session is not None:
            self._local.session = None
            session.reader.close()

    def article(self, article_id: str, query: str = "") -> MarkedArticle | None:
        """Return a stored article with its words marked that the query would match."""
        session = self._session()
        key = article_id.encode("utf-8", "replace")
        for leaf, base in session.leaves.segments:
            if ("id", key) in leaf:
                postings = leaf.postings("id", key)
                while postings.is_active():
                    number = postings.id()
                    if session.view.columns.live[number + base]:
                        article = stored_article(leaf.stored_fields(number)["article"])
                        marker = Marker(parse(query[:MAX_QUERY_LENGTH]))
                        return MarkedArticle(
                            article, marker.whole("title", article.title), marker.whole("body", article.body)
                        )
                    postings.next()
        return None

    def search(self, request: SearchRequest) -> SearchResults:
        """Answer a question; see ``search.engine``."""
        begin = time.perf_counter()
        session = self._session()
        question = _Question(session, request, Deadline(self._time_budget))
        return question.answer(begin)

    def _session(self) -> _Session:
        """Return this thread's session on the live generation's latest commit, opening one where it has none."""
        try:
            generation = self._generations.live()
            key = (generation.name, generation.commit_number())
            session: _Session | None = getattr(self._local, "session", None)
            if session is None or session.view.key != key:
                self.close()
                session = self._open()
                self._local.session = session
        except (NoIndexError, RefusedIndexError) as error:
            raise EngineUnavailableError(str(error)) from error
        return session

    def _open(self) -> _Session:
        with self._lock:
            for attempt in range(_OPEN_ATTEMPTS):
                generation, hold = self._generations.open_live()
                try:
                    return self._open_generation(generation, hold)
                except OSError as error:
                    # A commit replaced segments between our reading their names and opening them: look again.
                    hold.release()
                    if attempt == _OPEN_ATTEMPTS - 1:
                        raise EngineUnavailableError(f"{generation.directory} cannot be read: {error}") from error
                    time.sleep(0.05)
                except BaseException:
                    hold.release()
                    raise
        raise AssertionError("unreachable")

    def _open_generation(self, generation: Generation, hold: Hold) -> _Session:
        generation.manifest()
        number = generation.commit_number()
        try:
            reader = generation.open_index().reader()
        except OSError:
            raise
        except Exception as error:  # Whoosh raises anything on a damaged file
            raise RefusedIndexError(f"the index {generation.directory} cannot be opened: {error!r}") from error
        if reader.generation() not in (number, None):
            number = reader.generation()
        leaves = Leaves(reader)
        key = (generation.name, number)
        view = self._view() if self._view else None
        if view is None or view.key != key:
            view = _View(key, self._columns(leaves), hold)
            self._view = weakref.ref(view)
        else:
            hold.release()
        return _Session(view, reader, leaves)

    def _columns(self, leaves: Leaves) -> Columns:
        """Load the columns of segments that are new; those of segments that are gone are forgotten."""
        named = [(leaf.segment().segment_id(), leaf) for leaf, _ in leaves.segments]
        self._segments = {name: self._segments.get(name) or load_segment(leaf) for name, leaf in named}
        return join_segments([(leaf, self._segments[name]) for name, leaf in named])


class _Question:
    """One request on its way through an open index."""

    def __init__(self, session: _Session, request: SearchRequest, deadline: Deadline) -> None:
        self._session = session
        self._columns = session.view.columns
        self._request = request
        self._deadline = deadline
        self._query: Query = parse(request.text[:MAX_QUERY_LENGTH])
        self._scorer = Scorer(session.leaves, self._columns, deadline)
        self._notes = [*self._query.notes]
        if request.text.strip() and not self._query.root.clauses:
            self._notes.append(Note("empty", "ليس في الاستعلام كلمة يُبحث عنها، فهذه كل المقالات."))
        if len(request.text) > MAX_QUERY_LENGTH:
            self._notes.append(Note("length", f"أُخذ أول {MAX_QUERY_LENGTH} حرفًا من الاستعلام وتُرك الباقي."))

    def answer(self, begin: float) -> SearchResults:
        request = self._request
        allowed = self._columns.live & self._filter(request.filters)
        match, evidence = self._evaluate(allowed)
        found = np.flatnonzero(evidence.matches & allowed)
        page = self._page(found, evidence.scores)
        marker = Marker(self._query, self._scorer.worth())
        scored = request.sort == "relevance" and bool(self._query.root.clauses)
        hits = tuple(
            self._hit(int(number), float(evidence.scores[number]) if scored else 0.0, marker) for number in page
        )
        facets = self._facets(found)
        self._add_notes()
        return SearchResults(
            text=request.text,
            match=match,
            notes=tuple(self._notes),
            total=len(found),
            page=request.page,
            per_page=request.per_page,
            took_ms=(time.perf_counter() - begin) * 1000,
            hits=hits,
            facets=facets,
            partial=self._deadline.passed,
            total_relation="eq" if evidence.complete else "gte",
        )

    def _evaluate(self, allowed: Mask) -> tuple[Literal["all", "any"], Evidence]:
        root: Group = self._query.root
        if self._request.match != "auto":
            return self._request.match, self._scorer.evaluate(root, self._request.match)
        evidence = self._scorer.evaluate(root, "all")
        if len(root.wanted()) > 1 and not np.any(evidence.matches & allowed):
            widened = self._scorer.evaluate(root, "any")
            if np.any(widened.matches & allowed):
                self._notes.append(Note("widened", "لا مقال يجمع كل الكلمات، فهذه مقالات فيها بعضها."))
                return "any", widened
        return "all", evidence

    def _filter(self, filters: Filters) -> Mask:
        allowed = np.ones(self._columns.size, np.bool_)
        for name, wanted in (
            ("source", filters.source),
            ("category", filters.category),
            ("author", filters.author),
        ):
            if wanted:
                facet = self._columns.facets[name]
                chosen = np.array([value in wanted for value in facet.values], np.bool_)
                allowed &= chosen[facet.ordinals] if len(chosen) else False
        day = self._columns.day
        if filters.published_from or filters.published_to:
            allowed &= day != NO_DAY
        if filters.published_from:
            allowed &= day >= filters.published_from.toordinal()
        if filters.published_to:
            allowed &= day <= filters.published_to.toordinal()
        return allowed

    def _page(self, found: NDArray[np.intp], scores: NDArray[np.float32]) -> NDArray[np.intp]:
        """Return the documents of the page that is asked for, in order.

        Equal scores are ordered by time, the newest first; articles without a date come last in every order.
        """
        request = self._request
        begin = (request.page - 1) * request.per_page
        end = begin + request.per_page
        instants = self._columns.instant[found]
        dated = self._columns.day[found] != NO_DAY
        keys: Sequence[NDArray[Any]]
        if request.sort == "relevance":
            found_scores = scores[found]
            if len(found) > 4 * end:
                # Ordering all hits takes longer than finding the score of the last one wanted.
                least = np.partition(found_scores, -end)[-end]
                kept = found_scores >= least
                found, found_scores, instants, dated = (
                    found[kept], found_scores[kept], instants[kept], dated[kept],
                )  # fmt: skip
            keys = (found, -instants, ~dated, -found_scores)
        elif request.sort == "newest":
            keys = (found, -instants, ~dated)
        else:
            keys = (found, instants, ~dated)
        return found[np.lexsort(keys)][begin:end]

    def _hit(self, number: int, score: float, marker: Marker) -> Hit:
        article = stored_article(self._session.reader.stored_fields(number)["article"])
        if not self._request.highlight:
            return Hit(article, score, (), ())
        if self._deadline.check():
            marker = _NO_MARKS
        title = (marker.whole("title", article.title),) if article.title else ()
        return Hit(article, score, title, marker.fragments("body", article.body))

    def _facets(self, found: NDArray[np.intp]) -> Mapping[str, tuple[FacetValue, ...]]:
        facets: dict[str, tuple[FacetValue, ...]] = {}
        for name in FACETS:
            facet = self._columns.facets[name]
            counts = np.bincount(facet.ordinals[found], minlength=len(facet.values))
            listed = [
                FacetValue(facet.values[i], int(counts[i])) for i in np.flatnonzero(counts).tolist() if facet.values[i]
            ]
            listed.sort(key=lambda value: (-value.count, value.value))
            facets[name] = tuple(listed[:FACET_VALUES])
        days, counts = np.unique(self._columns.day[found], return_counts=True)
        years: dict[int, int] = {}
        for day, count in zip(days.tolist(), counts.tolist(), strict=True):
            if day != NO_DAY:
                year = date.fromordinal(day).year
                years[year] = years.get(year, 0) + count
        facets["year"] = tuple(FacetValue(str(year), years[year]) for year in sorted(years, reverse=True))
        return facets

    def _add_notes(self) -> None:
        for prefix in dict.fromkeys(self._scorer.capped_prefixes):
            text = f"كلمات كثيرة تبدأ بـ«{prefix}»، فأُخذ منها {MAX_EXPANSIONS} هي الأكثر ورودًا."
            self._notes.append(Note("expansions", text))
        if self._deadline.passed:
            self._notes.append(Note("partial", "انتهى الوقت المخصص للبحث قبل إتمامه، فهذه نتائج جزئية."))
