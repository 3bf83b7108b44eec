"""The Atom feed: what RFC 4287 asks of one, the newest first, and names of entries that stay."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote, unquote
from xml.etree import ElementTree

import pytest
from fake_engine import ARTICLES, FakeEngine
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from website import Page

from index.article import Article
from index.settings import Settings
from search.engine import Engine
from web import create_app
from web.feed import entry_id

ATOM = "{http://www.w3.org/2005/Atom}"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def feed_of(client: FlaskClient, **parameters: object) -> ElementTree.Element:
    answer = client.get("/feed.atom", query_string=parameters)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(answer.data)  # noqa: S314 - our own


def text(element: ElementTree.Element, name: str) -> str:
    (found,) = element.findall(ATOM + name)
    return found.text or ""


def link(element: ElementTree.Element, relation: str) -> str:
    (found,) = (each for each in element.findall(f"{ATOM}link") if each.get("rel") == relation)
    return unquote(found.attrib["href"])


@pytest.mark.parametrize("parameters", [{}, {"q": "المدينة"}, {"q": "لاشيءكهذا"}, {"source": "موقع ضفاف"}])
def test_a_feed_has_what_every_feed_must_have(client: FlaskClient, parameters: dict[str, str]) -> None:
    feed = feed_of(client, **parameters)
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        assert re.match(r"https?://|urn:uuid:[0-9a-f-]{36}$", text(element, "id"))
        assert text(element, "title").strip()
        assert RFC3339.fullmatch(text(element, "updated"))
        assert link(element, "alternate").startswith("http://localhost/")
    assert text(feed.find(f"{ATOM}author") or feed, "name") == "فهرس"
    ids = [text(entry, "id") for entry in feed.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    updated = [text(entry, "updated") for entry in feed.findall(f"{ATOM}entry")]
    assert updated == sorted(updated, reverse=True)
    assert text(feed, "updated") == max(updated, default="1970-01-01T00:00:00+00:00")


def test_an_entry_tells_of_its_article(client: FlaskClient) -> None:
    (entry,) = feed_of(client, q="المتحدة").findall(f"{ATOM}entry")
    article = ARTICLES[0]
    assert text(entry, "title") == article.title
    assert text(entry, "published") == text(entry, "updated") == "2016-05-03T00:00:00+00:00"
    assert link(entry, "alternate") == "http://localhost/articles/med-1"
    assert link(entry, "via") == article.url
    assert text(entry.find(f"{ATOM}author") or entry, "name") == article.author
    assert (entry.find(f"{ATOM}category") or entry).get("term", article.category) == article.category
    assert text(entry, "summary") in article.body


def test_a_feed_names_itself_and_its_page_and_can_be_asked_for_again(client: FlaskClient) -> None:
    feed = feed_of(client, q="العدد", source=["مجلة مدارات", "وكالة الأفق"], match="any", **{"from": "2016-01-01"})
    own = link(feed, "self")
    assert own == text(feed, "id") or quote(own, safe=":/?&=+") == text(feed, "id")
    assert ElementTree.tostring(ElementTree.fromstring(client.get(own).data)) == ElementTree.tostring(feed)  # noqa: S314
    page = client.get(link(feed, "alternate"))
    assert "مجلة مدارات" in page.text
    assert text(feed.findall(f"{ATOM}entry")[0], "title") in Page(page.text).text


def test_the_newest_come_first_and_all_words_are_asked_for(sample_engine: Engine) -> None:
    client = create_app(Settings(), sample_engine).test_client()
    feed = feed_of(client, q="البحر")
    hits = client.get("/api/search?q=البحر&sort=newest&per_page=30&match=all").json["hits"]
    assert [text(entry, "title") for entry in feed.findall(f"{ATOM}entry")] == [hit["title"] for hit in hits]
    scattered = "البحر قسطنطوبولينا"
    assert feed_of(client, q=scattered).findall(f"{ATOM}entry") == []
    assert feed_of(client, q=scattered, match="any").findall(f"{ATOM}entry")


def test_names_of_entries_stay() -> None:
    article = ARTICLES[0]
    assert entry_id(article) == "urn:uuid:28e40c2b-d457-56a7-873d-56fbbed0bb68"
    assert entry_id(replace(article, title="آخر", body="آخر", published="2020-01-01")) == entry_id(article)
    for other in ({"id": "x"}, {"url": "https://other.example/"}, {"source": "أخرى"}):
        assert entry_id(replace(article, **other)) != entry_id(article)


@settings(deadline=None)
@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=10))
def test_no_text_makes_a_document_that_is_none(title: str, body: str, author: str) -> None:
    article = Article("1", title, body, author=author, category=author, published="2020-01-01")
    answer = create_app(Settings(), FakeEngine((article,))).test_client().get("/feed.atom")
    (entry,) = ElementTree.fromstring(answer.data).findall(f"{ATOM}entry")  # noqa: S314 - our own
    assert text(entry, "title")


@pytest.mark.parametrize("query", ["page=2", "sort=newest", "utm=x", "from=never", "q=a&q=b", "match=auto2"])
def test_bad_parameters_are_problems(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/feed.atom?{query}")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert [error["parameter"] for error in answer.json["errors"]] == [query.partition("=")[0]]


def test_pages_say_where_their_feed_is(client: FlaskClient) -> None:
    for path, feed in (
        ("/", "/feed.atom"),
        ("/?q=العدد&page=2&sort=oldest&category=ثقافة", "/feed.atom?q=العدد&category=ثقافة"),
    ):
        heads = [each for each in Page(client.get(path).text).all("link") if each.get("type") == "application/atom+xml"]
        assert [unquote(each["href"] or "") for each in heads] == [feed]
        assert {each["rel"] for each in heads} == {"alternate"}
