"""What a run came to, in words: for a terminal, and in Markdown for whoever reviews the change."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fetcher.report.harmless import code, printable
from fetcher.run.outcomes import TROUBLES, WRITTEN, Outcome

MOST_ROWS = 200
"""Rows of each list in a summary."""

_ROOM = 25_000
"""Characters of each list in Markdown: a pull request takes 65,536 in all."""

OPEN = TROUBLES | {Outcome.GONE, Outcome.MOVED}
"""Outcomes that a person should look at."""


@dataclass(frozen=True, slots=True)
class Row:
    """One seed as a summary lists it."""

    path: str
    outcome: Outcome
    detail: str
    mend: str
    words_added: int
    words_removed: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The sums of a run over the folder `seeds`, reported in the folder `report`.

    `written` and `open` are the first `MOST_ROWS` rows of each kind by path.
    """

    seeds: str
    report: Path
    counts: Counter[Outcome]
    words_added: int
    words_removed: int
    held_back: int
    notes: Sequence[str] = ()
    written: Sequence[Row] = field(default=(), repr=False)
    open: Sequence[Row] = field(default=(), repr=False)


def terminal(summary: Summary, lines: int = 40) -> str:
    """The summary for a terminal, at most a screenful; what is left out is in the report."""
    head = [*map(printable, summary.notes), *_table(summary), ""]
    rows = [_line(row) for row in summary.open]
    room = max(1, lines - len(head) - 3)
    if _total(summary, OPEN) > room:
        rows = [*rows[: room - 1], f"… and {_total(summary, OPEN) - (room - 1):,} more"]
    if rows:
        rows.append("")
    return "\n".join([*head, *rows, f"The report: {printable(str(summary.report / 'report.md'))}"])


def markdown(summary: Summary) -> str:
    """The summary as Markdown in which nothing that comes from pages or paths is markup."""
    parts = [
        f"# Refresh of {code(summary.seeds)}",
        *map(code, summary.notes),
        "\n".join(["| outcome | seeds |", "|---|---:|", *(f"| {name} | {n:,} |" for name, n in _counted(summary))]),
        *_held_back(summary),
        *_list("Changed", summary.written, _total(summary, WRITTEN), _change),
        *_list("For a person to look at", summary.open, _total(summary, OPEN), _trouble),
    ]
    return "\n\n".join(parts) + "\n"


def _table(summary: Summary) -> Iterator[str]:
    for name, count in _counted(summary):
        yield f"{count:>9,} {name}"
    if summary.words_added or summary.words_removed:
        yield f"{summary.words_added:,} words added, {summary.words_removed:,} removed"
    yield from _held_back(summary)


def _counted(summary: Summary) -> Iterator[tuple[str, int]]:
    for outcome in Outcome:
        if count := summary.counts[outcome]:
            yield outcome.value, count
    yield "in all", summary.counts.total()


def _held_back(summary: Summary) -> Iterator[str]:
    if summary.held_back:
        yield f"Differences held back: {summary.held_back:,} (report.json says why)"


def _line(row: Row) -> str:
    return printable(f"{row.outcome} {row.path}: {row.detail} {row.mend}")


def _list(title: str, rows: Sequence[Row], total: int, item: Callable[[Row], str]) -> Iterator[str]:
    if rows:
        lines = list(_fitting(map(item, rows)))
        if total > len(lines):
            lines.append(f"- … and {total - len(lines):,} more: see report.json")
        yield f"## {title}"
        yield "\n".join(lines)


def _fitting(lines: Iterable[str]) -> Iterator[str]:
    room = _ROOM
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            return
        yield line


def _change(row: Row) -> str:
    return f"- {code(row.path)} +{row.words_added:,} −{row.words_removed:,} words"


def _trouble(row: Row) -> str:
    said = code(f"{row.detail} {row.mend}")
    return f"- **{row.outcome}** {code(row.path)}" + (f": {said}" if said else "")


def _total(summary: Summary, outcomes: frozenset[Outcome]) -> int:
    return sum(summary.counts[outcome] for outcome in outcomes)
