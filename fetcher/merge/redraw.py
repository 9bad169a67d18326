"""Tables drawn anew where their rows change, in the style in which they are stored."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, takewhile

from fetcher.markdown.detection import detect
from fetcher.markdown.grid import COMPACT, Style, drawn, grid, style_of
from fetcher.markdown.reading.blocks import Text
from fetcher.merge.gaps import Piece


def redrawn(pieces: Sequence[Piece], stored: Text) -> list[Piece]:
    """The pieces, the rows of changed tables as their importer would have written them.

    A cell that is wider than its column moves the edges of all rows, in a table whose columns are as wide as their
    widest cells. A table that no known style draws to the byte is left as it is.
    """
    found: list[Piece] = []
    for is_row, run in groupby(pieces, lambda piece: piece.block.kind == "tr" and not piece.block.boxes):
        group = list(run)
        for table in _tables(group) if is_row else ():
            found += _redrawn(table, stored)
        found += () if is_row else group
    return found


def _tables(rows: Sequence[Piece]) -> Iterator[list[Piece]]:
    """The rows, table by table: a head has a rule under it."""
    heads = [at for at, row in enumerate(rows) if at and row.block.is_head]
    for start, end in zip([0, *heads], [*heads, len(rows)], strict=True):
        yield list(rows[start:end])


def _redrawn(rows: list[Piece], stored: Text) -> list[Piece]:
    if not rows[0].block.is_head or rows[0].first < 0:
        return rows
    source, before = "".join(row.text.rstrip("\r\n") + "\n" for row in rows), _source(rows[0].first, stored)
    table = grid(source) if source != before else None
    style = _style(before, stored) if table else None
    if not table or not style or len(table.rows) != len(rows):
        return rows
    lines = drawn(table, style).split("\n")
    texts = ["\n".join(lines[:2]), *lines[2:]]
    end = "\r\n" if rows[0].text.endswith("\r\n") else "\n"
    return [replace(row, text=text.replace("\n", end) + end) for row, text in zip(rows, texts, strict=True)]


def _style(source: str, stored: Text) -> Style | None:
    """The style in which a stored table is drawn; others of the text may tell how it is once it is wider."""
    style, usual = style_of(source), detect("".join(stored.lines)).tables
    return usual if style == usual._replace(most=0, dashes=COMPACT.dashes) else style


def _source(head: int, stored: Text) -> str:
    """The stored table that begins with a block."""
    below = takewhile(lambda block: block.kind == "tr" and not block.is_head, stored.blocks[head + 1 :])
    end = max((block.end for block in below), default=stored.blocks[head].end)
    lines = stored.lines[stored.blocks[head].start : end]
    return "".join(line.rstrip("\r\n") + "\n" for line in lines)
