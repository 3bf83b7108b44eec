"""Numbers, dates, counted nouns and notes as a reader of the page's language expects them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

from babel.dates import format_date, get_month_names
from babel.numbers import format_decimal
from flask_babel import LazyString, gettext, lazy_gettext, ngettext
from markupsafe import Markup

from index.article import InvalidFieldError, written_day
from search.grounds import Ground
from search.results import Note
from web import language

_LEVANT = get_month_names(locale="ar_LB")
_EGYPT = get_month_names(locale="ar_EG")

_MOST_WORDS = 4
"""Words that one ground names; a hit's line must stay a line."""

_PLACES: Mapping[str, LazyString] = {
    "title": lazy_gettext("In the title"),
    "author": lazy_gettext("In the author's name"),
    "source": lazy_gettext("In the source's name"),
    "category": lazy_gettext("In the section's name"),
}

# What the engine's notes say, by their codes; their own text is Arabic.
_NOTES: Mapping[str, LazyString] = {
    "quote": lazy_gettext("A quotation mark has no partner, so what follows it was read as words."),
    "parenthesis": lazy_gettext("Parentheses that do not match, or lie too deep, were passed over."),
    "operator": lazy_gettext("OR only joins two words; here it was read as a word."),
    "prefix": lazy_gettext("A star only counts at the end of a word of two letters or more; it was passed over."),
    "dashes": lazy_gettext("One dash before a word excludes it; two are only punctuation."),
    "latin": lazy_gettext(
        "AND and NOT are read as words: all words are wanted anyway, and a dash before a word excludes it."
    ),
    "words": lazy_gettext("The question has too many words; only the first ones were taken."),
    "length": lazy_gettext("The question is too long; only its beginning was taken."),
    "empty": lazy_gettext("The question holds no word to look for, so these are all articles."),
    "widened": lazy_gettext("Few articles have all the words, or none; those that have some of them follow."),
    "no_days": lazy_gettext("The first day is after the last, so there is no day between them."),
    "too_deep": lazy_gettext(
        "Results cannot be shown that far down; these are the first. Add words or filters to narrow the search."
    ),
}


def number(value: int) -> str:
    """A number with separated thousands: 1,234."""
    return _number(value, language.current().locale)


def results(count: int) -> Markup:
    """So many results, the number isolated from the text around it: «نتيجتان», «3 نتائج», «11 نتيجة»."""
    return _counted(ngettext("%(n)s result", "%(n)s results", count, n=_isolated(count)))


def articles(count: int) -> Markup:
    """So many articles: «مقالان», «3 مقالات», «11 مقالًا»."""
    return _counted(ngettext("%(n)s article", "%(n)s articles", count, n=_isolated(count)))


def suggestions(most: int) -> list[str]:
    """For each number up to ``most`` that so many lines are suggested, for places that take no markup."""
    return [
        str(
            ngettext("%(n)s suggestion", "%(n)s suggestions", count, n=number(count))
            if count
            else gettext("No suggestions")
        )
        for count in range(most + 1)
    ]


def plain_articles(count: int) -> str:
    """So many articles, for places that take no markup."""
    return str(ngettext("%(n)s article", "%(n)s articles", count, n=number(count)))


def day(value: date) -> str:
    """A date; in Arabic with the month in both of its names: 3 أيار/مايو 2016."""
    if language.current() == language.DEFAULT:
        return f"{value.day} {month(value.month)} {value.year}"
    return format_date(value, "long", locale=language.current().locale)


def month(value: int) -> str:
    """The name of a month, 1–12; in Arabic the Levant's and Egypt's."""
    if language.current() == language.DEFAULT:
        return f"{_LEVANT[value]}/{_EGYPT[value]}"
    return str(get_month_names(locale=language.current().locale)[value])


def day_of(published: str) -> date | None:
    """The day an article says it was published on; None where it says nothing that can be read."""
    try:
        return written_day(published)
    except InvalidFieldError:
        return None


def note(said: Note) -> str:
    """What a note says in the page's language, or in Arabic where only the engine knows its code."""
    if language.current() == language.DEFAULT or said.code not in _NOTES:
        return said.text
    return str(_NOTES[said.code])


def ground(found: Ground) -> tuple[str, tuple[str, ...]]:
    """What kind of match a ground is, in words, and the words of the article to name after it."""
    words = found.words[:_MOST_WORDS]
    match found.kind:
        case "exact":
            return gettext("Exact text"), ()
        case "vowels":
            # The question's own words may be the vocalised ones.
            plain = all(not _vocalised(word) for word in words)
            return (gettext("Without vowel signs") if plain else gettext("With vowel signs")), words
        case "spelling":
            return gettext("Other spelling"), words
        case "prefix":
            return gettext("Same beginning"), words
        case "form":
            return ngettext("Other form", "Other forms", len(words)), words
        case "synonym":
            return gettext("Synonym"), words


def places(grounds: Iterable[Ground]) -> list[str]:
    """Where something matched beside the body, in words."""
    fields = {field for each in grounds for field in each.fields}
    return [str(name) for field, name in _PLACES.items() if field in fields]


def _vocalised(word: str) -> bool:
    return any("\u064b" <= letter <= "\u0652" or letter == "\u0670" for letter in word)


@lru_cache(maxsize=4096)  # a page holds dozens, mostly small ones
def _number(value: int, locale: str) -> str:
    return format_decimal(value, locale=locale, numbering_system="default")


def _isolated(count: int) -> Markup:
    return Markup("<bdi>{}</bdi>").format(number(count))


def _counted(text: str) -> Markup:
    return Markup(text)  # noqa: S704 - a catalogue's wording round an isolated number
