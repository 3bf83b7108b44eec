"""The languages of the pages: Arabic, and English where ``?lang=en`` asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, has_request_context, request
from flask_babel import Babel, get_locale

PARAMETER = "lang"
PAGES = frozenset({"pages.search", "pages.article", "discovery.embed", "discovery.reference"})
"""Endpoints of pages that are in either language, or lead on to such."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the pages: its code, its direction, its own name, and the locale of its numbers and dates.

    ``ar`` and ``en-001`` are Arabic and English for the whole world, not of one country: by CLDR both write the digits
    0–9, and English puts the day before the month.
    """

    code: str
    direction: str
    name: str
    locale: str


DEFAULT = Language("ar", "rtl", "العربية", "ar")
LANGUAGES: Mapping[str, Language] = {"ar": DEFAULT, "en": Language("en", "ltr", "English", "en_001")}


def current() -> Language:
    """The language of the page that is being made."""
    locale = get_locale()
    return LANGUAGES.get(locale.language, DEFAULT) if locale else DEFAULT


def register(app: Flask) -> None:
    """Make ``app`` speak the language that the query string names, and keep it in every link to a page.

    The catalogue translates from English, which stands in templates and code; ``make catalogue`` brings it up to date.
    """
    Babel(app, default_locale=DEFAULT.code, locale_selector=_asked)
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.globals["language"] = current
    app.url_defaults(_keep)


def _asked() -> str:
    code = request.args.get(PARAMETER, "") if has_request_context() else ""
    return LANGUAGES.get(code, DEFAULT).code


def _keep(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint in PAGES and PARAMETER not in values and current() != DEFAULT:
        values[PARAMETER] = current().code
