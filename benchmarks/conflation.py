"""Pairs of written forms from treebanks: how many of one lemma each rule joins, and how rightly.

Ours is what questions do: the same table of families, and the forms that are heavy enough to match.

Run ``python -m benchmarks.conflation [PAIRS]``; without PAIRS it takes the shared ``conflation/pairs.tsv``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.pools import SHARED
from index.arabic import fold, stem
from index.families import Families, table_of
from search.expansion import Expansion
from search.query import Word
from search.ranking import RANKING, Ranking

Pair = tuple[str, str, bool]


@dataclass(frozen=True, slots=True)
class Conflation:
    """Of the pairs that were joined, the share of one lemma; and of those of one lemma, the share joined."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def read_pairs(path: Path) -> list[Pair]:
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    rows = (line.split("\t") for line in lines)
    return [(first, second, same == "1") for first, second, same, _ in rows]


def measure(pairs: Sequence[Pair], joins: Callable[[str, str], bool]) -> Conflation:
    joined = [same for first, second, same in pairs if joins(first, second)]
    return Conflation(sum(joined) / len(joined), sum(joined) / sum(same for _, _, same in pairs))


def by(key: Callable[[str], str]) -> Callable[[str, str], bool]:
    """Join words of the same key."""
    return lambda first, second: key(first) == key(second)


def served(pairs: Iterable[Pair], ranking: Ranking = RANKING) -> Callable[[str, str], bool]:
    """Join words as questions do, in an index in which each of the pairs' words stands once."""
    words = {fold(word) for first, second, _ in pairs for word in (first, second)}
    expansion = Expansion(Families([table_of(dict.fromkeys(words, 1))]), ranking)
    return lambda first, second: fold(second) in expansion.matching(Word(fold(first)))


def folded(word: str) -> str:
    return fold(word)


def stemmed(word: str) -> str:
    return stem(fold(word))


def light10(word: str) -> str:
    """The rules of Lucene's ArabicStemmer (light10): one prefix, then each suffix in turn, on its own normalisation."""
    word = fold(word)
    for prefix in ("ال", "وال", "بال", "كال", "فال", "لل", "و"):
        if word.startswith(prefix) and len(word) >= (4 if prefix == "و" else len(prefix) + 2):
            word = word[len(prefix) :]
            break
    for suffix in ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي"):
        if word.endswith(suffix) and len(word) >= len(suffix) + 2:
            word = word[: -len(suffix)]
    return word


def found(path: Path = SHARED / "conflation" / "pairs.tsv") -> dict[str, Conflation]:
    """Return what each rule does with the pairs, ours last."""
    pairs = read_pairs(path)
    rules = {
        "folded": by(folded), "light10 (Lucene)": by(light10), "stem alone": by(stemmed), "Fihris": served(pairs),
    }  # fmt: skip
    return {name: measure(pairs, joins) for name, joins in rules.items()}


def main() -> None:
    print(f"{'':18}{'precision':>10}{'recall':>8}{'F1':>7}")
    for name, each in (found(Path(sys.argv[1])) if len(sys.argv) > 1 else found()).items():
        print(f"{name:18}{each.precision:10.3f}{each.recall:8.3f}{each.f1:7.3f}")


if __name__ == "__main__":
    main()
