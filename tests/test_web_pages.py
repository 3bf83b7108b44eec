"""The front page, and what holds for every page: no text breaks out of its place, and errors are pages too."""

from __future__ import annotations

import logging
import re
from html import unescape
from urllib.parse import unquote

import pytest
from fake_engine import ARTICLES, FakeEngine
from flask import Flask
from flask.testing import FlaskClient
from website import Page, field, results_of

from index.settings import Settings
from search.engine import Engine
from search.request import SearchRequest
from search.results import SearchResults
from web import create_app


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/?q=المدينة",
        "/?q=لاشيء",
        "/?page=99",
        "/articles/med-1?q=المتحدة",
        "/nowhere",
        "/?source=موقع+ضفاف&page=1",
    ],
)
def test_every_page_is_arabic_whole_and_without_inline_scripts(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    page = Page(answer.text)
    assert page.all("html") == [{"lang": "ar", "dir": "rtl"}]
    assert page.foreign_scripts() == page.all("style") == []
    assert len(page.all("script")) == 2
    assert not any(name.startswith("on") or name == "style" for _, each in page.tags for name in each)
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1
    assert len(page.all("search")) == 1
    assert field(page, "q")["type"] == "search"
    assert field(page, "q")["dir"] == "auto"
    ids = [each["id"] for _, each in page.tags if "id" in each]
    assert len(ids) == len(set(ids))
    for _, each in page.tags:
        for name in ("src", "href"):
            if (
                name in each
                and each.get("rel") not in {"noopener nofollow", "canonical", "alternate"}
                and not each.get("hreflang")
            ):
                assert str(each[name]).startswith(("/", "#")), each


def test_front_page_greets_with_stock_newest_articles_and_ways_in(client: FlaskClient) -> None:
    page = results_of(client)
    newest = sorted((a for a in ARTICLES if a.published), key=lambda a: a.published[:10], reverse=True)
    assert "فهرس" in page.text
    assert f"{len(ARTICLES)} مقالًا" in page.text
    assert newest[0].title in page.text
    assert len(page.all("article")) == 7
    ways = [unquote(link) for link in page.links()]
    assert "/?category=اقتصاد" in ways
    assert "/?source=جريدة+الواحة" in ways
    assert "/?sort=newest" in ways
    assert f"/articles/{newest[0].id}" in ways


def test_front_page_of_an_empty_index_says_what_to_do() -> None:
    page = results_of(create_app(Settings(), FakeEngine(())).test_client())
    assert "fihris reindex" in page.text
    assert "لا مقالات بعد" in page.text


def test_site_name_is_a_setting(engine: FakeEngine) -> None:
    client = create_app(Settings(site_name="أرشيف <ب>"), engine).test_client()
    assert "أرشيف &lt;ب&gt;" in client.get("/").text


def test_results_are_not_for_search_engines(client: FlaskClient) -> None:
    for path in ("/?q=المدينة", "/?sort=newest", "/?source=موقع+ضفاف"):
        answer = client.get(path)
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert {"name": "robots", "content": "noindex"} in Page(answer.text).all("meta")
    for path in ("/", "/articles/med-1"):
        answer = client.get(path)
        assert "X-Robots-Tag" not in answer.headers
        assert all(each.get("name") != "robots" for each in Page(answer.text).all("meta"))


def test_canonical_links_drop_the_question(client: FlaskClient) -> None:
    for path, canonical in (("/", "/"), ("/?utm=1", "/"), ("/articles/med-1?q=المتحدة", "/articles/med-1")):
        links = [each for each in Page(client.get(path).text).all("link") if each["rel"] == "canonical"]
        assert [each["href"] for each in links] == [f"http://localhost{canonical}"]


def test_stored_text_cannot_break_out(client: FlaskClient) -> None:
    for path in ("/?category=قسم+<u>", "/articles/x%22%3E%3Cscript%3E", "/?q=%3Cscript%3E", "/?sort=oldest"):
        answer = client.get(path)
        page = Page(answer.text)
        assert page.foreign_scripts() == page.all("u") == page.all("b") == page.all("i") == []
        assert all("alt" in each for each in page.all("img"))
        assert not any(link.lower().startswith(("javascript:", "ftp:")) for link in page.links())
    hostile = Page(client.get("/articles/x%22%3E%3Cscript%3E").text)
    assert "عنوان <script>alert(1)</script> & «هادئ»" in hostile.text
    assert "<img src=x onerror=alert(2)>" in hostile.text


@pytest.mark.parametrize("text", ['"><script>alert(1)</script>', "' onfocus=x '", "</title><h1>", "{{ 7*7 }}", "&lt;"])
def test_typed_text_cannot_break_out(client: FlaskClient, text: str) -> None:
    page = results_of(client, q=text, source=text)
    assert field(page, "q")["value"] == text
    assert page.foreign_scripts() == []
    assert len(page.all("h1")) == 1
    assert text in page.text


def test_errors_are_pages_with_a_search_box(client: FlaskClient) -> None:
    for answer, status in (
        (client.get("/articles/none"), 404),
        (client.get("/x"), 404),
        (client.post("/"), 405),
    ):
        assert answer.status_code == status
        assert answer.mimetype == "text/html"
        page = Page(answer.text)
        assert str(status) in page.text
        assert field(page, "q")["value"] == ""
        assert {"name": "robots", "content": "noindex"} in page.all("meta")


def test_without_an_index_the_pages_say_what_to_do() -> None:
    client = create_app(Settings(), FakeEngine(available=False)).test_client()
    for path in ("/", "/?q=مياه", "/articles/med-1"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        page = Page(answer.text)
        assert "fihris reindex" in page.text
        assert "تعذر الوصول إليه" in page.text  # it may be there, in a cluster that is down


def test_a_failure_inside_is_a_page_too(
    app: Flask, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(request: SearchRequest) -> SearchResults:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(engine, "search", fail)
    with caplog.at_level(logging.ERROR):
        answer = app.test_client().get("/?q=x")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "الخلل عندنا" in Page(answer.text).text
    assert "secret of the house" in caplog.text


def test_head_answers_like_get(client: FlaskClient) -> None:
    for path in ("/", "/?q=المدينة", "/articles/med-1"):
        head = client.head(path)
        assert head.status_code == 200
        assert head.data == b""


def test_the_examples_of_the_front_page_find_something(client: FlaskClient, sample_engine: Engine) -> None:
    page = client.get("/").get_data(as_text=True)
    examples = [unescape(found) for found in re.findall(r'<dt><code lang="ar" dir="rtl">(.*?)</code>', page)]
    assert len(examples) >= 5
    for example in examples:
        assert sample_engine.search(SearchRequest(example, match="all")).total > 0, example
