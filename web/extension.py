"""Where an application keeps its engine, and how a view gets at it."""

from __future__ import annotations

from typing import cast

from flask import current_app

from search.engine import Engine

NAME = "fihris"
"""Key of the engine in ``app.extensions``."""

METRICS = "fihris.metrics"
"""Key of the metrics in ``app.extensions``."""


def current_engine() -> Engine:
    """The engine of the application that handles the current request."""
    return cast(Engine, current_app.extensions[NAME])
