"""How far a run is: how many seeds have ended and in which way, how fast it goes, and how long it will yet take."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from fetcher.terms.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

_TELLING = 3  # seeds of a site after which its pace says something


class Pace:
    """The pace of a run that took on one seed of the `sites`, each with the number of its seeds, at the second `began`.

    >>> pace = Pace({"a.example": 3, "b.example": 1}, 0.0)
    >>> pace.ended("a.example", Outcome.UNCHANGED)
    >>> pace.sentence(10.0)
    '1 of 4 seeds, 6 a minute, 0:00:30 left: 1 unchanged'
    """

    def __init__(self, sites: Mapping[str, int], began: float) -> None:
        self._left = Counter(sites)
        self._ended: Counter[str] = Counter()
        self._began = began
        self.found = self._left.total()
        self.done = 0
        self.outcomes: Counter[Outcome] = Counter()

    def ended(self, site: str, outcome: Outcome) -> None:
        """Count a seed of the site."""
        self._left[site] -= 1
        self._ended[site] += 1
        self.outcomes[outcome] += 1
        self.done += 1

    def left(self, now: float) -> timedelta | None:
        """The time that the run will take from `now` on; None while too little is known, and when all have ended.

        Each site is asked at its own slow pace, so a run takes as long as its slowest site.
        """
        passed = now - self._began
        if not 0 < self.done < self.found or passed <= 0:
            return None
        shares = [(self.found - self.done) / self.done]
        shares += [self._left[site] / ended for site, ended in self._ended.items() if ended >= _TELLING]
        return timedelta(seconds=round(max(shares) * passed))

    def speed(self, now: float) -> str:
        """The seeds that end in a second, or in a minute where that is less than one; empty while none has."""
        passed = now - self._began
        if not self.done or passed <= 0:
            return ""
        rate = self.done / passed
        return f"{rate:,.1f} a second" if rate >= 1 else f"{rate * 60:.0f} a minute"

    def counts(self) -> list[tuple[Outcome, str]]:
        """Each outcome that there is with its count in words, in the order of reports."""
        return [(outcome, f"{self.outcomes[outcome]:,} {outcome}") for outcome in Outcome if self.outcomes[outcome]]

    def progress(self, now: float) -> str:
        """Done, found, rate and time left on one line."""
        left = self.left(now)
        parts = [f"{self.done:,} of {self.found:,} seeds", self.speed(now), f"{left} left" if left is not None else ""]
        return ", ".join(filter(None, parts))

    def sentence(self, now: float) -> str:
        """All of it on one line."""
        counts = ", ".join(count for _, count in self.counts())
        return f"{self.progress(now)}: {counts}" if counts else self.progress(now)
