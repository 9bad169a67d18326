"""Puts the lines that open and close boxes back between the lines of a text that was merged without them."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from fetcher.align import align
from fetcher.markdown.reading.wording import wording
from fetcher.merge.box_arguments import unprefixed
from fetcher.merge.boxes import Boxes, Line, Marker, common_signs, is_blank
from fetcher.merge.pairing import pair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from fetcher.markdown.reading.blocks import Block, Text
    from fetcher.merge.box_titles import Inline, Titles

_IN_LINE = "\0"  # before what closes a box in the line that it began in
_Item = Marker | int | None  # a marker, a line by its number (-1 for a new one), or the start


class _Placed(NamedTuple):
    """A line of the merged text, how many markers stand before it, the stored line that it is or -1, what is above."""

    text: str
    place: int
    stored: int
    blank: Sequence[str] = ()


class BoxLines:
    """The lines that open and close the boxes of a text; `lines` are those that were merged, with the `titles`.

    `place` tells for a fresh block between which markers it stands.
    """

    def __init__(
        self, found: Boxes, lines: Sequence[Line], titles: Titles, place: Callable[[int, int, int], int]
    ) -> None:
        self._found, self._titles, self._place = found, titles, place
        # Titles that the page shows are found by their blocks.
        self._lines = [line for line in lines if line.at >= 0 or line.place - 1 in {*titles.renamed, *titles.lost}]
        self._openers: dict[int, str] = {}
        self._stale = list[Line]()
        self.lost: list[str] = []  # titles that are gone from the page, but stay in the lines that open boxes

    def around(self, merged: Text, fresh: Text) -> str | None:
        """The merged text with its boxes; None where not all that they show is found."""
        fresh_of = _counterparts(merged, fresh)
        titles = [*self._titles.shown.values(), *self._titles.above_group.values()]
        shown = {at for blocks in titles for at in blocks}
        skipped = {number for number, at in fresh_of.items() if at in shown}
        if len(skipped) < len(shown) or not self._rename(merged, fresh_of):
            return None
        renamed = {*self._titles.renamed.values()}
        skipped |= {number for number, at in fresh_of.items() if at in renamed}
        placed = self._placed(merged, fresh_of, skipped)
        if placed is None:
            return None
        gone = self._emptied(placed)
        self.lost = [
            line.text.lstrip(" \t>") for line in self._stale if self._found.markers[line.place - 1].box not in gone
        ]
        return "".join(self._joined(self._written(placed, gone)))

    def _rename(self, merged: Text, fresh_of: Mapping[int, int]) -> bool:
        """Find the new titles of boxes, and whether all of them can be written; a title may stay as it was."""
        block_of = {at: number for number, at in fresh_of.items()}
        for place, at in self._titles.renamed.items():
            if at in block_of:
                title = wording([merged.blocks[block_of[at]]]).text()
                opener = self._titles.opener(place, title)
                if opener is None:
                    return False
                self._openers[place] = opener
        return True

    def _placed(self, merged: Text, fresh_of: Mapping[int, int], skipped: set[int]) -> list[_Placed] | None:
        """The lines that are not blank, without titles."""
        blocks = [(number, block) for number, block in enumerate(merged.blocks) if number not in skipped]
        filled = dict.fromkeys(at for _, block in blocks for at in _filled(merged, block))
        known = self._known(merged.lines, [*filled])
        stay = {line.place for line in known.values() if line.at < 0} | {place + 1 for place in self._openers}
        self._stale = [line for line in self._lines if line.at < 0 and line.place not in stay]
        own = [
            next((known[at].place for at in range(block.start, block.end) if at in known), -1) for _, block in blocks
        ]
        inline = {each.block: each for each in self._titles.inline.values()}
        below = self._below_titles(fresh_of)
        least, above, found = 0, 0, list[_Placed]()
        for (number, block), place, greatest in zip(blocks, own, self._bounds(own), strict=True):
            at = fresh_of.get(number, -1)
            least = max(least, below.get(number, 0))
            least = min(max(place if place >= 0 else self._place(at, least, max(greatest, least)), least), greatest)
            for k in range(block.start, block.end):
                line = known.get(k)
                if k not in filled or (line and line.at < 0):
                    continue
                text: str | None = merged.lines[k]
                if line is None and k == block.start and at in inline:
                    text = self._unprefixed(merged.lines[k], inline[at])
                if text is None:
                    return None
                between = (merged.lines[each] for each in range(above, k) if each not in filled)
                blank = [each for each in between if is_blank(each, len(each))]
                found.append(_Placed(text, least, line.at if line and line.place == least else -1, blank))
                above = k + 1
        return found

    def _below_titles(self, fresh_of: Mapping[int, int]) -> dict[int, int]:
        """For each merged block below the title of a box the least place that it has, which is in the box."""
        opened = {at: place for place, blocks in self._titles.shown.items() for at in blocks}
        opened |= {at: place for place, at in self._titles.renamed.items()}
        return {number + 1: opened[at] + 1 for number, at in fresh_of.items() if at in opened}

    def _unprefixed(self, line: str, title: Inline) -> str | None:
        """A line without the title before its text; the box is opened by a line with that title then."""
        text = unprefixed(line, title.now)
        if text is None:
            return unprefixed(line, title.before)
        if title.now != title.before:
            opener = self._titles.opener(title.place, title.now)
            if opener is None:
                return None
            self._openers[title.place] = opener
        return text

    def _bounds(self, own: Sequence[int]) -> list[int]:
        """For each block the place of the next one whose place is known."""
        found, bound = list[int](), len(self._found.markers)
        for place in reversed(own):
            bound = min(place, bound) if place >= 0 else bound
            found.append(bound)
        return found[::-1]

    def _known(self, lines: Sequence[str], filled: Sequence[int]) -> dict[int, Line]:
        """The lines of the merged text that are stored."""
        one, other = [line.text.rstrip("\r\n") for line in self._lines], [lines[at].rstrip("\r\n") for at in filled]
        found = dict[int, Line]()
        for match in align(one, other):
            found.update((filled[match.start_b + k], self._lines[match.start_a + k]) for k in range(match.size))
        return found

    def _written(self, placed: Sequence[_Placed], gone: set[int]) -> Iterator[str]:
        """The lines of the body without the boxes that are gone."""
        before: _Item = None
        last, size = _Placed("", 0, -1), len(self._found.source)
        for line in [*placed, _Placed("", len(self._found.markers), size)]:
            text = last.text
            for at in range(last.place, line.place):
                marker = self._found.markers[at]
                if marker.box not in gone:
                    base = self._found.boxes[marker.box].base
                    yield from self._gap(before, marker, at, [common_signs([text, base]) + self._found.newline])
                    yield self._openers[at] if at in self._openers else self._source(marker)
                    before, text = marker, base
            blank = [common_signs([text, line.text]) + self._found.newline]
            yield from self._gap(before, line.stored, line.place, blank if isinstance(before, Marker) else line.blank)
            if line.stored < size:
                yield self._outer(line)
            before, last = line.stored, line

    def _source(self, marker: Marker) -> str:
        """The lines of a marker; with a sign before it, if text stands in its line."""
        source = self._found.source
        at = marker.end - 1 if marker.opens else marker.start - 1
        is_in_line = marker.start < marker.end and 0 <= at < len(source) - 1 and not source[at].endswith("\n")
        return _IN_LINE * is_in_line + "".join(source[marker.start : marker.end])

    def _joined(self, parts: Iterable[str]) -> Iterator[str]:
        """The parts, each in lines of its own but for a single text in the line that its box stands in."""
        rest, at = list(filter(None, parts)), 0
        while at < len(rest):
            text, size = rest[at], 1
            if [part[:1] == _IN_LINE for part in rest[at : at + 3]] == [True, False, True]:
                text, size = rest[at] + rest[at + 1].rstrip("\r\n") + rest[at + 2], 3
            at += size
            text = text.replace(_IN_LINE, "")
            yield text if at == len(rest) or text.endswith("\n") else text + self._found.newline

    def _outer(self, line: _Placed) -> str:
        """A line with the indent of the boxes around it."""
        if line.stored >= 0:
            return self._found.source[line.stored]
        text = line.text
        for box in reversed(self._found.around[line.place]):
            text = self._found.boxes[box].outer(text)
        return text if text.endswith("\n") else text + self._found.newline

    def _emptied(self, placed: Sequence[_Placed]) -> set[int]:
        """The boxes that had content and have none now, and no title either."""
        filled = {box for line in placed for box in self._found.around[line.place]}
        filled |= {self._found.markers[place].box for place in self._titles.shown}
        return {box for line in self._found.content for box in self._found.around[line.place]} - filled

    @cached_property
    def _follows(self) -> dict[_Item, _Item]:
        """What is stored behind each line of content and each marker."""
        items, place = list[_Item]([None]), 0
        for line in [*self._found.content, Line("", len(self._found.source), len(self._found.markers))]:
            items += [*self._found.markers[place : line.place], line.at]
            place = line.place
        return dict(pairwise(items))

    @cached_property
    def _precedes(self) -> dict[_Item, _Item]:
        return {after: before for before, after in self._follows.items()}

    def _blanks(self, before: _Item) -> list[str]:
        """The blank lines that are stored behind a line of content or a marker."""
        after = self._follows[before]
        start = 0 if before is None else before.end if isinstance(before, Marker) else before + 1
        return self._found.source[start : after.start if isinstance(after, Marker) else after]

    def _gap(self, before: _Item, after: _Item, place: int, blank: Sequence[str]) -> Iterator[str]:
        """The blank lines between two lines or markers: as they are stored there or in such places, or else `blank`."""
        one = [self._outer(_Placed(line, place, -1)) for line in blank]
        if before is None or self._follows.get(before) == after or after == len(self._found.source):
            yield from self._blanks(self._precedes[after] if before is not None else None)
        elif isinstance(after, Marker):
            yield from _fitting(self._before_marker(before, after, one), one)
        elif isinstance(before, Marker):
            follower = self._follows[before]
            stored = _fitting(self._blanks(before) if isinstance(follower, int) else one, one)
            yield from stored if before.opens else stored or one
        else:
            stored = self._beside(before, after)
            yield from _fitting(stored, one) if len(stored) == len(blank) else one

    def _beside(self, before: _Item, after: _Item) -> list[str]:
        """The blank lines that are stored behind one line or before the other, with no marker in between."""
        if isinstance(self._follows.get(before), int):
            return self._blanks(before)
        stored = self._precedes.get(after)
        return self._blanks(stored) if isinstance(stored, int) else []

    def _before_marker(self, before: _Item, after: Marker, one: list[str]) -> list[str]:
        stored = self._precedes[after]
        if after.start == after.end:
            return []
        if isinstance(before, int) and isinstance(stored, int):
            return self._blanks(stored)
        if after.opens:
            return one
        return self._blanks(self._found.markers[self._found.spans[after.box][0] - 1])


def _fitting(stored: list[str], blank: list[str]) -> list[str]:
    """The stored blank lines, or else others if these stand in other quotes."""
    is_alike = not stored or not blank or stored[0].count(">") == blank[0].count(">")
    return stored if is_alike else blank


def _filled(text: Text, block: Block) -> Iterator[int]:
    """The lines of a block that are not blank."""
    quotes = block.boxes.count("blockquote")
    return (at for at in range(block.start, block.end) if not is_blank(text.lines[at], quotes))


def _counterparts(merged: Text, fresh: Text) -> dict[int, int]:
    """The fresh block of each merged block that is one."""
    found = dict[int, int]()
    for hunk in pair(merged.blocks, fresh.blocks):
        if hunk.linked:
            found.update(zip(range(hunk.start_a, hunk.end_a), range(hunk.start_b, hunk.end_b), strict=False))
    return found
