"""The pages for people: search, results and articles, all of them complete without JavaScript."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Flask, Response, abort, make_response, render_template, request, url_for

from index.article import Article
from search.grounds import Grounds
from search.request import Filters, SearchRequest
from search.results import SearchResults
from web import exports, feed, histogram, language, links, marking, navigation, wording
from web.asking import ask
from web.caching import lasting
from web.extension import current_engine
from web.params import PageQuestion, lenient_request

_FRONT_ARTICLES = 7
_SUGGESTIONS = 10
"""Lines that the page shows under the search box."""

_EXPORTS = (("csv", "CSV"), ("jsonl", "JSON Lines"))
"""The forms in which the page offers all results, and what they are called in every language."""

blueprint = Blueprint("pages", __name__)


def register(app: Flask, site_name: str) -> None:
    """Add the pages to ``app`` and give its templates what they need to show Arabic."""
    language.register(app)
    app.register_blueprint(blueprint)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        articles=wording.articles,
        breaks_off=marking.breaks_off,
        day=wording.day,
        day_of=wording.day_of,
        ground=wording.ground,
        marked=marking.marked,
        note=wording.note,
        number=wording.number,
        places=wording.places,
        results=wording.results,
    )
    app.jinja_env.globals.update(
        article_url=links.article_url,
        host_of=marking.host_of,
        site_name=site_name,
        opening=marking.opening,
        suggestion_counts=lambda: wording.suggestions(_SUGGESTIONS),
        summaries=marking.summaries,
        translations=_translations,
    )


@blueprint.get("/")
@lasting
def search() -> Response:
    """The front page where nothing is asked, else a page of results."""
    question = lenient_request(request.args)
    return _front() if question.front else _results(question)


@blueprint.get("/articles/<id:article_id>")
@lasting
def article(article_id: str) -> Response:
    """One article in full, with the words of ``q`` marked and a way back to the results it was found in."""
    question = lenient_request(request.args)
    found = current_engine().article(article_id, question.request.text)
    if found is None:
        abort(404)
    return make_response(
        render_template(
            "article.html",
            article=found.article,
            title=found.title,
            paragraphs=marking.paragraphs(found.body),
            original=marking.safe_link(found.article.url),
            canonical=links.absolute("pages.article", article_id=article_id),
            back=None if question.front else links.page_url(question.request),
            asked=SearchRequest(question.request.text),
            ways={name: _of_the_same(found.article, name) for name in links.FILTER_NAMES},
        )
    )


def _of_the_same(stored: Article, name: links.FilterName) -> str:
    """The page of all articles of the article's own source, category or author."""
    value: str = getattr(stored, name)
    return links.page_url(links.with_value(SearchRequest(sort="newest"), name, value)) if value else ""


def _front() -> Response:
    everything = SearchRequest(sort="newest")
    results = ask(replace(everything, per_page=_FRONT_ARTICLES))
    facets = {facet.name: facet for facet in navigation.facets(everything, results, current_engine().search)}
    return make_response(
        render_template(
            "front.html",
            results=results,
            facets=facets,
            chart=_chart(everything, results),
            canonical=links.absolute("pages.search"),
            everything=links.page_url(everything),
            feed=url_for("feed.feed"),
        )
    )


def _results(question: PageQuestion) -> Response:
    asked = question.request
    results = ask(asked)
    response = make_response(
        render_template(
            "results.html",
            asked=asked,
            results=results,
            # That something is missing, and why, is told by the page itself.
            notes=[note for note in (*question.notes, *results.notes) if note.code not in ("partial", "missing")],
            grounds=Grounds(asked.text, results.alternatives).of,
            sorts=navigation.sorts(asked),
            facets=navigation.facets(asked, results, current_engine().search),
            chart=_chart(asked, results),
            chips=navigation.chips(asked),
            pager=navigation.pager(asked, results),
            same=links.page_url(asked),
            unfiltered=links.page_url(links.without_filters(asked)),
            filtered=asked.filters != Filters(),
            first_page=links.page_url(SearchRequest(asked.text, asked.filters, sort=asked.sort)),
            everything=links.page_url(SearchRequest(sort="newest")),
            exports=[(name, links.export_url(asked, form)) for form, name in _EXPORTS] if exports.allowed() else [],
            feed=url_for("feed.feed", **feed.parameters(links.taken(asked))),
        )
    )
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _chart(asked: SearchRequest, results: SearchResults) -> histogram.Histogram | None:
    return histogram.histogram(asked, results, lambda narrowed: current_engine().search(narrowed).total)


def _translations() -> list[tuple[language.Language, str]]:
    """The languages and where the page that is shown is to be had in each; the front page's where it is an error's."""
    endpoint: str = "pages.search"
    values: dict[str, Any] = {}
    if request.endpoint in language.PAGES:
        endpoint, values = request.endpoint, dict(request.view_args or {})
    if request.endpoint in {"pages.search", "pages.article"}:
        question = lenient_request(request.args)
        # What else stands in the query string is dropped: some names mean something to ``url_for``.
        values = {**({} if question.front else links.page_parameters(question.request)), **values}
    return [
        (each, links.absolute(endpoint, **values, lang=None if each == language.DEFAULT else each.code))
        for each in language.LANGUAGES.values()
    ]
