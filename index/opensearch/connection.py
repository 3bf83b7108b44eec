"""The connection to the cluster, as the settings tell of it, and its errors as sentences."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.settings import Settings, SettingsError, listed, variable

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

WRITE_SECONDS = 120.0
"""How long a request that writes may take: a cluster that lost a node makes writers wait for a while."""

_RETRIED = (500, 502, 503, 504)
"""Worth asking another node at once. 500 is what a search gives whose part on another node was lost with it."""

_PASSING = (429, *_RETRIED)
_REASON_LENGTH = 300


class ClusterError(RuntimeError):
    """The cluster refused something, or cannot be asked; the text says what and why."""


class ClusterUnavailableError(ClusterError):
    """No node answered, or none that can answer now: the same may go well later."""


def connect(settings: Settings, timeout: float | None = None) -> OpenSearch:
    """Return a client of the cluster that the settings name; nothing is sent yet. Threads may share it.

    ``timeout``: seconds for each request, instead of the settings'. A request that a node does not answer, or that it
    cannot answer now, goes to another node, each in turn. Raises ClusterError where opensearch-py is not installed.
    """
    try:
        from opensearchpy import OpenSearch
    except ImportError:
        raise ClusterError(
            "FIHRIS_ENGINE=opensearch needs a further package: pip install 'fihris[opensearch]'"
        ) from None
    hosts = list(listed(settings.opensearch_url))
    options: dict[str, Any] = {}
    if settings.opensearch_user:
        # Not by the client's own option, which takes Latin-1 alone.
        account = f"{settings.opensearch_user}:{settings.opensearch_password}"
        options["headers"] = {"Authorization": f"Basic {b64encode(account.encode()).decode()}"}
    if settings.opensearch_api_key:
        options["headers"] = {"Authorization": f"ApiKey {settings.opensearch_api_key}"}
    if any(host.startswith("https") for host in hosts):
        options["verify_certs"] = True
        if settings.opensearch_ca:
            options["ca_certs"] = _bundle(settings.opensearch_ca)
    return OpenSearch(
        hosts,
        timeout=settings.opensearch_timeout if timeout is None else timeout,
        max_retries=max(3, len(hosts)),
        retry_on_status=_RETRIED,
        retry_on_timeout=True,
        http_compress=False,  # what is sent is text and quickly packed, but nodes are near and busier than the network
        pool_maxsize=max(10, settings.threads),
        **options,
    )


def _bundle(path: str) -> str:
    if not Path(path).is_file():
        raise SettingsError(f"{variable('opensearch_ca')}: there is no file {path}")
    return path


@contextmanager
def telling() -> Iterator[None]:
    """Turn what opensearch-py raises into ClusterError, or ClusterUnavailableError."""
    try:
        from opensearchpy import exceptions
    except ImportError:
        yield
        return
    try:
        yield
    except (exceptions.ConnectionError, exceptions.ConnectionTimeout) as error:
        raise ClusterUnavailableError(f"the cluster does not answer: {reason(error)}") from error
    except exceptions.TransportError as error:
        kind = ClusterUnavailableError if error.status_code in _PASSING else ClusterError
        raise kind(f"the cluster answered {error.status_code}: {reason(error)}") from error
    except exceptions.OpenSearchException as error:
        raise ClusterError(f"the cluster: {reason(error)}") from error


def reason(error: Any) -> str:
    """Return in a few words what an exception of opensearch-py, or an item of an answer, says."""
    info = getattr(error, "info", error)
    told = info.get("error", info) if isinstance(info, dict) else info
    if isinstance(told, dict):
        cause = next(iter(told.get("root_cause") or ()), told)
        told = f"{cause.get('type', '')}: {cause.get('reason', cause)}"
    return " ".join(str(told).split())[:_REASON_LENGTH]
