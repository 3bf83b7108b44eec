"""The pages for people: what they say, where they lead, and that no text breaks out of its place."""

from __future__ import annotations

import logging
import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from fake_engine import ARTICLES, FakeEngine
from flask import Flask, url_for
from flask.testing import FlaskClient

from index.article import Article
from index.settings import Settings
from search.request import SearchRequest
from search.results import Note, SearchResults
from web import create_app

_VOID = {"meta", "link", "input", "img", "br"}


class Page(HTMLParser):
    """Elements, links and text of a page; fails where tags do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        assert self.stack == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]

    def links(self) -> list[str]:
        return [each["href"] or "" for each in self.all("a")]


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def app(engine: FakeEngine) -> Flask:
    return create_app(Settings(), engine)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def results_of(client: FlaskClient, **parameters: object) -> Page:
    answer = client.get("/", query_string=parameters)
    assert answer.status_code == 200
    return Page(answer.text)


def field(page: Page, name: str) -> dict[str, str | None]:
    return next(each for each in page.all("input") if each.get("name") == name)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/?q=المدينة",
        "/?q=لاشيء",
        "/?page=99",
        "/articles/med-1?q=المتحدة",
        "/nowhere",
        "/?source=موقع+ضفاف&page=1",
    ],
)
def test_every_page_is_arabic_whole_and_without_scripts(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    page = Page(answer.text)
    assert page.all("html") == [{"lang": "ar", "dir": "rtl"}]
    assert page.all("script") == page.all("style") == []
    assert not any(name.startswith("on") or name == "style" for _, each in page.tags for name in each)
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1
    assert len(page.all("search")) == 1
    assert field(page, "q")["type"] == "search"
    assert field(page, "q")["dir"] == "auto"
    ids = [each["id"] for _, each in page.tags if "id" in each]
    assert len(ids) == len(set(ids))
    for _, each in page.tags:
        for name in ("src", "href"):
            if name in each and each.get("rel") not in {"noopener nofollow", "canonical"}:
                assert str(each[name]).startswith(("/", "#")), each


def test_front_page_greets_with_stock_newest_articles_and_ways_in(client: FlaskClient) -> None:
    page = results_of(client)
    newest = sorted((a for a in ARTICLES if a.published), key=lambda a: a.published[:10], reverse=True)
    assert "فهرس" in page.text
    assert f"{len(ARTICLES)} مقالًا" in page.text
    assert newest[0].title in page.text
    assert len(page.all("article")) == 8
    ways = [unquote(link) for link in page.links()]
    assert "/?category=اقتصاد" in ways
    assert "/?source=جريدة+الواحة" in ways
    assert "/?sort=newest" in ways
    assert f"/articles/{newest[0].id}" in ways


def test_front_page_of_an_empty_index_says_what_to_do() -> None:
    page = results_of(create_app(Settings(), FakeEngine(())).test_client())
    assert "fihris reindex" in page.text
    assert "لا مقالات بعد" in page.text


def test_site_name_is_a_setting(engine: FakeEngine) -> None:
    client = create_app(Settings(site_name="أرشيف <ب>"), engine).test_client()
    assert "أرشيف &lt;ب&gt;" in client.get("/").text


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


def test_results_are_not_for_search_engines(client: FlaskClient) -> None:
    for path in ("/?q=المدينة", "/?sort=newest", "/?source=موقع+ضفاف"):
        answer = client.get(path)
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert {"name": "robots", "content": "noindex"} in Page(answer.text).all("meta")
    for path in ("/", "/articles/med-1"):
        answer = client.get(path)
        assert "X-Robots-Tag" not in answer.headers
        assert all(each.get("name") != "robots" for each in Page(answer.text).all("meta"))


def test_canonical_links_drop_the_question(client: FlaskClient) -> None:
    for path, canonical in (("/", "/"), ("/?utm=1", "/"), ("/articles/med-1?q=المتحدة", "/articles/med-1")):
        links = [each for each in Page(client.get(path).text).all("link") if each["rel"] == "canonical"]
        assert [each["href"] for each in links] == [f"http://localhost{canonical}"]


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


def test_years_are_filters_by_date(client: FlaskClient, engine: FakeEngine) -> None:
    page = results_of(client, **{"from": "2016-01-01", "to": "2016-12-31"})
    assert str(engine.requests[-1].filters.published_from) == "2016-01-01"
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


def test_nothing_found_gives_advice(client: FlaskClient) -> None:
    plain = results_of(client, q="لاشيءكهذا")
    assert "لا نتائج" in plain.text
    assert "لم نجد ما يطابق سؤالك" in plain.text
    assert "من دون مرشّحات" not in plain.text
    filtered = results_of(client, q="لاشيءكهذا", source="موقع ضفاف")
    assert "/?q=لاشيءكهذا" in map(unquote, filtered.links())
    assert "من دون مرشّحات" in filtered.text


def test_article_page_shows_everything(client: FlaskClient) -> None:
    answer = client.get("/articles/med-1?q=المتحدة")
    page = Page(answer.text)
    article = ARTICLES[0]
    assert article.title in page.text
    paragraphs = re.findall(r'<p dir="auto">(.*?)</p>', answer.text)
    assert [unescape(re.sub("<.*?>", "", each)) for each in paragraphs] == re.split(r"[\r\n]+", article.body)
    assert paragraphs[0].startswith("أعلنت الأمم <mark>المتحدة</mark> في جنيف")
    assert "الأمم <mark>المتحدة</mark>" in paragraphs[2]
    assert "<bdi>AquaSense C++</bdi>" in paragraphs[1]
    external = [each for each in page.all("a") if each.get("rel") == "noopener nofollow"]
    assert [each["href"] for each in external] == [article.url]
    assert "almarfa.example" in page.text
    assert "/?author=ليلى+الحدّاد" in map(unquote, page.links())


def test_article_page_without_a_question_has_no_results_to_go_back_to(client: FlaskClient) -> None:
    page = Page(client.get("/articles/med-1").text)
    assert page.all("mark") == []
    assert "إلى النتائج" not in page.text
    assert "/" in page.links()


def test_an_article_without_a_title_has_a_name_to_click(client: FlaskClient) -> None:
    page = results_of(client, source="موقع ضفاف")
    assert "مقال بلا عنوان" in page.text
    assert "مقال بلا عنوان" in Page(client.get("/articles/%2Fleading").text).text


@pytest.mark.parametrize("article", ARTICLES[:6], ids=lambda article: article.id)
def test_every_id_has_a_page_that_links_reach(app: Flask, client: FlaskClient, article: Article) -> None:
    with app.test_request_context():
        url = url_for("pages.article", article_id=article.id, q="س")
    assert "//" not in url
    answer = client.get(url)
    assert answer.status_code == 200
    assert unescape(re.search(r'rel="canonical" href="http://localhost(.*?)"', answer.text)[1]) == url.partition("?")[0]


def test_ids_work_with_their_slashes_unescaped_too(client: FlaskClient) -> None:
    assert ARTICLES[1].title in client.get("/articles/a/b//c").text
    assert "حلب" in client.get("/articles//leading").text
    assert client.get("/api/articles/a/b//c").json["id"] == "a/b//c"


def test_stored_text_cannot_break_out(client: FlaskClient) -> None:
    for path in ("/?category=قسم+<u>", "/articles/x%22%3E%3Cscript%3E", "/?q=%3Cscript%3E", "/?sort=oldest"):
        answer = client.get(path)
        page = Page(answer.text)
        assert page.all("script") == page.all("u") == page.all("b") == page.all("i") == []
        assert all("alt" in each for each in page.all("img"))
        assert not any(link.lower().startswith(("javascript:", "ftp:")) for link in page.links())
    hostile = Page(client.get("/articles/x%22%3E%3Cscript%3E").text)
    assert "عنوان <script>alert(1)</script> & «هادئ»" in hostile.text
    assert "<img src=x onerror=alert(2)>" in hostile.text


@pytest.mark.parametrize("text", ['"><script>alert(1)</script>', "' onfocus=x '", "</title><h1>", "{{ 7*7 }}", "&lt;"])
def test_typed_text_cannot_break_out(client: FlaskClient, text: str) -> None:
    page = results_of(client, q=text, source=text)
    assert field(page, "q")["value"] == text
    assert page.all("script") == []
    assert len(page.all("h1")) == 1
    assert text in page.text


def test_errors_are_pages_with_a_search_box(client: FlaskClient) -> None:
    for answer, status in (
        (client.get("/articles/none"), 404),
        (client.get("/x"), 404),
        (client.post("/"), 405),
    ):
        assert answer.status_code == status
        assert answer.mimetype == "text/html"
        page = Page(answer.text)
        assert str(status) in page.text
        assert field(page, "q")["value"] == ""
        assert {"name": "robots", "content": "noindex"} in page.all("meta")


def test_without_an_index_the_pages_say_how_to_build_one() -> None:
    client = create_app(Settings(), FakeEngine(available=False)).test_client()
    for path in ("/", "/?q=مياه", "/articles/med-1"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert "fihris reindex" in Page(answer.text).text


def test_a_failure_inside_is_a_page_too(
    app: Flask, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(request: SearchRequest) -> SearchResults:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(engine, "search", fail)
    with caplog.at_level(logging.ERROR):
        answer = app.test_client().get("/?q=x")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "الخلل عندنا" in Page(answer.text).text
    assert "secret of the house" in caplog.text


def test_head_answers_like_get(client: FlaskClient) -> None:
    for path in ("/", "/?q=المدينة", "/articles/med-1"):
        head = client.head(path)
        assert head.status_code == 200
        assert head.data == b""
