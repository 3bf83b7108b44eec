"""The search box to embed, in a real browser, on a page of another origin that allows as little as it can."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from servers import Serving, free_port, served
from visits import PHONE, WAIT, wideness

pytestmark = pytest.mark.timeout(180)

HOST_PAGE = """<!doctype html><html lang="{language}" dir="{direction}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Another site</title>
<script src="{site}/embed.js" defer></script></head><body>
<fihris-search {attributes}><a href="{site}/">البحث</a></fihris-search></body></html>"""


class Elsewhere:
    """A site of another origin, with a page that embeds the box."""

    def __init__(self, port: int, site: str) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.site = site
        self.attributes = ""
        self.language = "ar"

    def page(self) -> bytes:
        direction = "rtl" if self.language == "ar" else "ltr"
        return HOST_PAGE.format(
            site=self.site, attributes=self.attributes, language=self.language, direction=direction
        ).encode()


class Handler(BaseHTTPRequestHandler):
    def __init__(self, elsewhere: Elsewhere, *args: object) -> None:
        self._elsewhere = elsewhere
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        body = self._elsewhere.page() if self.path == "/" else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        site = self._elsewhere.site
        self.send_header("Content-Security-Policy", f"default-src 'none'; script-src {site}; connect-src {site}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def serving(sample_index: Path) -> Iterator[tuple[Serving, int]]:
    port = free_port()
    with served(sample_index, CORS_ORIGINS=f"http://127.0.0.1:{port}") as running:
        yield running, port


@pytest.fixture
def elsewhere(serving: tuple[Serving, int]) -> Iterator[Elsewhere]:
    running, port = serving
    other = Elsewhere(port, running.address)
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, other))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield other
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, locale="ar")
    context.set_default_timeout(WAIT)
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda message: faults.append(message.text) if "favicon" not in message.text else None)
    yield opened
    context.close()
    assert faults == []


def test_a_reader_of_another_site_searches(page: Page, elsewhere: Elsewhere) -> None:
    page.goto(elsewhere.address)
    box = page.get_by_role("searchbox", name="ابحث في المقالات")
    box.fill("المدينه")
    hits = page.locator("fihris-search li")
    expect(hits).to_have_count(5)
    expect(page.get_by_role("status")).to_have_text(re.compile(r"^\d+ (نتيجة|نتائج)$"))
    marks = page.locator("fihris-search mark").all_inner_texts()
    assert "المدينة" in marks
    assert page.locator("fihris-search form").evaluate("form => getComputedStyle(form).direction") == "rtl"
    assert wideness(page) == 0
    first = hits.first.get_by_role("link")
    title = first.inner_text()
    assert (first.get_attribute("href") or "").startswith(f"{elsewhere.site}/articles/")
    everything = page.get_by_role("link", name="كل النتائج")
    assert (everything.get_attribute("href") or "").startswith(f"{elsewhere.site}/?q=")
    first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.go_back()


def test_the_keyboard_is_enough(page: Page, elsewhere: Elsewhere) -> None:
    page.goto(elsewhere.address)
    page.keyboard.press("Tab")
    page.keyboard.type("البحر")
    page.keyboard.press("Enter")
    expect(page.locator("fihris-search li")).to_have_count(5)
    focused = (
        "() => { const at = document.activeElement.shadowRoot.activeElement; return at.localName + at.textContent }"
    )
    titles = page.locator("fihris-search li a").all_inner_texts()
    for title in titles[:2]:
        page.keyboard.press("ArrowDown")
        assert page.evaluate(focused) == f"a{title}"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(focused) == "input"
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox")).to_have_value("")
    expect(page.locator("fihris-search li")).to_have_count(0)


def test_attributes(page: Page, elsewhere: Elsewhere) -> None:
    elsewhere.language = "en"
    elsewhere.attributes = f'endpoint="{elsewhere.site}" placeholder="Find it" hits="2" link="original"'
    page.goto(elsewhere.address)
    box = page.get_by_role("searchbox", name="Search the articles")
    expect(box).to_have_attribute("placeholder", "Find it")
    box.fill("البحر")
    links = page.locator("fihris-search li a")
    expect(links).to_have_count(2)
    assert all(".example/" in (link.get_attribute("href") or "") for link in links.all())
    expect(page.get_by_role("status")).to_have_text(re.compile(r"^\d+ results$"))
    assert page.locator("fihris-search form").evaluate("form => getComputedStyle(form).direction") == "ltr"
    page.locator("fihris-search").evaluate("box => box.setAttribute('language', 'ar')")
    expect(page.get_by_role("searchbox", name="ابحث في المقالات")).to_be_visible()


def test_what_is_answered_never_becomes_html(page: Page, elsewhere: Elsewhere) -> None:
    text = "<img src=x onerror=alert(1)>\U0001f600 كلمة"
    at = len(text) - 4
    hostile = {
        "total": 1,
        "hits": [
            {
                "id": "../../x?<b>",
                "title": text,
                "url": "javascript:alert(1)",
                "source": "<script>alert(2)</script>",
                "published": "<i>",
                "highlights": {"title": [{"text": text, "ranges": [[at, at + 4]], "html": "<b>x</b>"}], "body": []},
            }
        ],
    }

    def answer(route: Route) -> None:
        headers = {"Access-Control-Allow-Origin": elsewhere.address}
        route.fulfill(json=hostile, headers=headers)

    page.route("**/api/search*", answer)
    elsewhere.attributes = 'link="original"'
    page.goto(elsewhere.address)
    page.get_by_role("searchbox").fill("كلمة")
    hit = page.locator("fihris-search li")
    expect(hit.locator("mark")).to_have_text("كلمة")
    assert hit.locator("a").inner_text() == text
    assert hit.locator("a").get_attribute("href") == (
        f"{elsewhere.site}/articles/..%2F..%2Fx%3F%3Cb%3E?q=%D9%83%D9%84%D9%85%D8%A9"
    )
    names = json.loads(hit.evaluate("hit => JSON.stringify([...hit.querySelectorAll('*')].map(e => e.localName))"))
    assert set(names) <= {"a", "bdi", "mark", "p"}
    expect(hit).to_contain_text("<script>alert(2)</script>")


def test_a_late_answer_does_not_replace_a_newer_one(page: Page, elsewhere: Elsewhere) -> None:
    page.goto(elsewhere.address)
    held: list[Route] = []
    page.route("**/api/search?q=%D8%A7%D9%84%D8%A8%D8%AD%D8%B1&*", lambda route: held.append(route))
    box = page.get_by_role("searchbox")
    with page.expect_request("**/api/search*"):
        box.fill("البحر")
    box.fill("قسطنطوبولينا")
    expect(page.get_by_role("status")).to_have_text("لا نتائج")
    for route in held:
        route.continue_()
    page.wait_for_timeout(300)
    expect(page.get_by_role("status")).to_have_text("لا نتائج")


def test_a_site_that_is_not_named_gets_a_sentence(browser: Browser, site: str, serving: tuple[Serving, int]) -> None:
    other = Elsewhere(free_port(), site)
    server = ThreadingHTTPServer(("127.0.0.1", int(other.address.rpartition(":")[2])), partial(Handler, other))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with browser.new_context(locale="ar") as context:
            page = context.new_page()
            page.goto(other.address)
            page.get_by_role("searchbox").fill("البحر")
            expect(page.get_by_role("status")).to_contain_text("لا يجيب البحث الآن")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_without_scripts_there_is_a_link(browser: Browser, elsewhere: Elsewhere) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(elsewhere.address)
        expect(page.get_by_role("link", name="البحث")).to_have_attribute("href", f"{elsewhere.site}/")


def test_the_page_that_shows_it_works_under_its_own_policy(page: Page, serving: tuple[Serving, int]) -> None:
    page.goto(f"{serving[0].address}/embed")
    page.locator("fihris-search").get_by_role("searchbox").fill("البحر")
    expect(page.locator("fihris-search li")).to_have_count(5)
    assert wideness(page) == 0
    assert f"{serving[0].address}/embed.js" in page.locator("pre").inner_text()
