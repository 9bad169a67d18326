"""Writes the change of one seed for `report.html`: rendered before and after, and as source lines side by side."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup, escape

from fetcher.report.html import templates
from fetcher.report.html.rendered import segments
from fetcher.report.outline import split_front_matter
from fetcher.report.screen import for_browsers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fetcher.report.changes import Change, Hunk, Line
    from fetcher.report.html.rendered import Segment

    Numbered = tuple[int | None, Line]

_LONG = "The page is too long or too deep to be rendered here: see the source."
_BLANK = "Only blank lines have changed: see the source."


class Block(NamedTuple):
    """Changed lines with their context, and the heading of the page above them."""

    under: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the template shows: `front` matter, rendered `segments` (or why there are none), and source `parts`."""

    front: Sequence[Row]
    segments: Sequence[Segment]
    why_none: str
    parts: Sequence[Block | Fold]
    left_out: int

    @property
    def size(self) -> int:
        """The approximate number of characters of its HTML."""
        texts = (text for segment in self.segments for text in (segment.old, segment.new))
        return sum(map(len, texts)) + sum(row.size for part in self.parts for row in part.rows)


def view(change: Change, old: str, new: str, address: str) -> tuple[str, int]:
    """A change as HTML, and the approximate size of that; made of the texts before and after."""
    page = shown(change, old, new, address)
    return templates.piece("change", {"change": page}), page.size


def shown(change: Change, old: str, new: str, address: str) -> Shown:
    """What the template shows of a change, made of the texts before and after."""
    (_, before), (front_lines, after) = split_front_matter(old), split_front_matter(new)
    found = segments(before, after, address)
    why_none = "" if found or before == after else _LONG if found is None else _BLANK
    parts = _parts(change, [*front_lines, *after], len(front_lines) + 1)
    return Shown(front(change.front), found or [], why_none, list(parts), change.left_out)


def _parts(change: Change, lines: Sequence[str], at: int) -> Iterator[Block | Fold]:
    """The changed lines, and folded between them the unchanged ones; `at` is the number of the body's first line."""
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


_NEAR = 10
"""Lines at each end of an unchanged part that can be unfolded, and ..."""
_NEAR_SIGNS = 600
"""... characters in them; for more, see the file."""

_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Row:
    """A line before and after, None if there is none; an unchanged line (`same`) is only in `new`."""

    old_number: int | None
    old: Markup | None
    new_number: int | None
    new: Markup | None
    same: bool = False

    @property
    def size(self) -> int:
        """The approximate number of characters of its HTML."""
        return len(self.old or "") + len(self.new or "") + 60


@dataclass(frozen=True, slots=True)
class Fold:
    """`count` unchanged lines between changed ones, of which those near the changed ones can be unfolded."""

    count: int
    head: Sequence[Row]
    tail: Sequence[Row] = ()

    @property
    def rows(self) -> Sequence[Row]:
        """The lines that can be unfolded."""
        return (*self.head, *self.tail)

    @property
    def omitted(self) -> int:
        """How many lines between head and tail are left out."""
        return self.count - len(self.head) - len(self.tail)


def rows(hunk: Hunk) -> Iterator[Row]:
    """The lines of a hunk, with two versions of one line in one row."""
    for same, run in groupby(hunk.numbered(), key=lambda numbered: numbered[2].sign == " "):
        lines = list(run)
        if same:
            yield from (Row(old, None, new, escape(for_browsers(line.text)), same=True) for old, new, line in lines)
        else:
            yield from _changed([(n, line) for n, _, line in lines if n], [(n, line) for _, n, line in lines if n])


def fold(lines: Sequence[str], start: int, end: int, shift: int) -> Fold:
    """The new file's lines from number `start` to before `end`; an old line number is the new one plus `shift`."""
    head = start + _fitting(lines[n - 1] for n in range(start, end))
    tail = end - _fitting(lines[n - 1] for n in range(end - 1, head - 1, -1))
    if tail - head < 2:
        return Fold(end - start, _same(lines, range(start, end), shift))
    return Fold(end - start, _same(lines, range(start, head), shift), _same(lines, range(tail, end), shift))


def _fitting(lines: Iterable[str]) -> int:
    """How many of the first lines can be unfolded."""
    room = _NEAR_SIGNS
    count = 0
    for line in lines:
        room -= len(line)
        if room < 0 or count == _NEAR:
            break
        count += 1
    return count


_STAMP = re.compile(r"""["']?fetched_at["']?\s*[:=]""")  # in YAML, or in TOML


def front(lines: Sequence[Line]) -> list[Row]:
    """Changed lines of the front matter, without the stamp, which changes whenever anything does."""
    kept = [line for line in lines if not _STAMP.match(line.text)]
    old, new = ([line for line in kept if line.sign == sign] for sign in "-+")
    return [_row(before and (None, before), after and (None, after)) for before, after in zip_longest(old, new)]


def _same(lines: Sequence[str], numbers: range, shift: int) -> list[Row]:
    return [Row(n + shift, None, n, escape(for_browsers(lines[n - 1])), same=True) for n in numbers]


def _changed(old: Sequence[Numbered], new: Sequence[Numbered]) -> Iterator[Row]:
    start = new_start = 0
    for at, new_at in [*_versions([line for _, line in old], [line for _, line in new]), (len(old), len(new))]:
        yield from (_row(*two) for two in zip_longest(old[start:at], new[new_start:new_at]))
        yield from (_row(*two) for two in zip(old[at : at + 1], new[new_at : new_at + 1], strict=True))
        start, new_start = at + 1, new_at + 1


def _versions(old: Sequence[Line], new: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """The positions of lines that are two versions of one, in order: they differ only in what is marked."""
    left = [_unmarked(line) for line in old]
    start = 0
    for place, line in enumerate(new):
        words = _unmarked(line)
        if words and words in left[start:]:
            start = left.index(words, start) + 1
            yield start - 1, place


def _unmarked(line: Line) -> str:
    parts = (text for text, is_marked in pieces(line.text, line.marks) if not is_marked)
    return _SIGNS.sub("", "".join(parts)) if line.marks else ""


def _row(old: Numbered | None, new: Numbered | None) -> Row:
    number, before = old or (None, None)
    new_number, after = new or (None, None)
    return Row(number, before and _html(before, "del"), new_number, after and _html(after, "ins"))


def _html(line: Line, name: str) -> Markup:
    if not line.marks:
        return escape(for_browsers(line.text))
    opening, closing = Markup("<{}>").format(name), Markup("</{}>").format(name)
    found = ((escape(for_browsers(text)), is_marked) for text, is_marked in pieces(line.text, line.marks))
    return Markup().join(opening + text + closing if is_marked else text for text, is_marked in found)


def pieces(text: str, marks: Iterable[tuple[int, int]]) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether it is marked.

    >>> list(pieces("a b c", [(2, 3)]))
    [('a ', False), ('b', True), (' c', False)]
    """
    start = 0
    for begin, end in marks:
        yield text[start:begin], False
        yield text[begin:end], True
        start = end
    yield text[start:], False
