"""How fresh a few visits a day keep many pages, by the rule that chooses them: a Markdown table.

    python -m tests.benchmarks.freshness [PAGES=100000] [--days 180] [--round 14] [--sequences FOLDER]

Made-up pages change as Poisson processes: half of them never, the others at rates that are log-normal around one change
in 50 days, and alike in a folder. Each day a share of them is visited, so that a round takes so many days:

- in turn, the oldest first: what a run with `-a limit` does without memory
- by Nutch's rule: an interval that a visit makes longer by 40 % without a change, and shorter by 20 % with one
- by what a visit wins (`fetcher.memory.freshness`), with rates from own visits alone, and with the true rates

Told is the share of pages that are as stored, in the mean of the days in the second half, when rates are known. With
`--sequences`, the same for real pages, whose visits and changes are those of the folder (`index.jsonl`).
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from fetcher.memory.freshness import History, Rates, gain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Rule = Callable[["Corpus", "Watched", float, int], Sequence[int]]

_FOLDERS = 200
_LONGER, _SHORTER = 1.4, 0.8
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


def _best(rates: Sequence[float], known: Watched, day: float, count: int) -> list[int]:
    return heapq.nlargest(count, range(len(rates)), key=lambda n: gain(rates[n], day - known.seen[n]))


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


def rows(corpus: Corpus, days: int, a_day: float, after: int) -> Iterator[str]:
    """The lines of the table."""
    rules: dict[str, Rule] = {
        "in turn, the oldest first": in_turn,
        "Nutch": by_nutch,
        "rates from own visits": ByRates(),
    }
    if corpus.rates:
        rules["true rates"] = by_true_rates
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
    parser.add_argument("--sequences", type=Path)
    given = parser.parse_args()
    corpus, days = made_up(given.pages, given.days, Random(7)), given.days  # no secret
    if given.sequences:
        corpus, days = recorded(given.sequences)
    sys.stdout.write("| visits | fresh | of what true rates win |\n| --- | ---: | ---: |\n")
    for row in rows(corpus, days, len(corpus.urls) / given.round, days // 2):
        sys.stdout.write(row + "\n")


if __name__ == "__main__":
    main()
