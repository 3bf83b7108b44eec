"""The query language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texts import ARABIC_TEXT

from index.arabic import words
from search.parser import MAX_DEPTH, MAX_WORDS, NOTES, _Parser, parse
from search.query import Clause, Either, Group, Node, Phrase, Prefix, Word


def shape(node: Node | Clause) -> str:
    """A query as text: fields as f:…, exclusion as -…, groups in parentheses, strict ones in brackets."""
    if isinstance(node, Clause):
        return "-" * node.excluded + shape(node.node)
    if isinstance(node, Group):
        inner = " ".join(map(shape, node.clauses))
        return f"[{inner}]" if node.strict else f"({inner})"
    if isinstance(node, Either):
        return "|".join(map(shape, node.options))
    field = f"{node.field}:" if node.field else ""
    if isinstance(node, Phrase):
        return f'{field}"{" ".join(node.words)}"'
    return f"{field}{node.text}" + "*" * isinstance(node, Prefix)


@pytest.mark.parametrize(
    ("text", "expected", "notes"),
    [
        ("قمة المناخ", "(قمه المناخ)", []),
        ('"الأمم المتحدة"', '("الامم المتحده")', []),
        ("«الأمم المتحدة» “كأس العالم”", '("الامم المتحده" "كاس العالم")', []),
        ("انتخابات -أمريكا", "(انتخابات -امريكا)", []),
        ('انتخابات -"الأمم المتحدة"', '(انتخابات -"الامم المتحده")', []),
        ("a -(b c) -(d أو e)", "(a -[b c] -[d|e])", []),
        ('title:"كأس العالم"', '(title:"كاس العالم")', []),
        ("عنوان:كأس كاتب:هدى مصدر:الأفق قسم:رياضة", "(title:كاس author:هدي source:الافق category:رياضه)", []),
        ("TITLE:كأس", "(title:كاس)", []),
        ("title:(كأس أو قمة) قدم", "((title:كاس|title:قمه) قدم)", []),
        ("-title:كأس قدم", "(-title:كاس قدم)", []),
        ("مصدر: المسؤول", "(مصدر المسوول)", []),
        ("مصدر:", "(مصدر)", []),
        ("foo:bar", "(foo bar)", []),
        ("http://a.b/c", "(http a b c)", []),
        ("a أو b c", "(a|b c)", []),
        ("a OR b OR c", "(a|b|c)", []),
        ("a او b", "(a|b)", []),
        ("a or b", "(a or b)", []),
        ("a و b", "(a و b)", []),
        ('a أو "b c" أو (d e)', '(a|"b c"|(d e))', []),
        ("a أو -b", "(a|-b)", []),
        ("أو a", "(او a)", ["operator"]),
        ("a أو", "(a او)", ["operator"]),
        ("a أو أو b", "(a|او b)", ["operator"]),
        ("(a أو) b", "((a او) b)", ["operator"]),
        ("كلم*", "(كلم*)", []),
        ("ك* *كلم ك*م", "(ك كلم ك م)", ["prefix"]),
        ("title:كلم*", "(title:كلم*)", []),
        ("كوفيد-19", "(كوفيد 19)", []),
        ("-كوفيد-19 x", "(-[كوفيد 19] x)", []),
        ("title:كوفيد-19", "([title:كوفيد title:19])", []),
        ("a - b -- c", "(a b c)", []),
        ("a --b", "(a b)", ["dashes"]),
        ("title:-كأس قدم", "(-title:كاس قدم)", []),
        ("title: -كأس", "(title -كاس)", []),
        ("قرءا*", "(قرا*)", []),
        ("جزءا", "(جزءا)", []),
        ("x-كلم*", "(x كلم*)", []),
        ("سؤال؟ جواب!", "(سوال جواب)", []),
        ("a) b", "(a b)", ["parenthesis"]),
        ("(a b", "((a b))", ["parenthesis"]),
        ('a "b c', "(a b c)", ["quote"]),
        ("", "()", []),
        ('؟ *** "" () -', "()", ["prefix"]),
        ("NOT a AND b", "(not a and b)", ["latin"]),
    ],
)
def test_reading(text: str, expected: str, notes: list[str]) -> None:
    query = parse(text)
    assert shape(query.root) == expected
    assert [note.code for note in query.notes] == notes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("عِلْم علم", [Word("علم", vowels="io"), Word("علم")]),
        ("title:عِلْمٌ (كُتُب)", [Word("علم", "title", "io"), Word("كتب", vowels="uu")]),
        ("عِلْم-كُتُب*", [Word("علم", vowels="io"), Prefix("كتب")]),
        ('"عِلْم النَّفْس" جِدًّا 1.5َ قُرْءَا*', [
            Phrase(("علم", "النفس")), Word("جدا", vowels="iS"), Word("1.5"), Prefix("قرا"),
        ]),
    ],
)  # fmt: skip
def test_words_keep_their_harakat(text: str, expected: list[Word | Phrase | Prefix]) -> None:
    assert list(parse(text).leaves()) == expected


def test_every_letter_variant_reads_the_same() -> None:
    assert parse("عُنْوان:الإجتماعُ أَوْ قمّـةٌ").root == parse("عنوان:الاجتماع او قمّه").root


def test_stop_words_decide_nothing_beside_other_words() -> None:
    assert parse("ما هي عاصمة فرنسا").root.wanted() == (Clause(Word("عاصمه")), Clause(Word("فرنسا")))
    assert parse("في من").root.wanted() == (Clause(Word("في")), Clause(Word("من")))
    assert parse("title:في عاصمة").root.wanted()[0] == Clause(Word("في", "title"))
    assert parse('"في" عاصمة').root.wanted()[0] == Clause(Phrase(("في",)))
    assert parse("عاصمة -في").root.excluded() == (Clause(Word("في"), excluded=True),)


def test_leaves_are_what_a_hit_may_match_by() -> None:
    leaves = list(parse('قمة أو -حرب (مناخ -"نفط") في كلم*').leaves())
    assert leaves == [Word("قمه"), Word("مناخ"), Prefix("كلم")]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 2000,
        "(" * 2000 + "a" + ")" * 2000,
        ")" * 5000,
        "NOT " * 3000,
        "-(" * 3000 + "a",
        "a أو " * 3000,
        "title:" * 5000 + "x",
        '"' * 999,
        "«" * 5000,
        '"a" ' * 3000,
        "؟",
        "***",
        "\x00\x1b\x7f",
        "\ud800 x\udfff",
        "a" * 100_000,
        "ا" * 512,
        " " * 100_000,
    ],
)
def test_odd_queries_are_read(text: str) -> None:
    query = parse(text)
    assert depth(query.root) <= 2 * MAX_DEPTH + 3
    assert sum(1 for _ in query.leaves()) <= MAX_WORDS
    assert all(note.text == NOTES[note.code] for note in query.notes)


def depth(node: Node) -> int:
    if isinstance(node, Group):
        return 1 + max((depth(clause.node) for clause in node.clauses), default=0)
    if isinstance(node, Either):
        return 1 + max(depth(clause.node) for clause in node.options)
    return 1


OPERATORS = st.lists(
    st.sampled_from(
        ["(", ")", '"', "«", "»", "-", "أو", "OR", "*", "title:", "كاتب:", " ", "  ", "قمة", "في", "a-b", "؟"]
    )
).map("".join)


@given(OPERATORS | ARABIC_TEXT)
def test_anything_is_read_and_only_words_of_the_text_come_out(text: str) -> None:
    query = parse(text)
    assert depth(query.root) <= 2 * MAX_DEPTH + 3
    known = set(words(text))
    for leaf in query.leaves():
        assert set(leaf.words if isinstance(leaf, Phrase) else (leaf.text,)) <= known | {"او"}


def test_groups_inside_an_excluded_group_ask_for_all_of_their_words() -> None:
    outer = parse("نهر -(بحر (سفينة ميناء))").root.excluded()[0].node
    assert isinstance(outer, Group)
    inner = outer.clauses[1].node
    assert isinstance(inner, Group)
    assert (outer.strict, inner.strict) == (True, True)


@given(st.text(alphabet="ابتثأوأدرل ؤة ّ", max_size=40))
def test_plain_words_are_read_as_by_the_whole_parser(text: str) -> None:
    assert parse(text) == _Parser(text).parse()
