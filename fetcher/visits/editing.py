"""The text of a seed's file after a good visit."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urldefrag

from fetcher.page.metadata import DATES
from fetcher.seeds import seeds
from fetcher.sites.rules import NO_RULES, PageRules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fetcher.seeds.seeds import Seed
    from fetcher.terms.outcomes import Metadata
    from fetcher.visits.fetched import Fetched


@dataclass(frozen=True, slots=True)
class Manner:
    """How a run looks at pages: the reasons that it does not hold against them, and what it writes beside bodies.

    `stamp_verified`: `fetched_at` follows each good visit; `follow_moves`: `source_url` follows permanent redirects;
    `fields`: what a page says of itself, by name, to the key of the front matter that holds it; `confirm`: a page that
    changed is fetched a second time, to see what changes by itself; `prefer`: the representation of a page that is
    asked for, "markdown" or none; `localise`: new links to pages that are seeds become paths; `rules`: what a user says
    of reading the very page.
    """

    accept: frozenset[str] = frozenset()
    stamp_verified: bool = False
    follow_moves: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    confirm: bool = False
    prefer: str = ""
    localise: bool = False
    rules: PageRules = NO_RULES

    def by(self, rules: PageRules) -> Manner:
        """The manner for a page that a user has rules for."""
        if not rules.mark:
            return self
        prefer = self.prefer if rules.prefer is None else rules.prefer
        return replace(self, accept=self.accept | rules.accept, prefer=prefer, rules=rules)

    @property
    def eyes(self) -> frozenset[str]:
        """All of it that decides what a page reads as: memory is of a page that was seen with the same."""
        said = {f"prefer={self.prefer}" * bool(self.prefer), f"rules={self.rules.mark.hex()}" * bool(self.rules.mark)}
        return self.accept | said - {""}

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


def noted(seed: Seed, about: Metadata, fields: Mapping[str, str]) -> Seed:
    """The seed whose front matter says what the page says `about` itself, under the keys of `fields`.

    A `title` that is there stays: whether it follows the page's is not a matter of fields. Raises SeedError where the
    front matter cannot be edited in place.
    """
    for name, key in fields.items():
        if name in about and not (key == "title" and seed.title):
            note = seeds.note_date if name in DATES else seeds.note
            seed = note(seed, key, about[name])
    return seed


def _with_fragment(address: str, before: str) -> str:
    """The address with the fragment that it had before, unless it brings its own."""
    fragment = urldefrag(before).fragment
    return f"{address}#{fragment}" if fragment and "#" not in address else address
