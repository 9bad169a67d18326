"""Holds back a site's writes until five of its pages look sound; drops them when the circuit breaker trips.

The circuit breaker stops writing for a site, or for the whole run, if an unusual share of its pages is lost or has the
same new text. Single bad answers are left to `verdict`. This is for faults that no single page shows: a site that was
taken down, moved or rebuilt, a network that answers everything with its own page, a bug in this program.
"""

from __future__ import annotations

import pickle
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from fetcher.memory.memory import Memory
from fetcher.report.files import BlobFile
from fetcher.run.waves import Waves, WaveSize
from fetcher.terms import failures
from fetcher.terms.outcomes import WRITTEN, is_lost

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fetcher.visits.results import Result, Visited

_UNKNOWN = Memory(url="")


class WriteLimits(NamedTuple):
    """The share of lost pages that trips the circuit breaker, and the size of a wave."""

    breaker_share: float
    wave: WaveSize | None


class WriteQueue:
    """Queues the results of a run, on disk, until it is safe to write them.

    `share` is the setting REFRESH_BRAKE_SHARE and `wave` REFRESH_WAVE; `pages` is the number of pages of each site that
    the run is going to visit. Results that would write wait until five pages of their site were seen, or all of them;
    those with changes that may be part of a wave wait until that is certain. Other results pass at once.
    """

    def __init__(self, share: float, pages: Mapping[str, int], wave: WaveSize | None = None) -> None:
        self._breaker = CircuitBreaker(share, sum(pages.values()))
        self._waves = Waves(wave, pages)
        self._left = Counter(pages)
        self._store = BlobFile()
        # Positions in the store, by site: of results that only wait for the site to be trusted, and of those that may
        # be part of a wave.
        self._free: defaultdict[str, deque[int]] = defaultdict(deque)
        self._bound: defaultdict[str, deque[int]] = defaultdict(deque)

    def add(self, site: str, visited: Visited, memory: Memory = _UNKNOWN) -> Iterator[Result]:
        """Adds the visit to a page, and yields the results that are free now. Every page has to be added exactly once.

        `memory` is what was remembered of the page before.
        """
        records = [result.record for result in visited.results]
        lost = any(is_lost(record.outcome, record.status) for record in records)
        writes_body = any(record.outcome in WRITTEN for record in records)
        self._breaker.record(site, lost=lost, text=visited.digest if writes_body else "")
        self._waves.saw(site, visited, memory)
        self._left[site] -= 1
        ready = [result for result in visited.results if not result.writes]
        writing = [result for result in visited.results if result.writes]
        if not (writing or self._free.get(site) or self._bound.get(site)):
            return iter(ready)
        why = self._breaker.why_tripped(site)
        if not (why or self._breaker.trusts(site) or self._left[site] <= 0):
            self._keep(site, writing)
            return iter(ready)
        if not why and self._waves.may_come(site):
            self._keep(site, (result for result in writing if result.candidates))
            ready += (result for result in writing if not result.candidates)
            return chain(ready, self._released(site, self._free[site]))
        waited = self._released(site, self._free[site]), self._released(site, self._bound[site])
        return chain(ready, *waited, (self._decided(site, result) for result in writing))

    def flush(self) -> Iterator[Result]:
        """At the end of a run, yields the waiting results of trusted sites; those of other sites are dropped."""
        for site in {**self._free, **self._bound}:
            if self._breaker.trusts(site) and not self._breaker.why_tripped(site):
                self._waves.end(site)
                yield from self._released(site, self._free[site])
                yield from self._released(site, self._bound[site])

    def _keep(self, site: str, results: Iterable[Result]) -> None:
        for result in results:
            (self._bound if result.candidates else self._free)[site].append(self._store.add(pickle.dumps(result)))

    def _released(self, site: str, waiting: deque[int]) -> Iterator[Result]:
        """Yields the waiting results of a site and takes them off the list."""
        while waiting:
            result: Result = pickle.loads(self._store[waiting.popleft()])  # noqa: S301  # of a file of our own
            yield self._decided(site, result)

    def _decided(self, site: str, result: Result) -> Result:
        if why := self._breaker.why_tripped(site):
            return _braked(result, why)
        if not (held := self._waves.held(site, result.candidates)):
            return result
        from fetcher.visits.waves import hold_back  # noqa: PLC0415  # takes libraries that most runs do without

        return hold_back(result, held)

    def wave_notes(self) -> list[str]:
        """Sentences about waves, for the report."""
        return [*self._waves.sentences()]

    def trip_notes(self, run: str = "the whole run") -> list[str]:
        """A sentence for each time the circuit breaker tripped: for the whole `run` first, then for single sites."""
        whole = [f"Writing stopped for {run}, as {self._breaker.run}."] if self._breaker.run else []
        return [*whole, *(f"Writing stopped for {site}, as {why}." for site, why in self._breaker.sites.items())]


def _braked(result: Result, why: str) -> Result:
    trouble = failures.breaker_tripped(why)
    record = replace(
        result.record, outcome=trouble.outcome, reason=trouble.reason, detail=trouble.detail, mend=trouble.mend
    )
    return replace(result, record=record, new=result.old)


_SITE_PAGES = 5
_SITE_SHARE = 0.5
_RUN_PAGES = 10
_MOST_TEXTS = 10_000  # beyond, each count is reduced by one and those at zero are dropped


@dataclass(slots=True)
class _Tally:
    """Counts the visits of a site or a run, the lost pages among them, and how often each new text occurs."""

    seen: int = 0
    lost: int = 0
    texts: Counter[str] = field(default_factory=Counter)
    commonest: int = 0

    def add(self, *, lost: bool, text: str) -> None:
        self.seen += 1
        self.lost += lost
        if text:
            self.texts[text] += 1
            self.commonest = max(self.commonest, self.texts[text])
            if len(self.texts) > _MOST_TEXTS:
                self.texts = Counter({text: times - 1 for text, times in self.texts.items() if times > 1})

    def excess(self, least: int, share: float, planned: int) -> str | None:
        """What is unusual about the visits, as the start of a sentence; None if nothing is."""
        if self.lost < least and self.commonest < least:
            return None
        bound = share * max(self.seen, planned)
        if self.lost >= least and self.lost > bound:
            return f"{self.lost} of {max(self.seen, planned)} pages came back broken or gone"
        if self.commonest >= least and self.commonest > bound:
            return f"{self.commonest} of {max(self.seen, planned)} pages came back with one and the same new text"
        return None


class CircuitBreaker:
    """Counts the visits of a run and tells for which sites nothing may be written any more.

    If more than the `share` of the run's pages is lost, the whole run stops writing; 1 switches the breaker off, for
    sites too. `planned` is the number of pages to be visited. If it is 0, unknown, the share is that of the pages seen
    so far, so that a bad start may stop a run that would have recovered.

    >>> breaker = CircuitBreaker(share=0.05)
    >>> for _ in range(5):
    ...     breaker.record("example.org", lost=True)
    >>> breaker.why_tripped("example.org")
    '5 of 5 pages came back broken or gone'
    >>> breaker.why_tripped("example.com") is None
    True
    """

    def __init__(self, share: float, planned: int = 0) -> None:
        self._share = share
        self._planned = planned
        self._run = _Tally()
        self._sites: dict[str, _Tally] = {}
        self.run: str | None = None
        """Why the whole run stopped writing; None while it has not."""
        self.sites: dict[str, str] = {}
        """The sites for which writing stopped, with the reasons."""

    def record(self, site: str, *, lost: bool, text: str = "") -> None:
        """Counts a visit: whether its page was `lost` (broken or gone), and a digest of the new `text` to be written.

        Leave `text` empty for a page that did not change, and count a page once however many seeds it has.
        """
        if self._share >= 1:
            return
        tally = self._sites.setdefault(site, _Tally())
        tally.add(lost=lost, text=text)
        self._run.add(lost=lost, text=text)
        # Once tripped it stays so: good pages later on do not explain the bad ones.
        if site not in self.sites and (why := tally.excess(_SITE_PAGES, _SITE_SHARE, 0)):
            self.sites[site] = why
        self.run = self.run or self._run.excess(_RUN_PAGES, self._share, self._planned)

    def why_tripped(self, site: str) -> str | None:
        """Why nothing may be written for this site; None if it may."""
        return self.run or self.sites.get(site)

    def trusts(self, site: str) -> bool:
        """Whether enough pages of a site were seen to start writing."""
        return self._share >= 1 or (site in self._sites and self._sites[site].seen >= _SITE_PAGES)
