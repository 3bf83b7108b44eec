"""The document pools of the relevance sets, made from the shared corpora.

The question sets are asked of the wiki paragraphs among one 90-word chunk of every saudi and ant article: chunk
``words[s:s+90]`` with ``s = 37·i mod max(1, n − 90)``, i counted from 0 through saudi and on through ant. The headline
set is asked of the bodies of saudi alone, the classical set of the passages of quran. ``news`` is saudi and ant as they
are, for looking at results.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
"""The shared corpora and judgements, beside the repository."""

CHUNK_WORDS = 90
STEP = 37


def corpus(shared: Path, name: str) -> Iterator[dict[str, Any]]:
    """Yield the articles of a shared corpus as they are."""
    with gzip.open(_file(shared, name), "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _file(shared: Path, name: str) -> Path:
    return shared / "corpora" / f"{name}.docs.jsonl.gz"


def questions(shared: Path) -> Iterator[dict[str, str]]:
    """Yield the pool of the question sets: 5,964 paragraphs and 69,821 distractors."""
    for article in corpus(shared, "wiki"):
        yield {"id": article["id"], "title": article["title"], "body": article["body"]}
    number = 0
    for name in ("saudi", "ant"):
        for article in corpus(shared, name):
            words = article["body"].split()
            start = (STEP * number) % max(1, len(words) - CHUNK_WORDS)
            chunk = " ".join(words[start : start + CHUNK_WORDS])
            yield {"id": article["id"], "title": article.get("title") or "", "body": chunk}
            number += 1


def headlines(shared: Path) -> Iterator[dict[str, str]]:
    """Yield the pool of the headline set: the bodies of saudi."""
    for article in corpus(shared, "saudi"):
        yield {"id": article["id"], "body": article["body"]}


def classical(shared: Path) -> Iterator[dict[str, str]]:
    """Yield the pool of the classical set."""
    for article in corpus(shared, "quran"):
        yield {"id": article["id"], "body": article["body"]}


def news(shared: Path) -> Iterator[dict[str, str]]:
    """Yield saudi and ant."""
    for name in ("saudi", "ant"):
        for article in corpus(shared, name):
            yield {key: article.get(key) or "" for key in ("id", "title", "body", "source")}


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a pool is made, and the corpora that it is made of."""

    make: Callable[[Path], Iterator[dict[str, str]]]
    corpora: Sequence[str]


POOLS = {
    "questions": Recipe(questions, ("wiki", "saudi", "ant")),
    "headlines": Recipe(headlines, ("saudi",)),
    "classical": Recipe(classical, ("quran",)),
    "news": Recipe(news, ("saudi", "ant")),
}


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool that is written: what lies in its directory was made of just these documents.

    ``articles``: as JSON Lines, for Fihris. ``texts``: lines of an id, a tab, title and body in one, for engines that
    are given one field.
    """

    name: str
    directory: Path
    articles: Path
    texts: Path

    def size(self) -> int:
        """Count the documents."""
        with self.texts.open("rb") as lines:
            return sum(1 for _ in lines)

    def chosen(self, ids: Container[str]) -> dict[str, dict[str, str]]:
        """Return some documents by their ids."""
        with gzip.open(self.articles, "rt", encoding="utf-8") as lines:
            return {article["id"]: article for article in map(json.loads, lines) if article["id"] in ids}


def prepare(name: str, home: Path, shared: Path = SHARED) -> Pool:
    """Return a pool, written into ``home`` where it is not there, or was made of other corpora or in another way."""
    recipe = POOLS[name]
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for each in recipe.corpora:
        with _file(shared, each).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    directory = home / f"{name}-{digest.hexdigest()[:12]}"
    pool = Pool(name, directory, directory / "articles.jsonl.gz", directory / "texts.tsv")
    if not directory.exists():
        for other in home.glob(f"{name}-*"):
            shutil.rmtree(other)
        part = directory.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        with (
            gzip.open(part / pool.articles.name, "wt", encoding="utf-8", compresslevel=1) as articles,
            (part / pool.texts.name).open("w", encoding="utf-8", newline="\n") as texts,
        ):
            for article in recipe.make(shared):
                articles.write(json.dumps(article, ensure_ascii=False) + "\n")
                words = f"{article.get('title', '')} {article['body']}".split()
                texts.write(f"{article['id']}\t{' '.join(words)}\n")
        part.rename(directory)
    return pool
