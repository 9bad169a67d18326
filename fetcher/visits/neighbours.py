"""The other seeds of a folder: which page a link to one of their files leads to, and which file a page has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from posixpath import dirname, join, normpath, relpath
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urldefrag

from fetcher.page.links import target
from fetcher.seeds import folder
from fetcher.seeds.keys import USUAL
from fetcher.terms.failures import SeedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fetcher.seeds.keys import Keys

# One page: with and without the slash at its end, as Markdown and as HTML.
_FORM = re.compile(r"(?:/|\.mdx?|\.html?)$")


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The seeds of a folder as one of them sees them, at `path`, whose page has the address `base`."""

    folder: Path
    path: str
    base: str
    keys: Keys = USUAL

    def leads(self, local: str, served: str) -> bool | None:
        """Whether a link to a file leads to the seed of the page that a served link leads to; None if to no seed."""
        place = normpath(join(dirname(self.path), unquote(urldefrag(local).url)))
        address = "" if place.startswith("..") else _address(self.folder, place, self.keys)
        return _page(served, self.base) == _page(address, self.base) if address else None

    def relative(self, link: str) -> str | None:
        """The relative path of the seed whose page a link leads to, with the link's fragment; None if there is none."""
        place = _places(self.folder, self.keys).get(_page(link, self.base))
        if place is None or place == self.path:
            return None
        fragment = urldefrag(link).fragment
        return quote(relpath(place, dirname(self.path) or "."), safe="/~!$&'*+,;=:@") + (fragment and f"#{fragment}")


def _page(link: str, base: str) -> str:
    return _FORM.sub("", target(urldefrag(link).url, base))


@lru_cache(maxsize=4096)
def _address(seeds: Path, path: str, keys: Keys) -> str:
    """The source_url of the seed at a path; empty where there is none."""
    try:
        seed = folder.load(seeds, path, keys)
    except (SeedError, OSError):
        return ""
    return seed.url if seed else ""


@lru_cache(maxsize=1)
def _places(seeds: Path, keys: Keys) -> Mapping[str, str]:
    """The path of each page's seed, the first by name where it has several."""
    places: dict[str, str] = {}
    for path, seed in folder.survey(seeds, keys=keys):
        if seed is not None and not isinstance(seed, SeedError):
            key = _page(seed.url, seed.url)
            places[key] = min(path, places.get(key, path))
    return places
