"""What a run came to, in words, for a terminal."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice, takewhile
from pathlib import Path
from typing import Any, NamedTuple

from fetcher.report.classes import CLASSES
from fetcher.report.harmless import printable
from fetcher.report.screen import COLOURS, Screen, painted
from fetcher.terms.outcomes import TROUBLES, Outcome, counted

MOST_ROWS = 200
"""Seeds that are listed: more than a screen has lines for."""

MOST_NEWS = 20
"""Changed seeds that are announced one by one."""

OPEN = TROUBLES | {Outcome.GONE, Outcome.MOVED}
"""Outcomes that a person should look at."""


@dataclass(frozen=True, slots=True)
class Row:
    """One seed as a summary lists it."""

    path: str
    outcome: Outcome
    detail: str
    mend: str


class News(NamedTuple):
    """A changed seed as it is announced: what its change is about, what matters most first, and in words."""

    path: str
    url: str
    classes: Sequence[str]
    summary: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The sums of a run over the folder `seeds`, reported in the folder `report`, if it is.

    `course` says in words what was visited and what came of it, `attention` what needs a person.
    `open` are the first `MOST_ROWS` seeds by path that a person should look at. `news` are the first `MOST_NEWS` of the
    changed seeds to announce, and `classes` counts all of these by what they are about; `is_news` tells that there is
    something to announce.
    """

    seeds: str
    report: Path | None
    counts: Counter[Outcome]
    words_added: int
    words_removed: int
    held_back: int
    notes: Sequence[str] = ()
    attention: Sequence[str] = ()
    course: str = ""
    found: int = 0
    open: Sequence[Row] = field(default=(), repr=False)
    news: Sequence[News] = field(default=(), repr=False)
    classes: Mapping[str, int] = field(default_factory=dict)
    is_news: bool = True


def open_rows(records: Iterable[Mapping[str, Any]]) -> tuple[Row, ...]:
    """The first of the seeds of `report.json` that a person should look at."""
    rows = (Row(one["path"], Outcome(one["outcome"]), one["detail"], one["mend"]) for one in records)
    return tuple(islice((row for row in rows if row.outcome in OPEN), MOST_ROWS))


def announced(
    records: Iterable[Mapping[str, Any]], counts: Mapping[str, int], only: Collection[str]
) -> tuple[list[News], dict[str, int]]:
    """The first of the changed seeds to announce, and how many there are by class; all classes where none is named."""
    wanted = [name for name in CLASSES if not only or name in only]
    news = (record for record in records if {*wanted} & {*record["classes"]})
    first = [News(*(one[name] for name in News._fields)) for one in islice(news, MOST_NEWS)]
    return first, {name: counts[name] for name in wanted if counts.get(name)}


def terminal(summary: Summary, screen: Screen) -> str:
    """The summary for a terminal, which it fits; what is left out is in the report."""
    table = [*_table(summary, screen), ""]
    height = sum(screen.height(line) for line in _table(summary, Screen())) + 1
    end = f"The report: {printable(str(summary.report / 'report.md'))}" if summary.report else "There is no report."
    room = screen.lines - height - screen.height(end) - 2  # an empty line before the end, and the prompt
    notes = _fitted([(note, note) for note in map(printable, summary.notes)], len(summary.notes), room // 2, screen)
    room -= sum(screen.height(note) for note in notes)
    rows = _fitted([_line(row, screen) for row in summary.open], _total(summary, OPEN), room, screen)
    return "\n".join([*notes, *table, *rows, *[""] * bool(rows), end])


def _fitted(lines: Sequence[tuple[str, str]], total: int, room: int, screen: Screen) -> list[str]:
    """As many of `total` lines as fit, and how many more there are; each is given as it counts and as it is shown."""
    heights = [screen.height(plain) for plain, _ in lines]
    if total == len(lines) and sum(heights) <= room:
        return [shown for _, shown in lines]
    fitting = list(takewhile(lambda height: height < room, accumulate(heights)))  # one line is for what is left out
    return [*(shown for _, shown in lines[: len(fitting)]), f"… and {total - len(fitting):,} more"]


def _table(summary: Summary, screen: Screen) -> Iterator[str]:
    for name, count in _counted(summary):
        yield f"{count:>9,} {_painted(name, screen)}"
    if summary.words_added or summary.words_removed:
        yield f"{counted(summary.words_added, 'word')} added, {summary.words_removed:,} removed"
    yield from _held_back(summary)


def _counted(summary: Summary) -> Iterator[tuple[str, int]]:
    for outcome in Outcome:
        if count := summary.counts[outcome]:
            yield outcome.value, count
    yield "in all", summary.counts.total()


def _held_back(summary: Summary) -> Iterator[str]:
    if summary.held_back:
        yield f"Differences held back: {summary.held_back:,} (report.json says why)"


def _line(row: Row, screen: Screen) -> tuple[str, str]:
    """The line of a seed as it counts and as it is shown."""
    line = printable(f"{row.outcome} {row.path}: {row.detail} {row.mend}")
    return line, _painted(row.outcome, screen) + line.removeprefix(row.outcome)


def _painted(name: str, screen: Screen) -> str:
    """The name of an outcome, or of their sum, in its colour."""
    return painted(name, COLOURS[Outcome(name)]) if screen.colours and name in COLOURS else name


def _total(summary: Summary, outcomes: frozenset[Outcome]) -> int:
    return sum(summary.counts[outcome] for outcome in outcomes)
