"""Figures of a benchmark: medians and ratios of interleaved rounds, as Markdown tables and as JSON to compare with."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from math import comb
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_KINDS = ("seconds", "cpu")
_UNSURE = 0.05


@dataclass(frozen=True)
class Run:
    """One command, once: seconds and CPU seconds; requests, bodies and bytes as its server counted them."""

    seconds: float
    cpu: float
    requests: float = 0
    bodies: float = 0
    bytes: float = 0


@dataclass(frozen=True)
class Line:
    """What ran, over how many pages or files, and its runs, one a round."""

    name: str
    number: int
    runs: list[Run] = field(default_factory=list)

    def middle(self, what: str) -> float:
        """The median over the rounds."""
        return median(self._all(what))

    def each(self, what: str) -> float:
        """The median of one page or file."""
        return self.middle(what) / self.number

    def ratio(self, other: Self, what: str) -> Ratio:
        """Of the ratios within the rounds, which a machine that is slow for a while leaves as they are."""
        return Ratio.of([a / b for a, b in zip(self._all(what), other._all(what), strict=True)])

    def _all(self, what: str) -> list[float]:
        return [float(getattr(run, what)) for run in self.runs]


class Ratio(NamedTuple):
    """The median of some ratios, and between what the median of all that there could be is, in 95 cases of 100."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, ratios: Sequence[float]) -> Self:
        """The interval is that of order statistics, whatever their spread is; from end to end where they are few.

        >>> Ratio.of([1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 9.0])
        Ratio(middle=1.45, low=1.1, high=1.8)
        """
        ordered, number = sorted(ratios), len(ratios)
        outside, cut = 2 / 2**number, 0  # how likely the median is not within all of them
        while (more := outside + 2 * comb(number, cut + 1) / 2**number) <= _UNSURE and 2 * (cut + 1) < number - 1:
            outside, cut = more, cut + 1
        return cls(median(ordered), ordered[cut], ordered[-1 - cut])


class Goal(NamedTuple):
    """A ratio of two lines of a part, and what it is to be at most; 0 where it is for information."""

    part: str
    name: str
    of: str
    to: str
    most: float = 0


@dataclass
class Figures:
    """The lines of each part, and the bytes of the files that a refresh keeps."""

    parts: dict[str, list[Line]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    made: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y-%m-%d %H:%M}")
    machine: str = field(
        default_factory=lambda: (
            f"{os.cpu_count()} cores, Python {platform.python_version()}, Scrapy {version('scrapy')}"
        )
    )

    @property
    def rounds(self) -> int:
        """How often each line was measured; a short one more often."""
        return min(len(line.runs) for lines in self.parts.values() for line in lines)

    @classmethod
    def read(cls, path: Path) -> Self:
        """The figures that `write` wrote."""
        data: dict[str, Any] = json.loads(path.read_text())
        parts = {part: [_line(**line) for line in lines] for part, lines in data.pop("parts").items()}
        return cls(parts, **data)

    def write(self, path: Path) -> None:
        """Keep them as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    def line(self, part: str, name: str) -> Line:
        """The line of a name; LookupError where it was not measured."""
        lines = {line.name: line for line in self.parts.get(part, [])}
        return lines[name]

    def ratio(self, goal: Goal, what: str) -> Ratio | None:
        """What a goal is about; None where it was not measured."""
        try:
            return self.line(goal.part, goal.of).ratio(self.line(goal.part, goal.to), what)
        except LookupError:
            return None


def table(figures: Figures, part: str) -> Iterator[str]:
    """What each line of a part took, as a Markdown table."""
    yield f"| {part} | number | seconds | a second | CPU ms each | requests | MB sent |"
    yield "| --- |" + " ---: |" * 6
    for line in figures.parts[part]:
        seconds, requests, sent = (line.middle(what) for what in ("seconds", "requests", "bytes"))
        yield (
            f"| {line.name} | {line.number:,} | {seconds:.1f} | {line.number / seconds:,.0f} | "
            f"{line.each('cpu') * 1000:.2f} | {requests:,.0f} | {sent / 1e6:.1f} |"
        )


def ratios(figures: Figures, goals: Sequence[Goal], before: Figures | None) -> Iterator[str]:
    """The ratios that were measured, beside those of earlier figures where there are any, as a Markdown table."""
    yield "| ratio | goal | wall time | CPU |" + " wall time before | CPU before |" * bool(before)
    yield "| --- |" + " ---: |" * (5 if before else 3)
    for goal in goals:
        if figures.ratio(goal, "seconds"):
            cells = [f"≤ {goal.most}" if goal.most else ""]
            cells += [_times(known.ratio(goal, kind)) for known in (figures, before) if known for kind in _KINDS]
            yield f"| {goal.name} | {' | '.join(cells)} |"


def comparison(figures: Figures, before: Figures) -> Iterator[str]:
    """What each line took against earlier figures, as a Markdown table."""
    yield f"| {figures.made} against {before.made} | seconds | before | ratio | CPU seconds | before | ratio |"
    yield "| --- |" + " ---: |" * 6
    for part, lines in figures.parts.items():
        for line in lines:
            old = {known.name: known for known in before.parts.get(part, [])}.get(line.name)
            if old and old.number == line.number:
                pairs = [(line.middle(kind), old.middle(kind)) for kind in _KINDS]
                cells = (f"{new:.2f} | {was:.2f} | {new / was:.2f}" for new, was in pairs)
                yield f"| {line.name} | {' | '.join(cells)} |"


def _line(name: str, number: int, runs: list[dict[str, float]]) -> Line:
    return Line(name, number, [Run(**run) for run in runs])


def _times(ratio: Ratio | None) -> str:
    return f"{ratio.middle:.2f} ({ratio.low:.2f} to {ratio.high:.2f})" if ratio else ""
