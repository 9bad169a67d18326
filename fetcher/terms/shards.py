"""Shards: the parts of all seeds that runs of their own take on, each host wholly in one of them.

Politeness is owed to a host, whatever its ports and schemes: pauses, robots.txt and a request to wait hold for all that
one server has. Runs that never share a host need not speak to each other.
"""

import re
from typing import NamedTuple
from urllib.parse import urlsplit
from zlib import crc32

FOLDERS = "shard-*-of-*"
"""A pattern of the names of all `Shard.folder`."""

MOST = 999_999
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
        return number(path, url, self.of) == self.number


def parse(text: str) -> Shard:
    """The shard that `k/N` names, as in `3/16`; ValueError for anything else."""
    form = _FORM.fullmatch(text.strip())
    if not form or int(form[1]) > int(form[2]):
        raise ValueError(f"{text} is no shard: give k/N, with k from 1 to N, as in 3/16")
    return Shard(int(form[1]), int(form[2]))


def number(path: str, url: str, of: int) -> int:
    """The number, from 1 to `of`, of the shard of a seed: by its host, or by its path where it has no address.

    >>> number("a.md", "https://example.org/a", 16) == number("b.md", "http://EXAMPLE.org.:8080/b", 16)
    True
    """
    # CRC-32 is the same on every machine and in every version of Python, which hash() is not.
    return crc32(host(url) or path.encode("utf-8", "surrogateescape")) % of + 1


def host(url: str) -> bytes:
    """The host of an address in the one form that all its spellings have; empty where there is none."""
    name = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return name.encode("idna")
    except UnicodeError:  # a name that no resolver takes either
        return name.encode("utf-8", "surrogateescape")
