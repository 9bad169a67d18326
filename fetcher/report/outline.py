"""The blocks of a Markdown body as a reader would name them, found line by line: paragraphs, items, rows, headings."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fetcher.report import tokens

PARAGRAPH, ITEM, ROW, HEADING, CODE = "paragraph", "list item", "row", "heading", "code block"
KINDS = (HEADING, PARAGRAPH, ITEM, ROW, CODE)

_BLANK = re.compile(r"[\s>]*")
_QUOTE = re.compile(r"(?:[ \t]{0,3}>)+[ \t]?")
_FENCE = re.compile(r"[ \t]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)?(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)")
_HEADING = re.compile(r"[ \t]{0,3}#{1,6}(?:\s|$)")
_UNDERLINE = re.compile(r"[ \t]{0,3}(?:=+|-+)[ \t]*")
_RULE = re.compile(r"[ \t\r|:*_-]*")
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


def outline(lines: Sequence[str], spans: Iterable[tuple[int, int]]) -> list[Unit]:
    """The blocks of a body in and around each of the spans, from a line to before another, in order.

    Around are the section above, for its heading, and the heading below. Blank lines, rules and the lines under heads
    are in no block.

    >>> lines = ["# A *b*", "", "text", "more", "- item", "| row |"]
    >>> [(unit.kind, unit.start, unit.under) for unit in outline(lines, [(3, 4)])]
    [('heading', 0, ''), ('paragraph', 2, 'A b'), ('list item', 4, 'A b'), ('row', 5, 'A b')]
    """
    heads = _heads(lines)
    reader = _Reader(lines)
    for start, end in spans:
        above, below = bisect_left(heads, start) - 2, bisect_left(heads, end)
        reader.read(heads[above] if above >= 0 else 0, heads[below] + 1 if below < len(heads) else len(lines))
    return reader.units


def _heads(lines: Sequence[str]) -> list[int]:
    """The numbers of lines that are headings by themselves, whatever stands around them but for code."""
    found = []
    fence = ""
    for at, line in enumerate(lines):
        fence = _after(fence, line)
        if not fence and "#" in line[:4] and _HEADING.match(line):
            found.append(at)
    return found


def heading(lines: Sequence[str]) -> str:
    """The words of a heading's lines."""
    line = lines[0] if lines else ""
    return tokens.shown(line, tokens.read(line[: 2 * _LONGEST_HEADING])).rstrip("# ")[:_LONGEST_HEADING]


def _is_rule(line: str) -> bool:
    """Whether the line parts what is above it from what is below, in a table or in the text."""
    if not _RULE.fullmatch(line):
        return False
    signs = set(line) - set(" \t\r")
    return (signs <= set("|:-") and "-" in signs) or (signs in ({"*"}, {"_"}) and sum(map(line.count, signs)) >= 3)


def _after(fence: str, line: str) -> str:
    """The fence of the code block that lines are in after a line that may begin or end one; empty where in none."""
    if "```" not in line and "~~~" not in line:
        return fence
    if fence:
        text = line.strip(" \t>\r")
        return "" if len(text) >= len(fence) and set(text) == {fence[0]} else fence
    found = _FENCE.match(line, (quote.end() if (quote := _QUOTE.match(line)) else 0))
    return found["fence"] if found and not ("`" in found["fence"] and "`" in found["info"]) else ""


class _Reader:
    """Reads lines one after the other; `_open` tells that the last unit goes on where a line starts nothing new."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.units: list[Unit] = []
        self._lines = lines
        self._read = 0
        self._under = ""
        self._open = False
        self._fence = ""

    def read(self, start: int, end: int) -> None:
        """Reads on from the line `start`, a heading unless all above it were read, to before `end`."""
        for at in range(max(start, self._read), end):
            line = self._lines[at]
            if self._fence:
                self._in_code(at, line)
            elif not line:
                self._open = False
            elif line[0].isalpha():  # the start of nothing but text
                self._go_on(at)
            elif line.startswith(("- ", "* ")) and line[2:3].isalpha():  # no rule, and no fence
                self._begin(ITEM, at)
            else:
                self._line(at, line)
        self._read = max(end, self._read)

    def _line(self, at: int, line: str) -> None:
        text = line[quote.end() :] if (quote := _QUOTE.match(line)) else line
        if _BLANK.fullmatch(text):
            self._open = False
        elif fence := _after("", line):
            self._fence = fence
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
        else:
            self._go_on(at)

    def _go_on(self, at: int) -> None:
        if self._open and self.units[-1].kind in (PARAGRAPH, ITEM):
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
        self._fence = _after(self._fence, line)
        self._open = bool(self._fence)
