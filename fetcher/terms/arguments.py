"""What a run was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fetcher.terms.outcomes import Noise

if TYPE_CHECKING:
    from datetime import datetime

    from fetcher.terms.shards import Shard


class UsageError(ValueError):
    """A run that cannot be done as it was asked for; its text is the sentence to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """Which seeds a run takes, what it holds against their pages, whether it writes, and what of it is announced."""

    path: str = ""
    url: str = ""
    older_than: datetime | None = None
    limit: int | None = None
    dry_run: bool = False
    shard: Shard | None = None
    follow_moves: bool = False
    localise: bool = False
    accept: frozenset[str] = frozenset()
    conflicts: str = "mine"
    only: frozenset[str] = frozenset()

    @property
    def let_through(self) -> frozenset[str]:
        """The reasons for which this run holds nothing back."""
        return self.accept | {Noise.CONFLICT} if self.conflicts == "theirs" else self.accept


KNOWN = tuple(Arguments.__dataclass_fields__)
