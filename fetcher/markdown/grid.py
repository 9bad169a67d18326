"""Reads GFM tables as grids of cells, detects in which style they are drawn, and draws grids in a style.

A table's style is one that reproduces its source to the byte. Drawn in it, a changed table looks as its importer would
have written it.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, product, repeat
from operator import eq
from typing import NamedTuple

_BAR = re.compile(r"(?<!\\)\|")
_EMPTY = re.compile(r"\|  (?=\|)")
_RULE = re.compile(r" {0,3}\|?[ \t]*:?-+:?(?:[ \t]*\|[ \t]*:?-+:?)*(?:[ \t]*\|)?")


class Frame(NamedTuple):
    """What is before, between and after the cells of a row, and those of the delimiter row."""

    row: tuple[str, str, str]
    rule: tuple[str, str, str]


class Style(NamedTuple):
    """How a table is drawn.

    `padded`: each column is as wide as its widest cell, at least `least` characters and what `widths` gives for it, and
    the delimiter row is wider by `beyond`; `aligned`: cells are aligned as their column is. If not padded, or wider
    than `most` in total, each delimiter has `dashes` dashes. `within`: the colons replace dashes instead of adding to
    them. `is_wide`: East Asian wide characters count as two columns. `is_thin`: an empty cell is one space, or nothing
    at the end of a row.
    """

    frame: Frame
    padded: bool = False
    least: int = 3
    beyond: int = 0
    aligned: bool = False
    within: bool = False
    is_wide: bool = True
    widths: tuple[int, ...] = ()
    is_thin: bool = False
    most: int = 0
    dashes: int = 3


class Grid(NamedTuple):
    """The cells by row, the header first, and the alignment of each column: "", "left", "center" or "right"."""

    rows: list[list[str]]
    signs: list[str]


_EDGED, _TIGHT = ("| ", " | ", " |"), ("|", "|", "|")
COMPACT = Style(Frame(_EDGED, ("| ", " | ", " |")))
PADDED = Style(Frame(_EDGED, _TIGHT), padded=True, beyond=2, within=True)
UP_TO_72 = PADDED._replace(most=72, dashes=4)  # as pandoc draws tables from version 3 on
_FRAMES = (
    Frame(_EDGED, _EDGED),
    Frame(_EDGED, _TIGHT),
    Frame(_TIGHT, _TIGHT),
    Frame(("", " | ", ""), ("", " | ", "")),
    Frame(("", " | ", ""), ("", "|", "")),
    Frame(("", "| ", ""), ("", "|", "")),
    Frame(("", "| ", "  "), ("", "|", "  ")),
    Frame(("", " | ", "  "), ("", "|", "  ")),
    Frame(("", "|", ""), ("", "|", "")),
)


def parse_table(source: str) -> Grid | None:
    """The cells of a table; None if the second line is not a delimiter row with as many cells as the first line."""
    lines = source.splitlines()
    if len(lines) < 2 or not _RULE.fullmatch(lines[1].rstrip()):
        return None
    rows = [cells(line) for line in lines]
    rules = rows.pop(1)
    if len(rules) != len(rows[0]) or max(map(len, rows)) > len(rules):
        return None
    return Grid([row + [""] * (len(rules) - len(row)) for row in rows], list(map(_sign, rules)))


def cells(line: str) -> list[str]:
    """The cells of a row, or of a delimiter row.

    >>> cells("| a | |"), cells("a | b")
    (['a', ''], ['a', 'b'])
    """
    parts = _BAR.split(line.strip())
    first, last = not parts[0].strip(), len(parts) > 1 and not parts[-1].strip()
    return [part.strip() for part in parts[first : len(parts) - last]]


def with_delimiters_for(text: str, column: int) -> str:
    """A header row that begins at `column` of its line, with its delimiter row cut or extended to as many cells.

    >>> with_delimiters_for("| a | b | c |\\n|---|--:|\\n", 0)
    '| a | b | c |\\n|---|--:|--:|\\n'
    """
    head, end, rule = text.partition("\n")
    last = _LAST_CELL.search(rule)
    if not last:
        return text
    missing = len(cells(head[column:])) - len(cells(rule.lstrip(" \t>")))
    if missing >= 0:
        return head + end + rule[: last.end(1)] + f"|{last[1]}" * missing + rule[last.end(1) :]
    return head + end + "|".join(rule[: last.end(1)].split("|")[:missing]) + rule[last.end(1) :]


_LAST_CELL = re.compile(r"([ \t]*:?-+:?[ \t]*)\|?\s*\Z")


def draw_table(table: Grid, style: Style) -> str:
    """The source of a table in a style, without the last line end.

    >>> draw_table(Grid([["a", "b"], ["1", "2" * 70]], ["", "right"]), UP_TO_72).split("\\n")[:2]
    ['| a | b |', '|----|---:|']
    """
    return "\n".join(_lines(table, style, _widths(table, style)))


@lru_cache(maxsize=64)
def detect_style(source: str) -> Style | None:
    """The style that reproduces a table to the byte; None if none does."""
    table = parse_table(source)
    lines = source.rstrip("\r\n").replace("\r\n", "\n").split("\n")
    if table is None:
        return None
    known: dict[Style, list[int]] = {}
    for style in chain(_STYLES, _with_widths(cells(lines[1]))):
        key = Style(
            COMPACT.frame, style.padded, style.least, is_wide=style.is_wide, widths=style.widths, most=style.most
        )
        if key not in known:
            known[key] = _widths(table, style)
        if all(map(eq, _lines(table, style, known[key]), lines)):
            return style
    return None


def _with_widths(rules: Sequence[str]) -> Iterator[Style]:
    """Padded styles whose columns are at least as wide as those of the given delimiter row."""
    for style in _STYLES:
        if style.padded and style.least > 1 and not style.most:
            yield style._replace(widths=tuple(len(rule) - style.beyond for rule in rules))


def _widths(table: Grid, style: Style) -> list[int]:
    if not style.padded:
        return [0] * len(table.signs)
    least = [*style.widths, *[style.least] * len(table.signs)]
    widths = [max(least[at], *(_width(row[at], style) for row in table.rows)) for at in range(len(table.signs))]
    return widths if not style.most or sum(widths) <= style.most else [0] * len(widths)


def _lines(table: Grid, style: Style, widths: Sequence[int]) -> Iterator[str]:
    for number, row in enumerate(table.rows):
        frame = style.frame.row if number or any(row) else COMPACT.frame.row  # without edges, an empty header is no row
        line = _framed(list(map(_fitted, row, widths, table.signs, repeat(style))), frame)
        yield _thinned(line, frame) if style.is_thin else line
        if not number:
            yield _framed(list(map(_rule, table.signs, widths, repeat(style))), style.frame.rule)


def _thinned(line: str, frame: tuple[str, str, str]) -> str:
    """A row with one space in its empty cells, and nothing in one at its end."""
    line = _EMPTY.sub("| ", line)
    return line if frame[2] else line.rstrip()


def find_tables(text: str) -> Iterator[str]:
    """The source of each table that is not in a list or a quote."""
    lines, at = text.split("\n"), 1
    while at < len(lines):
        end = at + 1
        if "-" in lines[at] and "|" in lines[at - 1] and _RULE.fullmatch(lines[at].rstrip()):
            while end < len(lines) and "|" in lines[end]:
                end += 1
            yield "\n".join(lines[at - 1 : end])
        at = end


def _styles() -> Iterator[Style]:
    for thin, frame, within in product((False, True), _FRAMES, (False, True)):
        yield Style(frame, within=within, is_thin=thin)
    for frame, aligned, least, wide in product(_FRAMES[:5], (False, True), (3, 1), (True, False)):
        beyond = 2 if frame.rule == _TIGHT and frame.row == _EDGED else 0
        yield Style(frame, padded=True, least=least, beyond=beyond, aligned=aligned, within=True, is_wide=wide)
    yield UP_TO_72


def _sign(rule: str) -> str:
    return {(True, True): "center", (True, False): "left", (False, True): "right"}.get(
        (rule[:1] == ":", rule[-1:] == ":"), ""
    )


def _framed(cells: Sequence[str], frame: tuple[str, str, str]) -> str:
    return f"{frame[0]}{frame[1].join(cells)}{frame[2]}"


def _fitted(cell: str, width: int, sign: str, style: Style) -> str:
    missing = width - _width(cell, style)
    if not style.padded or missing <= 0:
        return cell
    before = {"right": missing, "center": missing // 2}.get(sign, 0) if style.aligned else 0
    return " " * before + cell + " " * (missing - before)


def _rule(sign: str, width: int, style: Style) -> str:
    left, right = sign in ("left", "center"), sign in ("right", "center")
    dashes = width + style.beyond if width else style.dashes
    return ":" * left + "-" * (dashes - (left + right) * style.within) + ":" * right


def _width(text: str, style: Style) -> int:
    return screen_width(text) if style.is_wide else len(text)


def screen_width(text: str) -> int:
    """The columns that a text takes on a screen: two for a wide character."""
    return len(text) if text.isascii() else sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in text)


_STYLES = tuple(_styles())
