"""Several tables of completions as one: what a table of all their articles would hold, but for what each left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.codec.unions import Union
from index.completions.headlines import Headlines
from index.completions.ideas import Ideas
from index.completions.spans import places_of

_MOST_TIMES = 4
"""How many times as many words and phrases a joined table may hold."""


def joined(tables: Sequence[Mapping[str, NDArray[Any]]]) -> Mapping[str, NDArray[Any]]:
    """Join tables, of which there must be one or more, given as their arrays."""
    ideas = Ideas.united([Ideas.opened(each) for each in tables]).ranked(min(len(tables), _MOST_TIMES))
    return {**ideas.arrays(), **_headlines([Headlines.opened(each) for each in tables]).arrays()}


def _headlines(several: Sequence[Headlines]) -> Headlines:
    """Unite headlines; of equal ones the newest stays."""
    union = Union.of([each.keys for each in several])
    keys = [key.decode() for key in union.strings(np.ones(union.size, np.bool_)).to_list()]
    texts = [text for each in several for text in each.texts()]
    ids = [article_id.decode() for each in several for article_id in each.ids.to_list()]
    instants = np.concatenate([each.instants for each in several])
    newest: dict[str, int] = {}
    for place in np.argsort(instants, kind="stable").tolist():
        newest[texts[place]] = place
    kept = np.sort(np.fromiter(newest.values(), np.int64, len(newest)))

    words, begins, sizes = [], [], []
    before = 0
    for each, places in zip(several, union.places, strict=True):
        words.append(np.append(np.uint32(0), places)[each.words])
        begins.append(each.starts + before)
        before += len(each.words)
        sizes.append(np.diff(np.append(each.starts, len(each.words))) - 1)
    chosen = np.concatenate(sizes)[kept]
    return Headlines.of(
        [texts[place] for place in kept.tolist()],
        [ids[place] for place in kept.tolist()],
        instants[kept],
        keys,
        np.concatenate(words)[places_of(np.concatenate(begins)[kept], chosen)],
        chosen,
    )
