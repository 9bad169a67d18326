"""Results on their way to being written: kept back until their site can be trusted, and stopped by the brake."""

from __future__ import annotations

import pickle
from collections import Counter, defaultdict, deque
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from fetcher.memory.memory import Memory
from fetcher.report.spool import Store
from fetcher.run.brake import Brake
from fetcher.run.waves import Size, Waves
from fetcher.terms import failures
from fetcher.terms.outcomes import WRITTEN, is_lost

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fetcher.visits.results import Result, Visited

_UNKNOWN = Memory(url="")


class Gates(NamedTuple):
    """When results may be written: the share of lost pages that stops it, and which changes wait as a wave."""

    brake: float
    wave: Size | None


class Gate:
    """Lets the results of a run's pages through, in the order in which writing them is safe.

    `share` is the setting REFRESH_BRAKE_SHARE and `wave` REFRESH_WAVE; `pages` has the number of pages that the run is
    going to visit of each site. The first results of a site that would be written wait until five of its pages were
    seen, or all it has; those with changes that may be part of a wave until that is known. They wait on disk.
    """

    def __init__(self, share: float, pages: Mapping[str, int], wave: Size | None = None) -> None:
        self._brake = Brake(share, sum(pages.values()))
        self._waves = Waves(wave, pages)
        self._left = Counter(pages)
        self._store = Store()
        # Where results of a site stand in the store: those that wait for it to be trusted alone, and those that may be
        # part of a wave.
        self._free: defaultdict[str, deque[int]] = defaultdict(deque)
        self._bound: defaultdict[str, deque[int]] = defaultdict(deque)

    def ended(self, site: str, visited: Visited, memory: Memory = _UNKNOWN) -> Iterator[Result]:
        """The results that go on now that a page of the site was visited; each page of `pages` has to come by once.

        `memory` is what was remembered of the page before.
        """
        records = [result.record for result in visited.results]
        lost = any(is_lost(record.outcome, record.status) for record in records)
        writes_body = any(record.outcome in WRITTEN for record in records)
        self._brake.saw(site, lost=lost, text=visited.digest if writes_body else "")
        self._waves.saw(site, visited, memory)
        self._left[site] -= 1
        ready = [result for result in visited.results if not result.writes]
        writing = [result for result in visited.results if result.writes]
        why = self._brake.stopped(site)
        if not (why or self._brake.settled(site) or self._left[site] <= 0):
            self._keep(site, writing)
            return iter(ready)
        if not why and self._waves.may_come(site):
            self._keep(site, (result for result in writing if result.candidates))
            ready += (result for result in writing if not result.candidates)
            return chain(ready, self._released(site, self._free[site]))
        waited = self._released(site, self._free[site]), self._released(site, self._bound[site])
        return chain(ready, *waited, (self._decided(site, result) for result in writing))

    def rest(self) -> Iterator[Result]:
        """The results that still wait, for no more pages will come; not those of sites that are not trusted."""
        for site in {**self._free, **self._bound}:
            if self._brake.settled(site) and not self._brake.stopped(site):
                self._waves.end(site)
                yield from self._released(site, self._free[site])
                yield from self._released(site, self._bound[site])

    def _keep(self, site: str, results: Iterable[Result]) -> None:
        for result in results:
            (self._bound if result.candidates else self._free)[site].append(self._store.add(pickle.dumps(result)))

    def _released(self, site: str, waiting: deque[int]) -> Iterator[Result]:
        """The results of a site that have waited, each off the list once it goes on."""
        while waiting:
            result: Result = pickle.loads(self._store[waiting.popleft()])  # noqa: S301  # of a file of our own
            yield self._decided(site, result)

    def _decided(self, site: str, result: Result) -> Result:
        if why := self._brake.stopped(site):
            return _braked(result, why)
        if not (held := self._waves.held(site, result.candidates)):
            return result
        from fetcher.visits.waves import withheld  # noqa: PLC0415  # takes libraries that most runs do without

        return withheld(result, held)

    def sentences(self) -> list[str]:
        """What there is to say of waves."""
        return [*self._waves.sentences()]

    def stops(self, run: str = "the whole run") -> list[str]:
        """A sentence for each stop of writing, that of the `run` as a whole first; none where all went well."""
        whole = [f"Writing stopped for {run}, as {self._brake.run}."] if self._brake.run else []
        return [*whole, *(f"Writing stopped for {site}, as {why}." for site, why in self._brake.sites.items())]


def _braked(result: Result, why: str) -> Result:
    trouble = failures.braked(why)
    record = replace(
        result.record, outcome=trouble.outcome, reason=trouble.reason, detail=trouble.detail, mend=trouble.mend
    )
    return replace(result, record=record, new=result.old)
