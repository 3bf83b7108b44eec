"""How others find the search: OpenSearch, the box to embed, the readable description, and who may read the endpoint."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from fake_engine import FakeEngine
from flask import Flask
from flask.testing import FlaskClient
from website import Page

from index.settings import Settings, SettingsError
from search.request import MAX_PER_PAGE, MAX_QUERY_LENGTH
from web import create_app
from web.values import MAX_SUGGESTIONS

OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
NEWS, SHOP = "https://news.example", "http://shop.example:8080"


@pytest.fixture
def shared(engine: FakeEngine) -> FlaskClient:
    return create_app(Settings(cors_origins=f"{NEWS}, {SHOP}"), engine).test_client()


def described(client: FlaskClient, **headers: str) -> ElementTree.Element:
    answer = client.get("/opensearch.xml", headers=headers)
    assert answer.headers["Content-Type"] == "application/opensearchdescription+xml; charset=utf-8"
    return ElementTree.fromstring(answer.data)  # noqa: S314 - our own


def test_a_browser_can_add_the_site(client: FlaskClient) -> None:
    root = described(client, Host="search.example")
    assert root.tag == f"{OPENSEARCH}OpenSearchDescription"
    texts = {each.tag.removeprefix(OPENSEARCH): each.text for each in root}
    assert texts["ShortName"] == "فهرس"
    assert texts["InputEncoding"] == "UTF-8"
    urls = {each.get("type"): each.get("template") for each in root.findall(f"{OPENSEARCH}Url")}
    assert urls == {
        "text/html": "http://search.example/?q={searchTerms}&page={startPage?}",
        "application/atom+xml": "http://search.example/feed.atom?q={searchTerms}",
        "application/x-suggestions+json": "http://search.example/api/suggest?format=opensearch&q={searchTerms}",
        "application/opensearchdescription+xml": "http://search.example/opensearch.xml",
    }
    page = (urls["text/html"] or "").replace("{searchTerms}", "المتحدة").replace("{startPage?}", "")
    assert "نتيجة واحدة" in Page(client.get(page).text).text
    for path in ("/", "/?q=المدينة", "/articles/med-1", "/nowhere"):
        (head,) = (each for each in Page(client.get(path).text).all("link") if each["rel"] == "search")
        assert (head["type"], head["href"]) == ("application/opensearchdescription+xml", "/opensearch.xml")


def test_a_long_name_is_cut_for_browsers(engine: FakeEngine) -> None:
    root = described(create_app(Settings(site_name="أرشيف الصحافة العربية كاملًا"), engine).test_client())
    (name,) = (each.text or "" for each in root if each.tag == f"{OPENSEARCH}ShortName")
    assert 0 < len(name) <= 16


def test_there_is_an_icon_where_programs_look_for_one(client: FlaskClient) -> None:
    answer = client.get("/favicon.ico", buffered=True)
    assert answer.status_code == 200
    assert answer.mimetype == "image/svg+xml"
    assert answer.data == client.get("/static/favicon.svg", buffered=True).data


def bare(text: str) -> str:
    return text.replace("`", "")


def test_the_description_for_people_tells_what_the_one_for_programs_does(client: FlaskClient) -> None:
    document = client.get("/openapi.json").json
    answer = client.get("/docs")
    page = Page(answer.text)
    assert page.foreign_scripts() == []
    assert len(page.all("h1")) == 1
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert f"GET {path}" in page.text
            assert bare(operation["summary"]) in page.text
            for parameter in operation["parameters"]:
                assert bare(parameter["description"]) in page.text
            assert all(bare(each["description"]) in page.text for each in operation["responses"].values())
    for schema in document["components"]["schemas"].values():
        assert all(name in page.text for name in schema["properties"])
    assert "`" not in answer.text
    assert "<code>jsonl</code>, <code>csv</code>: every matching article" in answer.text
    for limit in (f"1 to {MAX_PER_PAGE}", f"1 to {MAX_SUGGESTIONS}", f"at most {MAX_QUERY_LENGTH} characters"):
        assert limit in page.text
    ids = {each["id"] for _, each in page.tags if "id" in each}
    anchors = [link.removeprefix("#") for link in page.links() if link.startswith("#")]
    assert len(anchors) > 10
    assert set(anchors) <= ids


def test_the_page_of_the_box_allows_its_script_and_nothing_more(client: FlaskClient) -> None:
    answer = client.get("/embed", headers={"Host": "search.example"})
    assert answer.headers["Content-Security-Policy"] == client.get("/").headers["Content-Security-Policy"]
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert {value for name, value in policy.items() if name.endswith("-src")} == {"'none'", "'self'"}
    page = Page(answer.text)
    assert [each["src"] for each in page.foreign_scripts()] == ["/embed.js"]
    assert '<script src="http://search.example/embed.js" defer></script>' in page.text
    assert "FIHRIS_CORS_ORIGINS" in page.text
    script = client.get("/embed.js", buffered=True)
    assert script.mimetype == "text/javascript"
    assert "innerHTML" not in script.text
    assert re.findall(r"https?://", script.text) == []


def test_nobody_else_may_read_unless_the_operator_says_so(client: FlaskClient) -> None:
    answer = client.get("/api/search", headers={"Origin": NEWS})
    assert not [name for name in dict(answer.headers) if name.startswith("Access-Control")]
    assert "Origin" not in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/api/search?q=x", "/api/search?page=0", "/api/articles/med-1", "/api/nowhere"])
def test_named_origins_may_read_the_endpoint(shared: FlaskClient, path: str) -> None:
    for origin in (NEWS, SHOP, NEWS.upper()):
        answer = shared.get(path, headers={"Origin": origin})
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Link" in answer.headers["Access-Control-Expose-Headers"]
    for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": f"{NEWS}.evil.example"}, {"Origin": "null"}):
        answer = shared.get(path, headers=headers)
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert {"Origin", "Accept-Encoding"} <= set(answer.headers["Vary"].split(", "))


def test_what_is_unchanged_may_be_read_too(shared: FlaskClient) -> None:
    tag = shared.get("/api/search").headers["ETag"]
    answer = shared.get("/api/search", headers={"Origin": NEWS, "If-None-Match": tag})
    assert answer.status_code == 304
    assert answer.headers["Access-Control-Allow-Origin"] == NEWS
    assert "Origin" in answer.headers["Vary"]


def test_browsers_that_ask_first_are_answered(shared: FlaskClient) -> None:
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "If-None-Match"}
    answer = shared.options("/api/search", headers={"Origin": NEWS, **asked})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == NEWS
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert answer.headers["Access-Control-Allow-Headers"] == "If-None-Match"
    assert int(answer.headers["Access-Control-Max-Age"]) > 0


@pytest.mark.parametrize("path", ["/", "/articles/med-1", "/readyz", "/metrics", "/feed.atom"])
def test_only_the_endpoint_may_be_read(shared: FlaskClient, path: str) -> None:
    assert "Access-Control-Allow-Origin" not in shared.get(path, headers={"Origin": NEWS}).headers


def test_only_allowed_hosts_are_answered(engine: FakeEngine) -> None:
    client = create_app(Settings(allowed_hosts="search.example .news.example"), engine).test_client()
    for host in ("search.example", "search.example:8000", "news.example", "www.news.example"):
        answer = client.get("/api/search", headers={"Host": host})
        assert answer.json["links"]["self"] == f"http://{host}/api/search"
    for host in ("evil.example", "search.example.evil.example", "localhost", "a b", ""):
        for path in ("/", "/api/search", "/feed.atom", "/nowhere"):
            answer = client.get(path, headers={"Host": host})
            assert answer.status_code == 400, host
            assert answer.mimetype == "application/problem+json"
            assert "FIHRIS_ALLOWED_HOSTS" in answer.json["detail"]
        assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_allowed_hosts_are_those_that_a_believed_proxy_was_asked_for(engine: FakeEngine) -> None:
    client = create_app(Settings(allowed_hosts="search.example", proxies=1), engine).test_client()
    headers = {"Host": "127.0.0.1:8000", "X-Forwarded-Host": "search.example", "X-Forwarded-Proto": "https"}
    assert client.get("/api/search", headers=headers).json["links"]["self"] == "https://search.example/api/search"
    assert client.get("/api/search", headers={**headers, "X-Forwarded-Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("CORS_ORIGINS", "*", "FIHRIS_CORS_ORIGINS: '*' is no origin"),
        ("CORS_ORIGINS", "https://a.example/path", "is no origin such as https://news.example.org"),
        ("CORS_ORIGINS", "news.example", "is no origin"),
        ("ALLOWED_HOSTS", "https://a.example", "FIHRIS_ALLOWED_HOSTS: 'https://a.example' is no host name"),
        ("METRICS_ALLOW", "everyone", "FIHRIS_METRICS_ALLOW: 'everyone' is no address"),
        ("METRICS_ALLOW", "10.0.0.1/8", "is no address, no network"),
        ("LOG_QUERIES", "yes", "FIHRIS_LOG_QUERIES: 'yes' is not 0 or 1"),
        ("CACHE_SECONDS", "-1", "FIHRIS_CACHE_SECONDS: must be 0 to 86400"),
        ("EXPORTS", "-1", "FIHRIS_EXPORTS: must be 0"),
    ],
)
def test_a_bad_setting_is_named(name: str, value: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(sentence)):
        Settings.from_environment({f"FIHRIS_{name}": value})


def test_switches_are_0_or_1() -> None:
    settings = Settings.from_environment({"FIHRIS_LOG_QUERIES": "1", "FIHRIS_LOG_REQUESTS": "0"})
    assert (settings.log_queries, settings.log_requests) == (True, False)
    assert isinstance(create_app(settings, FakeEngine()), Flask)
