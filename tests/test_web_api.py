"""The endpoint for programs: the JSON it promises, its links and its problems."""

from __future__ import annotations

import logging
import re
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from fake_engine import ARTICLES, FakeEngine
from flask import Flask, url_for
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from index.article import Article
from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.ranking import RANKING
from search.request import SearchRequest
from search.results import Note, SearchResults
from web import create_app


def links_of(answer: TestResponse) -> dict[str, str]:
    """The Link header as relation → URL."""
    found = {}
    for part in answer.headers.get("Link", "").split(", "):
        if part:
            url, _, relation = part.partition("; ")
            found[relation.removeprefix('rel="').removesuffix('"')] = url.strip("<>")
    return found


def test_search_answers_every_key_of_the_contract(client: FlaskClient, engine: FakeEngine) -> None:
    engine.notes = (Note("some", "جملة للناس"),)
    answer = client.get("/api/search", query_string={"q": "المتحدة", "source": "صحيفة المرفأ"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    article = asdict(ARTICLES[0])
    body = article.pop("body")
    head = body[:160]
    spans = [[at, at + len("المتحدة")] for at in range(len(head)) if head.startswith("المتحدة", at)]
    assert len(spans) == 1
    begin, end = spans[0]
    assert answer.json == {
        "query": {"text": "المتحدة", "match": "all", "notes": ["جملة للناس"], "corrected": None},
        "total": 1,
        "total_relation": "eq",
        "partial": False,
        "page": 1,
        "per_page": 10,
        "took_ms": 1.25,
        "hits": [
            {
                **article,
                "score": 1.5,
                "highlights": {
                    "title": [
                        {
                            "text": article["title"],
                            "ranges": [[6, 13]],
                            "html": article["title"].replace("المتحدة", "<mark>المتحدة</mark>"),
                        }
                    ],
                    "body": [
                        {
                            "text": head,
                            "ranges": spans,
                            "html": f"{head[:begin]}<mark>{head[begin:end]}</mark>{head[end:]}",
                        }
                    ],
                },
                "why": [{"kind": "exact", "words": ["المتحدة"], "fields": ["title", "body"]}],
            }
        ],
        "facets": {
            "source": [{"value": "صحيفة المرفأ", "count": 1}],
            "category": [{"value": "علوم", "count": 1}],
            "author": [{"value": "ليلى الحدّاد", "count": 1}],
            "year": [{"value": "2016", "count": 1}],
        },
        "links": {
            "self": "http://localhost/api/search?q=%D8%A7%D9%84%D9%85%D8%AA%D8%AD%D8%AF%D8%A9"
            "&source=%D8%B5%D8%AD%D9%8A%D9%81%D8%A9+%D8%A7%D9%84%D9%85%D8%B1%D9%81%D8%A3",
            "next": None,
            "prev": None,
        },
    }


def test_json_holds_arabic_as_it_is(client: FlaskClient) -> None:
    assert "الأمم المتحدة" in client.get("/api/search?q=المتحدة").data.decode("utf-8")


def test_partial_answers_say_so(client: FlaskClient, engine: FakeEngine) -> None:
    engine.partial = True
    answer = client.get("/api/search").json
    assert answer["partial"] is True
    assert answer["total_relation"] == "gte"


def test_missing_facets_are_empty_lists(app: Flask, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = SearchResults("", "all", (), 0, 1, 10, 0.1, (), {})
    monkeypatch.setattr(engine, "search", lambda request: bare)
    facets = app.test_client().get("/api/search").json["facets"]
    assert facets == {"source": [], "category": [], "author": [], "year": []}


def test_links_lead_through_all_pages_and_back(client: FlaskClient) -> None:
    seen: list[str] = []
    url: str | None = "/api/search?per_page=7&sort=newest"
    forward: list[str] = []
    while url:
        answer = client.get(url)
        seen += [hit["id"] for hit in answer.json["hits"]]
        forward.append(answer.json["links"]["self"])
        assert links_of(answer).get("next") == answer.json["links"]["next"]
        assert links_of(answer).get("prev") == answer.json["links"]["prev"]
        assert links_of(answer)["first"] == forward[0]
        url = answer.json["links"]["next"]
    assert sorted(seen) == sorted(article.id for article in ARTICLES)
    assert len(forward) == -(-len(ARTICLES) // 7)
    backward = [forward[-1]]
    while previous := client.get(backward[-1]).json["links"]["prev"]:
        backward.append(previous)
    assert backward == forward[::-1]


def test_from_beyond_the_end_the_way_back_leads_to_the_last_page(client: FlaskClient) -> None:
    answer = client.get("/api/search?per_page=7&page=500").json
    assert answer["hits"] == []
    assert answer["total"] == len(ARTICLES)
    assert answer["links"]["next"] is None
    assert answer["links"]["prev"].endswith(f"per_page=7&page={-(-len(ARTICLES) // 7)}")


def test_paging_ends_at_the_depth(client: FlaskClient, engine: FakeEngine) -> None:
    engine.total = 50_000
    assert client.get("/api/search?page=999").json["links"]["next"].endswith("page=1000")
    assert client.get("/api/search?page=1000").json["links"]["next"] is None
    # 30 does not divide the depth: the next page would end beyond it.
    assert client.get("/api/search?page=333&per_page=30").json["links"]["next"] is None


def test_link_header_stays_small_enough_for_proxies(client: FlaskClient) -> None:
    answer = client.get("/api/search", query_string={"q": "😀" * 512, "page": 3})
    assert len(answer.headers.get("Link", "")) <= 2500
    assert answer.json["links"]["prev"]
    longer = client.get("/api/search", query_string={"q": "ا" * 300, "page": 1})
    assert links_of(longer) == {"first": longer.json["links"]["self"]}


@pytest.mark.parametrize("article", ARTICLES[:5], ids=lambda article: article.id)
def test_stored_articles_are_given_back_whole(app: Flask, client: FlaskClient, article: Article) -> None:
    with app.test_request_context():
        url = url_for("api.article", article_id=article.id)
    answer = client.get(url)
    assert answer.status_code == 200
    assert answer.json == asdict(article)


def test_article_takes_no_parameters(client: FlaskClient) -> None:
    answer = client.get("/api/articles/med-1?q=x")
    assert answer.status_code == 400
    assert answer.json["errors"] == [{"parameter": "q", "detail": "unknown parameter"}]


@pytest.mark.parametrize("path", ["/api/articles/none", "/api/articles/", "/api/none", "/api", "/api/search/"])
def test_unknown_is_a_404_problem(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert answer.json.keys() == {"type", "title", "status", "detail"}
    assert answer.json["status"] == 404
    assert answer.json["title"] == "Not Found"
    assert answer.json["type"] == "about:blank"


def test_other_methods_are_a_405_problem(client: FlaskClient) -> None:
    answer = client.post("/api/search", json={"q": "x"})
    assert answer.status_code == 405
    assert answer.json["status"] == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_no_index_is_a_503_problem() -> None:
    client = create_app(Settings(), FakeEngine(available=False)).test_client()
    for path in ("/api/search", "/api/articles/med-1"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert answer.mimetype == "application/problem+json"
        # What holds for an index that was never built, and for a cluster that is down.
        assert "cannot be reached, which passes by itself" in answer.json["detail"]
        assert "fihris reindex" in answer.json["detail"]
        assert int(answer.headers["Retry-After"]) > 0


def test_a_failure_inside_is_logged_and_not_told(
    app: Flask, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(request: SearchRequest) -> SearchResults:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(engine, "search", fail)
    with caplog.at_level(logging.ERROR):
        answer = app.test_client().get("/api/search")
    assert answer.status_code == 500
    assert answer.json["status"] == 500
    assert "secret" not in answer.text
    assert "secret of the house" in caplog.text


def test_head_and_options(client: FlaskClient) -> None:
    full = client.get("/api/search?q=مياه")
    head = client.head("/api/search?q=مياه")
    assert head.status_code == 200
    assert head.data == b""
    assert head.headers["Content-Length"] == str(len(full.data))
    assert client.head("/api/search?page=0").status_code == 400
    options = client.options("/api/search")
    assert options.status_code == 200
    assert "GET" in options.headers["Allow"]


def test_links_keep_what_was_asked_of_total_and_explanation(client: FlaskClient, engine: FakeEngine) -> None:
    links = client.get("/api/search?per_page=7&page=2&total=bound&explain=1").json["links"]
    for name in ("self", "next", "prev"):
        assert "total=bound" in links[name]
        assert "explain=1" in links[name]
    client.get(links["next"])
    assert (engine.requests[-1].page, engine.requests[-1].total, engine.requests[-1].explain) == (3, "bound", True)
    assert not re.search("total|explain", client.get("/api/search?total=exact&explain=0").json["links"]["next"])


def test_an_explanation_is_there_where_it_is_asked_for(sample_index: Path) -> None:
    client = create_app(Settings(index=sample_index)).test_client()
    asked = {"q": 'مدينة "في المدينة" بح*', "match": "any", "per_page": "100"}
    hits = client.get("/api/search", query_string={**asked, "explain": "1"}).json["hits"]
    assert len(hits) > 20
    kinds = set()
    for hit in hits:
        assert sum(reason["score"] for reason in hit["explanation"]) == pytest.approx(hit["score"], abs=1e-3)
        for reason in hit["explanation"]:
            assert reason.keys() == {"kind", "text", "field", "score", "evidence"}
            assert bool(reason["evidence"]) == (reason["kind"] in {"word", "phrase", "prefix"})
            for evidence in reason["evidence"]:
                assert evidence.keys() == {"form", "kind", "field", "frequency", "weight", "length", "vocalisation"}
            kinds.add(reason["kind"])
    assert kinds == {"word", "phrase", "prefix", "coverage", "early"}
    for explain in ({}, {"explain": "0"}):
        plain = client.get("/api/search", query_string={**asked, **explain}).json["hits"]
        assert plain == [{name: hit[name] for name in hit if name != "explanation"} for hit in hits]


def test_a_bound_on_the_total_says_that_it_is_one(sample_index: Path) -> None:
    settings = Settings(index=sample_index)
    # The second pass wants more of the best than the sample has articles: without it one is enough.
    client = create_app(settings, EmbeddedEngine(settings, replace(RANKING, window=0))).test_client()
    asked = {"q": "مدينة القمر الاصطناعي", "match": "any", "per_page": "1"}
    exact = client.get("/api/search", query_string=asked).json
    bound = client.get("/api/search", query_string={**asked, "total": "bound"}).json
    assert (exact["total_relation"], bound["total_relation"]) == ("eq", "gte")
    assert bound["total"] < exact["total"]
    assert bound["hits"] == exact["hits"]
