"""Keeps what owners add to stored Markdown: links to files of the folder, and notes before and after the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from posixpath import dirname, join, normpath, relpath
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urldefrag

from fetcher.align import align, hunks
from fetcher.page.links import is_local, target
from fetcher.seeds import folder
from fetcher.seeds.seeds import DEFAULT_KEYS
from fetcher.source.lines import tokens
from fetcher.source.notes import notes
from fetcher.terms.failures import SeedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fetcher.seeds.seeds import Keys

Leads = Callable[[str, str], bool | None]
"""Tells whether a stored link to a file leads to the same page as a link of the answer; None if unknown."""

_LINK = re.compile(r"""(\]\(|\]:[ \t]*|(?:href|src)=["'])(.+)""")
_FILE = re.compile(r"\.(?:md|markdown|mdx|txt)\b", re.IGNORECASE)  # every local link has such a suffix
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
# Markup of personal notes that sites do not serve: wiki links, tags, comments.
_OWN = re.compile(r"\[\[[^\]\n]{1,200}\]\] | ^\#[^\W\d_][\w/-]*(?:\s|$) | <!-- | %%", re.VERBOSE | re.MULTILINE)
_MOST = 100_000  # characters of two hunks that are compared word by word


StandsFor = Callable[[str, str], bool]
"""Tells whether a stored link is a link of the answer that was redirected to a file of the folder."""


def link_matcher(leads: Leads) -> StandsFor:
    """A `StandsFor` that asks `leads`; where that is unknown, a local link may stand for any absolute link.

    It does not stand for a relative link, because the source may have both.
    """

    def stands_for(local: str, served: str) -> bool:
        known = leads(local, served) if is_local(local) else False
        return _is_absolute(served) if known is None else known

    return stands_for


def unknown_target(_: str, __: str) -> bool | None:
    """A `Leads` for when nothing is known about local links."""
    return None


def with_local_links(old: Sequence[str], new: Sequence[str], stands_for: StandsFor) -> list[str]:
    """The new lines with the old lines' links to files, where both have a link with the same text.

    >>> old, new = "See [the guide](../guide.md) at dawn.", "See [the guide](/docs/guide) at noon."
    >>> with_local_links([old], [new], link_matcher(unknown_target))
    ['See [the guide](../guide.md) at noon.']
    """
    if not _FILE.search("\n".join(old)):
        return list(new)
    lines = list(new)
    for hunk in hunks(old, new):
        stored, fresh = old[hunk.start_a : hunk.end_a], new[hunk.start_b : hunk.end_b]
        if fresh and any(map(_has_local, stored)):
            lines[hunk.start_b : hunk.end_b] = _with_local_links("\n".join(stored), "\n".join(fresh), stands_for).split(
                "\n"
            )
    return lines


def note_before(old: Sequence[str], new: Sequence[str]) -> int:
    """How many of the old lines are an owner's note before the text.

    >>> note_before(["%% read again in May %%", "", "# Title"], ["# Title"])
    2
    """
    start = next((match.start_a for match in align(old, new) if match.start_b == 0), 0)
    return start if start and _is_own(old[:start]) else 0


def note_after(old: Sequence[str], new: Sequence[str]) -> int:
    """How many of the old lines are an owner's note after the text."""
    return note_before(old[::-1], new[::-1])


def _is_own(lines: Sequence[str]) -> bool:
    is_marked = bool(_OWN.search("\n".join(lines))) or any(map(_has_local, lines))
    return is_marked and not notes(lines)


def _has_local(line: str) -> bool:
    return bool(_FILE.search(line)) and any(is_local(target) for _, target in map(split_link, tokens(line)))


def split_link(token: str) -> tuple[str, str]:
    """A token as what comes before a link's target, and the target, which is empty for other tokens."""
    found = _LINK.fullmatch(token)
    return (found[1], found[2]) if found else (token, "")


def _with_local_links(old: str, new: str, stands_for: StandsFor) -> str:
    if len(old) + len(new) > _MOST:
        return new
    stored, fresh = [split_link(token) for token in tokens(old)], [split_link(token) for token in tokens(new)]
    found = [f"{before}{target}" for before, target in fresh]
    for match in align(_plain(stored), _plain(fresh)):
        for at in range(1, match.size):  # the token before a link has to be the same too
            local, served = stored[match.start_a + at][1], fresh[match.start_b + at][1]
            if local and local != served and stands_for(local, served):
                found[match.start_b + at] = fresh[match.start_b + at][0] + local
    return "".join(found)


def _plain(split_link: Iterable[tuple[str, str]]) -> list[str]:
    return [before for before, _ in split_link]


def _is_absolute(link: str) -> bool:
    """Whether a link has a scheme or an absolute path."""
    return link.startswith("/") or bool(_SCHEME.match(link))


_FENCE = re.compile(r"[ \t>]*(?:[-*+][ \t]+)?(```|~~~)")


def with_links_to_seeds(old: str, new: str, find: Callable[[str], str | None]) -> str:
    """The new text, with new links to pages that are seeds replaced by paths; links that the old text has stay.

    `find` gives the path for a link. Code is not touched.

    >>> with_links_to_seeds("One.", "One, see [two](/two).", {"/two": "two.md"}.get)
    'One, see [two](two.md).'
    """
    before, after = old.split("\n"), new.split("\n")
    code = set(_in_code(after))
    for hunk in hunks(before, after):
        known = {
            link for line in before[hunk.start_a : hunk.end_a] for _, link in map(split_link, tokens(line)) if link
        }
        for at in range(hunk.start_b, hunk.end_b):
            if at not in code:
                after[at] = _line_with_links_to_seeds(after[at], known, find)
    return "\n".join(after)


def _line_with_links_to_seeds(line: str, known: Collection[str], find: Callable[[str], str | None]) -> str:
    parts, is_code = [], False
    for piece in tokens(line):
        is_code ^= piece == "`"
        before, link = split_link(piece)
        path = find(link) if link and link not in known and not is_code else None
        parts.append(f"{before}{path}" if path else piece)
    return "".join(parts)


def _in_code(lines: Sequence[str]) -> Iterator[int]:
    """The indices of lines in fenced code blocks."""
    fence = ""
    for at, line in enumerate(lines):
        sign = _FENCE.match(line)
        if fence:
            yield at
            fence = "" if sign and sign[1] == fence else fence
        elif sign:
            fence = sign[1]
            yield at


# Endings of addresses that name the same page.
_FORM = re.compile(r"(?:/|\.mdx?|\.html?)$")


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The seeds of a folder, seen from the one at `path`, whose page has the address `base`."""

    folder: Path
    path: str
    base: str
    keys: Keys = DEFAULT_KEYS

    def leads(self, local: str, served: str) -> bool | None:
        """Whether a local link leads to the seed of the page that the served link leads to; None if to no seed."""
        place = normpath(join(dirname(self.path), unquote(urldefrag(local).url)))
        address = "" if place.startswith("..") else _address(self.folder, place, self.keys)
        return _page(served, self.base) == _page(address, self.base) if address else None

    def relative(self, link: str) -> str | None:
        """The relative path, with the link's fragment, to the seed of the page that a link leads to; None if none."""
        place = _places(self.folder, self.keys).get(_page(link, self.base))
        if place is None or place == self.path:
            return None
        fragment = urldefrag(link).fragment
        return quote(relpath(place, dirname(self.path) or "."), safe="/~!$&'*+,;=:@") + (fragment and f"#{fragment}")


def _page(link: str, base: str) -> str:
    return _FORM.sub("", target(urldefrag(link).url, base))


@lru_cache(maxsize=4096)
def _address(seeds: Path, path: str, keys: Keys) -> str:
    """The address of the seed at a path; empty if there is none."""
    try:
        seed = folder.load(seeds, path, keys)
    except (SeedError, OSError):
        return ""
    return seed.url if seed else ""


@lru_cache(maxsize=1)
def _places(seeds: Path, keys: Keys) -> Mapping[str, str]:
    """The path of each page's seed; the first in alphabetical order if it has several."""
    places: dict[str, str] = {}
    for path, seed in folder.scan(seeds, keys=keys):
        if seed is not None and not isinstance(seed, SeedError):
            key = _page(seed.url, seed.url)
            places[key] = min(path, places.get(key, path))
    return places
