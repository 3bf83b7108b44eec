"""Completing what a reader types, from one table of completions or several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import chain, islice
from pathlib import Path
from typing import Literal

from index.arabic import words as words_of
from index.arabic.particles import SAYING_NOTHING, SURE, bases, without_article
from index.arabic.stopwords import STOP_WORDS, WANTING
from index.codec.container import Container
from index.completions.table import CompletionTable, Idea
from index.completions.typed import Typed

Kind = Literal["word", "phrase", "title"]

_MORE = 3
"""How many times as many of a kind are looked at as may be shown: some are left out."""

_LETTERS_OF_HEADLINES = 3
"""Letters after which headlines are offered: the newest of thousands would be chance."""

_HEADLINES_OF_TEN = 3
"""Of ten lines, how many headlines take where there are words and phrases enough."""

_RARE = 16
"""How many times as likely another idea must be for the word that was typed to the end not to come first."""

_NAMES = 3
"""How many continuations stand for a phrase that wants another word."""

_LOOKED_AT = 8
"""How many are looked at: some end on such a word again."""

_LONGEST_NAME = 4
"""Words of the longest continuation: «محمد بن أبي عامر»."""

_REPEATED = 2
"""How often headlines must go on so for it to be more than chance."""

_SAYING_NOTHING = frozenset(SAYING_NOTHING)

Stands = Callable[[str, str], bool]
"""Tells whether an article, by its id, still has a headline."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A line that a reader may choose.

    ``text``: what the box would hold. ``ranges``: where the words that were typed stand in it, half-open, in code
    points, whole also where the last one was only begun. ``id``: a title's article.
    """

    text: str
    kind: Kind
    ranges: tuple[tuple[int, int], ...] = ()
    id: str = ""


class Completions:
    """All tables of an index as one; may be shared by threads."""

    def __init__(self, tables: Sequence[CompletionTable]) -> None:
        self._tables = tables

    @classmethod
    def open(cls, *paths: Path) -> Completions:
        """Open files that ``CompletionsBuilder`` wrote; raises as ``Container.open`` does."""
        return cls([CompletionTable(Container.open(path).arrays) for path in paths])

    def complete(self, text: str, limit: int, stands: Stands = lambda article_id, headline: True) -> list[Completion]:
        """Return at most ``limit`` ways to go on, the likeliest first, no two of them the same idea.

        One word is completed to words and phrases; behind others to what stands behind them somewhere, and to any word
        only where nothing does. Headlines follow, those that begin so before those that hold it, newer ones before
        older ones. Any text is taken; of none nothing is completed, and nothing is completed to itself.
        """
        typed = Typed.read(text)
        if not typed.words and not typed.prefix:
            return []
        most = _MORE * limit
        room = limit // 2 if typed.words else limit * _HEADLINES_OF_TEN // 10
        headlines = self._headlines(typed, most, stands)
        first = list(islice(headlines, room))
        lines = _Lines(limit, first, words_of(text))
        ideas = self._together(typed, most) if typed.words else self._words(typed, most)
        lines.take(ideas, limit - len(first))
        lines.take(chain(first, headlines), limit)
        if typed.words:
            lines.take(ideas, limit)
            if not lines.met:
                lines.take(self._words(typed, most), limit)
        return lines.found

    def _together(self, typed: Typed, most: int) -> Iterator[Completion]:
        """Complete the last word to a phrase with the one before it."""
        ideas: Iterable[Idea] = ()
        first = typed.words[-1]
        if first.text in WANTING and len(typed.words) > 1:  # half of a name, which others have as well
            ideas = self._continued(typed.keys[-2:], typed.stem)
        if ideas:
            first, at = typed.words[-2], 2
        else:
            at = 1
            ideas = self._whole(self._best(lambda table: table.ideas(f"{typed.keys[-1]} {typed.stem}", most)))
        for idea in ideas:
            if not typed.prefix or typed.suits(words_of(idea.shown)[at]):
                yield _completion(typed, typed.text[: first.start] + idea.shown, "phrase")

    def _words(self, typed: Typed, most: int) -> Iterator[Completion]:
        """Complete the last word by itself, what stands before it kept as it was typed."""
        if not typed.prefix:
            return
        head = typed.text[: typed.start]
        only_words = bool(typed.words)
        ideas = self._alone(typed, most)
        for base, times in bases(typed.stem):
            if times == SURE or not ideas:
                ideas += self._best(lambda table, base=base: table.ideas(base, most))  # type: ignore[misc]
        exact = self._best(lambda table: table.idea(typed.stem)) if not typed.literal else []
        if exact and exact[0].score * _RARE < ideas[0].score:
            exact = []
        for idea in self._whole(idea for idea in chain(exact, ideas) if not (only_words and " " in idea.key)):
            yield _completion(typed, head + idea.shown, "phrase" if " " in idea.key else "word")

    def _whole(self, ideas: Iterable[Idea]) -> Iterator[Idea]:
        """Yield ideas that want no other word; for phrases that do («محمد بن») what they begin in headlines."""
        for idea in ideas:
            if words_of(idea.shown)[-1] not in WANTING:
                yield idea
            elif " " in idea.key:
                yield from self._continued(idea.key.split(" "))

    def _continued(self, keys: Sequence[str], prefix: str = "") -> list[Idea]:
        """Return how headlines go on behind some words, with one or two words that make a whole of them."""
        found: list[Idea] = []
        for idea in self._best(lambda table: table.continuations(keys, prefix, _LOOKED_AT)):
            last = words_of(idea.shown)[-1]
            if idea.score < _REPEATED:
                break
            if last not in WANTING:
                found += [idea] if last not in _SAYING_NOTHING else []
            elif last not in STOP_WORDS and len(keys) + 1 < _LONGEST_NAME:
                found += self._continued(idea.key.split(" "))
        return found[:_NAMES]

    def _alone(self, typed: Typed, most: int) -> list[Idea]:
        if not typed.literal:
            return self._best(lambda table: table.ideas(typed.stem, most))
        definite = self._best(lambda table: table.ideas(typed.stem, most, definite=True))
        other = self._best(lambda table: table.ideas(typed.prefix, most))
        found = merge(definite, other, key=lambda idea: -idea.score)
        return [idea for idea in found if words_of(idea.shown)[0].startswith(typed.prefix)]

    def _best(self, found: Callable[[CompletionTable], Iterable[Idea]]) -> list[Idea]:
        """Return the ideas of all tables, the best first; of one that stands in several the scores are added."""
        if len(self._tables) == 1:
            return list(found(self._tables[0]))
        known: dict[str, Idea] = {}
        for idea in chain.from_iterable(map(found, self._tables)):
            other = known.get(idea.key)
            if other is not None:
                shown = max(idea, other, key=lambda each: each.seen)
                idea = Idea(idea.key, shown.shown, shown.seen, idea.score + other.score)
            known[idea.key] = idea
        return sorted(known.values(), key=lambda idea: -idea.score)

    def _headlines(self, typed: Typed, most: int, stands: Stands) -> Iterator[Completion]:
        letters = sum(len(token.text) for token in typed.words) + len(typed.stem)
        if not typed.plain or letters < _LETTERS_OF_HEADLINES:
            return
        tables = [table.headlines(typed.keys, typed.stem, most) for table in self._tables]
        for headline in merge(*tables, key=lambda headline: (not headline.at_the_start, -headline.instant)):
            ranges = typed.matches(headline.text)
            if ranges is not None and stands(headline.id, headline.text):
                yield Completion(headline.text, "title", tuple(ranges), headline.id)


def _completion(typed: Typed, text: str, kind: Kind) -> Completion:
    return Completion(text, kind, tuple(typed.matches(text) or ()))


class _Lines:
    """The lines to be shown, each another idea; of one with the words of a headline the headline.

    What has no other words than were ``typed``, and no article more, is passed over if it is not a headline.
    """

    def __init__(self, limit: int, headlines: Sequence[Completion], typed: Sequence[str]) -> None:
        self.found: list[Completion] = []
        self._limit = limit
        self._typed = _without_articles(typed)
        self._letters = sum(map(len, typed))
        self._known: set[tuple[str, ...]] = set()
        self._of_headlines = {_key(headline) for headline in headlines}

    @property
    def met(self) -> bool:
        """Whether there was any idea yet, shown or passed over."""
        return bool(self._known)

    def take(self, completions: Iterator[Completion], most: int) -> None:
        """Take completions until there are ``most`` lines."""
        while len(self.found) < min(most, self._limit):
            completion = next(completions, None)
            if completion is None:
                return
            key = _key(completion)
            if key not in self._known and (completion.kind == "title" or key not in self._of_headlines):
                self._known.add(key)
                if completion.kind == "title" or key != self._typed or self._adds(completion):
                    self.found.append(completion)

    def _adds(self, completion: Completion) -> bool:
        return sum(map(len, words_of(completion.text))) > self._letters


def _key(completion: Completion) -> tuple[str, ...]:
    return _without_articles(words_of(completion.text))


def _without_articles(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(without_article, words))
