"""The blocks of a Markdown body as a reader would name them, found line by line: paragraphs, items, rows, headings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fetcher.report import tokens

PARAGRAPH, ITEM, ROW, HEADING, CODE = "paragraph", "list item", "row", "heading", "code block"
KINDS = (HEADING, PARAGRAPH, ITEM, ROW, CODE)

_BLANK = re.compile(r"[\s>]*")
_QUOTE = re.compile(r"(?:[ \t]{0,3}>)+[ \t]?")
_FENCE = re.compile(r"[ \t]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)?(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)")
_HEADING = re.compile(r"[ \t]{0,3}#{1,6}(?:\s|$)")
_UNDERLINE = re.compile(r"[ \t]{0,3}(?:=+|-+)[ \t]*")
_ITEM = re.compile(r"[ \t]*(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)")
_ROW = re.compile(r"[ \t]*\|")
_LONGEST_HEADING = 200


@dataclass(slots=True)
class Unit:
    """A block: `lines[start:end]` of its body, and the words of the nearest heading above it."""

    kind: str
    start: int
    end: int
    under: str


def outline(lines: Sequence[str]) -> list[Unit]:
    """The blocks of a body's lines, in order; blank lines, rules and the lines under heads are in none.

    >>> [(unit.kind, unit.start, unit.under) for unit in outline(["# A *b*", "", "text", "more", "- item", "| row |"])]
    [('heading', 0, ''), ('paragraph', 2, 'A b'), ('list item', 4, 'A b'), ('row', 5, 'A b')]
    """
    return _Reader(lines).units


def heading(lines: Sequence[str]) -> str:
    """The words of a heading's lines."""
    line = lines[0] if lines else ""
    return tokens.shown(line, tokens.read(line[: 2 * _LONGEST_HEADING])).rstrip("# ")[:_LONGEST_HEADING]


def _is_rule(line: str) -> bool:
    """Whether the line parts what is above it from what is below, in a table or in the text."""
    signs = set(line) - set(" \t\r")
    return (signs <= set("|:-") and "-" in signs) or (signs in ({"*"}, {"_"}) and sum(map(line.count, signs)) >= 3)


class _Reader:
    """One pass over the lines; `open` tells that the last unit goes on where a line starts nothing new."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.units: list[Unit] = []
        self._lines = lines
        self._under = ""
        self._open = False
        self._fence = ""
        for at, line in enumerate(lines):
            if self._fence:
                self._in_code(at, line)
            else:
                self._line(at, line)

    def _line(self, at: int, line: str) -> None:
        text = line[quote.end() :] if (quote := _QUOTE.match(line)) else line
        if _BLANK.fullmatch(text):
            self._open = False
        elif (fence := _FENCE.match(text)) and not ("`" in fence["fence"] and "`" in fence["info"]):
            self._fence = fence["fence"]
            self._begin(CODE, at)
        elif self._open and self.units[-1].kind == PARAGRAPH and _UNDERLINE.fullmatch(text):
            self._underline()
        elif _HEADING.match(text):
            self._begin(HEADING, at)
            self._title()
        elif _is_rule(text):
            self._open = False
        else:
            self._text(at, text)

    def _text(self, at: int, text: str) -> None:
        if _ROW.match(text):
            self._begin(ROW, at)
        elif _ITEM.match(text):
            self._begin(ITEM, at)
        elif self._open and self.units[-1].kind in (PARAGRAPH, ITEM):
            self.units[-1].end = at + 1
        else:
            self._begin(PARAGRAPH, at)

    def _begin(self, kind: str, at: int) -> None:
        self.units.append(Unit(kind, at, at + 1, self._under))
        self._open = True

    def _underline(self) -> None:
        self.units[-1].kind = HEADING
        self._title()

    def _title(self) -> None:
        unit = self.units[-1]
        self._under = heading(self._lines[unit.start : unit.end])
        self._open = False

    def _in_code(self, at: int, line: str) -> None:
        self.units[-1].end = at + 1
        text = line.strip(" \t>\r")
        if len(text) >= len(self._fence) and set(text) == {self._fence[0]}:
            self._fence = ""
            self._open = False
