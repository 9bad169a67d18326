"""The address and the stamp of a seed: under which keys they stand, and what plain front matter says of them.

Reading its YAML costs twenty times as much.
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
    """Names in order of preference: of each file, the first that is there counts; what is new gets the first of all."""

    url: tuple[str, ...] = ("source_url",)
    stamp: tuple[str, ...] = ("fetched_at",)

    def url_in(self, fields: Container[str]) -> str:
        """The key that has the address; empty where there is none."""
        return next((key for key in self.url if key in fields), "")

    def stamp_in(self, fields: Container[str]) -> str:
        """The key that has the stamp, or is to have it."""
        return next((key for key in self.stamp if key in fields), self.stamp[0])


DEFAULT_KEYS = Keys()
"""The keys of a folder whose owner says nothing else."""


_LONGEST = 4096  # characters; far below the bounds that `frontmatter` sets

# Text that YAML takes as it stands between quotes: nothing that ends a line, no control character, no byte order mark.
_SAFE = r"\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"


@lru_cache(maxsize=64)
def _plain(url: str, stamp: str) -> re.Pattern[str]:
    """Front matter of lines that mean to YAML what they seem to mean. Whatever else there is, is for YAML to read."""
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
    """What `seeds.parse` would find."""

    url: str
    fetched_at: datetime | None


def parse_plain(text: str, keys: Keys = DEFAULT_KEYS) -> PlainSeed | None:
    """What the plain front matter of a seed says; None where only `seeds.parse` can tell what there is.

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
    """The first key that begins a line: plain front matter has it so, if it has it; below that it finds nothing."""
    return next((name for name in names[:-1] if text.find(f"\n{name}:", 0, _LONGEST) >= 0), names[-1])
