"""What a page does for its readers: fonts that move nothing, little weight, themes, a key, English, a chart, print."""

from __future__ import annotations

import gzip
import re
import time
from urllib.parse import quote, unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Response, Route, expect
from visits import DESK, PHONE, Opener, ask, choice, search_box, titles, total, wideness

pytestmark = pytest.mark.timeout(180)

MOST_BYTES = 150_000
RESULTS = f"/?q={quote('المدينه')}"
HEIGHTS = "[...document.querySelectorAll('h1, .hit, .body p')].map(each => each.offsetHeight)"
# Shifts since the page began, those right after a click or a key included.
SHIFTS = """() => new Promise(done => {
  const shifts = [];
  new PerformanceObserver(list => shifts.push(...list.getEntries().map(entry => entry.value)))
    .observe({type: 'layout-shift', buffered: true});
  setTimeout(() => done(shifts), 300);
})"""
FACES = "[...document.fonts].filter(face => face.family.startsWith('Fihris')).map(face => face.status)"


@pytest.fixture
def paths(visit: Opener) -> list[str]:
    page = visit(RESULTS)
    return ["/", RESULTS, str(page.locator(".hit-title a").first.get_attribute("href"))]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("seconds", [0.0, 0.8], ids=["prompt", "late"])
def test_fonts_shift_nothing(
    browser: Browser, site: str, paths: list[str], seconds: float, size: dict[str, int]
) -> None:
    """Neither where they come at once nor where they come long after the page was drawn."""

    def delayed(route: Route) -> None:
        time.sleep(seconds)
        route.continue_()

    for path in paths:
        context = browser.new_context(base_url=site, viewport=size, locale="ar")
        page = context.new_page()
        page.route("**/*.woff2", delayed)
        page.goto(path)
        heights = page.evaluate(HEIGHTS)
        page.evaluate("document.fonts.ready")
        assert page.evaluate(SHIFTS) == []
        assert page.evaluate(HEIGHTS) == heights
        context.close()


def test_shifts_would_be_seen(visit: Opener) -> None:
    page = visit("/")
    page.wait_for_timeout(600)
    page.evaluate(
        "document.querySelector('.tagline').append(...Array(30).fill('واحد من الناس ').map(text => text.repeat(9)))"
    )
    assert page.evaluate(SHIFTS) != []


def test_the_second_page_is_set_in_our_fonts(visit: Opener) -> None:
    page = visit("/")
    page.evaluate("document.fonts.ready")
    page.goto(RESULTS)
    page.evaluate("document.fonts.ready")
    assert set(page.evaluate(FACES)) == {"loaded"}
    client = page.context.new_cdp_session(page)
    client.send("DOM.enable")
    client.send("CSS.enable")
    root = client.send("DOM.getDocument")["root"]["nodeId"]
    for selector in (".hit-title bdi", ".fragment", ".meta-source", ".total bdi", ".index bdi"):
        node = client.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
        fonts = client.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        assert fonts, selector
        assert all(font["isCustomFont"] for font in fonts), (selector, fonts)


def test_every_letter_of_the_sample_is_in_our_fonts(visit: Opener, paths: list[str]) -> None:
    """Also digits, marks and quotation marks: a word set in two fonts looks torn."""
    page = visit("/")
    page.evaluate("document.fonts.ready")
    for path in paths:
        page.goto(path)
        page.evaluate("document.fonts.ready")
        client = page.context.new_cdp_session(page)
        client.send("DOM.enable")
        client.send("CSS.enable")
        root = client.send("DOM.getDocument")["root"]["nodeId"]
        nodes = client.send(
            "DOM.querySelectorAll", {"nodeId": root, "selector": "main p, main h1, main h2, main li bdi"}
        )
        for node in nodes["nodeIds"]:
            fonts = client.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
            assert all(font["isCustomFont"] for font in fonts), fonts


@pytest.mark.parametrize("language", ["", "&lang=en"], ids=["ar", "en"])
def test_a_page_is_light(browser: Browser, site: str, paths: list[str], language: str) -> None:
    """Everything a first visit fetches, texts counted as gzip gives them (fonts are compressed in themselves)."""
    for path in (*paths, "/docs", "/embed"):
        context = browser.new_context(base_url=site, locale="ar")
        page = context.new_page()
        answers: list[Response] = []
        page.on("response", lambda answer, kept=answers: kept.append(answer))
        page.goto(path + (language if "?" in path else language.replace("&", "?")), wait_until="networkidle")
        sizes: dict[str, int] = {}
        for answer in answers:
            body, name = answer.body(), urlsplit(answer.url).path
            sizes[name] = len(body) if name.endswith(".woff2") else len(gzip.compress(body))
        assert sum(name.endswith(".woff2") for name in sizes) == 3
        assert len(answers) == len(sizes)  # nothing is fetched twice
        assert sum(sizes.values()) < MOST_BYTES, sizes
        context.close()


def paper(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_is_the_systems_until_chosen(visit: Opener, scheme: str) -> None:
    page = visit("/", scheme=scheme)
    own = paper(page)
    names = {"light": "المظهر الداكن", "dark": "المظهر الفاتح"}
    other = "dark" if scheme == "light" else "light"
    page.get_by_role("button", name=names[scheme]).click()
    chosen = paper(page)
    assert chosen != own
    ask(page, "البحر")
    assert paper(page) == chosen
    page.emulate_media(color_scheme=other)
    assert paper(page) == chosen
    page.emulate_media(color_scheme=scheme)
    page.get_by_role("button", name=names[other]).click()
    assert paper(page) == own
    page.emulate_media(color_scheme=other)
    assert paper(page) == chosen  # what the system asks for is followed again


def test_a_chosen_theme_is_there_from_the_first_frame(visit: Opener) -> None:
    page = visit("/")
    page.get_by_role("button", name="المظهر الداكن").click()
    dark = paper(page)
    page.context.add_init_script("""
      addEventListener('DOMContentLoaded', () => {}, {once: true});
      new MutationObserver((_, watch) => {
        if (!document.body) return;
        window.first = document.documentElement.dataset.theme;
        watch.disconnect();
      }).observe(document, {childList: true, subtree: true});
    """)
    page.goto(RESULTS)
    assert page.evaluate("window.first") == "dark"
    assert paper(page) == dark


def test_without_scripts_there_is_no_button_for_themes(visit: Opener) -> None:
    expect(visit("/", False).locator("#theme")).to_be_hidden()


def test_a_slash_leads_to_the_search_box(visit: Opener) -> None:
    page = visit(RESULTS)
    page.locator(".hit-title a").first.focus()
    page.keyboard.press("/")
    box = search_box(page)
    expect(box).to_be_focused()
    expect(box).to_have_value("المدينه")
    page.keyboard.type("قطار")  # what stood there was selected
    expect(box).to_have_value("قطار")
    page.keyboard.type(" 1/2")
    expect(box).to_have_value("قطار 1/2")
    page.get_by_label("من", exact=True).focus()
    page.keyboard.press("/")
    expect(box).not_to_be_focused()
    page.locator(".hit-title a").first.focus()
    page.keyboard.press("Control+/")
    expect(box).not_to_be_focused()


def test_a_visit_in_english(visit: Opener, scripts: bool) -> None:
    page = visit("/", scripts)
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("dir", "ltr")
    ask(page, "البحر")
    expect(page.get_by_role("status")).to_have_text(re.compile(r"^\d+ results$"))
    assert page.locator(".hit").first.get_attribute("dir") == "rtl"
    choice(page, "علوم").click()
    expect(page.locator(".chip.active")).to_contain_text("Section: علوم")
    page.get_by_role("link", name="Newest", exact=True).click()
    page.get_by_label("From", exact=True).fill("2024-05-01")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".chip.active").last).to_contain_text("Date: since 1 May 2024")
    hits, filters = page.locator(".hits").bounding_box(), page.locator(".filters").bounding_box()
    assert hits["x"] + hits["width"] <= filters["x"]
    listed = titles(page)
    page.locator(".hit-title a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(listed[0])
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("link", name="To the results").click()
    assert titles(page) == listed
    page.get_by_role("link", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    assert titles(page) == listed
    expect(page.locator(".chip.active").last).to_contain_text("التاريخ: منذ 1 أيار/مايو 2024")


def test_no_window_is_too_narrow_in_english(visit: Opener) -> None:
    page = visit("/?lang=en")
    for path in ("/?lang=en", f"{RESULTS}&from=2024-01-01&to=2024-12-31&lang=en", "/?q=qqq&lang=en"):
        page.goto(path)
        for width in (320, 360, 390, 768, 1440):
            page.set_viewport_size({"width": width, "height": 800})
            assert wideness(page) == 0, (width, path)


def test_the_chart_leads_to_a_year_and_a_month(visit: Opener, scripts: bool) -> None:
    page = visit(f"/?q={quote('البحر')}", scripts)
    everything = total(page)
    chart = page.get_by_role("navigation", name="المقالات بحسب السنة")
    bars = chart.get_by_role("link")
    labels = bars.evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    words = {"مقال واحد": 1, "مقالان": 2}
    counts = [words.get(told := label.split(": ")[1]) or int(told.split()[0]) for label in labels]
    assert sum(counts) == everything
    older, newer = bars.first.bounding_box(), bars.last.bounding_box()
    assert older["x"] > newer["x"]  # time runs from right to left
    bars.first.click()
    expect(page.locator(".chip.active")).to_have_text(re.compile("السنة: 2024"))
    assert total(page) == counts[0]
    months = page.get_by_role("navigation", name="مقالات 2024 بحسب الشهر")
    months.get_by_role("link", name="أيلول/سبتمبر 2024").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".chip.active")).to_have_text(re.compile("الشهر: أيلول/سبتمبر 2024"))
    assert "from=2024-09-01&to=2024-09-30" in page.url
    days = page.locator(".hit time").evaluate_all("all => all.map(one => one.dateTime)")
    assert days
    assert all(day.startswith("2024-09") for day in days)
    expect(months.locator("a[aria-current]")).to_have_count(1)
    expect(page.locator(".wider")).to_contain_text("2024")
    page.go_back()
    assert total(page) == counts[0]
    page.get_by_role("link", name="كل السنوات").click()
    assert total(page) == everything


def test_each_hit_says_why(visit: Opener, scripts: bool) -> None:
    page = visit(f"/?q={quote('البحر')}", scripts)
    lines = page.locator(".hit .why")
    assert lines.count() == len(titles(page))
    told = lines.all_inner_texts()
    assert any("في العنوان" in line and "نص مطابق" in line for line in told)
    assert any("مشكولًا: البَحْرُ" in line for line in told)
    assert any("صيغة أخرى: " in line for line in told)
    for line in lines.all():
        assert line.evaluate("line => line.getClientRects().length") == 1
        assert line.bounding_box()["height"] < 30
    page.goto(f"/?q={quote('المدينه')}")
    assert any("برسم آخر: المدينة" in line for line in page.locator(".why").all_inner_texts())
    page.goto("/?sort=newest")
    expect(page.locator(".why")).to_have_count(0)


def test_an_article_prints_alone(visit: Opener) -> None:
    page = visit(RESULTS)
    page.locator(".hit-title a").first.click()
    page.emulate_media(media="print", color_scheme="dark")
    for hidden in (".masthead", ".back", ".footer", ".skip"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator(".article .body")).to_be_visible()
    assert paper(page) == "rgb(255, 255, 255)"
    assert page.locator(".body p").first.evaluate("p => getComputedStyle(p).color") == "rgb(0, 0, 0)"
    assert page.locator("mark").first.evaluate("mark => getComputedStyle(mark).backgroundImage") == "none"
    original = page.locator(".original a")
    address = original.evaluate("link => getComputedStyle(link, '::after').content")
    assert unquote(str(original.get_attribute("href"))) in unquote(address)
    assert page.pdf().startswith(b"%PDF")
