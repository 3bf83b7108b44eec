"""Stemmers on pairs of written forms from treebanks: how many pairs of one lemma each joins, and how rightly.

Run ``python -m benchmarks.conflation [PAIRS]``; without PAIRS it takes the shared ``conflation/pairs.tsv``.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.pools import SHARED
from index import embedded
from index.arabic import fold, stem
from index.article import Article
from index.generations import Generations
from search.query import Word
from search.ranking import RANKING
from search.view import Views

FAMILIES = "Fihris"
"""The rule by which Fihris matches."""

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


def measure(pairs: Sequence[Pair], key: Callable[[str], str]) -> Conflation:
    return compare(pairs, lambda first, second: key(first) == key(second))


def compare(pairs: Sequence[Pair], joins: Callable[[str, str], bool]) -> Conflation:
    joined = [same for first, second, same in pairs if joins(first, second)]
    return Conflation(sum(joined) / len(joined), sum(joined) / sum(same for _, _, same in pairs))


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


KEYS: dict[str, Callable[[str], str]] = {"folded": folded, "light10 (Lucene)": light10, "stem": stemmed}


def found(path: Path = SHARED / "conflation" / "pairs.tsv") -> dict[str, Conflation]:
    """Return what each rule does with the pairs, the families last."""
    pairs = read_pairs(path)
    by_key = {name: measure(pairs, key) for name, key in KEYS.items()}
    return {**by_key, FAMILIES: compare(pairs, families(pairs))}


def families(pairs: Sequence[Pair]) -> Callable[[str, str], bool]:
    """Return whether an article that holds one word matches the other, in an index of one article: of all the words.

    So small a vocabulary vouches for nothing: the families are those that the shipped lexicon makes.
    """
    words = dict.fromkeys(word for first, second, _ in pairs for word in (first, second))
    with tempfile.TemporaryDirectory() as directory:
        embedded.rebuild(Generations(Path(directory)), [Article("words", body=" ".join(words))], jobs=1, memory=64)
        generation = Generations(Path(directory)).live()
        expansion = Views(RANKING).open(generation.directory, generation.open_index()).expansion
        matching = {word: expansion.matching(Word(fold(word))) for word in words}
    return lambda first, second: fold(second) in matching[first] or fold(first) in matching[second]


def main() -> None:
    print(f"{'':18}{'precision':>10}{'recall':>8}{'F1':>7}")
    for name, each in (found(Path(sys.argv[1])) if len(sys.argv) > 1 else found()).items():
        print(f"{name:18}{each.precision:10.3f}{each.recall:8.3f}{each.f1:7.3f}")


if __name__ == "__main__":
    main()
