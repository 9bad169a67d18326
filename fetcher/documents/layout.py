"""Groups the lines of a PDF into blocks (paragraphs, headings, list items, tables) across columns and pages."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING

from fetcher.documents import tables
from fetcher.documents.lines import Line, furniture, join_lines, join_marks, lines
from fetcher.documents.tables import Table, ruled_tables, with_aligned_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetcher.documents.pdf import Sheet

_LARGER = 1.07  # the smallest heading, relative to the size of the text
_SMALLER = 0.93  # the largest footnote
_LONGEST = 200  # characters of a heading
_LOOSE = 1.18  # a line distance above this, relative to the usual one, begins a new paragraph
_LEADING = 1.25  # the usual line distance where it is unknown, in font sizes; so are the following
_INDENT = 0.7
_BAND = 3.0  # the most by which the beginnings of a column's text lines differ
_COLUMN = 12.0  # the same for all its lines
_SENTENCE = re.compile(r"[.!?:;…。！？][\"'”’»)\]]*$")


@dataclass(slots=True)
class Block:
    """A paragraph `p`, heading `h` of a level, list item `li` with `mark` and indent, code `pre`, or table."""

    kind: str
    lines: list[Line] = field(default_factory=list)
    level: int = 0
    mark: str = ""
    indent: float = 0.0
    table: Table | None = None

    @property
    def left(self) -> float:
        """Where its lines begin in their column: without a list item's mark, and without a first line's indent."""
        here = self.lines[self._begin_of_column() :]
        if len(here) > 1:
            return min(one.x0 for one in here[1:])
        return here[0].words[1].x0 if self.mark and here[0].mark else here[0].x0

    def _begin_of_column(self) -> int:
        at = len(self.lines) - 1
        while at and self.lines[at - 1].sheet == self.lines[at].sheet and self.lines[at - 1].y > self.lines[at].y:
            at -= 1
        return at


def blocks(sheets: Sequence[Sheet]) -> list[Block]:
    """The blocks of a document, footnotes last."""
    pages = [_items(sheet, number) for number, sheet in enumerate(sheets)]
    loose = [[one for one in page if isinstance(one, Line)] for page in pages]
    taken = furniture(loose, sheets)
    text, notes = [], []
    typography = _Typography([one for page in loose for one in page if id(one) not in taken])
    for page, sheet in zip(pages, sheets, strict=True):
        kept = [*_in_columns([one for one in page if id(one) not in taken])]
        body, foot = typography.split_footnotes(kept, sheet.height)
        text += body
        notes += foot
    return [*_Blocks(typography, text, sheets).build(), *_Blocks(typography, notes, sheets).build()]


def reading_orders(sheets: Sequence[Sheet]) -> tuple[str, ...]:
    """The text of a document in four orders.

    These are: as drawn; the same with running heads first and feet last on each page; without both; from top to bottom.
    """
    pages = [lines(sheet, number) for number, sheet in enumerate(sheets)]
    taken = furniture(pages, sheets)
    from_above = [sorted(page, key=lambda one: (-round(one.y), one.x0)) for page in pages]
    apart = [
        [
            *(one for one in above if id(one) in taken and one.y > sheet.height / 2),
            *(one for one in page if id(one) not in taken),
            *(one for one in above if id(one) in taken and one.y <= sheet.height / 2),
        ]
        for page, above, sheet in zip(pages, from_above, sheets, strict=True)
    ]
    bare = [[one for one in page if id(one) not in taken] for page in pages]
    orders = (pages, apart, bare, from_above)
    return tuple("\n".join(one.text for page in order for one in page) for order in orders)


def _items(sheet: Sheet, number: int) -> list[Line | Table]:
    """The lines of a page, with ruled tables in place of their lines."""
    found: list[Line | Table] = []
    of_words = {at: table for table, places in ruled_tables(sheet, number) for at in places}
    seen: set[int] = set()
    run = sheet._replace(words=[])
    for at, word in enumerate(sheet.words):
        table = of_words.get(at)
        if table is None:
            run.words.append(word)
        elif id(table) not in seen:
            found += lines(run, number)
            run = run._replace(words=[])
            seen.add(id(table))
            found.append(table)
    found += lines(run, number)
    instead = join_marks([one for one in found if isinstance(one, Line)])
    return [kept for one in found if (kept := instead.get(id(one), one) if isinstance(one, Line) else one)]


def _in_columns(items: Sequence[Line | Table]) -> Iterator[Line | Table]:
    run: list[Line] = []
    for one in items:
        if isinstance(one, Line):
            run.append(one)
            continue
        yield from with_aligned_tables(run)
        run = []
        yield one
    yield from with_aligned_tables(run)


class _Typography:
    """The font sizes of a document's text and headings, and its line distances."""

    def __init__(self, lines: Sequence[Line]) -> None:
        sizes: Counter[float] = Counter()
        bold: Counter[bool] = Counter()
        for one in lines:
            sizes[one.size] += len(one.text)
        self.size = max(sizes, key=lambda size: sizes[size], default=10.0)
        for one in lines:
            if one.size == self.size:
                bold[one.bold] += len(one.text)
        self._is_bold = bold[True] > bold[False]
        ranks = {self._rank(one) for one in lines if self.is_heading(one)}
        self._levels = {rank: min(level, 6) for level, rank in enumerate(sorted(ranks, reverse=True), 1)}
        steps: defaultdict[float, Counter[int]] = defaultdict(Counter)
        for one, other in pairwise(lines):
            if one.size == other.size and one.sheet == other.sheet and 0.8 < (one.y - other.y) / one.size < 2.5:
                steps[one.size][round((one.y - other.y) * 5)] += 1
        self._steps = {size: found.most_common(1)[0][0] / 5 for size, found in steps.items()}

    def is_heading(self, one: Line) -> bool:
        """Whether a line is set like a heading."""
        if one.size < self.size * _SMALLER or one.mark in ("•", "-") or not any(map(str.isalpha, one.text)):
            return False
        return one.size >= self.size * _LARGER or (one.bold and not self._is_bold)

    def level(self, one: Line) -> int:
        """The level of a heading."""
        return self._levels.get(self._rank(one), 6)

    def step(self, size: float) -> float:
        """The usual line distance for a font size."""
        return self._steps.get(size, size * _LEADING)

    def split_footnotes(
        self, items: list[Line | Table], height: float
    ) -> tuple[list[Line | Table], list[Line | Table]]:
        """The items of a page, and the footnotes: small lines at its end."""
        end = len(items)
        while end and isinstance(one := items[end - 1], Line) and one.size <= self.size * _SMALLER:
            end -= 1
        above = [one.y for one in items[:end]]
        notes = items[end:]
        if not above or not notes or notes[0].y > height / 2 or notes[0].y > above[-1]:
            return items, []
        return items[:end], notes

    @staticmethod
    def _rank(one: Line) -> tuple[float, bool]:
        return round(one.size * 2) / 2, one.bold


class _Blocks:
    """Groups lines into blocks."""

    def __init__(self, typography: _Typography, items: Sequence[Line | Table], sheets: Sequence[Sheet]) -> None:
        self._typography = typography
        self._items = items
        self._sheets = sheets
        self._made: list[Block] = []
        self._rights = _rights(items)
        self._starts: defaultdict[int, set[float]] = defaultdict(set)
        for one in items:
            if isinstance(one, Line):
                self._starts[one.sheet].add(one.x0)

    def build(self) -> list[Block]:
        """The blocks."""
        for item, following in zip_longest(self._items, self._items[1:]):
            last = self._made[-1] if self._made else None
            if isinstance(item, Table) and self._is_table(item, last, following):
                self._add_table(item, last)
                continue
            one = join_lines([*item.lines()]) if isinstance(item, Table) else item
            if last and last.kind != "table" and self._belongs_to(last, one):
                last.lines.append(one)
            else:
                self._made.append(self._new_block(one))
        return self._made

    def _is_table(self, table: Table, last: Block | None, following: Line | Table | None) -> bool:
        """Whether a table has two rows, or one row that continues the table before it or is continued by the next."""
        goes_on = isinstance(following, Table) and tables.is_continued(table, following)
        return goes_on or len(table.rows) > 1 or bool(last and last.table and tables.is_continued(last.table, table))

    def _add_table(self, table: Table, last: Block | None) -> None:
        if last and last.table and tables.is_continued(last.table, table):
            last.table = tables.with_continuation(last.table, table)
        else:
            self._made.append(Block("table", table=table))

    def _new_block(self, one: Line) -> Block:
        if self._typography.is_heading(one) and len(one.text) <= _LONGEST:
            return Block("h", [one], self._typography.level(one))
        mark = one.mark or ("•" if self._has_dot(one) else "")
        if mark:
            return Block("li", [one], mark=mark, indent=one.x0 - self._left(one, _COLUMN))
        return Block("pre" if one.fixed else "p", [one])

    def _has_dot(self, one: Line) -> bool:
        """Whether a bullet is drawn before a line."""
        return any(
            one.x0 - 2.5 * one.size < x < one.x0 and one.y - 0.2 * one.size < y < one.y + one.size
            for x, y in self._sheets[one.sheet].dots
        )

    def _belongs_to(self, block: Block, one: Line) -> bool:
        """Whether a line continues the block."""
        last = block.lines[-1]
        if abs(one.size - last.size) > 0.06 * last.size or one.fixed != last.fixed:
            return False
        if block.kind == "h":
            is_near = one.sheet == last.sheet and 0 < last.y - one.y <= 1.5 * one.size
            return is_near and one.bold == last.bold and len(block.lines) < 4
        if one.mark or self._has_dot(one) or self._is_new_heading(last, one):
            return False
        if one.sheet != last.sheet or one.y >= last.y:
            return self._reaches(last, one) and one.x0 - self._left(one) <= _INDENT * one.size
        if last.y - one.y > _LOOSE * self._typography.step(one.size):
            return False
        return block.kind == "pre" or self._is_level(block, one)

    def _is_new_heading(self, last: Line, one: Line) -> bool:
        return self._typography.is_heading(one) and not last.bold and not self._reaches(last, one)

    def _is_level(self, block: Block, one: Line) -> bool:
        """Whether a line begins where those above it do, and had no room on the line before."""
        last, room = block.lines[-1], _INDENT * one.size
        if block.mark:
            return one.x0 >= block.left - max(room, 0.0) and one.x0 <= block.left + room
        if len(block.lines) == 1 and one.x0 < last.x0:
            return True
        if one.x0 > block.left + room:
            return abs((one.x0 + one.x1) - (last.x0 + last.x1)) < one.size
        return self._reaches(last, one) or not _SENTENCE.search(last.text)

    def _reaches(self, last: Line, one: Line) -> bool:
        """Whether the first word of a line would not have fit on the line before."""
        first = one.words[0]
        return (
            last.x1 + 0.3 * one.size + (first.x1 - first.x0) > self._rights.get(_band(last), last.x1) - 0.2 * one.size
        )

    def _left(self, one: Line, band: float = _BAND) -> float:
        """Where the lines of the line's column begin, within `band` font sizes."""
        near = (other for other in self._starts[one.sheet] if abs(other - one.x0) < band * one.size)
        return min(near, default=one.x0)


def _band(one: Line) -> tuple[int, int]:
    return one.sheet, round(one.x0 / (_BAND * 10))


def _rights(items: Sequence[Line | Table]) -> dict[tuple[int, int], float]:
    """The right ends of the longest lines, by page and by where the lines begin."""
    rights: defaultdict[tuple[int, int], float] = defaultdict(float)
    for one in items:
        if isinstance(one, Line):
            page, band = _band(one)
            for near in (band - 1, band, band + 1):
                rights[page, near] = max(rights[page, near], one.x1)
    return dict(rights)
