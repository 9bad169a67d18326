"""Groups the words of a PDF page into lines, and recognises running heads, running feet and page numbers.

Words are on one line if they have the same base line and no gap between them is as wide as one between columns.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING
from unicodedata import category

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fetcher.documents.pdf import Sheet, Word

# In font sizes. Words of a justified line may be as far apart as table cells, but then all of them are (_LOOSER).
_GAP, _WIDE, _LOOSER = 0.9, 1.7, 2.5
_FAR = 4.0  # from the mark of a list item to its text
_RAISED = 0.6  # of superscripts and subscripts
_SAME = 0.25  # of words on the same base line
_BULLETS = "•◦▪▫■□●○∙·‣⁃–—*➢➤✓❖-"
HYPHEN = "\u00ad"
"""A soft hyphen, which is at the end of a line that breaks a word."""

_NUMBER = re.compile(r"\d{1,3}[.)]")


@dataclass(frozen=True, slots=True)
class Line:
    """Consecutive words on page number `sheet`; `size`, `bold` and `fixed` (width) are those of most characters."""

    words: tuple[Word, ...]
    sheet: int
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    fixed: bool

    @property
    def text(self) -> str:
        """The words, with spaces between them."""
        return " ".join(word.text for word in self.words)

    @property
    def mark(self) -> str:
        """The bullet or number of a list item; empty if it has none."""
        first = self.words[0].text
        return first if len(self.words) > 1 and is_mark(first) else ""

    def is_beside(self, other: Line) -> bool:
        """Whether both lines have the same base line."""
        return self.sheet == other.sheet and abs(self.y - other.y) <= _SAME * max(self.size, other.size)


def lines(sheet: Sheet, number: int) -> list[Line]:
    """The lines of a page, in the document's order of words."""
    found: list[Line] = []
    group: list[Word] = []
    gaps = sorted(b.x0 - a.x1 for a, b in pairwise(sheet.words) if a.y == b.y and 0 < b.x0 - a.x1 < a.size)
    usual = gaps[len(gaps) // 2] if gaps else 0.0
    for word in sheet.words:
        if group and word.text == HYPHEN:  # some producers write it as a word of its own
            group[-1] = group[-1]._replace(text=group[-1].text + HYPHEN, x1=word.x1)
            continue
        if group and not _follows(group, word):
            found += _parted(group, number, usual)
            group = []
        group.append(word)
    return found + _parted(group, number, usual)


def join_marks(found: Sequence[Line]) -> dict[int, Line | None]:
    """Replacements for lines, by `id`: the marks of list items are joined to their items.

    The item's replacement has the mark; that of the mark is None.
    """
    instead: dict[int, Line | None] = {}
    for mark in found:
        if len(mark.words) > 1 or not is_mark(mark.text):
            continue
        right = [one for one in found if one.is_beside(mark) and 0 <= one.x0 - mark.x1 < _FAR * one.size]
        if right:
            item = min(right, key=lambda one: one.x0)
            instead[id(item)], instead[id(mark)] = join_lines([mark, item]), None
    return instead


def join_lines(parts: Sequence[Line]) -> Line:
    """One line with the words of several."""
    return line([word for part in parts for word in part.words], parts[0].sheet)


def is_mark(text: str) -> bool:
    """Whether a word is the mark of a list item.

    >>> is_mark("•"), is_mark("12."), is_mark("1.2")
    (True, True, False)
    """
    if len(text) == 1:  # symbol fonts have bullets among control and private characters
        return text in _BULLETS or category(text) in ("Cc", "Co")
    return bool(_NUMBER.fullmatch(text))


def line(words: Iterable[Word], sheet: int) -> Line:
    """The line of one or more words."""
    words = tuple(words)
    weights: dict[tuple[float, bool, bool], int] = {}
    for word in words:
        style = (word.size, word.bold, word.fixed)
        weights[style] = weights.get(style, 0) + len(word.text)
    size, bold, fixed = max(weights, key=lambda style: weights[style])
    y = next(word.y for word in words if word.size == size)
    return Line(words, sheet, min(w.x0 for w in words), max(w.x1 for w in words), y, size, bold, fixed)


def _follows(group: Sequence[Word], word: Word) -> bool:
    """Whether a word is on the line of the group, to the right of it."""
    last, size = group[-1], max(group[-1].size, word.size)
    if word.x0 < last.x1 - 0.5 * size:
        return False
    level = max(group, key=lambda one: one.size)
    if abs(word.y - level.y) <= _SAME * size:
        return True
    is_small = word.size < 0.85 * level.size or level.size < 0.85 * word.size
    return is_small and abs(word.y - level.y) <= _RAISED * size and word.x0 - last.x1 <= 0.5 * size


def _parted(group: Sequence[Word], sheet: int, usual: float) -> list[Line]:
    """The words of a line split at gaps as wide as between columns; `usual` is the usual gap between words."""
    if not group:
        return []
    parts, part = [], [group[0]]
    for last, word in pairwise(group):
        gap = word.x0 - last.x1
        is_wide = gap > (_WIDE if word.after_space else _GAP) * word.size and gap > _LOOSER * usual
        if is_wide:
            parts.append(part)
            part = []
        part.append(word)
    parts.append(part)
    if len(parts) > 1 and len(parts[0]) == 1 and is_mark(parts[0][0].text):
        parts[:2] = [parts[0] + parts[1]]
    return [line(part, sheet) for part in parts]


_EDGE = 0.16  # share of a page's height at the top and the bottom in which furniture is
_OUTER = 3  # the most rows of furniture there
_NEAR = 3.0  # points
_NUMERAL = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)
_LONE = re.compile(r"\W*(?:[^\W\d]+\W+)?1(?:\W+(?:[^\W\d]+\W+)?1)?\W*")

_Place = tuple[bool, int]  # at the top, and the distance from the edge in steps of _NEAR


class _RepeatedLines:
    """Which pages have a text at which place, numbers disregarded, and which have any."""

    def __init__(self, pages: Sequence[Sequence[Line]], sheets: Sequence[Sheet]) -> None:
        self._pages = len(pages)
        self._with: defaultdict[tuple[_Place, str], set[int]] = defaultdict(set)
        self._at: defaultdict[_Place, set[int]] = defaultdict(set)
        self._titles: defaultdict[str, float] = defaultdict(float)  # the largest font size of each text
        for lines, sheet in zip(pages, sheets, strict=True):
            for one in lines:
                bare, place = _bare(one.text), _place(one, sheet)
                self._titles[bare] = max(self._titles[bare], _weight(one))
                self._with[place, _form(one.text)].add(one.sheet)
                self._at[place].add(one.sheet)

    def has(self, one: Line, place: _Place) -> bool:
        """Whether a line is furniture: it is on other pages too, except for numbers, or it repeats a larger title."""
        if self._pages == 1:
            return bool(_LONE.fullmatch(one.text))
        near = [(place[0], place[1] + shift) for shift in (-1, 0, 1)]
        form, bare = _form(one.text), _bare(one.text)
        if any(self._with.get((at, form), set()) - {one.sheet} for at in near):
            return True
        is_title = bool(bare) and self._titles[bare] > 1.05 * _weight(one)
        return is_title and any(len(self._at.get(at, ())) > 2 for at in near)


def furniture(pages: Sequence[Sequence[Line]], sheets: Sequence[Sheet]) -> set[int]:
    """The `id` of each line that is furniture; a row counts only if all its lines and all rows further out do."""
    known = _RepeatedLines(pages, sheets)
    taken: set[int] = set()
    for lines, sheet in zip(pages, sheets, strict=True):
        for is_above in (True, False):
            for level in _outer(lines, sheet, is_above):
                if not all(known.has(one, _place(one, sheet)) for one in level):
                    break
                taken |= {id(one) for one in level}
    return taken


def _place(one: Line, sheet: Sheet) -> _Place:
    is_above = one.y > sheet.height / 2
    return is_above, round((sheet.height - one.y if is_above else one.y) / _NEAR)


def _outer(lines: Sequence[Line], sheet: Sheet, is_above: bool) -> list[list[Line]]:
    """The outermost rows of a page on one side; lines on one base line are a row."""
    edge = _EDGE * sheet.height
    inside = [one for one in lines if (one.y > sheet.height - edge if is_above else one.y < edge)]
    levels: list[list[Line]] = []
    for one in sorted(inside, key=lambda each: each.y, reverse=is_above):
        if levels and levels[-1][0].is_beside(one):
            levels[-1].append(one)
        else:
            levels.append([one])
    return levels[:_OUTER]


def _weight(one: Line) -> float:
    return one.size * (1.1 if one.bold else 1.0)


def _form(text: str) -> str:
    return _NUMERAL.sub("#", text).casefold()


def _bare(text: str) -> str:
    return " ".join(_NUMERAL.sub(" ", text).split()).casefold()
