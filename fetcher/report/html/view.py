"""A change as `report.html` shows it: rendered before and after, and as lines of the source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from fetcher.report.compare import parted
from fetcher.report.html import templates
from fetcher.report.html.rendered import segments
from fetcher.report.html.source import Fold, Row, fold, front, rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetcher.report.changes import Change
    from fetcher.report.html.rendered import Segment

_LONG = "The page is too long or too deep to be rendered here: see the source."
_BLANK = "Only blank lines have changed: see the source."


class Block(NamedTuple):
    """Changed lines with their context, under a heading of the page."""

    under: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Shown:
    """A change: `front` matter, and the body in both views.

    `segments` are rendered, or a sentence says why there are none; `parts` are source.
    """

    front: Sequence[Row]
    segments: Sequence[Segment]
    why_none: str
    parts: Sequence[Block | Fold]
    left_out: int

    @property
    def size(self) -> int:
        """Characters that it takes, about."""
        texts = (text for segment in self.segments for text in (segment.old, segment.new))
        return sum(map(len, texts)) + sum(row.size for part in self.parts for row in part.rows)


def view(change: Change, old: str, new: str, address: str) -> tuple[str, int]:
    """A change as HTML, and the characters that it takes, about; made of the texts before and after."""
    page = shown(change, old, new, address)
    return templates.piece("change", {"change": page}), page.size


def shown(change: Change, old: str, new: str, address: str) -> Shown:
    """A change for both views, made of the texts before and after."""
    (_, before), (front_lines, after) = parted(old), parted(new)
    found = segments(before, after, address)
    why_none = "" if found or before == after else _LONG if found is None else _BLANK
    parts = _parts(change, [*front_lines, *after], len(front_lines) + 1)
    return Shown(front(change.front), found or [], why_none, list(parts), change.left_out)


def _parts(change: Change, lines: Sequence[str], at: int) -> Iterator[Block | Fold]:
    """The changed lines, and between them the unchanged ones, folded; `at` is the number of the body's first line."""
    shift = 0
    for hunk in change.hunks:
        shift = hunk.old - hunk.new
        if hunk.new > at:
            yield fold(lines, at, hunk.new, shift)
        yield Block(hunk.heading, list(rows(hunk)))
        at = hunk.new + sum(line.sign != "-" for line in hunk.lines)
        shift += sum((line.sign == "-") - (line.sign == "+") for line in hunk.lines)
    if change.hunks and not change.left_out and at <= len(lines):
        yield fold(lines, at, len(lines) + 1, shift)
