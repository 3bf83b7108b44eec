"""Makes ``index/arabic/lexicon.zst`` from the Arabic list of ``wordfreq``: ``python -m benchmarks.lexicon``.

Needs ``pip install wordfreq``, which Fihris itself does not: its data for all languages takes far more room than this
one list. Words are folded as the index folds them, and the frequencies of those that become one are added. Only words
of Arabic letters that are written at least ``LEAST`` times in a text of one word are kept.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict

import zstandard
from wordfreq import get_frequency_dict  # type: ignore[import-not-found]

from index.arabic import fold
from index.arabic.coding import MOST
from index.arabic.lexicon import RARITIES, SHIPPED

LEAST = 4e-8

_is_arabic = re.compile(rf"[\u0621-\u06ff]{{2,{MOST}}}").fullmatch


def main() -> None:
    frequencies: dict[str, float] = defaultdict(float)
    for written, frequency in get_frequency_dict("ar", "large").items():
        word = fold(written)
        if _is_arabic(word):
            frequencies[word] += frequency
    kept = sorted((word.encode(), frequency) for word, frequency in frequencies.items() if frequency >= LEAST)
    step, first = RARITIES
    rarities = bytes(min(255, max(0, round((-100 * math.log10(f) - first) / step))) for _, f in kept)
    content = b"\n".join(word for word, _ in kept) + b"\n\n" + rarities
    SHIPPED.write_bytes(zstandard.compress(content, 22))
    print(f"{len(kept):,} words, {SHIPPED.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
