"""Shows where two Markdown bodies differ, as a reader sees it: whole rendered blocks before and after.

Only the sections of the bodies (from heading to heading) that have a change are rendered.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

from fetcher.markdown.reading.commonmark import FOOTNOTES, SOURCE_POSITIONS, to_html
from fetcher.markdown.reading.sections import headings
from fetcher.report.html.elements import block, heading_of, marked, parsed, verbatim
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
_DEEPEST = 200  # nested elements: lxml loses the text of much deeper ones
_TAG = re.compile(r"<(/?)(?!br|hr|img|input)[a-z]")
_STEPS = {"": 1, "/": -1}  # deeper with a start tag, back with an end tag


@dataclass(frozen=True, slots=True)
class Segment:
    """Blocks that differ: the heading above them, and their HTML before and after, empty if there is none."""

    heading: str
    old: Markup
    new: Markup

    @property
    def reads_the_same(self) -> bool:
        """Whether no word differs: the change cannot be seen."""
        return bool(self.old and self.new) and "<del>" not in self.old and "<ins>" not in self.new


@dataclass(frozen=True, slots=True)
class _Unit:
    """A block, a list item or a table row: `lines[start:end]`; `parent` is its list or table.

    `element` is None for a line that renders to no block: raw HTML, or a reference definition.
    """

    start: int
    end: int
    element: HtmlElement | None = None
    parent: HtmlElement | None = None


def segments(old: Sequence[str], new: Sequence[str], address: str) -> list[Segment] | None:
    """The blocks in which two bodies differ, in order, with links resolved against `address`.

    None if a body is too long to be rendered, or nested too deep.
    """
    if max(sum(map(len, lines)) for lines in (old, new)) > LONGEST:
        return None
    before, after = ([for_browsers(line) for line in lines] for lines in (old, new))
    found: list[Segment] = []
    for section in sections(before, after, changes(before, after)):
        bodies = _Body(section.old), _Body(section.new)
        if max(body.depth for body in bodies) > _DEEPEST:
            return None
        found += _segments(*bodies, section.changes, address)
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
    """A section of a body: its lines, the numbers of the `changed` ones, and its units, which never overlap."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.changed: AbstractSet[int] = frozenset()

    @cached_property
    def _html(self) -> str:
        return to_html("\n".join(self.lines), SOURCE_POSITIONS | FOOTNOTES, raw_html=False)

    @property
    def depth(self) -> int:
        """The largest number of nested elements."""
        return max(accumulate(map(_STEPS.__getitem__, _TAG.findall(self._html))), default=0)

    @cached_property
    def units(self) -> list[_Unit]:
        """The units that cover all lines but blank ones, in order."""
        found = list(_units(parsed(self._html)))
        covered = {line for unit in found for line in range(unit.start, unit.end)}
        bare = (n for n, line in enumerate(self.lines) if n not in covered and line.strip())
        return sorted([*found, *(_Unit(n, n + 1) for n in bare)], key=lambda unit: unit.start)

    def within(self, start: int, end: int) -> Sequence[_Unit]:
        """The units that overlap `lines[start:end]`."""
        if start >= end:
            return ()
        first = bisect_right(self.units, start, key=lambda unit: unit.end)
        return self.units[first : bisect_left(self.units, end, key=lambda unit: unit.start)]

    def heading(self, line: int) -> str:
        """The text of the last heading before a line."""
        last = bisect_left(self._headings, line, key=lambda place: place[0]) - 1
        return self._headings[last][1] if last >= 0 else ""

    @cached_property
    def _headings(self) -> list[tuple[int, str]]:
        found = ((unit.start, heading_of(unit.element)) for unit in self.units if unit.element is not None)
        return [(start, heading) for start, heading in found if heading is not None]


def _widened(found: Sequence[Change], old: _Body, new: _Body) -> list[Change]:
    """The changes, extended to whole units of both bodies; those that share a unit are joined."""
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
    """The changes, with those joined that are one replacement: an item added or removed right beside a changed one.

    Which of two new items the old one became is then shown by the words that are marked.
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
    if all(len(before) == len(after) for before, after in (sides, others)):  # pairs are clearer by themselves
        return False
    tags = {None if unit.element is None else unit.element.tag for units in (*sides, *others) for unit in units}
    return len(tags) == 1


def _whole(change: Change, old: _Body, new: _Body) -> Change:
    """The change, extended to the ends of the units that it cuts into on either side."""
    while True:
        before, after = old.within(change.start, change.end), new.within(change.new_start, change.new_end)
        sides = [(units, *span) for units, span in ((before, change[:2]), (after, change[2:])) if units]
        above = max([0, *(start - units[0].start for units, start, _ in sides)])
        below = max([0, *(units[-1].end - end for units, _, end in sides)])
        if not above and not below:
            return change
        start, new_start = max(0, change.start - above), max(0, change.new_start - above)
        change = Change(start, change.end + below, new_start, change.new_end + below)


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
    """The units as HTML, list items and table rows within their lists and tables."""
    for _, run in groupby(units, key=lambda unit: id(unit.element if unit.parent is None else unit.parent)):
        together = list(run)
        first = together[0]
        if first.element is None:
            yield from verbatim("\n".join(body.lines[first.start : together[-1].end]))
        elif first.parent is not None:
            yield from block(first.parent, address, [unit.element for unit in together])
        elif first.element.tag == "pre" and first.end - first.start > _LONG_CODE:
            yield from verbatim("\n".join(_near(first, body)))
        else:
            yield from block(first.element, address)


def _near(unit: _Unit, body: _Body) -> Iterator[str]:
    """The lines of a unit that are changed or near a changed one, with `⋯` for the others."""
    shown = [n for n in range(unit.start, unit.end) if any(k in body.changed for k in range(n - _AROUND, n + _AROUND))]
    for last, line in pairwise([unit.start - 1, *shown, unit.end]):
        if line > last + 1:
            yield "⋯"
        if line < unit.end:
            yield body.lines[line]


class Section(NamedTuple):
    """A section of both bodies, and its changes, with line numbers relative to it."""

    old: Sequence[str]
    new: Sequence[str]
    changes: Sequence[Change]


def sections(old: Sequence[str], new: Sequence[str], changes: Sequence[Change]) -> Iterator[Section]:
    """The sections that have changes, in order, each with the heading above and the one below."""
    heads, new_heads = headings(old), set(headings(new))
    start = new_start = 0
    inside: list[Change] = []
    end = Change(len(old), len(old), len(new), len(new))
    for last, following in pairwise([Change(0, 0, 0, 0), *changes, end]):
        shift = last.new_end - last.end
        same = heads[bisect_left(heads, last.end) : bisect_left(heads, following.start)]
        if both := [line for line in same if line + shift in new_heads]:
            if inside:
                below = both[0] + 1
                yield Section(old[start:below], new[new_start : below + shift], _from(start, new_start, inside))
            start, new_start, inside = both[-1], both[-1] + shift, []
        inside.append(following)
    if inside := inside[:-1]:
        yield Section(old[start:], new[new_start:], _from(start, new_start, inside))


def _from(start: int, new_start: int, changes: Sequence[Change]) -> list[Change]:
    return [Change(a - start, b - start, c - new_start, d - new_start) for a, b, c, d in changes]
