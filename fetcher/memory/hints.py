"""Hints of sites on when their pages changed (sitemaps, feeds), and how reliable these have been, host by host."""

from __future__ import annotations

import math
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from fetcher.memory.state import as_text
from fetcher.seeds import stamps
from fetcher.terms.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from fetcher.memory.state import State

LASTMOD, FEED, LEFT = "lastmod", "feed", "left"
"""Kinds of hints: a page's date in a sitemap, a feed entry that links to it, its removal from the sitemap."""

# Assumed share of changed pages that have a hint, and of unchanged ones, until visits tell more.
_USUAL = {LASTMOD: (0.5, 0.2), FEED: (0.25, 0.05), LEFT: (0.25, 0.01)}
_WEIGHT = 4.0  # weight of that assumption, in intervals between visits
_MOMENTS = 8  # dates that are remembered for a page
_ENTRIES = 1000  # feed entries that are remembered
_DAY = 86_400.0  # seconds
_SPREAD = 1.645  # standard deviations on each side of a 90 % interval
_STILL = frozenset[str]({Outcome.UNCHANGED, Outcome.FILLED})
_ANSWERED = _STILL | {Outcome.CHANGED, Outcome.MOVED, Outcome.GONE}


_LAST = datetime(9999, 12, 31, tzinfo=UTC).timestamp()


class Hint(NamedTuple):
    """What a source says of a page: the times of its changes, and the period in which it would have told of others."""

    kind: str
    moments: tuple[float, ...]
    since: float
    until: float

    @property
    def latest(self) -> datetime:
        """The last of the moments, capped at the year 9999."""
        return datetime.fromtimestamp(min(self.moments[-1], _LAST), UTC)

    def tells(self, after: float, to: float = math.inf) -> bool:
        """Whether it says that the page changed in that period."""
        return any(after < moment <= to for moment in self.moments)


class Share(NamedTuple):
    """An estimated share with its 90 % credible interval."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, hits: int, others: int) -> Share:
        """The share of hits, from a beta distribution with a uniform prior.

        >>> [round(part, 2) for part in Share.of(18, 1)]
        [0.9, 0.8, 1.0]
        """
        mean, number = (hits + 1) / (hits + others + 2), hits + others + 3
        spread = _SPREAD * math.sqrt(mean * (1 - mean) / number)
        return cls(mean, max(0.0, mean - spread), min(1.0, mean + spread))


@dataclass(slots=True)
class Trust:
    """How reliable hints are: counts of the intervals between visits, by what the hint said and what the visits found.

    With a hint: `right` if there was a change, `false` if not. Without one: `missed` if there was a change, `silent` if
    not.
    """

    right: int = 0
    false: int = 0
    missed: int = 0
    silent: int = 0

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """All four counts."""
        return self.right, self.false, self.missed, self.silent

    @property
    def precision(self) -> Share:
        """The share of hinted changes that were real."""
        return Share.of(self.right, self.false)

    @property
    def recall(self) -> Share:
        """The share of real changes that were hinted."""
        return Share.of(self.right, self.missed)

    def ratio(self, kind: str, *, told: bool) -> float:
        """The likelihood ratio of a change, given that a hint of the kind was there (`told`) or was not."""
        found, alarm = _USUAL[kind]
        found = (found * _WEIGHT + self.right) / (_WEIGHT + self.right + self.missed)
        alarm = (alarm * _WEIGHT + self.false) / (_WEIGHT + self.false + self.silent)
        return found / alarm if told else (1 - found) / (1 - alarm)


class Evidence(NamedTuple):
    """The factor by which hints change the odds that a page has changed, and the time until which they cover it."""

    factor: float = 1.0
    until: float = -math.inf


class Hints:
    """The hints of pages by address, and the reliability of each kind on each host."""

    def __init__(self, pages: Mapping[str, Sequence[Hint]] | None = None) -> None:
        self._pages = pages or {}
        self.trust: defaultdict[tuple[str, str], Trust] = defaultdict(Trust)

    def of(self, url: str) -> Sequence[Hint]:
        """The hints of a page."""
        return self._pages.get(url.rstrip("/"), ())

    def learn(self, url: str, visits: Sequence[tuple[int, str]]) -> None:
        """Compares a page's hints with its visits: the time of each, and its outcome, oldest first."""
        hints = self.of(url)
        answered = [visit for visit in visits if visit[1] in _ANSWERED] if hints else ()
        for (before, _), (when, outcome) in pairwise(answered):
            for hint in hints:
                trust = self.trust[host_of(url), hint.kind]
                if hint.tells(before, when):
                    trust.right += outcome not in _STILL
                    trust.false += outcome in _STILL
                elif hint.since <= before and when <= hint.until:
                    trust.missed += outcome not in _STILL
                    trust.silent += outcome in _STILL

    def evidence(self, url: str, seen: float) -> Evidence:
        """The evidence of the hints for a page that was last seen at that time."""
        factor, until = Evidence()
        for hint in self.of(url):
            told = hint.tells(seen)
            if told or (hint.since <= seen < hint.until):
                factor *= self.trust[host_of(url), hint.kind].ratio(hint.kind, told=told)
                until = max(until, hint.until)
        return Evidence(factor, until)


def host_of(url: str) -> str:
    """The host of an address with its port; ten times as fast as `urlsplit`."""
    parts = url.split("/", 3)
    return parts[2] if len(parts) > 2 else ""


def read(state: State) -> Hints:
    """All remembered hints."""
    return Hints({url: tuple(hints) for url, hints in _by_page(state).items()})


def _by_page(state: State) -> dict[str, list[Hint]]:
    found: defaultdict[str, list[Hint]] = defaultdict(list)
    for url, gone, said, surveyed in state.query("SELECT url, gone, said, surveyed FROM listings"):
        with suppress(ValueError, TypeError, AttributeError):  # a damaged row
            found[url.rstrip("/")] += _listed(gone, said or "", surveyed)
    for url, feed in _announced(state).items():
        found[url].append(feed)
    return found


def _listed(gone: int | None, said: str, surveyed: int | None) -> Iterator[Hint]:
    """The hints of a sitemap on a page: when it changed, and since when it is no longer listed."""
    until = float(surveyed or gone or 0)
    if moments := tuple(map(float, said.split())):
        yield Hint(LASTMOD, moments, moments[0], until)
    if gone:
        yield Hint(LEFT, (float(gone),), math.inf, until)


def _announced(state: State) -> dict[str, Hint]:
    """The hints of feeds on the pages that their entries link to; they cover the period of the entries."""
    moments: defaultdict[str, list[float]] = defaultdict(list)
    spans: dict[str, tuple[float, float]] = {}
    for _, said, _, url, links in announcements(state):
        if when := _moment(said):
            first, last = spans.get(host_of(url), (when, when))
            spans[host_of(url)] = min(first, when), max(last, when)
            for page in {url.rstrip("/"), *(link.rstrip("/") for link in links)}:
                moments[page].append(when)
    return {
        page: Hint(FEED, tuple(sorted(those)), *spans[host_of(page)])
        for page, those in moments.items()
        if host_of(page) in spans
    }


def listed(state: State) -> set[str]:
    """The addresses of stored pages that are, or were, in the sitemaps of their sites."""
    return {url for (url,) in state.query("SELECT url FROM listings")}


def keep_listings(state: State, listed: Mapping[str, str], gone: Iterable[str], when: datetime) -> None:
    """Remembers the stored pages that sitemaps list, with their dates, and those that they no longer list.

    The latter are recorded as `gone` since this time, unless an earlier time is known.
    """
    now = int(when.timestamp())
    before = dict(state.query("SELECT url, said FROM listings"))
    rows: list[tuple[object, ...]] = [
        (as_text(url), None, _said(before.get(as_text(url)), date), now) for url, date in listed.items()
    ]
    rows += [(name, now, before.get(name), now) for name in map(as_text, gone)]
    keep = """
        INSERT INTO listings (url, gone, said, surveyed) VALUES (?, ?, ?, ?) ON CONFLICT (url) DO UPDATE SET
        gone = iif(excluded.gone IS NULL, NULL, coalesce(gone, excluded.gone)), said = excluded.said, surveyed = ?4
    """
    state.execute(*((keep, row) for row in rows))


def _said(before: str | None, date: str) -> str | None:
    """The times that a sitemap has given for a page so far, including this date, latest last."""
    moments, when = [one for one in str(before or "").split() if one.isdecimal()], _moment(date)
    if when and (not moments or when > float(moments[-1])):
        moments.append(f"{when:.0f}")
    return " ".join(moments[-_MOMENTS:]) or None


def _moment(text: str) -> float | None:
    """The time of a date in seconds; for a day without a time its end, as most runs are at night."""
    when = stamps.read(text)
    return when.timestamp() + (0.0 if ":" in text else _DAY - 1) if when else None


def keep_announcements(state: State, entries: Iterable[tuple[str, str, str, str, Iterable[str]]]) -> None:
    """Remembers feed entries: the title, date, text, address and links of each."""
    insert = "INSERT OR REPLACE INTO announcements (title, said, text, url, links) VALUES (?, ?, ?, ?, ?)"
    rows = [tuple(map(as_text, (*said, " ".join(links)))) for *said, links in entries]
    oldest = "rowid NOT IN (SELECT rowid FROM announcements ORDER BY rowid DESC LIMIT ?)"
    state.execute(*((insert, row) for row in rows), (f"DELETE FROM announcements WHERE {oldest}", [_ENTRIES]))  # noqa: S608


def announcements(state: State) -> Iterator[tuple[str, str, str, str, tuple[str, ...]]]:
    """The remembered feed entries, in the form that `keep_announcements` takes."""
    for *said, links in state.query("SELECT title, said, text, url, links FROM announcements"):
        title, date, text, url = said
        yield title, date, text, url, tuple(links.split())
