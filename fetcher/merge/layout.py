"""Pieces of Markdown, kept and new, put together as the stored text is laid out."""

import re
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, pairwise, takewhile
from typing import NamedTuple

from fetcher.markdown.reading.blocks import HARD_BREAK, Block, Text, parse
from fetcher.merge import plain
from fetcher.merge.code import FENCES, INDENT, is_indented
from fetcher.merge.pairing import Moves
from fetcher.merge.prefixes import MARK, Headings, Prefixes, boxed, dedented, numbered
from fetcher.page.looks import HEADINGS

_MARKED = re.compile(r"[ \t>]*(?:[-+*:]|\d{1,9}[.)])\s")


class _Shape(NamedTuple):
    """What a block is, and whether it begins an item of a list, or with the sign of a heading."""

    kind: str
    boxes: tuple[str, ...]
    is_marked: bool
    opens: bool

    @property
    def is_defined(self) -> bool:
        """Whether it begins a definition, above which its term stands."""
        return self.is_marked and self.boxes[-1:] == ("dl",)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the result that starts and ends a line.

    `block` tells what it is; `first` and `last` are the stored blocks it stands for, -1 for a new one. `moved` is the
    stored block that a new one is, which goes where it was.
    """

    text: str
    block: Block
    first: int = -1
    last: int = -1
    moved: int = -1

    def is_edited(self, stored: Text) -> bool:
        """Whether it is not what `stored` has there."""
        start, end = stored.blocks[self.first].start, stored.blocks[self.last].end
        return self.text != "".join(stored.lines[start:end])

    def is_new_block(self) -> bool:
        """Whether it is a new block with words, and no more than that one."""
        return self.first < 0 < len(self.block.words) and self.text.count("\n") <= self.block.end - self.block.start


class Layout:
    """How one stored text is laid out: where blank lines stand, how list items are marked, how lines end."""

    def __init__(self, stored: Text, *, is_plain: bool = False) -> None:
        self.stored, self.is_plain = stored, is_plain
        self.hard_break = _hard_break(stored)
        self.moves = Moves(stored.blocks)
        self._prefixes, self._headings = Prefixes(stored), Headings(stored)
        self.newline = "\r\n" if any(line.endswith("\r\n") for line in stored.lines) else "\n"

    def kept(self, start: int, end: int) -> list[Piece]:
        """The stored blocks `start:end`."""
        blocks = self.stored.blocks
        return [Piece(self.stored.source(blocks[at]), blocks[at], at, at) for at in range(start, end)]

    def join(self, pieces: Sequence[Piece]) -> str:
        """The body that the pieces make."""
        lines, blocks = self.stored.lines, self.stored.blocks
        first, last = (blocks[0].start, blocks[-1].end) if blocks else (len(lines), len(lines))
        out = lines[:first]
        before: Piece | None = None
        of_new_lists = _of_new_lists(pieces)
        for at, piece in enumerate(pieces):
            if before:
                out[-1] = self._ended(out[-1], before, piece)
                is_new = {at - 1, at} <= of_new_lists and piece.moved < 0
                out.append(self._as_on_page(before, piece) if is_new else self._between(before, piece))
            out.append(piece.text if piece.text.endswith("\n") else piece.text + self.newline)
            before = piece
        if before:
            out[-1] = self._ended(out[-1], before, None)
        body = "".join(out)
        if last == len(lines) > 0 and not lines[-1].endswith("\n"):
            body = body.rstrip("\r\n")
        return body + "".join(lines[last:])

    def inserted(self, fresh: Text, new: Sequence[Block], place: int) -> Iterator[Piece]:
        """New blocks before the stored one at a place, as the text would have them; one that moved keeps its bytes."""
        before = self.stored.blocks[place - 1] if place else None
        for block, at in zip(new, self.moves.origins(new), strict=True):
            if at >= 0:
                own = self.stored.blocks[at]
                piece = Piece(self.stored.source(own), replace(block, said=own.said), moved=at)
            else:
                piece = self.fitted(fresh, block, before, place)
            yield piece
            before = piece.block

    def fitted(self, fresh: Text, block: Block, before: Block | None, place: int, inner: str | None = None) -> Piece:
        """A fresh block, marked and indented as stored blocks of its kind are, to stand after `before` at a place.

        `inner` is its text where that is not as it is in `fresh`. Where it cannot stand as deep as it did, because
        nothing before it is in its list, it moves out.
        """
        column = block.column - INDENT * is_indented(block, fresh)  # what makes it code stands in any box
        own = fresh.lines[block.start][:column]
        if inner is None:
            as_plain = self._as_plain(block) if self.is_plain and block.kind not in ("pre", "tr") else ""
            source = own + as_plain if as_plain else fresh.source(block).replace("\r\n", "\n")
        else:
            source = own + inner
        is_marked = bool(MARK.search(own))
        shared = len(_shared(before.boxes if before else (), block.boxes))
        # A quote's sign is in every line: it does not depend on what stands before.
        lists = [box for box in block.boxes[shared:] if box != "blockquote"]
        if len(lists) > is_marked:
            mark = own.lstrip() * is_marked
            begin, *others = source[len(own) :].split("\n")
            lines = [mark + begin, *(dedented(line, len(own) - len(mark)) for line in others)]
            return Piece(self.newline.join(lines), replace(block, boxes=block.boxes[: shared + is_marked]))
        model = self._prefixes.of(block.boxes, own, place) if block.boxes else None
        if model is None:
            source = self._headings.written(source, block) if block.kind in HEADINGS and not self.is_plain else source
            return Piece(source.replace("\n", self.newline), block)
        first = boxed(numbered(model, own), own)
        rest = MARK.sub(lambda mark: " " * len(mark[0]), first)
        lines = source.split("\n")
        fitted = [first + lines[0][column:]]
        fitted += [(rest + dedented(line, column)) if line.strip() else line for line in lines[1:]]
        return Piece(self.newline.join(fitted), block)

    def _as_plain(self, block: Block) -> str:
        """What a fresh block shows, as a plain text has it; nothing where that would read otherwise."""
        text = plain.shown(block)
        if [word for each in parse(text).blocks for word in each.words] != block.words:
            return ""
        margin, width = self._page
        return plain.laid_out(text, "" if block.kind in HEADINGS else margin, width) if not block.boxes else text

    @cached_property
    def _page(self) -> tuple[str, int]:
        margin = plain.margin(self.stored)
        return margin, plain.width(self.stored.lines, margin)

    def _ended(self, text: str, before: Piece, after: Piece | None) -> str:
        """The text of a piece with a hard break at its end where the next is joined to it, else without one."""
        follower = self.stored.blocks[before.last + 1 : before.last + 2] if before.last >= 0 else []
        if after and follower and after.first == before.last + 1:
            return text
        if after and _joins(before.block, after.block):
            is_broken = HARD_BREAK.search(text) and self.hard_break.strip("\r\n")
            return text if is_broken else HARD_BREAK.sub("", text).rstrip("\r\n") + self.hard_break
        was_joined = bool(follower) and follower[0].joined
        return HARD_BREAK.sub(self.newline, text) if was_joined else text

    def _as_on_page(self, before: Piece, after: Piece) -> str:
        """What stands between two pieces of a new list: a blank line if the page's own text has one."""
        one, other = before.block, after.block
        if _joins(one, other) or one.end == other.start:
            return ""
        return _quoted(after.text, _shared(one.boxes, other.boxes).count("blockquote")) + self.newline

    def _between(self, before: Piece, after: Piece) -> str:
        """What stands between two pieces: what stood there, or a blank line where the text has one in such places."""
        if (before.last >= 0 and before.last + 1 == after.first) or 0 <= before.moved == after.moved - 1:
            return self._gap(max(before.last, before.moved))
        one, other = before.block, after.block
        is_row = one.kind == other.kind == "tr" and not other.is_head
        if is_row or _joins(one, other):
            return ""
        near = before.last if before.last >= 0 else after.first
        known = self._known_gap(_shape(one, before.text), _shape(other, after.text), near)
        gone = self._gaps.get(after.first - 1) if known is None else None
        if gone and gone[0].boxes[:1] == one.boxes[:1] != other.boxes[:1]:  # the end of a list went
            return gone[2]
        return self._usual_gap(before, after) if known is None else known

    def _known_gap(self, one: _Shape, other: _Shape, near: int) -> str | None:
        """What stands between two such blocks, in the place nearest to the stored block `near`; else before the other.

        Nothing between them is enough only where the first ends with its line, or the second opens with a sign.
        """
        is_parted = one.kind in HEADINGS or other.opens or bool(other.is_marked and one.boxes) or other.is_defined
        is_top = not one.boxes and not other.boxes
        may_touch = is_parted or (is_top and one.kind == other.kind == "p" and self._is_plain)
        alike = self._places.get((one, other, may_touch), []) or self._places.get((None, other, may_touch), [])
        if not alike or (not is_top and (one, other, may_touch) not in self._places):
            return None
        after = bisect(alike, near)
        return self._gaps[min(alike[max(0, after - 1) : after + 1], key=lambda at: abs(at - near))][2]

    @cached_property
    def _gaps(self) -> dict[int, tuple[_Shape, _Shape, str]]:
        """What stands behind each stored block but for raw HTML, which may go on up to a blank line."""
        found = {}
        for at, (one, other) in enumerate(pairwise(self.stored.blocks)):
            if not other.joined and "raw" not in (one.kind, other.kind):
                first, second = (_shape(block, self.stored.lines[block.start]) for block in (one, other))
                found[at] = (first, second, self._gap(at))
        return found

    def _gap(self, at: int) -> str:
        """What stands between a stored block and the next."""
        return "".join(self.stored.lines[self.stored.blocks[at].end : self.stored.blocks[at + 1].start])

    @cached_property
    def _places(self) -> dict[tuple[_Shape | None, _Shape, bool], list[int]]:
        """Where such blocks, or any one outside of boxes and such a block, follow each other; also where they touch."""
        found: dict[tuple[_Shape | None, _Shape, bool], list[int]] = defaultdict(list)
        for at, (one, other, gap) in self._gaps.items():
            for first in (one, None)[: 1 + (not one.boxes and not other.boxes)]:
                for may_touch in (True, False)[: 1 + bool(gap)]:
                    found[first, other, may_touch].append(at)
        return dict(found)

    @cached_property
    def _is_plain(self) -> bool:
        """Whether paragraphs have no blank lines between them, as in plain text."""
        touch = [not gap for one, other, gap in self._gaps.values() if one.kind == other.kind == "p" and not one.boxes]
        return sum(touch) * 2 > len(touch)

    def _usual_gap(self, before: Piece, after: Piece) -> str:
        one, other = before.block, after.block
        common = _shared(one.boxes, other.boxes)
        blank = _quoted(after.text, common.count("blockquote")) + self.newline
        begins = _shape(other, after.text).is_defined and len(common) + 1 >= len(other.boxes)
        in_one_list = bool(common) and common[-1] != "blockquote"
        is_apart = (other.kind == "p" and not _MARKED.match(after.text)) or (
            other.kind == "pre" and after.text.lstrip(" \t>")[:3] not in FENCES
        )
        return "" if begins or (in_one_list and not is_apart and self._is_tight(one, other)) else blank

    def _is_tight(self, before: Block, item: Block) -> bool:
        """Whether no blank line stands between an item and what is before it in its list, as stored ones have it."""
        pair = (before.boxes, item.boxes)
        known = self._touching.get(pair)
        if known is None and len(item.boxes) > len(before.boxes):  # its list begins
            return before.kind == "li"
        if known is None and len(item.boxes) == 1:
            known = sum((votes for (_, boxes), votes in self._touching.items() if boxes[:1] == item.boxes), Counter())
        return known[True] * 2 > known.total() if known else item.kind == "li"

    @cached_property
    def _touching(self) -> dict[tuple[tuple[str, ...], tuple[str, ...]], Counter[bool]]:
        """How many stored blocks in boxes touch the one before, by the boxes of both."""
        found: dict[tuple[tuple[str, ...], tuple[str, ...]], Counter[bool]] = defaultdict(Counter)
        for one, other in pairwise(self.stored.blocks):
            if one.boxes[:1] == other.boxes[:1] and other.boxes:
                found[one.boxes, other.boxes][one.end == other.start] += 1
        return dict(found)


def _shape(block: Block, text: str) -> _Shape:
    kind = "p" if block.kind == "li" else block.kind
    return _Shape(kind, block.boxes, bool(_MARKED.match(text)), kind in HEADINGS and text.lstrip(" \t>")[:1] == "#")


def _of_new_lists(pieces: Sequence[Piece]) -> set[int]:
    """Which pieces stand in lists and quotes of which nothing was stored."""
    found: set[int] = set()
    for in_boxes, run in groupby(enumerate(pieces), lambda each: bool(each[1].block.boxes)):
        group = list(run)
        if in_boxes and all(piece.first < 0 for _, piece in group):
            found.update(at for at, _ in group)
    return found


def _joins(one: Block, other: Block) -> bool:
    """Whether a hard break, and nothing else, may part two blocks."""
    return other.joined and one.kind in ("p", "li")


def _hard_break(stored: Text) -> str:
    """A line's end that breaks the line, as the stored text has them; a plain one where their breaks were stripped."""
    lines = [stored.lines[block.start - 1] for block in stored.blocks if block.joined]
    ends = (HARD_BREAK.search(line) for line in lines)
    stripped = lines[0][len(lines[0].rstrip("\r\n")) :] if lines else "\\\n"
    return next((end[0] for end in ends if end), stripped)


def _quoted(text: str, depth: int) -> str:
    """The quote signs that `text` starts with, so many of them."""
    found = re.match(rf"(?:[ \t]*>){{{depth}}}", text)
    return found[0] if found else ""


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """The boxes, from the outermost on, that both stand in."""
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return tuple(box for box, _ in pairs)
