"""Suggestions in a real browser: by keyboard, by touch, in both languages and themes, and without scripts."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from test_browser_access import violations, widths
from visits import PHONE, WAIT, Opener, search_box, titles, wideness

pytestmark = pytest.mark.timeout(180)

TYPED = "المدي"


def options(page: Page) -> Locator:
    return page.get_by_role("option")


def type_in(page: Page, text: str) -> Locator:
    """Type into the box and wait for the list of all that was typed; return its lines."""
    search_box(page).press_sequentially(text, delay=20)
    return settled(page)


def settled(page: Page) -> Locator:
    """The lines, once no other list is on its way: one for what a slow hand had typed so far may stand there before."""
    expect(page.get_by_role("listbox")).to_be_visible()
    expect(page.get_by_role("listbox")).to_have_attribute("aria-busy", "false")
    return options(page)


def active(page: Page) -> str | None:
    """The text of the line that the box points to."""
    return page.evaluate("""() => {
      const box = document.getElementById('q'), id = box.getAttribute('aria-activedescendant');
      if (document.activeElement !== box) return 'elsewhere';
      return id && document.getElementById(id).getAttribute('aria-selected') === 'true'
        ? document.getElementById(id).innerText : null;
    }""")


def asked(page: Page) -> str:
    return parse_qs(urlsplit(page.url).query)["q"][0]


def test_type_complete_choose_by_keyboard_alone(visit: Opener) -> None:
    page = visit("/")
    box = search_box(page)
    expect(box).to_be_focused()
    for name, value in (("aria-autocomplete", "list"), ("aria-expanded", "false"), ("aria-controls", "suggestions")):
        expect(box).to_have_attribute(name, value)
    page.keyboard.type("مدي")  # with no article and no hamza
    lines = settled(page).all_inner_texts()
    expect(box).to_have_attribute("aria-expanded", "true")
    assert 2 <= len(lines) <= 10
    assert re.fullmatch(r"\d+ اقتراحات|اقتراحان", page.locator(".field [aria-live=polite]").inner_text())
    assert active(page) is None
    page.keyboard.press("ArrowDown")
    assert active(page) == lines[0]
    page.keyboard.press("ArrowDown")
    assert active(page) == lines[1]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert active(page) is None  # back at what was typed
    expect(box).to_have_value("مدي")
    page.keyboard.press("ArrowUp")
    assert active(page) == lines[-1]
    page.keyboard.press("Home")
    assert active(page) is None
    assert box.evaluate("box => box.selectionStart") == 0
    page.keyboard.press("End")
    assert box.evaluate("box => box.selectionStart") == 3
    page.keyboard.press("ArrowDown")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert asked(page) == lines[0]
    assert len(titles(page)) > 1
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_escape_closes_then_empties_and_tab_goes_on(visit: Opener) -> None:
    page = visit("/")
    type_in(page, TYPED)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(search_box(page)).to_have_attribute("aria-expanded", "false")
    expect(search_box(page)).to_have_value(TYPED)
    page.keyboard.press("ArrowDown")  # opens it again
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(page.get_by_role("button", name="بحث")).to_be_focused()
    expect(search_box(page)).to_have_value(TYPED)


def test_what_was_typed_is_asked_where_no_line_is_chosen(visit: Opener) -> None:
    page = visit("/")
    type_in(page, TYPED)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert asked(page) == TYPED


def test_a_headline_leads_to_its_article(visit: Opener) -> None:
    page = visit(f"/?q={quote('البحر')}")
    headline = titles(page)[0]
    search_box(page).fill(" ".join(headline.split()[:3]))
    line = options(page).filter(has_text=headline).first
    expect(line).to_contain_text("مقال")
    line.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(headline)
    # What was typed is marked, and there is a way to its results.
    assert asked(page) == " ".join(headline.split()[:3])
    expect(page.locator("h1 mark").first).to_be_visible()
    page.locator(".back a").first.click()
    assert headline in titles(page)


def test_filters_stay_when_a_word_is_chosen(visit: Opener) -> None:
    page = visit(f"/?category={quote('ثقافة')}")
    line = type_in(page, TYPED).first
    words = line.inner_text()
    line.click()
    expect(page.locator(".chip.active")).to_contain_text("ثقافة")
    assert asked(page) == words


def test_a_thumb_is_enough(browser: Browser, site: str) -> None:
    context = browser.new_context(base_url=site, viewport=PHONE, has_touch=True, is_mobile=True, locale="ar")
    context.set_default_timeout(WAIT)
    page = context.new_page()
    page.goto("/")
    search_box(page).tap()
    lines = type_in(page, TYPED)
    assert wideness(page) == 0
    for line in lines.all():
        room = line.bounding_box()
        assert room is not None
        assert room["height"] >= 44
        assert room["x"] >= 0
        assert room["x"] + room["width"] <= PHONE["width"]
    words = lines.first.inner_text()
    lines.first.tap()
    expect(page.locator(".total")).to_be_visible()
    assert asked(page) == words
    context.close()


def test_in_english(visit: Opener) -> None:
    page = visit("/?lang=en")
    lines = type_in(page, TYPED)
    expect(page.get_by_role("listbox")).to_have_accessible_name("Suggestions")
    assert re.fullmatch(r"\d+ suggestions?", page.locator(".field [aria-live=polite]").inner_text())
    assert lines.first.locator("span").first.evaluate("line => getComputedStyle(line).direction") == "rtl"
    headline = lines.filter(has_text="Article").first
    headline.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/?lang=en", f"/?q={quote('البحر')}"])
def test_the_open_list_violates_no_rule_of_axe(visit: Opener, scheme: str, path: str) -> None:
    page = visit(path, scheme=scheme)
    search_box(page).fill("")
    type_in(page, TYPED)
    page.keyboard.press("ArrowDown")
    assert active(page)
    for width in widths(scheme):
        page.set_viewport_size({"width": width, "height": 900})
        assert violations(page) == [], width


def test_an_answer_that_comes_late_is_dropped(visit: Opener) -> None:
    page = visit("/")
    held: list[Route] = []
    page.route(f"**/api/suggest?q={quote('المدي')}&*", lambda route: held.append(route))
    with page.expect_request("**/api/suggest*"):
        search_box(page).fill("المدي")
    search_box(page).fill("البحر")
    expect(options(page).first).to_contain_text("البحر")
    lines = options(page).all_inner_texts()
    for route in held:
        route.continue_()
    page.wait_for_timeout(300)
    assert options(page).all_inner_texts() == lines


def test_a_line_that_is_chosen_from_stays(visit: Opener) -> None:
    """Though what was typed last has not been answered yet."""
    page = visit("/")
    lines = type_in(page, "البح").all_inner_texts()
    held: list[Route] = []
    page.route(f"**/api/suggest?q={quote('البحر')}&*", lambda route: held.append(route))
    with page.expect_request("**/api/suggest*"):
        page.keyboard.type("ر")
    page.keyboard.press("ArrowDown")
    assert active(page) == lines[0]
    for route in held:
        route.fulfill(json={"query": "البحر", "suggestions": []})
    page.wait_for_timeout(300)
    assert active(page) == lines[0]


def test_fast_typing_asks_seldom(visit: Opener) -> None:
    page = visit("/")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url) if "/api/suggest" in request.url else None)
    search_box(page).press_sequentially("المدينة القد", delay=5)
    expect(options(page).first).to_be_visible()
    expect(options(page).first).to_contain_text("المدينة القديمة")
    assert len(requests) < 6
    before = len(requests)
    search_box(page).fill("")
    expect(page.get_by_role("listbox")).to_be_hidden()
    search_box(page).fill("المدينة القد")
    expect(options(page).first).to_be_visible()
    assert len(requests) == before  # what was asked once is remembered


def test_where_nothing_answers_the_box_is_a_plain_one(visit: Opener, faults: list[str]) -> None:
    page = visit("/")
    page.route("**/api/suggest*", lambda route: route.fulfill(status=503, body="{}"))
    with page.expect_response("**/api/suggest*"):
        search_box(page).fill("المدينه")
    expect(page.get_by_role("listbox")).to_be_hidden()
    with page.expect_navigation():
        search_box(page).press("Enter")
    assert len(titles(page)) == 10
    assert all("503" in fault for fault in faults)
    faults.clear()


def test_what_is_answered_never_becomes_html(visit: Opener) -> None:
    page = visit("/")
    text = "<img src=x onerror=alert(1)>\U0001f600 كلمة"
    hostile = {"query": "ك", "suggestions": [{"text": text, "kind": "title", "ranges": [[30, 34]], "id": "../?<b>"}]}
    page.route("**/api/suggest*", lambda route: route.fulfill(json=hostile))
    search_box(page).fill("ك")
    expect(options(page)).to_contain_text(text)
    assert options(page).locator("img").count() == 0
    assert options(page).locator("b").inner_text().strip() == text[:30].strip()


def test_without_scripts_the_box_is_a_plain_one(visit: Opener) -> None:
    page = visit("/", False)
    expect(page.get_by_role("searchbox")).to_be_visible()
    assert page.get_by_role("combobox").count() == 0
    assert page.locator("[role=listbox]").count() == 0


def test_the_box_for_other_sites_suggests_too(visit: Opener) -> None:
    page = visit("/embed")
    box = page.locator("fihris-search").get_by_role("combobox")
    lines = page.locator("fihris-search").get_by_role("option")
    box.press_sequentially("مدي", delay=20)
    expect(lines.first).to_be_visible()
    expect(page.locator("fihris-search").get_by_role("listbox")).to_have_attribute("aria-busy", "false")
    assert 1 <= lines.count() <= 5
    words = lines.first.inner_text()
    page.keyboard.press("ArrowDown")
    expect(lines.first).to_have_attribute("aria-selected", "true")
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(box).to_have_value(words)
    expect(lines).to_have_count(0)
    expect(page.locator("fihris-search li")).to_have_count(5)
    page.keyboard.press("ArrowDown")  # to the hits
    expect(page.locator("fihris-search li a").first).to_be_focused()
    box.fill("البح")
    expect(lines.first).to_be_visible()
    box.press("Escape")
    expect(lines).to_have_count(0)
    expect(box).to_have_value("البح")
    box.press("Escape")
    expect(box).to_have_value("")
