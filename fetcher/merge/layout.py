"""Pieces of Markdown, kept and new, put together as the stored text is laid out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import groupby

from fetcher.markdown.reading.blocks import HARD_BREAK, Block, Text, parse
from fetcher.merge import plain_text
from fetcher.merge.blank_lines import Gaps, Piece, are_joined, shared_boxes
from fetcher.merge.code_blocks import INDENT, is_indented, margins
from fetcher.merge.pairing import Moves
from fetcher.merge.prefixes import MARK, Headings, Prefixes, boxed, dedented, numbered, quotes_around
from fetcher.page.semantics import HEADINGS

_BEGUN = re.compile(r"[ \t]*[^\w\s][ \t]+(?!\[)")  # not one to be ticked


class Layout:
    """How one stored text is laid out: how list items are marked, how lines end."""

    def __init__(self, stored: Text, *, is_plain: bool = False) -> None:
        self.stored, self.is_plain = stored, is_plain
        self.hard_break = _hard_break(stored)
        self.moves = Moves(stored.blocks)
        self._prefixes, self._headings = Prefixes(stored), Headings(stored)
        self.newline = "\r\n" if any(line.endswith("\r\n") for line in stored.lines) else "\n"
        self._gaps = Gaps(stored, self.newline)

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
                out.append(self._gaps.as_on_page(before, piece) if is_new else self._gaps.between(before, piece))
            out.append(piece.text if piece.text.endswith("\n") else piece.text + self.newline)
            before = piece
        if before:
            out[-1] = self._ended(out[-1], before, None)
        body = "".join(out)
        if last == len(lines) > 0 and not lines[-1].endswith("\n"):
            body = body.rstrip("\r\n")
        return body + self._gaps.end(before)

    def inserted(self, fresh: Text, new: Sequence[Block], place: int) -> Iterator[Piece]:
        """New blocks before the stored one at a place, as the text would have them; one that moved keeps its bytes."""
        before = self.stored.blocks[place - 1] if place else None
        for block, at in zip(new, self.moves.origins(new), strict=True):
            if at >= 0:
                own = self.stored.blocks[at]
                piece = Piece(self.stored.source(own), replace(block, content=own.content), moved=at)
                around = margins(self.stored, own)
            else:
                piece = self._as_line(block, place) or self.fitted(fresh, block, before, place)
                around = margins(fresh, block)
            yield replace(piece, margins=around, quotes=quotes_around(fresh, block))
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
        shared = len(shared_boxes(before.boxes if before else (), block.boxes))
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

    def _as_line(self, block: Block, place: int) -> Piece | None:
        """A new bullet of plain text, begun as the lines around it are with a sign that is no markup."""
        if not self.is_plain or block.kind not in ("li", "p") or block.boxes[-1:] != ("ul",):
            return None
        for near in self.stored.blocks[max(0, place - 1) : place + 1]:
            begun = _BEGUN.match(self.stored.lines[near.start])
            if begun and not near.boxes:
                return Piece(begun[0] + plain_text.shown(block), replace(block, kind=near.kind, boxes=()))
        return None

    def _as_plain(self, block: Block) -> str:
        """What a fresh block shows, as a plain text has it; nothing where that would read otherwise."""
        text = plain_text.shown(block)
        if [word for each in parse(text).blocks for word in each.words] != block.words:
            return ""
        margin, width = self._page
        return plain_text.laid_out(text, "" if block.kind in HEADINGS else margin, width) if not block.boxes else text

    @cached_property
    def _page(self) -> tuple[str, int]:
        margin = plain_text.margin(self.stored)
        return margin, plain_text.width(self.stored.lines, margin)

    def _ended(self, text: str, before: Piece, after: Piece | None) -> str:
        """The text of a piece with a hard break at its end where the next is joined to it, else without one."""
        follower = self.stored.blocks[before.last + 1 : before.last + 2] if before.last >= 0 else []
        if after and follower and after.first == before.last + 1:
            return text
        if after and are_joined(before.block, after.block):
            is_broken = HARD_BREAK.search(text) and self.hard_break.strip("\r\n")
            return text if is_broken else HARD_BREAK.sub("", text).rstrip("\r\n") + self.hard_break
        was_joined = bool(follower) and follower[0].joined
        return HARD_BREAK.sub(self.newline, text) if was_joined else text


def _of_new_lists(pieces: Sequence[Piece]) -> set[int]:
    """Which pieces stand in lists and quotes of which nothing was stored."""
    found: set[int] = set()
    for in_boxes, run in groupby(enumerate(pieces), lambda each: bool(each[1].block.boxes)):
        group = list(run)
        if in_boxes and all(piece.first < 0 for _, piece in group):
            found.update(at for at, _ in group)
    return found


def _hard_break(stored: Text) -> str:
    """A line's end that breaks the line, as the stored text has them; a plain one where their breaks were stripped."""
    lines = [stored.lines[block.start - 1] for block in stored.blocks if block.joined]
    ends = (HARD_BREAK.search(line) for line in lines)
    stripped = lines[0][len(lines[0].rstrip("\r\n")) :] if lines else "\\\n"
    return next((end[0] for end in ends if end), stripped)
