"""The newest articles that match a question, as an Atom feed (RFC 4287)."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from flask import Blueprint, Response, current_app

from index.article import Article, InvalidFieldError, instant
from search.request import SearchRequest
from search.results import Hit
from web import links, marking
from web.answers import INVALID, NO_INDEX, UNCHANGED, cached
from web.asking import ask
from web.caching import lasting
from web.openapi import TEXT, operation
from web.schemas import FeedParameters

ATOM = "application/atom+xml"

_ENTRIES = 30
_NAMESPACE = "http://www.w3.org/2005/Atom"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
# XML 1.0, production 2: what is not one of these cannot stand in a document, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

blueprint = Blueprint("feed", __name__)

ElementTree.register_namespace("", _NAMESPACE)


@blueprint.get("/feed.atom")
@operation("feed", cached("The feed.", {ATOM: TEXT}), UNCHANGED, INVALID, NO_INDEX)
@lasting
def feed(query: FeedParameters) -> Response:
    """The newest articles that match, as an Atom feed to subscribe to."""
    question = query.request(_ENTRIES)
    results = ask(question)
    document = _document(question, results.hits, current_app.jinja_env.globals["site_name"])
    answer = Response(document, content_type=f"{ATOM}; charset=utf-8")
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def parameters(question: SearchRequest) -> dict[str, Any]:
    """Return the parameters of the feed of a question, whatever its page and order."""
    kept = ("q", "source", "category", "author", "from", "to")
    return {name: value for name, value in links.parameters(question).items() if name in kept}


def _document(question: SearchRequest, hits: tuple[Hit, ...], site_name: object) -> bytes:
    root = ElementTree.Element(f"{{{_NAMESPACE}}}feed", {_LANGUAGE: "ar"})
    widened = {"match": "any"} if question.match == "any" else {}
    own = links.absolute("feed.feed", **parameters(question), **widened)
    page = links.absolute("pages.search", **parameters(question), sort="newest")
    _add(root, "id", own)
    _add(root, "title", f"{question.text.strip()} — {site_name}" if question.text.strip() else str(site_name))
    _add(root, "updated", max(map(_updated, hits), default=_UNDATED).isoformat())
    _add(root, "link", rel="self", type=ATOM, href=own)
    _add(root, "link", rel="alternate", type="text/html", href=page)
    _add(_add(root, "author"), "name", str(site_name))
    _add(root, "generator", "Fihris")
    for hit in hits:
        _add_entry(root, hit)
    text: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return text


def _add_entry(root: ElementTree.Element, hit: Hit) -> None:
    article = hit.article
    entry = _add(root, "entry")
    _add(entry, "id", entry_id(article))
    _add(entry, "title", article.title.strip() or "مقال بلا عنوان")
    _add(entry, "updated", _updated(hit).isoformat())
    if _updated(hit) != _UNDATED:
        _add(entry, "published", _updated(hit).isoformat())
    _add(entry, "link", rel="alternate", type="text/html", href=links.absolute("pages.article", article_id=article.id))
    original = marking.safe_link(article.url)
    if original:
        _add(entry, "link", rel="via", href=original)
    if article.author.strip():
        _add(_add(entry, "author"), "name", article.author)
    if article.category.strip():
        _add(entry, "category", term=article.category)
    summary = " … ".join(fragment.text for fragment in marking.summaries(hit))
    if summary:
        _add(entry, "summary", summary)


def entry_id(article: Article) -> str:
    """Return a name that an article keeps wherever the site moves, and that another site's articles do not have."""
    name = json.dumps(["fihris", article.source, article.url, article.id], ensure_ascii=False)
    return uuid.uuid5(uuid.NAMESPACE_URL, name).urn


def _updated(hit: Hit) -> datetime:
    """When an article was published: it is not known when it was changed. Atom asks for a time where there is none."""
    try:
        return instant(hit.article.published)
    except InvalidFieldError:
        return _UNDATED


def _add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
    clean = {key: _NOT_XML.sub("\ufffd", value) for key, value in attributes.items()}
    child = ElementTree.SubElement(parent, f"{{{_NAMESPACE}}}{name}", clean)
    child.text = _NOT_XML.sub("\ufffd", text) or None
    return child
