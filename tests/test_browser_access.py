"""axe-core, which is bundled and asks nobody, over every page and state, in both themes and languages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from fake_engine import ARTICLES, FakeEngine
from playwright.sync_api import Browser, Page
from visits import Opener
from werkzeug.serving import WSGIRequestHandler, make_server

from index.settings import Settings
from search.results import Note
from web import create_app

pytestmark = pytest.mark.timeout(300)

WIDTHS = (360, 768, 1440)
# ``incomplete`` is what axe leaves to people: colours over the washes of marks, which test_browser_looks measures.
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}
SCRIPT = Axe().axe_script
PAGES = {
    "front": "/",
    "results": f"/?q={quote('المدينه')}",
    "filtered": f"/?q={quote('البحر')}&category={quote('علوم')}&from=2024-01-01&to=2024-12-31",
    "nothing": f"/?q={quote('قسطنطوبولينا')}&category={quote('علوم')}",
    "beyond": f"/?q={quote('البحر')}&page=900",
    "missing": "/nowhere",
}


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Requests are not told."""


@contextmanager
def served(engine: FakeEngine) -> Iterator[str]:
    """The address of the pages over an engine in a state that the real one is seldom in."""
    server = make_server("127.0.0.1", 0, create_app(Settings(), engine), threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def states() -> Iterator[dict[str, str]]:
    """Pages that only an engine in trouble, or an empty one, gives."""
    partial = FakeEngine()
    partial.partial, partial.notes = True, (Note("widened", "لا مقال يجمع كل الكلمات."),)
    deep = FakeEngine()
    deep.total = 50_000
    with ExitStack() as stack:
        engines = (partial, FakeEngine(()), FakeEngine(available=False), deep, FakeEngine(ARTICLES))
        one, empty, none, many, odd = [stack.enter_context(served(engine)) for engine in engines]
        yield {
            "partial": f"{one}/?q={quote('العدد')}",
            "empty": f"{empty}/",
            "no index": f"{none}/",
            "deep": f"{many}/?q={quote('العدد')}&page=1000",
            "odd names": f"{odd}/?category={quote('قسم <u>')}",
        }


def violations(page: Page) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT)
    # Only these leave the browser: to hand over what is in order takes longer than to find it.
    found = page.evaluate("rules => axe.run(document, rules).then(told => told.violations)", RULES)
    return [f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]]


def widths(scheme: str, language: str = "ar") -> tuple[int, ...]:
    """All widths once; what a theme or a language changes it changes at each of them."""
    return WIDTHS if (scheme, language) == ("light", "ar") else WIDTHS[-1:]


@pytest.fixture
def reader(browser: Browser) -> Iterator[Page]:
    """A browser that may meet errors: the tests of visits allow none."""
    context = browser.new_context(locale="ar")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_no_page_violates_a_rule_of_axe(
    reader: Page, site: str, states: dict[str, str], scheme: str, language: str
) -> None:
    reader.emulate_media(color_scheme=scheme)
    reader.goto(f"{site}{PAGES['results']}")
    article = reader.locator(".hit-title a").first.get_attribute("href")
    pages = {**{name: f"{site}{path}" for name, path in PAGES.items()}, "article": f"{site}{article}", **states}
    for name, url in pages.items():
        reader.goto(url if language == "ar" else f"{url}{'&' if '?' in url else '?'}lang=en")
        assert reader.locator("html").get_attribute("lang") == language
        for width in widths(scheme, language):
            reader.set_viewport_size({"width": width, "height": 900})
            assert violations(reader) == [], (name, width)
        filters = reader.locator(".filters > details")
        if filters.count():
            reader.set_viewport_size({"width": 390, "height": 844})
            filters.locator("summary").first.click()
            assert violations(reader) == [], (name, "open filters")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/docs", "/embed", "/embed?lang=en"])
def test_no_page_for_programmers_violates_a_rule_of_axe(reader: Page, site: str, scheme: str, path: str) -> None:
    reader.emulate_media(color_scheme=scheme)
    reader.goto(f"{site}{path}")
    for width in widths(scheme):
        reader.set_viewport_size({"width": width, "height": 900})
        assert violations(reader) == [], width


def test_axe_would_tell(visit: Opener) -> None:
    """The rules are run at all: a page spoilt on purpose fails them."""
    page = visit("/")
    page.evaluate("""() => {
      document.querySelector('label[for=q]').remove();
      const box = document.getElementById('q');
      box.removeAttribute('placeholder');
      document.querySelector('.stock').setAttribute('aria-hidden', 'maybe');
    }""")
    assert {each.split(":")[0] for each in violations(page)} >= {"label", "aria-valid-attr-value"}
