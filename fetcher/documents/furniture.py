"""What stands on each page of a PDF beside its text: running heads and feet, numbers of pages."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetcher.documents.lines import Line
    from fetcher.documents.pdf import Sheet

_EDGE = 0.16  # of a page's height, above and below, in which furniture stands
_OUTER = 3  # levels of lines there that may be furniture
_NEAR = 3.0  # points
_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)
_LONE = re.compile(r"\W*(?:[^\W\d]+\W+)?1(?:\W+(?:[^\W\d]+\W+)?1)?\W*")

_Place = tuple[bool, int]  # above or below, and how far from the edge


class _Known:
    """What the pages of a document have at which place: which pages have a form of text there, and which have any."""

    def __init__(self, pages: Sequence[Sequence[Line]], sheets: Sequence[Sheet]) -> None:
        self._pages = len(pages)
        self._with: defaultdict[tuple[_Place, str], set[int]] = defaultdict(set)
        self._at: defaultdict[_Place, set[int]] = defaultdict(set)
        self._titles: defaultdict[str, float] = defaultdict(float)  # the largest type of a text
        for lines, sheet in zip(pages, sheets, strict=True):
            for one in lines:
                bare, place = _bare(one.text), _place(one, sheet)
                self._titles[bare] = max(self._titles[bare], _weight(one))
                self._with[place, _form(one.text)].add(one.sheet)
                self._at[place].add(one.sheet)

    def has(self, one: Line, place: _Place) -> bool:
        """Whether a line is on other pages too, but for numbers, or names a section where others do, or the page."""
        if self._pages == 1:
            return bool(_LONE.fullmatch(one.text))
        near = [(place[0], place[1] + shift) for shift in (-1, 0, 1)]
        form, bare = _form(one.text), _bare(one.text)
        if any(self._with.get((at, form), set()) - {one.sheet} for at in near):
            return True
        is_title = bool(bare) and self._titles[bare] > 1.05 * _weight(one)
        return is_title and any(len(self._at.get(at, ())) > 2 for at in near)


def furniture(pages: Sequence[Sequence[Line]], sheets: Sequence[Sheet]) -> set[int]:
    """The `id` of each line that is furniture: so are all others beside it, and those further out."""
    known = _Known(pages, sheets)
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
    """The outermost lines of a page on one side, those on one base line together."""
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
    return _NUMBER.sub("#", text).casefold()


def _bare(text: str) -> str:
    return " ".join(_NUMBER.sub(" ", text).split()).casefold()
