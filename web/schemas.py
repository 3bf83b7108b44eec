"""The query strings that programs may send: models that read them, and that the OpenAPI document is made from.

What a model does not name is refused, and so is what it cannot read; each with a sentence for programmers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Self, TypeAlias, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from spectree.utils import get_multidict_items
from werkzeug.datastructures import MultiDict

from search.request import MAX_DEPTH, MAX_PER_PAGE, MAX_QUERY_LENGTH, Filters, Match, SearchRequest, Sort, Total
from web import values

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ParameterError:
    """What is wrong with one query parameter: its name and an English sentence for programmers."""

    parameter: str
    detail: str


class InvalidParametersError(ValueError):
    """A query string that cannot be taken; ``errors`` names every parameter at fault.

    ``status`` is 404 where each parameter is right by itself and there is only no such page.
    """

    def __init__(self, errors: tuple[ParameterError, ...], status: int = 400) -> None:
        super().__init__("; ".join(f"{error.parameter}: {error.detail}" for error in errors))
        self.errors = errors
        self.status = status


def _single(read: Callable[[str], T]) -> BeforeValidator:
    """Read a parameter that may be given once."""

    def taken(value: Any) -> T:
        if isinstance(value, list):
            raise ValueError("given more than once")  # noqa: TRY004 - pydantic tells ValueErrors apart from failures
        return read(value)

    return BeforeValidator(taken)


def _several(given: list[str]) -> list[str]:
    if not all(given):
        raise ValueError("empty value")
    return list(dict.fromkeys(given))


_DATE = {"type": "string", "format": "date"}

_Text: TypeAlias = Annotated[str, Field(max_length=MAX_QUERY_LENGTH), _single(values.query_text)]
_Day: TypeAlias = Annotated[date | None, WithJsonSchema(_DATE), _single(values.day)]
_Values: TypeAlias = Annotated[list[Annotated[str, Field(min_length=1)]], BeforeValidator(_several)]


class Parameters(BaseModel):
    """A query string that holds nothing else than the model's fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def read(cls, args: MultiDict[str, str]) -> Self:
        """Read a query string; raises InvalidParametersError for any parameter that cannot be taken."""
        try:
            return cls.model_validate(get_multidict_items(args, cls))
        except ValidationError as invalid:
            errors = {
                str(error["loc"][0]): _sentence(error["type"], error.get("ctx", {}).get("error"), error["msg"])
                for error in invalid.errors()
            }
            raise InvalidParametersError(tuple(ParameterError(*each) for each in errors.items())) from None


class NoParameters(Parameters):
    """An empty query string."""


class FilterParameters(Parameters):
    """Which articles are asked for."""

    q: _Text = Field("", description="The question, in the query language; without one, every article is asked for.")
    source: _Values = Field([], description="Any of these sources.")
    category: _Values = Field([], description="Any of these categories.")
    author: _Values = Field([], description="Any of these authors.")
    first_day: _Day = Field(None, alias="from", description="First day of publication.")
    last_day: _Day = Field(None, alias="to", description="Last day of publication.")

    def filters(self) -> Filters:
        """The filters in the engine's terms."""
        return Filters(tuple(self.source), tuple(self.category), tuple(self.author), self.first_day, self.last_day)


class SearchParameters(FilterParameters):
    """A question to the search endpoint."""

    match: Annotated[Match, _single(values.match)] = Field(
        "auto",
        description="Articles with `all` words, with `any`; `auto`: all, and behind them any where they fill no page.",
    )
    sort: Annotated[Sort, _single(values.sort)] = Field("relevance", description="The order of the hits.")
    page: Annotated[int, Field(ge=1, le=values.MAX_PAGE), _single(values.page)] = Field(
        1, description=f"Which page of hits, from 1. Only the first {MAX_DEPTH} hits can be paged to; exports give all."
    )
    per_page: Annotated[int, Field(ge=1, le=MAX_PER_PAGE), _single(values.per_page)] = Field(
        10, description="Hits a page."
    )
    total: Annotated[Total, _single(values.total)] = Field(
        "exact", description="`bound`: a lower bound of the total will do (`total_relation` is then `gte`)."
    )
    explain: Annotated[values.Flag, _single(values.flag)] = Field(
        "0", description="`1`: each hit comes with the parts of its score."
    )
    format: Annotated[values.Format, _single(values.answer_format)] = Field(
        "json",
        description="`json`: a page of hits. `jsonl`, `csv`: every matching article, whole, one a line, as a stream; "
        "`page`, `per_page`, `total` and `explain` mean nothing there.",
    )

    def request(self) -> SearchRequest:
        """The question in the engine's terms; raises InvalidParametersError for a page beyond the depth."""
        if self.format == "json" and self.page * self.per_page > MAX_DEPTH:
            beyond = f"only the first {MAX_DEPTH} results can be paged to; format=jsonl gives all"
            raise InvalidParametersError((ParameterError("page", beyond),), 404)
        return SearchRequest(
            self.q, self.filters(), self.match, self.sort, self.page, self.per_page,
            total=self.total, explain=self.explain == "1",
        )  # fmt: skip


class FeedParameters(FilterParameters):
    """A question whose newest articles are subscribed to."""

    match: Annotated[Match, _single(values.match)] = Field("all", description="As in `/api/search`.")

    def request(self, most: int) -> SearchRequest:
        """The question for the newest ``most`` articles, in the engine's terms."""
        return SearchRequest(self.q, self.filters(), self.match, "newest", per_page=most, facets=False)


class SuggestParameters(Parameters):
    """What a reader has typed so far."""

    q: _Text = Field("", description="What was typed; nothing is suggested of nothing.")
    limit: Annotated[int, Field(ge=1, le=values.MAX_SUGGESTIONS), _single(values.suggestions)] = Field(
        10, description="How many suggestions there may be."
    )
    format: Annotated[values.SuggestionFormat, _single(values.suggestion_format)] = Field(
        "json", description="`opensearch`: texts alone, as browsers ask for them (OpenSearch Suggestions 1.1)."
    )


def _sentence(kind: str, error: Exception | None, message: str) -> str:
    if kind == "extra_forbidden":
        return "unknown parameter"
    return str(error) if error else message
