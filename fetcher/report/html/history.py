"""Writes `history.html`: the runs so far as bar charts, with one bar per run, and as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from fetcher.report.digest import duration
from fetcher.report.html import templates
from fetcher.terms.outcomes import TROUBLES, WRITTEN, Outcome, counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime, timedelta

    from fetcher.memory.serialization import RunSummary

_BARS = 60
_FEWEST = 24  # bars that a chart has room for at least, so that those of the first runs are not too wide
_LOWEST = 3  # percent of the height, so that the lowest value can be seen


class Bar(NamedTuple):
    """A run in a chart, `height` in percent."""

    x: float
    height: float
    value: float
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A bar chart of one value of each run, the newest on the right."""

    name: str
    title: str
    last: str
    label: str
    width: int
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class Run:
    """A run in the history."""

    started: datetime
    time: timedelta
    visited: int
    changed: int
    failed: int
    notes: Sequence[str]

    @property
    def when(self) -> str:
        """When it started."""
        return f"{self.started:%Y-%m-%d %H:%M} UTC"

    @property
    def duration(self) -> str:
        """How long it took."""
        return duration(self.time.total_seconds())


def history(seeds: str, summaries: Sequence[RunSummary]) -> Iterator[str]:
    """The page, piece by piece; `summaries` has at least one, the newest first."""
    runs = [_run(summary) for summary in summaries]
    last, first = runs[0], runs[-1]
    values = {
        "runs": runs,
        "seeds": seeds,
        "headline": counted(len(runs), "run"),
        "sentence": f"From {first.when} to {last.when}." if len(runs) > 1 else f"On {last.when}.",
        "charts": [
            _chart("visited", "Visited", runs, lambda run: run.visited),
            _chart("changed", "Changed", runs, lambda run: run.changed),
            _chart("failed", "Failed", runs, lambda run: run.failed),
            _chart("time", "Time", runs, lambda run: run.time.total_seconds(), lambda run: run.duration),
        ],
    }
    return templates.page("history", values)


def _run(summary: RunSummary) -> Run:
    counts = {Outcome(name): count for name, count in summary.counts.items()}
    return Run(
        summary.started,
        summary.finished - summary.started,
        summary.found - counts.get(Outcome.SKIPPED, 0),
        sum(counts.get(outcome, 0) for outcome in WRITTEN),
        sum(counts.get(outcome, 0) for outcome in TROUBLES),
        summary.notes,
    )


def _chart(
    name: str,
    title: str,
    runs: Sequence[Run],
    value: Callable[[Run], float],
    told: Callable[[Run], str] | None = None,
) -> Chart:
    said = told or (lambda run: f"{value(run):,.0f}")
    shown = list(reversed(runs[:_BARS]))
    width = max(_FEWEST, len(shown))
    most = max(map(value, shown)) or 1
    heights = (round(max(_LOWEST, 100 * value(run) / most), 1) for run in shown)
    bars = [
        Bar(round(width - len(shown) + place + 0.1, 1), height, value(run), f"{run.when}: {said(run)}")
        for place, (run, height) in enumerate(zip(shown, heights, strict=True))
    ]
    highest = max(shown, key=value)
    label = (
        f"{title} in the last {counted(len(shown), 'run')}: {said(runs[0])} in the last one, at most {said(highest)}"
    )
    return Chart(name, title, said(runs[0]), label, width, bars)
