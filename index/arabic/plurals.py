"""Broken plurals: مدارس is a form of مدرسة and أقلام of قلم, because of their patterns and because both are words.

A pattern names letters and, by the figures 1 to 4, the root's: of ``م1ا23`` مدارس has the root درس, and its singular is
the most frequent word among those that ``_PATTERNS`` gives for it. Patterns and their singulars are those of the
grammars (W. Wright, "A Grammar of the Arabic Language", 3rd edition, vol. 1, §304–305), less those that most often are
something else. As with affixes, the singular must be written often enough beside the plural.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from index.arabic.coding import SEED, WHOLE, digest, extend, finish, letters_of, place_of
from index.arabic.lemma import UNKNOWN, attested
from index.arabic.lexicon import DOUBLING, LEXICON, level
from index.arabic.spelling import SPELLINGS, respell
from index.compilation import I32, I64, U8, U64, Array, kernel, read, several, written

# Pattern of the plural; how often a singular must be written for each time the plural is; patterns of singulars; and a
# pattern that speaks against: a word that is not rare beside the whole shows it to be a verb's noun or participle.
# The figure 5 is a first letter of the root that begins no form of a verb, 6 a last one that is no ي.
_PATTERNS = (
    ("م1ا23", 0.03, "م123ه م123", "م1ا23ه"),
    ("م1ا2ي3", 0.03, "م12و3 م12ا3 م12ي3", ""),
    ("5وا23", 0.05, "5ا23 5ا23ه 5و23", ""),
    ("12اي3", 0.03, "12ي3ه 12ا3ه 12ي3", ""),
    ("52ا36", 0.2, "5236 5236ه", ""),
    ("12ا3ي4", 0.03, "123ي4 123و4 123ا4", ""),
    ("ا12ا3", 0.3, "123 1ي23", "ا123ت"),
    ("ا1وا3", 0.1, "1ا3 1و3 1و3ه", ""),
    ("ا123ه", 0.3, "12ا3", ""),
    ("ا123اء", 0.1, "12ي3", ""),
    ("ا12ياء", 0.1, "12ي", ""),
    ("123اء", 0.3, "12ي3", ""),
    ("ا1ا23", 0.3, "12ا3 ا123ي", ""),
    ("ا1ا2ي3", 0.1, "ا12و3 ا12و3ه ا12ي3", ""),
    ("ا1ا2ي", 0.1, "ا12يه", ""),
    ("12ايا", 0.1, "12يه", ""),
    ("12وات", 0.1, "12اه", ""),
    ("ا12يه", 0.1, "1ا2ي", ""),
)

_LISTED = """
يوم ايام|برنامج برامج|رييس روساء|سوال اسيله|طبيب اطباء|امراه نساء|راي اراء|بير ابار|اثر اثار|افق افاق|الف الاف|اب اباء
ابن ابناء|اخ اخوه|اسم اسماء اسامي|عضو اعضاء|جزء اجزاء|ضوء اضواء|عبء اعباء|نبا انباء|خطا اخطاء|شيء اشياء|ام امهات
قريه قري|قوه قوي|ميناء مواني موانيء موانء|نيه نوايا|زاويه زوايا|دوله دول|صوره صور|قانون قوانين|ميدان ميادين|عنوان عناوين
ديوان دواوين|وقت اوقات|صوت اصوات|بيت بيوت ابيات|اخت اخوات|بنت بنات|سنه سنوات سنين|ماء مياه|دين اديان|بلد بلدان بلاد
جار جيران|نار نيران|عين عيون|فن فنون|دين ديون|سجن سجون|شان شوون|خيل خيول|سيف سيوف|ضيف ضيوف|خط خطوط|حد حدود|حق حقوق
شرط شروط|حرب حروب|درس دروس|شعب شعوب|قرض قروض|جهد جهود|قيد قيود|جندي جنود|فرع فروع|نص نصوص|صف صفوف|رسم رسوم|شيخ شيوخ
قلب قلوب|نجم نجوم|شهر شهور اشهر|علم علوم|وجه وجوه اوجه|رمز رموز|عرض عروض|عقد عقود|قرن قرون|ظرف ظروف|ملك ملوك|حرف حروف
بحث بحوث|عيب عيوب|جسر جسور|كنز كنوز|جيش جيوش|نقش نقوش|وحش وحوش|وعد وعود|وفد وفود|بنك بنوك|سهل سهول|حقل حقول|حشد حشود
ثمن اثمان|سقف اسقف سقوف|نهر انهر انهار|لص لصوص|ظن ظنون|جفن جفون|حصن حصون|سطح سطوح اسطح|راس رووس|نفس نفوس انفس
رجل رجال|جبل جبال|كلب كلاب|بحر بحار|رمل رمال|عبد عباد|كريم كرام|خيمه خيام|ريح رياح|ثوب ثياب|دم دماء|دار ديار|نقطه نقاط
قلعه قلاع|عظم عظام|لجنه لجان|سهم سهام|حبل حبال|تل تلال|ظل ظلال|كبير كبار|صغير صغار|طالب طلاب طلبه|عامل عمال|حاكم حكام
تاجر تجار|ضابط ضباط|حارس حراس|راكب ركاب|ساكن سكان|نايب نواب|شاب شباب شبان|زاير زوار|مدينه مدن|كتاب كتب
صحيفه صحف|سفينه سفن|طريق طرق|فرصه فرص|غرفه غرف|جزيره جزر|رسول رسل|لعبه العاب|قطعه قطع|مهمه مهام|ماده مواد|خاصه خواص
ارض اراضي|اهل اهالي|اداه ادوات|صاحب اصحاب|طرف اطراف|شريك شركاء|عالم علماء|شاعر شعراء|شهيد شهداء|مشهد مشاهد|مقطع مقاطع
مصلحه مصالح|موعد مواعيد|تجربه تجارب|تذكره تذاكر|فارس فرسان|قميص قمصان|شجاع شجعان|احمر حمراء|اصفر صفراء|اخضر خضراء
اسود سوداء|ابيض بيضاء|ازرق زرقاء|اسمر سمراء|اشقر شقراء|ليله ليالي|هدف اهداف|قضيه قضايا|خبير خبراء|مدير مدراء
وزير وزراء|قايد قاده|سيد ساده|قاض قضاه|قاضي قضاه|داعيه دعاه|طفل اطفال|يتيم ايتام|ميت اموات|حي احياء|عدو اعداء|دواء ادويه
غذاء اغذيه|ثري اثرياء|نبي انبياء|ولي اولياء|وعاء اوعيه|اله الهه|سلاح اسلحه|جناح اجنحه|عمود اعمده|رغيف ارغفه|دماغ ادمغه
"""

WORDS = {
    plural: singular
    for singular, *forms in (group.split() for line in _LISTED.split("\n") for group in line.split("|") if group)
    for plural in forms
}
"""Plurals that no pattern gives, or that patterns give to many another word → their singulars, folded."""

_TEMPLATE = 8
_MOST = 5
_ALEF, _TEH, _MEEM, _HEH, _YEH = 0x27, 0x2A, 0x45, 0x47, 0x4A
_AGAINST = -3 * DOUBLING


def _template(text: str) -> list[int]:
    """Return a pattern as numbers: its size, then 1 to 4 for letters of the root and the others as they are."""
    letters = [int(each) if each in "123456" else int(letters_of(each)[0]) for each in text]
    return [len(letters), *letters, *[0] * (_TEMPLATE - 1 - len(letters))]


def pattern_rows() -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the patterns for ``plural``.

    The first table has a row for each plural: its template, then its floor in levels. The second has the templates of
    the singulars, ``_MOST`` rows for each plural, empty ones at the end; the last is that of what speaks against.
    """
    plurals = np.zeros((len(_PATTERNS), _TEMPLATE + 1), np.int32)
    singulars = np.zeros((len(_PATTERNS) * _MOST, _TEMPLATE), np.int32)
    for number, (pattern, ratio, given, against) in enumerate(_PATTERNS):
        plurals[number] = [*_template(pattern), round(DOUBLING * math.log2(ratio))]
        singulars[number * _MOST + _MOST - 1] = _template(against)
        for place, each in enumerate(given.split()):
            singulars[number * _MOST + place] = _template(each)
    return plurals, singulars


@kernel(types.boolean(U8, I64))
def _is_of_root(letter: int, figure: int) -> bool:
    """Tell whether a letter may stand where a pattern has a figure."""
    if letter == _YEH:
        return figure not in (1, 5, 6)
    if letter == _TEH or letter == _MEEM:  # noqa: SIM109 - compiled
        return figure != 5
    return letter != _ALEF


@kernel(U64(read(I32, 2), I64, read(U8)))
def _built(templates: Array, row: int, root: Array) -> Any:
    """Return the digest of a pattern with the letters of a root."""
    state = SEED
    for place in range(1, 1 + templates[row, 0]):
        letter = templates[row, place]
        state = extend(state, root[letter] if letter <= 6 else np.uint8(letter))
    return finish(state)


@kernel(types.boolean(read(U8), I64, I64, read(I32, 2), I64, written(U8)))
def _has_pattern(letters: Array, begin: int, size: int, plurals: Array, row: int, root: Array) -> bool:
    """Tell whether a word is of a pattern, and write the letters of its root; no ا is one, and no ه of ة."""
    if plurals[row, 0] != size or (letters[begin + size - 1] == _HEH and plurals[row, size] != _HEH):
        return False
    for place in range(size):
        letter = letters[begin + place]
        due = plurals[row, 1 + place]
        if due > 6:
            if letter != due:
                return False
        else:
            if not _is_of_root(letter, due):
                return False
            root[due] = letter
    return True


PATTERNS = several(read(I32, 2), read(I32, 2), SPELLINGS)
"""The types of the tables of ``pattern_rows``, and of a ``word_map`` of ``WORDS``."""


@kernel(I64(written(U8), I64, I64, PATTERNS, WHOLE, LEXICON))
def singular(letters: Array, begin: int, end: int, patterns: Any, whole: Any, lexicon: Any) -> int:
    """Put the singular in the place of a lemma that is a broken plural; return its end, or 0 where it is none."""
    plurals, singulars, words = patterns
    _, stops = whole
    key = digest(letters, begin, end)
    listed = respell(letters, begin, end, words)
    if digest(letters, begin, listed) != key:
        return int(listed)
    size = end - begin
    if size < 3 or size > 7 or place_of(stops, key) >= 0:
        return 0
    root = np.empty(7, np.uint8)
    chosen_root = np.empty(7, np.uint8)
    frequency = max(level(lexicon, key), UNKNOWN)
    best, chosen = 0, -1
    for row in range(len(plurals)):
        if _has_pattern(letters, begin, size, plurals, row, root):
            last = (row + 1) * _MOST - 1
            if singulars[last, 0] and level(lexicon, _built(singulars, last, root)) - frequency > _AGAINST:
                continue
            for which in range(row * _MOST, last):
                if not singulars[which, 0]:
                    break
                known = attested(_built(singulars, which, root), singulars[which, 0], stops, lexicon)
                if known > best and known - frequency >= plurals[row, _TEMPLATE]:
                    best, chosen = known, which
                    chosen_root[:] = root
    if chosen < 0:
        return 0
    for place in range(singulars[chosen, 0]):
        letter = singulars[chosen, 1 + place]
        letters[begin + place] = chosen_root[letter] if letter <= 6 else letter
    return begin + int(singulars[chosen, 0])
