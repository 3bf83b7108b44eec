"""Why a hit is a hit, in words: what is marked in it beside what was typed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from index.arabic import fold, tokenize
from index.arabic.letters import REMOVED
from search.parser import parse
from search.query import Leaf, Phrase, Prefix
from search.request import MAX_QUERY_LENGTH
from search.results import Hit

Kind = Literal["exact", "vowels", "spelling", "prefix", "form", "synonym"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""How near a word is to what was typed, the nearest first: the same text; other vowel signs or tatweel; the same word
in other letters (hamza, ة, capitals, digits of another script) or joined otherwise (عبدالله); a word that begins as a
prefix does; another form; a synonym."""

_NEARNESS = {kind: number for number, kind in enumerate(KINDS)}
_BARE = str.maketrans(dict.fromkeys(REMOVED, ""))
_ALTERNATIVES: Mapping[str, Kind] = {"synonym": "synonym", "compound": "spelling"}
_NAMES = ("author", "source", "category")


@dataclass(frozen=True, slots=True)
class Ground:
    """Words of an article that are as near as ``kind`` to the question's, as written there, and the fields they are in.

    Each word once, in the order of the text: the title's first.
    """

    kind: Kind
    words: tuple[str, ...]
    fields: tuple[str, ...]


class Grounds:
    """Tells for each hit of one question what in it matched; ``alternatives`` are those of its ``SearchResults``."""

    def __init__(self, text: str, alternatives: Mapping[str, str] | None = None) -> None:
        self._alternatives = alternatives or {}
        text = text[:MAX_QUERY_LENGTH]
        leaves = list(parse(text).leaves())
        self._folded = {word for leaf in leaves if not isinstance(leaf, Prefix) for word in _words(leaf)}
        self._prefixes = tuple(leaf.text for leaf in leaves if isinstance(leaf, Prefix))
        typed = [token for token in tokenize(text) if token.text in self._folded]
        self._typed = {_composed(text[token.start : token.end]) for token in typed}
        self._known: dict[str, tuple[str, Kind]] = {}  # by word as it is written: hits have the same words
        self._bare = {word.translate(_BARE) for word in self._typed}
        self._named = {
            name: {word for leaf in leaves if leaf.field == name for word in _words(leaf)} for name in _NAMES
        }

    def of(self, hit: Hit) -> tuple[Ground, ...]:
        """Return what matched, the nearest kind first; empty where nothing is marked.

        What is marked in the title and in the body's fragments counts, and words that were asked of the author, the
        source or the category by name. A word of the question is told of once, in the nearest way it is written.
        """
        best: dict[str, tuple[Kind, str]] = {}  # by folded word
        places: dict[str, dict[str, None]] = {}
        for field, word in self._seen(hit):
            known = self._known.get(word)
            if known is None:
                key = fold(word)
                known = self._known[word] = key, self._kind(word, key)
            key, kind = known
            if key not in best or _NEARNESS[kind] < _NEARNESS[best[key][0]]:
                best[key] = kind, word
            places.setdefault(key, {})[field] = None
        told = []
        for kind in KINDS:
            keys = [key for key, (nearest, _) in best.items() if nearest == kind]
            if keys:
                fields = dict.fromkeys(field for key in keys for field in places[key])
                told.append(Ground(kind, tuple(best[key][1] for key in keys), tuple(fields)))
        return tuple(told)

    def _seen(self, hit: Hit) -> Iterator[tuple[str, str]]:
        """Yield the fields and words that are marked, and the words of named fields that were asked for."""
        for field, fragments in (("title", hit.title), ("body", hit.body)):
            for fragment in fragments:
                for begin, end in fragment.ranges:
                    yield field, fragment.text[begin:end]
        for field, asked in self._named.items():
            if asked:
                value: str = getattr(hit.article, field)
                yield from ((field, value[word.start : word.end]) for word in tokenize(value) if word.text in asked)

    def _kind(self, word: str, folded: str) -> Kind:
        composed = _composed(word)
        if composed in self._typed:
            return "exact"
        if composed.translate(_BARE) in self._bare:
            return "vowels"
        # A ligature folds to several words.
        if not self._folded.isdisjoint((folded, *folded.split(" "))):
            return "spelling"
        if folded.startswith(self._prefixes):
            return "prefix"
        return _ALTERNATIVES.get(self._alternatives.get(folded, ""), "form")


def _words(leaf: Leaf) -> tuple[str, ...]:
    return leaf.words if isinstance(leaf, Phrase) else (leaf.text,)


def _composed(word: str) -> str:
    return unicodedata.normalize("NFC", word)
