"""Merges drawn tables (`+---+`) as GFM tables, and draws them again; fits changed words into other drawings.

No row of a drawing can change alone: a longer cell moves the edges of all rows, and a new row needs a line below it.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fetcher.markdown.grid import Grid, parse_table, screen_width
from fetcher.markdown.reading.blocks import Block, parse, split_lines

_LINE = re.compile(r"\+(?:[-=:]+\+)+")
_EDGE = re.compile(r"[ \t>]*\+(?:[-=:]{2,}\+)+\s*")
_DASHES = re.compile(r"-+")
_DELIMITERS = re.compile(r"\|(?::?(-+):?\|)+")


class _Drawing(NamedTuple):
    """A drawn table: its source without the last line end, its cells, the width of each column, and the line ends."""

    source: str
    table: Grid
    widths: tuple[int, ...]
    end: str


class Drawings:
    """The drawn tables of a stored text; `text` is that text with GFM tables in their place.

    The delimiter rows of these are longer than any of the stored text and of `others`, each by another length, so that
    they are found again.
    """

    def __init__(self, stored: str, others: str) -> None:
        found = list(_drawings(stored))
        longest = max(map(len, _DASHES.findall(stored + others)), default=0) if found else 0
        self._least = longest + 1
        self._known = {self._least + number: drawing for number, (_, drawing) in enumerate(found)}
        self.text = self._replaced(stored, found)

    def __bool__(self) -> bool:
        return bool(self._known)

    def replaced(self, text: str) -> str:
        """A text with GFM tables in the place of drawn ones; equal drawings of two texts become equal tables."""
        return self._replaced(text, list(_drawings(text)))

    def _replaced(self, text: str, found: Sequence[tuple[Block, _Drawing]]) -> str:
        lines = list(parse(text).lines) if found else [text]
        for dashes, (block, drawing) in enumerate(found, self._least):
            lines[block.start : block.end] = [_rows(drawing, dashes), *[""] * (block.end - block.start - 1)]
        return "".join(lines)

    def drawn(self, text: str) -> str:
        """A text with the drawn tables again in the place of the GFM tables that stand for them."""
        lines, found, at = split_lines(text), list[str](), 0
        while at < len(lines):
            rule = _DELIMITERS.fullmatch(lines[at + 1].rstrip("\r\n")) if at + 1 < len(lines) else None
            drawing = self._known.get(len(rule[1])) if rule else None
            end = next((row for row in range(at, len(lines)) if "|" not in lines[row]), len(lines))
            table = parse_table("".join(lines[at:end])) if drawing else None
            found.append(_redrawn(drawing, table) if drawing and table else lines[at])
            at = end if drawing and table else at + 1
        return "".join(found)


def is_drawn(source: str) -> bool:
    """Whether a source is a drawn table, be it one that can be read or not."""
    lines = source.splitlines()
    return len(lines) > 2 and _EDGE.fullmatch(lines[0]) is not None and _EDGE.fullmatch(lines[-1]) is not None


def refitted(before: str, after: str) -> str | None:
    """A source with drawn tables after words were exchanged, its edges where they were; None if a cell is too long.

    >>> refitted("+------+\\n| nine |\\n+------+", "+------+\\n| ten |\\n+------+").split("\\n")[1]
    '| ten  |'
    """
    lines = before.split("\n"), after.split("\n")
    if len(lines[0]) != len(lines[1]):
        return None
    found = [line for pair in zip(*lines, strict=True) if (line := _refitted_line(*pair)) is not None]
    return "\n".join(found) if len(found) == len(lines[0]) else None


def _refitted_line(before: str, after: str) -> str | None:
    if before == after or not before.lstrip(" \t>").startswith(("|", "+")):
        return after
    old, new = before.split("|"), after.split("|")
    missing = [screen_width(one) - screen_width(other.rstrip(" ")) for one, other in zip(old, new, strict=False)]
    if len(old) != len(new) or any(each < one.endswith(" ") for one, each in zip(old, missing, strict=True)):
        return None
    cells = (cell.rstrip(" ") + " " * each for cell, each in zip(new, missing, strict=True))
    return "|".join(cells)


def _drawings(text: str) -> Iterator[tuple[Block, _Drawing]]:
    """The blocks that are drawn tables with one line for each row, outside of lists and quotes."""
    read = parse(text) if "+-" in text else None
    for block in read.blocks if read else ():
        is_text = block.kind == "p" and not block.boxes
        if read and is_text and (drawing := _read(read.source(block))):
            yield block, drawing


def _read(source: str) -> _Drawing | None:
    """The drawing of a table with one line for each row; None if to draw its cells does not give its source."""
    lines = source.splitlines()
    if len(lines) < 3 or not len(lines) % 2 or not all(map(_LINE.fullmatch, lines[::2])):
        return None
    has_head = "=" in lines[2]
    rules = lines[2 if has_head else 0][1:-1].split("+")
    rows = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines[1::2]]
    if any(len(row) != len(rules) for row in rows) or (has_head and not any(rows[0])):
        return None
    table = Grid(rows if has_head else [[""] * len(rules), *rows], [_SIGNS[rule[0], rule[-1]] for rule in rules])
    end = "\r\n" if "\r\n" in source else "\n"
    drawing = _Drawing(source.rstrip("\r\n"), table, tuple(len(rule) - 2 for rule in rules), end)
    return drawing if _draw(table, drawing.widths, end).rstrip("\r\n") == drawing.source else None


_COLONS = {"": ("", ""), "left": (":", ""), "right": ("", ":"), "center": (":", ":")}
_SIGNS = {
    (first, last): sign
    for sign, (left, right) in _COLONS.items()
    for first in (left or "-", left or "=")
    for last in (right or "-", right or "=")
}


def _rows(drawing: _Drawing, dashes: int) -> str:
    """The GFM table that stands for a drawing."""
    rules = (("-" * dashes).join(_COLONS[sign]) for sign in drawing.table.signs)
    head, *rows = (f"| {' | '.join(row)} |" for row in drawing.table.rows)
    return "".join(line + drawing.end for line in (head, f"|{'|'.join(rules)}|", *rows))


def _redrawn(drawing: _Drawing, table: Grid) -> str:
    """The drawing of a table that may have changed; columns as wide as their widest cells stay so, if all are."""
    if table == drawing.table:
        return drawing.source + drawing.end
    widths = _widest(table)
    if drawing.widths != _widest(drawing.table):
        widths = [max(pair) for pair in zip(widths, (*drawing.widths, *widths[len(drawing.widths) :]), strict=False)]
    return _draw(table, widths, drawing.end)


def _widest(table: Grid) -> Sequence[int]:
    return tuple(max(map(screen_width, column)) for column in zip(*table.rows, strict=True))


def _draw(table: Grid, widths: Sequence[int], end: str) -> str:
    has_head = any(table.rows[0])
    plain = _line("-", [""] * len(widths), widths)
    ruled = _line("=" if has_head else "-", table.signs, widths)
    lines = [plain if has_head else ruled]
    for number, row in enumerate(table.rows[not has_head :]):
        cells = (f" {cell}{' ' * (width - screen_width(cell))} " for cell, width in zip(row, widths, strict=True))
        lines += [f"|{'|'.join(cells)}|", ruled if has_head and not number else plain]
    return "".join(line + end for line in lines)


def _line(dash: str, signs: Sequence[str], widths: Sequence[int]) -> str:
    """A line between rows; colons take the place of dashes."""
    rules = (
        (dash * (width + 2 - len("".join(_COLONS[sign])))).join(_COLONS[sign])
        for sign, width in zip(signs, widths, strict=True)
    )
    return f"+{'+'.join(rules)}+"
