"""Finds waves: the same block added, removed or changed on many pages of a site in one run, such as a new banner."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from fetcher.memory import memory
from fetcher.report.groups import FrequentKeys
from fetcher.terms.outcomes import WRITTEN, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fetcher.memory.memory import Memory
    from fetcher.visits.results import Visited

_MOST_NAMED = 4
_SEEN = WRITTEN | {Outcome.UNCHANGED, Outcome.MOVED}


class WaveSize(NamedTuple):
    """The least number of a site's pages, and the least share of those visited, that make a change a wave."""

    pages: int
    share: float

    def of(self, planned: int) -> int:
        """The number of pages it takes on a site of which so many pages are to be visited."""
        return max(self.pages, math.ceil(self.share * planned))


@dataclass(slots=True)
class _Site:
    """The changes seen so far on a site, of which `planned` pages are to be visited.

    `waves` are the IDs of blocks that changed on enough pages, `commonest` is the highest page count of any other
    block. `lasting` are the IDs that an earlier run held back and that are still there; `back` counts the pages on
    which a held-back block is gone. `is_known` tells whether earlier runs have visited the site: only then will a
    later run know what this one held back.
    """

    planned: int
    seen: int = 0
    tally: FrequentKeys = field(default_factory=FrequentKeys)
    waves: set[str] = field(default_factory=set)
    commonest: int = 0
    lasting: set[str] = field(default_factory=set)
    back: Counter[str] = field(default_factory=Counter)
    is_known: bool = False

    def add(self, names: set[str], least: int) -> None:
        self.tally.add(names)
        risen = {name for name in names - self.waves if self.tally.pages(name) >= least}
        self.waves |= risen
        if risen:
            others = (pages for name, pages in self.tally.counted.items() if name not in self.waves)
            self.commonest = max(others, default=0)
        self.commonest = max([self.commonest, *(self.tally.pages(name) for name in names - self.waves)])


class Waves:
    """Finds waves among the changes of a run while its pages come in; with `size` None there are none.

    `pages` is the number of pages of each site that the run is going to visit.
    """

    def __init__(self, size: WaveSize | None, pages: Mapping[str, int]) -> None:
        self._size = size or WaveSize(0, 1)
        least = self._size.pages if size else math.inf
        self._sites = {site: _Site(planned) for site, planned in pages.items() if planned >= least}

    def saw(self, site: str, visited: Visited, before: Memory) -> None:
        """Adds a visited page; `before` is what was remembered of it."""
        if not (found := self._sites.get(site)):
            return
        names = {name for result in visited.results for name in result.candidates}
        waiting = memory.held_waves(before)
        found.seen += 1
        found.is_known |= bool(before.visits)
        found.lasting |= names & waiting
        if all(result.record.outcome in _SEEN for result in visited.results):
            found.back.update(waiting - names)
        found.add(names, self._size.of(found.planned))

    def may_come(self, site: str) -> bool:
        """Whether further blocks may still become waves on the site's remaining pages."""
        if not (found := self._sites.get(site)):
            return False
        left = found.planned - found.seen
        return left > 0 and left + found.commonest >= self._size.of(found.planned)

    def end(self, site: str) -> None:
        """Finds the site's waves as if the pages seen so far were all, when a run ends early."""
        if found := self._sites.get(site):
            found.planned = found.seen
            found.waves = {name for name in found.tally.counted if found.tally.pages(name) >= self._size.of(found.seen)}

    def held(self, site: str, names: Iterable[str]) -> frozenset[str]:
        """Those of the blocks to hold back: they are part of a wave that no earlier run has found."""
        found = self._sites.get(site)
        return frozenset(names) & (found.waves - found.lasting) if found and found.is_known else frozenset()

    def sentences(self) -> Iterator[str]:
        """Sentences on each site: the waves that are held back, and those held back earlier that are gone."""
        for site, found in sorted(self._sites.items()):
            if held := sorted(self.held(site, found.waves)):
                yield _held(site, held, max(map(found.tally.pages, held)))
            if gone := {name: pages for name, pages in found.back.items() if not found.tally.pages(name)}:
                yield (
                    f"{max(gone.values()):,} pages of {site} no longer have the change that was held back of them"
                    f" ({_named(sorted(gone))}): nothing of it was written."
                )


def _held(site: str, held: list[str], pages: int) -> str:
    blocks = f"The same {len(held)} blocks" if len(held) > 1 else "The same block"
    return (
        f"{blocks} changed on {pages:,} pages of {site} at once, which waits for the next run to find that again;"
        f" scrapy accept {_named(held)} has it written."
    )


def _named(names: list[str]) -> str:
    return " ".join([*names[:_MOST_NAMED], *["…"] * (len(names) > _MOST_NAMED)])
