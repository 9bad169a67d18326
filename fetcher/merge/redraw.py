"""Redraws changed tables in their stored style, and renumbers ordered lists."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from itertools import groupby, takewhile

from fetcher.markdown.detection import detect
from fetcher.markdown.grid import COMPACT, Grid, Style, detect_style, draw_table, parse_table
from fetcher.markdown.reading.blocks import Block, Text, parse
from fetcher.merge.blank_lines import Piece


def redrawn(pieces: Sequence[Piece], stored: Text) -> list[Piece]:
    """The pieces, with the rows of changed tables drawn as their importer would draw them.

    In a table with aligned columns, a cell that is wider than its column moves the edges of all rows. A table that no
    known style draws to the byte is left as it is.
    """
    found: list[Piece] = []
    for is_row, run in groupby(pieces, lambda piece: piece.block.kind == "tr" and not piece.block.boxes):
        group = list(run)
        for table in _tables(group) if is_row else ():
            found += _redrawn(table, stored)
        found += () if is_row else group
    return found


def _tables(rows: Sequence[Piece]) -> Iterator[list[Piece]]:
    """The rows of each table; a head begins a table."""
    heads = [at for at, row in enumerate(rows) if at and row.block.is_head]
    for start, end in zip([0, *heads], [*heads, len(rows)], strict=True):
        yield list(rows[start:end])


def _redrawn(rows: list[Piece], stored: Text) -> list[Piece]:
    if not rows[0].block.is_head or rows[0].first < 0:
        return rows
    source, before = "".join(row.text.rstrip("\r\n") + "\n" for row in rows), _source(rows[0].first, stored)
    table = parse_table(source) if source != before else None
    style = _style(before, stored) if table else None
    if not table or len(table.rows) != len(rows):
        return rows
    if not style:
        return _with_edges(rows, table)
    lines = draw_table(table, style).split("\n")
    texts = ["\n".join(lines[:2]), *lines[2:]]
    end = "\r\n" if rows[0].text.endswith("\r\n") else "\n"
    return [row._replace(text=text.replace("\n", end) + end) for row, text in zip(rows, texts, strict=True)]


def _with_edges(rows: list[Piece], table: Grid) -> list[Piece]:
    """The rows of a table that nobody can draw, the new ones with edges only where its head has them.

    A row needs its edges where it begins or ends with an empty cell, or would be a list item or a heading without.
    """
    head = rows[0].text.split("\n", 1)[0].strip()
    left, right = "| " * head.startswith("|"), " |" * head.endswith("|")
    found = [rows[0]]
    for row, cells in zip(rows[1:], table.rows[1:], strict=True):
        text = f"{left}{' | '.join(cells)}{right}{row.text[len(row.text.rstrip()) :]}"
        is_open = row.first < 0 and not (left and right) and (left or cells[0]) and (right or cells[-1])
        is_row = is_open and [block.kind for block in parse(rows[0].text + text).blocks] == ["tr", "tr"]
        found.append(row._replace(text=text) if is_row else row)
    return found


def _style(source: str, stored: Text) -> Style | None:
    """The style of a stored table; other tables of the text may show how wider ones are drawn."""
    style, usual = detect_style(source), detect("".join(stored.lines)).tables
    return usual if style == usual._replace(most=0, dashes=COMPACT.dashes) else style


def _source(head: int, stored: Text) -> str:
    """The source of the stored table whose head has this index."""
    below = takewhile(lambda block: block.kind == "tr" and not block.is_head, stored.blocks[head + 1 :])
    end = max((block.end for block in below), default=stored.blocks[head].end)
    lines = stored.lines[stored.blocks[head].start : end]
    return "".join(line.rstrip("\r\n") + "\n" for line in lines)


_NUMBER = re.compile(r"([ \t>]*)(\d{1,9})([.)])([ \t]+)")
_Boxes = tuple[str, ...]


def renumbered(pieces: Sequence[Piece], stored: Text) -> list[Piece]:
    """The pieces, with the items of ordered lists numbered on from the items before them, as they were stored.

    A list in which no item came or went keeps its numbers, whatever they are.
    """
    if not any("ol" in piece.block.boxes for piece in pieces):
        return list(pieces)
    step = cache(partial(_step, stored))
    last: dict[_Boxes, tuple[int | None, int]] = {}
    found: list[Piece] = []
    for at, piece in enumerate(pieces):
        boxes = piece.block.boxes
        last = {other: known for other, known in last.items() if other == boxes[: len(other)]}
        match = _NUMBER.match(piece.text) if boxes and boxes[-1] == "ol" else None
        if match is None:
            found.append(piece)
            continue
        own, is_stored = int(match[2]), piece.first >= 0
        wanted = _wanted(own, last.get(boxes), stored, piece, step)
        followed = at + 1 < len(pieces) and len(pieces[at + 1].block.boxes) >= len(boxes)
        text = _with_number(piece.text, match, wanted, is_alone=not followed or "\n" not in piece.text.rstrip())
        last[boxes] = own if is_stored else None, wanted
        found.append(piece._replace(text=text))
    return found


def is_renumbered(text: str, source: str) -> bool:
    """Whether the text of an item is its source with another number, or the same.

    >>> is_renumbered("3. Rye\\n", "2. Rye\\n"), is_renumbered("- 3. Rye\\n", "- 2. Rye\\n")
    (True, False)
    """
    if text == source:
        return True
    one, other = _NUMBER.match(text), _NUMBER.match(source)
    return one is not None and other is not None and text[one.end() :] == source[other.end() :]


def _wanted(
    own: int, before: tuple[int | None, int] | None, stored: Text, piece: Piece, step: Callable[[_Boxes], int]
) -> int:
    if before is None:
        return _first(own, stored, piece) if piece.first >= 0 else own
    known, number = before
    if piece.first >= 0 and known is not None:
        if own - known in (0, 1):
            return number + own - known
        if _first(own, stored, piece, known) == own:  # it is not behind removed items from which the numbers ran on
            return own
    return number + step(piece.block.boxes)


def _first(own: int, stored: Text, piece: Piece, least: int = -1) -> int:
    """The number of the first of the removed items right before a piece."""
    number = own
    for block in reversed(stored.blocks[: piece.first]):
        before = _number(stored, block)
        if block.boxes[: len(piece.block.boxes)] != piece.block.boxes or (before is not None and before != number - 1):
            break
        number = number if before is None or block.boxes != piece.block.boxes or before <= least else before
    return number


def _step(stored: Text, boxes: _Boxes) -> int:
    """1 where stored lists count, 0 where all items of a list have the same number."""
    steps: set[int] = set()
    before: int | None = None
    for block in stored.blocks:
        if block.boxes[: len(boxes)] != boxes:
            before = None  # what follows is another list, and begins anew
        elif block.boxes == boxes and (number := _number(stored, block)) is not None:
            steps |= set() if before is None else {number - before}
            before = number
    return 0 if steps == {0} else 1


def _number(stored: Text, block: Block) -> int | None:
    match = _NUMBER.match(stored.lines[block.start]) if block.boxes and block.boxes[-1] == "ol" else None
    return int(match[2]) if match else None


def _with_number(text: str, match: re.Match[str], number: int, *, is_alone: bool) -> str:
    """The text of an item with another number, if blocks below it still belong to the item so."""
    longer = len(str(number)) - len(match[2])
    space = match[4][longer:] if 0 < longer < len(match[4]) else match[4] + " " * max(0, -longer)
    if len(str(number)) + len(space) != len(match[2]) + len(match[4]) and not is_alone:
        return text
    return f"{match[1]}{number}{match[3]}{space}{text[match.end() :]}"
