"""What the endpoint's operations answer, as types and as descriptions of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NotRequired

from typing_extensions import TypedDict

from search.presentation import ResultData, SuggestionData
from web.openapi import PROBLEM, Answer


class LinkData(TypedDict):
    """URLs of this page of results and of those around it; null where there is no such page."""

    self: str
    next: str | None
    prev: str | None


class SearchData(ResultData):
    """A page of results and the ways on from it."""

    links: LinkData


class SuggestData(TypedDict):
    """What may be meant by what was typed, the likeliest first."""

    query: str
    suggestions: list[SuggestionData]


class FaultData(TypedDict):
    """A parameter at fault and what is wrong with it."""

    parameter: str
    detail: str


class ProblemData(TypedDict):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: NotRequired[list[FaultData]]


class HealthData(TypedDict):
    """The process is alive."""

    status: Literal["alive"]


class ReadinessData(TypedDict):
    """The index opens, and which one it is."""

    status: Literal["ready"]
    generation: str


def problem(status: int, description: str, *headers: str) -> Answer:
    """Describe an answer to what went wrong."""
    return Answer(status, description, {PROBLEM: ProblemData}, headers)


def cached(description: str, content: Mapping[str, type | dict[str, object]], *headers: str) -> Answer:
    """Describe an answer that can be asked for again with its ETag."""
    return Answer(200, description, content, ("ETag", "Cache-Control", *headers))


UNCHANGED = Answer(304, "What If-None-Match names is still the answer.", {}, ("ETag", "Cache-Control"))
INVALID = problem(400, "A parameter is unknown or cannot be taken; `errors` says which and why.")
NO_INDEX = problem(503, "There is no index that can be reached now, or none that this program reads.", "Retry-After")
