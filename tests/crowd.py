"""An index of many made-up articles in many segments, and questions to it that take every way through the executor."""

from __future__ import annotations

import random
from atexit import register
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from plain_search import PlainSearch
from segmented import build_segments, engine_on

from index.article import Article
from search.embedded import EmbeddedEngine

# A vocabulary in which the n-th word is n times as rare as the first, as in a language.
COMMON = [f"ك{first}{second}" for first in "بتثجح" for second in "دذرزسش"]
"""Words of which the n-th is n times as rare as the first, as in a language."""
WEIGHTS = [1 / (rank + 1) for rank in range(len(COMMON))]


def random_articles(seed: int, count: int) -> Iterator[Article]:
    chance = random.Random(seed)
    for number in range(count):
        title = chance.choices(COMMON, WEIGHTS, k=chance.randrange(4))
        body = chance.choices(COMMON, WEIGHTS, k=chance.choice((0, 3, 10, 40)))
        if number % 97 == 5:
            body += [chance.choice(COMMON)] * chance.choice((254, 255, 256, 300)) + body[:5]
        day = chance.choice(("", "2020-01-01", "2021-02-03", "1960-01-01"))
        yield Article(f"r{number}", " ".join(title), " ".join(body), source=str(number % 5), published=day)


@cache
def crowd() -> tuple[EmbeddedEngine, PlainSearch]:
    """Fifteen hundred articles in ten segments of all sizes, a tenth of the later ones deleted.

    More segments than are read between two looks at the clock, lists of many blocks, frequencies round 255.
    """
    directory = Path(mkdtemp())
    register(rmtree, directory)
    source = random_articles(1, 1500)
    parts = [list(islice(source, size)) for size in (700, 1, 300, 64, 128, 63, 65, 2, 100, 77)]
    deleted = {f"r{number}" for number in range(300, 1500, 10)}
    documents = build_segments(directory, parts, deleted, added=3)
    return engine_on(directory), PlainSearch(documents)


CROWD_QUERIES = [
    "كبد", "كحش", "كبد كبذ", "كبد كحش", "كحز كحس كحش", "كبد كبذ كبر -كبز", "كبد كحش -كحس", "كبد -كحس -كحس",
    "كبد كبذ كبر كبز كبس كبش",
    '"كبد كبذ"', '"كبد كبد"', '"كبد كبذ كبد"', '"كبر كبد" كبذ', "كب*", "كح* كبد", "-كبد", "-كبد -كبذ كتد",
    "(كبد كبذ) أو كحش", "(كبد أو كحش) (كبذ أو كحس)", "-(كبد كبذ) كتد", "كبد أو -كبذ", "title:كبد كبذ",
    'title:"كبد كبذ" أو title:كحش',
]  # fmt: skip
