"""The front-matter keys of a seed's URL and stamp, and a fast reader of both for plain front matter.

A folder has a hundred thousand seeds, and YAML costs twenty times as much as the regular expression used here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from fetcher.seeds import stamps

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import datetime


class Keys(NamedTuple):
    """Names of the two keys, in order of preference; a file's first one counts, new seeds get the first of all."""

    url: tuple[str, ...] = ("source_url",)
    stamp: tuple[str, ...] = ("fetched_at",)

    def url_in(self, fields: Container[str]) -> str:
        """The key that holds the URL; empty if none does."""
        return next((key for key in self.url if key in fields), "")

    def stamp_in(self, fields: Container[str]) -> str:
        """The key that holds the stamp, or should hold it."""
        return next((key for key in self.stamp if key in fields), self.stamp[0])


DEFAULT_KEYS = Keys()
"""The keys where nothing is configured."""


_LONGEST = 4096  # characters; far below the bounds in `frontmatter`

# Characters that YAML takes literally within quotes: no line ends, control characters or byte order marks.
_SAFE = r"\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"


@lru_cache(maxsize=64)
def _plain(url: str, stamp: str) -> re.Pattern[str]:
    """Matches front matter whose lines mean to YAML what they seem to; anything else is left to the YAML parser."""
    url, stamp = re.escape(url), re.escape(stamp)
    return re.compile(
        rf"""---\n
    (?:
      (?: {url}:[ ]+ (?P<quote>"?)
            (?P<url> https?:// (?=[A-Za-z0-9.-]{{1,253}}[^A-Za-z0-9.-])
                (?: (?![Xx][Nn]--)[A-Za-z0-9-]{{1,63}} (?: \.|(?![A-Za-z0-9.-]) ) )+
                (?: :(?: [1-9][0-9]{{,3}} | [1-5][0-9]{{4}} ))? (?: /[\w./~%?&=+:@,;!$()*|-]* )? (?<!:) )
          (?P=quote)
      |   {stamp}:[ ]+
          (?: "(?P<quoted> [\w:.,+\ -]+ )"
          |   (?P<bare> \d{{4}}-\d\d-\d\d (?: [T\ ]\d\d:\d\d:\d\dZ? )? ) )
      |   (?!{url}:|{stamp}:) [A-Za-z_][\w-]{{,60}}:[ ]+
          (?: "(?: [\ !#-\[\]-~{_SAFE}] | \\["\\] )*"
          |   '[\ -&(-~{_SAFE}]*'
          |   [A-Za-z][\w\ ./()-]*        # words, or a name for yes or nothing: all the same here
          |   [0-9][0-9.-]{{,19}} )       # a number or a date
      ) \n
    )+
    ---(?:\n|\Z)""",
        re.VERBOSE | re.ASCII,
    )


class PlainSeed(NamedTuple):
    """The URL and the stamp as `seeds.parse` would find them."""

    url: str
    fetched_at: datetime | None


def parse_plain(text: str, keys: Keys = DEFAULT_KEYS) -> PlainSeed | None:
    """URL and stamp of a seed with plain front matter; None if only `seeds.parse` can tell what the text holds.

    >>> parse_plain('---\\nsource_url: "https://example.org/"\\nfetched_at: 2026-02-08\\n---\\nText').url
    'https://example.org/'
    >>> parse_plain('---\\nsource_url: *address\\n---\\nText')
    """
    stamp = _first(text, keys.stamp)
    match = _plain(_first(text, keys.url), stamp).match(text, 0, _LONGEST)
    if not match or match.end() == _LONGEST or not match["url"] or (match["quoted"] and match["bare"]):
        return None
    if stamp != keys.stamp[-1] and not (match["quoted"] or match["bare"]):  # it begins a line of the body
        return None
    return PlainSeed(match["url"], stamps.read(match["quoted"] or match["bare"]))


def _first(text: str, names: tuple[str, ...]) -> str:
    """The first of the names that begins a line: where plain front matter has one, it begins a line."""
    return next((name for name in names[:-1] if text.find(f"\n{name}:", 0, _LONGEST) >= 0), names[-1])
