"""Marks on the original text: which of its words a query matched, and the fragments that show it best.

The text is read with the same tokenizer that indexed it, so that a mark covers exactly a word as it was written, with
all its marks and tatweel, and never a part of one (which could break the joining of letters).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from index.arabic import Token, tokenize
from search.expansion import recognizer
from search.query import Leaf, Phrase, Prefix, Query, Word
from search.results import Fragment

FRAGMENT_LENGTH = 220
"""Longest fragment in code points, unless one word is longer."""

FRAGMENTS = 3
"""Most fragments of one field."""

_LEAD = 60
"""How far before the first match a fragment may begin."""

_LOOKED_AT = 200_000
"""Code points of a text that are marked and that fragments are taken from: a book of 35,000 words."""

_MATCHES = 1000
"""Marked words of a text that are weighed for fragments."""

_NEIGHBOURS = 0.3
_REPETITION = 0.02
"""What two words of the query side by side, and each further marked word, are worth beside a new word's weight."""

_SENTENCE_ENDS = frozenset(".!?؟؛…")


@dataclass(frozen=True, slots=True)
class _Match:
    """A marked word: its place among the tokens, and the leaves of the query that it answers."""

    token: int
    leaves: frozenset[int]


class Marker:
    """Finds a query's words in texts. ``weights`` says how telling each leaf is (1 where it is missing)."""

    def __init__(self, query: Query, weights: Mapping[Leaf, float] | None = None) -> None:
        leaves = list(dict.fromkeys(query.leaves()))
        self._leaves = list(enumerate(leaves))
        self._weights = [(weights or {}).get(leaf, 1.0) for leaf in leaves]

    def ranges(self, field: str, text: str) -> tuple[tuple[int, int], ...]:
        """Return the half-open code-point ranges of the words in a field's text that the query matched."""
        tokens = list(tokenize(_beginning(text)))
        return _token_ranges(tokens, self._matches(field, tokens))

    def whole(self, field: str, text: str) -> Fragment:
        """Return a field's whole text as one marked fragment."""
        return Fragment(text, self.ranges(field, text))

    def fragments(self, field: str, text: str) -> tuple[Fragment, ...]:
        """Return the pieces of a long text that show the query best, the best first.

        Where nothing in it matched, its beginning, unmarked. Empty for a text without words.
        """
        tokens = list(tokenize(_beginning(text)))
        if not tokens:
            return ()
        matches = self._matches(field, tokens)[:_MATCHES]
        if not matches:
            return (_cut(text, tokens, [], tokens[0].start, 0),)
        fragments: list[Fragment] = []
        shown: set[int] = set()
        rest = matches
        while rest and len(fragments) < FRAGMENTS:
            first = tokens[self._best_start(text, tokens, rest, shown).token].start
            ends = [fragment.start + len(fragment.text) for fragment in fragments]
            fragment = _cut(text, tokens, matches, first, max((end for end in ends if end <= first), default=0))
            end = fragment.start + len(fragment.text)
            inside = [match for match in rest if fragment.start <= tokens[match.token].start < end]
            leaves = frozenset[int]().union(*(match.leaves for match in inside))
            if leaves <= shown:
                break  # a further fragment must show something that the ones before it do not
            shown |= leaves
            fragments.append(fragment)
            rest = [match for match in rest if not fragment.start <= tokens[match.token].start < end]
        return tuple(fragments)

    def _matches(self, field: str, tokens: Sequence[Token]) -> list[_Match]:
        words = {token.text for token in tokens}
        leaves_of: dict[str, set[int]] = {}
        found: dict[int, set[int]] = {}
        for number, leaf in self._leaves:
            if leaf.field and leaf.field != field:
                continue
            if isinstance(leaf, Phrase):
                for place in _phrase_places(leaf.words, tokens):
                    found.setdefault(place, set()).add(number)
            else:
                for word in filter(_test(leaf), words):
                    leaves_of.setdefault(word, set()).add(number)
        if leaves_of:
            for place, token in enumerate(tokens):
                if token.text in leaves_of:
                    found.setdefault(place, set()).update(leaves_of[token.text])
        return [_Match(place, frozenset(found[place])) for place in sorted(found)]

    def _best_start(self, text: str, tokens: Sequence[Token], matches: Sequence[_Match], shown: set[int]) -> _Match:
        """Return the match from which on one fragment's length is worth most.

        What counts: leaves that are not shown yet, then neighbours as they stand in the query, then how many there are.
        A fragment ends with its paragraph.
        """
        best, best_worth = matches[0], -1.0
        for place, match in enumerate(matches):
            limit = tokens[match.token].start + FRAGMENT_LENGTH - _LEAD
            leaves = set(match.leaves)
            count, neighbours = 1, 0.0
            before = match
            for other in matches[place + 1 :]:
                gap = text[tokens[before.token].end : tokens[other.token].start]
                if tokens[other.token].end > limit or "\n" in gap:
                    break
                if other.token == before.token + 1 and other.leaves != before.leaves:
                    neighbours += min(self._worth(before.leaves), self._worth(other.leaves))
                leaves |= other.leaves
                count += 1
                before = other
            worth = sum(self._weights[leaf] * (0.1 if leaf in shown else 1.0) for leaf in leaves)
            worth += _NEIGHBOURS * neighbours + _REPETITION * count
            if worth > best_worth:
                best, best_worth = match, worth
        return best

    def _worth(self, leaves: Iterable[int]) -> float:
        return max(self._weights[leaf] for leaf in leaves)


def _beginning(text: str) -> str:
    """Return as much of a text as is looked at, cut at a space."""
    if len(text) <= _LOOKED_AT:
        return text
    space = max(text.rfind(" ", 0, _LOOKED_AT), text.rfind("\n", 0, _LOOKED_AT))
    return text[: space if space > 0 else _LOOKED_AT]


def _test(leaf: Word | Prefix) -> Callable[[str], bool]:
    wanted = leaf.text
    if isinstance(leaf, Prefix):
        return lambda word: word.startswith(wanted)
    return recognizer(wanted)


def _phrase_places(words: Sequence[str], tokens: Sequence[Token]) -> Iterable[int]:
    """Yield the places of all tokens that are part of an occurrence of the phrase."""
    length = len(words)
    first = words[0]
    for place in range(len(tokens) - length + 1):
        if tokens[place].text == first and all(
            tokens[place + offset].text == word for offset, word in enumerate(words)
        ):
            yield from range(place, place + length)


def _token_ranges(tokens: Sequence[Token], matches: Sequence[_Match]) -> tuple[tuple[int, int], ...]:
    # The words of a ligature share its range.
    return tuple(dict.fromkeys((tokens[m.token].start, tokens[m.token].end) for m in matches))


def _cut(text: str, tokens: Sequence[Token], matches: Sequence[_Match], first: int, floor: int) -> Fragment:
    """Cut a fragment whose first match begins at ``first``, from ``floor`` on, at word and paragraph edges."""
    start = _start(text, first, max(floor, first - _LEAD))
    end = _end(text, start, max(start + FRAGMENT_LENGTH, first + 1))
    ranges = tuple((a - start, b - start) for a, b in _token_ranges(tokens, matches) if start <= a and b <= end)
    return Fragment(text[start:end], ranges, start, bool(text[:start].strip()), bool(text[end:].strip()))


def _start(text: str, first: int, earliest: int) -> int:
    """Return where to begin: after a paragraph's or sentence's end before ``first``, else at a word."""
    line = text.rfind("\n", earliest, first) + 1
    if line > earliest or earliest == 0:
        earliest = max(line, earliest)
        at_edge = True
    else:
        at_edge = text[earliest - 1].isspace()
    for place in range(first - 1, earliest, -1):
        if text[place].isspace() and text[place - 1] in _SENTENCE_ENDS:
            return _skip_space(text, place, first)
    if at_edge:
        return _skip_space(text, earliest, first)
    for place in range(earliest, first):
        if text[place].isspace():
            return _skip_space(text, place, first)
    return first


def _skip_space(text: str, place: int, limit: int) -> int:
    while place < limit and text[place].isspace():
        place += 1
    return place


def _end(text: str, start: int, latest: int) -> int:
    """Return where to end: at the paragraph's end, else at the last space before ``latest``."""
    line = text.find("\n", start, latest)
    if line > start:
        return line
    if latest >= len(text):
        return len(text.rstrip())
    if text[latest].isspace():
        return latest
    space = max(text.rfind(" ", start, latest), text.rfind("\t", start, latest))
    if space > start:
        return len(text[:space].rstrip())
    return next((place for place in range(latest, len(text)) if text[place].isspace()), len(text))
