"""What makes words kin: forms that must be joined and told by their kind, and words that must be left whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.conflation import by, light10, measure, read_pairs, served
from index import embedded, families
from index.arabic import fold
from index.arabic.coding import digests_of, packed, text_of
from index.arabic.kinship import Kinship
from index.arabic.lexicon import SHIPPED_WORDS, Lexicon, level, level_of, shipped
from index.arabic.plurals import WORDS as PLURALS
from index.article import Article
from index.codec.layout import Strings
from index.families import Families, Kin, table_of
from index.generations import Generations
from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.expansion import Expansion
from search.query import Word
from search.ranking import RANKING
from search.request import SearchRequest


def kin_of(word: str, *others: str) -> dict[str, Kin]:
    """The family of a word in a small index that holds the others once each."""
    family = Families([table_of(dict.fromkeys(map(fold, others), 1))])
    return {kin.word: kin for kin in family.kin(fold(word), 63)}


def joined(first: str, second: str) -> bool:
    """Tell whether a question for either finds the other, in an index that holds nothing else."""
    expansion = Expansion(Families([table_of({fold(first): 1, fold(second): 1})]), RANKING)
    one, other = fold(first), fold(second)
    return other in expansion.matching(Word(one)) and one in expansion.matching(Word(other))


LEMMAS = {
    "كتاب": "الكتاب وكتاب بالكتاب وبالكتاب للكتاب وللكتاب فللكتاب كالكتاب كتابها كتابهم كتابه كتابنا وكتابهما بكتابه "
    "لكتابهم كتابان كتابين",
    "مدينة": "المدينة مدينته مدينتهم بمدينتنا مدينتان مدينتين والمدينتين",
    "مهندس": "مهندسون المهندسين للمهندسين",
}


@pytest.mark.parametrize(
    ("form", "word", "kind"),
    [
        *[(form, word, "lemma") for word, forms in LEMMAS.items() for form in forms.split()],
        ("لإعادة", "إعادة", "lemma"),
        ("لاعادة", "إعادة", "lemma"),
        ("للغة", "لغة", "lemma"),
        ("سيارات", "سيارة", "lemma"),
        ("سياراتهم", "سيارة", "lemma"),
        ("أصدقائهم", "أصدقاء", "lemma"),
        ("مستواها", "مستوى", "lemma"),
        ("سيكتب", "يكتب", "lemma"),
        ("ستقوم", "تقوم", "lemma"),
        ("المسئولين", "مسؤول", "lemma"),
        ("مسئول", "مسؤول", "spelling"),
        ("شئون", "شؤون", "spelling"),
        ("رءوف", "رؤوف", "spelling"),
        ("هيأة", "هيئة", "spelling"),
        ("مائة", "مئة", "spelling"),
        ("پوتين", "بوتين", "spelling"),
        ("ڤيديو", "فيديو", "spelling"),
        ("جوجل", "غوغل", "spelling"),
        ("قوقل", "جوجل", "spelling"),
        ("گوگل", "غوغل", "spelling"),
        ("أبي", "أبو", "spelling"),
        ("أبا", "أبي", "spelling"),
        ("يفتتح", "افتتح", "verb"),
        ("سيفتتح", "افتتحت", "verb"),
        ("يقول", "قال", "verb"),
        ("تكتب", "كتب", "verb"),
        ("تكتب", "يكتب", "verb"),
        ("نستخدم", "استخدموا", "verb"),
        ("يتحولون", "تحول", "verb"),
        ("مدارس", "مدرسة", "plural"),
        ("المدارس", "بمدرستها", "plural"),
        ("أقلام", "قلم", "plural"),
        ("وزراء", "الوزير", "plural"),
        ("مشاريع", "المشروع", "plural"),
        ("أسلحتهم", "السلاح", "plural"),
        ("حقائق", "حقيقة", "plural"),
        ("مدن", "مدينة", "plural"),
        ("رؤساء", "رئيس", "plural"),
        ("قضايا", "القضية", "plural"),
        ("مكتبي", "مكتب", "stem"),
        ("مدرس", "دروس", ""),
    ],
)
def test_a_form_is_kin_by_the_closest_kind(form: str, word: str, kind: str) -> None:
    for asked, held in ((form, word), (word, form)):
        found = kin_of(asked, held, "نهر").get(fold(held))
        assert (found.kind if found else "") == kind
        assert joined(form, word) == bool(kind)


@pytest.mark.parametrize(
    "apart",
    [
        "لبنان لبن", "عمان عم", "رمضان رمض", "قانون قان", "وزير زير", "الله له", "والد لد", "بعيد عيد", "برنامج رنامج",
        "سلطان سلط", "شاهد شاه", "مليون ملي", "فلسطين فلسط", "كبير بير", "تعليم عليم", "مساعد مسعد", "نادي أدي",
        "دخول دخل", "إصدار صدر", "ماء ما", "جدة جد", "كتاب تاب", "ولد لد", "ورد رد",
    ],
)  # fmt: skip
def test_words_that_only_look_like_forms_stay_whole(apart: str) -> None:
    first, second = apart.split()
    assert not joined(first, second)


def test_whole_words_are_joined_with_their_own_forms() -> None:
    for forms in ("لبنان ولبنان", "عمان بعمان", "رمضان لرمضان", "قانون القانون", "وزير الوزير", "الله والله"):
        assert joined(*forms.split())


def test_every_listed_plural_leads_to_its_singular() -> None:
    for plural, singular in PLURALS.items():
        assert joined(plural, singular), (plural, singular)


def test_the_shipped_list_is_folded_ascending_and_a_share_of_all_words() -> None:
    data, ends, frequencies = shipped()
    words = Strings(data, ends).to_list()
    assert words == sorted(set(words))
    assert len(words) == len(frequencies) > 100_000
    sample = [word.decode() for word in words[::997]]
    assert [fold(word) for word in sample] == sample
    assert 0.9 < frequencies.sum() < 1.0
    assert text_of(np.frombuffer(b"\x28", np.uint8)) == "ب"


def test_a_joined_lexicon_adds_the_vocabulary_to_the_list() -> None:
    data, ends, frequencies = shipped()
    words = Strings(data, ends)
    known = words.find("كتاب".encode())
    counts = {"كتاب": 40_000, "ظغضوث": 1, "ظغضوثة": 7}
    lexicon = Lexicon.joined(*packed(counts), np.array(list(counts.values()), np.uint32))
    levels = [level((lexicon.checks, lexicon.levels), digest) for digest in digests_of(*packed([*counts, "ظغضوثات"]))]
    assert levels[0] == level_of(40_000 + SHIPPED_WORDS * float(frequencies[known]))
    assert levels[1:] == [0, level_of(7), 0]  # a word that one document alone holds vouches for nothing


def test_the_vocabulary_of_an_index_vouches_for_words_that_the_list_lacks() -> None:
    forms = {"ظغضوثه": 40, "الظغضوثه": 30, "ظغضوثات": 9, "نهر": 4}
    kin = {kin.word: kin.kind for kin in Families([table_of(forms)]).kin("والظغضوثه", 63)}
    assert kin == {"والظغضوثه": "exact", "ظغضوثه": "lemma", "الظغضوثه": "lemma", "ظغضوثات": "lemma"}


@pytest.mark.parametrize("word", ["covid", "1234.5", "iphone15", "م", "", "ا", "a" * 200, "ك" * 200, "ک" * 3])
def test_other_scripts_numbers_and_very_long_words_have_no_kin(word: str) -> None:
    assert kin_of(word, "كتاب", "نهر").keys() == {fold(word)}


def test_protected_words_are_left_whole_in_the_index_and_in_questions(tmp_path: Path) -> None:
    generations = Generations(tmp_path)
    forms = ("كتاب", "كتابان", "الكتابان")
    articles = [Article(form, body=form) for form in forms]

    def found(text: str) -> set[str]:
        engine = EmbeddedEngine(Settings(index=tmp_path, time_budget=0.0))
        return {hit.article.id for hit in engine.search(SearchRequest(text)).hits}

    embedded.rebuild(generations, articles, jobs=1, memory=32)
    assert found("كتاب") == found("بالكتابان") == set(forms)
    embedded.rebuild(generations, articles, jobs=1, memory=32, protected=["كتابان"])
    assert found("كتاب") == {"كتاب"}
    assert found("كتابان") == found("بالكتابان") == {"كتابان", "الكتابان"}
    embedded.add(generations, [Article("new", body="وكتابان")], memory=32)
    assert found("كتابان") == {"كتابان", "الكتابان", "new"}
    assert found("كتاب") == {"كتاب"}


def test_judgement_without_an_index_is_that_of_the_shipped_list_alone() -> None:
    alone = Kinship.protecting(Lexicon.joined(*packed([]), np.zeros(0, np.uint32)), ())
    in_table = table_of({"كتاب": 1}).kinship
    assert in_table is not None
    sample = packed(["وبالكتاب", "لبنان", "يفتتح", "مدارس"])
    assert (alone.keys(*sample) == in_table.keys(*sample)).all()


def test_a_family_names_no_word_twice_and_no_more_than_asked() -> None:
    words = {
        f"{prefix}كتاب{suffix}": 1 for prefix in ("", "ال", "وال", "ب", "ل") for suffix in ("", "ه", "ها", "هم", "ات")
    }
    family = Families([table_of(words)])
    for limit in (1, 5, 63):
        found = [kin.word for kin in family.kin("كتاب", limit)]
        assert found[0] == "كتاب"
        assert len(found) == len(set(found)) <= limit + 1
    assert families.KINDS[0] == "exact"


def test_pairs_of_treebanks_are_joined_well(shared_data: Path) -> None:
    """The floors are the goals that were set; ``python -m benchmarks.conflation`` prints the figures."""
    pairs = read_pairs(shared_data / "conflation" / "pairs.tsv")
    ours, lucene = measure(pairs, served(pairs)), measure(pairs, by(light10))
    assert ours.precision >= 0.98
    assert ours.f1 >= 0.85 > lucene.f1
