"""HTTP and nothing else: the search page and the JSON endpoint over an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from index.settings import Settings, listed
from search.engine import Engine
from search.engines import open_engine
from web import (
    api,
    caching,
    delivery,
    discovery,
    exports,
    extension,
    feed,
    headers,
    observation,
    pages,
    probes,
    problems,
)
from web.routing import ArticleIdConverter, LenientRequest, admit_hosts

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def create_app(settings: Settings | None = None, engine: Engine | None = None) -> Flask:
    """Make the WSGI application; nothing is read from the index before the first request.

    ``settings`` default to the environment's, ``engine`` to the one that the settings name.
    Raises SettingsError for an environment that cannot be used.
    """
    settings = settings or Settings.from_environment()
    app = Flask(__name__)
    app.request_class = LenientRequest
    # Ids may hold doubled and leading slashes.
    app.url_map.merge_slashes = False
    app.url_map.converters["id"] = ArticleIdConverter
    app.extensions[extension.NAME] = used = engine or open_engine(settings)
    admit_hosts(app, listed(settings.allowed_hosts))

    observation.register(app)
    caching.register(app, settings)
    exports.register(app, settings.exports)
    delivery.register(app, settings)
    headers.register(app)
    problems.register(app)
    pages.register(app, settings.site_name)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(feed.blueprint)
    app.register_blueprint(discovery.blueprint)
    probes.register(app, settings)
    _mount(app, settings, used)
    return app


def _mount(app: Flask, settings: Settings, engine: Engine) -> None:
    """Put the application under its path prefix, behind the proxies that may be believed, and under observation."""
    from web.metrics import Metrics  # not before gunicorn has said where processes add up what they count

    serve: WSGIApplication = app.wsgi_app
    if settings.prefix:
        serve = DispatcherMiddleware(NotFound(), {settings.prefix: serve})
    if settings.proxies:
        count = settings.proxies
        serve = ProxyFix(serve, x_for=count, x_proto=count, x_host=count, x_prefix=count)
    app.extensions[extension.METRICS] = metrics = Metrics(engine)
    serve = observation.Observation(serve, metrics, settings)
    app.wsgi_app = serve  # type: ignore[method-assign]
