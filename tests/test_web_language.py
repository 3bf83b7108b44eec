"""The pages in Arabic and English: whole catalogues, and a language that stays."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from fake_engine import FakeEngine
from flask.testing import FlaskClient
from website import Page, field

from index.settings import Settings
from web import create_app

WEB = Path(__file__).parent.parent / "web"
CATALOGUE = WEB / "translations" / "ar" / "LC_MESSAGES" / "messages.po"
PATHS = (
    "/",
    "/?q=العدد",
    "/?q=لاشيء&source=موقع+ضفاف",
    "/?sort=oldest&page=2",
    "/articles/med-1?q=المتحدة",
    "/nowhere",
    "/embed",
)
ARABIC = re.compile("[\u0621-\u064a]")


def english(path: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang=en"


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="ar")


def test_the_compiled_catalogue_is_the_written_one(catalogue: Catalog) -> None:
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    assert CATALOGUE.with_suffix(".mo").read_bytes() == compiled.getvalue(), "run `make catalogue`"


def test_the_catalogue_holds_every_text_of_the_pages_and_no_other(catalogue: Catalog) -> None:
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    options = {"**/templates/**.html": {"trimmed": "true"}}
    keywords = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
    said = {message for _, _, message, *_ in extract_from_dir(WEB, methods, options, keywords)}
    assert said == {message.id for message in catalogue if message.id}, "run `make catalogue`"


def test_every_text_has_an_arabic_one_that_cannot_break_a_page(catalogue: Catalog) -> None:
    for message in catalogue:
        if not message.id:
            continue
        assert not message.fuzzy
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        assert len(texts) == (6 if message.pluralizable else 1), message.id
        for text in texts:
            assert ARABIC.search(text) or message.id == ", ", message.id
            # What stands in the catalogues goes into pages and their attributes as it is.
            assert not set(text) & set("<>&\"'"), text
        given = message.id if isinstance(message.id, tuple) else (message.id,)
        assert not any(set(text) & set('<>&"') for text in given)
        names = {name for text in given for name in re.findall(r"%\((\w+)\)s", text)}
        assert names == {name for text in texts for name in re.findall(r"%\((\w+)\)s", text)}, message.id


@pytest.mark.parametrize("path", PATHS)
def test_pages_speak_english_when_asked(client: FlaskClient, path: str) -> None:
    page = Page(client.get(english(path)).text)
    assert page.all("html") == [{"lang": "en", "dir": "ltr"}]
    assert field(page, "lang")["value"] == "en"
    assert field(page, "lang")["type"] == "hidden"
    for each in page.all("article"):
        assert (each["lang"], each["dir"]) == ("ar", "rtl")
    labels = [str(each[name]) for _, each in page.tags for name in ("aria-label", "placeholder") if name in each]
    assert labels
    assert not any(ARABIC.search(label) for label in labels)


def test_no_arabic_is_left_in_the_words_of_an_english_page(client: FlaskClient) -> None:
    for path in PATHS:
        html = client.get(english(path)).text
        for foreign in ("article", "bdi", "code", "title"):
            html = re.sub(rf"<{foreign}\b.*?</{foreign}>", "", html, flags=re.DOTALL)
        text = re.sub(r'<[^>]*>|lang="ar".*?</a>|[ةه] ', " ", html)
        assert ARABIC.findall(text.replace("العربية", "")) == [], path


@pytest.mark.parametrize("path", PATHS)
def test_the_language_stays_in_every_link(client: FlaskClient, path: str) -> None:
    page = Page(client.get(english(path)).text)
    # What is in one language whatever was chosen: exports, the feed.
    alone = ("/api/", "/feed.atom")
    own = [link for link in page.links() if link.startswith("/") and not link.startswith(alone)]
    assert own
    assert all(parse_qs(urlsplit(link).query).get("lang") == ["en"] for link in own)
    for link in Page(client.get(path).text).links():
        assert "lang=" not in link or "lang=en" in link  # in Arabic only the way to English names a language
    arabic = Page(client.get(path).text).links()
    assert sum("lang=en" in link for link in arabic) == 1


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "/"),
        ("/?q=العدد&source=مجلة+مدارات&page=2&utm=1&_scheme=x&_anchor=y", "/?q=العدد&source=مجلة+مدارات&page=2"),
        ("/?sort=newest", "/?sort=newest"),
        ("/articles/a/b//c?q=مترو", "/articles/a/b%2F%2Fc?q=مترو"),
        ("/nowhere?q=x", "/"),
        ("/embed?q=x", "/embed"),
        ("/docs", "/docs"),
    ],
)
@pytest.mark.parametrize("asked", ["", "en", "fr"])
def test_each_page_names_itself_in_both_languages(client: FlaskClient, path: str, expected: str, asked: str) -> None:
    given = f"{path}{'&' if '?' in path else '?'}lang={asked}" if asked else path
    page = Page(client.get(given).text)
    alternates = {
        each["hreflang"]: unquote(each["href"] or "", errors="strict")
        for each in page.all("link")
        if each.get("hreflang")
    }
    expected = unquote(expected)
    with_language = f"{expected}{'&' if '?' in expected else '?'}lang=en"
    assert alternates == {"ar": f"http://localhost{expected}", "en": f"http://localhost{with_language}"}


def test_an_unknown_language_is_arabic(client: FlaskClient) -> None:
    for code in ("fr", "ar", "", "EN", "../en", "en,ar"):
        assert Page(client.get("/", query_string={"lang": code}).text).all("html")[0]["lang"] == "ar"


def test_the_endpoint_knows_no_language(client: FlaskClient) -> None:
    assert client.get("/api/search?lang=en").status_code == 400


def test_errors_speak_english_too() -> None:
    client = create_app(Settings(), FakeEngine(available=False)).test_client()
    assert "No index to search now" in client.get("/?lang=en").text
    assert "No index to search now" in client.get("/articles/x?lang=en").text
    assert "Nothing here" in client.get("/nowhere?lang=en").text
