"""A web page: the article that is in it, without menus, comments and forms (trafilatura's work)."""

from __future__ import annotations

import codecs
import logging
import re
from collections.abc import Iterator

from index.article import Article, Rejection
from index.readers.charset import byte_order_mark, detect
from index.readers.inputs import Input
from index.readers.leavings import without_leavings

_DECLARED = re.compile(rb"""<(?:meta|\?xml)\b[^>]*?\b(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_DECLARATION_WITHIN = 4096
_DOCUMENT = re.compile(r"<(?:html|body)\b", re.IGNORECASE)

# Its complaints are reported as rejections; without a handler of its own they would also go to standard
# error.
for _name in ("trafilatura", "htmldate", "courlan"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


def read(given: Input) -> Iterator[Article | Rejection]:
    """Yield the one article of the page, or why there is none."""
    data = given.stream.read(given.limit)
    if len(data) >= given.limit:
        yield given.oversize(0)
        return
    text = decoded(data)
    if not _DOCUMENT.search(text):
        # trafilatura takes a bare fragment for something else than HTML.
        text = f"<html>{text}</html>"
    fields = _extracted(text)
    if not fields:
        yield given.rejection(0, "no article text found in the page")
        return
    fields["body"], removed = without_leavings(fields["body"])
    given.ledger.leavings += removed
    yield given.plain(**fields)


def decoded(data: bytes) -> str:
    """The characters of a page: by its byte order mark, as UTF-8, as it declares, or by the look of it.

    UTF-8 comes before the declaration since text in another encoding does not pass for it by chance, whereas
    pages are often converted without their declaration. Bytes that remain undecodable become U+FFFD, as in
    browsers.
    """
    encoding, skipped = byte_order_mark(data)
    if encoding:
        return data[skipped:].decode(encoding, "replace")
    declared = _declared(data)
    for candidate in ("utf-8", declared) if not data.isascii() else (declared, "utf-8"):
        if candidate:
            try:
                return data.decode(candidate)
            except UnicodeError:
                pass
    likeliest = detect(data)
    if likeliest == "utf-8" or not declared or declared == "utf-8":
        return data.decode(likeliest, "replace")
    return data.decode(declared, "replace")


def _declared(data: bytes) -> str:
    """The encoding that the page names, in Python's name for it; empty where it names none known."""
    found = _DECLARED.search(data, 0, _DECLARATION_WITHIN)
    if found is None:
        return ""
    try:
        name = codecs.lookup(found[1].decode("ascii")).name
        # Only encodings of text; and browsers read Latin-1 as Windows-1252.
        "".encode(name)
    except (LookupError, UnicodeError, TypeError):
        return ""
    if name in ("utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape") or name.startswith(
        ("utf-16", "utf-32")
    ):
        # A declaration that can be read as ASCII cannot be in UTF-16, and the rest are no encodings of pages.
        return ""
    return "cp1252" if name == "iso8859-1" else name


def _extracted(text: str) -> dict[str, str]:
    """The article's fields; empty where there is no text."""
    # Here and not above: loading it takes a third of a second, and most runs meet no page.
    from trafilatura import bare_extraction

    try:
        found = bare_extraction(text, with_metadata=True, include_comments=False)
    except Exception:
        # Pages of any shape go in, and what a broken one makes lxml and trafilatura raise is not listed
        # anywhere.
        return {}
    if found is None or isinstance(found, dict) or not found.text:
        return {}
    fields = {
        "title": found.title,
        "author": found.author,
        "published": found.date,
        "source": found.sitename,
        "url": found.url,
        "category": next(iter(found.categories or ()), None),
    }
    body = found.text
    if found.title:
        # The headline stands over the text as well.
        body = body.removeprefix(f"{found.title}\n")
    return {"body": body} | {name: value for name, value in fields.items() if value}
