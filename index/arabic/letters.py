"""The folding table: one way to write each letter, whatever keyboard, font or marks it came with.

Every rule is a row of one table, built on import from pyarabic's letter constants (where they are right for search),
from the Unicode character database, and from the few lists below. What is done and why:

* All combining marks go (harakat, Qur'anic marks, Latin accents), and so do tatweel and invisible format characters.
* Presentation forms (U+FB50–FDFF, FE70–FEFF) become plain letters by NFKC, less the spaces NFKC puts before lone marks.
* Alef variants → ا, ؤ → و, ئ ى and the Persian yehs → ي, ة and the Persian and Urdu hehs → ه, Persian kafs → ك.
  pyarabic's own ``normalize_*`` functions are not used: they map ى to ا and ئ to ء, and leave U+0670 and U+06D6–06ED.
* All decimal digits → 0–9; the Arabic thousands separator goes and the decimal one becomes a point.
* ءا inside a word is the old spelling of آ (قرءان); at a word's end it is a hamza with its tanwin seat (جزءا), so it
  stays.
* پ چ ژ گ ڤ are letters of their own and stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from pyarabic import araby

MULTIWORD = {
    "\ufdfa": "صلى الله عليه وسلم",
    "\ufdfb": "جل جلاله",
    "\ufdfd": "بسم الله الرحمن الرحيم",
}
"""Ligatures that stand for several words; each is a token sequence of its own. NFKC leaves U+FDFD whole."""

SIGNS = {"\ufdfc": "ريال"}
"""Signs that are read as one word. NFKC gives U+FDFC with a Farsi yeh; it is a symbol, not a letter, to Unicode."""

THOUSANDS = araby.THOUSANDS  # ٬
DECIMAL = araby.DECIMAL  # ٫
NUMBER_SEPARATORS = f".,{THOUSANDS}{DECIMAL}"
"""Characters that belong to a number when digits stand on both sides."""

INHABITED = (*range(0x40000), *range(0xE0000, 0xE1000))
"""Code points of the planes that hold characters: going through the empty ones as well takes longer than all else."""

# Without Han and Hangul, two thirds of them all, among which are neither marks nor digits.
_SIGNED = (*range(0x3400), *range(0xA000, 0xAC00), *range(0xD7B0, 0x20000), *range(0xE0000, 0xE1000))

_INVISIBLE = (
    "\u00ad\u034f\u061c\u180e\ufeff"
    + "".join(map(chr, range(0x200B, 0x2010)))  # zero-width space, joiners, direction marks
    + "".join(map(chr, range(0x202A, 0x202F)))  # embeddings and overrides
    + "".join(map(chr, range(0x2060, 0x2070)))  # word joiner, isolates
    + "".join(map(chr, range(0xFE00, 0xFE10)))  # variation selectors
)
# Small letters written above the line in the Qur'an: letters (Lm) to Unicode, marks to a reader.
_SMALL_LETTERS = araby.SMALL_WAW + araby.SMALL_YEH

_ALEFS = (
    araby.ALEF_MADDA + araby.ALEF_HAMZA_ABOVE + araby.ALEF_HAMZA_BELOW + araby.ALEF_WASLA
) + "\u0672\u0673\u0675" + "".join(map(chr, range(0x0870, 0x0883)))  # fmt: skip
_WAWS = araby.WAW_HAMZA + "\u0676\u0677"
_YEHS = araby.YEH_HAMZA + araby.ALEF_MAKSURA + "\u0620\u063d\u063e\u063f\u0678\u06cc\u06cd\u06d0\u06d2\u06d3"
_HEHS = araby.TEH_MARBUTA + "\u06be\u06c0\u06c1\u06c2\u06c3\u06d5"
_KAFS = "\u06a9\u06aa\u063b\u063c"


def _presentation_form(character: str, letters: Mapping[str, str]) -> str:
    """A presentation form as plain folded letters; empty for lone marks."""
    plain = unicodedata.normalize("NFKC", character)
    kept = (c for c in plain if c != " " and not unicodedata.category(c).startswith("M"))
    return "".join(letters.get(c, c) for c in kept if c != araby.TATWEEL)


def _build_table() -> dict[str, str]:
    """The folding of single characters, for all that do not fold to themselves (Latin and the rest aside)."""
    table = dict.fromkeys(_INVISIBLE + _SMALL_LETTERS + araby.TATWEEL, "")
    for variants, letter in (
        (_ALEFS, araby.ALEF),
        (_WAWS, araby.WAW),
        (_YEHS, araby.YEH),
        (_HEHS, araby.HEH),
        (_KAFS, araby.KAF),
    ):
        table.update(dict.fromkeys(variants, letter))
    for code in (*range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFF)):
        character = chr(code)
        if unicodedata.category(character) != "Cn" and character not in MULTIWORD:
            form = _presentation_form(character, table)
            if form != character:
                table[character] = form
    table["\ufe73"] = ""  # the tail of a letter at a line's end, with no letter of its own
    table.update(SIGNS)
    for code in _SIGNED:
        character = chr(code)
        category = unicodedata.category(character)
        if category[0] == "M":
            table[character] = ""
        elif category == "Nd" and code > 0x7F:
            table[character] = str(unicodedata.digit(character))
    return table


TABLE: Mapping[str, str] = _build_table()
"""Single characters → what they fold to; a character that is missing folds to itself or through NFKD."""

REMOVED = "".join(character for character, form in TABLE.items() if not form)
"""Characters that leave no trace: they belong to the word they stand in but begin none."""

_TRANSLATION = str.maketrans(dict(TABLE))
_OLD_MADDA = re.compile(f"{araby.HAMZA}+{araby.ALEF}(?=.)", re.DOTALL)
_NUMBER = re.compile(rf"\d+(?:[{re.escape(NUMBER_SEPARATORS)}]\d+)+", re.ASCII)
_GROUPED_NUMBER = re.compile(rf"\d{{1,3}}(?:[,{THOUSANDS}]\d{{3}})+(?:[.{DECIMAL}]\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(rf"(\d+)[,{DECIMAL}](\d+)", re.ASCII)


def _fold_number(match: re.Match[str]) -> str:
    """One way to write a number: 1,234.5 · ١٬٢٣٤٫٥ → 1234.5, and a decimal comma (106,78) as a point."""
    word = match.group()
    if _GROUPED_NUMBER.fullmatch(word):
        return word.replace(",", "").replace(THOUSANDS, "").replace(DECIMAL, ".")
    decimal = _DECIMAL_COMMA.fullmatch(word)
    if decimal:
        return f"{decimal[1]}.{decimal[2]}"
    return word


def _fold_once(word: str) -> str:
    word = word.translate(_TRANSLATION)
    if not word.isascii():
        if not _is_arabic(word):
            # Latin, Greek and all other scripts: Unicode's compatibility caseless matching (D146), less the marks.
            word = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
            word = word.translate(_TRANSLATION).replace(" ", "")  # NFKD of a few lone accents holds a space
        word = _OLD_MADDA.sub(araby.ALEF, word)
    else:
        word = word.lower()
    return word if word.isalnum() else _NUMBER.sub(_fold_number, word)


# Letters of the standard alphabet as the table leaves them, and digits without separators.
_is_plain = re.compile("[0-9ءابتثجحخدذرزسشصضطظعغفقكلمنهوي]+").fullmatch
_is_arabic = re.compile(r"[\u0621-\u06ff]+").fullmatch


@lru_cache(maxsize=1 << 17)
def fold(word: str) -> str:
    """The folded form of one written word: what the index holds and a query asks for.

    Idempotent. A ligature of several words gives them with spaces between. Any string is taken; what holds no letter
    and no digit may give the empty string. Folds *words*, never running text: separators are left alone.
    """
    folded = word.translate(_TRANSLATION)
    if _is_plain(folded) and _OLD_MADDA.search(folded) is None:
        return folded  # nothing that further rules could touch: nearly every Arabic word
    if " " in word:
        return " ".join(map(fold, word.split(" ")))
    ligature = MULTIWORD.get(folded)
    if ligature is not None:
        return fold(ligature)
    folded = _fold_once(word)
    # A second pass changes only rare compatibility characters (a digit in a circle, then grouped): go on to the end.
    while (again := _fold_once(folded)) != folded:
        folded = again
    return folded
