"""Which changes of a run are waves: the same block came, went or changed on many pages of a site at once."""

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


class Size(NamedTuple):
    """From how many pages of a site on, and from which share of those that a run visits, a change is a wave."""

    pages: int
    share: float

    def of(self, planned: int) -> int:
        """The pages that it takes on a site of which so many are visited."""
        return max(self.pages, math.ceil(self.share * planned))


@dataclass(slots=True)
class _Site:
    """What was seen of a site of which `planned` pages are to be visited.

    `waves` are the IDs of blocks that changed on enough pages, `commonest` the most pages of another, `lasting` the IDs
    of those that a run before found, too, and `back` counts pages that no longer have what was held back of them.
    `is_known` tells that runs before have visited the site, and that the next will know what this one held back.
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
    """The waves among what the pages of a run change, as they come in; `size` is None where nothing is one.

    `pages` has the number of pages that the run is going to visit of each site.
    """

    def __init__(self, size: Size | None, pages: Mapping[str, int]) -> None:
        self._size = size or Size(0, 1)
        least = self._size.pages if size else math.inf
        self._sites = {site: _Site(planned) for site, planned in pages.items() if planned >= least}

    def saw(self, site: str, visited: Visited, before: Memory) -> None:
        """Takes in a page that was visited, and what was remembered of it `before`."""
        if not (found := self._sites.get(site)):
            return
        names = {name for result in visited.results for name in result.candidates}
        waiting = memory.waves(before)
        found.seen += 1
        found.is_known |= bool(before.visits)
        found.lasting |= names & waiting
        if all(result.record.outcome in _SEEN for result in visited.results):
            found.back.update(waiting - names)
        found.add(names, self._size.of(found.planned))

    def may_come(self, site: str) -> bool:
        """Whether a block that is in no wave of the site yet may still turn out to be in one."""
        if not (found := self._sites.get(site)):
            return False
        left = found.planned - found.seen
        return left > 0 and left + found.commonest >= self._size.of(found.planned)

    def end(self, site: str) -> None:
        """Takes the pages seen so far for all of the site: the run is over."""
        if found := self._sites.get(site):
            found.planned = found.seen
            found.waves = {name for name in found.tally.counted if found.tally.pages(name) >= self._size.of(found.seen)}

    def held(self, site: str, names: Iterable[str]) -> frozenset[str]:
        """Those of the blocks that are to wait until they last: in a wave, which no run before has found."""
        found = self._sites.get(site)
        return frozenset(names) & (found.waves - found.lasting) if found and found.is_known else frozenset()

    def sentences(self) -> Iterator[str]:
        """What there is to say of each site: which waves wait, and which were held back and are gone."""
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
