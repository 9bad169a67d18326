"""Reads the words of a PDF with their places and fonts, by pypdfium2, and what is drawn between them."""

from __future__ import annotations

import re
from collections import Counter
from ctypes import byref, c_double, c_int, c_ulong, create_string_buffer
from math import hypot
from typing import TYPE_CHECKING, NamedTuple

import pypdfium2.raw as pdfium

from fetcher.documents.drawing import Drawing, Rotation, Rule
from fetcher.terms.reading_failures import DAMAGED, ENCRYPTED, OVERLONG, SCANNED, DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

MOST_PAGES = 2_000
"""The most pages of a document."""

_MOST_SIGNS = 4_000_000  # characters of a document; the longest laws and manuals have two million
_MOST_LINKS = 10_000  # of a page
_FEW = 5  # words a page; a document with fewer and with pictures is a scan
_SAMPLE = 50  # characters that tell how a page is rotated
_NAME = 128  # bytes of a font's name
_BOLD = re.compile(r"bold|black|heavy|demi|(?:^|\+)(?:cm|sf|ec|lm)[a-z]*bx|nimbus.*medi", re.IGNORECASE)
_FIXED = re.compile(r"mono|courier|consol|typewriter|code|(?:^|\+)(?:cm|sf|ec|lm)tt", re.IGNORECASE)
_IS_FIXED, _IS_BOLD = 1, 1 << 18  # flags of a font (ISO 32000-1, 9.8.2)
_HEAVY = 650  # weight of a font
# Ligatures in TeX's encoding T1, for fonts that do not map their glyphs to Unicode.
_LIGATURES = {0x1B: "ff", 0x1C: "fi", 0x1D: "fl", 0x1E: "ffi", 0x1F: "ffl"}
_HYPHEN = 2  # the library's character for a hyphen at the end of a line
_BREAKS = frozenset({0, 9, 10, 13, 32, 0xA0, 0xFEFF, 0xFFFE, 0xFFFF})
_ERRORS = {pdfium.FPDF_ERR_PASSWORD: ENCRYPTED, pdfium.FPDF_ERR_SECURITY: ENCRYPTED}


class Word(NamedTuple):
    """Characters without white space, from `x0` to `x1` on the base line `y`, which grows upwards.

    `after_space`: the document has a space character before it, not only a gap.
    """

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    fixed: bool
    after_space: bool
    link: str = ""


class Sheet(NamedTuple):
    """A page, rotated so that its text is level: words in document order, rules, dots (possible bullets), and its size.

    `has_picture`: a picture covers most of it.
    """

    words: list[Word]
    rules: list[Rule]
    dots: list[tuple[float, float]]
    width: float
    height: float
    has_picture: bool


class Pdf(NamedTuple):
    """The pages of a document, and the title in its metadata."""

    sheets: list[Sheet]
    title: str


def read(data: bytes) -> Pdf:
    """The content of a PDF; raises DocumentError if it cannot be read."""
    document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    if not document:
        raise DocumentError(_ERRORS.get(pdfium.FPDF_GetLastError(), DAMAGED))
    try:
        count = pdfium.FPDF_GetPageCount(document)
        if count > MOST_PAGES:
            raise DocumentError(OVERLONG)
        found = Pdf(_sheets(document, count), _title(document))
    finally:
        pdfium.FPDF_CloseDocument(document)
    words = sum(len(sheet.words) for sheet in found.sheets)
    if words < _FEW * len(found.sheets) and any(sheet.has_picture for sheet in found.sheets):
        raise DocumentError(SCANNED)
    return found


def _sheets(document: Any, count: int) -> list[Sheet]:
    sheets, room = [], _MOST_SIGNS
    for number in range(count):
        page = pdfium.FPDF_LoadPage(document, number)
        if not page:
            continue
        text = pdfium.FPDFText_LoadPage(page)
        try:
            room -= max(0, pdfium.FPDFText_CountChars(text))
            if room < 0:
                raise DocumentError(OVERLONG)
            sheets.append(_sheet(document, page, text))
        finally:
            pdfium.FPDFText_ClosePage(text)
            pdfium.FPDF_ClosePage(page)
    return sheets


def _sheet(document: Any, page: Any, text: Any) -> Sheet:
    box = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, byref(box))
    turn = Rotation(_quarters(text), box.left, box.bottom, box.right, box.top)
    drawing = Drawing(turn)
    drawing.read(page)
    words = list(_Words(text, _links(document, page, turn), turn).read())
    if turn.quarters:  # the library has ordered the words for a page that is not rotated
        words.sort(key=lambda word: (-round(word.y), word.x0))
    return Sheet(words, drawing.rules, drawing.dots, turn.width, turn.height, drawing.has_picture)


def _quarters(text: Any) -> int:
    """By how many quarter turns most of a page's text is rotated counterclockwise."""
    matrix, count = pdfium.FS_MATRIX(), pdfium.FPDFText_CountChars(text)
    found: Counter[int] = Counter()
    for at in range(0, count, max(1, count // _SAMPLE)):
        if pdfium.FPDFText_GetUnicode(text, at) not in _BREAKS and pdfium.FPDFText_GetMatrix(text, at, byref(matrix)):
            found[_direction(matrix)] += 1
    return found.most_common(1)[0][0] if found else 0


def _direction(matrix: Any) -> int:
    if abs(matrix.a) >= abs(matrix.b):
        return 0 if matrix.a >= 0 else 2
    return 1 if matrix.b > 0 else 3


class _Style(NamedTuple):
    size: float
    bold: bool
    fixed: bool


class _Words:
    """Reads the characters of a page and groups them into words."""

    def __init__(self, text: Any, links: list[tuple[Rule, str]], turn: Rotation) -> None:
        self._text = text
        self._links = links
        self._turn = turn
        self._box = pdfium.FS_RECTF()
        self._matrix = pdfium.FS_MATRIX()
        self._name = create_string_buffer(_NAME)
        self._signs: list[str] = []
        self._from = self._to = self._y = 0.0
        self._style = _Style(0, bold=False, fixed=False)
        self._after_space = True

    def read(self) -> Iterator[Word]:
        """The words of the page."""
        text, box, x, y, last, turn = self._text, self._box, c_double(), c_double(), 0.0, self._turn
        for at in range(pdfium.FPDFText_CountChars(text)):
            sign = pdfium.FPDFText_GetUnicode(text, at)
            if sign in _BREAKS:
                yield from self._ended()
                self._after_space = pdfium.FPDFText_IsGenerated(text, at) != 1
                continue
            pdfium.FPDFText_GetLooseCharBox(text, at, byref(box))
            pdfium.FPDFText_GetCharOrigin(text, at, byref(x), byref(y))
            level = turn.point(x.value, y.value)[1]
            start, end = turn.span(box.left, box.bottom, box.right, box.top)
            if self._signs and self._is_apart(start, level, last):
                yield from self._ended()
                self._after_space = False
            if not self._signs:
                self._style, self._y, self._from = self._styled(at), level, start
            self._signs.append(_LIGATURES.get(sign) or ("\u00ad" if sign == _HYPHEN else _sign(sign)))
            self._to, last = end, start
        yield from self._ended()

    def _is_apart(self, x0: float, y: float, last: float) -> bool:
        """Whether a character at this place begins a new word; `last` is where the one before began.

        Both letters of a ligature have the same place.
        """
        size = self._style.size or 1.0
        return abs(y - self._y) > 0.6 * size or x0 < last - 0.5 * size or x0 > self._to + 0.5 * size

    def _ended(self) -> Iterator[Word]:
        text = "".join(self._signs).encode("utf-16", "surrogatepass").decode("utf-16", "ignore").strip()
        self._signs.clear()
        style = self._style
        if text:
            middle, link = (self._from + self._to) / 2, ""
            if self._links:
                link = _link_at(self._links, middle, self._y + style.size / 4)
            yield Word(
                text, self._from, self._to, self._y, style.size, style.bold, style.fixed, self._after_space, link
            )
            self._after_space = False

    def _styled(self, at: int) -> _Style:
        matrix, flags = self._matrix, c_int()
        pdfium.FPDFText_GetMatrix(self._text, at, byref(matrix))
        pdfium.FPDFText_GetFontInfo(self._text, at, self._name, _NAME, byref(flags))
        name = self._name.value.decode(errors="replace")
        size = pdfium.FPDFText_GetFontSize(self._text, at) * (hypot(matrix.c, matrix.d) or 1.0)
        bold = bool(flags.value & _IS_BOLD or _BOLD.search(name))
        bold = bold or pdfium.FPDFText_GetFontWeight(self._text, at) >= _HEAVY
        fixed = bool(flags.value & _IS_FIXED or _FIXED.search(name))
        return _Style(round(size, 1), bold, fixed)


def _sign(code: int) -> str:
    return chr(code) if code >= 32 else ""  # characters beyond 16 bits come as surrogate pairs


def _link_at(links: list[tuple[Rule, str]], x: float, y: float) -> str:
    return next((to for at, to in links if at.x0 <= x <= at.x1 and at.y0 <= y <= at.y1), "")


def _links(document: Any, page: Any, turn: Rotation) -> list[tuple[Rule, str]]:
    """The areas of a page that link to a web or mail address, with the address."""
    found: list[tuple[Rule, str]] = []
    at, link, box = c_int(0), pdfium.FPDF_LINK(), pdfium.FS_RECTF()
    while len(found) < _MOST_LINKS and pdfium.FPDFLink_Enumerate(page, byref(at), byref(link)):
        action = pdfium.FPDFLink_GetAction(link)
        if not action or not pdfium.FPDFLink_GetAnnotRect(link, byref(box)):
            continue
        size = pdfium.FPDFAction_GetURIPath(document, action, None, 0)
        held = create_string_buffer(min(size, 4096))
        pdfium.FPDFAction_GetURIPath(document, action, held, len(held))
        address = held.value.decode(errors="replace")
        if address.lower().startswith(("http://", "https://", "mailto:")):
            found.append((turn.box(box.left, box.bottom, box.right, box.top), address))
    return found


def _title(document: Any) -> str:
    size = min(pdfium.FPDF_GetMetaText(document, b"Title", None, c_ulong(0)), 2048)
    held = create_string_buffer(size or 2)
    pdfium.FPDF_GetMetaText(document, b"Title", held, c_ulong(size))
    return " ".join(held.raw.decode("utf-16-le", errors="replace").replace("\0", "").split())
