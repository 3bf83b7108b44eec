"""Which engines there are, and how one is opened."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.engine import Engine, EngineUnavailableError


def open_engine(settings: Settings) -> Engine:
    """Return the engine that ``settings`` names; nothing is read before its first call."""
    if settings.engine == "whoosh":
        return EmbeddedEngine(settings)
    if settings.engine == "opensearch":
        # Nothing of it is needed, nor loaded, where the index is embedded.
        from search.opensearch.engine import ClusterEngine

        return ClusterEngine(settings)
    raise EngineUnavailableError(f"FIHRIS_ENGINE: there is no engine {settings.engine!r}")


def open_live(directory: Path | None = None, time_budget: float | None = None) -> Engine:
    """Return the engine of the environment's settings, with another directory or time budget where one is given."""
    settings = Settings.from_environment()
    if directory:
        settings = replace(settings, index=directory)
    if time_budget is not None:
        settings = replace(settings, time_budget=time_budget)
    return open_engine(settings)
