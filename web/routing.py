"""Requests as they come in the wild, and article ids as parts of a URL path."""

from __future__ import annotations

import re
import string
from typing import Any
from urllib.parse import quote, quote_from_bytes

from flask import Flask, Request, request
from werkzeug.exceptions import SecurityError
from werkzeug.routing import BaseConverter
from werkzeug.sansio.utils import host_is_trusted

_UNSAFE_SLASH = re.compile(r"(?<![^/])/|/(?![^/])")
_ASCII = string.printable
_PROBES = frozenset({"probes.health", "probes.readiness", "probes.metrics"})


class LenientRequest(Request):
    """A request whose query string may hold any bytes.

    Werkzeug decodes it strictly and would answer raw Latin-1 bytes with a server error. Here every byte
    outside ASCII counts as percent-encoded, and those may be anything: what is no UTF-8 stays encoded.
    """

    def __init__(self, environ: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(environ, *args, **kwargs)
        self.query_string = quote_from_bytes(self.query_string, safe=_ASCII).encode("ascii")


def admit_hosts(app: Flask, hosts: tuple[str, ...]) -> None:
    """Let ``app`` answer only to these names (``.example.org``: with subdomains); to any where there are none.

    Links are made of the name that was asked for. Probes hold no links, and come by whatever address there is.
    """

    def check() -> None:
        if request.endpoint not in _PROBES and not host_is_trusted(request.host, hosts):
            raise SecurityError

    if hosts:
        app.before_request(check)


class ArticleIdConverter(BaseConverter):
    """An article id: any text, slashes included, to the end of the path.

    Single slashes within an id stay as they are; leading, trailing and repeated ones become ``%2F``,
    since proxies tidy those away.
    """

    regex = ".+"
    part_isolating = False

    def to_url(self, value: str) -> str:
        """The id percent-encoded; what decodes to it again, whatever it holds."""
        return _UNSAFE_SLASH.sub("%2F", quote(value, safe="/"))
