"""The pages in a real browser, from the real server, as visitors use them: with and without JavaScript, by keyboard."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, expect, sync_playwright

pytestmark = pytest.mark.timeout(120)

ROOT = Path(__file__).parent.parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
FLAGS += ["--disable-sync", "--no-first-run"]
WAIT = 10_000
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}

ODD_QUESTIONS = (
    '"',
    '"البحر',
    "((((",
    "-",
    "-البحر",
    "أو",
    "؟!،",
    "🙂 البحر",
    "title:",
    'title:"البحر"',
    "ال*",
    "ـــــ",
    "\u202eالبحر\u202c",
    "<script>alert(1)</script>",
    "C++ & 100% \\ البحر",
    "م" * 512,
    "البحر " * 85,
)

# A letter, vowel sign or digit right before or after a mark: it would cover a part of a word.
CUT_MARKS = r"""() => {
  const part = /[\p{L}\p{M}\p{Nd}\u0640]/u, cut = [];
  for (const block of document.querySelectorAll('.hit-title, .fragment, .article h1, .body p')) {
    for (const mark of block.querySelectorAll('mark')) {
      const before = document.createRange(), after = document.createRange();
      before.setStart(block, 0); before.setEndBefore(mark);
      after.setStartAfter(mark); after.setEnd(block, block.childNodes.length);
      const last = before.toString().slice(-1), first = after.toString().slice(0, 1);
      if (part.test(last) || part.test(first)) cut.push(last + '[' + mark.textContent + ']' + first);
    }
  }
  return cut;
}"""
# Text that stands out too little from what is behind it (WCAG 2.2, 1.4.3); marks lie on a colour of their own.
FAINT = r"""(selectors) => {
  const pen = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const read = colour => {
    pen.clearRect(0, 0, 1, 1); pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = element => {
    if (element.localName === 'mark') return read(getComputedStyle(element).getPropertyValue('--mark'));
    for (let at = element; at; at = at.parentElement) {
      const colour = read(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const selector of selectors) {
    const element = document.querySelector(selector);
    if (!element) { faint.push(selector + ' is missing'); continue; }
    const pair = [light(read(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
    const contrast = (pair[0] + .05) / (pair[1] + .05);
    if (contrast < 4.5) faint.push(selector + ' ' + contrast.toFixed(2));
  }
  return faint;
}"""


@pytest.fixture(scope="session")
def site(sample_index: Path) -> Iterator[str]:
    """The address of ``fihris serve`` over the bundled sample."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"FIHRIS_INDEX": str(sample_index), "FIHRIS_PORT": str(port), "FIHRIS_WORKERS": "1"}
    server = subprocess.Popen(
        [sys.executable, "-m", "web.commands", "serve"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("FIHRIS_")} | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stderr is not None
        # From here on connections are taken; the request waits until there is a worker.
        assert any("Listening at" in line for line in server.stderr), "the server ended at once"
        address = f"http://127.0.0.1:{port}"
        with urllib.request.urlopen(f"{address}/readyz", timeout=60) as answer:  # noqa: S310 - our own address
            assert answer.status == 200
        yield address
    finally:
        server.terminate()
        _, told = server.communicate(timeout=60)
    assert "Traceback" not in told


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        yield running
        running.close()


Opener = Callable[..., Page]


@pytest.fixture
def faults() -> list[str]:
    """What browsers complained about; every test ends with none."""
    return []


@pytest.fixture
def visit(browser: Browser, site: str, faults: list[str]) -> Iterator[Opener]:
    """Opens a path of the site in a browser of its own, whose complaints become ``faults``."""
    contexts: list[BrowserContext] = []

    def open_page(path: str = "/", scripts: bool = True, size: dict[str, int] = DESK, scheme: str = "light") -> Page:
        context = browser.new_context(
            base_url=site, viewport=size, color_scheme=scheme, java_script_enabled=scripts, locale="ar"
        )
        contexts.append(context)
        context.set_default_timeout(WAIT)
        page = context.new_page()
        page.on("console", lambda message: faults.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("requestfailed", lambda request: _check_failure(request, faults))
        context.on("request", lambda request: _check_origin(request.url, site, faults))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def _check_origin(url: str, site: str, faults: list[str]) -> None:
    if not url.startswith(f"{site}/"):
        faults.append(f"elsewhere: {url}")


def _check_failure(request: Request, faults: list[str]) -> None:
    # What was still on its way when the visitor went on is given up by the browser itself.
    if request.failure != "net::ERR_ABORTED":
        faults.append(f"failed: {request.url} {request.failure}")


def ask(page: Page, words: str) -> None:
    page.get_by_role("searchbox").fill(words)
    with page.expect_navigation():
        page.get_by_role("searchbox").press("Enter")


def total(page: Page) -> int:
    """How many articles the page says that it found."""
    text = page.get_by_role("status").inner_text()
    words = {"لا نتائج": 0, "نتيجة واحدة": 1, "نتيجتان": 2}
    return words[text] if text in words else int(re.sub(r"\D", "", text))


def titles(page: Page) -> list[str]:
    return page.locator(".hit-title").all_inner_texts()


def choice(page: Page, value: str) -> Locator:
    return page.locator(".filters .choice").filter(has=page.get_by_text(value, exact=True))


def wideness(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def tab_to(page: Page, selector: str, most: int) -> None:
    """Press Tab until the element has the focus, visibly so."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"{selector} was not reached by {most} tabs")


def test_a_visit(visit: Opener, scripts: bool) -> None:
    page = visit("/", scripts)
    expect(page).to_have_title(re.compile("فهرس"))
    expect(page.get_by_role("searchbox")).to_be_focused()
    assert len(titles(page)) == 8

    ask(page, "المدينه")  # with the letter that is often written for ة
    everything = total(page)
    assert everything > 20
    assert len(titles(page)) == 10
    marks = page.locator(".hit mark").all_inner_texts()
    assert "المدينة" in marks
    assert page.evaluate(CUT_MARKS) == []
    first_page = page.url

    promised = int(choice(page, "ثقافة").locator(".count").inner_text())
    choice(page, "ثقافة").click()
    chip = page.locator(".chip.active")
    expect(chip).to_contain_text("القسم: ثقافة")
    assert total(page) == promised < everything
    assert set(page.locator(".meta-category").all_inner_texts()) == {"ثقافة"}
    chip.click()
    expect(chip).to_have_count(0)
    assert (page.url, total(page)) == (first_page, everything)

    page.get_by_role("link", name="الأحدث").click()
    expect(page.get_by_role("link", name="الأحدث")).to_have_attribute("aria-current", "true")
    days = page.locator(".hit time").evaluate_all("times => times.map(time => time.dateTime)")
    assert len(days) == 10
    assert all(later >= earlier for later, earlier in pairwise(days))
    newest = titles(page)

    page.get_by_role("link", name="التالي").click()
    expect(page.locator(".pager [aria-current]")).to_have_text(re.compile("2$"))
    assert set(titles(page)).isdisjoint(newest)
    assert page.locator(".hit time").first.get_attribute("datetime") <= days[-1]
    page.get_by_role("link", name="السابق").click()
    expect(page.locator(".pager [aria-current]")).to_have_text(re.compile("1$"))
    assert titles(page) == newest
    page.go_back()
    assert "page=2" in page.url

    results, title = page.url, titles(page)[3]
    page.locator(".hit-title a").nth(3).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert page.locator(".article mark").count() > 0
    assert page.evaluate(CUT_MARKS) == []
    page.get_by_role("link", name="إلى النتائج").click()
    assert page.url == results
    expect(page.get_by_role("searchbox")).to_have_value("المدينه")


def test_forms_of_a_word_are_marked_whole(visit: Opener, scripts: bool) -> None:
    page = visit("/", scripts)
    ask(page, "الطاقه الشمسيه")
    marks = set(page.locator(".hit mark").all_inner_texts())
    assert {"الطاقة", "الشمسية"} <= marks
    assert page.evaluate(CUT_MARKS) == []


def test_days_narrow_the_results(visit: Opener, scripts: bool) -> None:
    page = visit(f"/?q={quote('البحر')}", scripts)
    everything = total(page)
    page.get_by_label("من", exact=True).fill("2026-01-01")
    page.get_by_role("button", name="طبّق").click()
    expect(page.locator(".chip.active")).to_contain_text("منذ 1 كانون الثاني/يناير 2026")
    assert 0 < total(page) < everything
    assert all(day >= "2026" for day in page.locator(".hit time").evaluate_all("all => all.map(one => one.dateTime)"))
    expect(page.get_by_label("من", exact=True)).to_have_value("2026-01-01")


def test_browsing_from_the_front_page(visit: Opener, scripts: bool) -> None:
    page = visit("/", scripts)
    page.get_by_role("navigation", name="الأقسام").get_by_role("link", name="رياضة").click()
    expect(page.locator(".chip.active")).to_contain_text("رياضة")
    ask(page, "البحر")  # the question goes on within the category
    expect(page.locator(".chip.active")).to_contain_text("رياضة")
    page.locator(".hit-title a").first.click()
    page.locator(".meta-author a").click()
    expect(page.locator(".chip.active")).to_contain_text("الكاتب")
    page.get_by_role("link", name="فهرس").first.click()
    expect(page.locator(".wordmark")).to_have_text("فهرس")


def test_nothing_found(visit: Opener, scripts: bool) -> None:
    page = visit(f"/?category={quote('علوم')}", scripts)
    ask(page, "قسطنطوبولينا")
    expect(page.get_by_role("status")).to_have_text("لا نتائج")
    expect(page.get_by_role("heading", name="لم نجد ما يطابق سؤالك")).to_be_visible()
    page.get_by_role("link", name="ابحث من دون مرشّحات").click()
    expect(page.locator(".chip.active")).to_have_count(0)
    page.get_by_role("link", name="تصفّح كل المقالات").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("كل المقالات")
    assert len(titles(page)) == 10


def test_odd_questions(visit: Opener) -> None:
    page = visit("/", False, PHONE)
    for words in ODD_QUESTIONS:
        ask(page, words)
        assert page.get_by_role("searchbox").input_value() == words
        assert page.get_by_role("heading", level=1).count() == 1, words
        assert page.get_by_role("status").is_visible(), words
        assert page.evaluate(CUT_MARKS) == [], words
        assert wideness(page) == 0, words


def test_a_question_with_a_colon_reads_from_its_own_side(visit: Opener) -> None:
    page = visit(f"/?q={quote('title:البحر')}")
    assert page.get_by_role("searchbox").evaluate("box => getComputedStyle(box).direction") == "ltr"
    ask(page, "البحر")
    assert page.get_by_role("searchbox").evaluate("box => getComputedStyle(box).direction") == "rtl"


def test_a_phone(visit: Opener, scripts: bool) -> None:
    page = visit("/", scripts, PHONE)
    assert wideness(page) == 0
    ask(page, "المدينه")
    assert wideness(page) == 0
    category = choice(page, "مدن")
    expect(category).to_be_hidden()
    filters = page.get_by_text("تصفية النتائج", exact=True)
    assert filters.bounding_box()["y"] < page.locator(".hit").first.bounding_box()["y"]
    filters.click()
    expect(category).to_be_visible()
    assert wideness(page) == 0
    category.click()
    expect(page.locator(".chip.active")).to_contain_text("مدن")
    expect(choice(page, "علوم")).to_be_hidden()
    page.locator(".hit-title a").first.click()
    expect(page.locator(".article")).to_be_visible()
    assert wideness(page) == 0


def test_no_window_is_too_narrow(visit: Opener) -> None:
    page = visit("/")
    paths = ["/", f"/?q={quote('المدينه')}&category={quote('مدن')}&source={quote('مجلة مدارات')}&from=2020-01-01"]
    page.goto(paths[1])
    paths += [page.locator(".hit-title a").first.get_attribute("href"), f"/?q={quote('قسطنطوبولينا')}"]
    for path in paths:
        page.goto(path)
        for width in (320, 360, 390, 768, 959, 960, 1280, 1440):
            page.set_viewport_size({"width": width, "height": 800})
            assert wideness(page) == 0, (width, path)


def test_on_a_desk_the_filters_are_open(visit: Opener, scripts: bool) -> None:
    page = visit(f"/?q={quote('المدينه')}", scripts)
    expect(choice(page, "مدن")).to_be_visible()
    expect(page.get_by_text("تصفية النتائج", exact=True)).to_be_hidden()
    results, filters = page.locator(".hits").bounding_box(), page.locator(".filters").bounding_box()
    assert filters["x"] + filters["width"] <= results["x"]  # Arabic begins on the right


def test_keyboard_alone(visit: Opener, scripts: bool) -> None:
    page = visit("/?sort=newest", scripts)
    tab_to(page, ".skip", 1)
    expect(page.locator(".skip")).to_be_in_viewport()
    tab_to(page, "#q", 2)
    page.keyboard.type("المدينه")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "المدينه" in unquote(url))
    first = titles(page)[0]
    tab_to(page, "#q", 3)
    tab_to(page, ".hit-title a", 6)
    focused = page.locator(":focus")
    expect(focused).to_have_text(first)
    assert focused.evaluate("link => getComputedStyle(link).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(first)
    tab_to(page, ".skip", 1)
    page.keyboard.press("Enter")
    tab_to(page, ".back a", 1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_be_visible()


def test_on_a_desk_the_filters_are_reached_after_the_results(visit: Opener) -> None:
    page = visit(f"/?q={quote('الطاقه الشمسيه')}")
    page.locator(".hit-title a").last.focus()
    tab_to(page, ".filters .choice", 1)


def test_on_a_phone_the_filters_are_reached_before_the_results(visit: Opener) -> None:
    page = visit(f"/?q={quote('المدينه')}", size=PHONE)
    if not page.evaluate("CSS.supports('reading-flow', 'grid-order')"):
        pytest.skip("this Chromium takes the order of the document for that of reading")
    page.locator("#search-form button").focus()
    tab_to(page, ".filters summary", 1)
    tab_to(page, ".hit-title a", 5)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_both_schemes(visit: Opener, scheme: str) -> None:
    page = visit(f"/?q={quote('المدينه')}&category={quote('مدن')}", scheme=scheme)
    parts = ["h1", ".asked", ".total", ".chip.active", ".sorts a[aria-current]", ".sorts a:not([aria-current])"]
    parts += [".hit-title a", ".meta-source", ".meta-published", ".fragment", ".fragment mark", ".hit-title mark"]
    parts += [".choice", ".count", ".choice[aria-current] .count", ".filters h2", ".pager a", ".footer p", "#q"]
    parts += ["#search-form button", ".dates button", ".brand"]
    assert page.evaluate(FAINT, parts) == []
    page.locator(".hit-title a").first.click()
    assert page.evaluate(FAINT, ["h1", ".meta a", ".body p", ".body mark", ".back a", ".original a"]) == []
    page.goto("/")
    assert (
        page.evaluate(FAINT, [".wordmark", ".tagline", ".stock", ".hero h1", ".section-head a", ".below .chip"]) == []
    )
    page.goto(f"/?q={quote('قسطنطوبولينا')}")
    assert page.evaluate(FAINT, [".notice li", ".notice a", ".hints code", ".hints dd"]) == []


def test_schemes_differ(visit: Opener) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    light, dark = (re.findall(r"\d+", visit("/", scheme=scheme).evaluate(paper)) for scheme in ("light", "dark"))
    assert all(int(part) > 200 for part in light)
    assert all(int(part) < 60 for part in dark)


def test_the_policy_stops_what_is_not_the_site_s_own(visit: Opener, faults: list[str]) -> None:
    """Also the proof that the other tests would notice: violations reach ``faults``."""
    page = visit("/")
    refused = page.evaluate(
        """async () => {
          const refused = [];
          const reported = new Promise(done => {
            document.addEventListener('securitypolicyviolation', event => {
              if (refused.push(event.effectiveDirective) === 5) done();
            });
            setTimeout(done, 5000);
          });
          const add = (name, parts) => document.head.append(Object.assign(document.createElement(name), parts));
          add('script', {textContent: 'document.title = "taken"'});
          add('style', {textContent: 'body { display: none }'});
          add('script', {src: '/static/fihris.css'});
          await fetch('/healthz').catch(() => 0);
          new Image().src = 'http://elsewhere.invalid/x.png';
          await reported;
          return refused;
        }"""
    )
    assert sorted(refused) == ["connect-src", "img-src", "script-src-elem", "script-src-elem", "style-src-elem"]
    expect(page.get_by_role("searchbox")).to_be_visible()
    assert "taken" not in page.title()
    assert len(faults) >= 4
    faults.clear()


def test_links_lead_to_pages(visit: Opener, site: str) -> None:
    page = visit("/")
    page.goto(f"/?q={quote('المدينه')}&page=2")
    links = set(page.locator("a[href]").evaluate_all("links => links.map(link => link.href)"))
    assert len(links) > 30
    for link in links:
        assert urlsplit(link).netloc == urlsplit(site).netloc
        assert page.request.get(link).ok, link
