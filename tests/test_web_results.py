"""The page of results: what it says of them, how it narrows and orders them, and where it leads."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from fake_engine import FakeEngine
from flask.testing import FlaskClient
from website import Page, field, results_of

from index.settings import Settings
from search.results import Note
from web import create_app


def test_results_say_how_many_and_mark_the_words(client: FlaskClient) -> None:
    answer = client.get("/?q=المتحدة")
    page = Page(answer.text)
    assert "نتيجة واحدة" in page.text
    assert field(page, "q")["value"] == "المتحدة"
    assert "<bdi>الأمم <mark>المتحدة</mark> تعيد" in answer.text
    assert "3 أيار/مايو 2016" in page.text
    assert page.all("time") == [{"datetime": "2016-05-03"}]
    assert "ليلى الحدّاد" in page.text


def test_body_fragments_show_where_they_are_clipped(client: FlaskClient) -> None:
    assert "\u00a0…</p>" in client.get("/?q=المتحدة").text
    assert "…" not in Page(client.get("/?q=قصة").text).text


def test_result_links_carry_the_question(client: FlaskClient) -> None:
    page = results_of(client, q="العدد", source="مجلة مدارات", page=2)
    link = next(each for each in page.links() if each.startswith("/articles/more-"))
    assert unquote(link).partition("?")[2] == "q=العدد&source=مجلة+مدارات&page=2"
    article = client.get(link)
    assert "<mark>العدد</mark>" in article.text
    back = [unquote(each) for each in Page(article.text).links()]
    assert "/?q=العدد&source=مجلة+مدارات&page=2" in back


def test_facets_narrow_and_widen(client: FlaskClient) -> None:
    page = results_of(client, q="العدد")
    ways = [unquote(link) for link in page.links()]
    assert "/?q=العدد&source=مجلة+مدارات" in ways
    assert "/?q=العدد&author=عمر+الطيّب" in ways
    assert "/?q=العدد&from=2014-01-01&to=2014-12-31" in ways

    narrowed = results_of(client, q="العدد", source="مجلة مدارات")
    chosen = [each for each in narrowed.all("a") if each.get("aria-current") == "true"]
    assert "/?q=العدد" in [unquote(each["href"] or "") for each in chosen]
    assert "11 نتيجة" in narrowed.text


def test_another_value_can_be_chosen_besides(client: FlaskClient) -> None:
    page = results_of(client, q="العدد", source="مجلة مدارات", category="ثقافة")
    ways = [unquote(link) for link in page.links()]
    other = "/?q=العدد&source=مجلة+مدارات&source=جريدة+الواحة&category=ثقافة"
    # After those that are chosen; as many as it would add, with the other filters in force.
    assert ways.index("/?q=العدد&category=ثقافة") < ways.index(other)
    assert re.search(r"مجلة مدارات\s+3.*جريدة الواحة\s+2", page.text, re.DOTALL)
    assert (
        len(results_of(client, q="العدد", source=["مجلة مدارات", "جريدة الواحة"], category="ثقافة").all("article")) == 5
    )


def test_a_choice_that_finds_nothing_leaves_the_others_open(client: FlaskClient) -> None:
    page = results_of(client, q="العدد", source="لا مصدر كهذا")
    assert "لم نجد ما يطابق سؤالك" in page.text
    assert "/?q=العدد&source=لا+مصدر+كهذا&source=مجلة+مدارات" in [unquote(link) for link in page.links()]


def test_years_are_filters_by_date(client: FlaskClient, engine: FakeEngine) -> None:
    page = results_of(client, **{"from": "2016-01-01", "to": "2016-12-31"})
    assert str(engine.requests[0].filters.published_from) == "2016-01-01"
    assert "السنة: 2016" in page.text
    chips = [each for each in page.all("a") if each.get("class") == "chip active"]
    assert [each["href"] for each in chips] == ["/?sort=newest"]
    assert field(page, "from")["value"] == "2016-01-01"
    assert field(page, "from")["type"] == "date"


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"from": "2016-05-03"}, "منذ 3 أيار/مايو 2016"),
        ({"to": "2016-05-03"}, "حتى 3 أيار/مايو 2016"),
        ({"from": "2016-05-03", "to": "2016-05-04"}, "من 3 أيار/مايو 2016 إلى 4 أيار/مايو 2016"),
    ],
)
def test_ranges_of_days_are_named(client: FlaskClient, parameters: dict[str, str], text: str) -> None:
    assert text in results_of(client, **parameters).text


def test_active_filters_can_be_taken_away_one_by_one_or_all(client: FlaskClient) -> None:
    page = results_of(client, q="العدد", source=["مجلة مدارات", "وكالة الأفق"], category="ثقافة")
    chips = [unquote(each["href"] or "") for each in page.all("a") if each.get("class") == "chip active"]
    assert chips == [
        "/?q=العدد&source=وكالة+الأفق&category=ثقافة",
        "/?q=العدد&source=مجلة+مدارات&category=ثقافة",
        "/?q=العدد&source=مجلة+مدارات&source=وكالة+الأفق",
    ]
    assert [unquote(e["href"] or "") for e in page.all("a") if e.get("class") == "clear"] == ["/?q=العدد"]


def test_a_new_question_keeps_filters_and_order(client: FlaskClient) -> None:
    page = results_of(client, q="العدد", source="مجلة مدارات", author="عمر الطيّب", sort="oldest", page=2)
    hidden = [(each["name"], each["value"]) for each in page.all("input") if each["type"] == "hidden"]
    assert hidden == [("source", "مجلة مدارات"), ("author", "عمر الطيّب"), ("sort", "oldest")]
    browsing = results_of(client, sort="newest")
    assert all(each["type"] != "hidden" for each in browsing.all("input"))


def test_orders_are_links(client: FlaskClient) -> None:
    page = results_of(client, q="العدد", sort="oldest", page=2)
    assert {"/?q=العدد", "/?q=العدد&sort=newest", "/?q=العدد&sort=oldest"} <= set(map(unquote, page.links()))
    assert "الأوثق صلة" in page.text
    assert "الأوثق صلة" not in results_of(client, sort="newest").text


def test_paging(client: FlaskClient, engine: FakeEngine) -> None:
    engine.total = 1234
    page = results_of(client, q="العدد", page=2)
    steps = {each["rel"]: unquote(each["href"] or "") for each in page.all("a") if each.get("class") == "step"}
    assert steps == {"prev": "/?q=العدد", "next": "/?q=العدد&page=3"}
    heads = {each["rel"]: unquote(each["href"] or "") for each in page.all("link")}
    assert heads["next"] == "/?q=العدد&page=3"
    assert heads["prev"] == "/?q=العدد"
    assert [each["href"] for each in page.all("a") if each.get("aria-current") == "page"] == [
        "/?q=%D8%A7%D9%84%D8%B9%D8%AF%D8%AF&page=2"
    ]
    assert "/?q=العدد&page=124" in map(unquote, page.links())
    assert page.all("ol")[0]["start"] == "11"


def test_the_last_page_has_no_next_and_a_single_page_no_pager(client: FlaskClient) -> None:
    last = results_of(client, q="العدد", page=4)
    assert [each["rel"] for each in last.all("a") if each.get("class") == "step"] == ["prev"]
    assert not any(each.get("class") == "pager" for each in results_of(client, q="المتحدة").all("nav"))


def test_deep_paging_is_bounded_and_says_so(client: FlaskClient, engine: FakeEngine) -> None:
    engine.total = 50_000
    page = results_of(client, q="العدد", page=1000)
    assert "آخر صفحة يمكن بلوغها" in page.text
    assert not any("page=1001" in link for link in page.links())
    assert any("page=1000" in link for link in results_of(client, q="العدد").links())


def test_beyond_the_end_there_is_a_way_back(client: FlaskClient) -> None:
    page = results_of(client, q="العدد", page=50)
    assert "لا شيء في هذه الصفحة" in page.text
    assert "/?q=العدد" in map(unquote, page.links())
    assert [unquote(e["href"] or "") for e in page.all("a") if e.get("class") == "step"] == ["/?q=العدد&page=4"]


def test_notes_and_partial_answers_are_told(client: FlaskClient, engine: FakeEngine) -> None:
    engine.notes = (Note("x", "كلمة <واحدة> لم تُفهم"), Note("partial", "انتهى الوقت."))
    engine.partial = True
    page = results_of(client, q="العدد")
    assert page.text.count("انتهى الوقت") == 1
    assert "كلمة <واحدة> لم تُفهم" in page.text
    assert "33 نتيجة على الأقل" in page.text
    assert "حدّ أدنى" in page.text


def test_a_part_of_the_index_that_does_not_answer_is_told_and_no_time_is_blamed(
    client: FlaskClient, engine: FakeEngine
) -> None:
    engine.notes, engine.partial = (Note("missing", "بعض أجزاء الفهرس لا يجيب الآن."),), True
    for question in ({"q": "العدد"}, {}):  # the front page too
        arabic, english = (results_of(client, **question, **more).text for more in ({}, {"lang": "en"}))
        assert arabic.count("جزء من الفهرس لا يجيب الآن") == 1
        assert "انتهى الوقت" not in arabic
        assert english.count("A part of the index does not answer at the moment") == 1
        assert "time for the search" not in english


def test_a_last_day_before_the_first_finds_nothing_and_says_so(client: FlaskClient) -> None:
    days = {"from": "2017-01-01", "to": "2016-01-01"}
    page = results_of(client, q="العدد", **days)
    (note,) = client.get("/api/search", query_string=days).json["query"]["notes"]
    assert note in page.text
    assert "لا نتائج" in page.text
    assert (field(page, "from")["value"], field(page, "to")["value"]) == ("2017-01-01", "2016-01-01")
    assert "The first day is after the last" in results_of(client, q="العدد", lang="en", **days).text


def test_nothing_found_gives_advice(client: FlaskClient) -> None:
    plain = results_of(client, q="لاشيءكهذا")
    assert "لا نتائج" in plain.text
    assert "لم نجد ما يطابق سؤالك" in plain.text
    assert "من دون مرشّحات" not in plain.text
    filtered = results_of(client, q="لاشيءكهذا", source="موقع ضفاف")
    assert "/?q=لاشيءكهذا" in map(unquote, filtered.links())
    assert "من دون مرشّحات" in filtered.text


def test_all_results_are_offered_as_files_and_as_a_feed(client: FlaskClient) -> None:
    page = results_of(client, q="العدد", source="مجلة مدارات", sort="oldest", page=2, **{"from": "2014-01-01"})
    ways = [link for link in page.links() if link.startswith(("/api/", "/feed.atom"))]
    asked = "q=العدد&source=مجلة+مدارات&from=2014-01-01"
    assert [unquote(each) for each in ways] == [
        f"/api/search?{asked}&sort=oldest&format=csv",
        f"/api/search?{asked}&sort=oldest&format=jsonl",
        f"/feed.atom?{asked}",
    ]
    assert "11 نتيجة" in page.text
    for form in ways[:2]:
        assert client.head(form).headers["X-Total-Count"] == "11"
    assert client.get(ways[2]).text.count("<entry>") == 11


def test_the_files_of_any_question_can_be_had(client: FlaskClient) -> None:
    for question in ({"q": "العدد " * 500}, {"source": "مجلة مدارات"}, {"sort": "newest"}):
        for lang in ("ar", "en"):
            ways = results_of(client, **question, lang=lang).links()
            for way in (each for each in ways if each.startswith(("/api/", "/feed.atom"))):
                assert client.head(way).status_code == 200, way


def test_where_nothing_is_found_there_is_only_the_feed(client: FlaskClient) -> None:
    links = results_of(client, q="لاشيءكهذا").links()
    assert [unquote(each) for each in links if each.startswith(("/api/", "/feed"))] == ["/feed.atom?q=لاشيءكهذا"]


def test_no_files_are_offered_where_exports_are_switched_off() -> None:
    page = results_of(create_app(Settings(exports=0), FakeEngine()).test_client(), q="العدد")
    assert not [each for each in page.links() if each.startswith("/api/")]
    assert [each for each in page.links() if each.startswith("/feed.atom")]


def test_every_page_leads_to_what_is_for_programmers(client: FlaskClient) -> None:
    for path in ("/", "/?q=العدد", "/articles/med-1"):
        ways = {each["href"]: each.get("hreflang") for each in Page(client.get(path).text).all("a")}
        assert ways.items() >= {"/docs": "en", "/embed": None}.items()
