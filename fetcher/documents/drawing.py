"""Collects what is drawn on a PDF page besides text (rules, dots, pictures), with coordinates as the page is read."""

from __future__ import annotations

from ctypes import byref
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import pypdfium2.raw as pdfium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_MOST_POINTS = 20_000  # of all paths on a page; a map has more, and no tables
_DEEPEST = 4  # levels of nested form objects to search
_THIN = 3.0  # points; a thicker line is not a rule


class Rule(NamedTuple):
    """A straight line, from left to right or from bottom to top; or a box."""

    x0: float
    y0: float
    x1: float
    y1: float


class Rotation(NamedTuple):
    """A page that is rotated clockwise by so many quarters to be read, and its edges before that."""

    quarters: int
    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """The width of the rotated page."""
        return self.top - self.bottom if self.quarters % 2 else self.right - self.left

    @property
    def height(self) -> float:
        """The height of the rotated page."""
        return self.right - self.left if self.quarters % 2 else self.top - self.bottom

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point on the rotated page, from its left and bottom edges."""
        if self.quarters == 0:
            return x - self.left, y - self.bottom
        if self.quarters == 1:
            return y - self.bottom, self.right - x
        return (self.right - x, self.top - y) if self.quarters == 2 else (self.top - y, x - self.left)

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Rule:
        """A box on the rotated page."""
        (a, b), (c, d) = self.point(x0, y0), self.point(x1, y1)
        return Rule(min(a, c), min(b, d), max(a, c), max(b, d))

    def span(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float]:
        """The left and right ends of a box on the rotated page."""
        if self.quarters == 0:  # fast path: this is called for each character, and most pages are not rotated
            return x0 - self.left, x1 - self.left
        found = self.box(x0, y0, x1, y1)
        return found.x0, found.x1


class Drawing:
    """The rules and dots drawn on a page, and whether a picture covers most of it."""

    def __init__(self, turn: Rotation) -> None:
        self.rules: list[Rule] = []
        self.dots: list[tuple[float, float]] = []
        self.has_picture = False
        self._turn = turn
        self._room = _MOST_POINTS

    def read(self, page: Any) -> None:
        """Collect all that is drawn on a page."""
        for at in range(max(0, pdfium.FPDFPage_CountObjects(page))):
            self._object(pdfium.FPDFPage_GetObject(page, at), (), 0)

    def _object(self, drawn: Any, outer: tuple[Any, ...], depth: int) -> None:
        kind = pdfium.FPDFPageObj_GetType(drawn)
        if self._room <= 0 or kind == pdfium.FPDF_PAGEOBJ_TEXT:
            return
        matrix = pdfium.FS_MATRIX()
        pdfium.FPDFPageObj_GetMatrix(drawn, byref(matrix))
        through = (matrix, *outer)
        if kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
            for at in range(max(0, pdfium.FPDFFormObj_CountObjects(drawn))):
                self._object(pdfium.FPDFFormObj_GetObject(drawn, at), through, depth + 1)
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            self.has_picture = (
                self.has_picture
                or abs(matrix.a * matrix.d - matrix.b * matrix.c) > self._turn.width * self._turn.height / 2
            )
        elif kind == pdfium.FPDF_PAGEOBJ_PATH:
            self._path(drawn, through)

    def _path(self, path: Any, through: tuple[Any, ...]) -> None:
        points = list(self._points(path, through))
        if len(points) < 2:
            return
        (left, right), (low, high) = ((min(axis), max(axis)) for axis in zip(*points, strict=True))
        if min(right - left, high - low) <= _THIN < max(right - left, high - low):
            is_flat = right - left > high - low
            x, y = (left + right) / 2, (low + high) / 2
            self.rules.append(Rule(left, y, right, y) if is_flat else Rule(x, low, x, high))
        elif right - left <= 2 * _THIN and high - low <= 2 * _THIN:
            self.dots.append(((left + right) / 2, (low + high) / 2))
        else:
            self._edges(points)

    def _edges(self, points: list[tuple[float, float]]) -> None:
        for (x0, y0), (x1, y1) in pairwise(points):
            is_flat, is_steep = abs(y1 - y0) < 0.5, abs(x1 - x0) < 0.5
            if is_flat != is_steep:
                self.rules.append(Rule(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))

    def _points(self, path: Any, through: tuple[Any, ...]) -> Iterator[tuple[float, float]]:
        x, y = pdfium.c_float(), pdfium.c_float()
        count = max(0, pdfium.FPDFPath_CountSegments(path))
        self._room -= count
        first = None
        for at in range(count if self._room > 0 else 0):
            segment = pdfium.FPDFPath_GetPathSegment(path, at)
            pdfium.FPDFPathSegment_GetPoint(segment, byref(x), byref(y))
            place = x.value, y.value
            for matrix in through:
                place = (
                    matrix.a * place[0] + matrix.c * place[1] + matrix.e,
                    matrix.b * place[0] + matrix.d * place[1] + matrix.f,
                )
            place = self._turn.point(*place)
            first = first or place
            yield place
            if pdfium.FPDFPathSegment_GetClose(segment):
                yield first
