"""A query's tree as the cluster is asked it: what matches, decided to the article, and a score to choose candidates by.

What matches is asked in filter context, where nothing is scored: a word by the forms that match, each in the fields
that are asked; a phrase in order; a prefix as such. It is what ``search.masks`` decides in an embedded index.

The score need only put what our scorer will find best among the first few hundred. OpenSearch saturates each form by
itself, and knows a form's own rarity only: a form's boost is therefore what its family is worth over that rarity, and
of all forms and fields of a word the best counts whole and the others a part (``dis_max``), as much as adding up before
saturation would give them, about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from index.opensearch.documents import exact, term
from index.schema import FACETS, NO_DAY
from search.expansion import Expansion
from search.opensearch.statistics import Statistics, fields_of
from search.query import Clause, Either, Group, Leaf, Node, Phrase, Prefix, Word
from search.ranking import Ranking
from search.request import Filters, Sort
from search.selection import Selection

Json = dict[str, Any]

EVERYTHING: Json = {"match_all": {}}
NOTHING: Json = {"match_none": {}}

TIE = 0.3
"""What a word's other forms and fields count beside the best of them, in the choice of candidates."""

_CLAUSES = 400
"""Forms of all words together that candidates are chosen by; OpenSearch takes 1,024 clauses in all."""
_FORMS = 24
"""Forms of one word, the most telling ones, that candidates are chosen by."""


class Translation:
    """Translates queries to one state of an index."""

    def __init__(self, expansion: Expansion, statistics: Statistics, ranking: Ranking) -> None:
        self._expansion = expansion
        self._statistics = statistics
        self._ranking = ranking

    def matching(self, group: Group, match: Literal["all", "any"]) -> Json:
        """Return what decides which articles a group matches."""
        parts = [self._node(clause.node, match) for clause in group.wanted()]
        excluded = [self._node(clause.node, match) for clause in group.excluded()]
        together = _all(parts) if group.strict or match == "all" else _any(parts)
        if not parts:
            together = EVERYTHING
        return {"bool": {"filter": [together], "must_not": excluded}} if excluded else together

    def _node(self, node: Node, match: Literal["all", "any"]) -> Json:
        if isinstance(node, Group):
            return self.matching(node, match)
        if isinstance(node, Either):
            return _any([self._option(option, match) for option in node.options])
        return _any([part for field in fields_of(node.field) for part in self._leaf(node, field)])

    def _option(self, option: Clause, match: Literal["all", "any"]) -> Json:
        asked = self._node(option.node, match)
        return {"bool": {"must_not": [asked]}} if option.excluded else asked

    def _leaf(self, leaf: Leaf, field: str) -> list[Json]:
        if isinstance(leaf, Word):
            forms = self._expansion.forms_of(leaf)
            words = [word for word, matches in zip(forms.words, forms.matches.tolist(), strict=True) if matches]
            terms: Json = {"terms": {field: [term(word.decode()) for word in words]}}
            return [terms, *(in_field(Phrase(phrase.words), field) for phrase in forms.phrases)]
        return [in_field(leaf, field)]

    def scoring(self, leaves: Sequence[Leaf], *, all_there: bool) -> list[Json]:
        """Return what scores candidates, for the leaves of a query that score.

        ``all_there``: whether every hit has all of them, so that having them tells nothing.
        """
        presence = 0.0 if all_there else self._ranking.presence(len(leaves))
        words = sum(isinstance(leaf, Word) for leaf in leaves)
        most = max(1, min(_FORMS, _CLAUSES // (2 * max(1, words))))
        return [part for leaf in leaves for part in self._scored(leaf, presence, most)]

    def _scored(self, leaf: Leaf, presence: float, most: int) -> list[Json]:
        if isinstance(leaf, Word):
            return self._scored_word(leaf, presence, most)
        if isinstance(leaf, Prefix):
            worth = presence + self._statistics.worth_of_prefix(leaf) / 2
            return [_constant(_any([in_field(leaf, field) for field in fields_of(leaf.field)]), worth)]
        parts = []
        for field in fields_of(leaf.field):
            words = [word.encode("utf-8", "replace") for word in dict.fromkeys(leaf.words)]
            holding = self._statistics.holding(words, leaf.field).tolist()
            rarity = sum(self._ranking.rarity(self._statistics.documents, each) for each in holding)
            telling = sum(self._ranking.telling(word) for word in leaf.words) / len(leaf.words)
            weight = (self._ranking.k1 + 1) * self._ranking.phrase * telling * self._weight(field)
            asked = in_field(leaf, field)
            if rarity and len(leaf.words) > 1:
                parts.append({"match_phrase": {field: {**asked["match_phrase"][field], "boost": weight}}})
            else:
                parts.append(_constant(asked, weight * rarity / 2))
        scored = [_best(parts)]
        if presence:
            scored.append(_constant(_any([in_field(leaf, field) for field in fields_of(leaf.field)]), presence))
        return scored

    def _scored_word(self, word: Word, presence: float, most: int) -> list[Json]:
        statistics, ranking = self._statistics, self._ranking
        forms = self._expansion.forms_of(word)
        telling = ranking.telling(word.text)
        worth, own = (telling * each for each in statistics.worths(forms, word.field))
        holding = statistics.holding(forms.words, word.field).tolist()
        weighed = list(zip(forms.words, forms.weights.tolist(), holding, strict=True))
        others = [each for each in weighed[1:] if each[2]]
        # A form tells as much as it stands in many articles and is near.
        chosen = [weighed[0], *sorted(others, key=lambda each: -each[1] * each[2] ** 0.5)[: most - 1]]
        parts, exactly = [], []
        for form, weight, documents in chosen:
            rarity = ranking.rarity(statistics.documents, documents)
            text = term(form.decode())
            for field in fields_of(word.field):
                boost = weight * self._weight(field) / rarity
                parts.append(_term(field, text, worth * boost))
                if form is weighed[0][0]:
                    exactly.append(_term(field, text, own * boost))
        parts += [
            _constant(in_field(Phrase(phrase.words), field), worth * phrase.weight / 2)
            for phrase in forms.phrases
            for field in fields_of(word.field)
        ]
        scored = [_best(parts), _best(exactly)]
        if presence:
            every = [term(form.decode()) for form in forms.words]
            there = [{"terms": {field: every}} for field in fields_of(word.field)]
            scored.append(_constant(_any(there), presence))
        return scored

    def _weight(self, field: str) -> float:
        return self._ranking.weights.get(field, 1.0)


def in_field(leaf: Phrase | Prefix, field: str) -> Json:
    """Return a phrase or prefix asked of one field."""
    if isinstance(leaf, Prefix):
        return {"prefix": {field: {"value": leaf.text}}}
    if len(leaf.words) == 1:
        return {"term": {field: term(leaf.words[0])}}
    return {"match_phrase": {field: {"query": " ".join(map(term, leaf.words))}}}


def filtering(filters: Filters) -> list[Json]:
    """Return what a request's filters ask: any of the values of each facet, and an inclusive range of days."""
    asked: list[Json] = []
    for name in FACETS:
        # Half of a surrogate pair is no text that JSON could carry, nor that an article could hold.
        values = [value.encode("utf-8", "replace").decode() for value in getattr(filters, name)]
        if values:
            some: list[Json] = [{"terms": {f"{name}_value": [exact(value) for value in values if value]}}]
            if "" in values:
                some.append({"bool": {"must_not": [{"exists": {"field": f"{name}_value"}}]}})
            asked.append(_any(some))
    selection = Selection(filters)
    if selection.first_day > NO_DAY:
        days = {"gte": selection.first_day}
        if filters.published_to:
            days["lte"] = selection.last_day
        asked.append({"range": {"day": days}})
    return asked


def ordering(sort: Sort) -> list[Json]:
    """Return the order: by score or time, then the newest first, undated ones last, then as they were written."""
    direction = "asc" if sort == "oldest" else "desc"
    by_score: list[Json] = [{"_score": {"order": "desc"}}] if sort == "relevance" else []
    return [*by_score, {"instant": {"order": direction, "missing": "_last"}}, {"sequence": {"order": "asc"}}]


def _all(parts: Sequence[Json]) -> Json:
    return parts[0] if len(parts) == 1 else {"bool": {"filter": list(parts)}}


def _any(parts: Sequence[Json]) -> Json:
    if not parts:
        return NOTHING
    return parts[0] if len(parts) == 1 else {"bool": {"should": list(parts), "minimum_should_match": 1}}


def _best(parts: Sequence[Json]) -> Json:
    return parts[0] if len(parts) == 1 else {"dis_max": {"queries": list(parts), "tie_breaker": TIE}}


def _constant(asked: Mapping[str, Any], boost: float) -> Json:
    return {"constant_score": {"filter": dict(asked), "boost": boost}}


def _term(field: str, word: str, boost: float) -> Json:
    return {"term": {field: {"value": word, "boost": boost}}}
