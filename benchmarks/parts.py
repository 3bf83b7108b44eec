"""Where the time goes, of indexing, of a question and of an answer of ``/api/search``: ``python -m benchmarks.parts``.

The functions that the parts are made of are timed where they are called; what one of them spends in another is the
other's alone, so that the parts add up. Prints Markdown; ``--write`` puts it into ``docs/parts.md``.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial, wraps
from itertools import islice
from pathlib import Path
from typing import Any
from unittest.mock import patch

from flask import Flask
from werkzeug import Response
from werkzeug.test import EnvironBuilder

import index.codec.builder
import index.embedded
import index.families
import search.embedded
import search.execution
import search.question
import web.api
from benchmarks import machine, serving
from benchmarks.corpus import prepare, real_articles
from benchmarks.peers.protocol import Question
from benchmarks.queries import questions
from index.article import Article
from index.codec.attributes import Attributes
from index.codec.container import ContainerWriter
from index.codec.stored import StoredWriter
from index.codec.vocabulary import Vocabulary
from index.codec.vocalisations import Vocalisations
from index.completions.builder import CompletionsBuilder
from index.generations import Generations
from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.highlight import Marker
from search.ranking import RANKING, Ranking
from search.request import SearchRequest
from search.resolution import Units
from web import create_app

PAGE = Path(__file__).resolve().parent.parent / "docs" / "parts.md"
REST = "the rest"
ROUNDS = 5
_MEMORY = 512
_EVERY = 14
"""One of so many articles is one that questions are drawn from."""

_SETTLED = 3.0
"""Seconds after which an index is no longer new, so that a look at its files tells whether it is still the same."""

Site = tuple[Any, str]
"""What holds a function, and its name there."""

_INDEXING: Mapping[str, Sequence[Site]] = {
    "words told apart, folded and numbered": [(Vocabulary, "read")],
    "words with harakat": [(Vocalisations, "read")],
    "posting lists": [(index.codec.builder, "invert")],
    "articles packed and compressed": [(index.codec.builder, "packed"), (StoredWriter, "add")],
    "ids, days, facets": [(Attributes, "add"), (Attributes, "documents")],
    "completions": [(CompletionsBuilder, "add"), (CompletionsBuilder, "arrays")],
    "families of words": [(index.families, "publish")],
    "arrays written, with checksums": [(ContainerWriter, "put"), (ContainerWriter, "extend")],
}
_QUESTION: Mapping[str, Sequence[Site]] = {
    "whether the index is still the same": [(EmbeddedEngine, "_session")],
    "the question parsed": [(search.embedded, "parse"), (search.embedded, "with_alternatives")],
    "lists of words and phrases": [(Units, "word"), (Units, "make")],
    "ranking (compiled)": [(search.execution, "rank")],
    "the second look (compiled)": [(search.execution, "refine")],
}
_ANSWER: Mapping[str, Sequence[Site]] = {
    "articles found and counted": [(search.question.Question, "run")],
    "articles read": [(search.embedded._Question, "articles")],
    "words marked, fragments chosen": [(Marker, "whole"), (Marker, "fragments")],
    "facet values listed": [(search.question.Question, "_counted")],
    "reasons, HTML of fragments": [(web.api, "results_as_data")],
    "JSON": [(web.api, "_json")],
    "links": [(web.api, "_links")],
}
_KINDS = {"OR": "any", "AND": "all", "phrase": "phrase"}


class Stopwatch:
    """Adds up the seconds that functions take by themselves, without those of others that are timed; of one thread."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._inner = [0.0]
        self._thread = threading.get_ident()

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that does the same, and is timed under a name."""

        @wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            if threading.get_ident() != self._thread:
                return function(*args, **kwargs)
            self._inner.append(0.0)
            begin = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                whole = time.perf_counter() - begin
                self.seconds[name] = self.seconds.get(name, 0.0) + whole - self._inner.pop()
                self._inner[-1] += whole

        return wrapper


@contextmanager
def watching(sites: Mapping[str, Sequence[Site]]) -> Iterator[Stopwatch]:
    """Time the functions at these sites, by the name of the part they belong to, until the block ends."""
    watch = Stopwatch()
    patches = [
        patch.object(owner, name, watch.timed(part, getattr(owner, name)))
        for part, places in sites.items()
        for owner, name in places
    ]
    for each in patches:
        each.start()
    try:
        yield watch
    finally:
        for each in reversed(patches):
            each.stop()


def parts_of(sites: Mapping[str, Sequence[Site]], work: Callable[[], object]) -> dict[str, float]:
    """Do some work; return the seconds of each part, and of the rest."""
    with watching(sites) as watch:
        begin = time.perf_counter()
        work()
        whole = time.perf_counter() - begin
    found = {part: watch.seconds.get(part, 0.0) for part in sites}
    return found | {REST: whole - sum(found.values())}


def median_parts(sites: Mapping[str, Sequence[Site]], works: Sequence[Callable[[], object]]) -> dict[str, float]:
    """Return of several pieces of work the parts of the median one, each measured by its fastest of ``ROUNDS``."""
    for work in works:
        work()
    fastest = sorted((min((parts_of(sites, work) for _ in range(ROUNDS)), key=_whole) for work in works), key=_whole)
    # Of a fifth about the median, or chance would choose the shares.
    near = fastest[len(works) * 2 // 5 : len(works) * 3 // 5 + 1]
    return {part: sum(each[part] for each in near) / len(near) for part in near[0]}


def _whole(parts: Mapping[str, float]) -> float:
    return sum(parts.values())


def indexing(articles: Sequence[Article], directory: Path) -> dict[str, float]:
    """The parts of publishing articles, in one process."""
    return parts_of(
        _INDEXING, lambda: index.embedded.rebuild(Generations(directory), articles, jobs=1, memory=_MEMORY << 20)
    )


def asked(directory: Path, drawn: Sequence[Question], ranking: Ranking) -> dict[str, float]:
    """The parts of finding and ranking."""
    engine = EmbeddedEngine(Settings(index=directory, time_budget=0.0), ranking)
    return median_parts(_QUESTION, [partial(engine.ranked, _request(each)) for each in drawn])


def answered(directory: Path, drawn: Sequence[Question]) -> dict[str, float]:
    """The parts of an answer of ``/api/search``, with all that it does by default, less the server and the network."""
    app = create_app(Settings(index=directory))
    environments = [EnvironBuilder(path).get_environ() for path in serving.paths(drawn)]
    return median_parts(_ANSWER, [partial(_answer, app, each) for each in environments])


def _answer(app: Flask, environment: Mapping[str, Any]) -> bytes:
    answer: bytes = Response.from_app(app, dict(environment)).data
    return answer


def _request(question: Question) -> SearchRequest:
    text = " ".join(question.words)
    return SearchRequest(
        f'"{text}"' if question.match == "phrase" else text, match="any" if question.match == "any" else "all",
        highlight=False, facets=False,
    )  # fmt: skip


def table(unit: str, factor: float, columns: Mapping[str, Mapping[str, float]]) -> list[str]:
    """The lines of a table, a column for each of several kinds of work, with shares. ``factor``: units a second."""
    lines = [f"| {unit} | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    wholes = {name: _whole(parts) for name, parts in columns.items()}
    for part in next(iter(columns.values())):
        cells = (f"{parts[part] * factor:.3g} ({parts[part] / wholes[name]:.0%})" for name, parts in columns.items())
        lines.append(f"| {part} | {' | '.join(cells)} |")
    return [*lines, f"| **all** | {' | '.join(f'**{whole * factor:.3g}**' for whole in wholes.values())} |", ""]


def page(count: int, asked_of_each: int) -> Iterator[str]:
    """Measure, and yield the lines of the page."""
    articles = list(islice(real_articles(), count))
    drawn = questions([prepare(article) for article in articles[::_EVERY]], asked_of_each)
    yield "# Where the time goes\n"
    facts = ", ".join(f"{name} {value}" for name, value in machine.facts().items())
    yield f"`python -m benchmarks.parts`, {machine.today()}: {len(articles):,} articles; {facts}."
    yield "The clocks themselves cost about a microsecond a part; read the shares.\n"
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        yield "## Indexing, one process\n"
        yield from table("seconds", 1.0, {"all articles": indexing(articles, home)})
        time.sleep(_SETTLED)
        yield "## A question, asked before, without its articles\n"
        rankings = {"folded words only": replace(RANKING, family=0, window=0), "as shipped": RANKING}
        for told, ranking in rankings.items():
            columns = {name: asked(home, drawn[kind], ranking) for name, kind in _KINDS.items()}
            yield from table(f"microseconds, {told}", 1e6, columns)
        yield "## An answer of `/api/search`\n"
        yield from table("milliseconds", 1e3, {"with facets and fragments": answered(home, drawn["all"])})


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=69_821)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    lines = []
    for line in page(options.articles, options.questions):
        print(line, flush=True)
        lines.append(line)
    if options.write:
        PAGE.write_text("\n".join(lines).rstrip() + "\n", "utf-8")


if __name__ == "__main__":
    main()
