"""The articles that are indexed: real ones from the shared corpora, folded beforehand into one file for all peers."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import chain, islice
from pathlib import Path
from typing import Any

from benchmarks.peers.protocol import Prepared
from benchmarks.pools import SHARED, corpus
from index.arabic import words
from index.article import Article, written_day

CORPORA = ("saudi", "ant")


def real_articles(shared: Path = SHARED) -> Iterator[Article]:
    """Yield the articles of the news corpora, saudi before ant."""
    return map(_article, chain.from_iterable(corpus(shared, name) for name in CORPORA))


def _article(row: dict[str, Any]) -> Article:
    return Article(
        id=row["id"],
        title=row.get("title") or "",
        body=row["body"],
        url=row.get("url") or "",
        source=row["source"],
        author=row.get("author") or "",
        category=row.get("category_ar") or "",
        published=row["date"] or "",
    )


def prepare(article: Article) -> Prepared:
    """Fold the words of an article and pack the whole of it."""
    return Prepared(
        id=article.id,
        source=article.source,
        day=written_day(article.published).toordinal() if article.published else 0,
        title=" ".join(words(article.title)),
        body=" ".join(words(article.body)),
        original=json.dumps(asdict(article), ensure_ascii=False),
    )


def write(articles: Iterable[Article], path: Path) -> None:
    """Prepare the articles into a file, one a line."""
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="\n") as file:
        for article in articles:
            file.write(prepare(article).line() + "\n")
    part.rename(path)


def read(path: Path) -> Iterator[Prepared]:
    """Yield the articles of a prepared file."""
    with path.open(encoding="utf-8", newline="\n") as lines:
        yield from map(Prepared.read, lines)


def head(source: Path, target: Path, count: int) -> None:
    """Copy the first ``count`` articles of a prepared file into another."""
    with source.open("rb") as lines, target.open("wb") as file:
        file.writelines(islice(lines, count))


def sample(articles: Iterable[Prepared], count: int, seed: int) -> list[Prepared]:
    """Choose ``count`` articles, each with equal chance, in one pass."""
    chooser = random.Random(seed)
    chosen: list[Prepared] = []
    for number, article in enumerate(articles):
        if number < count:
            chosen.append(article)
        elif (place := chooser.randrange(number + 1)) < count:
            chosen[place] = article
    return chosen
