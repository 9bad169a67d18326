"""Writes new blocks in the layout of the stored text, and joins the pieces of a body."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import groupby

from fetcher.markdown.reading.blocks import HARD_BREAK, Block, Text, parse
from fetcher.merge import plain_text
from fetcher.merge.blank_lines import Gaps, Piece, are_joined, shared_boxes
from fetcher.merge.code_blocks import INDENT, is_indented, margins
from fetcher.merge.prefixes import MARK, Headings, Prefixes, boxed, dedented, numbered, quotes_around
from fetcher.page.semantics import HEADINGS

_TELLING = 4  # words by which a block that has moved is recognised
_BEGUN = re.compile(r"[ \t]*[^\w\s][ \t]+(?!\[)")  # not one to be ticked


class Moves:
    """Recognises fresh blocks that are stored elsewhere, and so have moved."""

    def __init__(self, stored: Sequence[Block]) -> None:
        self._stored = stored

    @cached_property
    def _told(self) -> dict[tuple[str, str], list[int]]:
        """The stored blocks with enough words, the last first, by the first and the last sign of these."""
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for at in reversed(range(len(self._stored))):
            words = self._stored[at].content.words
            if len(words) >= _TELLING:
                found[words[0][0], words[-1][-1]].append(at)
        return dict(found)

    def _copied(self, block: Block) -> int:
        """The index of the last stored block with the text of a fresh one, or -1."""
        words = block.content.words
        alike = self._told.get((words[0][0], words[-1][-1]), []) if words else []
        return next((at for at in alike if self._stored[at].content.key == block.content.key), -1)

    def origins(self, new: Sequence[Block]) -> list[int]:
        """For each of some consecutive fresh blocks the index of the stored block it is a copy of, or -1.

        A block of few words counts only beside a block that has moved.
        """
        found = [*map(self._copied, new)]
        found = [at if at >= 0 and self._is_same(at, block) else -1 for at, block in zip(found, new, strict=True)]
        for step, order in ((1, range(1, len(new))), (-1, range(len(new) - 2, -1, -1))):
            for here in order:
                beside = found[here - step]
                if found[here] < 0 <= beside and self._is_same(beside + step, new[here]):
                    found[here] = beside + step
        return found

    def _is_same(self, at: int, block: Block) -> bool:
        if not 0 <= at < len(self._stored):
            return False
        own = self._stored[at]
        is_levelled = own.kind != block.kind and own.kind in HEADINGS and block.kind in HEADINGS
        return own.content.key == block.content.key and own.boxes == block.boxes and not is_levelled


class Layout:
    """The layout of a stored text: list markers, indents, headings, hard breaks, line ends.

    `moves` tells which of its blocks fresh ones are copies of.
    """

    def __init__(self, stored: Text, moves: Moves, *, is_plain: bool = False) -> None:
        self.stored, self.moves, self.is_plain = stored, moves, is_plain
        self.hard_break = _hard_break(stored)
        self._prefixes, self._headings = Prefixes(stored), Headings(stored)
        self.newline = "\r\n" if any(line.endswith("\r\n") for line in stored.lines) else "\n"
        self._gaps = Gaps(stored, self.newline)

    def kept(self, start: int, end: int) -> list[Piece]:
        """The stored blocks `start:end` as they are."""
        blocks = self.stored.blocks
        return [Piece(self.stored.source(blocks[at]), blocks[at], at, at) for at in range(start, end)]

    def join(self, pieces: Sequence[Piece]) -> str:
        """The body made of the pieces, with blank lines between them."""
        lines, blocks = self.stored.lines, self.stored.blocks
        first, last = (blocks[0].start, blocks[-1].end) if blocks else (len(lines), len(lines))
        out = lines[:first]
        before: Piece | None = None
        of_new_lists = _of_new_lists(pieces)
        for at, piece in enumerate(pieces):
            if before and 0 <= before.last == piece.first - 1:
                out.append(self._gaps.stored(before.last))
            elif before:
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
        """New blocks in the layout of the text, for the stored block at `place`; one that has moved keeps its bytes."""
        before = self.stored.blocks[place - 1] if place else None
        for block, at in zip(new, self.moves.origins(new), strict=True):
            if at >= 0:
                own = self.stored.blocks[at]
                piece = Piece(self.stored.source(own), replace(block, content=own.content), moved=at)
                around = margins(self.stored, own)
            else:
                piece = self._as_line(block, place) or self.fitted(fresh, block, before, place)
                around = margins(fresh, block)
            yield piece._replace(margins=around, quotes=quotes_around(fresh, block))
            before = piece.block

    def fitted(self, fresh: Text, block: Block, before: Block | None, place: int, inner: str | None = None) -> Piece:
        """A fresh block with the list marker and indent of stored blocks like it, to stand after `before`, at a place.

        `inner` is its text where that differs from the one in `fresh`. A block in a list moves out of the list if the
        block before is not in it.
        """
        column = block.column - INDENT * is_indented(block, fresh)  # the indent of code is no part of its boxes
        own = fresh.lines[block.start][:column]
        if inner is None:
            as_plain = self._as_plain(block) if self.is_plain and block.kind not in ("pre", "tr") else ""
            source = own + as_plain if as_plain else fresh.source(block).replace("\r\n", "\n")
        else:
            source = own + inner
        is_marked = bool(MARK.search(own))
        shared = len(shared_boxes(before.boxes if before else (), block.boxes))
        # The sign of a quote is in each line, whatever stands before.
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
        """A new list item of plain text, with the bullet of the lines around it; None where these have none."""
        if not self.is_plain or block.kind not in ("li", "p") or block.boxes[-1:] != ("ul",):
            return None
        for near in self.stored.blocks[max(0, place - 1) : place + 1]:
            begun = _BEGUN.match(self.stored.lines[near.start])
            if begun and not near.boxes:
                return Piece(begun[0] + plain_text.shown(block), replace(block, kind=near.kind, boxes=()))
        return None

    def _as_plain(self, block: Block) -> str:
        """A fresh block as plain text; empty where Markdown would read that as other words."""
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
        """The text of a piece, with a hard break at its end only where the next is part of the same paragraph."""
        follower = self.stored.blocks[before.last + 1 : before.last + 2] if before.last >= 0 else []
        if after and are_joined(before.block, after.block):
            is_broken = HARD_BREAK.search(text) and self.hard_break.strip("\r\n")
            return text if is_broken else HARD_BREAK.sub("", text).rstrip("\r\n") + self.hard_break
        was_joined = bool(follower) and follower[0].joined
        return HARD_BREAK.sub(self.newline, text) if was_joined else text


def _of_new_lists(pieces: Sequence[Piece]) -> set[int]:
    """The indexes of pieces in lists and quotes that are new as a whole."""
    found: set[int] = set()
    for in_boxes, run in groupby(enumerate(pieces), lambda each: bool(each[1].block.boxes)):
        group = list(run)
        if in_boxes and all(piece.first < 0 for _, piece in group):
            found.update(at for at, _ in group)
    return found


def _hard_break(stored: Text) -> str:
    """The hard break of the stored text; a plain line end where its breaks have been stripped."""
    lines = [stored.lines[block.start - 1] for block in stored.blocks if block.joined]
    ends = (HARD_BREAK.search(line) for line in lines)
    stripped = lines[0][len(lines[0].rstrip("\r\n")) :] if lines else "\\\n"
    return next((end[0] for end in ends if end), stripped)
