"""Puts blank lines between the pieces of a body, as the stored text has them in such places."""

import re
from bisect import bisect
from collections import Counter, defaultdict
from functools import cached_property
from itertools import pairwise, takewhile
from typing import NamedTuple

from fetcher.markdown.reading.blocks import Block, Text
from fetcher.merge.code_blocks import FENCES, margins
from fetcher.merge.prefixes import quoted
from fetcher.page.semantics import HEADINGS

_MARKED = re.compile(r"[ \t>]*(?:[-+*:•◦▪‣⁃]|\d{1,9}[.)])\s")
_INDENT = re.compile(r"\A[ \t]+\r?\n")
_DEEP = 200  # nested quotes: more than are read


class _Shape(NamedTuple):
    """What decides on blank lines around a block: its kind and boxes, whether a list marker or `#` begins it."""

    kind: str
    boxes: tuple[str, ...]
    is_marked: bool
    opens: bool

    @property
    def is_defined(self) -> bool:
        """Whether it begins the definition of the term above it."""
        return self.is_marked and self.boxes[-1:] == ("dl",)


class Piece(NamedTuple):
    """Whole lines of the merged body, and the `block` that they are.

    `first` and `last` are the numbers of the stored blocks in whose place they stand, -1 for a new block. `moved` is
    the number of the stored block that a new one is a copy of, -1 where it is none. For a new one, `quotes` are the
    depths of the quotes in the lines before and behind it on the page, `margins` the lines of white space around code.
    """

    text: str
    block: Block
    first: int = -1
    last: int = -1
    moved: int = -1
    quotes: tuple[int, int] = (_DEEP, _DEEP)
    margins: tuple[str, str] = ("", "")

    def is_edited(self, stored: Text) -> bool:
        """Whether it differs from the stored blocks in its place."""
        start, end = stored.blocks[self.first].start, stored.blocks[self.last].end
        return self.text != "".join(stored.lines[start:end])

    def is_new_block(self) -> bool:
        """Whether it is a single new block, and has words."""
        return self.first < 0 < len(self.block.words) and self.text.count("\n") <= self.block.end - self.block.start


class Gaps:
    """Knows between which blocks a stored text has blank lines."""

    def __init__(self, stored: Text, newline: str) -> None:
        self._stored, self._newline = stored, newline
        self._known: dict[tuple[_Shape | None, _Shape, bool], list[int]] = {}

    def as_on_page(self, before: Piece, after: Piece) -> str:
        """The space between two pieces of a new list: a blank line if the fresh text has one there."""
        if are_joined(before.block, after.block) or before.block.end == after.block.start:
            return ""
        return self._blank(before, after)

    def between(self, before: Piece, after: Piece) -> str:
        """The space between two pieces that are no neighbours in the stored text: as that has it in such places."""
        if 0 <= before.moved == after.moved - 1:
            return self.stored(before.moved)
        below, above = self._margins(before)[1], self._margins(after)[0]
        if below and before.block.kind == "tr":  # the end of its table, if it is the last row
            return self._gap(before, after) if _is_row(before, after) else below + above
        return f"{below}{self._gap(before, after)}{above}"

    def end(self, last: Piece | None) -> str:
        """The lines behind the last piece."""
        blocks = self._stored.blocks
        end = "".join(self._stored.lines[blocks[-1].end :] if blocks else [])
        if not last or last.last == len(blocks) - 1:
            return end
        own = margins(self._stored, blocks[-1])[1] if blocks else ""
        return self._margins(last)[1] + end.removeprefix(own)

    def _margins(self, piece: Piece) -> tuple[str, str]:
        """The lines of nothing but white space before and behind a piece that is code or a row."""
        if piece.first < 0:
            before, behind = piece.margins
            return before.replace("\n", self._newline), behind.replace("\n", self._newline)
        first, last = (self._stored.blocks[at] for at in (piece.first, piece.last))
        return margins(self._stored, first)[0], margins(self._stored, last)[1]

    def _gap(self, before: Piece, after: Piece) -> str:
        one, other = before.block, after.block
        if _is_row(before, after) or are_joined(one, other):
            return ""
        near = before.last if before.last >= 0 else after.first
        if _quotes(before, after) < shared_boxes(one.boxes, other.boxes).count("blockquote"):
            return self._blank(before, after)
        known = self._known_gap(_shape(one, before.text), _shape(other, after.text), near)
        if known and before.first < 0 and one.kind == "li":  # the indent is that of items with paragraphs
            return _INDENT.sub("", known) or self._newline
        if known is not None:
            return known
        above, at = self._stored.blocks[: max(0, after.first)][-1:], after.first - 1
        if above and above[0].boxes[:1] == one.boxes[:1] != other.boxes[:1] and self._is_told(at):
            return self._shown(at)  # as the end of a list went
        return self._usual_gap(before, after)

    def _known_gap(self, one: _Shape, other: _Shape, near: int) -> str | None:
        """The space between two such blocks that the text has nearest to the block `near`; None where it has none.

        Where such pairs are unknown, any block before such a second one counts. No space counts only where the two
        blocks cannot run together: where the first is one line, or a marker begins the second.
        """
        is_parted = one.kind in HEADINGS or other.opens or bool(other.is_marked and one.boxes) or other.is_defined
        is_top = not one.boxes and not other.boxes
        are_items = one.is_marked and other.is_marked  # of plain text, outside of lists
        may_touch = is_parted or (is_top and (are_items or (one.kind == other.kind == "p" and self._is_plain)))
        same = self._places(one, other, may_touch=may_touch)
        alike = same or (self._places(None, other, may_touch=may_touch) if is_top else [])
        if not alike:
            return None
        after = bisect(alike, near)
        return self._shown(min(alike[max(0, after - 1) : after + 1], key=lambda at: abs(at - near)))

    def _places(self, one: _Shape | None, other: _Shape, *, may_touch: bool) -> list[int]:
        """Where blocks of these shapes follow each other, with a space between them unless they `may_touch`.

        None is any first block, both being outside of boxes.
        """
        if (known := self._known.get((one, other, may_touch))) is None:
            blocks = self._stored.blocks
            boxes = one.boxes if one else ()
            known = self._known[one, other, may_touch] = [
                at
                for at, (first, last) in enumerate(pairwise(blocks))
                if first.boxes == boxes
                and self._has_shape(last, other)
                and (one is None or self._has_shape(first, one))
                and self._is_told(at)
                and (may_touch or self._shown(at))
            ]
        return known

    def _has_shape(self, block: Block, shape: _Shape) -> bool:
        if block.boxes != shape.boxes or _kind(block) != shape.kind:
            return False
        return _shape(block, self._stored.lines[block.start]) == shape

    def _is_told(self, at: int) -> bool:
        """Whether the space behind a stored block tells where others are: raw HTML ends at a blank line anyway."""
        one, other = self._stored.blocks[at : at + 2]
        return not other.joined and "raw" not in (one.kind, other.kind)

    def _shown(self, at: int) -> str:
        """The space behind a stored block, without the margins of code and rows."""
        one, other = self._stored.blocks[at : at + 2]
        below, above = margins(self._stored, one)[1], margins(self._stored, other)[0]
        gap = self.stored(at).removeprefix(below).removesuffix(above)
        return gap or self._newline if below and one.kind == "tr" else gap

    def stored(self, at: int) -> str:
        """The lines between a stored block and the next."""
        blocks = self._stored.blocks
        return "".join(self._stored.lines[blocks[at].end : blocks[at + 1].start])

    @cached_property
    def _is_plain(self) -> bool:
        """Whether most paragraphs have no blank lines between them, as in plain text."""
        pairs = pairwise(self._stored.blocks)
        touch = [
            one.end == other.start
            for one, other in pairs
            if one.kind == "p" == _kind(other) and not one.boxes and not other.joined
        ]
        return sum(touch) * 2 > len(touch)

    def _usual_gap(self, before: Piece, after: Piece) -> str:
        one, other = before.block, after.block
        common = shared_boxes(one.boxes, other.boxes)
        begins = _shape(other, after.text).is_defined and len(common) + 1 >= len(other.boxes)
        in_one_list = bool(common) and common[-1] != "blockquote"
        is_apart = (other.kind == "p" and not _MARKED.match(after.text)) or (
            other.kind == "pre" and after.text.lstrip(" \t>")[:3] not in FENCES
        )
        is_joined = in_one_list and not is_apart and self._is_tight(one, other)
        return "" if begins or is_joined else self._blank(before, after)

    def _blank(self, before: Piece, after: Piece) -> str:
        """A blank line, with the `>` of the quotes that both pieces stand in."""
        return quoted(after.text, _quotes(before, after)) + self._newline

    def _is_tight(self, before: Block, item: Block) -> bool:
        """Whether stored lists have no blank line between such an item and what is before it."""
        pair = (before.boxes, item.boxes)
        known = self._touching.get(pair)
        if known is None and len(item.boxes) > len(before.boxes):  # its list begins
            return before.kind == "li"
        if known is None and len(item.boxes) == 1:
            known = sum((votes for (_, boxes), votes in self._touching.items() if boxes[:1] == item.boxes), Counter())
        return known[True] * 2 > known.total() if known else item.kind == "li"

    @cached_property
    def _touching(self) -> dict[tuple[tuple[str, ...], tuple[str, ...]], Counter[bool]]:
        """How many stored blocks touch the one before, by the boxes of both."""
        found: dict[tuple[tuple[str, ...], tuple[str, ...]], Counter[bool]] = defaultdict(Counter)
        for one, other in pairwise(self._stored.blocks):
            if one.boxes[:1] == other.boxes[:1] and other.boxes:
                found[one.boxes, other.boxes][one.end == other.start] += 1
        return dict(found)


def _kind(block: Block) -> str:
    return "p" if block.kind == "li" else block.kind


def _shape(block: Block, text: str) -> _Shape:
    kind = _kind(block)
    return _Shape(kind, block.boxes, bool(_MARKED.match(text)), kind in HEADINGS and text.lstrip(" \t>")[:1] == "#")


def _is_row(before: Piece, after: Piece) -> bool:
    """Whether both pieces are rows of the same table."""
    return before.block.kind == after.block.kind == "tr" and not after.block.is_head


def are_joined(one: Block, other: Block) -> bool:
    """Whether two blocks are parts of one paragraph that a hard break parts."""
    return other.joined and one.kind in ("p", "li")


def _quotes(before: Piece, after: Piece) -> int:
    """How many quotes both pieces stand in."""
    both = shared_boxes(before.block.boxes, after.block.boxes).count("blockquote")
    return min(both, before.quotes[1], after.quotes[0])


def shared_boxes(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """The boxes that both have in common, from the outermost on."""
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return tuple(box for box, _ in pairs)
