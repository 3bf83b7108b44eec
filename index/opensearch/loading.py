"""Sending documents in bulk: by several threads, no faster than they are taken, and again those that were not.

A document is sent whole under its own id, so that sending it twice does no harm.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from queue import Queue
from typing import TYPE_CHECKING, Any, TypeAlias

from index.opensearch.connection import ClusterError, ClusterUnavailableError, reason

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

Action: TypeAlias = dict[str, Any]
"""As opensearch-py's helpers take them."""

_CHUNK_BYTES = 8 << 20
PATIENCE = 300.0
"""Seconds for which documents are sent again that no node could take: a node may be lost meanwhile."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 15.0
_TRANSIENT = (429, 502, 503, 504, "N/A", "TIMEOUT")
"""What passes: the cluster has too much to do, a shard is just moving to another node, a node did not answer."""


def send(client: OpenSearch, actions: Sequence[Action]) -> Counter[str]:
    """Send actions, no two of one id, and return how many had each result (``created``, ``updated``, ``deleted`` …).

    All of them are durable in all copies that take part when this returns. Raises ClusterError for one that is refused,
    and ClusterUnavailableError where some could not be taken for PATIENCE seconds.
    """
    results: Counter[str] = Counter()
    pending = {(action["_index"], action["_id"]): action for action in actions}
    deadline, pause = time.monotonic() + PATIENCE, _FIRST_PAUSE
    while True:
        failed = _attempt(client, pending, results)
        if not pending:
            return results
        if time.monotonic() + pause > deadline:
            raise ClusterUnavailableError(f"{len(pending)} documents were not taken for {PATIENCE:g} s: {failed}")
        time.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


def _attempt(client: OpenSearch, pending: dict[tuple[str, str], Action], results: Counter[str]) -> str:
    """Send all that is pending once, and take from it what was taken; return why something was not."""
    from opensearchpy.helpers import streaming_bulk

    failed = ""
    for taken, answer in streaming_bulk(
        client,
        list(pending.values()),
        max_chunk_bytes=_CHUNK_BYTES,
        raise_on_error=False,
        raise_on_exception=False,
        max_retries=4,
        initial_backoff=1,
        max_backoff=10,
    ):
        ((_, item),) = answer.items()
        if taken or item.get("result") == "not_found":
            results[item["result"]] += 1
            del pending[item["_index"], item["_id"]]
        elif item["status"] in _TRANSIENT:
            failed = reason(item)
        else:
            raise ClusterError(f"the cluster refused {item['_id']!r}: {reason(item)}")
    return failed


class Loader:
    """Threads that send actions; ``put`` waits where the cluster is slower than the caller.

    As a context it waits at the end until all is sent, or gives up what is not after an error. What a thread raises is
    raised by the next call.
    """

    def __init__(self, client: OpenSearch, threads: int) -> None:
        self._client = client
        self._queue: Queue[Sequence[Action] | None] = Queue(threads)
        self._error: BaseException | None = None
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]
        self.results: Counter[str] = Counter()
        self._counting = threading.Lock()
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        while (actions := self._queue.get()) is not None:
            if self._error is None:
                try:
                    found = send(self._client, actions)
                except BaseException as error:  # handed to whoever waits for this thread
                    self._error = error
                else:
                    with self._counting:
                        self.results += found

    def put(self, actions: Sequence[Action]) -> None:
        """Have actions sent."""
        if self._error is not None:
            raise self._error
        self._queue.put(actions)

    def __enter__(self) -> Loader:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None and self._error is None:
            self._error = error
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()
        if error is None and self._error is not None:
            raise self._error


def indexing(index: str, document_id: str, source: Mapping[str, Any]) -> Action:
    """Return the action that writes a document, in place of one of the same id."""
    return {"_op_type": "index", "_index": index, "_id": document_id, "_source": source}


def deleting(index: str, document_id: str) -> Action:
    """Return the action that removes a document."""
    return {"_op_type": "delete", "_index": index, "_id": document_id}


def in_batches(source: Iterable[Any], size: Callable[[Any], int], most: int, count: int) -> Iterable[list[Any]]:
    """Yield what comes in lists of at most ``count``, closed before they hold ``most`` by ``size``."""
    batch: list[Any] = []
    held = 0
    for each in source:
        batch.append(each)
        held += size(each)
        if len(batch) >= count or held >= most:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch
