"""A light stemmer for folded Arabic words: it joins مدينة, المدينة, ومدينتها and للمدينة.

Light stemming after Larkey, Ballesteros and Connell (2002, "Improving Stemming for Arabic Information Retrieval"),
whose light10 Lucene implements, with these changes: stacked clitics (وبال ولل …) go at once; pronoun and verb endings
are suffixes too, and after one only what can stand before it is taken off; words that merely look as if they had an
affix are kept whole; some words and letters of several spellings are brought to one. A lone ب ل ف ك is never taken for
a clitic: without a lexicon, برنامج would part from البرنامج.
"""

from __future__ import annotations

from functools import lru_cache

from index.arabic.stopwords import STOP_WORDS

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
_FOLLOWING: tuple[dict[str, dict[str, int]], ...] = (dict.fromkeys(_PRONOUNS, _CONSTRUCT), {}, {})
"""After which suffix which others are looked for, first, second and third; after all others only the ي of the nisba."""

_FOREIGN_LETTERS = frozenset("پچژگڤ")
_FOREIGN = str.maketrans("پچژگڤ", "بجزكف")
"""Foreign letters as papers without them write the same names: ڤيديو is فيديو."""

_HAMZA_SPELLINGS = {
    "مسيول": "مسوول", "شيون": "شوون", "ريوس": "رووس", "رءوس": "رووس", "كيوس": "كووس", "كءوس": "كووس",
    "مريوس": "مرووس", "مرءوس": "مرووس", "ريوف": "رووف", "رءوف": "رووف", "ديوب": "دووب", "دءوب": "دووب",
    "ميون": "موون", "ميونه": "موونه", "هيا": "هيي", "هياه": "هييه", "ميه": "ماي", "شيي": "شيء", "شي": "شيء",
}  # fmt: skip
"""Stems of words whose hamza is written in several ways (مسؤول مسئول, هيئة هيأة, مئة مائة) → one of them."""

_PREFIX_LENGTHS = (4, 3, 2, 1)
_SUFFIX_LENGTHS = (3, 2, 1)
_SHORTEST = 3
_NEVER = 1 << 30
_INITIALS = frozenset(prefix[0] for prefix in _PREFIXES)
_FINALS = frozenset(suffix[-1] for suffix in _SUFFIXES)

_OWN_BEGINNING = """
وزير وزار وزراء وسط وسيط وسيل وسايل وثيق وثايق وطن وقت وفد وفاه وضع ورق ورش وجه وجود ولايه ولد وحد
وحيد واجب واسع واضح واقع وارد والد واحد وكال وكيل وقف وعد وعي وزن وصل وصول ورد ورث وظيف وظايف واصل
وافق وفر وقع وصف وقود وهم وعود ورود وفود والي وديع وحش وجب وقوف وقوع وضوح ولي وليد واقف وسام وباء
وعاء وتر وتير وجدان وداع وسم بالغ بالون كالسيوم الف البوم الزام التزام الغاء التقاء القاء الله
"""
_OWN_END = """
لبنان عمان رمضان قانون قوانين ايران السودان سودان يابان افغانستان باكستان المان انسان سلطان ميدان
ميادين بركان مكان زمان عنوان ديوان لسان حيوان بستان طيران برلمان مهرجان ميزان عدوان دخان شعبان
سليمان عثمان عدنان سكان لجان بيان امان ضمان حصان اوان الوان اديان تعاون سجون عيون فنون ديون شوون
هارون زيتون تلفزيون مليون فلسطين تامين تمرين تكوين تعيين يمين سنين بنزين بساتين اربعين عشرين ثلاثين
خمسين انترنت بيروت كويت اوقات نبات اثبات
"""
PROTECTED = frozenset((_OWN_BEGINNING + _OWN_END).split())
"""Stems that are left whole, folded: frequent words that begin with a و, ال, بال … of their own, or
end in an ان, ين, ون or ت of their own."""


def _without_suffixes(word: str) -> str:
    allowed = _SUFFIXES
    for following in _FOLLOWING:
        if word in PROTECTED or word[-1:] not in _FINALS:
            break
        for length in _SUFFIX_LENGTHS:
            suffix = word[-length:]
            if len(word) - length >= allowed.get(suffix, _NEVER):
                # لغات is the plural of لغة, a word of two letters and a ه, which it keeps.
                word = word[:-length] + ("ه" if len(word) - length < _SHORTEST else "")
                allowed = following.get(suffix, _NISBA)
                break
        else:
            break
    return word


def _without_prefix(word: str) -> str:
    if word[0] in _INITIALS:
        for length in _PREFIX_LENGTHS:
            rest = word[length:]
            if len(rest) >= _PREFIXES.get(word[:length], _NEVER) and rest not in STOP_WORDS:
                return rest
    return word


@lru_cache(maxsize=1 << 17)
def stem(word: str) -> str:
    """Return the stem of a folded word; words of other scripts, numbers and very short words are their own stems."""
    if len(word) < _SHORTEST:
        return _HAMZA_SPELLINGS.get(word, word)
    if not "\u0621" <= word[0] <= "\u06ff":
        return word
    if not _FOREIGN_LETTERS.isdisjoint(word):
        word = word.translate(_FOREIGN)
    whole = _without_suffixes(word)
    if whole not in PROTECTED:
        rest = _without_prefix(word)
        if rest is not word:
            whole = _without_suffixes(rest)
    return _HAMZA_SPELLINGS.get(whole, whole)
