"""The pages in a real browser, from the real server, as visitors walk them: with and without JavaScript."""

from __future__ import annotations

import re
from itertools import pairwise
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import expect
from visits import CUT_MARKS, PHONE, Opener, ask, choice, titles, total, wideness

pytestmark = pytest.mark.timeout(120)

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


def test_a_visit(visit: Opener, scripts: bool) -> None:
    page = visit("/", scripts)
    expect(page).to_have_title(re.compile("فهرس"))
    expect(page.get_by_role("searchbox")).to_be_focused()
    assert len(titles(page)) == 7

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
          add('script', {src: 'http://elsewhere.invalid/x.js'});
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
    # Bars of the chart are links too, whose ``href`` is an object.
    addresses = "links => links.map(link => new URL(link.getAttribute('href'), location).href)"
    links = set(page.locator("a[href]").evaluate_all(addresses))
    assert len(links) > 30
    for link in links:
        assert urlsplit(link).netloc == urlsplit(site).netloc
        assert page.request.get(link).ok, link
