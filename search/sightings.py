"""Which words of a text a query matched, and where they stand.

Few words of a text match. ``search.scan`` finds what may match; that alone is read as the tokenizer reads it, so that
a mark covers exactly a word as it was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from index.arabic import fold, tokenize, words
from search.query import Leaf, Phrase, Prefix, Word
from search.scan import BEGINNING, WHOLE, look, no_hashes, want

Test: TypeAlias = Callable[[str], bool] | frozenset[str]
"""What tells whether a folded word of a text is a form of a query word: a test, or all its forms.

A list of forms is much the faster: the words of a text need not be known to be looked for.
"""

Recognizer: TypeAlias = Callable[[Word], Test]
"""Gives the test of a query's word; phrases that stand for it are found without."""


class Sighting(NamedTuple):
    """A word that matched: its number among the text's words, its code points, and the leaves that it answers."""

    number: int
    start: int
    end: int
    leaves: frozenset[int]


class _Answers(dict[str, frozenset[int]]):
    """The leaves that folded words answer, each found out once."""

    def __init__(self) -> None:
        super().__init__()
        self.tests: list[tuple[int, Callable[[str], bool]]] = []

    def __missing__(self, word: str) -> frozenset[int]:
        leaves = self[word] = frozenset([leaf for leaf, test in self.tests if test(word)])
        return leaves


class _Folded(dict[str, str]):
    """Words as they are written, folded: the texts of an answer have the same ones again and again."""

    def __missing__(self, word: str) -> str:
        folded = self[word] = fold(word)
        return folded


class Sought:
    """The leaves of a query that are asked of one field, by their numbers. May be shared by threads."""

    def __init__(self, leaves: Iterable[tuple[int, Leaf]], recognize: Recognizer) -> None:
        self._answers = _Answers()
        self._folded = _Folded()
        self._open: list[Callable[[str], bool]] = []  # tests whose words are not known before a text is read
        self._seen: set[str] = set()
        self._phrases: list[tuple[int, list[str]]] = []
        self._wanted = no_hashes()
        listed: list[str] = []
        for number, leaf in leaves:
            if isinstance(leaf, Phrase):
                self._phrases.append((number, list(leaf.words)))
                listed += leaf.words
                continue
            if isinstance(leaf, Prefix):
                self._answers.tests.append((number, _beginning_test(leaf.text)))
                want(leaf.text, BEGINNING, self._wanted)
                continue
            test = recognize(leaf)
            if isinstance(test, frozenset):
                self._answers.tests.append((number, test.__contains__))
                listed += test
            else:
                self._answers.tests.append((number, test))
                self._open.append(test)
            for other in leaf.others:
                if len(other.words) > 1:
                    self._phrases.append((number, list(other.words)))
                    listed += other.words
        want(" ".join(listed), WHOLE, self._wanted)

    def sightings(self, text: str) -> list[Sighting]:
        """Return the words of a text that match, in order."""
        if self._open:
            self._learn(text)
        elif not self._answers.tests and not self._phrases:
            return []
        answers, fold_known = self._answers, self._folded
        read: list[Sighting] = []
        folded: list[str] = []
        in_pieces = 0
        for start, end, before, is_piece in look(text, self._wanted):
            if is_piece:
                for word, begin, after in tokenize(text[start:end]):
                    folded.append(word)
                    read.append(Sighting(before + in_pieces, start + begin, start + after, answers[word]))
                    in_pieces += 1
            else:
                word = fold_known[text[start:end]]
                folded.append(word)
                read.append(Sighting(before + in_pieces, start, end, answers[word]))
        for leaf, phrase in self._phrases:
            for place in _places(phrase, folded, read):
                read[place] = read[place]._replace(leaves=read[place].leaves | {leaf})
        return [sighting for sighting in read if sighting.leaves]

    def _learn(self, text: str) -> None:
        """Look for the words of a text that a test recognizes."""
        unknown = set(words(text)) - self._seen
        for test in self._open:
            want(" ".join(filter(test, unknown)), WHOLE, self._wanted)
        self._seen |= unknown  # after the rest: another thread may read it meanwhile


def _beginning_test(beginning: str) -> Callable[[str], bool]:
    return lambda word: word.startswith(beginning)


def _places(phrase: Sequence[str], folded: Sequence[str], read: Sequence[Sighting]) -> Iterator[int]:
    """Yield the places of all words that are part of an occurrence of a phrase, of which ``read`` lacks no word."""
    last = len(phrase) - 1
    done = 0
    for place in range(len(read) - last):
        # The whole at once: a text and a phrase may both be one word over and over.
        if (
            folded[place] == phrase[0]
            and read[place + last].number - read[place].number == last
            and folded[place : place + last + 1] == phrase
        ):
            yield from range(max(place, done), place + last + 1)
            done = place + last + 1
