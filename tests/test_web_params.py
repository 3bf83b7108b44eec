"""Query strings: strict for programs, lenient for people, and never a failure inside."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote_from_bytes

import pytest
from fake_engine import FakeEngine
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from index.settings import Settings
from search.engine import Engine
from search.request import MAX_DEPTH, MAX_QUERY_LENGTH, Filters, SearchRequest
from web import create_app
from web.params import TOO_DEEP, lenient_request
from web.schemas import InvalidParametersError, SearchParameters


def strict_request(args: MultiDict[str, str]) -> SearchRequest:
    return SearchParameters.read(args).request()


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(Settings(), FakeEngine()).test_client()


def test_every_parameter_arrives() -> None:
    given_parameters = MultiDict(
        [
            ("q", "  مياه "),
            ("page", "3"),
            ("per_page", "25"),
            ("sort", "oldest"),
            ("match", "any"),
            ("total", "bound"),
            ("explain", "1"),
            ("source", "أ"),
            ("source", "ب"),
            ("source", "أ"),
            ("category", "ج"),
            ("author", "د"),
            ("from", "2016-01-31"),
            ("to", "2016-02-01"),
        ]
    )
    expected = SearchRequest(
        "  مياه ",
        Filters(("أ", "ب"), ("ج",), ("د",), date(2016, 1, 31), date(2016, 2, 1)),
        "any",
        "oldest",
        3,
        25,
        total="bound",
        explain=True,
    )
    assert strict_request(given_parameters) == expected


def test_what_is_the_default_may_be_said() -> None:
    assert strict_request(MultiDict({"total": "exact", "explain": "0"})) == SearchRequest()


def test_pages_always_count_exactly_and_explain_nothing() -> None:
    question = lenient_request(MultiDict({"q": "مياه", "total": "bound", "explain": "1"}))
    assert question.request == SearchRequest("مياه")


def test_nothing_given_asks_for_every_article() -> None:
    assert strict_request(MultiDict()) == SearchRequest()
    assert strict_request(MultiDict({"q": ""})) == SearchRequest()


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("nonsense=1", "nonsense"),
        ("Q=x", "Q"),
        ("q=a&q=b", "q"),
        ("page=1&page=1", "page"),
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=", "page"),
        ("page=1.5", "page"),
        ("page=1_0", "page"),
        ("page=%2B1", "page"),
        ("page=²", "page"),
        ("page=" + "9" * 10, "page"),
        ("page=" + "9" * 5000, "page"),
        ("per_page=0", "per_page"),
        ("per_page=101", "per_page"),
        ("per_page=" + "0" * 5000, "per_page"),
        ("sort=best", "sort"),
        ("sort=", "sort"),
        ("match=none", "match"),
        ("from=2016-13-01", "from"),
        ("from=20160503", "from"),
        ("from=yesterday", "from"),
        ("to=2016-02-30", "to"),
        ("to=", "to"),
        ("source=", "source"),
        ("q=" + "ا" * (MAX_QUERY_LENGTH + 1), "q"),
        ("total=about", "total"),
        ("total=", "total"),
        ("total=exact&total=bound", "total"),
        ("explain=2", "explain"),
        ("explain=", "explain"),
        ("explain=true", "explain"),
        ("explain=1&explain=1", "explain"),
        ("format=xml", "format"),
        ("format=csv&format=csv", "format"),
    ],
)
def test_endpoint_names_the_parameter_at_fault(client: FlaskClient, query: str, parameter: str) -> None:
    answer = client.get(f"/api/search?{query}")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert [error["parameter"] for error in answer.json["errors"]] == [parameter]
    assert parameter in answer.json["detail"]


@pytest.mark.parametrize("query", ["page=1001", "page=101&per_page=100", "page=" + "9" * 9])
def test_a_page_too_deep_is_not_there_and_it_is_said_what_is(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/api/search?{query}")
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert [error["parameter"] for error in answer.json["errors"]] == ["page"]
    assert str(MAX_DEPTH) in answer.json["detail"]
    assert "format=jsonl" in answer.json["detail"]


def test_no_day_lies_between_a_last_and_a_first_one(sample_engine: Engine) -> None:
    client = create_app(Settings(), sample_engine).test_client()
    answer = client.get("/api/search?from=2027-01-01&to=2026-01-01").json
    assert (answer["total"], answer["hits"]) == (0, [])
    assert any("اليوم الأول" in note for note in answer["query"]["notes"])
    assert client.get("/api/search?from=2026-01-01&to=2026-01-01").json["query"]["notes"] == []


def test_endpoint_names_all_parameters_at_fault_at_once() -> None:
    with pytest.raises(InvalidParametersError) as raised:
        strict_request(MultiDict({"page": "x", "sort": "y", "z": "1"}))
    assert sorted(error.parameter for error in raised.value.errors) == ["page", "sort", "z"]


def test_longest_query_and_deepest_page_are_still_taken() -> None:
    request = strict_request(MultiDict({"q": "ا" * MAX_QUERY_LENGTH, "page": str(MAX_DEPTH // 100), "per_page": "100"}))
    assert len(request.text) == MAX_QUERY_LENGTH
    assert request.page * request.per_page == MAX_DEPTH


def test_digits_of_any_script_are_numbers(client: FlaskClient) -> None:
    answer = client.get("/api/search?page=٢")
    assert answer.json["page"] == 2
    assert "page=2" in answer.json["links"]["self"]


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=x",
        "page=" + "9" * 5000,
        "sort=best",
        "from=never",
        "to=2016-02-30",
        "source=",
        "nonsense=1",
    ],
)
def test_pages_take_what_cannot_be_read_as_not_given(query: str) -> None:
    name, _, value = query.partition("=")
    question = lenient_request(MultiDict({"q": "مياه", name: value}))
    assert question.request == SearchRequest("مياه")


def test_pages_leave_a_long_query_to_the_engine_which_says_what_it_took(sample_engine: Engine) -> None:
    long = "مدينة " * MAX_QUERY_LENGTH
    assert lenient_request(MultiDict({"q": long})).request.text == long
    (note,) = (note for note in sample_engine.search(SearchRequest(long)).notes if note.code == "length")
    answer = create_app(Settings(), sample_engine).test_client().get("/", query_string={"q": long})
    assert answer.status_code == 200
    assert note.text in answer.text


def test_pages_go_back_to_the_first_page_beyond_the_depth_and_say_so() -> None:
    question = lenient_request(MultiDict({"q": "مياه", "page": "1001"}))
    assert question.request.page == 1
    assert question.notes == (TOO_DEEP,)
    assert lenient_request(MultiDict({"q": "مياه", "page": "1000"})).request.page == 1000


def test_pages_take_a_range_of_days_as_it_is() -> None:
    filters = lenient_request(MultiDict({"from": "2017-01-01", "to": "2016-01-01"})).request.filters
    assert (filters.published_from, filters.published_to) == (date(2017, 1, 1), date(2016, 1, 1))


@pytest.mark.parametrize(
    ("query", "front"),
    [
        ("", True),
        ("q=", True),
        ("q=+", True),
        ("utm=x", True),
        ("source=", True),
        ("q=ا", False),
        ("source=ا", False),
        ("sort=newest", False),
        ("page=2", False),
        ("from=2016-01-01", False),
    ],
)
def test_front_page_is_for_those_who_ask_nothing(client: FlaskClient, query: str, front: bool) -> None:
    assert ('class="front"' in client.get(f"/?{query}").text) is front


def test_pages_without_words_begin_with_the_newest() -> None:
    assert lenient_request(MultiDict({"source": "أ"})).request.sort == "newest"
    assert lenient_request(MultiDict({"q": "مياه"})).request.sort == "relevance"
    assert lenient_request(MultiDict({"sort": "oldest"})).request.sort == "oldest"


_NAMES = (
    "q",
    "page",
    "per_page",
    "sort",
    "source",
    "category",
    "author",
    "from",
    "to",
    "match",
    "%FF",
    "x",
    "",
)
_VALUES = st.one_of(
    st.binary(max_size=40).map(lambda raw: quote_from_bytes(raw).encode()),
    st.binary(max_size=40),
    st.text(max_size=20).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.integers().map(lambda number: str(number).encode()),
    st.dates().map(lambda day: day.isoformat().encode()),
    st.sampled_from([b"", b"\0", b"%00", b"%ED%A0%80", b"%", b"%zz", b"9" * 5000, "٢".encode(), b"newest", b"any"]),
)
_QUERIES = st.lists(st.tuples(st.sampled_from(_NAMES), _VALUES), max_size=6).map(
    lambda pairs: b"&".join(name.encode() + b"=" + value for name, value in pairs)
)


@pytest.mark.parametrize(
    "path", ["/", "/api/search", "/articles/med-1", "/articles/nowhere", "/api/articles/med-1", "/readyz"]
)
@settings(deadline=None)
@given(query=_QUERIES)
def test_no_query_string_makes_the_server_fail(client: FlaskClient, path: str, query: bytes) -> None:
    environ = {"QUERY_STRING": query.decode("latin-1")}
    answer = client.get(path, environ_overrides=environ)
    assert answer.status_code in {200, 400, 404}
    if path == "/":
        assert answer.status_code == 200
    if answer.status_code == 400:
        assert answer.json["errors"]


@settings(deadline=None)
@given(path=st.binary(max_size=30))
def test_no_path_makes_the_server_fail(client: FlaskClient, path: bytes) -> None:
    for root in ("/articles/", "/api/articles/", "/static/", "/"):
        answer = client.get("/", environ_overrides={"PATH_INFO": root + path.decode("latin-1")})
        assert answer.status_code in {200, 404}


def test_raw_arabic_in_the_query_string_is_read(client: FlaskClient) -> None:
    raw = "q=الضواحي".encode().decode("latin-1")
    assert client.get("/api/search", environ_overrides={"QUERY_STRING": raw}).json["total"] == 1
