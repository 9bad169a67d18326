"""Where two Markdown bodies differ, as a reader sees it: whole blocks before and after, as harmless HTML."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, groupby, pairwise
from typing import TYPE_CHECKING

from lxml import html

from fetcher.markdown.reading.commonmark import FOOTNOTES, SOURCE_POSITIONS, to_html
from fetcher.report.html.elements import block, heading_of, marked, verbatim
from fetcher.report.html.sections import parts
from fetcher.report.patch import Change, changes
from fetcher.report.screen import for_browsers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from lxml.html import HtmlElement
    from markupsafe import Markup

    from fetcher.report.html.elements import Item

LONGEST = 400_000
"""Characters of a body that is rendered; of a larger one only the source is shown."""

_LONG_CODE = 40  # lines of a code block of which only those are shown that ...
_AROUND = 6  # ... are so near to a changed one
_DEEPEST = 200  # elements within each other: more than lxml takes lose their text
_TAG = re.compile(r"<(/?)(?!br|hr|img|input)[a-z]")
_STEPS = {"": 1, "/": -1}  # deeper with a start tag, back with an end tag


@dataclass(frozen=True, slots=True)
class Segment:
    """A part that differs: under which heading, and its HTML before and after, each empty where there is none."""

    heading: str
    old: Markup
    new: Markup

    @property
    def reads_the_same(self) -> bool:
        """Whether no word differs: the change is in what a reader does not see."""
        return bool(self.old and self.new) and "<del>" not in self.old and "<ins>" not in self.new


@dataclass(frozen=True, slots=True)
class _Unit:
    """A block, an item of a list or a row of a table, in the lines from `start` to before `end`.

    `element` is None for a line that is in no block: raw HTML, or a link's target. `parent` is what it is a part of.
    """

    start: int
    end: int
    element: HtmlElement | None = None
    parent: HtmlElement | None = None


def segments(old: Sequence[str], new: Sequence[str], address: str) -> list[Segment] | None:
    """The parts in which the lines of two bodies differ, in order; links lead on from `address`.

    None where a body is too long to be rendered, or nests too deep.
    """
    if max(sum(map(len, lines)) for lines in (old, new)) > LONGEST:
        return None
    before, after = ([for_browsers(line) for line in lines] for lines in (old, new))
    found: list[Segment] = []
    for part in parts(before, after, changes(before, after)):
        bodies = _Body(part.old), _Body(part.new)
        if max(body.depth for body in bodies) > _DEEPEST:
            return None
        found += _segments(*bodies, part.changes, address)
    return found


def _segments(before: _Body, after: _Body, found: Sequence[Change], address: str) -> Iterator[Segment]:
    before.changed = {line for change in found for line in range(change.start, change.end)}
    after.changed = {line for change in found for line in range(change.new_start, change.new_end)}
    for change in _together(_widened(found, before, after), before, after):
        old, new = before.within(change.start, change.end), after.within(change.new_start, change.new_end)
        if old or new:
            yield Segment(
                after.heading(change.new_start) or before.heading(change.start),
                *marked(list(_items(old, before, address)), list(_items(new, after, address))),
            )


class _Body:
    """A body's lines, the numbers of those that are `changed`, and its units, which never overlap."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.changed: AbstractSet[int] = frozenset()

    @cached_property
    def _html(self) -> str:
        return to_html("\n".join(self.lines), SOURCE_POSITIONS | FOOTNOTES, raw_html=False)

    @property
    def depth(self) -> int:
        """How many elements are within each other at most."""
        return max(accumulate(map(_STEPS.__getitem__, _TAG.findall(self._html))), default=0)

    @cached_property
    def units(self) -> list[_Unit]:
        """All of it but blank lines, in order."""
        found = list(_units(html.fragment_fromstring(self._html, create_parent="div")))
        covered = {line for unit in found for line in range(unit.start, unit.end)}
        bare = (n for n, line in enumerate(self.lines) if n not in covered and line.strip())
        return sorted([*found, *(_Unit(n, n + 1) for n in bare)], key=lambda unit: unit.start)

    def within(self, start: int, end: int) -> Sequence[_Unit]:
        """The units that have some of the lines from `start` to before `end`."""
        if start >= end:
            return ()
        return self.units[bisect_right(self._ends, start) : bisect_left(self._starts, end)]

    def heading(self, line: int) -> str:
        """The text of the last heading before a line."""
        last = bisect_left(self._headings, line, key=lambda place: place[0]) - 1
        return self._headings[last][1] if last >= 0 else ""

    @cached_property
    def _starts(self) -> list[int]:
        return [unit.start for unit in self.units]

    @cached_property
    def _ends(self) -> list[int]:
        return [unit.end for unit in self.units]

    @cached_property
    def _headings(self) -> list[tuple[int, str]]:
        found = ((unit.start, heading_of(unit.element)) for unit in self.units if unit.element is not None)
        return [(start, heading) for start, heading in found if heading is not None]


def _widened(found: Sequence[Change], old: _Body, new: _Body) -> list[Change]:
    """The changes in whole units of both bodies; those that come to share one are one."""
    wide: list[Change] = []
    for change in found:
        wide.append(_whole(change, old, new))
        while len(wide) > 1 and (wide[-1].start < wide[-2].end or wide[-1].new_start < wide[-2].new_end):
            last, first = wide.pop(), wide.pop()
            start, new_start = min(first.start, last.start), min(first.new_start, last.new_start)
            both = Change(start, max(first.end, last.end), new_start, max(first.new_end, last.new_end))
            wide.append(_whole(both, old, new))
    return wide


def _together(found: Sequence[Change], old: _Body, new: _Body) -> list[Change]:
    """The changes, those as one that are a replacement in two: an item that came or went right beside one that differs.

    Which of two new ones the old one became, the words that are marked tell.
    """
    joined: list[Change] = []
    for change in found:
        if joined and _is_one(joined[-1], change, old, new):
            last = joined.pop()
            joined.append(Change(last.start, change.end, last.new_start, change.new_end))
        else:
            joined.append(change)
    return joined


def _is_one(one: Change, other: Change, old: _Body, new: _Body) -> bool:
    apart = [*old.lines[one.end : other.start], *new.lines[one.new_end : other.new_start]]
    if any(line.strip() for line in apart):
        return False
    sides = [old.within(one.start, one.end), new.within(one.new_start, one.new_end)]
    others = [old.within(other.start, other.end), new.within(other.new_start, other.new_end)]
    if all(len(before) == len(after) for before, after in (sides, others)):  # pairs, which are clearer by themselves
        return False
    tags = {None if unit.element is None else unit.element.tag for units in (*sides, *others) for unit in units}
    return len(tags) == 1


def _whole(change: Change, old: _Body, new: _Body) -> Change:
    """The change with the rest of the units that it cuts into on either side, and their counterparts on the other."""
    while True:
        before, after = old.within(change.start, change.end), new.within(change.new_start, change.new_end)
        above = max(_above(before, change.start), _above(after, change.new_start))
        below = max(_below(before, change.end), _below(after, change.new_end))
        if not above and not below:
            return change
        start, new_start = max(0, change.start - above), max(0, change.new_start - above)
        change = Change(start, change.end + below, new_start, change.new_end + below)


def _above(units: Sequence[_Unit], start: int) -> int:
    return max(0, start - units[0].start) if units else 0


def _below(units: Sequence[_Unit], end: int) -> int:
    return max(0, units[-1].end - end) if units else 0


def _units(root: HtmlElement) -> Iterator[_Unit]:
    for child in root:
        if child.tag in ("ul", "ol"):
            yield from _placed(child.iterchildren("li"), child)
        elif child.tag == "table":
            yield from _placed(child.iter("tr"), child)
        elif child.tag == "section":  # the footnotes
            yield from _placed(child.iter("p"))
        else:
            yield from _placed([child])


def _placed(elements: Iterable[HtmlElement], parent: HtmlElement | None = None) -> Iterator[_Unit]:
    for element in elements:
        if place := element.get("data-sourcepos"):  # not a comment, where raw HTML was
            first, last = (int(end.partition(":")[0]) for end in place.split("-"))
            yield _Unit(first - 1, max(first, last), element, parent)


def _items(units: Sequence[_Unit], body: _Body, address: str) -> Iterator[Item]:
    """The units as HTML, items and rows in the lists and tables that they are parts of."""
    for _, run in groupby(units, key=lambda unit: (unit.element is None, id(unit.parent))):
        together = list(run)
        first = together[0]
        if first.element is None:
            yield from verbatim("\n".join(body.lines[first.start : together[-1].end]))
        elif first.parent is None:
            for unit in together:
                yield from _block(unit, body, address)
        else:
            yield from block(first.parent, address, [unit.element for unit in together])


def _block(unit: _Unit, body: _Body, address: str) -> Iterator[Item]:
    is_code = unit.element is not None and unit.element.tag == "pre"
    if is_code and unit.end - unit.start > _LONG_CODE:
        return verbatim("\n".join(_near(unit, body)))
    return block(unit.element, address)


def _near(unit: _Unit, body: _Body) -> Iterator[str]:
    """The lines of a unit that are changed or stand near to such, and a sign for those between."""
    shown = [n for n in range(unit.start, unit.end) if any(k in body.changed for k in range(n - _AROUND, n + _AROUND))]
    for last, line in pairwise([unit.start - 1, *shown, unit.end]):
        if line > last + 1:
            yield "⋯"
        if line < unit.end:
            yield body.lines[line]
