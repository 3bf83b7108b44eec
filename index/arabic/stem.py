"""A light stemmer for folded Arabic words: it joins مدينة, المدينة, ومدينتها and للمدينة.

Light stemming after Larkey, Ballesteros and Connell (2002, "Improving Stemming for Arabic Information Retrieval"),
whose light10 Lucene implements, with these changes: stacked clitics (وبال ولل …) go at once; pronoun and verb endings
are suffixes too, and after one only what can stand before it is taken off; words that merely look as if they had an
affix are kept whole; some words and letters of several spellings are brought to one. A lone ب ل ف ك is never taken for
a clitic: that takes a lexicon (``index.arabic.lemma``).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from index.arabic.affixes import AFFIXES, LEAST, MORE, SIZE, Affix, Rows, rows, stands_at
from index.arabic.coding import ROOM, WHOLE, decode, digest, packed, place_of, text_of, word_set
from index.arabic.spelling import SPELLINGS, STEMS, letter_map, respell, respell_letters, word_map
from index.arabic.stopwords import STOP_WORDS
from index.compilation import I32, I64, U8, U64, Array, kernel, read, several, written

# Each affix with the fewest letters that it must leave; the longest that fits is taken.
_PREFIXES = {
    "وبال": 2, "وكال": 2, "فبال": 2,
    "ولل": 2, "فلل": 2, "وال": 2, "بال": 2, "كال": 2, "فال": 2,
    "لل": 2, "ال": 2,
    "و": 3,
}  # fmt: skip
_SUFFIXES = {
    "هما": 3, "كما": 3, "تان": 3, "تين": 3,
    "هم": 3, "هن": 3, "كم": 3, "نا": 3, "وا": 3, "يا": 4,
    "ها": 3, "ان": 3, "ات": 2, "ون": 3, "ين": 3, "يه": 3,
    "ه": 3, "ي": 3, "ت": 3, "ا": 3,
}  # fmt: skip
# What may stand before a pronoun, or the ه of مدرسته: the ن of duals and plurals is gone there.
_CONSTRUCT = {"ات": 2, "ت": 3, "ا": 3, "ي": 3}
_NISBA = {"ي": 3}
_PRONOUNS = ("هما", "كما", "هم", "هن", "كم", "نا", "ها", "ه")
_NEVER = 99
_INITIALLY, _AFTER_PRONOUN, _LATER = range(3)
"""What was taken off before decides what may go next: after a pronoun what can stand before it, then only the ي of the
nisba."""

_SHORTEST = 3
_ROUNDS = 3
_HEH = 0x47

_OWN_BEGINNING = """
وزير وزار وزراء وسط وسيط وسيل وسايل وثيق وثايق وطن وقت وفد وفاه وضع ورق ورش وجه وجود ولايه ولد وحد
وحيد واجب واسع واضح واقع وارد والد واحد وكال وكيل وقف وعد وعي وزن وصل وصول ورد ورث وظيف وظايف واصل
وافق وفر وقع وصف وقود وهم وعود ورود وفود والي وديع وحش وجب وقوف وقوع وضوح ولي وليد واقف وسام وباء
وعاء وتر وتير وجدان وداع وسم والده وبالتالي بنات بحريه بحار بعيد
بالغ بالون كالسيوم الف البوم الزام التزام الغاء التقاء القاء الله
"""
_OWN_END = """
لبنان عمان رمضان قانون قوانين ايران السودان سودان يابان افغانستان باكستان المان انسان سلطان ميدان
ميادين بركان مكان زمان عنوان ديوان لسان حيوان بستان طيران برلمان مهرجان ميزان عدوان دخان شعبان
سليمان عثمان عدنان سكان لجان بيان امان ضمان حصان اوان الوان اديان تعاون سجون عيون فنون ديون شوون
هارون زيتون تلفزيون مليون فلسطين تامين تمرين تكوين تعيين يمين سنين بنزين بساتين اربعين عشرين ثلاثين
اسلام خمسين انترنت بيروت كويت اوقات نبات اثبات
"""
PROTECTED = frozenset((_OWN_BEGINNING + _OWN_END).split())
"""Stems that are left whole, folded: frequent words that begin with a و, ال, بال … of their own, or
end in an ان, ين, ون or ت of their own."""


def _prefix_rows() -> Rows:
    """Return the prefixes for ``stem_letters``."""
    return rows((Affix(letters, least) for letters, least in _PREFIXES.items()), 0)


def _suffix_rows() -> Rows:
    """Return the suffixes for ``stem_letters``: fewest letters left, by what was taken off before, and what comes."""
    affixes = []
    for letters, least in _SUFFIXES.items():
        later = (_CONSTRUCT.get(letters, _NEVER), _NISBA.get(letters, _NEVER))
        before = _AFTER_PRONOUN if letters in _PRONOUNS else _LATER
        affixes.append(Affix(letters, least, more=(least, *later, before)))
    return rows(affixes, -1)


@kernel(I64(written(U8), I64, I64, read(I32, 2), read(I32), read(U64)))
def _without_suffixes(
    letters: Array, begin: int, end: int, suffixes: Array, suffix_starts: Array, protected: Array
) -> int:
    """Return the end of a word without its suffixes, of which there may be three."""
    before = _INITIALLY
    for _ in range(_ROUNDS):
        if place_of(protected, digest(letters, begin, end)) >= 0:
            return end
        taken = False
        last = letters[end - 1]
        for row in range(suffix_starts[last], suffix_starts[last + 1]):
            left = end - suffixes[row, SIZE]
            if left - begin >= suffixes[row, MORE + before] and stands_at(letters, left, suffixes, row):
                # لغات is the plural of لغة, a word of two letters and a ه, which it keeps.
                if left - begin < _SHORTEST:
                    letters[left] = _HEH
                    left += 1
                end = left
                # What comes after a pronoun is looked for once.
                before = int(suffixes[row, MORE + 3]) if before == _INITIALLY else _LATER
                taken = True
                break
        if not taken:
            return end
    return end


@kernel(several(I64, I64)(read(U8), I64, written(U8), AFFIXES, WHOLE, SPELLINGS))
def stem_letters(word: Array, size: int, letters: Array, affixes: Any, whole: Any, spellings: Any) -> tuple[int, int]:
    """Write the stem of a word of so many letters into ``letters``; return where it begins and ends there."""
    prefixes, prefix_starts, suffixes, suffix_starts = affixes
    protected, stops = whole
    letters[:size] = word[:size]
    begin, end = 0, size
    if size >= _SHORTEST:
        end = _without_suffixes(letters, begin, end, suffixes, suffix_starts, protected)
        if place_of(protected, digest(letters, begin, end)) < 0:
            first = word[0]
            for row in range(prefix_starts[first], prefix_starts[first + 1]):
                after = int(prefixes[row, SIZE])
                if (
                    size - after >= prefixes[row, LEAST]
                    and stands_at(word, 0, prefixes, row)
                    and place_of(stops, digest(word, after, size)) < 0
                ):
                    letters[:size] = word[:size]
                    begin, end = after, _without_suffixes(letters, after, size, suffixes, suffix_starts, protected)
                    break
    return begin, respell(letters, begin, end, spellings)


STEM_AFFIXES = (*_prefix_rows(), *_suffix_rows())
"""The affixes for ``stem_letters``."""

_STEMMING = (STEM_AFFIXES, (word_set(PROTECTED), word_set(STOP_WORDS)), word_map(STEMS))
_USUAL_LETTERS = letter_map()


@lru_cache(maxsize=1 << 17)
def stem(word: str) -> str:
    """Return the stem of a folded word; words of other scripts, numbers and very long words are their own stems."""
    data, ends = packed([word])
    read_letters, written_letters = np.empty(ROOM, np.uint8), np.empty(ROOM, np.uint8)
    size = decode(data, 0, ends[1], read_letters)
    if not size:
        return word
    respell_letters(read_letters, size, _USUAL_LETTERS)
    begin, end = stem_letters(read_letters, size, written_letters, *_STEMMING)
    return text_of(written_letters[begin:end])
