"""Which articles a segment holds, without opening the rest of it: an add looks up few ids, in every segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.codec.container import Container
from index.codec.layout import U16, Strings
from index.codec.lookup import find, pack


@dataclass(frozen=True, slots=True, eq=False)
class Identities:
    """The ids of a segment, ascending, and the document of each."""

    ids: Strings
    docs: U16

    @classmethod
    def open(cls, path: Path) -> Identities:
        """Open and verify this part of a segment's file; raises as ``Container.open`` does."""
        arrays = Container.open(path, only=("ids", "id_ends", "id_docs")).arrays
        return cls(Strings(arrays["ids"], arrays["id_ends"]), arrays["id_docs"])

    def documents(self, wanted: Sequence[bytes]) -> NDArray[np.uint16]:
        """Return the documents, deleted ones as well, of those wanted ids that the segment knows."""
        places = find(self.ids, pack(wanted))
        return self.docs[places[places >= 0]]
