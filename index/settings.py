"""Settings: environment variables in, one frozen record out."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any

MAX_HALF_LIFE = 36_500
"""Longest half-life of an article's recency, in days."""

LEAST_WEIGHT, MOST_WEIGHT = 0.01, 100.0
"""Between what the weight of a source may be."""

ENGINES = ("whoosh", "opensearch")
"""What can hold the index."""

_KINDS = {int: "a whole number", float: "a number", bool: "0 or 1"}
_FLAGS = {"0": False, "1": True}
# What RFC 3986 lets stand in a path unescaped: WSGI hands on anything else in forms that would have to be guessed.
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+")
_HOST = re.compile(r"\.?[A-Za-z0-9.-]+(?::[0-9]+)?")
_NODE = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(?:/[A-Za-z0-9._~/-]*)?")
_ALIAS = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


class SettingsError(ValueError):
    """An environment variable holds a value that cannot be used; the text names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of the service; each field is the environment variable ``FIHRIS_`` + its name in capitals.

    ``index``: directory that holds the generations.
    ``engine``: which engine holds the index: ``whoosh``, in ``index``, or ``opensearch``, a cluster, and then ``index``
    keeps copies of what every question needs. ``opensearch_url``: nodes of the cluster. ``opensearch_index``: the alias
    of the live index there. ``opensearch_user`` and ``opensearch_password``, or ``opensearch_api_key``: who asks.
    ``opensearch_ca``: a file of certificates that the nodes' are checked by; empty: the usual ones.
    ``opensearch_timeout``: seconds until another node is asked. ``opensearch_shards``, ``opensearch_replicas``: of a
    new index.
    ``time_budget``: seconds a query may take before its answer is partial.
    ``host``, ``port``: where the server listens. ``workers``: server processes; 0 is one a core. ``threads``: threads a
    process.
    ``prefix``: URL path under which the site is mounted, such as ``/search``.
    ``proxies``: how many reverse proxies stand before the server and may be believed (X-Forwarded-*).
    ``site_name``: what the pages call the site. ``protected``: path of a file of words that are left whole (see
    ``index.protected``), empty for none; a new index is built with them.
    ``allowed_hosts``: names by which the site may be asked for (``.example.org``: with subdomains); empty: any.
    ``cors_origins``: other sites whose pages may read the endpoint.
    ``cache_seconds``: how long caches may keep an answer without asking whether the index changed.
    ``exports``: how many exports a process sends at a time; 0: none.
    ``metrics_allow``: addresses and networks that may read the metrics; ``none``: nobody.
    ``log_requests``: whether each request is logged; ``log_queries``: whether what was asked is in the log.
    ``synonyms``: a file of them (see ``index.synonyms``), or empty.
    ``recency_half_life``: days after which half of a new article's advantage is gone; 0: none has any.
    ``source_weights``: what scores of some sources' articles are multiplied by, as ``name=1.2;other name=0.5``.
    """

    index: Path = Path("var/index")
    engine: str = "whoosh"
    opensearch_url: str = "http://127.0.0.1:9200"
    opensearch_index: str = "fihris"
    opensearch_user: str = ""
    opensearch_password: str = ""
    opensearch_api_key: str = ""
    opensearch_ca: str = ""
    opensearch_timeout: float = 10.0
    opensearch_shards: int = 1
    opensearch_replicas: int = 1
    time_budget: float = 2.0
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 0
    threads: int = 4
    prefix: str = ""
    proxies: int = 0
    site_name: str = "فهرس"
    allowed_hosts: str = ""
    cors_origins: str = ""
    cache_seconds: int = 0
    exports: int = 2
    metrics_allow: str = "127.0.0.1 ::1"
    log_requests: bool = True
    log_queries: bool = False
    synonyms: str = ""
    recency_half_life: float = 0.0
    source_weights: str = ""
    protected: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read ``FIHRIS_*`` variables. An empty variable counts as unset; a bad value raises SettingsError."""
        source = os.environ if environment is None else environment
        values: dict[str, object] = {}
        for field in fields(cls):
            name = variable(field.name)
            text = source.get(name, "").strip()
            if text:
                kind: type[Any] = type(field.default)
                try:
                    values[field.name] = _FLAGS[text] if kind is bool else kind(text)
                except (KeyError, ValueError):
                    raise SettingsError(f"{name}: {text!r} is not {_KINDS[kind]}") from None
        settings = cls(**values)  # type: ignore[arg-type]
        settings.check()
        return settings

    def check(self) -> None:
        """Raise SettingsError where a value is out of range."""
        if not 0 <= self.time_budget <= 3600:
            raise SettingsError(f"{variable('time_budget')}: must be 0 (no limit) to 3600 seconds")
        if not 0 < self.port < 65536:
            raise SettingsError(f"{variable('port')}: must be 1 to 65535")
        if not 0 <= self.recency_half_life <= MAX_HALF_LIFE:
            raise SettingsError(f"{variable('recency_half_life')}: must be 0 (off) to {MAX_HALF_LIFE} days")
        weights_by_source(self.source_weights)
        if self.workers < 0 or self.threads < 1 or self.proxies < 0:
            raise SettingsError("FIHRIS_WORKERS and FIHRIS_PROXIES must be 0 or more, FIHRIS_THREADS 1 or more")
        if not _PREFIX.fullmatch(self.prefix):
            raise SettingsError(f"{variable('prefix')}: must be a path such as /search, of unreserved ASCII characters")
        if not 0 <= self.cache_seconds <= 86_400:
            raise SettingsError(f"{variable('cache_seconds')}: must be 0 to 86400 seconds")
        if self.exports < 0:
            raise SettingsError(f"{variable('exports')}: must be 0 (no exports) or more")
        self._check_lists()
        if self.engine not in ENGINES:
            raise SettingsError(f"{variable('engine')}: there is no engine {self.engine!r}; use {' or '.join(ENGINES)}")

        self._check_cluster()

    def _check_cluster(self) -> None:
        nodes = listed(self.opensearch_url)
        if not nodes or not all(map(_NODE.fullmatch, nodes)):
            raise SettingsError(
                f"{variable('opensearch_url')}: must be one or more of http://host:9200 or https://host:9200"
            )
        if not _ALIAS.fullmatch(self.opensearch_index):
            raise SettingsError(
                f"{variable('opensearch_index')}: must be 1 to 100 of a-z, 0-9, dot, hyphen and underscore"
            )
        if self.opensearch_api_key and self.opensearch_user:
            raise SettingsError("FIHRIS_OPENSEARCH_API_KEY and FIHRIS_OPENSEARCH_USER: set one of them")
        if not self.opensearch_api_key.isascii() or " " in self.opensearch_api_key:
            raise SettingsError(f"{variable('opensearch_api_key')}: is no key: they are ASCII without spaces")
        if not 0 < self.opensearch_timeout <= 600:
            raise SettingsError(f"{variable('opensearch_timeout')}: must be more than 0, to 600 seconds")
        if not 1 <= self.opensearch_shards <= 1024 or not 0 <= self.opensearch_replicas <= 100:
            raise SettingsError("FIHRIS_OPENSEARCH_SHARDS must be 1 to 1024, FIHRIS_OPENSEARCH_REPLICAS 0 to 100")

    def _check_lists(self) -> None:
        for host in listed(self.allowed_hosts):
            if not _HOST.fullmatch(host):
                raise SettingsError(f"{variable('allowed_hosts')}: {host!r} is no host name such as search.example.org")
        for origin in listed(self.cors_origins):
            if not _ORIGIN.fullmatch(origin):
                raise SettingsError(
                    f"{variable('cors_origins')}: {origin!r} is no origin such as https://news.example.org"
                )
        for network in listed(self.metrics_allow):
            try:
                if network != "none":
                    ip_network(network)
            except ValueError:
                raise SettingsError(
                    f"{variable('metrics_allow')}: {network!r} is no address, no network such as 10.0.0.0/8, "
                    "and not none"
                ) from None


def listed(text: str) -> tuple[str, ...]:
    """The values of a setting that may hold several, between commas or spaces."""
    return tuple(text.replace(",", " ").split())


def weights_by_source(text: str) -> dict[str, float]:
    """Read ``name=1.2;other name=0.5``, also a line each; raises SettingsError, which names the entry at fault."""
    weights: dict[str, float] = {}
    for entry in filter(None, map(str.strip, re.split(r"[;\n]", text))):
        name, equals, number = map(str.strip, entry.rpartition("="))
        if not equals or not name:
            raise SettingsError(f"{variable('source_weights')}: {entry!r} is not written as name=1.2")
        try:
            weight = float(number)
        except ValueError:
            weight = 0.0
        if not LEAST_WEIGHT <= weight <= MOST_WEIGHT:
            raise SettingsError(
                f"{variable('source_weights')}: the weight of {name!r} must be a number from {LEAST_WEIGHT} to "
                f"{MOST_WEIGHT}, not {number!r}"
            )
        if name in weights:
            raise SettingsError(f"{variable('source_weights')}: {name!r} has two weights")
        weights[name] = weight
    return weights


def variable(field: str) -> str:
    """The environment variable of a settings field."""
    return f"FIHRIS_{field.upper()}"
