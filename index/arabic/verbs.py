"""Present and past of a verb: يفتتح and افتتح, يقول and قال, تكتب and كتب, where both are words.

The present begins with a letter for the person (ي ت ن); what is left is the past (form I to III, V, VI), or the past
less its ا (form IV, VII, VIII, X), or one whose middle ا became و or ي (hollow verbs). The most frequent word among
these is taken, if it is written often enough beside the present. Which letters these are is in any grammar; the forms
are numbered as in W. Wright, "A Grammar of the Arabic Language", 3rd edition, vol. 1, §35–68.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from index.arabic.coding import SEED, WHOLE, digest, extend, finish, place_of
from index.arabic.lemma import UNKNOWN, attested
from index.arabic.lexicon import DOUBLING, LEXICON, level
from index.compilation import I64, U8, U64, Array, kernel, written

_RATIO = 0.1
"""How often the past must be written for each time the present is."""

_SHORT_RATIO = 0.5
"""The same for يصل beside تصل: verbs of two letters, whose past is another."""

_PERSONS_RATIO = 0.25
"""How often the present must be written with another person's letter for each time it is with its own."""

_ALEF, _TEH, _YEH, _NOON, _WAW = 0x27, 0x2A, 0x4A, 0x46, 0x48
_MORE, _SHORT_MORE, _PERSONS = (round(DOUBLING * math.log2(ratio)) for ratio in (_RATIO, _SHORT_RATIO, _PERSONS_RATIO))


@kernel(U64(U8, written(U8), I64, I64))
def _after(first: int, letters: Array, begin: int, end: int) -> Any:
    """Return the digest of a word with a letter before it."""
    state = extend(SEED, np.uint8(first))
    for place in range(begin, end):
        state = extend(state, letters[place])
    return finish(state)


@kernel(U64(written(U8), I64, I64, WHOLE, LEXICON))
def past(letters: Array, begin: int, end: int, whole: Any, lexicon: Any) -> Any:
    """Return the digest of the past of a lemma that is a verb's present, else the lemma's own."""
    protected, stops = whole
    key = digest(letters, begin, end)
    size = end - begin
    first = letters[begin]
    if size < 3 or (first != _YEH and first != _TEH and first != _NOON) or place_of(protected, key) >= 0:
        return key
    known = max(level(lexicon, key), UNKNOWN)
    if size == 3:
        if first != _TEH:
            return key
        other = _after(_YEH, letters, begin + 1, end)
        return other if attested(other, size, stops, lexicon) - known >= _SHORT_MORE else key
    rest_known = level(lexicon, _after(_YEH, letters, begin + 1, end))
    if first == _TEH:
        # The noun of the pattern تفعيل, or a past that begins with a ت, whose own present is the more frequent one.
        if size == 5 and letters[end - 2] == _YEH:
            return key
        if level(lexicon, _after(_YEH, letters, begin, end)) > rest_known:
            return key
    elif first == _YEH:
        rest_known = level(lexicon, _after(_TEH, letters, begin + 1, end)) + 2 * DOUBLING
    # A verb is written with other persons' letters too; a name or a noun is not.
    if rest_known - known < _PERSONS:
        return key
    rest = digest(letters, begin + 1, end)
    best, chosen = attested(rest, size - 1, stops, lexicon), rest
    weak = letters[begin + 2]
    is_hollow = size == 4 and (weak == _WAW or weak == _YEH)  # noqa: SIM109 - compiled
    if is_hollow:
        letters[begin + 2] = _ALEF
        rest = digest(letters, begin + 1, end)
        found = attested(rest, size - 1, stops, lexicon)
        if found > best:
            best, chosen = found, rest
        rest = _after(_ALEF, letters, begin + 1, end)
        letters[begin + 2] = weak
        found = attested(rest, size, stops, lexicon)
        if weak == _YEH and found > best:
            best, chosen = found, rest
    # أعرف is the present as well.
    rest = _after(_ALEF, letters, begin + 1, end)
    found = attested(rest, size, stops, lexicon)
    if not is_hollow and found > best + 3 * DOUBLING:
        best, chosen = found, rest
    if not best or best - known < _MORE:
        return key
    return chosen
