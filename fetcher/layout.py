"""Pieces of Markdown, kept and new, put together as the stored text is laid out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from os.path import commonprefix

from fetcher.blocks import Block, Text

_MARK = re.compile(r"(?:[-+*]|\d+[.)])(?=\s*(?:\[[ xX]\]\s*)?$)")
_MARKED = re.compile(r"[ \t>]*(?:[-+*]|\d{1,9}[.)])\s")
_NUMBER = re.compile(r"\d+(?=[.)]\s*$)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the result that starts and ends a line.

    `block` tells what it is; `first` and `last` are the stored blocks it stands for, -1 for a new one.
    """

    text: str
    block: Block
    first: int = -1
    last: int = -1


class Layout:
    """How one stored text is laid out: where blank lines stand, how list items are marked, how lines end."""

    def __init__(self, stored: Text) -> None:
        self.stored = stored
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
        for piece in pieces:
            if before:
                out.append(self._between(before, piece))
            out.append(piece.text if piece.text.endswith("\n") else piece.text + self.newline)
            before = piece
        body = "".join(out)
        if last == len(lines) > 0 and not lines[-1].endswith("\n"):
            body = body.rstrip("\r\n")
        return body + "".join(lines[last:])

    def fitted(self, fresh: Text, block: Block) -> str:
        """The source of a fresh block, marked and indented as stored blocks of its kind are."""
        source = fresh.source(block).replace("\r\n", "\n")
        own = fresh.lines[block.start][: block.column]
        model = self._model(block, is_marked=bool(_MARK.search(own))) if block.boxes else None
        if model is None:
            return source.replace("\n", self.newline)
        first = _numbered(model, own)
        rest = _MARK.sub(lambda mark: " " * len(mark[0]), first)
        lines = source.split("\n")
        fitted = [first + lines[0][block.column :]]
        fitted += [(rest + _dedented(line, block.column)) if line.strip() else line for line in lines[1:]]
        return self.newline.join(fitted)

    def _model(self, block: Block, *, is_marked: bool) -> str | None:
        """What stands before the text of a stored block in the same kind of box."""
        for other in self.stored.blocks:
            prefix = self.stored.lines[other.start][: other.column]
            if other.boxes == block.boxes and bool(_MARK.search(prefix)) == is_marked and len(prefix) == other.column:
                return prefix
        return None

    def _between(self, before: Piece, after: Piece) -> str:
        """What stands between two pieces: what stood there, or a blank line where the text has one in such places."""
        blocks = self.stored.blocks
        if before.last >= 0 and before.last + 1 == after.first:
            return "".join(self.stored.lines[blocks[before.last].end : blocks[after.first].start])
        one, other = before.block, after.block
        if one.kind == other.kind == "tr" or (other.joined and after.first >= 0):
            return ""
        common = commonprefix([one.boxes, other.boxes])
        blank = _quoted(after.text, common.count("blockquote")) + self.newline
        in_one_list = bool(common) and common[-1] != "blockquote"
        is_paragraph = other.kind == "p" and not _MARKED.match(after.text)
        return "" if in_one_list and not is_paragraph and self._is_tight(other) else blank

    def _is_tight(self, item: Block) -> bool:
        """Whether the stored lists of the item's kind have no blank lines between their items."""
        votes = [
            one.end == other.start
            for one, other in zip(self.stored.blocks, self.stored.blocks[1:], strict=False)
            if one.boxes and other.boxes and other.boxes[:1] == item.boxes[:1]
        ]
        return sum(votes) * 2 > len(votes) if votes else item.kind == "li"


def _quoted(text: str, depth: int) -> str:
    """The quote signs that `text` starts with, so many of them."""
    found = re.match(rf"(?:[ \t]*>){{{depth}}}", text)
    return found[0] if found else ""


def _numbered(model: str, own: str) -> str:
    """The model of a list mark with the item's own number."""
    number, place = _NUMBER.search(own), _NUMBER.search(model)
    if number and place:
        return model[: place.start()] + number[0] + model[place.end() :]
    return model


def _dedented(line: str, column: int) -> str:
    return line.lstrip() if line[:column].strip(" >") else line[column:]
