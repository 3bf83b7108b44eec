"""``/api/suggest``: its forms, its limits, its refusals, and what the page needs of it."""

from __future__ import annotations

import json

import pytest
from fake_engine import FakeEngine
from flask import Flask
from flask.testing import FlaskClient
from website import Page

from index.settings import Settings
from search.engine import Engine
from web import create_app

TITLE = "الأمم المتحدة تعيد رسم خريطة المياه في المتوسط"


@pytest.fixture(scope="module")
def real(sample_engine: Engine) -> FlaskClient:
    return create_app(Settings(), sample_engine).test_client()


def test_suggestions_are_texts_of_a_kind(client: FlaskClient) -> None:
    answer = client.get("/api/suggest", query_string={"q": "الأمم"})
    assert answer.content_type == "application/json; charset=utf-8"
    title = {"text": TITLE, "kind": "title", "ranges": [[0, 5]], "id": "med-1"}
    assert answer.json == {"query": "الأمم", "suggestions": [title]}


def test_a_browser_gets_a_list_of_texts(client: FlaskClient) -> None:
    answer = client.get("/api/suggest", query_string={"q": "الأمم", "format": "opensearch"})
    assert answer.mimetype == "application/x-suggestions+json"
    assert json.loads(answer.data) == ["الأمم", [TITLE]]


def test_the_sample_completes(real: FlaskClient) -> None:
    found = real.get("/api/suggest?q=المدين").json["suggestions"]
    assert {each["kind"] for each in found} >= {"word", "title"}
    assert all((each["id"] is not None) == (each["kind"] == "title") for each in found)
    for each in found:
        for begin, end in each["ranges"]:
            assert " " not in each["text"][begin:end]
    alike = [real.get("/api/suggest", query_string={"q": q}).json["suggestions"] for q in ("مدين", "الْمَدِين", "المدين")]
    assert alike == [found] * 3


def test_limits(real: FlaskClient) -> None:
    sizes = [len(real.get(f"/api/suggest?q=م&limit={limit}").json["suggestions"]) for limit in (1, 7, 20)]
    assert sizes == [1, 7, 20]
    assert len(real.get("/api/suggest?q=م").json["suggestions"]) == 10


@pytest.mark.parametrize("query", ["", "q=", "q=%20", "q=؟!", "q=%ff", "q=%00", "q=%ED%A0%80", "q=%F0%9F%99%82"])
def test_of_nothing_there_is_nothing(real: FlaskClient, query: str) -> None:
    for form in ("json", "opensearch"):
        answer = real.get(f"/api/suggest?{query}&format={form}")
        assert answer.status_code == 200
        assert (answer.json["suggestions"] if form == "json" else json.loads(answer.data)[1]) == []


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=21", "limit"),
        ("limit=many", "limit"),
        ("format=xml", "format"),
        ("colour=red", "colour"),
        ("q=a&q=b", "q"),
        (f"q={'م' * 513}", "q"),
    ],
)
def test_what_cannot_be_taken_is_named(client: FlaskClient, query: str, parameter: str) -> None:
    answer = client.get(f"/api/suggest?{query}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert [each["parameter"] for each in answer.json["errors"]] == [parameter]


def test_without_an_index_it_says_so() -> None:
    answer = create_app(Settings(), FakeEngine(available=False)).test_client().get("/api/suggest?q=a")
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert answer.headers["Retry-After"]


def test_an_answer_is_good_until_the_index_changes(client: FlaskClient) -> None:
    first = client.get("/api/suggest?q=الأمم")
    again = client.get("/api/suggest?q=الأمم", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get("/api/suggest?q=المدينة", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


def test_pages_say_where_suggestions_are(app: Flask, engine: FakeEngine) -> None:
    for client, root in ((app.test_client(), ""), (create_app(Settings(prefix="/x"), engine).test_client(), "/x")):
        for path in ("/", "/?q=المدينة", "/articles/med-1", "/nowhere"):
            (field,) = (
                each for each in Page(client.get(f"{root}{path}").text).all("div") if each.get("class") == "field"
            )
            assert (field["data-suggest"], field["data-home"]) == (f"{root}/api/suggest", f"{root}/")
            counts = json.loads(field["data-counts"] or "")
            assert (counts[0], counts[2], counts[10]) == ("لا اقتراحات", "اقتراحان", "10 اقتراحات")
    english = Page(app.test_client().get("/?lang=en").text)
    (field,) = (each for each in english.all("div") if each.get("class") == "field")
    assert json.loads(field["data-counts"] or "")[:3] == ["No suggestions", "1 suggestion", "2 suggestions"]
