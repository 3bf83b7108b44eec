"""Indexes of as many segments as a test wants, with the documents in a known order, for engines to be asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from plain_scores import Document

from index import families
from index.arabic import ANALYSIS_VERSION
from index.article import Article
from index.codec.builder import SegmentBuilder, no_extras
from index.codec.layout import open_segment
from index.codec.segment import ArraySegment
from index.commit import write_contents
from index.generations import Generation, Generations, Manifest
from index.schema import SCHEMA_VERSION
from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.ranking import RANKING, Ranking
from search.request import SearchRequest
from search.results import SearchResults
from search.view import View

MEMORY = 1 << 26
UNTOUCHED = 65_535


def build_segments(
    directory: Path, segments: Sequence[Sequence[Article]], deleted: Collection[str] = (), added: int = 0
) -> list[Document]:
    """Publish an index of these segments; return its documents in the order in which the engine numbers them.

    The last ``added`` segments come with tables of the families that the published one lacks, as an add writes them.
    """
    generations = Generations(directory)
    generation = generations.create()
    published = len(segments) - added
    built = [_segment(generation, articles) for articles in segments[:published]]
    opened = [open_segment(segment.file(generation.directory)) for segment in built]
    families.publish(generation.directory, opened)
    built += [_segment(generation, articles, brings_families=True) for articles in segments[published:]]
    documents = []
    for segment, articles in zip(built, segments, strict=True):
        gone = [number for number, article in enumerate(articles) if article.id in deleted]
        segment.delete_documents(gone)
        documents += [Document(article, number not in gone) for number, article in enumerate(articles)]
    write_contents(generation.directory, built, 1)
    generation.write_manifest(Manifest(ANALYSIS_VERSION, SCHEMA_VERSION, len(documents), 0, "", "", 0.0))
    generations.publish(generation)
    return documents


def _segment(generation: Generation, articles: Sequence[Article], brings_families: bool = False) -> ArraySegment:
    extras = families.additions(generation.directory) if brings_families else no_extras
    builder = SegmentBuilder(generation.directory, MEMORY, extras)
    builder.add_many(articles)
    segment = builder.finish()
    assert segment is not None
    return segment


def engine_on(directory: Path, ranking: Ranking = RANKING) -> EmbeddedEngine:
    return EmbeddedEngine(Settings(index=directory, time_budget=0.0), ranking)


@contextmanager
def indexed(
    segments: Sequence[Sequence[Article]], deleted: Collection[str] = (), added: int = 0
) -> Iterator[tuple[EmbeddedEngine, list[Document]]]:
    """Build such an index in a directory of its own; give an engine on it, and the documents."""
    with TemporaryDirectory() as name:
        documents = build_segments(Path(name), segments, deleted, added)
        engine = engine_on(Path(name))
        yield engine, documents
        engine.close()


def view_of(engine: EmbeddedEngine) -> View:
    view = engine._session().view
    assert isinstance(view, View)
    return view


def ask(engine: EmbeddedEngine, request: SearchRequest) -> SearchResults:
    """Ask, and look at the buffers: the next question would find what is left there.

    A segment's documents may be noted once each: for more, a full one has no room.
    """
    workspace = engine._workspace
    workspace.touched[:] = UNTOUCHED
    results = engine.search(request)
    for buffer in (workspace.score, workspace.marks, workspace.counts, workspace.blending[0]):
        assert not buffer.any()
    largest = max((segment.arrays.size for segment in view_of(engine).segments), default=0)
    assert (workspace.touched[largest + 1 :] == UNTOUCHED).all()
    return results


def documents_of(engine: EmbeddedEngine) -> list[Document]:
    """Read back what the segments of an engine's index hold."""
    return [
        Document(segment.stored.article(number), not len(segment.live) or bool(segment.live[number]))
        for segment in view_of(engine).segments
        for number in range(segment.arrays.size)
    ]
