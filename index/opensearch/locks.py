"""One writer of each kind at a time: locks that are documents in the cluster, whose owner must give signs of life.

There are three: ``build`` is held by reindex and rollback for as long as they run, ``change`` by whoever adds or
deletes, and by a build for the moments in which nothing may change, and ``turn`` by whoever is the next to get
``change``: without it a build could wait for ever among many who add.

A lock is renewed every few seconds. Nobody trusts another machine's clock: whoever waits takes a lock over when it saw
it unchanged for LIFETIME by its own, or at once where its owner was a process of this machine that is gone.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from index.lock import LockedError
from index.opensearch.connection import ClusterError, telling
from index.opensearch.mapping import locks_body
from index.opensearch.state import Version

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

LIFETIME = 30.0
"""Seconds after which a lock that nobody renews is free."""

_WAITING: Mapping[str, Any] = {"timeout": "5s", "request_timeout": 10}
"""How long a node may wait for the shard of the locks, and we for the node, before the next one is asked. Without the
second the client takes the first for its own."""

_RENEWAL = 3.0
_POLL_SECONDS = 0.25

Kind = Literal["build", "change", "turn"]


class Held:
    """A lock that is held. ``check`` raises LockedError once it is not."""

    def __init__(self, client: OpenSearch, index: str, kind: Kind, owner: Mapping[str, Any], version: Version) -> None:
        self._client = client
        self._owner = owner
        self._index = index
        self._kind = kind
        self._version = version
        self._until = time.monotonic() + LIFETIME
        self._lost = False
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raise LockedError where the lock was lost, or could not be renewed for so long that it may be."""
        if self._lost or time.monotonic() > self._until:
            raise LockedError(f"the lock {self._kind!r} in {self._index} was lost: another writer may have taken over")

    def _renew(self) -> None:
        while not self._done.wait(_RENEWAL):
            begun = time.monotonic()
            # Where the cluster does not answer, the lock stays ours until its time is up.
            with suppress(ClusterError):
                renewed = _put(self._client, self._index, self._kind, self._owner, self._version)
                if renewed is None:
                    self._lost = True
                    return
                self._version, self._until = renewed, begun + LIFETIME

    def release(self) -> None:
        """Let go of the lock."""
        self._done.set()
        self._thread.join()
        if not self._lost:
            with suppress(ClusterError), telling():
                self._client.delete(
                    index=self._index,
                    id=self._kind,
                    params={
                        "if_seq_no": self._version.number,
                        "if_primary_term": self._version.term,
                        **_WAITING,
                        "ignore": (404, 409),
                    },
                )


@contextmanager
def hold(
    client: OpenSearch,
    index: str,
    kind: Kind,
    command: str,
    wait: float,
    on_wait: Callable[[str], None] | None = None,
) -> Iterator[Held]:
    """Hold a lock, waiting up to ``wait`` seconds for it; as ``index.lock.write_lock`` does.

    Raises LockedError when the time is up, and ClusterError.
    """
    with telling():
        if not client.indices.exists(index=index):
            client.indices.create(index=index, body=locks_body(), params={"ignore": 400})  # 400: another was faster
    owner = _owner(command)
    held = Held(client, index, kind, owner, _taken(client, index, kind, owner, wait, on_wait))
    try:
        yield held
    finally:
        held.release()


def _taken(
    client: OpenSearch,
    index: str,
    kind: Kind,
    ours: Mapping[str, Any],
    wait: float,
    on_wait: Callable[[str], None] | None,
) -> Version:
    deadline = time.monotonic() + wait
    seen: tuple[Version, float] | None = None
    told = False
    while True:
        taken = _put(client, index, kind, ours, None)
        if taken is not None:
            return taken
        with telling():
            found = client.get(index=index, id=kind, params={"ignore": 404})
        if not found.get("found"):
            continue
        version, owner = Version(found["_seq_no"], found["_primary_term"]), found["_source"]
        if seen is None or seen[0] != version:
            seen = version, time.monotonic()
        if _is_gone(owner) or time.monotonic() - seen[1] > LIFETIME:
            taken = _put(client, index, kind, ours, version)
            if taken is not None:
                return taken
            continue
        holder = f"`{owner['command']}` (process {owner['pid']} on {owner['host']}, since {owner['since']})"
        if time.monotonic() >= deadline:
            raise LockedError(f"the index in the cluster is being written by {holder}; gave up after {wait:g} s")
        if on_wait and not told:
            on_wait(f"waiting up to {wait:g} s for {holder}")
            told = True
        time.sleep(_POLL_SECONDS)


def _put(
    client: OpenSearch, index: str, kind: Kind, owner: Mapping[str, Any], replaced: Version | None
) -> Version | None:
    """Write the document where it is still the one that is replaced; None where it is not."""
    condition: dict[str, Any] = {"op_type": "create"}
    if replaced is not None:
        condition = {"if_seq_no": replaced.number, "if_primary_term": replaced.term}
    with telling():
        answer = client.index(index=index, id=kind, body=owner, params={**condition, **_WAITING, "ignore": 409})
        if answer.get("status") != 409:
            return Version(answer["_seq_no"], answer["_primary_term"])
        # What we wrote may be there though the answer was lost, and the request sent again.
        found = client.get(index=index, id=kind, params={"ignore": 404})
    if found.get("found") and found["_source"] == owner:
        return Version(found["_seq_no"], found["_primary_term"])
    return None


def _owner(command: str) -> Mapping[str, Any]:
    return {
        "command": command,
        "pid": os.getpid(),
        "token": secrets.token_hex(8),
        "host": socket.gethostname(),
        "processes": _processes(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _processes() -> str:
    """Return what tells this machine's, or container's, processes from all others; empty where the system has none."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def _is_gone(owner: Mapping[str, Any]) -> bool:
    ours = _processes()
    return bool(ours) and owner.get("processes") == ours and not Path(f"/proc/{owner['pid']}").exists()
