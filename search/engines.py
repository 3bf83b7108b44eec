"""Which engines there are, and how one is opened."""

from __future__ import annotations

from index.settings import Settings
from search.embedded import EmbeddedEngine
from search.engine import Engine, EngineUnavailableError


def open_engine(settings: Settings) -> Engine:
    """Return the engine that ``settings`` names; nothing is read before its first call."""
    if settings.engine == "whoosh":
        return EmbeddedEngine(settings)
    raise EngineUnavailableError(f"FIHRIS_ENGINE: there is no engine {settings.engine!r}")
