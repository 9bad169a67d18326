"""Shows the status of seeds as tables in a terminal: ages, outcomes, sites, what is due, and what failed."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from fetcher.memory import freshness, hints
from fetcher.report.screen import COLOURS, printable
from fetcher.report.seed_status import AGES, NEVER, FolderStatus, SeedStatus, by_age, by_gain
from fetcher.terms.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from typing import TextIO

    from fetcher.memory.freshness import Due
    from fetcher.report.screen import Screen

_WIDE = 1000  # columns if lines do not wrap
_AGES = {"day": "≤ day", "week": "≤ week", "month": "≤ month"}
_CHANGES = ("changes every", "changed by now")
_OTHERS = {
    freshness.SECTION: "as its section",
    freshness.HOST: "as its host",
    freshness.OTHERS: "as other hosts",
    freshness.NOTHING: "a guess",
}
_HINTS = {
    hints.LASTMOD: "dates of the sitemap",
    hints.FEED: "entries of feeds",
    hints.LEFT: "pages that left the sitemap",
}
_NOT_VISITED = "not visited"
_TOLD = {
    hints.LASTMOD: "the sitemap says it changed",
    hints.FEED: "a feed leads to it since",
    hints.LEFT: "it left the sitemap",
}


def show(found: FolderStatus, notes: Sequence[str], now: datetime, stream: TextIO, screen: Screen) -> None:
    """Writes the tables to a stream, to fit its screen."""
    width, colours = screen.columns or _WIDE, screen.colours
    console = Console(file=stream, width=width, force_terminal=colours, highlight=False, markup=False, emoji=False)
    with console.capture() as shown:
        console.print(_tables(found, notes, now, _room(found.seeds, screen)))
    # Without the spaces at the ends of lines, which are in the way in a file.
    stream.writelines(f"{line.rstrip()}\n" for line in shown.get().splitlines())


def _room(seeds: Sequence[SeedStatus], screen: Screen) -> int:
    """The rows that each of three lists may have for all to fit the screen, unless that is small."""
    fixed = len({seed.outcome for seed in seeds}) + 17  # heads, sums, empty lines between, and the prompt
    return max(3, (screen.lines - fixed) // 3)


def _tables(found: FolderStatus, notes: Sequence[str], now: datetime, room: int) -> Group:
    seeds = found.seeds
    troubled = [seed for seed in by_age(seeds) if seed.is_troubled]
    parts: list[Text | Table] = [Text(printable(note), "yellow") for note in notes]
    parts.append(_outcomes(seeds, now))
    parts += _list(_sites(seeds, room, now), len({seed.site for seed in seeds}) - room, "more sites")
    parts += _list(_due(seeds, room, now), len(seeds) - room, "that are due later")
    parts += _list(_trusted(found, room), len(found.trust) - room, "more, which --json lists")
    parts += _list(_troubled(troubled, room, now), len(troubled) - room, "more, which --json lists")
    return Group(*parts)


def _list(table: Table, more: int, of_what: str) -> list[Text | Table]:
    """The table after an empty line, with the number of further rows; nothing if the table is empty."""
    left_out = [Text(f"… and {more:,} {of_what}", "dim")] if more > 0 else []
    return [Text(), table, *left_out] if table.row_count else []


def _table(*heads: str, numbers: Iterable[str] = ()) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for head in heads:
        table.add_column(head, justify="right" if head in numbers else "left", overflow="fold")
    return table


def _outcomes(seeds: Sequence[SeedStatus], now: datetime) -> Table:
    """The number of seeds by the outcome of the last visit and by age."""
    ages = [_AGES.get(age, age) for age in AGES]
    table = _table("last visit", *ages, "in all", numbers=[*ages, "in all"])
    counts: defaultdict[Outcome | None, Counter[str]] = defaultdict(Counter)
    for seed in seeds:
        counts[seed.outcome][seed.age(now)] += 1
    for outcome in (*Outcome, None):
        if outcome in counts:
            table.add_row(_outcome(outcome), *_numbers(counts[outcome]))
    table.add_row("in all", *_numbers(sum(counts.values(), Counter())))
    return table


def _numbers(counts: Counter[str]) -> list[str]:
    return [f"{counts[age]:,}" if counts[age] else "" for age in AGES] + [f"{counts.total():,}"]


def _sites(seeds: Sequence[SeedStatus], room: int, now: datetime) -> Table:
    """The sites with the most seeds."""
    table = _table("site", "seeds", "in trouble", "oldest", numbers=["seeds", "in trouble", "oldest"])
    sites: defaultdict[str, list[SeedStatus]] = defaultdict(list)
    for seed in seeds:
        sites[seed.site].append(seed)
    for site in sorted(sites, key=lambda site: (-len(sites[site]), site))[:room]:
        troubled = sum(seed.is_troubled for seed in sites[site])
        oldest = by_age(sites[site])[0]
        table.add_row(
            Text(printable(site) or "unknown"),
            f"{len(sites[site]):,}",
            Text(f"{troubled:,}" if troubled else "", "red"),
            _ago(oldest.current, now),
        )
    return table


def _due(seeds: Sequence[SeedStatus], room: int, now: datetime) -> Table:
    """The seeds that a run with a limit visits first, and why."""
    table = _table("age", "last visit", *_CHANGES, "because", "due next", numbers=["age", *_CHANGES])
    for seed in by_gain(seeds)[:room]:
        if due := seed.due:
            is_seen = due.days < math.inf
            changes = _every(1 / due.changes) if due.intervals else f"~ {_every(1 / due.changes)}"
            chance = f"{due.stale:.0%}" if is_seen else NEVER
            why = _because(due, now) if is_seen else "never seen"
            table.add_row(_ago(seed.current, now), _outcome(seed.outcome), changes, chance, why, printable(seed.path))
    return table


def _because(due: Due, now: datetime) -> str:
    """What the estimated rate of changes is based on, and the hints that the page has changed."""
    own = f"changed in {due.changed} of {due.intervals} intervals"
    told = (f"{_TOLD[hint.kind]} {_ago(hint.latest, now)} ago" for hint in due.hints)
    return ", ".join([own if due.intervals else _OTHERS[due.basis], *told])


def _trusted(found: FolderStatus, room: int) -> Table:
    """How reliable the hints of the sites have proved."""
    table = _table("hints", "site", "true", "complete", "intervals", numbers=["true", "complete", "intervals"])
    for (site, kind), one in sorted(found.trust.items(), key=lambda item: -sum(item[1].counts))[:room]:
        shares = (f"{part.mean:.0%} ({part.low:.0%} to {part.high:.0%})" for part in (one.precision, one.recall))
        table.add_row(_HINTS[kind], Text(printable(site)), *shares, f"{sum(one.counts):,}")
    return table


def _every(days: float) -> str:
    """The days between two changes."""
    return f"{days:,.0f} d" if days >= 1 else "< 1 d"


def _troubled(troubled: Sequence[SeedStatus], room: int, now: datetime) -> Table:
    table = _table("visited", "trouble", "why", "those in trouble", numbers=["visited"])
    for seed in troubled[:room]:
        when = seed.visit.when if seed.visit else None
        why = seed.fault or (seed.visit.reason if seed.visit else "")
        outcome = Text("unusable", "red") if seed.fault else _outcome(seed.outcome)
        table.add_row(_ago(when, now), outcome, Text(printable(why)), Text(printable(seed.path)))
    return table


def _outcome(outcome: Outcome | None) -> Text:
    return Text(outcome.value, COLOURS[outcome]) if outcome else Text(_NOT_VISITED, "dim")


def _ago(when: datetime | None, now: datetime) -> str:
    """How long ago, in hours or days."""
    if when is None:
        return NEVER
    hours = max(0, round((now - when).total_seconds() / 3600))
    return f"{hours} h" if hours < 48 else f"{hours // 24:,} d"
