"""The text of a seed's file after a good visit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urldefrag

from fetcher import seeds

if TYPE_CHECKING:
    from fetcher.fetched import Fetched
    from fetcher.seeds import Seed


@dataclass(frozen=True, slots=True)
class Manner:
    """How a run looks at pages: the reasons that it does not hold against them, and what it writes beside bodies.

    `stamp_verified`: `fetched_at` follows each good visit; `follow_moves`: `source_url` follows permanent redirects.
    """

    accept: frozenset[str] = frozenset()
    stamp_verified: bool = False
    follow_moves: bool = False

    @property
    def edits_front_matter(self) -> bool:
        """Whether a file may change whose body does not."""
        return self.stamp_verified or self.follow_moves


def edited(seed: Seed, body: str, fetched: Fetched, manner: Manner, title: str | None = None) -> str:
    """The file's text with another body; to the byte as it is where neither that nor the manner changes anything.

    A new `title` comes only with a new body: there are pages that count their readers' messages in the title. Raises
    SeedError where the front matter cannot be edited in place.
    """
    new = seed
    if body != seed.body or manner.stamp_verified:
        new = seeds.stamp(new, fetched.when)
    if body != seed.body and title:
        new = seeds.retitle(new, title)
    if manner.follow_moves and fetched.redirected_to:
        new = seeds.readdress(new, _with_fragment(fetched.redirected_to, seed.url))
    return seeds.render(new, body)


def _with_fragment(address: str, before: str) -> str:
    """The address with the fragment that it had before, unless it brings its own."""
    fragment = urldefrag(before).fragment
    return f"{address}#{fragment}" if fragment and "#" not in address else address
