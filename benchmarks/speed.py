"""Speed of analysis, indexing and queries on real articles, beside peers in the same run; ``make bench`` runs it.

Peers: pyarabic's own normalisation (analysis), SQLite FTS5 and the stock Whoosh searcher on the very same index
(queries). All peers are given our folded words, so that they do the same work. Rounds are interleaved and medians told,
since shared machines change their speed from minute to minute: read the ratios.
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

from pyarabic import araby
from whoosh.query import And, Or, Phrase, Query, Term

from benchmarks.pools import SHARED, corpus
from index import embedded
from index.arabic import STOP_WORDS, stem, words
from index.article import Article
from index.generations import Generations
from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.request import SearchRequest

ROUNDS = 3


def articles(count: int) -> list[Article]:
    rows = islice(chain(corpus(SHARED, "saudi"), corpus(SHARED, "ant")), count)
    return [
        Article(row["id"], row.get("title") or "", row["body"], source=row["source"], published=row["date"] or "")
        for row in rows
    ]


def queries(texts: Sequence[Article], count: int) -> list[list[str]]:
    """Take two or three neighbouring words of articles' titles, seeded; without stop words."""
    chosen = random.Random(11)
    found: list[list[str]] = []
    while len(found) < count:
        title = [word for word in words(chosen.choice(texts).title) if word not in STOP_WORDS and len(word) > 2]
        length = chosen.choice((2, 3))
        if len(title) >= length:
            start = chosen.randrange(len(title) - length + 1)
            found.append(title[start : start + length])
    return found


def seconds(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def told(name: str, times: Sequence[float], ours: Sequence[float] | None = None) -> None:
    """Print median, 95th percentile (ms) and the median of the ratio to ours, query by query."""
    middle = statistics.median(times) * 1000
    late = sorted(times)[int(len(times) * 0.95)] * 1000
    ratio = f"{statistics.median(a / b for a, b in zip(times, ours, strict=True)):8.1f}×" if ours else f"{1:8.1f}×"
    print(f"  {name:22}{middle:9.2f}{late:9.2f}{ratio}")


def analysis(texts: Sequence[Article]) -> None:
    def ours() -> None:
        for text in texts:
            list(map(stem, chain(words(text.title), words(text.body))))

    def theirs() -> None:
        for text in texts:
            plain = araby.strip_tatweel(araby.strip_diacritics(f"{text.title}\n{text.body}"))
            araby.tokenize(araby.normalize_hamza(araby.normalize_ligature(plain)))

    times = [(seconds(ours), seconds(theirs)) for _ in range(ROUNDS)]
    print(f"\nanalysis alone, {len(texts):,} articles, one process")
    for name, which in (("Fihris (with stems)", 0), ("pyarabic (no stems)", 1)):
        middle = statistics.median(len(texts) / each[which] for each in times)
        print(f"  {name:22}{middle:9,.0f} articles/s")
    print(f"  ratio {statistics.median(b / a for a, b in times):.1f}")


def indexing(texts: Sequence[Article], home: Path) -> None:
    print(f"\nindexing {len(texts):,} articles")
    for jobs in (1, os.cpu_count() or 1):
        generations = Generations(home / "index")
        change = embedded.rebuild(generations, texts, jobs=jobs, memory=512, force=True)
        size = embedded.status(generations).size / 1e6
        print(f"  {jobs} processes {change.written / change.seconds:9,.0f} articles/s {size:9,.0f} MB on disk")


def fts5(texts: Sequence[Article], path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    database.execute("CREATE VIRTUAL TABLE t USING fts5(title, body, content='', tokenize='unicode61')")
    rows = ((n, " ".join(words(a.title)), " ".join(words(a.body))) for n, a in enumerate(texts))
    database.executemany("INSERT INTO t(rowid, title, body) VALUES (?, ?, ?)", rows)
    database.commit()
    return database


def compare(texts: Sequence[Article], home: Path, count: int) -> None:
    engine = EmbeddedEngine(Settings(index=home / "index", time_budget=0.0))
    searcher = Generations(home / "index").live().open_index().searcher()
    database = fts5(texts, home / "fts5.sqlite")
    asked = queries(texts, count)

    def ours(text: str, match: Any) -> Callable[[], object]:
        return lambda: engine.search(SearchRequest(text, match=match, highlight=False))

    def sqlite(text: str) -> Callable[[], object]:
        total = "SELECT count(*) FROM t WHERE t MATCH ?"
        top = "SELECT rowid FROM t WHERE t MATCH ? ORDER BY bm25(t) LIMIT 10"
        return lambda: (database.execute(total, (text,)).fetchall(), database.execute(top, (text,)).fetchall())

    def stock(query: Query) -> Callable[[], object]:
        return lambda: len(searcher.search(query, limit=10))

    def both(build: Callable[[str], Query]) -> Query:
        return Or([build("title"), build("body")])

    def all_of(each: list[str]) -> Iterator[Query]:
        return (Or([Term("title", word), Term("body", word)]) for word in each)

    kinds: dict[str, Callable[[list[str]], tuple[Callable[[], object], ...]]] = {
        "OR": lambda each: (
            ours(" ".join(each), "any"),
            sqlite(" OR ".join(f'"{word}"' for word in each)),
            stock(Or(list(all_of(each)))),
        ),
        "AND": lambda each: (
            ours(" ".join(each), "all"),
            sqlite(" AND ".join(f'"{word}"' for word in each)),
            stock(And(list(all_of(each)))),
        ),
        "phrase": lambda each: (
            ours(f'"{" ".join(each)}"', "all"),
            sqlite(f'"{" ".join(each)}"'),
            stock(both(lambda field: Phrase(field, each))),
        ),
    }
    print(f"\nqueries over {len(texts):,} articles: exact total, top ten, no highlights; ms, and time against ours")
    print("  Fihris also finds every other form of each word (OR, AND) and counts four facets; the peers do not.")
    for kind, build in kinds.items():
        print(f"{kind:24}{'median':>9}{'95 %':>9}")
        times: list[tuple[float, ...]] = [tuple(seconds(run) for run in build(each)) for each in asked]
        columns = list(zip(*times, strict=True))
        told("Fihris", columns[0])
        told("SQLite FTS5", columns[1], columns[0])
        told("stock Whoosh searcher", columns[2], columns[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--queries", type=int, default=100)
    options = parser.parse_args()
    texts = articles(options.articles)
    with tempfile.TemporaryDirectory() as home:
        analysis(texts[:3000])
        indexing(texts, Path(home))
        compare(texts, Path(home), options.queries)


if __name__ == "__main__":
    main()
