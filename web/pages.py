"""The pages for people: search, results and articles, all of them complete without JavaScript."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Flask, Response, abort, make_response, render_template, request, url_for
from markupsafe import Markup

from index.article import Article
from search.request import Filters, SearchRequest
from web import feed, links, marking, navigation, wording
from web.asking import ask
from web.caching import lasting
from web.extension import current_engine
from web.params import PageQuestion, lenient_request

_FRONT_ARTICLES = 8

blueprint = Blueprint("pages", __name__)


def register(app: Flask, site_name: str) -> None:
    """Add the pages to ``app`` and give its templates what they need to show Arabic."""
    app.register_blueprint(blueprint)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        breaks_off=marking.breaks_off,
        counted=_counted,
        day=wording.day,
        day_of=wording.day_of,
        marked=marking.marked,
        number=wording.number,
    )
    app.jinja_env.globals.update(
        article_url=links.article_url,
        host_of=marking.host_of,
        site_name=site_name,
        opening=marking.opening,
        summaries=marking.summaries,
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
    facets = {facet.name: facet for facet in navigation.facets(everything, results)}
    return make_response(
        render_template(
            "front.html",
            results=results,
            facets=facets,
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
            # That the time ran out is told by the page itself.
            notes=[note.text for note in (*question.notes, *results.notes) if note.code != "partial"],
            sorts=navigation.sorts(asked),
            facets=navigation.facets(asked, results),
            chips=navigation.chips(asked),
            pager=navigation.pager(asked, results),
            unfiltered=links.page_url(links.without_filters(asked)),
            filtered=asked.filters != Filters(),
            first_page=links.page_url(SearchRequest(asked.text, asked.filters, sort=asked.sort)),
            everything=links.page_url(SearchRequest(sort="newest")),
            feed=url_for("feed.feed", **feed.parameters(asked)),
        )
    )
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _counted(count: int, noun: str) -> Markup:
    """``wording.counted`` with the number isolated from the text around it."""
    number = Markup("<bdi>{}</bdi>").format(wording.number(count))
    return Markup(wording.pattern(count, noun)).format(n=number)  # noqa: S704 - our own wording
