"""The site over the engine in memory, and its pages taken apart."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from fake_engine import FakeEngine
from flask import Flask
from flask.testing import FlaskClient

from index.settings import Settings
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

    def foreign_scripts(self) -> list[dict[str, str | None]]:
        """Every script but the pages' own file."""
        return [each for each in self.all("script") if not str(each.get("src")).startswith("/static/page.js?v=")]

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
