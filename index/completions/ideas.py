"""Words and phrases that can be completed: what is typed to find one, how it is shown, and how often it was seen.

Arrays, of I ideas; packed strings as in ``index.codec.layout``:

=====================  =========  =================================================================================
``idea.keys``,         u8, u32    the keys, ascending: folded words without their articles, a space between two
``idea.key_ends``
``idea.shown``,        u8, u32    the spelling that was seen most often
``idea.shown_ends``
``idea.seen``          u32 [I]    how often that spelling was seen
``idea.headlines``     u32 [I]    how often the idea was seen in headlines
``idea.texts``         u32 [I]    and in what was read of texts
``idea.definite``      u32 [I]    how often with an article (of the first word)
``idea.scores``        u32 [I]    how much readers are likely to want it
``idea.bests``         u32        the largest of each block of scores (see ``spans``)
=====================  =========  =================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.arabic.particles import PARTICLES, bases
from index.codec.layout import Strings
from index.codec.unions import Union
from index.completions.spans import block_bests, chosen, packed

MOST_WORDS, MOST_PHRASES = 1 << 15, 1 << 14
"""Most words and most phrases of a table of 65,536 articles or fewer."""

_HEADLINE = 8
"""How many times as telling it is that a word stands in a headline as that it stands in a text."""

_PREFIX = "idea."
_COLUMNS = ("seen", "headlines", "texts", "definite")
_NOTHING = np.zeros(0, np.uint32)

Column = NDArray[np.uint32]


def scored(headlines: NDArray[Any], texts: NDArray[Any]) -> NDArray[np.int64]:
    """Return how much readers are likely to want what was seen so often in headlines and texts."""
    score: NDArray[np.int64] = headlines.astype(np.int64) * _HEADLINE + texts
    return score


@dataclass(frozen=True, slots=True, eq=False)
class Ideas:
    """Ideas in the order of their keys; see the module."""

    keys: Strings
    shown: Strings
    seen: Column
    headlines: Column
    texts: Column
    definite: Column

    @classmethod
    def of(cls, keys: Sequence[str], shown: Sequence[str], *columns: NDArray[Any]) -> Ideas:
        """Return ideas of distinct keys in any order; ``columns``: seen, headlines, texts, definite."""
        encoded = [key.encode() for key in keys]
        order = sorted(range(len(encoded)), key=encoded.__getitem__)
        return cls(
            Strings.of([encoded[place] for place in order]),
            packed(shown[place] for place in order),
            *(column[order].astype(np.uint32) for column in columns),
        )

    @classmethod
    def united(cls, several: Sequence[Ideas]) -> Ideas:
        """Return the ideas of several together: counts are added, the spelling seen most often is shown."""
        union = Union.of([each.keys for each in several])
        every = np.ones(union.size, np.bool_)
        places = np.concatenate(union.places)
        columns = {name: np.concatenate([getattr(each, name) for each in several]) for name in _COLUMNS}
        order = np.lexsort((-columns["seen"].astype(np.int64), places))
        heads = order[np.flatnonzero(np.diff(places[order], prepend=-1))]
        sums = {name: np.zeros(union.size, np.uint32) for name in _COLUMNS[1:]}
        for name, column in sums.items():
            np.add.at(column, places, columns[name])
        ends = np.cumsum([0, *(len(each.shown.bytes_) for each in several)])
        begins = [each.shown.ends[:-1] + end for each, end in zip(several, ends[:-1].tolist(), strict=True)]
        shown = Strings(
            np.concatenate([each.shown.bytes_ for each in several]), np.append(np.concatenate(begins), ends[-1])
        )
        return cls(union.strings(every), chosen(shown, heads), columns["seen"][heads], **sums)

    def ranked(self, times: int = 1) -> Ideas:
        """Return those that readers are likeliest to want, without those that have but a particle more than another.

        ``times``: how many times as many as ``MOST_WORDS`` and ``MOST_PHRASES``.
        """
        keys = [key.decode() for key in self.keys.to_list()]
        scores = scored(self.headlines, self.texts)
        is_phrase = np.array([" " in key for key in keys], np.bool_)
        kept = np.zeros(len(keys), np.bool_)
        for kind, most in ((is_phrase, MOST_PHRASES * times), (~is_phrase, MOST_WORDS * times)):
            places = np.flatnonzero(kind)
            kept[places[np.argsort(-scores[places], kind="stable")[:most]]] = True
        score_of = dict(zip(keys, scores.tolist(), strict=True))
        for place in np.flatnonzero(kept).tolist():
            word, space, rest = keys[place].partition(" ")
            if word[0] in PARTICLES:
                least = score_of.get(word, 0)
                kept[place] = not any(
                    score_of.get(base, 0) >= least * times
                    if least
                    else score_of.get(base + space + rest, 0) >= score_of[keys[place]]
                    for base, times in bases(word)
                )
        places = np.flatnonzero(kept)
        columns = {name: getattr(self, name)[places] for name in _COLUMNS}
        return Ideas(chosen(self.keys, places), chosen(self.shown, places), **columns)

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """Return everything by the names of the module."""
        scores = np.minimum(scored(self.headlines, self.texts), np.iinfo(np.uint32).max).astype(np.uint32)
        arrays = {
            "keys": self.keys.bytes_, "key_ends": self.keys.ends, "shown": self.shown.bytes_,
            "shown_ends": self.shown.ends, "scores": scores, "bests": block_bests(scores),
            **{name: getattr(self, name) for name in _COLUMNS},
        }  # fmt: skip
        return {_PREFIX + name: array for name, array in arrays.items()}

    @classmethod
    def opened(cls, arrays: Mapping[str, NDArray[Any]]) -> Ideas:
        """Return the ideas that ``arrays`` gave."""
        found = {name.removeprefix(_PREFIX): array for name, array in arrays.items() if name.startswith(_PREFIX)}
        return cls(
            Strings(found["keys"], found["key_ends"]), Strings(found["shown"], found["shown_ends"]),
            *(found[name] for name in _COLUMNS),
        )  # fmt: skip
