"""Headers, static files, probes, and the service behind proxies and under a prefix."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from fake_engine import FakeEngine
from flask.testing import FlaskClient
from website import Page

from index.settings import Settings
from web import create_app

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(Settings(), FakeEngine()).test_client()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/?q=x",
        "/articles/med-1",
        "/none",
        "/api/search",
        "/api/none",
        "/healthz",
        "/robots.txt",
        "/static/fihris.css",
        "/static/none",
    ],
)
def test_every_answer_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path, buffered=True).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["img-src"] == policy["form-action"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_static_files_are_cached_for_good_by_fingerprint(client: FlaskClient) -> None:
    urls = re.findall(r'"(/static/[^"]+)"', client.get("/").text)
    names = {url.partition("?")[0].removeprefix("/static/") for url in urls}
    assert {name for name in names if not name.startswith("fonts/")} == {
        "fihris.css",
        "favicon.svg",
        "page.js",
        "suggest.js",
    }
    assert len(names) == 7
    for url in urls:
        answer = client.get(url, buffered=True)
        assert answer.status_code == 200
        assert answer.cache_control.immutable
        assert answer.cache_control.max_age == 365 * 24 * 3600
    plain = client.get("/static/fihris.css", buffered=True)
    assert plain.cache_control.max_age == 3600
    assert not plain.cache_control.immutable
    assert not client.get("/static/none").cache_control.public


def test_styles_ask_nobody_else(client: FlaskClient) -> None:
    css = client.get("/static/fihris.css", buffered=True).text
    assert "@import" not in css
    urls = re.findall(r'url\("?(.*?)"?\)', css)
    assert urls
    for url in urls:
        assert client.get(f"/static/{url}", buffered=True).status_code == 200


def test_fonts_are_named_by_their_content_and_fetched_early(client: FlaskClient) -> None:
    """The style sheet and the pages name them alike, or they would be fetched twice."""
    css = client.get("/static/fihris.css", buffered=True).text
    named = {f"/static/{url}" for url in re.findall(r'url\("(fonts/.*?)"\)', css)}
    page = Page(client.get("/").text)
    assert {each["href"] for each in page.all("link") if each.get("as") == "font"} == named
    for url in named:
        answer = client.get(url, buffered=True)
        assert hashlib.blake2b(answer.data, digest_size=6).hexdigest() in url
        assert answer.mimetype == "font/woff2"


def test_the_fonts_licences_lie_beside_them() -> None:
    fonts = ROOT / "web" / "static" / "fonts"
    for licence in ("OFL-Amiri.txt", "OFL-Plex.txt"):
        assert "SIL OPEN FONT LICENSE Version 1.1" in (fonts / licence).read_text("utf-8")


def test_health_never_asks_the_index() -> None:
    client = create_app(Settings(), FakeEngine(available=False)).test_client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == 503


def test_readiness_names_the_generation(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ready", "generation": "g-0001"}
    assert answer.cache_control.no_store


def test_nothing_is_closed_to_crawlers(client: FlaskClient) -> None:
    answer = client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    assert answer.text.splitlines() == ["User-agent: *", "Disallow:"]


def test_prefix_is_in_every_link() -> None:
    client = create_app(Settings(prefix="/a/search"), FakeEngine()).test_client()
    page = client.get("/a/search/?q=المدينة").text
    links = re.findall(r'(?:href|action|src)="(/[^"]*)"', page)
    assert links
    assert all(link.startswith("/a/search/") for link in links)
    assert client.get("/a/search/articles/a/b//c").status_code == 200
    answer = client.get("/a/search/api/search?per_page=2").json
    assert answer["links"]["next"] == "http://localhost/a/search/api/search?per_page=2&page=2"
    assert client.get("/a/search/api/none").mimetype == "application/problem+json"
    assert client.get("/a/search/static/fihris.css", buffered=True).status_code == 200
    assert client.get("/?q=x").status_code == 404
    assert client.get("/a/search", follow_redirects=True).status_code == 200


def test_proxies_are_believed_as_far_as_set() -> None:
    headers = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "news.example",
        "X-Forwarded-Prefix": "/find",
        "X-Forwarded-For": "192.0.2.1",
    }
    believing = create_app(Settings(proxies=1), FakeEngine()).test_client()
    url = believing.get("/api/search", headers=headers).json["links"]["self"]
    assert url == "https://news.example/find/api/search"
    doubting = create_app(Settings(), FakeEngine()).test_client()
    assert doubting.get("/api/search", headers=headers).json["links"]["self"] == "http://localhost/api/search"


@pytest.mark.parametrize("host", ["a b", "<x>", '"', ""])
def test_without_a_usable_host_links_are_paths(client: FlaskClient, host: str) -> None:
    answer = client.get("/api/search?per_page=2", headers={"Host": host})
    assert answer.json["links"]["next"] == "/api/search?per_page=2&page=2"
    assert '<link rel="canonical" href="/">' in client.get("/", headers={"Host": host}).text


def test_gunicorn_serves_by_the_configuration(tmp_path: Path) -> None:
    """The real server: raw bytes in the request line, slashes in ids, long questions, an orderly end."""
    application = tmp_path / "made_up.py"
    application.write_text(
        f"import sys\nsys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'tests')!r}]\n"
        "from fake_engine import FakeEngine\nfrom index.settings import Settings\nfrom web import create_app\n"
        "app = create_app(Settings(), FakeEngine())\n"
    )
    command = [sys.executable, "-m", "gunicorn", "-c", "python:web.gunicorn_config", "-b", "127.0.0.1:0"]
    server = subprocess.Popen(
        [*command, "--workers", "1", "--pythonpath", str(tmp_path), "made_up:app"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stderr is not None
        address = next(found[1] for line in server.stderr if (found := re.search(r"Listening at: (http://\S+)", line)))
        for path, status in (
            ("/healthz", 200),
            ("/articles/a/b//c", 200),
            ("/articles/%2Fleading", 200),
            ("/api/search?q=" + "%D8%A7" * 512 + "&source=" + "%D8%A7" * 300, 200),
            ("/?q=%FF%00&page=" + "9" * 4000, 200),
        ):
            with urllib.request.urlopen(address + path) as answer:  # noqa: S310 - our own address
                assert answer.status == status
    finally:
        server.terminate()
        _, rest = server.communicate(timeout=60)
    assert server.returncode == 0
    assert "Traceback" not in rest
