"""How often pages change, as their visits tell, and how much freshness a visit to each would win."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from fetcher.memory.state import as_text
from fetcher.seeds.seeds import page_url
from fetcher.terms.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from fetcher.memory.memory import Visit
    from fetcher.seeds.folder import Entry

_DAY = 86_400.0
_SEEN = frozenset[str]({Outcome.CHANGED, Outcome.UNCHANGED, Outcome.MOVED, Outcome.FILLED})
_USUAL = 1 / 60
"""Changes a day of a page of which, and of whose neighbours, nothing is known."""
_WEIGHT = 2.0
"""Changes that it takes until pages of a host, or of a part of it, are believed to change otherwise than the others."""
_SHAPE = 0.1
"""Of the gamma distribution that a rate is taken from: most pages change less often than the mean, few far more."""
_STEPS, _CLOSE = 40, 0.01


class History(NamedTuple):
    """What visits tell of a page: the days between two of them without a change, those with one, and when it was asked.

    Only what was written counts: noise is no change.
    """

    quiet: float = 0.0
    changed: tuple[float, ...] = ()
    asked: float = -math.inf


_NOTHING = History()


def history(visits: Sequence[tuple[int, str]]) -> History:
    """What the visits to a page tell of it: when each was, in seconds, and its outcome, the oldest first."""
    quiet, changed, before = 0.0, [], math.inf
    for when, outcome in visits:
        if outcome not in _SEEN:
            continue
        days = max(0.0, (when - before) / _DAY)  # clocks are set, too
        if outcome != Outcome.CHANGED:
            quiet += days
        elif days:
            changed.append(days)
        before = when
    return History(quiet, tuple(changed), visits[-1][0] if visits else -math.inf)


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


def gain(changes: float, days: float) -> float:
    """The freshness that a visit wins of a page with so many changes a day, so many days after the last one.

    Visiting the pages with the highest gain first is the best use of few visits (in the model of Cho and Garcia-Molina,
    2003): a page that changes all the time is as soon stale again, and one that never does is not stale.
    """
    expected = changes * days
    return (-math.expm1(-expected) - expected * math.exp(-expected)) / changes


@dataclass(slots=True)
class _Group:
    """Of pages that have something in common: the changes seen, and in how many days."""

    events: float = 0.0
    days: float = 0.0

    def usual(self, among: float) -> float:
        """Their changes a day, where those of all change so often."""
        return (self.events + _WEIGHT) / (self.days + _WEIGHT / among)


@dataclass(slots=True)
class Rates:
    """How often pages change, by their addresses, from all that is remembered of their visits."""

    _pages: dict[str, History] = field(default_factory=dict)
    _groups: defaultdict[str, _Group] = field(default_factory=lambda: defaultdict(_Group))
    _usual: dict[tuple[str, ...], float] = field(default_factory=dict)

    @classmethod
    def of(cls, courses: Iterable[tuple[str, tuple[Sequence[tuple[int, str]], Visit]]]) -> Rates:
        """From the visits to each page (`packing.unpack_course`)."""
        rates = cls()
        for url, (visits, _) in courses:
            rates.add(url, history(visits))
        return rates

    def add(self, url: str, seen: History) -> None:
        """Takes in what is known of a page."""
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
        return rate(self._pages.get(url, _NOTHING), self._usual[names])

    def days(self, url: str, seen: datetime | None, now: datetime) -> float:
        """The days since the page was last `seen`, or asked for in vain; infinite where it never was."""
        last = max(self._pages.get(url, _NOTHING).asked, seen.timestamp() if seen else -math.inf)
        return max(0.0, (now.timestamp() - last) / _DAY)

    def gain(self, url: str, seen: datetime | None, now: datetime) -> float:
        """The freshness that a visit to a page would win, last `seen` then; infinite for one that never was."""
        days = self.days(url, seen, now)
        return gain(self.changes(url), days) if days < math.inf else math.inf

    def ranking(self, now: datetime) -> Callable[[Entry], float]:
        """The gain of a visit to the page of a seed, as old as it is known to be."""
        return lambda entry: self.gain(as_text(page_url(entry.url)), entry.fetched_at, now)


def _groups(url: str) -> tuple[str, str, str]:
    """All pages; the host of a page; and the part of it that the page is in, its first folder."""
    parts = url.split("/", 4)  # as `urlsplit` has them, in a tenth of the time
    host, folder = parts[2] if len(parts) > 2 else "", parts[3] if len(parts) > 4 else ""
    return "", host, f"{host}/{folder}"
