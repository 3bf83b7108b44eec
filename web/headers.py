"""Headers that every answer carries, and the fingerprints that let static files be cached for good."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, Response, request, url_for

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def policy(**sources: str) -> str:
    """Return the content security policy, with what a page needs beside it: ``policy(connect="'self'")``."""
    directives = _POLICY | {f"{name}-src": source for name, source in sources.items()}
    return "; ".join(f"{name} {source}" for name, source in directives.items())


_EVERYWHERE = {
    "Content-Security-Policy": policy(),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_YEAR = 365 * 24 * 3600
_HOUR = 3600


def register(app: Flask) -> None:
    """Add the headers to every answer of ``app`` and give its templates ``asset(name)`` and ``fonts()``."""
    fingerprints = _fingerprints(Path(app.static_folder or ""))

    def asset(name: str) -> str:
        """The URL of a static file, which changes with its content."""
        return url_for("static", filename=name, v=fingerprints[name])

    def fonts() -> list[str]:
        """The URLs of the fonts, as the style sheet has them."""
        return [url_for("static", filename=name) for name in sorted(fingerprints) if name.endswith(".woff2")]

    def finish(response: Response) -> Response:
        for name, value in _EVERYWHERE.items():
            response.headers.setdefault(name, value)
        if request.endpoint == "static" and response.status_code in {200, 304}:
            name = (request.view_args or {}).get("filename", "")
            response.cache_control.no_cache = None
            if response.status_code == 200:  # read, so that it is compressed as a whole and closed
                response.direct_passthrough = False
                response.make_sequence()
            response.cache_control.public = True
            fingerprint = fingerprints.get(name, "")
            # Fonts are named in a style sheet, which knows no fingerprints but those in their names.
            if request.args.get("v") == fingerprint or f".{fingerprint}." in name:
                response.cache_control.max_age = _YEAR
                response.cache_control.immutable = True
            else:
                response.cache_control.max_age = _HOUR
        return response

    app.after_request(finish)
    app.jinja_env.globals.update(asset=asset, fonts=fonts)


def _fingerprints(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.blake2b(path.read_bytes(), digest_size=6).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
