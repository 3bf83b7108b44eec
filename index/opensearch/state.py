"""The state of a generation in the cluster: one document, written last, that makes it complete and tells its commit.

A reader asks for it with ``live_state``, as often as it likes: it is one document, read by its id, and up to date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from index.arabic import ANALYSIS_VERSION
from index.generation import RefusedIndexError
from index.generations import NoIndexError
from index.opensearch.connection import ClusterError, telling
from index.opensearch.names import Names, assets_of
from index.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

STATE = "state"
"""The id of the document."""

FORMAT = "1"
"""Of everything that ``index.opensearch`` writes. Raise it with every change of fields, assets or the state itself."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that lies in the cluster: its name, bytes, pieces, and the hexadecimal XXH3 checksum of all of it.

    ``replaced``: when another took its place, in seconds since 1970; 0 while none has.
    """

    name: str
    size: int
    pieces: int
    checksum: str
    replaced: float = 0.0


@dataclass(frozen=True, slots=True)
class State:
    """A generation at one commit.

    ``documents`` and ``words`` (by field) count what was ever written to the generation, replaced articles too, as the
    documents of ``assets`` do: the first asset is the generation's own table of words, the others are of what was added
    (see ``vocabulary``). ``retired``: assets that others have replaced, and that a reader of an earlier state may still
    be fetching. ``sequence``: the number that the next document gets. ``articles`` and ``rejected``: of the
    build. Times are ISO 8601, UTC.
    """

    generation: str
    commit: int
    sequence: int
    documents: int
    words: Mapping[str, int]
    assets: Sequence[Asset]
    articles: int
    rejected: int
    started: str
    finished: str
    seconds: float
    retired: Sequence[Asset] = ()
    analysis_version: str = ANALYSIS_VERSION
    schema_version: str = SCHEMA_VERSION
    format: str = FORMAT

    @property
    def key(self) -> tuple[str, int]:
        """The generation's name and its commit: what changes whenever the index does."""
        return self.generation, self.commit


@dataclass(frozen=True, slots=True)
class Version:
    """Which version of the document was read: it is replaced only where it is still this one."""

    number: int
    term: int


def live_state(client: OpenSearch, names: Names, seconds: float = 0.0) -> State:
    """Return the live generation's state.

    ``seconds``: how long a node may take before another is asked, 0: as long as for any request. Raises NoIndexError
    before the first publication, RefusedIndexError where it was built by another version of the analysis, and
    ClusterError.
    """
    return _read(client, names.assets, seconds)[0]


def state_of(client: OpenSearch, generation: str) -> tuple[State, Version]:
    """Return a generation's state and the document's version; raises as ``live_state`` does."""
    return _read(client, assets_of(generation))


def _read(client: OpenSearch, index: str, seconds: float = 0.0) -> tuple[State, Version]:
    # 404 is an answer and no error: nothing is published, or not wholly.
    params: dict[str, Any] = {"ignore": 404}
    if seconds:
        params["request_timeout"] = seconds
    with telling():
        found = client.get(index=index, id=STATE, params=params)
    if not found.get("found"):
        raise NoIndexError(f"no live index under {index} in the cluster: run `fihris reindex` on your articles first")
    return _state(found["_index"], found["_source"]), Version(found["_seq_no"], found["_primary_term"])


def _state(index: str, values: Mapping[str, Any]) -> State:
    for what, wanted in (
        ("format", FORMAT),
        ("analysis_version", ANALYSIS_VERSION),
        ("schema_version", SCHEMA_VERSION),
    ):
        if values.get(what) != wanted:
            raise RefusedIndexError(
                f"the index {index} was built with {what.replace('_', ' ')} {values.get(what)}, this program needs "
                f"{wanted}: run `fihris reindex` on your articles again"
            )
    known = {field.name: values[field.name] for field in fields(State)}
    for name in ("assets", "retired"):
        known[name] = tuple(Asset(**asset) for asset in values[name])
    return State(**known)


def write_state(client: OpenSearch, state: State, replaced: Version | None = None) -> None:
    """Write a generation's state, in place of the version that was read (None: of none).

    Raises ClusterError where another writer was faster.
    """
    condition: dict[str, Any] = {"op_type": "create"}
    if replaced is not None:
        condition = {"if_seq_no": replaced.number, "if_primary_term": replaced.term}
    with telling():
        answer = client.index(
            index=assets_of(state.generation), id=STATE, body=asdict(state), params={**condition, "ignore": 409}
        )
    # A request that was answered too late was sent again, and then finds its own work.
    if answer.get("status") == 409 and _read(client, assets_of(state.generation))[0] != state:
        raise ClusterError(f"{state.generation}: another writer has changed the index meanwhile")
