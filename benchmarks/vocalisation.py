"""What harakat in a query do: how many of the first ten articles hold the word as it was vocalised.

Run ``python -m benchmarks.vocalisation [TEXT]``; without TEXT it takes the shared ``text/vocalised-tashkeela.txt``,
whose lines are fully vocalised. Each line is an article. Asked is for words of one spelling that stand in the text with
several vocalisations that disagree: whole as they are written, with the mark of one letter alone that tells them from
the most frequent of the others, and without harakat. Articles that hold the word in that vocalisation count as right,
however often they hold it in others.
"""

from __future__ import annotations

import random
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.pools import SHARED
from index import embedded
from index.arabic import STOP_WORDS, tokenize, vowels
from index.arabic.vowels import agreement
from index.article import Article
from index.generations import Generations
from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.engine import Engine
from search.request import SearchRequest

LEAST = 3
"""Fewest lines that hold a word in each of the vocalisations that it is asked in."""

MOST = 400
"""Most words that are asked for; more are drawn from by chance, the same ones each time."""

_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Question:
    """A word in one vocalisation: as it is written, with one mark, and bare; and the articles that hold it so."""

    written: str
    one_mark: str
    bare: str
    right: frozenset[str]


@dataclass(frozen=True, slots=True)
class Measures:
    """Means over all questions: the share of right articles among the first ten, and 1 over the first right one's rank.

    The share is of as many as there can be.
    """

    precision: float
    reciprocal_rank: float


def questions(lines: Sequence[str]) -> list[Question]:
    """Return the questions that lines with the numbers 0, 1, 2 … can be asked."""
    lines_of: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    written: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for number, line in enumerate(lines):
        for word, begin, end in tokenize(line):
            pattern = vowels(line[begin:end])
            if pattern and word not in STOP_WORDS:
                lines_of[word][pattern].add(number)
                written[word, pattern][line[begin:end]] += 1
    found = []
    for word, patterns in lines_of.items():
        often = [pattern for pattern, where in patterns.items() if len(where) >= LEAST]
        for pattern in often:
            others = [each for each in often if agreement(word, pattern, word, each) < 0]
            if others:
                strongest = max(others, key=lambda each: len(patterns[each]))
                spelling = written[word, pattern].most_common(1)[0][0]
                right = frozenset(map(str, patterns[pattern]))
                found.append(Question(spelling, _one_mark(spelling, word, pattern, strongest), word, right))
    return found if len(found) <= MOST else random.Random(1).sample(found, MOST)


def _one_mark(spelling: str, word: str, pattern: str, other: str) -> str:
    """Return a word with the marks of one letter: the first by which its pattern disagrees with another."""
    for place in range(len(pattern)):
        alone = "." * place + pattern[place]
        if agreement(word, alone, word, other) < 0:
            letter = -1
            kept = []
            for character in spelling:
                letter += not _is_mark(character)
                if letter == place or not _is_mark(character):
                    kept.append(character)
            return "".join(kept)
    return spelling


def _is_mark(character: str) -> bool:
    """Tell whether a character is a mark and no letter."""
    return "\u064b" <= character <= "\u0652"


def measure(engine: Engine, asked: Sequence[tuple[str, frozenset[str]]]) -> Measures:
    """Ask each query, given with the articles that are right."""
    precision = reciprocal = 0.0
    for text, right in asked:
        results = engine.search(SearchRequest(text, per_page=_DEPTH, highlight=False))
        good = [hit.article.id in right for hit in results.hits]
        precision += sum(good) / min(_DEPTH, len(right))
        reciprocal += 1 / (good.index(True) + 1) if True in good else 0.0
    return Measures(precision / len(asked), reciprocal / len(asked))


def main() -> None:
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED / "text" / "vocalised-tashkeela.txt"
    lines = source.read_text(encoding="utf-8").splitlines()
    asked = questions(lines)
    print(f"{len(lines):,} articles, {len(asked):,} words")
    print(f"{'harakat of the query':22}{'precision@10':>14}{'MRR@10':>9}")
    with TemporaryDirectory() as directory:
        articles = (Article(str(number), body=line) for number, line in enumerate(lines))
        embedded.rebuild(Generations(Path(directory)), articles, jobs=1, memory=256)
        engine = EmbeddedEngine(Settings(index=Path(directory), time_budget=0.0))
        rows = {
            "none": [(each.bare, each.right) for each in asked],
            "of one letter": [(each.one_mark, each.right) for each in asked],
            "all": [(each.written, each.right) for each in asked],
        }
        for name, queries in rows.items():
            found = measure(engine, queries)
            print(f"{name:22}{found.precision:14.3f}{found.reciprocal_rank:9.3f}")
        engine.close()


if __name__ == "__main__":
    main()
