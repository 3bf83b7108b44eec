"""Which engines can be written to, and how one is opened."""

from __future__ import annotations

from index.embedded import EmbeddedWriter
from index.opensearch.writer import ClusterWriter
from index.settings import Settings
from index.writing import Writer


def open_writer(settings: Settings) -> Writer:
    """Return the writer of the engine that the settings name; nothing is read or sent before its first call.

    Raises ClusterError where a package is missing that the engine needs.
    """
    if settings.engine == "opensearch":
        return ClusterWriter(settings)
    return EmbeddedWriter(settings.index)
