"""How often pages change, as their visits tell, and how much freshness a visit to each would win."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from fetcher.memory import hints
from fetcher.memory.hints import Hints
from fetcher.memory.serialization import unpack_course
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
"""Whose visits tell how often a page changes."""

_DAY = 86_400.0
_SEEN = frozenset[str]({Outcome.CHANGED, Outcome.UNCHANGED, Outcome.MOVED, Outcome.FILLED})
_USUAL = 1 / 60
"""Changes a day of a page of which, and of whose neighbours, nothing is known."""
_WEIGHT = 2.0
"""Changes that it takes until pages of a host, or of a part of it, are believed to change otherwise than the others."""
_SHAPE = 0.1
"""Of the gamma distribution that a rate is taken from: most pages change less often than the mean, few far more."""
_STEPS, _CLOSE = 40, 0.01
_CERTAIN = 500.0  # changes to be expected: no more fit into a number


class History(NamedTuple):
    """What visits tell of a page: the days between two of them without a change, those with one, and when it was asked.

    Only what was written counts: noise is no change.
    """

    quiet: float = 0.0
    changed: tuple[float, ...] = ()
    asked: float = -math.inf
    intervals: int = 0  # of both kinds


_UNKNOWN = History()


def history(visits: Sequence[tuple[int, str]]) -> History:
    """What the visits to a page tell of it: when each was, in seconds, and its outcome, the oldest first."""
    quiet, changed, before, number = 0.0, [], math.inf, -1
    for when, outcome in visits:
        if outcome not in _SEEN:
            continue
        days = max(0.0, (when - before) / _DAY)  # clocks are set, too
        if outcome != Outcome.CHANGED:
            quiet += days
        elif days:
            changed.append(days)
        before, number = when, number + 1
    return History(quiet, tuple(changed), visits[-1][0] if visits else -math.inf, max(0, number))


def rate(seen: History, usual: float) -> float:
    """The changes a day of a page, among pages that change `usual` times a day in the mean.

    The most likely one for a Poisson process of which each visit tells only whether something has changed since the
    last, with a gamma distribution as prior: above 0 and finite, however few visits there are, and for intervals of all
    lengths.

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
    """The chance that a page with so many changes a day has changed within so many days.

    In the first of them, so long as it was `watched`, hints have made the odds of that so many times what they were.

    >>> round(stale(0.1, 5), 2), round(stale(0.1, 5, 20.0, 5), 2), round(stale(0.1, 5, 0.1, 5), 2)
    (0.39, 0.93, 0.06)
    """
    odds = evidence * math.expm1(min(changes * watched, _CERTAIN))
    return 1.0 - math.exp(-changes * (days - watched)) / (1.0 + odds)


def gain(changes: float, stale: float) -> float:
    """The freshness, in days, that a visit wins of a page with so many changes a day, which has changed so probably.

    Visiting the pages with the highest gain first is the best use of few visits (in the model of Cho and Garcia-Molina,
    2003): a page that changes all the time is as soon stale again, and one that never does is not stale.
    """
    left = (1.0 - stale) * math.log1p(-stale) if stale < 1.0 else 0.0
    return (stale + left) / changes


@dataclass(slots=True)
class _Group:
    """Of pages that have something in common: the changes seen, and in how many days."""

    events: float = 0.0
    days: float = 0.0

    def usual(self, among: float) -> float:
        """Their changes a day, where those of all change so often."""
        return (self.events + _WEIGHT) / (self.days + _WEIGHT / among)


class Due(NamedTuple):
    """Why a page is to be visited: how often it changes, a day, and the days since it was seen, or asked for in vain.

    `stale` is the chance that it has changed since, and `gain` the freshness that a visit wins, infinite for a page
    that was never seen. The rate is from `changed` of the `intervals` between visits to the page itself, or else from
    those to the others of its `basis`.
    """

    changes: float
    days: float
    stale: float
    gain: float
    intervals: int = 0
    changed: int = 0
    basis: str = OWN
    hints: tuple[Hint, ...] = ()
    """Those that say that it has changed since."""


class Rates:
    """How often pages change, by their addresses, from all that is remembered of their visits; and what hints say."""

    def __init__(self, said: Hints | None = None) -> None:
        self.hints = said or Hints()
        self._pages: dict[str, History] = {}
        self._groups: defaultdict[str, _Group] = defaultdict(_Group)
        self._usual: dict[tuple[str, ...], float] = {}

    @classmethod
    def remembered(cls, state: State) -> Rates:
        """From all that is known of pages."""
        rates = cls(hints.read(state))
        for url, (visits, _) in state.each(unpack_course):
            rates.take(url, visits)
        return rates

    def take(self, url: str, visits: Sequence[tuple[int, str]]) -> None:
        """Take in the visits to a page: when each was, in seconds, and its outcome, the oldest first."""
        self.add(url, history(visits))
        self.hints.learn(url, visits)

    def add(self, url: str, seen: History) -> None:
        """Take in what is known of a page."""
        self._pages[url] = seen
        self._usual.clear()
        for name in _groups(url):
            self._groups[name].events += len(seen.changed)
            self._groups[name].days += seen.quiet + sum(seen.changed)

    def changes(self, url: str) -> float:
        """The changes a day of a page: by its own visits, and those to its part of the host, to that, and to all."""
        names = _groups(url)
        if names not in self._usual:
            usual = _USUAL
            for name in names:
                if name in self._groups:
                    usual = self._groups[name].usual(usual)
            self._usual[names] = usual
        return rate(self._pages.get(url, _UNKNOWN), self._usual[names])

    def due(self, url: str, seen: datetime | None, now: datetime) -> Due:
        """Why a page, last `seen` then, is to be visited."""
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
        """The gain of a visit to the page of a seed, as old as it is known to be."""
        return lambda entry: self.due(as_text(page_url(entry.url)), entry.fetched_at, now).gain

    def _basis(self, url: str) -> str:
        """The nearest others of which visits have told something."""
        for name, basis in zip(reversed(_groups(url)), (SECTION, HOST, OTHERS), strict=True):
            if name in self._groups and self._groups[name].days:
                return basis
        return NOTHING


def _groups(url: str) -> tuple[str, str, str]:
    """All pages; the host of a page; and the part of it that the page is in, its first folder."""
    parts = url.split("/", 4)  # as `urlsplit` has them, in a tenth of the time
    host, folder = parts[2] if len(parts) > 2 else "", parts[3] if len(parts) > 4 else ""
    return "", host, f"{host}/{folder}"
