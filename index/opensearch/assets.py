"""Files in the cluster: whoever writes puts them there in pieces, every reader keeps a copy and maps it."""

from __future__ import annotations

import os
import shutil
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xxhash
from numpy.typing import NDArray

from index.codec.container import Container, ContainerWriter
from index.generation import RefusedIndexError
from index.opensearch.connection import ClusterUnavailableError, telling
from index.opensearch.names import assets_of
from index.opensearch.state import Asset, State

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

_PIECE = 1 << 20
_KEPT = 3
"""Generations whose copies stay: the live one, its predecessor, and one that another process may just be leaving."""


def upload(client: OpenSearch, generation: str, name: str, arrays: Mapping[str, NDArray[Any]]) -> Asset:
    """Put named arrays into the cluster as a container; raises ClusterError. It is there when this returns."""
    with tempfile.TemporaryDirectory(prefix="fihris-") as directory:
        path = Path(directory) / name
        with ContainerWriter(path) as writer:
            for key, array in arrays.items():
                writer.put(key, array)
        checksum, pieces = xxhash.xxh3_64(), 0
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                checksum.update(piece)
                with telling():
                    client.index(
                        index=assets_of(generation),
                        id=f"{name}.{pieces}",
                        body={"data": b64encode(piece).decode()},
                    )
                pieces += 1
        return Asset(name, path.stat().st_size, pieces, checksum.hexdigest())


def remove(client: OpenSearch, generation: str, asset: Asset) -> None:
    """Remove an asset's pieces; the state must not name it any more."""
    for number in range(asset.pieces):
        with telling():
            client.delete(index=assets_of(generation), id=f"{asset.name}.{number}", params={"ignore": 404})


class Assets:
    """Copies of assets in a directory, which processes may share."""

    def __init__(self, client: OpenSearch, directory: Path) -> None:
        self._client = client
        self._home = directory / "assets"

    def open(self, state: State, asset: Asset) -> Container:
        """Map an asset, which is fetched where there is no copy of it yet.

        Raises ClusterError, ClusterUnavailableError where it is not there any more, as after two builds or long after
        it was replaced, and RefusedIndexError where what lies in the cluster is damaged.
        """
        path = self._home / state.generation / f"{asset.name}-{asset.checksum}"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            os.utime(path.parent)
            self._fetch(state.generation, asset, path)
            self._clean()
        return Container.open(path)

    def _fetch(self, generation: str, asset: Asset, path: Path) -> None:
        checksum = xxhash.xxh3_64()
        with _beside(path) as temporary, temporary.open("wb") as file:
            for number in range(asset.pieces):
                with telling():
                    found = self._client.get(
                        index=assets_of(generation), id=f"{asset.name}.{number}", params={"ignore": 404}
                    )
                if not found.get("found"):
                    raise ClusterUnavailableError(f"{asset.name} of {generation} is not in the cluster any more")
                piece = b64decode(found["_source"]["data"])
                checksum.update(piece)
                file.write(piece)
            if checksum.hexdigest() != asset.checksum:
                raise RefusedIndexError(
                    f"{asset.name} of {generation} in the cluster is damaged: run `fihris reindex` on your articles"
                )

    def _clean(self) -> None:
        """Delete the copies of all but the latest generations. What is mapped stays readable until it is let go."""
        known = sorted((path for path in self._home.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
        for path in known[:-_KEPT]:
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Give a new name in a file's directory; what is written there takes the file's place at the end."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
