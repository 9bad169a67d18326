"""Results on their way to being written: kept back until their site can be trusted, and stopped by the brake."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from fetcher.run.brake import Brake
from fetcher.terms import failures
from fetcher.terms.outcomes import WRITTEN, is_lost

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fetcher.visits.results import Result, Visited


class Gate:
    """Lets the results of a run's pages through, in the order in which writing them is safe.

    `share` is the setting REFRESH_BRAKE_SHARE; `pages` has the number of pages that the run is going to visit of each
    site. The first results of a site that would be written wait until five of its pages were seen, or all it has.
    """

    def __init__(self, share: float, pages: Mapping[str, int]) -> None:
        self._brake = Brake(share, sum(pages.values()))
        self._left = Counter(pages)
        self._waiting: defaultdict[str, list[Result]] = defaultdict(list)

    def ended(self, site: str, visited: Visited) -> list[Result]:
        """The results that go on now that a page of the site was visited; each page of `pages` has to come by once."""
        records = [result.record for result in visited.results]
        lost = any(is_lost(record.outcome, record.status) for record in records)
        writes_body = any(record.outcome in WRITTEN for record in records)
        self._brake.saw(site, lost=lost, text=visited.digest if writes_body else "")
        self._left[site] -= 1
        self._waiting[site] += [result for result in visited.results if result.writes]
        ready = [result for result in visited.results if not result.writes]
        why = self._brake.stopped(site)
        if why or self._brake.settled(site) or self._left[site] <= 0:
            ready += (_braked(result, why) if why else result for result in self._waiting.pop(site))
        return ready

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
