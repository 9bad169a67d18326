"""How fresh a few visits a day keep many pages, by the rule that chooses them: a Markdown table.

    python -m tests.benchmarks.freshness [PAGES=100000] [--days 180] [--round 14] [--hints] [--sequences FOLDER]

Made-up pages change as Poisson processes: half of them never, the others at rates that are log-normal around one change
in 50 days, and alike in a folder. Each day a share of them is visited, so that a round takes so many days:

- in turn, the oldest first: what a run with `-a limit` does without memory
- by Nutch's rule: an interval that a visit makes longer by 40 % without a change, and shorter by 20 % with one
- by what a visit wins (`fetcher.memory.freshness`), with rates from own visits alone, and with the true rates
- the same with a sitemap that is read each day: an honest one dates nine changes in ten, and one in ten of its dates is
  wrong; one is built anew each week with that day for all pages; one has the days on which its pages were made

Told is the share of pages that are as stored, in the mean of the days in the second half, when rates are known. With
`--sequences`, the same for real pages, whose visits and changes are those of the folder (`index.jsonl`).
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import sys
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from fetcher.memory.freshness import History, Rates, gain, stale
from fetcher.memory.hints import LASTMOD, Hint, Hints
from fetcher.terms.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Rule = Callable[["Corpus", "Watched", float, int], Sequence[int]]

_FOLDERS = 200
_LONGER, _SHORTER = 1.4, 0.8
_DAY = 86_400.0
_RATES_DAYS = 7  # after which rates of pages that were not visited are reckoned anew


@dataclass(slots=True)
class Corpus:
    """Pages with the days on which they change, and the true rates where these are known."""

    changes: Sequence[Sequence[float]]
    urls: Sequence[str]
    rates: Sequence[float] = ()


@dataclass(slots=True)
class Watched:
    """What is known of the pages: when each was last seen, the days without changes and the intervals with one."""

    seen: list[float]
    quiet: list[float]
    visits: defaultdict[int, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    changed: defaultdict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    interval: list[float] = field(default_factory=list)


def made_up(number: int, days: int, chance: Random) -> Corpus:
    """So many pages."""
    mean = [chance.gauss(0, 0.8) for _ in range(_FOLDERS)]
    rates, changes = [], []
    for n in range(number):
        is_static = chance.random() < 0.5
        rate = 1e-9 if is_static else math.exp(mean[n % _FOLDERS] + chance.gauss(0, 1.2)) / 50
        rates.append(rate)
        changes.append([] if is_static else [*_events(rate, days, chance)])
    return Corpus(changes, [f"https://a.example/{n % _FOLDERS}/{n}" for n in range(number)], rates)


def _events(rate: float, days: int, chance: Random) -> Iterator[float]:
    at = chance.expovariate(rate)
    while at < days:
        yield at
        at += chance.expovariate(rate)


def freshness(corpus: Corpus, days: int, a_day: float, after: int, rule: Rule) -> float:
    """The mean share of pages that are as stored, by the days after the first."""
    number = len(corpus.urls)
    known = Watched([0.0] * number, [0.0] * number, interval=[number / a_day] * number)
    first_change = [next(iter(one), math.inf) for one in corpus.changes]  # since the page was last seen
    owed = fresh = 0.0
    for day in range(1, days):
        owed += a_day
        count, owed = int(owed), owed - int(owed)
        for page in rule(corpus, known, float(day), count):
            _visit(corpus, known, first_change, page, float(day))
        if day > after:
            fresh += sum(moment > day for moment in first_change) / number
    return fresh / (days - 1 - after)


def _visit(corpus: Corpus, known: Watched, first_change: list[float], page: int, day: float) -> None:
    span = day - known.seen[page]
    has_changed = first_change[page] <= day
    if has_changed:
        known.changed[page].append(span)
        first_change[page] = next((moment for moment in corpus.changes[page] if moment > day), math.inf)
    else:
        known.quiet[page] += span
    known.visits[page].append((int(day * _DAY), Outcome.CHANGED if has_changed else Outcome.UNCHANGED))
    known.interval[page] *= _SHORTER if has_changed else _LONGER
    known.seen[page] = day


def in_turn(_: Corpus, known: Watched, __: float, count: int) -> list[int]:
    """The pages that were last seen first."""
    return heapq.nsmallest(count, range(len(known.seen)), key=known.seen.__getitem__)


def by_nutch(_: Corpus, known: Watched, __: float, count: int) -> list[int]:
    """The pages that are due first."""
    return heapq.nsmallest(count, range(len(known.seen)), key=lambda n: known.seen[n] + known.interval[n])


def by_true_rates(corpus: Corpus, known: Watched, day: float, count: int) -> list[int]:
    """The pages of which a visit wins most, if one knew."""
    return _best(corpus.rates, known, day, count)


class ByRates:
    """The pages of which a visit wins most, as far as visits tell."""

    def __init__(self) -> None:
        self._reckoned = -math.inf
        self._rates: list[float] = []

    def __call__(self, corpus: Corpus, known: Watched, day: float, count: int) -> list[int]:
        if day - self._reckoned >= _RATES_DAYS:
            rates, self._reckoned = Rates(), day
            for n, url in enumerate(corpus.urls):
                rates.add(url, History(known.quiet[n], tuple(known.changed.get(n, ())[-50:])))
            self._rates = [rates.changes(url) for url in corpus.urls]
        return _best(self._rates, known, day, count)


class ByHints(ByRates):
    """The same, with what a sitemap says: for each page the days that it gives, in turn, as that of the last change."""

    def __init__(self, dates: Sequence[Sequence[float]]) -> None:
        super().__init__()
        self._dates = dates
        self._hints = Hints()

    def __call__(self, corpus: Corpus, known: Watched, day: float, count: int) -> list[int]:
        is_week = day - self._reckoned >= _RATES_DAYS
        pages = {url: self._said(n, day) for n, url in enumerate(corpus.urls)}
        trust, self._hints = self._hints.trust, Hints(pages)
        if is_week:
            for n, url in enumerate(corpus.urls):
                self._hints.learn(url, known.visits[n][-50:])
        else:
            self._hints.trust = trust
        super().__call__(corpus, known, day, 0)
        return heapq.nlargest(count, range(len(pages)), key=lambda n: self._gain(corpus.urls[n], n, known.seen[n], day))

    def _said(self, page: int, day: float) -> list[Hint]:
        moments = tuple(_DAY * date for date in self._dates[page][: bisect_right(self._dates[page], day)][-8:])
        return [Hint(LASTMOD, moments, moments[0], _DAY * day)] if moments else []

    def _gain(self, url: str, page: int, seen: float, day: float) -> float:
        factor, until = self._hints.evidence(url, seen * _DAY)
        watched = max(0.0, until / _DAY - seen)
        return gain(self._rates[page], stale(self._rates[page], day - seen, factor, watched))


def honest(corpus: Corpus, days: int, chance: Random) -> list[list[float]]:
    """The dates of a sitemap that tells nine changes in ten, and one that was none in ten."""
    found = []
    for changes in corpus.changes:
        told = [moment for moment in changes if chance.random() < 0.9]
        false = [chance.uniform(0, days) for _ in told if chance.random() < 0.1]
        found.append(sorted([*told, *false]) or [0.0])
    return found


def _best(rates: Sequence[float], known: Watched, day: float, count: int) -> list[int]:
    return heapq.nlargest(count, range(len(rates)), key=lambda n: _gain(rates[n], day - known.seen[n]))


def _gain(rate: float, days: float) -> float:
    return gain(rate, stale(rate, days))


def recorded(folder: Path) -> tuple[Corpus, int]:
    """The pages of a folder of sequences, with the days from the first visit to each on which they changed."""
    changes, urls, longest = [], [], 0.0
    for line in (folder / "index.jsonl").read_text().splitlines():
        row = json.loads(line)
        moments = [datetime.fromisoformat(step["date"]).timestamp() / 86_400 for step in row["steps"]]
        changes.append(
            [at - moments[0] for at, step in zip(moments, row["steps"], strict=True) if step["label"] == "changed"]
        )
        urls.append(row["url"])
        longest = max(longest, moments[-1] - moments[0])
    return Corpus(changes, urls), int(longest) + 1


def rows(corpus: Corpus, days: int, a_day: float, after: int, *, hinted: bool = False) -> Iterator[str]:
    """The lines of the table."""
    rules: dict[str, Rule] = {
        "in turn, the oldest first": in_turn,
        "Nutch": by_nutch,
        "rates from own visits": ByRates(),
    }
    if corpus.rates:
        rules["true rates"] = by_true_rates
    if hinted:
        number = len(corpus.urls)
        rules["rates, honest sitemap"] = ByHints(honest(corpus, days, Random(3)))
        rules["rates, sitemap built weekly"] = ByHints([[float(day) for day in range(0, days, 7)]] * number)
        rules["rates, sitemap of first days"] = ByHints([[0.0]] * number)
    found = {name: freshness(corpus, days, a_day, after, rule) for name, rule in rules.items()}
    base = found["in turn, the oldest first"]
    most = found.get("true rates", base) - base
    for name, share in found.items():
        part = f"{(share - base) / most:.0%}" if most else ""
        yield f"| {name} | {share:.4f} | {part} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="?", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=360)
    parser.add_argument("--round", type=float, default=14.0)
    parser.add_argument("--hints", action="store_true")
    parser.add_argument("--sequences", type=Path)
    given = parser.parse_args()
    corpus, days = made_up(given.pages, given.days, Random(7)), given.days  # no secret
    if given.sequences:
        corpus, days = recorded(given.sequences)
    sys.stdout.write("| visits | fresh | of what true rates win |\n| --- | ---: | ---: |\n")
    for row in rows(corpus, days, len(corpus.urls) / given.round, days // 2, hinted=given.hints):
        sys.stdout.write(row + "\n")


if __name__ == "__main__":
    main()
