"""Formats a preview for a terminal: the decisions on a page, and its change with the changed words marked."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from fetcher.report.compare import compare
from fetcher.report.screen import COLOURS, painted, printable, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetcher.explain.decisions import Decision
    from fetcher.report.changes import Change, Line
    from fetcher.visits.results import Result

_INDENT = 13
_COLOURS = {"-": "red", "+": "green"}
_MARKS = {"-": ("[-", "-]"), "+": ("{+", "+}")}  # as git's --word-diff has them


def shown(name: str, result: Result, decisions: Sequence[Decision], *, colours: bool) -> str:
    """The preview of one seed as text; control characters from the page are made visible."""
    lines = [_painted(printable(name), colours, "bold") + f"  {printable(result.record.url)}", ""]
    lines += chain.from_iterable(_decision(one, colours) for one in decisions)
    if result.writes:
        lines += ["", *_change(compare(result.record.path, result.old, result.new), colours)]
    return "\n".join(lines) + "\n"


def _decision(decision: Decision, colours: bool) -> Iterator[str]:
    said = printable(decision.said)
    if decision.matter == "outcome":
        word = said.partition(":")[0]
        said = _painted(word, colours, COLOURS.get(word, "none")) + said.removeprefix(word)
    yield _painted(f"{decision.matter:<{_INDENT}}", colours, "cyan") + said
    for line in decision.details:
        text = printable(line)
        yield " " * _INDENT + _painted(
            text, colours, _COLOURS.get(text[:2].rstrip(), "none") if text[1:2] == " " else "dim"
        )


def _change(change: Change, colours: bool) -> Iterator[str]:
    """The changed lines with their context."""
    for line in change.front:
        yield _line(line, colours)
    for hunk in change.hunks:
        yield _painted(f"@@ line {hunk.old} @@ {printable(hunk.heading)}".rstrip(), colours, "cyan")
        for line in hunk.lines:
            yield _line(line, colours)
    if change.left_out:
        yield _painted(f"… and {change.left_out:,} more changed lines", colours, "dim")


def _line(line: Line, colours: bool) -> str:
    """A line in its colour, with the changed words highlighted."""
    colour = _COLOURS.get(line.sign, "none")
    pieces = [_painted(line.sign, colours, colour)]
    at = 0
    for start, end in line.marks:
        pieces.append(_painted(visible(line.text[at:start]), colours, colour))
        opened, closed = ("", "") if colours else _MARKS[line.sign]
        pieces.append(opened + _painted(visible(line.text[start:end]), colours, colour, "reverse") + closed)
        at = end
    pieces.append(_painted(visible(line.text[at:]), colours, colour))
    return "".join(pieces)


def _painted(text: str, colours: bool, *names: str) -> str:
    return painted(text, *names) if colours else text
