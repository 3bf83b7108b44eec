"""What an index directory holds, as plain values to compare: every article, what words find, and stray files."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from index.article import Article
from index.codec.layout import open_segment
from index.codec.segment import INDEX_NAME
from index.codec.stored import StoredReader, unpacked
from index.completions import FILE_NAME as COMPLETIONS
from index.completions import file_of
from index.families import FILE_NAME as FAMILIES
from index.generations import Generations
from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.request import SearchRequest

State = Mapping[str, Article]
"""Articles by id."""

TOPICS = ("قمر", "شمس", "بحر", "جبل", "نخلة")
EDITIONS = {1: "سفينة", 2: "قطار", 3: "طائرة"}
COMMON = "مدينة"


def make_article(number: int, edition: int = 1) -> Article:
    """A small article with all fields; another edition of one number shares only its id."""
    topic = TOPICS[number % len(TOPICS)]
    return Article(
        id=f"مقالة/{number}",
        title=f"{topic} {EDITIONS[edition]}",
        body=f"{COMMON} {EDITIONS[edition]} فقرة{number} {topic} {topic}",
        url=f"https://example.org/{number}?e={edition}",
        source=f"مصدر {number % 3}",
        author=f"كاتب {number % 7}" if number % 2 else "",
        category=TOPICS[number % 2],
        published=f"2024-0{edition}-{number % 28 + 1:02}" if number % 5 else "",
    )


def make_state(numbers: Iterable[int], edition: int = 1) -> dict[str, Article]:
    return {article.id: article for article in (make_article(number, edition) for number in numbers)}


def write_source(path: Path, articles: Iterable[Article]) -> Path:
    path.write_text("".join(json.dumps(asdict(article)) + "\n" for article in articles), encoding="utf-8")
    return path


@contextmanager
def opened(directory: Path) -> Iterator[EmbeddedEngine]:
    engine = EmbeddedEngine(Settings(index=directory, time_budget=0.0))
    try:
        yield engine
    finally:
        engine.close()


def found(engine: EmbeddedEngine, text: str) -> list[str]:
    """The ids that a question finds, over all pages."""
    ids: list[str] = []
    page = 1
    while True:
        results = engine.search(SearchRequest(text, page=page, per_page=100, highlight=False))
        ids += [hit.article.id for hit in results.hits]
        if len(ids) >= results.total:
            assert len(ids) == results.total
            return sorted(ids)
        page += 1


def stored_articles(directory: Path) -> list[Article]:
    """Every article that is live, in the order of ids; one that is there twice is listed twice."""
    articles: list[Article] = []
    generation, hold = Generations(directory).open_live()
    try:
        generation.manifest()
        for segment in generation.contents().segments:
            records = StoredReader(open_segment(segment.file(generation.directory)).stored).records()
            articles += [unpacked(record) for record, live in zip(records, segment.live(), strict=True) if live]
    finally:
        hold.release()
    return sorted(articles, key=lambda article: article.id)


def holds(directory: Path, state: State) -> bool:
    """Tell whether the index holds these articles and no others; that it finds them is then asserted."""
    if stored_articles(directory) != sorted(state.values(), key=lambda article: article.id):
        return False
    with opened(directory) as engine:
        for word in (COMMON, *EDITIONS.values(), *TOPICS):
            wanted = sorted(i for i, article in state.items() if word in f"{article.title} {article.body}".split())
            assert found(engine, f'"{word}"') == wanted, word
        everything = engine.search(SearchRequest(""))
        assert everything.total == len(state)
        for facet, attribute in (("source", "source"), ("category", "category"), ("author", "author")):
            counts = Counter(getattr(article, attribute) for article in state.values())
            del counts[""]
            assert {value.value: value.count for value in everything.facets[facet]} == counts
        for article in list(state.values())[:3]:
            marked = engine.article(article.id)
            assert marked is not None
            assert marked.article == article
    return True


def strays(directory: Path) -> list[str]:
    """Files and directories that a clean index directory does not have."""
    pointer = json.loads((directory / "live.json").read_bytes())
    known = {directory / name for name in ("live.json", "write.lock", "rejects.jsonl", "generations")}
    for name in filter(None, pointer.values()):
        home = directory / "generations" / name
        generation = Generations(directory).live() if name == pointer["live"] else Generations(directory).previous()
        known |= {home, home / "manifest.json", home / "in-use.lock", home / f"{INDEX_NAME}_WRITELOCK"}
        known |= {home / FAMILIES, home / f"_{INDEX_NAME}_{generation.commit_number()}.toc"}
        segments = generation.contents().segments
        known |= {segment.file(home) for segment in segments}
        known |= {file_of(segment, home) for segment in segments}
        known.add(home / COMPLETIONS)
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path not in known)


def unfinished(directory: Path) -> list[str]:
    """Generations without a manifest, and temporary files."""
    return [
        str(path.relative_to(directory))
        for path in directory.rglob("*")
        if (path.parent.name == "generations" and not (path / "manifest.json").exists())
        or re.search(r"\.new$|\.tmp$|\.toc\.|\.ctmp$|\.run$", path.name)
    ]
