"""Finds the blocks around the changed lines of a Markdown body, and the words and link targets in each line.

Blocks (paragraphs, list items, table rows, headings, code) are found line by line, without parsing the whole body. Each
word or target has its span in the line.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

from fetcher.page.words import fold
from fetcher.report.changes import CODE, HEADING, ITEM, PARAGRAPH, ROW
from fetcher.seeds import frontmatter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
class Block:
    """A block: `lines[start:end]` of its body; `under` is the text of the nearest heading above it."""

    kind: str
    start: int
    end: int
    under: str


def split_front_matter(text: str) -> tuple[list[str], list[str]]:
    """The lines of the front matter, with its two delimiters, and those of the body, without line ends."""
    span = frontmatter.find(text)
    at = span.body if span else 0
    return _lines(text[:at]), _lines(text[at:])


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    if "\r" in text:
        lines = [line.removesuffix("\r") for line in lines]
    return lines if lines[-1] else lines[:-1]


def outline(lines: Sequence[str], spans: Iterable[tuple[int, int]]) -> list[Block]:
    """The blocks of a body in and around each span of lines, in order.

    A span is extended to the heading before the nearest one above, and to the heading below. Blank lines, thematic
    breaks and delimiter rows are in no block.

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
    """The numbers of the lines that are ATX headings outside code."""
    found = []
    fence = ""
    for at, line in enumerate(lines):
        fence = _after(fence, line)
        if not fence and "#" in line[:4] and _HEADING.match(line):
            found.append(at)
    return found


def heading(lines: Sequence[str]) -> str:
    """The text of a heading, given its lines."""
    line = lines[0] if lines else ""
    return text_of(line, read_tokens(line[: 2 * _LONGEST_HEADING])).rstrip("# ")[:_LONGEST_HEADING]


def _is_rule(line: str) -> bool:
    """Whether the line is a thematic break or a delimiter row."""
    if not _RULE.fullmatch(line):
        return False
    signs = set(line) - set(" \t\r")
    return (signs <= set("|:-") and "-" in signs) or (signs in ({"*"}, {"_"}) and sum(map(line.count, signs)) >= 3)


def _after(fence: str, line: str) -> str:
    """The fence of the code block that is open after a line, given the one open before it; empty if there is none."""
    if "```" not in line and "~~~" not in line:
        return fence
    if fence:
        text = line.strip(" \t>\r")
        return "" if len(text) >= len(fence) and set(text) == {fence[0]} else fence
    found = _FENCE.match(line, (quote.end() if (quote := _QUOTE.match(line)) else 0))
    return found["fence"] if found and not ("`" in found["fence"] and "`" in found["info"]) else ""


class _Reader:
    """Reads lines one by one; `_open` tells that the last block goes on if the next line does not begin another."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.units: list[Block] = []
        self._lines = lines
        self._read = 0
        self._under = ""
        self._open = False
        self._fence = ""

    def read(self, start: int, end: int) -> None:
        """Reads the lines from `start` to before `end`; `start` is a heading, or the first unread line."""
        for at in range(max(start, self._read), end):
            line = self._lines[at]
            if self._fence:
                self._in_code(at, line)
            elif not line:
                self._open = False
            elif line[0].isalpha():  # text only
                self._go_on(at)
            elif line.startswith(("- ", "* ")) and line[2:3].isalpha():  # no thematic break, and no fence
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
        self.units.append(Block(kind, at, at + 1, self._under))
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


# Scripts written without spaces: every character is a word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_LETTERS = rf"[^\W_{_UNSPACED}]+"
_WORD = rf"{_LETTERS}(?:[.,:'’/@_+-]{_LETTERS}){{0,40}}%?"  # 3.5, don't, v2.1, 12:30, 20%
_CODE = re.compile(rf"[$€£¥]?{_WORD}|[{_UNSPACED}]|[^\w\s]|_")
_TOKEN = re.compile(
    rf"""
      \]\(\s*<?(?P<target>[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)[^()]{{0,300}}\)   # the rest of a link or an image
    | \\(?P<escaped>[$]{_WORD}|[!-/:-@\[-`{{-~])
    | </?[a-zA-Z][\w-]*(?:\s[^<>]{{0,1000}})?/?>                                      # a tag; an autolink has a colon
    | (?P<entity>&(?:\#\d{{1,7}}|\#[xX][0-9a-fA-F]{{1,6}}|[a-zA-Z]\w{{1,30}});)
    | (?P<word>https?://[^\s<>)\]]+|[$€£¥]?{_WORD}|[{_UNSPACED}])
    | [*`~|\[<>_\\]+ | \] | !(?=\[)                                                   # markup
    | (?P<sign>[^\w\s])
    """,
    re.VERBOSE,
)
# What is before the text of a line: `>`, a list marker with its task box, the `#` of a heading.
_START = re.compile(r"[ \t>]*(?:#{1,6}(?=\s|$)|(?:[-+*]|\d{1,9}[.)])(?=\s|$)(?:[ \t]+\[[ xX]\](?=\s))?)?[ \t>]*")


class Token(NamedTuple):
    """`line[start:end]`: a word or a punctuation character as it reads, or the target of a link.

    Typographic quotes, dashes and the like are plain in `text`.
    """

    text: str
    start: int
    end: int
    link: bool = False


def read_tokens(line: str) -> list[Token]:
    """The words, punctuation and link targets of a line, in order, without markup.

    >>> [token.text for token in read_tokens("## It costs \\\\$4, [see *fees*](/f)")]
    ['It', 'costs', '$4', ',', 'see', 'fees', '/f']
    """
    start = _START.match(line)
    return [token for match in _TOKEN.finditer(line, start.end() if start else 0) if (token := _token(match))]


def read_code(line: str) -> list[Token]:
    """The words and punctuation of a line of code, in which nothing is markup."""
    return [Token(match[0], *match.span()) for match in _CODE.finditer(line)]


def text_of(line: str, tokens: Sequence[Token]) -> str:
    """The text of a line's tokens, without link targets, with a space where there is white space in the line.

    >>> line = "It costs **\\\\$4**, [see](/f)."
    >>> text_of(line, read_tokens(line)), text_of("“No”", read_tokens("“No”"))
    ('It costs $4, see.', '“No”')
    """
    parts: list[str] = []
    last = 0
    for token in tokens:
        if not token.link:
            apart = parts and any(map(str.isspace, line[last : token.start]))
            parts.append(f" {_as_written(line, token)}" if apart else _as_written(line, token))
        last = token.end
    return "".join(parts)


def _as_written(line: str, token: Token) -> str:
    """A token as it is in the line, with typographic quotes and dashes."""
    raw = line[token.start : token.end]
    if raw == token.text:
        return raw
    written = unescape(raw) if raw.startswith("&") else raw
    return "".join(filter(str.isprintable, written))


def _token(match: re.Match[str]) -> Token | None:
    name = match.lastgroup
    if name == "word" and match[0].isascii():  # like most
        return Token(fold(match[0]), *match.span())
    if not name or not match[name]:
        return None
    text = match[name] if name == "target" else fold(unescape(match[name]) if name == "entity" else match[name])
    return Token(text, *match.span(name), link=name == "target") if text.strip() else None  # else zero-width
