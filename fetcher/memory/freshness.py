"""Estimates how often pages change from their past visits, and how much freshness a visit to each would gain."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from fetcher.memory import hints
from fetcher.memory.hints import Hints
from fetcher.memory.serialization import unpack_visits
from fetcher.memory.state import as_text
from fetcher.seeds.seeds import page_url
from fetcher.terms.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from fetcher.memory.hints import Hint
    from fetcher.memory.state import State
    from fetcher.seeds.folder import Entry

OWN, SECTION, HOST, OTHERS, NOTHING = "own", "section", "host", "others", "nothing"
"""Where an estimate comes from: the page's own visits, or those of its section, its host, or all others."""

_DAY = 86_400.0
_SEEN = frozenset[str]({Outcome.CHANGED, Outcome.UNCHANGED, Outcome.MOVED, Outcome.FILLED})
_USUAL = 1 / 60
"""Changes a day of a page if nothing is known of it or its neighbours."""
_WEIGHT = 2.0
"""Weight of the prior, in changes, when the rate of a host or section is estimated from that of the whole."""
_SHAPE = 0.1
"""Shape of the gamma prior of a page's rate: most pages change less often than the mean, few far more often."""
_STEPS, _CLOSE = 40, 0.01
_CERTAIN = 500.0  # expected changes beyond which the exponential would overflow


class History(NamedTuple):
    """The total days between visits without a change, the days of each interval with one, and the last request's time.

    Only changes that were written count, not noise.
    """

    quiet: float = 0.0
    changed: tuple[float, ...] = ()
    asked: float = -math.inf
    intervals: int = 0  # of both kinds


_UNKNOWN = History()


def history(visits: Sequence[tuple[int, str]]) -> History:
    """The history of a page from its visits: the time of each, in seconds, and its outcome, oldest first."""
    quiet, changed, before, number = 0.0, [], math.inf, -1
    for when, outcome in visits:
        if outcome not in _SEEN:
            continue
        days = max(0.0, (when - before) / _DAY)  # clocks may be set back
        if outcome != Outcome.CHANGED:
            quiet += days
        elif days:
            changed.append(days)
        before, number = when, number + 1
    return History(quiet, tuple(changed), visits[-1][0] if visits else -math.inf, max(0, number))


def rate(seen: History, usual: float) -> float:
    """The estimated changes a day of a page, among pages that change `usual` times a day on average.

    This is the maximum a posteriori estimate for a Poisson process, where each visit tells only whether there was any
    change since the last, with a gamma prior. It is finite and above 0 for any number of visits and any intervals.

    >>> round(rate(History(), 0.1), 3), round(rate(History(quiet=300.0), 0.1), 4)
    (0.1, 0.0003)
    """
    days = seen.quiet + _SHAPE / usual
    found = (_SHAPE + len(seen.changed)) / (days + sum(seen.changed))  # as if each interval had one change at most
    for _ in range(_STEPS if seen.changed else 0):
        # The slope of the likelihood falls and flattens with the rate: Newton's method comes to its zero from below.
        left = [(span, math.exp(-found * span), -math.expm1(-found * span)) for span in seen.changed]
        slope = sum(span * none / some for span, none, some in left) + _SHAPE / found - days
        bend = sum(span * span * none / some**2 for span, none, some in left) + _SHAPE / found**2
        found += slope / bend
        if slope < _CLOSE * found * bend:
            break
    return found


def stale(changes: float, days: float, evidence: float = 1.0, watched: float = 0.0) -> float:
    """The probability that a page with so many `changes` a day has changed within so many `days`.

    For the first days, in which hints `watched` the page, `evidence` is the factor by which these change the odds.

    >>> round(stale(0.1, 5), 2), round(stale(0.1, 5, 20.0, 5), 2), round(stale(0.1, 5, 0.1, 5), 2)
    (0.39, 0.93, 0.06)
    """
    odds = evidence * math.expm1(min(changes * watched, _CERTAIN))
    return 1.0 - math.exp(-changes * (days - watched)) / (1.0 + odds)


def gain(changes: float, stale: float) -> float:
    """The freshness, in days, gained by a visit to a page with a rate of changes a day and a probability to be stale.

    Visiting the pages with the highest gain first is the best use of few visits (in the model of Cho and Garcia-Molina,
    2003): a page that changes all the time is stale again soon, and one that never changes is not stale.
    """
    left = (1.0 - stale) * math.log1p(-stale) if stale < 1.0 else 0.0
    return (stale + left) / changes


@dataclass(slots=True)
class _Group:
    """A group of pages: how many changes were seen, and in how many days."""

    events: float = 0.0
    days: float = 0.0

    def usual(self, among: float) -> float:
        """The group's changes a day, if the pages of the larger group change `among` times a day."""
        return (self.events + _WEIGHT) / (self.days + _WEIGHT / among)


class Due(NamedTuple):
    """Why a page should be visited: its `changes` a day, and the `days` since it was last seen or requested.

    `stale` is the probability that it has changed since, and `gain` the freshness that a visit gains, infinite for a
    page that was never seen. The rate comes from the page's own visits, of whose `intervals` `changed` had a change, or
    from the other pages of its `basis`.
    """

    changes: float
    days: float
    stale: float
    gain: float
    intervals: int = 0
    changed: int = 0
    basis: str = OWN
    hints: tuple[Hint, ...] = ()
    """The hints that say that it has changed since."""


class Rates:
    """Estimates how often pages change, from all remembered visits and the hints of their sites."""

    def __init__(self, said: Hints | None = None) -> None:
        self.hints = said or Hints()
        self._pages: dict[str, History] = {}
        self._groups: defaultdict[str, _Group] = defaultdict(_Group)
        self._usual: dict[tuple[str, ...], float] = {}

    @classmethod
    def remembered(cls, state: State) -> Rates:
        """The rates from everything that is remembered."""
        rates = cls(hints.read(state))
        for url, (visits, _) in state.each(unpack_visits):
            rates.take(url, visits)
        return rates

    def take(self, url: str, visits: Sequence[tuple[int, str]]) -> None:
        """Adds the visits to a page: the time of each, in seconds, and its outcome, oldest first."""
        self.add(url, history(visits))
        self.hints.learn(url, visits)

    def add(self, url: str, seen: History) -> None:
        """Adds the history of a page."""
        self._pages[url] = seen
        self._usual.clear()
        for name in _groups(url):
            self._groups[name].events += len(seen.changed)
            self._groups[name].days += seen.quiet + sum(seen.changed)

    def changes(self, url: str) -> float:
        """The changes a day of a page, from its own visits and those of its section, its host and all pages."""
        names = _groups(url)
        if names not in self._usual:
            usual = _USUAL
            for name in names:
                if name in self._groups:
                    usual = self._groups[name].usual(usual)
            self._usual[names] = usual
        return rate(self._pages.get(url, _UNKNOWN), self._usual[names])

    def due(self, url: str, seen: datetime | None, now: datetime) -> Due:
        """Why a page that was last `seen` at that time should be visited."""
        page, end = self._pages.get(url, _UNKNOWN), now.timestamp()
        last = max(page.asked, seen.timestamp() if seen else -math.inf)
        days = max(0.0, (end - last) / _DAY)
        changes = self.changes(url)
        known = page.intervals, len(page.changed), OWN if page.intervals else self._basis(url)
        if days == math.inf:
            return Due(changes, days, 1.0, math.inf, *known)
        factor, until = self.hints.evidence(url, last)
        watched = max(0.0, (min(until, end) - last) / _DAY)
        chance = stale(changes, days, factor, watched)
        told = tuple(hint for hint in self.hints.of(url) if hint.tells(last)) if watched else ()
        return Due(changes, days, chance, gain(changes, chance), *known, told)

    def ranking(self, now: datetime) -> Callable[[Entry], float]:
        """A function that gives the gain of a visit to the page of a seed."""
        return lambda entry: self.due(as_text(page_url(entry.url)), entry.fetched_at, now).gain

    def _basis(self, url: str) -> str:
        """The smallest group of the page with any visits."""
        for name, basis in zip(reversed(_groups(url)), (SECTION, HOST, OTHERS), strict=True):
            if name in self._groups and self._groups[name].days:
                return basis
        return NOTHING


def _groups(url: str) -> tuple[str, str, str]:
    """The names of a page's groups: all pages, its host, and its section, which is the first folder of its path."""
    parts = url.split("/", 4)  # ten times as fast as `urlsplit`
    host, folder = parts[2] if len(parts) > 2 else "", parts[3] if len(parts) > 4 else ""
    return "", host, f"{host}/{folder}"
