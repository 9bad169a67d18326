"""What sites say of when their pages change, as surveys found it, and how far that has proved true, host by host."""

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
"""A sitemap's date of a page; an entry of a feed that leads to it; that it left the sitemap."""

# The share of changed pages that are told of, and that of unchanged ones, as long as no visit has shown it.
_USUAL = {LASTMOD: (0.5, 0.2), FEED: (0.25, 0.05), LEFT: (0.25, 0.01)}
_WEIGHT = 4.0  # intervals between visits that this counts as much as
_MOMENTS = 8  # that are remembered of a page
_ENTRIES = 1000  # of feeds that are remembered
_DAY = 86_400.0  # seconds
_SPREAD = 1.645  # standard deviations to both sides that have 90 % between them
_STILL = frozenset[str]({Outcome.UNCHANGED, Outcome.FILLED})
_ANSWERED = _STILL | {Outcome.CHANGED, Outcome.MOVED, Outcome.GONE}


_LAST = datetime(9999, 12, 31, tzinfo=UTC).timestamp()


class Hint(NamedTuple):
    """What a source says of a page: when it changed, and from when to when it would have told of other changes."""

    kind: str
    moments: tuple[float, ...]
    since: float
    until: float

    @property
    def latest(self) -> datetime:
        """The last of the moments; of one that no calendar has, the last day that it has."""
        return datetime.fromtimestamp(min(self.moments[-1], _LAST), UTC)

    def tells(self, after: float, to: float = math.inf) -> bool:
        """Whether it says that the page changed in that time."""
        return any(after < moment <= to for moment in self.moments)


class Share(NamedTuple):
    """A share as visits tell it, and from where to where it is with a probability of 90 %."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, hits: int, others: int) -> Share:
        """That of the hits, by the beta distribution which they leave of a uniform one.

        >>> [round(part, 2) for part in Share.of(18, 1)]
        [0.9, 0.8, 1.0]
        """
        mean, number = (hits + 1) / (hits + others + 2), hits + others + 3
        spread = _SPREAD * math.sqrt(mean * (1 - mean) / number)
        return cls(mean, max(0.0, mean - spread), min(1.0, mean + spread))


@dataclass(slots=True)
class Trust:
    """How hints compare with what visits found: the intervals between visits, by what was told of them and what was so.

    `right` ones had a change and were told of, `false` ones had none; of `missed` ones with a change nothing was told,
    and of `silent` ones without.
    """

    right: int = 0
    false: int = 0
    missed: int = 0
    silent: int = 0

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """The numbers of all four."""
        return self.right, self.false, self.missed, self.silent

    @property
    def precision(self) -> Share:
        """The share of the changes told of that there were."""
        return Share.of(self.right, self.false)

    @property
    def recall(self) -> Share:
        """The share of the changes that were told of."""
        return Share.of(self.right, self.missed)

    def ratio(self, kind: str, *, told: bool) -> float:
        """How much likelier a page changed than one that did not is to be told of, or not to be."""
        found, alarm = _USUAL[kind]
        found = (found * _WEIGHT + self.right) / (_WEIGHT + self.right + self.missed)
        alarm = (alarm * _WEIGHT + self.false) / (_WEIGHT + self.false + self.silent)
        return found / alarm if told else (1 - found) / (1 - alarm)


class Evidence(NamedTuple):
    """What hints make of the odds that a page has changed: a factor, from the moment until which they watched it."""

    factor: float = 1.0
    until: float = -math.inf


class Hints:
    """The hints of pages by address, and how far those of each host and kind have proved true."""

    def __init__(self, pages: Mapping[str, Sequence[Hint]] | None = None) -> None:
        self._pages = pages or {}
        self.trust: defaultdict[tuple[str, str], Trust] = defaultdict(Trust)

    def of(self, url: str) -> Sequence[Hint]:
        """Those of a page."""
        return self._pages.get(url.rstrip("/"), ())

    def learn(self, url: str, visits: Sequence[tuple[int, str]]) -> None:
        """Compare them with what the visits to their page found: when each was, and its outcome, the oldest first."""
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
        """What they say of a page that was last seen then."""
        factor, until = Evidence()
        for hint in self.of(url):
            told = hint.tells(seen)
            if told or (hint.since <= seen < hint.until):
                factor *= self.trust[host_of(url), hint.kind].ratio(hint.kind, told=told)
                until = max(until, hint.until)
        return Evidence(factor, until)


def host_of(url: str) -> str:
    """The host of an address, with its port; as `urlsplit` has it, in a tenth of the time."""
    parts = url.split("/", 3)
    return parts[2] if len(parts) > 2 else ""


def read(state: State) -> Hints:
    """All that is remembered."""
    return Hints({url: tuple(hints) for url, hints in _by_page(state).items()})


def _by_page(state: State) -> dict[str, list[Hint]]:
    found: defaultdict[str, list[Hint]] = defaultdict(list)
    for url, gone, said, surveyed in state.ask("SELECT url, gone, said, surveyed FROM listings"):
        with suppress(ValueError, TypeError, AttributeError):  # what this program never wrote
            found[url.rstrip("/")] += _listed(gone, said or "", surveyed)
    for url, feed in _announced(state).items():
        found[url].append(feed)
    return found


def _listed(gone: int | None, said: str, surveyed: int | None) -> Iterator[Hint]:
    """What a sitemap says of a page: when it has changed, and since when it is gone."""
    until = float(surveyed or gone or 0)
    if moments := tuple(map(float, said.split())):
        yield Hint(LASTMOD, moments, moments[0], until)
    if gone:
        yield Hint(LEFT, (float(gone),), math.inf, until)


def _announced(state: State) -> dict[str, Hint]:
    """What feeds say of the pages that they lead to; as far as their entries go back, and no further."""
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
    """The addresses of the stored pages that the sitemaps of their sites have, or had."""
    return {url for (url,) in state.ask("SELECT url FROM listings")}


def keep_listings(state: State, listed: Mapping[str, str], gone: Iterable[str], when: datetime) -> None:
    """Remember which stored pages the sitemaps have, with the dates that they give them, and which they had before.

    The latter are found `gone` at this moment, but for those of which it is known since when.
    """
    now = int(when.timestamp())
    before = dict(state.ask("SELECT url, said FROM listings"))
    rows: list[tuple[object, ...]] = [
        (as_text(url), None, _said(before.get(as_text(url)), date), now) for url, date in listed.items()
    ]
    rows += [(name, now, before.get(name), now) for name in map(as_text, gone)]
    keep = """
        INSERT INTO listings (url, gone, said, surveyed) VALUES (?, ?, ?, ?) ON CONFLICT (url) DO UPDATE SET
        gone = iif(excluded.gone IS NULL, NULL, coalesce(gone, excluded.gone)), said = excluded.said, surveyed = ?4
    """
    state.tell(*((keep, row) for row in rows))


def _said(before: str | None, date: str) -> str | None:
    """The moments that a sitemap has given as the last change of a page, the latest last."""
    moments, when = [one for one in str(before or "").split() if one.isdecimal()], _moment(date)
    if when and (not moments or when > float(moments[-1])):
        moments.append(f"{when:.0f}")
    return " ".join(moments[-_MOMENTS:]) or None


def _moment(text: str) -> float | None:
    """The moment that a date names; a day without a time is over at its end: most runs come at night."""
    when = stamps.read(text)
    return when.timestamp() + (0.0 if ":" in text else _DAY - 1) if when else None


def keep_announcements(state: State, entries: Iterable[tuple[str, str, str, str, Iterable[str]]]) -> None:
    """Remember entries of feeds: of each its title, its date, its words, its address, and where it leads to."""
    insert = "INSERT OR REPLACE INTO announcements (title, said, text, url, links) VALUES (?, ?, ?, ?, ?)"
    rows = [tuple(map(as_text, (*said, " ".join(links)))) for *said, links in entries]
    oldest = "rowid NOT IN (SELECT rowid FROM announcements ORDER BY rowid DESC LIMIT ?)"
    state.tell(*((insert, row) for row in rows), (f"DELETE FROM announcements WHERE {oldest}", [_ENTRIES]))  # noqa: S608


def announcements(state: State) -> Iterator[tuple[str, str, str, str, tuple[str, ...]]]:
    """The entries of feeds that are remembered, as `keep_announcements` takes them."""
    for *said, links in state.ask("SELECT title, said, text, url, links FROM announcements"):
        title, date, text, url = said
        yield title, date, text, url, tuple(links.split())
