"""Stored text as HTML: matched words marked, Latin runs isolated from the Arabic around them."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from search.results import Fragment, Hit

# Isolated, a Latin run keeps its own end in place: «C++» would otherwise be shown as «++C» in Arabic text.
_LETTER = "A-Za-z\u00c0-\u024f"
_LATIN = re.compile(rf"[{_LETTER}](?:[{_LETTER}0-9 .,'’&/:@_+#%=?~-]*[{_LETTER}0-9/+#%])?")
_LINE = re.compile(r"[^\r\n]+")
_SENTENCE_END = re.compile(r"[.!?؟…][»”\"')\]]*\Z")
_SUMMARY_LENGTH = 220
_OUTER_FIRST = ("mark", "bdi")


def marked(fragment: Fragment) -> Markup:
    """The fragment's text with ``<mark>`` round each of its ranges and ``<bdi>`` round Latin runs."""
    spans = [(begin, end, "mark") for begin, end in fragment.ranges if begin < end]
    for run in _LATIN.finditer(fragment.text):
        # A mark that begins inside a run and ends outside it cannot nest with it.
        if all(_nest((begin, end), run.span()) for begin, end in fragment.ranges):
            spans.append((*run.span(), "bdi"))
    tags: list[tuple[int, int, int, int, str]] = []
    for begin, end, name in spans:
        rank = _OUTER_FIRST.index(name)
        # At one place first what closes, inner before outer, then what opens, outer before inner.
        tags.append((end, 0, end - begin, -rank, f"</{name}>"))
        tags.append((begin, 1, begin - end, rank, f"<{name}>"))
    pieces: list[Markup] = []
    at = 0
    for place, *_, tag in sorted(tags):
        pieces += (escape(fragment.text[at:place]), Markup(tag))  # noqa: S704 - one of four literal tags
        at = place
    pieces.append(escape(fragment.text[at:]))
    return Markup().join(pieces)


def paragraphs(fragment: Fragment) -> list[Fragment]:
    """The fragment's lines that hold anything, each with the ranges that fall into it."""
    return [
        _piece(fragment, line.start(), line.end()) for line in _LINE.finditer(fragment.text) if line.group().strip()
    ]


def summaries(hit: Hit) -> tuple[Fragment, ...]:
    """The pieces of the body to show under a hit: those the engine chose, else the beginning of the body."""
    return hit.body or opening(hit)


def opening(hit: Hit, length: int = _SUMMARY_LENGTH) -> tuple[Fragment, ...]:
    """The beginning of a hit's body, cut between words before ``length`` characters; vowel signs are not counted.

    What the engine chose where the hit does not carry its body.
    """
    body = hit.article.body.strip()
    end = _place(body, length)
    if end == len(body):
        return (Fragment(body, ()),) if body else hit.body
    head = body[: end + 1].rsplit(None, 1)[0][:end]
    return (Fragment(head, (), clipped_end=True),)


def breaks_off(fragment: Fragment) -> bool:
    """Whether the fragment ends where its text goes on, and not at the end of a sentence."""
    return fragment.clipped_end and not _SENTENCE_END.search(fragment.text)


def safe_link(url: str) -> str:
    """The URL if a reader may be sent there (``http`` or ``https``), else the empty string."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url.strip() if parts.scheme in {"http", "https"} and parts.netloc else ""


def host_of(url: str) -> str:
    """The host a URL leads to, as shown to readers."""
    return urlsplit(url).netloc.rpartition("@")[2].removeprefix("www.")


def _place(text: str, length: int) -> int:
    """Where the first ``length`` characters of a text end that take up room."""
    for place, character in enumerate(text):
        if not unicodedata.combining(character):
            if not length:
                return place
            length -= 1
    return len(text)


def _piece(fragment: Fragment, begin: int, end: int) -> Fragment:
    ranges = tuple(
        (max(first, begin) - begin, min(last, end) - begin)
        for first, last in fragment.ranges
        if first < end and last > begin
    )
    return Fragment(fragment.text[begin:end], ranges, fragment.start + begin)


def _nest(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two ranges lie apart or one within the other."""
    (begin, end), (first, last) = one, other
    return end <= first or last <= begin or (first <= begin and end <= last) or (begin <= first and last <= end)
