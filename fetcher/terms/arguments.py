"""Holds the arguments of a run, and divides all seeds into shards for several runs.

Every host belongs to one shard, so that runs on different shards never have to agree on pauses, robots.txt or
Retry-After: these are owed to a host as a whole, whatever the port or scheme.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit
from zlib import crc32

from fetcher.terms.outcomes import Noise

if TYPE_CHECKING:
    from datetime import datetime


class UsageError(ValueError):
    """The run cannot be done as requested; the message is shown to the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The `-a` arguments: which seeds to visit, what to accept, whether to write, and which changes to announce."""

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
        """The reasons (`Noise`, `Reason`) for which this run holds nothing back."""
        return self.accept | {Noise.CONFLICT} if self.conflicts == "theirs" else self.accept


KNOWN = tuple(Arguments.__dataclass_fields__)


SHARD_FOLDERS = "shard-*-of-*"
"""The glob pattern of `Shard.folder`."""

MOST_SHARDS = 999_999
"""The highest number of shards: six digits."""

_FORM = re.compile(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})")


class Shard(NamedTuple):
    """Shard `number` (from 1) `of` so many."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @property
    def folder(self) -> str:
        """The name of its report folder within REPORT_DIR."""
        return f"shard-{self.number}-of-{self.of}"

    def has(self, path: str, url: str) -> bool:
        """Whether a seed belongs to this shard; every seed belongs to exactly one."""
        return shard_number(path, url, self.of) == self.number


def parse_shard(text: str) -> Shard:
    """The shard that a text such as `3/16` names; raises ValueError for anything else."""
    form = _FORM.fullmatch(text.strip())
    if not form or int(form[1]) > int(form[2]):
        raise ValueError(f"{text} is no shard: give k/N, with k from 1 to N, as in 3/16")
    return Shard(int(form[1]), int(form[2]))


def shard_number(path: str, url: str, of: int) -> int:
    """The number (1 to `of`) of the shard of a seed: by the host of its URL, or by its path if it has no URL.

    >>> shard_number("a.md", "https://example.org/a", 16) == shard_number("b.md", "http://EXAMPLE.org.:8080/b", 16)
    True
    """
    # CRC-32 is the same on every machine and in every version of Python, which hash() is not.
    return crc32(host_of(url) or path.encode("utf-8", "surrogateescape")) % of + 1


def host_of(url: str) -> bytes:
    """The host of a URL, the same bytes for all its spellings (IDNA, lower case, no final dot); empty without one."""
    name = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return name.encode("idna")
    except UnicodeError:  # a name that no resolver takes either
        return name.encode("utf-8", "surrogateescape")
