"""Queries of all of Whoosh's own classes, made at random of the words of some articles."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from whoosh import query
from whoosh.query import spans
from whoosh.scoring import Frequency

from index.arabic import words
from index.article import Article
from index.schema import TEXTS, day_of

SMALL = ("title", "author", "source", "category")
"""Fields with few enough words that patterns may match many of them."""


class StockQueries:
    """A source of queries: the same ones for the same articles and seed."""

    def __init__(self, articles: Sequence[Article], seed: int) -> None:
        self._random = random.Random(seed)
        self._articles = articles
        counts: dict[str, Counter[str]] = {name: Counter() for name in TEXTS}
        for article in articles:
            for name in TEXTS:
                counts[name].update(words(getattr(article, name)))
        self._words = {name: sorted(counter) for name, counter in counts.items()}
        self._common = {name: [word for word, _ in counter.most_common(30)] for name, counter in counts.items()}

    def of(self, kind: str) -> Any:
        """Return a query of a class."""
        return KINDS[kind](self)

    def each(self, number: int) -> list[tuple[str, Any]]:
        """Return ``number`` queries of each class, with its name."""
        return [(kind, self.of(kind)) for kind in KINDS for _ in range(number)]

    def field(self, names: Sequence[str] = TEXTS) -> str:
        return self._random.choice([name for name in names if self._words[name]])

    def word(self, field: str) -> str:
        """Return a common word of a field, any of its words, or one that it may not have."""
        chance = self._random.random()
        if chance < 0.02:
            return "لاتوجدهذهالكلمة"
        return self._random.choice(self._common[field] if chance < 0.45 else self._words[field])

    def long_word(self, field: str) -> str:
        return self._random.choice([word for word in self._words[field] if len(word) > 4] or self._words[field])

    def term(self, *, boosted: bool = True) -> query.Term:
        if self._random.random() < 0.03:
            return query.Term("id", self._random.choice(self._articles).id)
        field = self.field(("title", "body", "body", "title", "author", "source", "category"))
        boost = self._random.choice([1.0, 1.0, 1.0, 2.5, 0.5]) if boosted else 1.0
        return query.Term(field, self.word(field), boost=boost)

    def terms(self, least: int = 2, most: int = 4) -> list[query.Term]:
        return [self.term() for _ in range(self._random.randint(least, most))]

    def passage(self, size: int) -> tuple[str, list[str]]:
        """Return a field and words that follow one another in it."""
        while True:
            field = self._random.choice(("title", "body"))
            text = words(getattr(self._random.choice(self._articles), field))
            if len(text) >= size:
                begin = self._random.randrange(len(text) - size + 1)
                return field, text[begin : begin + size]

    def tree(self, depth: int) -> query.Query:
        """Return groups of groups, over a few of the classes."""
        if depth == 0:
            return self._random.choice([self.term, self.term, lambda: self.of("Phrase")])()
        parts = [self.tree(depth - 1) for _ in range(self._random.randint(2, 3))]
        combine = self._random.choice(
            [
                query.Or,
                query.And,
                query.DisjunctionMax,
                lambda parts: query.AndNot(*parts[:2]),
                lambda parts: query.AndMaybe(*parts[:2]),
                lambda parts: query.Require(*parts[:2]),
                lambda parts: query.And([parts[0], query.Not(parts[1])]),
            ]
        )
        return combine(parts)

    def pattern(self, kind: Callable[..., Any], pattern: Callable[[str], str]) -> Any:
        field = self.field(SMALL)
        return kind(field, pattern(self.long_word(field)), constantscore=self._random.random() < 0.7)

    def phrase(self) -> query.Phrase:
        field, text = self.passage(self._random.randint(2, 4))
        if len(text) > 2 and self._random.random() < 0.3:
            del text[1]
        if self._random.random() < 0.15:
            text.reverse()
        return query.Phrase(field, text, slop=self._random.choice([1, 1, 2, 3, 8]))

    def fuzzy(self) -> query.FuzzyTerm:
        field = self.field(SMALL)
        word = self.long_word(field)
        place = self._random.randrange(len(word))
        changed = word[:place] + self._random.choice(["", "ا", "ب", "وا"]) + word[place + 1 :]
        distance, prefix = self._random.choice([(1, 0), (1, 1), (1, 2), (2, 2)])
        return query.FuzzyTerm(field, changed, maxdist=distance, prefixlength=prefix)

    def range(self) -> query.TermRange:
        field = self.field()
        terms = self._words[field]
        if self._random.random() < 0.1:
            field = "id"
            terms = sorted(article.id for article in self._articles)
        begin = self._random.randrange(len(terms))
        end = min(begin + self._random.randrange(100), len(terms) - 1)
        return query.TermRange(field, terms[begin], terms[end], *(self._random.random() < 0.5 for _ in range(2)))

    def column(self) -> Any:
        days = [day_of(article.published) for article in self._articles]
        day, other = sorted((self._random.choice(days), self._random.choice(days)))
        source = self._random.choice(self._articles).source.encode()
        column = self._random.choice(
            [
                query.ColumnQuery("day", lambda value: day <= value <= other),
                query.ColumnQuery("source_value", source),
                query.ColumnQuery("instant", lambda value: value % 2 == 0),
            ]
        )
        return query.ConstantScoreQuery(column)  # its own matcher has no score: Whoosh means it for filters

    def near(self) -> Any:
        field, text = self.passage(3)
        a, b = query.Term(field, text[0]), query.Term(field, text[2])
        return spans.SpanNear(a, b, slop=self._random.randint(1, 4), ordered=self._random.random() < 0.5)

    def span(self) -> Any:
        field, text = self.passage(4)
        one, two, three, four = (query.Term(field, word) for word in text)
        near = spans.SpanNear(one, four, slop=6, ordered=False)
        return self._random.choice(
            [
                spans.SpanFirst(one, limit=self._random.randint(0, 6)),
                spans.SpanOr([one, three]),
                spans.SpanNot(near, two),
                spans.SpanContains(near, three),
                spans.SpanBefore(two, four),
                spans.SpanCondition(one, three),
                spans.SpanNear2([one, two, three], slop=2),
            ]
        )

    def sequence(self) -> Any:
        field, text = self.passage(3)
        parts = [query.Term(field, text[0]), query.Or([query.Term(field, text[1]), query.Term(field, text[2])])]
        if self._random.random() < 0.3:
            return query.Ordered([query.Term(field, text[0]), query.Term(field, text[2])])
        return query.Sequence(parts, slop=self._random.randint(1, 3), ordered=self._random.random() < 0.5)

    def every(self) -> Any:
        return self._random.choice(
            [query.Every(), query.And([query.Every(), query.Not(self.term())]), query.Every(self.field(SMALL[1:]))]
        )

    def or_(self) -> query.Or:
        minmatch = self._random.choice([0, 0, 0, 2])
        return query.Or(self.terms(), boost=self._random.choice([1.0, 2.0]), minmatch=minmatch)

    def kind_of_or(self) -> Any:
        return self._random.choice([query.DefaultOr, query.PreloadedOr])(self.terms(2, 5))

    def family(self) -> Any:
        """Take the articles of a source as parents of those that follow them."""
        parents = query.Term("source", self._random.choice(self._common["source"]))
        if self._random.random() < 0.5:
            return query.NestedChildren(parents, query.And([parents, self.term()]))
        return query.NestedParent(parents, query.And([query.Not(parents), self.term()]))

    def and_(self) -> query.And:
        if self._random.random() < 0.3:
            return query.And(self.terms(2, 3))
        field, text = self.passage(self._random.randint(2, 6))
        return query.And([query.Term(field, text[0]), query.Term(self.field((field, "body")), text[-1]), self.or_()])


def _wildcard(word: str) -> str:
    return f"{word[:2]}?{word[3]}*" if len(word) > 3 else f"{word[0]}*"


def _regex(word: str) -> str:
    return f"{re.escape(word[:2])}.+[{re.escape(word[-1])}ا]$"


KINDS: dict[str, Callable[[StockQueries], Any]] = {
    "Term": StockQueries.term,
    "Or": StockQueries.or_,
    "kinds of Or": StockQueries.kind_of_or,
    "scaled Or": lambda make: query.Or(make.terms(), scale=0.9),
    "And": StockQueries.and_,
    "Not": lambda make: query.And([make.term(), query.Not(make.term())]),
    "Not alone": lambda make: query.Not(make.term()),
    "AndNot": lambda make: query.AndNot(make.term(), make.term()),
    "AndMaybe": lambda make: query.AndMaybe(make.term(), make.of("Or")),
    "Require": lambda make: query.Require(make.of("Or"), make.term()),
    "Otherwise": lambda make: query.Otherwise(make.term(), make.term()),
    "Phrase": StockQueries.phrase,
    "Prefix": lambda make: make.pattern(query.Prefix, lambda word: word[:3]),
    "Wildcard": lambda make: make.pattern(query.Wildcard, _wildcard),
    "Regex": lambda make: make.pattern(query.Regex, _regex),
    "FuzzyTerm": StockQueries.fuzzy,
    "Variations": lambda make: query.Variations("body", make.word("body")),
    "TermRange": StockQueries.range,
    "ColumnQuery": StockQueries.column,
    "Every": StockQueries.every,
    "DisjunctionMax": lambda make: query.DisjunctionMax(make.terms(), tiebreak=0.0),
    "ConstantScoreQuery": lambda make: query.ConstantScoreQuery(make.of("Or"), 2.0),
    "WeightingQuery": lambda make: query.WeightingQuery(make.of("Or"), Frequency()),
    "SpanNear": StockQueries.near,
    "spans": StockQueries.span,
    "Sequence": StockQueries.sequence,
    "parents and children": StockQueries.family,
    "nested": lambda make: make.tree(2),
    "nested constants": lambda make: query.Or([query.ConstantScoreQuery(make.tree(1), 1.5), make.tree(1)]),
}
