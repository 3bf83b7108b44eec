"""The page of an article: what it shows, and that every id has one."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote

import pytest
from fake_engine import ARTICLES
from flask import Flask, url_for
from flask.testing import FlaskClient
from website import Page, results_of

from index.article import Article


def test_article_page_shows_everything(client: FlaskClient) -> None:
    answer = client.get("/articles/med-1?q=المتحدة")
    page = Page(answer.text)
    article = ARTICLES[0]
    assert article.title in page.text
    paragraphs = re.findall(r'<p dir="auto">(.*?)</p>', answer.text)
    assert [unescape(re.sub("<.*?>", "", each)) for each in paragraphs] == re.split(r"[\r\n]+", article.body)
    assert paragraphs[0].startswith("أعلنت الأمم <mark>المتحدة</mark> في جنيف")
    assert "الأمم <mark>المتحدة</mark>" in paragraphs[2]
    assert "<bdi>AquaSense C++</bdi>" in paragraphs[1]
    external = [each for each in page.all("a") if each.get("rel") == "noopener nofollow"]
    assert [each["href"] for each in external] == [article.url]
    assert "almarfa.example" in page.text
    assert "/?author=ليلى+الحدّاد" in map(unquote, page.links())


def test_article_page_without_a_question_has_no_results_to_go_back_to(client: FlaskClient) -> None:
    page = Page(client.get("/articles/med-1").text)
    assert page.all("mark") == []
    assert "إلى النتائج" not in page.text
    assert "/" in page.links()


def test_an_article_without_a_title_has_a_name_to_click(client: FlaskClient) -> None:
    page = results_of(client, source="موقع ضفاف")
    assert "مقال بلا عنوان" in page.text
    assert "مقال بلا عنوان" in Page(client.get("/articles/%2Fleading").text).text


@pytest.mark.parametrize("article", ARTICLES[:6], ids=lambda article: article.id)
def test_every_id_has_a_page_that_links_reach(app: Flask, client: FlaskClient, article: Article) -> None:
    with app.test_request_context():
        url = url_for("pages.article", article_id=article.id, q="س")
    assert "//" not in url
    answer = client.get(url)
    assert answer.status_code == 200
    assert unescape(re.search(r'rel="canonical" href="http://localhost(.*?)"', answer.text)[1]) == url.partition("?")[0]


def test_ids_work_with_their_slashes_unescaped_too(client: FlaskClient) -> None:
    assert ARTICLES[1].title in client.get("/articles/a/b//c").text
    assert "حلب" in client.get("/articles//leading").text
    assert client.get("/api/articles/a/b//c").json["id"] == "a/b//c"
