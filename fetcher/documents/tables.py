"""Finds tables on a PDF page: cells between ruled lines, or lines of text that are aligned in columns."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fetcher.documents.lines import Line, join_lines, line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fetcher.documents.drawing import Rule
    from fetcher.documents.pdf import Sheet, Word

_NEAR = 2.5  # the most points between rules that touch
_MOST_RULES = 4_000  # of a page; one with more is a drawing
_STEP = 2.4  # the most font sizes from one row to the next without rules
_TIGHT = 1.35  # the most font sizes between the lines of a cell
_CELL = 6  # the most lines of a cell
_FULL = 5  # words per line of running text in columns, which is not a table


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table: lists of cells, which are lists of lines. `columns` are the left ends of the columns."""

    rows: list[list[list[Line]]]
    columns: tuple[float, ...]
    sheet: int
    is_drawn: bool = False

    @property
    def y(self) -> float:
        """The highest base line."""
        return max(one.y for row in self.rows for cell in row for one in cell)

    def lines(self) -> Iterator[Line]:
        """All lines."""
        return (one for row in self.rows for cell in row for one in cell)


@dataclass(frozen=True, slots=True)
class _Grid:
    xs: list[float]
    ys: list[float]  # from below to above

    def cell(self, word: Word) -> tuple[int, int] | None:
        """The row (from the top) and the column of a word; None if it is outside."""
        x, y = (word.x0 + word.x1) / 2, word.y + word.size / 4
        if not (self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]):
            return None
        column = min(bisect_right(self.xs, x), len(self.xs) - 1) - 1
        return len(self.ys) - 1 - min(bisect_right(self.ys, y), len(self.ys) - 1), column


def ruled_tables(sheet: Sheet, number: int) -> list[tuple[Table, set[int]]]:
    """The tables of a page with rules between the cells, each with the indices of its words in the page."""
    tables = []
    for grid in _grids(sheet.rules):
        cells: defaultdict[tuple[int, int], list[Word]] = defaultdict(list)
        inside = {at: cell for at, word in enumerate(sheet.words) if (cell := grid.cell(word))}
        for at, cell in inside.items():
            cells[cell].append(sheet.words[at])
        if len({row for row, _ in cells}) < 2 or len({column for _, column in cells}) < 2:
            continue
        rows = range(len(grid.ys) - 1)
        made = [[_in_lines(cells[row, column], number) for column in range(len(grid.xs) - 1)] for row in rows]
        table = Table([row for row in made if any(row)], tuple(grid.xs[:-1]), number, is_drawn=True)
        tables.append((table, {*inside}))
    return tables


def _in_lines(words: Sequence[Word], number: int) -> list[Line]:
    found: list[list[Word]] = []
    for word in words:
        if found and abs(found[-1][-1].y - word.y) <= 0.6 * word.size:
            found[-1].append(word)
        else:
            found.append([word])
    return [line(group, number) for group in found]


def _grids(rules: Sequence[Rule]) -> Iterator[_Grid]:
    """Groups of touching rules with at least three in each direction."""
    for group in _touching(rules) if len(rules) <= _MOST_RULES else ():
        xs = _places(rule.x0 for rule in group if rule.y1 - rule.y0 > rule.x1 - rule.x0)
        ys = _places(rule.y0 for rule in group if rule.y1 - rule.y0 <= rule.x1 - rule.x0)
        if len(xs) >= 3 and len(ys) >= 3:
            yield _Grid(xs, ys)


def _touching(rules: Sequence[Rule]) -> list[list[Rule]]:
    """The rules in groups that touch (by union-find)."""
    parents = list(range(len(rules)))

    def root(at: int) -> int:
        while parents[at] != at:
            parents[at] = at = parents[parents[at]]
        return at

    order = sorted(range(len(rules)), key=lambda at: rules[at].x0)
    for place, at in enumerate(order):
        one = rules[at]
        for other_at in order[place + 1 :]:
            other = rules[other_at]
            if other.x0 > one.x1 + _NEAR:
                break
            if other.y0 <= one.y1 + _NEAR and one.y0 <= other.y1 + _NEAR:
                parents[root(other_at)] = root(at)
    groups: defaultdict[int, list[Rule]] = defaultdict(list)
    for at, rule in enumerate(rules):
        groups[root(at)].append(rule)
    return list(groups.values())


def _places(values: Iterable[float]) -> list[float]:
    """The values in order, nearly equal ones merged."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _NEAR:
            found.append(value)
    return found


def with_aligned_tables(lines: Sequence[Line]) -> list[Line | Table]:
    """The lines of a page in order, with those that are aligned in columns replaced by tables."""
    found: list[Line | Table] = []
    at = 0
    while at < len(lines):
        end = _end_of_table(lines, at)
        table = _table(lines[at:end]) if end > at else None
        if table is None:  # one line with a wide gap in it
            end = at + 1
            while end < len(lines) and lines[end].is_beside(lines[at]) and lines[end].x0 >= lines[end - 1].x1:
                end += 1
        found.append(table or join_lines(lines[at:end]))
        at = end
    return found


def _begins_row(lines: Sequence[Line], start: int) -> bool:
    """Whether another line is beside this one, after at most the rest of its own cell."""
    first = lines[start]
    for one in lines[start + 1 : start + _CELL]:
        if one.is_beside(first):
            return one.x0 >= first.x1
        if one.x0 >= first.x1 or one.x1 <= first.x0 or not 0 < first.y - one.y < _CELL * _STEP * one.size:
            return False
    return False


def _end_of_table(lines: Sequence[Line], start: int) -> int:
    """Where the lines end that are aligned in columns from `start` on; `start` if none are."""
    if not _begins_row(lines, start):
        return start
    columns = [(lines[start].x0, lines[start].x1)]
    low, end = lines[start].y, start
    for one in lines[start:]:
        over = [at for at, (x0, x1) in enumerate(columns) if one.x0 < x1 and x0 < one.x1]
        is_beside = one.x0 >= lines[start].x1 and any(one.is_beside(other) for other in lines[start:end])
        if one.y < low - _STEP * one.size or one.y > lines[start].y + one.size or len(over) > 1:
            break
        if over:
            x0, x1 = columns[over[0]]
            columns[over[0]] = min(x0, one.x0), max(x1, one.x1)
        elif is_beside:
            columns.append((one.x0, one.x1))
        else:
            break
        low, end = min(low, one.y), end + 1
    while end > start and not any(lines[end - 1].is_beside(other) for other in lines[start : end - 1]):
        end -= 1
    return end


def _table(lines: Sequence[Line]) -> Table | None:
    """The table of aligned lines, or a single row that may belong to one; None if they are neither."""
    starts = _columns(lines)
    rows = _rows_by_order(lines, starts) or _rows_by_base_line(lines, starts)
    full = sum(sum(map(bool, row)) >= 2 for row in rows)
    words = sum(len(one.words) for one in lines)
    is_text = len(starts) <= 3 and len(rows) > 5 and words >= _FULL * len(lines)
    if len(starts) < 2 or (full < 2 and len(rows) > 1) or is_text:
        return None
    return Table(rows, tuple(starts), lines[0].sheet)


def _column(starts: Sequence[float], one: Line) -> int:
    return bisect_right(starts, one.x0 + 0.1) - 1


def _rows_by_order(lines: Sequence[Line], starts: Sequence[float]) -> list[list[list[Line]]] | None:
    """The rows if the document's order is cell by cell, each below the row before; else None."""
    rows: list[list[list[Line]]] = []
    last, floor = len(starts), float("inf")
    for one in lines:
        at = _column(starts, one)
        is_more = bool(rows) and at == last and 0 < rows[-1][at][-1].y - one.y <= _TIGHT * one.size
        if at <= last and not is_more:
            floor = min((each.y for cell in rows[-1] for each in cell), default=floor) if rows else floor
            rows.append([[] for _ in starts])
        if one.y >= floor:
            return None
        rows[-1][at].append(one)
        last = at
    return rows


def _rows_by_base_line(lines: Sequence[Line], starts: Sequence[float]) -> list[list[list[Line]]]:
    """The rows by base lines alone."""
    rows: list[list[list[Line]]] = []
    last: Line | None = None
    for row in _levels(lines):
        cells: list[list[Line]] = [[] for _ in starts]
        for one in row:
            cells[_column(starts, one)].append(one)
        is_more = last and not cells[0] and last.y - row[0].y <= _TIGHT * row[0].size
        if is_more and rows:
            rows[-1] = [[*above, *below] for above, below in zip(rows[-1], cells, strict=True)]
        else:
            rows.append(cells)
        last = row[0]
    return rows


def _levels(lines: Sequence[Line]) -> list[list[Line]]:
    rows: list[list[Line]] = []
    for one in sorted(lines, key=lambda each: -each.y):
        if rows and rows[-1][0].is_beside(one):
            rows[-1].append(one)
        else:
            rows.append([one])
    return rows


def _columns(lines: Sequence[Line]) -> list[float]:
    """The left ends of the columns: of the bands that the lines cover."""
    bands: list[tuple[float, float]] = []
    for x0, x1 in sorted((one.x0, one.x1) for one in lines):
        if bands and x0 < bands[-1][1]:
            bands[-1] = bands[-1][0], max(x1, bands[-1][1])
        else:
            bands.append((x0, x1))
    return [x0 for x0, _ in bands]


def with_continuation(one: Table, other: Table) -> Table:
    """A table joined with its continuation on the next page, whose repeated head row is left out."""
    rows = other.rows[1:] if _texts(other.rows[0]) == _texts(one.rows[0]) else other.rows
    return Table([*one.rows, *rows], other.columns, other.sheet, other.is_drawn)


def _texts(row: Sequence[Sequence[Line]]) -> list[str]:
    return [" ".join(one.text for one in cell) for cell in row]


def is_continued(one: Table, other: Table) -> bool:
    """Whether a table at the end of a page or column is continued by one at the beginning of the next."""
    is_next = other.sheet > one.sheet or other.y > one.y
    if one.is_drawn != other.is_drawn or len(one.columns) != len(other.columns) or not is_next:
        return False
    shift = other.columns[0] - one.columns[0]
    return all(abs(b - a - shift) <= 2 * _NEAR for a, b in zip(one.columns, other.columns, strict=True))
