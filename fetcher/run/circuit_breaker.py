"""Holds results back until some pages of their site look sound, and drops them once the brake has stopped writing.

The brake stops a site, or the whole run, where an unusual share of its pages is lost or has become one page. Single bad
answers are the verdict's business. The brake is for what no single page shows: a site that was taken down, moved or
rebuilt, a network that answers everything with a page of its own, a fault of this program.
"""

from __future__ import annotations

import pickle
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from fetcher.memory.memory import Memory
from fetcher.report.files import Store
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
        from fetcher.visits.waves import hold_back  # noqa: PLC0415  # takes libraries that most runs do without

        return hold_back(result, held)

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


_SITE_PAGES = 5
_SITE_SHARE = 0.5
_RUN_PAGES = 10
_MOST_TEXTS = 10_000  # that are counted: of more, one is taken off each count, and what is left without goes


@dataclass(slots=True)
class _Tally:
    """The visits of a site or a run: how many, how many lost their page, and which new texts they would write."""

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
        """What is unusual about the visits, as a sentence's beginning; None where nothing is."""
        bound = share * max(self.seen, planned)
        if self.lost >= least and self.lost > bound:
            return f"{self.lost} of {max(self.seen, planned)} pages came back broken or gone"
        if self.commonest >= least and self.commonest > bound:
            return f"{self.commonest} of {max(self.seen, planned)} pages came back with one and the same new text"
        return None


class Brake:
    """The visits of a run so far, and what must not be written any more because of them.

    `share` is the share of a run's pages beyond which the run stops writing; 1 switches the brake off, for sites too.
    `planned` is the number of pages that the run is going to visit, 0 if that is not known: the share is then taken
    of the pages seen so far, and a bad beginning stops a run that would have got better.

    >>> brake = Brake(share=0.05)
    >>> for _ in range(5):
    ...     brake.saw("example.org", lost=True)
    >>> brake.stopped("example.org")
    '5 of 5 pages came back broken or gone'
    >>> brake.stopped("example.com") is None
    True
    """

    def __init__(self, share: float, planned: int = 0) -> None:
        self._share = share
        self._planned = planned
        self._run = _Tally()
        self._sites: dict[str, _Tally] = {}
        self.run: str | None = None
        """Why nothing more of the run is written; None while it may be."""
        self.sites: dict[str, str] = {}
        """The sites of which nothing more is written, each with the reason."""

    def saw(self, site: str, *, lost: bool, text: str = "") -> None:
        """Count a visit: whether its page was `lost` (broken, gone), and a digest of the `text` that it would write.

        Leave `text` empty for a page that did not change, and count a page once however many seeds it has.
        """
        if self._share >= 1:
            return
        tally = self._sites.setdefault(site, _Tally())
        tally.add(lost=lost, text=text)
        self._run.add(lost=lost, text=text)
        # A stop stays: pages that come back well after it do not explain those that did not.
        if site not in self.sites and (why := tally.excess(_SITE_PAGES, _SITE_SHARE, 0)):
            self.sites[site] = why
        self.run = self.run or self._run.excess(_RUN_PAGES, self._share, self._planned)

    def stopped(self, site: str) -> str | None:
        """Why nothing of this site may be written; None where it may."""
        return self.run or self.sites.get(site)

    def settled(self, site: str) -> bool:
        """Whether enough of a site was seen to trust it: a writer does well to keep its first pages back until then."""
        return self._share >= 1 or (site in self._sites and self._sites[site].seen >= _SITE_PAGES)
