"""When a site, or the whole run, must stop writing: an unusual share of its pages is lost or has become one page.

Single bad answers are the verdict's business. The brake is for what no single page shows: a site that was taken down,
moved or rebuilt, a network that answers everything with a page of its own, a fault of this program.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

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
