"""Merges the content of boxes (admonitions, callouts, tabs) without the lines that open and close them.

On a page a box is an element, and its title is text; in a body, both may be markup that shows no words. So the content
of boxes is merged as if no box were around it, with the titles that the page shows where the markup says them. Then
each line that opens or closes a box goes back between the lines that it stood between. What the page has added just
there belongs to the box if the page has an element with it and with the content of the box, but with nothing that
stands beside the box.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from fetcher.markdown.reading.blocks import parse
from fetcher.markdown.reading.boxes import may_have_boxes
from fetcher.markdown.reading.wording import is_same
from fetcher.merge.box_lines import BoxLines
from fetcher.merge.box_titles import Titles
from fetcher.merge.boxes import Boxes, Line, common_signs
from fetcher.merge.page_boxes import PageBoxes
from fetcher.merge.pairing import pair
from fetcher.terms.outcomes import Noise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fetcher.markdown.reading.blocks import Text
    from fetcher.merge.held_back import Change, Merged, Past
    from fetcher.page.hidden_text import Shown

_SETTLING = 3  # times that a result is merged again, as other boxes may be found in it


def merged_by_content(stored: str, fresh: str, page: Shown, past: Past, merge: Callable[[str, Past], Merged]) -> Merged:
    """What `merge` makes of a stored text; the content of its boxes is merged without them, where that can be done."""
    if not may_have_boxes(stored):
        if may_have_boxes(past.text):  # a person has taken them off
            past = replace(past, text=Unboxed(past.text, parse(fresh), page).text)
        return merge(stored, past)
    unboxed = Unboxed(stored, parse(fresh), page)
    merged = _merged(unboxed, stored, past, merge)
    for _ in range(_SETTLING if merged.body != stored else 0):
        before, unboxed = unboxed, Unboxed(merged.body, parse(fresh), page)
        if not before and not unboxed:  # `merge` has settled it
            break
        again = _merged(unboxed, merged.body, past, merge)
        if again.body == merged.body:
            break
        merged = merged.followed_by(again)
    return merged


def _merged(unboxed: Unboxed, stored: str, past: Past, merge: Callable[[str, Past], Merged]) -> Merged:
    if unboxed:
        merged = merge(unboxed.text, replace(past, text=unboxed.unboxed(past.text)))
        body = unboxed.boxed(merged.body)
        if body is not None and unboxed.lost <= {change.removed for change in merged.changes}:
            return replace(merged, body=body, changes=[unboxed.held(change) for change in merged.changes])
    return merge(stored, past)


class Unboxed:
    """A stored text without its boxes: `text`; false if it has none that can be taken off."""

    def __init__(self, stored: str, fresh: Text, shown: Shown) -> None:
        self._stored, self._fresh, self._shown = stored, fresh, shown
        self.found = Boxes(stored, fresh)
        self.lines, self.text = self.found.content, stored
        self.titles = Titles(self.found, fresh)
        self.lost = frozenset[str]()
        self._elements: dict[tuple[int, int], int | None] = {}
        if self.found.boxes:
            self._page = PageBoxes(shown, fresh)
            self._find_places()
            self._find_titles()
            self.lines = self._with_titles()
            self.text = "".join(text for text, _ in _joined(self.found, self.lines))

    def __bool__(self) -> bool:
        return bool(self.found.boxes)

    def unboxed(self, text: str) -> str:
        """Another text, that of the last visit, in the same form."""
        if text == self._stored:
            return self.text
        return Unboxed(text, self._fresh, self._shown).text if may_have_boxes(text) else text

    def boxed(self, text: str) -> str | None:
        """The text after its merge, with its boxes around it; None where their places are not known."""
        if text == self.text:
            return self._stored
        lines = BoxLines(self.found, self.lines, self.titles, self.place)
        body = lines.around(parse(text), self._fresh)
        self.lost = frozenset(lines.lost)
        return body

    def held(self, change: Change) -> Change:
        """A change; held back if it removes the title of a box, which stays in the line that opens the box."""
        return replace(change, held=Noise.UNWRITABLE) if change.removed in self.lost and not change.added else change

    def _find_places(self) -> None:
        """Find the places of fresh blocks that are stored; and of all others the least and the greatest place."""
        joined = _joined(self.found, self.found.content)
        text = parse("".join(line for line, _ in joined))
        by_line = {at: line for at, (_, line) in enumerate(joined) if line}
        begun = [by_line[block.start] for block in text.blocks]
        where = [line.place for line in begun]
        hunks = pair(text.blocks, self._fresh.blocks)
        ends, after = list[int](), len(self.found.markers)
        for hunk in reversed(hunks):
            ends.append(after)
            after = where[hunk.start_a] if hunk.linked else after
        self._placed, self._ranges, last = dict[int, int](), dict[int, range](), 0
        for hunk, end in zip(hunks, reversed(ends), strict=True):
            old, new = where[hunk.start_a : hunk.end_a], range(hunk.start_b, hunk.end_b)
            is_title = any(self.titles.may_be(at, range(last, end)) for at in new)
            if is_title and not is_same(hunk.old(text.blocks), hunk.new(self._fresh.blocks)):
                self._ranges.update((at, range(last, end)) for at in new)
            elif hunk.linked and (old[0] == old[-1] or len(old) == len(new)):
                self._placed.update((at, old[k] if len(old) == len(new) else old[0]) for k, at in enumerate(new))
                self.titles.find_inline(begun[hunk.start_a], text.blocks[hunk.start_a], hunk.start_b)
            else:
                self._ranges.update((at, range(last, end)) for at in new)
            last = old[-1] if hunk.linked else last

    def _find_titles(self) -> None:
        """Find the titles of boxes among the new blocks."""
        self._note_titles()
        find = partial(self.titles.find, is_in=self._is_in, is_in_group=self._is_in_group)
        others = [(at, places) for at, places in self._ranges.items() if not find(at, places)]
        self._note_titles()
        rest = self.titles.find_common(others, self._is_in)
        self._note_titles()
        for at, places in rest:
            self.titles.find_renamed(at, places, self._is_in)

    def _note_titles(self) -> None:
        """Where the title of a box is, there is the box."""
        self._placed.update((at, place + 1) for place, blocks in self.titles.shown.items() for at in blocks)
        self._known = sorted((place, at) for at, place in self._placed.items())
        self._elements.clear()

    def _element(self, first: int, last: int, quotes: int) -> int | None:
        """The element of the page that holds the stored blocks at the places `first` to `last`, and no others."""
        if (first, last) not in self._elements:
            inside, others = self._around(first, last)
            element = self._page.element([min(inside), max(inside)], others, quotes) if inside else None
            self._elements[first, last] = element
        return self._elements[first, last]

    def _around(self, first: int, last: int) -> tuple[list[int], list[int]]:
        """The known blocks at the places `first` to `last`, and those right before and behind them."""
        start, end = bisect_left(self._known, (first, -1)), bisect_left(self._known, (last + 1, -1))
        others = [*self._known[max(start - 1, 0) : start], *self._known[end : end + 1]]
        return [at for _, at in self._known[start:end]], [at for _, at in others]

    def _is_in(self, block: int, box: int) -> bool | None:
        """Whether a new block of the page stands in a box; None where the page does not tell."""
        span = self.found.spans[box]
        quotes = self.found.boxes[box].base.count(">")
        element = self._element(*span, quotes)
        if element is not None:
            return self._page.holds(element, block)
        inside, others = self._around(*span)
        # Where all of the content is new, the box is what the page has around it.
        return True if not inside and self._page.is_wrapped(block, others, quotes) else None

    def _is_in_group(self, block: int, box: int) -> bool:
        """Whether a new block of the page stands in what is around a box and those right beside it."""
        group = [self.found.spans[each] for each in self.found.group(box)]
        quotes = self.found.boxes[box].base.count(">")
        element = self._element(min(first for first, _ in group), max(last for _, last in group), quotes)
        return element is not None and self._page.holds(element, block)

    def _with_titles(self) -> list[Line]:
        out, place = list[Line](), 0
        for line in chain(self.found.content, [Line("", -1, len(self.found.markers))]):
            for marker in range(place, line.place):
                titles = (self.found.newline.join(each.splitlines()) for each in self.titles.above(marker))
                out += (Line(each, -1, marker + 1) for each in titles)
            place = line.place
            out += [self._with_inline_title(line)] if line.text else []
        return out

    def _with_inline_title(self, line: Line) -> Line:
        if line.at not in self.titles.inline:
            return line
        text = line.text.lstrip(" \t>")
        indent = line.text[: len(line.text) - len(text)]
        return line._replace(text=f"{indent}{self.titles.inline[line.at].before} {text}")

    def place(self, block: int, least: int, greatest: int) -> int:
        """The place of a new block between two places; outside of boxes where the page does not tell."""
        if block in self._placed:
            return min(max(self._placed[block], least), greatest)
        place = least
        for at in range(least, greatest):
            marker = self.found.markers[at]
            is_in = block >= 0 and bool(self._is_in(block, marker.box))
            if is_in == marker.opens:
                place = at + 1
            else:
                break
        return place


def _joined(found: Boxes, lines: Sequence[Line]) -> list[tuple[str, Line | None]]:
    """The lines with the stored blank lines between them, and one blank line in the place of markers."""
    out, last, end = list[tuple[str, Line | None]](), Line("", 0, 0), 0
    for line in lines:
        if line.place == last.place and 0 <= end <= line.at:
            out += [(blank, None) for blank in found.lines[end : line.at]]
        else:
            between = (found.boxes[marker.box].base for marker in found.markers[last.place : line.place])
            out.append((common_signs([last.text, *between, line.text]) + found.newline, None))
        out.append((line.text if line.text.endswith("\n") else line.text + found.newline, line))
        last, end = line, line.at + 1 if line.at >= 0 else -1
    tail = found.lines[end:] if end >= 0 and last.place == len(found.markers) else []
    return [*out, *((line, None) for line in tail)]
