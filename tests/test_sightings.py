"""Marks and fragments are those of the slow way: every word read, every fragment weighed."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import islice, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texts import ARABIC_TEXT

from index.arabic import STOP_WORDS, Token, fold, stem, tokenize, words
from index.article import Article
from index.readers import Reading
from search.expansion import recognizer
from search.fragments import FRAGMENT_LENGTH, FRAGMENTS, whole_units
from search.highlight import Marker
from search.parser import parse
from search.query import Leaf, Phrase, Prefix, Query, Word
from search.results import Fragment
from search.scan import WHOLE, look, no_hashes, want

LEAD = 60
WEIGHED = 1000


@lru_cache(maxsize=2)
def tokens_of(text: str) -> Sequence[Token]:
    return list(tokenize(text))


class Plain:
    """The slow way."""

    def __init__(self, query: Query, weights: dict[Leaf, float], field: str, text: str) -> None:
        self.text = text
        self.tokens = tokens_of(text)
        self.leaves = list(dict.fromkeys(query.leaves()))
        self.weights = [whole_units(weights.get(leaf, 1.0)) for leaf in self.leaves]
        self.matches: dict[int, set[int]] = {}
        for number, leaf in enumerate(self.leaves):
            if leaf.field in ("", field):
                for place in _places(leaf, self.tokens):
                    self.matches.setdefault(place, set()).add(number)

    def _range(self, place: int) -> tuple[int, int]:
        return self.tokens[place].start, self.tokens[place].end

    def ranges(self) -> tuple[tuple[int, int], ...]:
        return tuple(dict.fromkeys(map(self._range, sorted(self.matches))))

    def fragments(self) -> list[Fragment]:
        if not self.tokens:
            return []
        places = sorted(self.matches)[:WEIGHED]
        if not places:
            return [self._cut([], self.tokens[0].start, 0)]
        fragments: list[Fragment] = []
        shown: set[int] = set()
        rest = places
        while rest and len(fragments) < FRAGMENTS:
            worths = [self._worth(rest[at:], shown) for at in range(len(rest))]
            first = self.tokens[rest[worths.index(max(worths))]].start
            ends = [each.start + len(each.text) for each in fragments]
            fragment = self._cut(places, first, max((end for end in ends if end <= first), default=0))
            inside = [
                place
                for place in rest
                if fragment.start <= self.tokens[place].start < fragment.start + len(fragment.text)
            ]
            leaves = set[int]().union(*(self.matches[place] for place in inside))
            if leaves <= shown:
                break
            shown |= leaves
            fragments.append(fragment)
            rest = [place for place in rest if place not in inside]
        return fragments

    def _worth(self, places: Sequence[int], shown: set[int]) -> int:
        """Ten times what a fragment is worth that begins at the first of these places."""
        window = [places[0]]
        for place in places[1:]:
            between = self.text[self.tokens[window[-1]].end : self.tokens[place].start]
            if self.tokens[place].end > self.tokens[places[0]].start + FRAGMENT_LENGTH - LEAD or "\n" in between:
                break
            window.append(place)
        leaves = set[int]().union(*(self.matches[place] for place in window))
        worth = sum(self.weights[leaf] * (1 if leaf in shown else 10) for leaf in leaves)
        worth += whole_units(0.2) * len(window)
        for before, after in pairwise(window):
            if after == before + 1 and self.matches[after] != self.matches[before]:
                worth += 3 * min(max(self.weights[leaf] for leaf in self.matches[each]) for each in (before, after))
        return worth

    def _cut(self, places: Sequence[int], first: int, floor: int) -> Fragment:
        text = self.text
        start = self._start(first, max(floor, first - LEAD))
        end = self._end(start, max(start + FRAGMENT_LENGTH, first + 1))
        marks = dict.fromkeys(self._range(place) for place in places)
        ranges = tuple((a - start, b - start) for a, b in marks if start <= a and b <= end)
        return Fragment(text[start:end], ranges, start, bool(text[:start].strip()), bool(text[end:].strip()))

    def _start(self, first: int, earliest: int) -> int:
        """After the last sentence's end before ``first``, else at its paragraph, else at a word."""
        text = self.text
        line = text.rfind("\n", earliest, first) + 1
        earliest = max(earliest, line)
        places = range(earliest, first)
        ends = [place for place in places[1:] if text[place].isspace() and text[place - 1] in ".!?؟؛…"]
        if ends:
            start = ends[-1]
        elif earliest == 0 or line == earliest or text[earliest - 1].isspace():
            start = earliest
        else:
            start = next((place for place in places if text[place].isspace()), first)
        return first - len(text[start:first].lstrip())

    def _end(self, start: int, latest: int) -> int:
        """At the paragraph's end, else at the last space before ``latest``."""
        text = self.text
        line = text.find("\n", start, latest)
        if line > start:
            return line
        if latest >= len(text):
            return len(text.rstrip())
        if text[latest].isspace():
            return latest
        spaces = [place for place in range(start + 1, latest) if text[place] in " \t"]
        if spaces:
            return len(text[: spaces[-1]].rstrip())
        return next((place for place in range(latest, len(text)) if text[place].isspace()), len(text))


def _places(leaf: Leaf, tokens: Sequence[Token]) -> list[int]:
    if isinstance(leaf, Phrase):
        length = len(leaf.words)
        texts = [token.text for token in tokens]
        starts = [at for at in range(len(tokens)) if tuple(texts[at : at + length]) == leaf.words]
        return [start + offset for start in starts for offset in range(length)]
    if isinstance(leaf, Prefix):
        return [at for at, token in enumerate(tokens) if token.text.startswith(leaf.text)]
    matching = set(filter(recognizer(leaf), {token.text for token in tokens}))
    return [at for at, token in enumerate(tokens) if token.text in matching]


def families(texts: Sequence[str]) -> Callable[[Word], frozenset[str]]:
    """The forms of a word in some texts, listed as an index lists them."""
    listed: dict[str, set[str]] = {}
    for text in texts:
        for word in set(words(text)):
            listed.setdefault(stem(word), set()).add(word)
    return lambda word: frozenset(listed.get(stem(word.text), ())) | {word.text}


def assert_same(query: str, weights: Sequence[float], field: str, text: str, *markers: Marker) -> None:
    parsed = parse(query)
    plain = Plain(parsed, dict(zip(dict.fromkeys(parsed.leaves()), weights, strict=False)), field, text)
    ranges, fragments = plain.ranges(), plain.fragments()
    for marker in markers:
        assert marker.ranges(field, text) == ranges, query
        assert [*marker.fragments(field, text)] == fragments, query


def both(query: str, weights: Sequence[float], forms: Callable[[str], frozenset[str]]) -> tuple[Marker, Marker]:
    parsed = parse(query)
    weighed = dict(zip(dict.fromkeys(parsed.leaves()), weights, strict=False))
    return Marker(parsed, weighed), Marker(parsed, weighed, forms)


PIECES = st.sampled_from(
    [
        "كتاب", "الكتاب", "كِتَابُهُ،", "وكتابٌ", "كتـــاب", "قلم", "قلم،كتاب", "«قلم»", "القلمُ.", "(قلم)", "#قلم_كتاب",
        "ﻗﻠﻢ", "ﻛﺘﺎﺏ", "ﻻ", "قرءان", "قرآن", "جزءا", "پارك", "الله", "الله؟", "ﷲ", "ﷺ", "محمدﷺ", "﷽", "ﷻ", "صلى",
        "عليه", "﷼", "5﷼", "١٢٫٥", "12.5", "12", "٥", "5.", ".5", "1,234", "½", "𝟓", "iPhone", "IPHONE", "وiPhone",
        "é", "e\u0301", "ـ", "-", "\u064b", "\u064bكتاب", "\u200fقلم\u200f", "قل\u200cم", "\ud800", "في", "و",
        "ا" * 130, "كتاب" * 32,
    ]
)  # fmt: skip
SPACES = st.sampled_from(
    [" ", " ", " ", "  ", "\n", "\n\n", "\t", "\u00a0", "\x1f", "\u200b", ". ", "", "؟ ", " x" * 90 + " "]
)
MADE = st.lists(st.tuples(PIECES, SPACES), max_size=60).map(lambda pairs: "".join(map("".join, pairs)))
ASKED = st.lists(
    st.one_of(
        st.sampled_from(["كتاب", "قلم", "الله", "صلى", "قرآن", "12.5", "5", "iphone", "é", "ريال", "في", "و", "جزءا"]),
        st.sampled_from(["كت*", "قل*", "ip*", "12*", "صل*", "ال*", "كتاب*"]),
        st.sampled_from(['"كتاب قلم"', '"قلم كتاب"', '"صلى الله عليه وسلم"', '"محمد صلى"', '"قلم قلم"', '"5 ريال"']),
        st.sampled_from(["title:قلم", 'title:"كتاب قلم"', "عنوان:كت*", "كاتب:قلم", "-كتاب", "أو"]),
    ),
    min_size=1,
    max_size=8,
).map(" ".join)
WEIGHTS = st.lists(st.sampled_from([0.0, 0.1, 0.7, 1.0, 1.0, 3.3, 12.5]), min_size=8, max_size=8)


@given(ASKED, WEIGHTS, MADE | ARABIC_TEXT, st.sampled_from(["title", "body"]))
def test_made_texts_are_marked_as_the_slow_way_marks_them(
    query: str, weights: list[float], text: str, field: str
) -> None:
    assert_same(query, weights, field, text, *both(query, weights, families([text])))


@given(MADE | ARABIC_TEXT)
def test_a_look_for_everything_finds_every_word_where_it_stands(text: str) -> None:
    wanted = no_hashes()
    wanted[:] = WHOLE
    found: list[Token] = []
    in_pieces = 0
    for start, end, before, is_piece in look(text, wanted):
        assert before == len(found) - in_pieces
        if is_piece:
            tokens = [
                token._replace(start=token.start + start, end=token.end + start) for token in tokenize(text[start:end])
            ]
            found += tokens
            in_pieces += len(tokens)
        else:
            found.append(Token(fold(text[start:end]), start, end))
    assert found == list(tokenize(text))


@given(MADE | ARABIC_TEXT)
def test_a_look_for_a_word_misses_none(text: str) -> None:
    tokens = list(tokenize(text))
    for wanted_word in {token.text for token in tokens}:
        wanted = no_hashes()
        want(wanted_word, WHOLE, wanted)
        seen = [(start, end) for start, end, _, _ in look(text, wanted)]
        for word, start, end in tokens:
            assert word != wanted_word or any(a <= start and end <= b for a, b in seen)


FILLER = "حشو " * 60


@pytest.mark.parametrize(
    ("query", "weights", "text", "fragments"),
    [
        ("قرآن", [], "قرءان وقرأ", 1),
        ("title:قرآن", [], "قرءان", 1),
        ('"قلم قلم"', [], "قلم حشو قلم", 1),
        ('"قلم قلم"', [], "قلم قلم قلم حشو قلم", 1),
        ('"قلم 12.5 قلم"', [], "قلم ١٢٫٥ قلم 12.5 - قلم", 1),
        ('"الله الرحمن" بس* ip*', [], "باسم ﷽ iPhone وiPhone", 1),
        # Side by side the same word is no more than twice the word: the first place is as good as the second.
        ("قلم كتاب", [], f"قلم حشو قلم {FILLER} قلم قلم", 1),
        ("قلم كتاب", [], f"قلم حشو كتاب {FILLER} قلم كتاب", 1),
        # The better fragment comes first, and one before it must not reach into it.
        ("قلم كتاب", [1.0, 5.0], f"حشو حشو قلم {FILLER} كتاب", 2),
        # What is shown already counts little.
        ("قلم كتاب", [5.0, 1.0], f"قلم {FILLER} قلم قلم {FILLER} كتاب", 2),
    ],
)
def test_cases_apart(query: str, weights: list[float], text: str, fragments: int) -> None:
    assert_same(query, weights, "body", text, *both(query, weights, families([text])))
    assert len(Marker(parse(query), recognize=families([text])).fragments("body", text)) == fragments


def test_plain_words_need_no_tokenizer() -> None:
    text = "كَتَبَ الأستاذُ عن «السَّلام» في ٢٠١٦، وقال: مدرسةٌ؛ COVID-19 هنا؟"
    wanted = no_hashes()
    wanted[:] = WHOLE
    assert not any(is_piece for _, _, _, is_piece in look(text, wanted))


def test_very_common_words_are_marked_as_the_slow_way_marks_them() -> None:
    text = ("في البيت في الدار في البيت. " * 30 + "\n") * 5
    query = 'في* "البيت في" "في البيت في" البيت الدار'
    weights = [1.0, 1.7, 0.3, 2.2, 5.1]
    assert_same(query, weights, "body", text, *both(query, weights, families([text])))


def test_only_the_first_thousand_matches_are_weighed() -> None:
    text = "قمة حشو " * 1500 + "قمة المناخ"
    query = "قمة المناخ"
    assert_same(query, [1.0, 50.0], "body", text, *both(query, [1.0, 50.0], families([text])))
    (fragment,) = Marker(parse(query)).fragments("body", text)
    assert fragment.start == 0


def test_threads_may_share_a_marker() -> None:
    texts = [f"كتاب{number} القلم{number % 7} والكتابان {'حشو ' * 50} كتب{number} كتابٌ قلما" for number in range(200)]
    marker = Marker(parse('كتاب قلم "حشو كتب5" كتا*'))
    expected = [Marker(parse('كتاب قلم "حشو كتب5" كتا*')).fragments("body", text) for text in texts]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            runs = [pool.submit(lambda: [marker.fragments("body", text) for text in texts]) for _ in range(4)]
            assert all(run.result() == expected for run in runs)
    finally:
        sys.setswitchinterval(interval)


@pytest.fixture(scope="module")
def real(shared_data: Path) -> list[Article]:
    articles: list[Article] = []
    for name in ("saudi", "ant"):
        reading = Reading([str(shared_data / "corpora" / f"{name}.docs.jsonl.gz")])
        articles += islice((each for each in reading if isinstance(each, Article)), 2500)
    return articles


def asked_of(text: str, rng: random.Random) -> str:
    """A query of words that the text holds."""
    found = words(text)
    at, other = rng.randrange(len(found)), rng.randrange(len(found))
    word, few = found[at], " ".join(found[at : at + 3])
    stops = " ".join(rng.sample(sorted(STOP_WORDS), 2))
    return rng.choice(
        [
            " ".join(found[at : at + rng.randint(1, 4)]),
            f'"{few}" {found[other]}',
            f'"{word}" {word} {few} {word[:3]}*',
            f"{word[:2]}* {found[other]}",
            f"title:{word} body {found[other]}",
            stops,
            " ".join(rng.choices(found, k=7)),
            "ال* وا*",
        ]
    )


def test_five_thousand_articles_are_marked_as_the_slow_way_marks_them(real: list[Article]) -> None:
    assert len(real) == 5000
    forms = families([text for article in real for text in (article.title, article.body)])
    rng = random.Random(3)
    marked = several = 0
    for article in real:
        query = asked_of(f"{article.title} {article.body}", rng)
        weights = [rng.choice([1.0, 12 * rng.random()]) for _ in range(16)]
        markers = both(query, weights, forms)
        for field, text in (("title", article.title), ("body", article.body)):
            assert_same(query, weights, field, text, *markers)
        fragments = markers[1].fragments("body", article.body)
        marked += any(fragment.ranges for fragment in fragments)
        several += len(fragments) > 1
    assert marked > 4000
    assert several > 500
