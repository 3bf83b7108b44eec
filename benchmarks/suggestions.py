"""Suggestions while typing: how long one takes, what they add to indexing, and how many letters they save.

``python -m benchmarks.suggestions [--articles N]`` over the news corpora, saudi before ant; every 50th article is held
out, and its headline is typed. Peers of the look-up: a sorted list with bisection, which has to look at all words that
begin so, and SQLite's FTS5 with indexes of prefixes, over the headlines.
"""

from __future__ import annotations

import argparse
import heapq
import random
import sqlite3
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from benchmarks.corpus import real_articles
from benchmarks.machine import facts
from benchmarks.measure import percentile
from index import embedded, families
from index.arabic import STOP_WORDS, words
from index.arabic.particles import without_article
from index.article import Article
from index.codec.builder import SegmentBuilder
from index.codec.layout import open_segment
from index.completions import CompletionsBuilder
from index.completions.table import CompletionTable
from index.generations import Generations
from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.engine import Engine
from web import create_app

_SEGMENT = 65_535
_HELD_OUT = 50
_ROUNDS = 5
_QUESTIONS = 300
_LONGEST = 12
_LINES = 10
_LEAST = 4
_SEED = 20

Asker = Callable[[str], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    articles = list(islice(real_articles(), parser.parse_args().articles))
    indexed = [article for number, article in enumerate(articles) if number % _HELD_OUT]
    held_out = [article.title for article in articles[::_HELD_OUT] if article.title.strip()]
    print(", ".join(f"{name} {value}" for name, value in facts().items()))
    print(f"{len(indexed):,} articles indexed, {len(held_out):,} headlines held out")
    with tempfile.TemporaryDirectory() as folder:
        _cost(indexed, Path(folder, "cost"))
        engine = _published(indexed, Path(folder, "index"))
        _latency(engine, indexed, held_out)
        _quality(engine, indexed, held_out)


def _cost(articles: Sequence[Article], directory: Path) -> None:
    """Tell what completions add to making segments and families, in seconds of the processor and in bytes."""
    directory.mkdir()
    index, ours = [], []
    for number in range(3):
        home = directory / str(number)
        home.mkdir()
        begin = time.process_time()
        segments = []
        for first in range(0, len(articles), _SEGMENT):
            builder = SegmentBuilder(home, 1 << 40)
            builder.add_many(articles[first : first + _SEGMENT])
            segment = builder.finish()
            if segment:
                segments.append(segment)
        families.publish(home, [open_segment(segment.file(home)) for segment in segments])
        index.append(time.process_time() - begin)
        size = sum(path.stat().st_size for path in home.iterdir())
        begin = time.process_time()
        for first in range(0, len(articles), _SEGMENT):
            completions = CompletionsBuilder()
            for article in articles[first : first + _SEGMENT]:
                completions.add(article)
            completions.write(home / f"{first}.completions")
        ours.append(time.process_time() - begin)
    added = sum(path.stat().st_size for path in home.glob("*.completions"))
    print(
        f"indexing without: {min(index):.1f} s of CPU, {size / 1e6:.0f} MB; completions add {min(ours):.2f} s "
        f"({min(ours) / min(index):.0%}) and {added / 1e6:.1f} MB ({added / size:.1%}), all of it mapped"
    )


def _published(articles: Sequence[Article], directory: Path) -> EmbeddedEngine:
    embedded.rebuild(Generations(directory), articles, jobs=2, memory=1024)
    return EmbeddedEngine(Settings(index=directory))


def _latency(engine: Engine, articles: Sequence[Article], headlines: Sequence[str]) -> None:
    chooser = random.Random(_SEED)
    chosen = chooser.sample(list(headlines), min(_QUESTIONS, len(headlines)))
    typed = [[title[:length] for title in chosen] for length in range(1, _LONGEST + 1)]
    client = create_app(Settings(), engine).test_client()
    askers: dict[str, Asker] = {
        "engine": lambda text: engine.suggest(text, _LINES),
        "/api/suggest": lambda text: client.get("/api/suggest", query_string={"q": text}).data,
        "sorted list": _sorted_list(articles),
        "SQLite FTS5": _sqlite(articles),
    }
    seconds: dict[str, list[list[float]]] = {name: [[] for _ in typed] for name in askers}
    for _ in range(_ROUNDS):
        for place, texts in enumerate(typed):
            for name, ask in askers.items():
                for text in texts:
                    begin = time.perf_counter()
                    ask(text)
                    seconds[name][place].append(time.perf_counter() - begin)
    print(f"\nmilliseconds for the first letters of {len(chosen)} held-out headlines, {_ROUNDS} rounds, interleaved")
    print(f"{'letters':>12}  " + "  ".join(f"{name:>16}" for name in askers))
    for place in range(_LONGEST):
        print(f"{place + 1:>12}  " + "  ".join(_spread(seconds[name][place]) for name in askers))
    everything = {name: [each for row in rows for each in row] for name, rows in seconds.items()}
    print(f"{'all':>12}  " + "  ".join(_spread(each) for each in everything.values()) + "  (median / p95)")
    ours = percentile(everything["engine"], 0.5)
    for name in ("sorted list", "SQLite FTS5"):
        print(f"{name}: median {percentile(everything[name], 0.5) / ours:.2f} × ours")


def _spread(seconds: Sequence[float]) -> str:
    return f"{percentile(seconds, 0.5) * 1000:7.2f} /{percentile(seconds, 0.95) * 1000:7.2f}"


def _sorted_list(articles: Sequence[Article]) -> Asker:
    """The same words and phrases as a list of Python's: a range by bisection, and of it the ten largest."""
    builder = CompletionsBuilder()
    for article in articles:
        builder.add(article)
    ideas = list(CompletionTable(builder.arrays()))
    keys = [idea.key for idea in ideas]

    def ask(text: str) -> object:
        prefix = " ".join(map(without_article, words(text)))
        found = ideas[bisect_left(keys, prefix) : bisect_left(keys, prefix + "\uffff")]
        return heapq.nlargest(_LINES, found, key=lambda idea: idea.score)

    return ask


def _sqlite(articles: Sequence[Article]) -> Asker:
    """Headlines alone: those with the words and the prefix, the latest first."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE headlines USING fts5(folded, shown UNINDEXED, prefix='1 2 3')")
    rows = ((" ".join(words(article.title)), article.title) for article in articles)
    base.executemany("INSERT INTO headlines VALUES (?, ?)", rows)

    def ask(text: str) -> object:
        found = words(text)
        if not found:
            return []
        asked = " + ".join(f'"{word}"' for word in found) + " *"
        ordered = "SELECT shown FROM headlines WHERE folded MATCH ? ORDER BY rowid DESC LIMIT ?"
        return base.execute(ordered, (asked, _LINES)).fetchall()

    return ask


def _quality(engine: Engine, articles: Sequence[Article], headlines: Sequence[str]) -> None:
    chooser = random.Random(_SEED)
    alone, in_context = [], []
    for title in chooser.sample(list(headlines), min(_QUESTIONS, len(headlines))):
        for before, word in _wanted(title):
            alone.append((_letters(engine, "", word), len(word)))
            in_context.append((_letters(engine, before, word), len(word)))
    print(f"\nletters until the wanted one is among {_LINES}; of held-out headlines the words that say something:")
    _told("word by itself", alone)
    _told("word behind those before it", in_context)
    titles = []
    for article in chooser.sample([each for each in articles if len(each.title) > _LONGEST], _QUESTIONS):
        title = " ".join(article.title.split())
        shown = (
            length
            for length in range(1, len(title))
            if any(each.kind == "title" and each.text == title for each in engine.suggest(title[:length], _LINES))
        )
        titles.append((next(shown, len(title)), len(title)))
    _told("indexed headline", titles)


def _wanted(title: str) -> Iterator[tuple[str, str]]:
    """Yield the words of a headline that are worth completing, each with what stands before it."""
    found = title.split()
    for place, word in enumerate(found):
        if word.isalpha() and len(word) >= _LEAST and words(word)[0] not in STOP_WORDS:
            yield "".join(f"{each} " for each in found[:place][-2:]), word


def _letters(engine: Engine, before: str, word: str) -> int:
    key = without_article(words(word)[0])
    for length in range(0 if before else 1, len(word)):
        for each in engine.suggest(before + word[:length], _LINES):
            found = [without_article(other) for other in words(each.text)]
            if found[len(words(before)) :][:1] == [key] or (not before and found[:1] == [key]):
                return length
    return len(word)


def _told(what: str, pairs: Sequence[tuple[int, int]]) -> None:
    typed, whole = (sum(each) for each in zip(*pairs, strict=True))
    lengths = sorted(length for length, _ in pairs)
    never = sum(length == size for length, size in pairs) / len(pairs)
    print(
        f"{what:>28}: median {lengths[len(lengths) // 2]}, keystrokes saved {1 - typed / whole:.0%}, "
        f"not before its last letter {never:.0%} ({len(pairs):,})"
    )


if __name__ == "__main__":
    main()
