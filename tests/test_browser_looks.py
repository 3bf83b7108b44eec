"""How the pages look and handle in a real browser: widths, directions, the keyboard, and colours."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

import pytest
from playwright.sync_api import expect
from visits import PHONE, Opener, ask, choice, search_box, tab_to, titles, wideness

pytestmark = pytest.mark.timeout(120)

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
    if (element.localName === 'mark') return read(getComputedStyle(element).backgroundImage.match(/rgb[^)]*\)/)[0]);
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


def test_a_question_with_a_colon_reads_from_its_own_side(visit: Opener) -> None:
    page = visit(f"/?q={quote('title:البحر')}")
    assert search_box(page).evaluate("box => getComputedStyle(box).direction") == "ltr"
    ask(page, "البحر")
    assert search_box(page).evaluate("box => getComputedStyle(box).direction") == "rtl"


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
    tab_to(page, ".hit-title a", 8)
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
    phrase = quote('"في المدينه"')  # one page of hits
    page = visit(f"/?q={phrase}")
    page.locator(".hit-title a").last.focus()
    tab_to(page, ".filters .histogram a", 4)  # the results as files and as a feed lie between


def test_on_a_phone_the_filters_are_reached_before_the_results(visit: Opener) -> None:
    page = visit(f"/?q={quote('المدينه')}", size=PHONE)
    if not page.evaluate("CSS.supports('reading-flow', 'grid-order')"):
        pytest.skip("this Chromium takes the order of the document for that of reading")
    page.locator("#search-form button").focus()
    tab_to(page, ".filters summary", 3)
    tab_to(page, ".hit-title a", 5)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_both_schemes(visit: Opener, scheme: str) -> None:
    page = visit(f"/?q={quote('المدينه')}&category={quote('مدن')}", scheme=scheme)
    parts = ["h1", ".asked", ".total", ".chip.active", ".sorts a[aria-current]", ".sorts a:not([aria-current])"]
    parts += [".hit-title a", ".meta-source", ".meta-published", ".fragment", ".fragment mark", ".hit-title mark"]
    parts += [".choice", ".count", ".choice[aria-current] .count", ".filters h2", ".pager a", ".footer p", "#q"]
    parts += ["#search-form button", ".dates button", ".brand", ".why", ".axis", ".tools a"]
    assert page.evaluate(FAINT, parts) == []
    page.locator(".hit-title a").first.click()
    assert page.evaluate(FAINT, ["h1", ".meta a", ".body p", ".body mark", ".back a", ".original a"]) == []
    page.goto("/")
    assert (
        page.evaluate(FAINT, [".wordmark", ".tagline", ".stock", ".section-head a", ".side .choice", ".hints dd"]) == []
    )
    page.goto(f"/?q={quote('قسطنطوبولينا')}")
    assert page.evaluate(FAINT, [".notice li", ".notice a", ".hints code", ".hints dd"]) == []


def test_schemes_differ(visit: Opener) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    light, dark = (re.findall(r"\d+", visit("/", scheme=scheme).evaluate(paper)) for scheme in ("light", "dark"))
    assert all(int(part) > 200 for part in light)
    assert all(int(part) < 60 for part in dark)
