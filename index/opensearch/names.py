"""The names of everything that one installation has in a cluster; see the package."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

_ASSETS, _JOURNAL = "-assets", "-journal"
_STAMP = r"\d{8}t\d{6}-[0-9a-f]{6}"


@dataclass(frozen=True, slots=True)
class Names:
    """The names that follow from the alias under which the live articles are found."""

    articles: str

    @property
    def assets(self) -> str:
        """The alias of the live generation's assets."""
        return f"{self.articles}-assets"

    @property
    def previous(self) -> str:
        """The alias of the articles that a rollback would publish."""
        return f"{self.articles}-previous"

    @property
    def journal(self) -> str:
        """The alias of the journal of the build that is running."""
        return f"{self.articles}-journal"

    @property
    def locks(self) -> str:
        """The index of the writers' locks."""
        return f"{self.articles}-locks"

    def new_generation(self) -> str:
        """Return a name that no generation had: the UTC time and a random part."""
        return f"{self.articles}-{datetime.now(UTC):%Y%m%dt%H%M%S}-{secrets.token_hex(3)}"

    def generation_of(self, index: str) -> str | None:
        """Return the generation that an index belongs to, None where it is no index of this installation."""
        found = re.fullmatch(rf"({re.escape(self.articles)}-{_STAMP})(?:{_ASSETS}|{_JOURNAL})?", index)
        return found[1] if found else None


def assets_of(generation: str) -> str:
    """Return the index of a generation's assets."""
    return f"{generation}{_ASSETS}"


def journal_of(generation: str) -> str:
    """Return the index of the journal of a generation that is being built."""
    return f"{generation}{_JOURNAL}"
