"""The pieces of a text that show best what matched in it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence, Set
from operator import attrgetter

from search.results import Fragment
from search.sightings import Sighting

FRAGMENT_LENGTH = 220
"""Longest fragment in code points, unless one word is longer."""

FRAGMENTS = 3
"""Most fragments of one field."""

_LEAD = 60
"""How far before the first match a fragment may begin."""

_UNIT = 1_000_000
_NEW, _SHOWN, _NEIGHBOURS = 10, 1, 3
_REPETITION = _UNIT // 5
"""What counts for a fragment, ten times over: each leaf's weight, or a tenth of it where it is shown already; for two
words side by side .3 of the lesser weight; for each marked word .02. All are whole numbers of a millionth, whose sums
are the same in any order."""

_sentence = re.compile(r".*[.!?؟؛…](?=\s)", re.DOTALL).match
_space = re.compile(r"\s").search
_printed = re.compile(r"\S").search
_start_of: Callable[[Sighting], int] = attrgetter("start")


def whole_units(weight: float) -> int:
    """Return a leaf's weight in the unit that fragments are weighed in."""
    return round(weight * _UNIT)


def marked_ranges(sightings: Sequence[Sighting], origin: int = 0) -> tuple[tuple[int, int], ...]:
    """Return where the marked words stand, counted from ``origin``."""
    # The words of a ligature share its range.
    return tuple(dict.fromkeys([(start - origin, end - origin) for _, start, end, _ in sightings]))


def opening(text: str, first: int) -> Fragment:
    """Return the beginning of a text whose first word begins at ``first``, unmarked."""
    return _fragment(text, (), *_edges(text, first, 0))


def best_fragments(text: str, sightings: Sequence[Sighting], weights: Sequence[int]) -> tuple[Fragment, ...]:
    """Return the fragments that show what was sighted, the best first. ``weights``: of each leaf, in whole units."""
    fragments: list[Fragment] = []
    edges: list[tuple[int, int]] = []
    shown: frozenset[int] = frozenset()
    rest, left = sightings, _leaves(sightings)
    # A further fragment must show something that the ones before it do not.
    while len(fragments) < FRAGMENTS and not left <= shown:
        first = _best_start(text, rest, weights, left, shown).start if len(rest) > 1 else rest[0].start
        start, end = _edges(text, first, max([end for _, end in edges if end <= first], default=0))
        inside = _between(sightings, start, end)
        leaves = _leaves(inside)
        if leaves <= shown:
            break
        fragments.append(_fragment(text, inside, start, end))
        edges.append((start, end))
        shown |= leaves
        if not left <= shown:
            rest = [sighting for sighting in rest if not start <= sighting.start < end]
            left = _leaves(rest)
    return tuple(fragments)


def _leaves(sightings: Iterable[Sighting]) -> frozenset[int]:
    return frozenset().union(*{sighting.leaves for sighting in sightings})


def _between(sightings: Sequence[Sighting], start: int, end: int) -> Sequence[Sighting]:
    begin = bisect_left(sightings, start, key=_start_of)
    return sightings[begin : bisect_left(sightings, end, begin, key=_start_of)]


def _fragment(text: str, inside: Sequence[Sighting], start: int, end: int) -> Fragment:
    before, after = _printed(text, 0, start), _printed(text, end)
    return Fragment(text[start:end], marked_ranges(inside, start), start, before is not None, after is not None)


def _best_start(
    text: str, sightings: Sequence[Sighting], weights: Sequence[int], left: Set[int], shown: Set[int]
) -> Sighting:
    """Return the word from which on one fragment's length is worth most.

    What counts: leaves that are not shown yet, then neighbours as they stand in the query, then how many there are.
    A fragment ends with its paragraph. ``left``: all leaves of the words.
    """
    worths = {leaf: weights[leaf] * (_SHOWN if leaf in shown else _NEW) for leaf in left}
    times = dict.fromkeys(left, 0)
    near: list[int] = []  # what each word adds as the neighbour of the one before it
    size = len(sightings)
    end = worth = 0  # where the words from the one in hand on end that one fragment shows, and their worth
    best, best_worth = sightings[0], -1
    before = sightings[0]
    for place, sighting in enumerate(sightings):
        limit = sighting.start + FRAGMENT_LENGTH - _LEAD
        while end < size:
            other = sightings[end]
            if end > place:
                if other.end > limit or text.find("\n", before.end, other.start) >= 0:
                    break
                gain = 0
                if other.number == before.number + 1 and other.leaves != before.leaves:
                    gain = _NEIGHBOURS * min(_most(weights, before), _most(weights, other))
                near.append(gain)
                worth += gain
            else:
                near.append(0)
            for leaf in other.leaves:
                if not times[leaf]:
                    worth += worths[leaf]
                times[leaf] += 1
            before = other
            end += 1
        here = worth + (end - place) * _REPETITION
        if here > best_worth:
            best, best_worth = sighting, here
        if end == size:
            break  # the words after it are among those that it shows
        for leaf in sighting.leaves:
            times[leaf] -= 1
            if not times[leaf]:
                worth -= worths[leaf]
        if place + 1 < end:
            worth -= near[place + 1]
    return best


def _most(weights: Sequence[int], sighting: Sighting) -> int:
    return max([weights[leaf] for leaf in sighting.leaves])


def _edges(text: str, first: int, floor: int) -> tuple[int, int]:
    """Return where a fragment whose first marked word begins at ``first`` starts, from ``floor`` on, and ends.

    At word and paragraph edges: no word is cut in two.
    """
    start = _start(text, first, max(floor, first - _LEAD))
    return start, _end(text, start, max(start + FRAGMENT_LENGTH, first + 1))


def _start(text: str, first: int, earliest: int) -> int:
    """Return where to begin: after a paragraph's or sentence's end before ``first``, else at a word."""
    line = text.rfind("\n", earliest, first) + 1
    at_edge = True
    if line > earliest or earliest == 0:
        earliest = max(line, earliest)
    else:
        at_edge = text[earliest - 1].isspace()
    sentence = _sentence(text, earliest, first)
    if sentence:
        return _skip_space(text, sentence.end(), first)
    if at_edge:
        return _skip_space(text, earliest, first)
    space = _space(text, earliest, first)
    return _skip_space(text, space.end(), first) if space else first


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
    after = _space(text, latest)
    return after.start() if after else len(text)
