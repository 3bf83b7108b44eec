"""Fihris itself, through the calls that the command line and the server make.

Only here is it known how word families and the second pass of the ranking are turned off, so that a word is matched by
its folded form alone and ranked by BM25F, as the peers do. A question is put as the text that a reader would type, and
parsed within the time. Where no articles are asked for, the answer is the total and the order of the best hits, as the
peers give it; all four facets are counted where one is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from benchmarks.peers.protocol import TOP, Answer, Prepared, Question
from index import embedded
from index.article import Article
from index.generations import Generations
from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.ranking import RANKING
from search.request import NO_FILTERS, Filters, SearchRequest


def _open_engine(directory: Path, families: bool) -> EmbeddedEngine:
    settings = Settings(index=directory, time_budget=0.0)
    return EmbeddedEngine(settings, RANKING if families else replace(RANKING, family=0, window=0))


class Fihris:
    """See the module; ``jobs`` processes build, with ``memory`` MB of postings in all."""

    def __init__(self, families: bool, jobs: int, memory: int) -> None:
        self._families = families
        self._jobs = jobs
        self._memory = memory

    def build(self, articles: Iterable[Article], directory: Path) -> None:
        """See ``Peer``. What is indexed is the article as it is: folding its words is part of the work."""
        embedded.rebuild(Generations(directory), articles, jobs=self._jobs, memory=self._memory)

    def open(self, directory: Path) -> int:
        """See ``Peer``."""
        self._engine = _open_engine(directory, self._families)
        return embedded.status(Generations(directory)).segments

    def ask(self, question: Question) -> Answer:
        """See ``Peer``."""
        text = " ".join(question.words)
        phrase = question.match == "phrase"
        filters = NO_FILTERS
        if question.source or question.first or question.last:
            filters = Filters(
                source=(question.source,) if question.source else (),
                published_from=date.fromordinal(question.first) if question.first else None,
                published_to=date.fromordinal(question.last) if question.last else None,
            )
        request = SearchRequest(
            f'"{text}"' if phrase else text,
            filters=filters,
            match="any" if question.match == "any" else "all",
            per_page=TOP,
            highlight=question.marks,
            facets=question.counts,
        )
        if not (question.counts or question.stored or question.marks):
            return Answer(self._engine.ranked(request).total, (), ())
        found = self._engine.search(request)
        ids = tuple(hit.article.id for hit in found.hits) if question.stored else ()
        counts = tuple((value.value, value.count) for value in found.facets["source"]) if question.counts else ()
        return Answer(found.total, ids, counts)


def read(line: str) -> Article:
    """The article of a line as it was before it was prepared."""
    return Article(**json.loads(Prepared.read(line).original))


def make(families: str, jobs: str, memory: str) -> Fihris:
    """The peer: ``families`` on or off, ``memory`` in MB."""
    return Fihris(families == "on", int(jobs), int(memory))
