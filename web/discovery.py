"""How others find the search: browsers by OpenSearch, sites by a box to embed, programmers by a description."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from markupsafe import Markup

from web import links
from web.answers import INVALID
from web.api import SUGGESTIONS
from web.caching import unchanging
from web.openapi import JSON, TEXT, Answer, document, operation
from web.schemas import NoParameters

OPENSEARCH = "application/opensearchdescription+xml"
_NAMESPACE = "http://a9.com/-/spec/opensearch/1.1/"
_SHORT_NAME = 16
_BACKTICKS = re.compile("`+")
_CACHED = ("ETag", "Cache-Control")

blueprint = Blueprint("discovery", __name__)


@blueprint.get("/openapi.json")
@operation(
    "openapi", Answer(200, "This document.", {JSON: {"type": "object"}}, _CACHED), INVALID, tag="discovery"
)  # fmt: skip
def openapi(query: NoParameters) -> Response:
    """The description of all this, in OpenAPI 3.1."""
    text = json.dumps(document(request.script_root), ensure_ascii=False, indent=1)
    return unchanging(Response(text, mimetype=JSON))


@blueprint.get("/docs")
def reference() -> Response:
    """The description for people, made from the one for programs."""
    described = document(request.script_root)
    operations = [
        {"path": path, "method": method.upper(), **operation_}
        for path, methods in described["paths"].items()
        for method, operation_ in methods.items()
    ]
    page = render_template(
        "reference.html", info=described["info"], operations=operations, schemas=described["components"]["schemas"],
        root=request.url_root.rstrip("/"), type_of=_type_of, limits_of=_limits_of, prose=_prose,
    )  # fmt: skip
    return unchanging(make_response(page))


@blueprint.get("/opensearch.xml")
@operation(
    "opensearch", Answer(200, "The description document.", {OPENSEARCH: TEXT}, _CACHED), INVALID, tag="discovery"
)  # fmt: skip
def opensearch(query: NoParameters) -> Response:
    """What a browser needs to add the site to its search engines (OpenSearch 1.1)."""
    site_name = str(current_app.jinja_env.globals["site_name"])
    root = ElementTree.Element("OpenSearchDescription", {"xmlns": _NAMESPACE})
    _add(root, "ShortName", site_name[:_SHORT_NAME])
    _add(root, "Description", f"{site_name}: بحث في نصوص المقالات العربية كاملةً")
    _add(root, "InputEncoding", "UTF-8")
    _add(root, "Language", "ar")
    icon = links.absolute("static", filename="favicon.svg")
    _add(root, "Image", icon, width="64", height="64", type="image/svg+xml")
    page = links.absolute("pages.search")
    _add(root, "Url", type="text/html", template=f"{page}?q={{searchTerms}}&page={{startPage?}}")
    feed = links.absolute("feed.feed")
    _add(root, "Url", type="application/atom+xml", template=f"{feed}?q={{searchTerms}}")
    suggestions = links.absolute("api.suggest")
    _add(root, "Url", type=SUGGESTIONS, template=f"{suggestions}?format=opensearch&q={{searchTerms}}")
    _add(root, "Url", type=OPENSEARCH, rel="self", template=links.absolute("discovery.opensearch"))
    text = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return unchanging(Response(text, content_type=f"{OPENSEARCH}; charset=utf-8"))


@blueprint.get("/favicon.ico")
def icon() -> Response:
    """The site's icon, where programs look for one that read no page."""
    return unchanging(current_app.send_static_file("favicon.svg"))


@blueprint.get("/embed.js")
def embed_script() -> Response:
    """The search box for other sites: one script, at an address that stays."""
    return unchanging(current_app.send_static_file("embed.js"))


@blueprint.get("/embed")
def embed() -> Response:
    """A page that shows the search box and what to put into a site's own pages."""
    page = render_template(
        "embed.html", script=links.absolute("discovery.embed_script"), address=links.absolute("pages.search"),
        home=url_for("pages.search"),
    )  # fmt: skip
    return unchanging(make_response(page))


def _type_of(schema: dict[str, Any]) -> str:
    """A JSON schema in a few words, for people."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(_type_of(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        items = schema.get("items") or {"type": "integer"}
        return f"{_type_of(items)}[]"
    return str(schema.get("format") or schema.get("type") or "")


def _limits_of(schema: dict[str, Any]) -> str:
    """What values a JSON schema allows, for people; empty where it allows any of its type."""
    if "maximum" in schema:
        return f"{schema['minimum']:,} to {schema['maximum']:,}"
    if "maxLength" in schema:
        return f"at most {schema['maxLength']:,} characters"
    return ""


def _prose(text: str) -> Markup:
    """A text for programmers, with what stands between backticks as code."""
    code = Markup("<code>{}</code>")
    return Markup("").join(
        code.format(piece) if place % 2 else piece for place, piece in enumerate(_BACKTICKS.split(text))
    )


def _add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> None:
    ElementTree.SubElement(parent, name, attributes).text = text or None
