"""What a run was asked for: which seeds, whether it writes, and which shard of all seeds is its own.

Shards are parts of all seeds that runs of their own take on, each host wholly in one of them. Politeness is owed to a
host, whatever its ports and schemes: pauses, robots.txt and a request to wait hold for all that one server has. Runs
that never share a host need not speak to each other.
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


SHARD_FOLDERS = "shard-*-of-*"
"""A pattern of the names of all `Shard.folder`."""

MOST_SHARDS = 999_999
"""Shards that there may be: six digits."""

_FORM = re.compile(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})")


class Shard(NamedTuple):
    """The part of all seeds that has this `number`, from 1, `of` so many."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @property
    def folder(self) -> str:
        """The name of the folder of its reports within REPORT_DIR."""
        return f"shard-{self.number}-of-{self.of}"

    def has(self, path: str, url: str) -> bool:
        """Whether the seed at a path, of the page at an address, is of this shard; of every number, one has it."""
        return shard_number(path, url, self.of) == self.number


def parse_shard(text: str) -> Shard:
    """The shard that `k/N` names, as in `3/16`; ValueError for anything else."""
    form = _FORM.fullmatch(text.strip())
    if not form or int(form[1]) > int(form[2]):
        raise ValueError(f"{text} is no shard: give k/N, with k from 1 to N, as in 3/16")
    return Shard(int(form[1]), int(form[2]))


def shard_number(path: str, url: str, of: int) -> int:
    """The number, from 1 to `of`, of the shard of a seed: by its host, or by its path where it has no address.

    >>> shard_number("a.md", "https://example.org/a", 16) == shard_number("b.md", "http://EXAMPLE.org.:8080/b", 16)
    True
    """
    # CRC-32 is the same on every machine and in every version of Python, which hash() is not.
    return crc32(host_of(url) or path.encode("utf-8", "surrogateescape")) % of + 1


def host_of(url: str) -> bytes:
    """The host of an address in the one form that all its spellings have; empty where there is none."""
    name = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return name.encode("idna")
    except UnicodeError:  # a name that no resolver takes either
        return name.encode("utf-8", "surrogateescape")
