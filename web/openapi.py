"""Operations of the endpoint: what reads their query strings and what they answer, and the OpenAPI document of both.

A view becomes an operation by a decorator that names its answers. Its parameter ``query`` is annotated with a model of
``web.schemas``, which reads the query string and stands in the document; the types of answers are those that the views
fill in and mypy checks. So the document cannot tell anything else than the code does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import metadata
from inspect import unwrap
from typing import Any, ParamSpec, TypeVar, get_type_hints

from flask import request
from spectree import Response, SpecTree
from spectree.plugins.flask_plugin import FlaskPlugin

from web.schemas import Parameters

P = ParamSpec("P")
R = TypeVar("R")

JSON = "application/json"
PROBLEM = "application/problem+json"

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}

HEADERS: Mapping[str, Schema] = {
    "Allow": {"description": "The methods that there are.", "schema": TEXT},
    "Cache-Control": {"description": "How long the answer may be kept without asking again.", "schema": TEXT},
    "Content-Disposition": {"description": "The name of a file to save the answer under.", "schema": TEXT},
    "ETag": {"description": "Changes with the index; give it back as If-None-Match.", "schema": TEXT},
    "Link": {"description": "The pages before and after, RFC 8288.", "schema": TEXT},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}},
    "X-Request-ID": {"description": "The request's name in the server's log.", "schema": TEXT},
    "X-Total-Count": {"description": "How many articles match.", "schema": {"type": "integer", "minimum": 0}},
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of an operation.

    ``content``: by media type the type of what is sent, or a JSON schema. ``headers``: names, keys of HEADERS.
    ``links``: OpenAPI links to other operations.
    """

    status: int
    description: str
    content: Mapping[str, type | Schema] = field(default_factory=dict)
    headers: Sequence[str] = ()
    links: Mapping[str, Schema] = field(default_factory=dict)


class _Answers(Response):
    """What spectree asks of an operation's answers, for more media types than JSON."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        super().__init__()
        self._answers = sorted(answers, key=lambda answer: answer.status)

    def add_model(self, *args: Any, **kwargs: Any) -> None:
        """Add nothing: what is answered to bad requests is named as any other answer."""

    @property
    def models(self) -> list[Any]:
        """The types that need a schema."""
        return [each for answer in self._answers for each in answer.content.values() if isinstance(each, type)]

    def generate_spec(self, naming_strategy: Any = None) -> dict[str, Any]:
        """The responses object."""
        return {str(answer.status): _described(answer) for answer in self._answers}


def _described(answer: Answer) -> Schema:
    content = {
        media: {"schema": {"$ref": f"#/components/schemas/{each.__name__}"} if isinstance(each, type) else each}
        for media, each in answer.content.items()
    }
    described: Schema = {"description": answer.description}
    headers = {name: HEADERS[name] for name in (*answer.headers, "X-Request-ID")}
    return described | {"headers": headers} | ({"content": content} if content else {}) | _links(answer)


def _links(answer: Answer) -> Schema:
    return {"links": dict(answer.links)} if answer.links else {}


class _Plugin(FlaskPlugin):
    """spectree's hold on Flask, less what it would do to answers: reading streams to their end to look at them."""

    def validate(self, func: Callable[..., Any], query: type[Parameters] | None, *others: Any, **given: Any) -> Any:
        """Call a view with its query string read; raises InvalidParametersError, which ``web.problems`` answers.

        Answers are passed on: that they keep their promises is for the tests.
        """
        return func(**given, query=query.read(request.args)) if query else func(**given)

    def parse_path(self, route: Any, descriptions: Mapping[str, str] | None) -> tuple[str, list[Schema]]:
        """A route's path and its parameters, all of them texts with something in them."""
        path, parameters = super().parse_path(route, descriptions)
        return path, [{**each, "schema": {"type": "string", "minLength": 1}} for each in parameters]


def _name(model: Any) -> str:
    return str(model.__name__)


_SUMMARY = metadata("fihris")["Summary"]

_READERS: set[str] = set()
"""Names of the models that read query strings: parameters tell what they hold, one by one."""

_SPECIFICATION = SpecTree(
    "flask",
    backend=_Plugin,
    mode="strict",
    annotations=False,
    title="Fihris",
    version=metadata("fihris")["Version"],
    description=f"{_SUMMARY}. Ranges are half-open code-point offsets. Errors are problem details (RFC 9457): "
    "`errors` names every parameter at fault. `GET` stands for `HEAD` as well.",
    naming_strategy=_name,
    nested_naming_strategy=lambda parent, child: child,
)


def operation(
    name: str, *answers: Answer, tag: str = "search", paths: Mapping[str, str] | None = None
) -> Callable[[Callable[P, R]], Callable[..., R]]:
    """Make a view an operation: its query string is read by the model that ``query`` is annotated with.

    ``name``: the operation's id. ``paths``: what the parts of its path are. The view's docstring describes it.
    """

    def declare(view: Callable[P, R]) -> Callable[..., R]:
        query = get_type_hints(unwrap(view)).get("query")
        if query:
            _READERS.add(_name(query))
        return _SPECIFICATION.validate(  # type: ignore[no-any-return]
            query=query, resp=_Answers(answers), tags=(tag,), operation_id=name,
            path_parameter_descriptions=paths,
        )(view)  # fmt: skip

    return declare


def document(root: str) -> dict[str, Any]:
    """Return the OpenAPI document of the current application, whose paths begin at ``root``."""
    specification = _SPECIFICATION.spec
    license_ = {"name": "GNU General Public License 3 or later", "identifier": "GPL-3.0-or-later"}
    return {
        **specification,
        "info": {**specification["info"], "license": license_},
        "servers": [{"url": root or "/"}],
        "paths": {
            path: {
                method: {**operation, "parameters": [_tidied(each) for each in operation["parameters"]]}
                for method, operation in methods.items()
            }
            for path, methods in specification["paths"].items()
        },
        "components": {
            "schemas": {
                name: schema for name, schema in specification["components"]["schemas"].items() if name not in _READERS
            }
        },
    }


def _tidied(parameter: Schema) -> Schema:
    """A parameter without what spectree says twice, and without the default of one that has none."""
    schema = {
        name: value
        for name, value in parameter["schema"].items()
        if name not in {"title", "description"} and not (name == "default" and value is None)
    }
    return {**parameter, "schema": schema}
