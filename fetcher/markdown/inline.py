"""A line with marks as finished Markdown: a heading's text, a table's cell, a paragraph."""

import re
import textwrap

from fetcher.markdown.dialect import Dialect
from fetcher.markdown.emphasis import emphasis
from fetcher.markdown.escapes import Escaper
from fetcher.markdown.marks import BREAK, CODE, END, HOLD, MARKS, RAW

_PLAIN_SIGNS = rf"[^{MARKS}\\`*_~<&!\[\]:w]*"
_PLAIN_LINE = re.compile(rf"{_PLAIN_SIGNS}(?:w(?!ww\.){_PLAIN_SIGNS})*")
_SPACES = re.compile(rf"({RAW}[^{END}]*{END})|[ {BREAK}]*{BREAK}[ {BREAK}]*| {{2,}}")


def flat(line: str, dialect: Dialect) -> str:
    """The line as Markdown without line breaks: a heading's text, a table's cell."""
    return _finish(line.replace(BREAK, " "), dialect).replace(HOLD, " ")


def heading(line: str, dialect: Dialect, level: int) -> str:
    """The line as a heading's text, without what would end it (`# C #`) or, above an underline, change it."""
    text = flat(line, dialect)
    if dialect.heading == "underlined" and level < 3:
        return safe_start(text)
    return re.sub(r"(?:^|(?<=\s))(?=#+$)", "\\\\", text)


def paragraph(line: str, dialect: Dialect, width: int) -> str:
    """The line as a paragraph, safe at the start of every line; `width` columns wide where the dialect wraps."""
    ends = {"\\": "\\\n", "  ": "  \n", "<br>": "<br>\n"}[dialect.hard_break]
    parts = _finish(line, dialect).split(BREAK)
    if dialect.numbered:
        parts = [_LETTERED.sub(r"\\(\1\\)", part) for part in parts]
    lines = [_wrap(part, width) if dialect.wrap else safe_start(part) for part in parts]
    return ends.join(lines)


def _finish(line: str, dialect: Dialect) -> str:
    if "  " in line or BREAK in line:
        line = _SPACES.sub(_space, line)
    line = line.strip(f" {BREAK}")
    if not dialect.escapes and _PLAIN_LINE.fullmatch(line):
        return line
    return Escaper(emphasis(line, dialect).replace(CODE + CODE, ""), dialect).line()


def _space(match: re.Match[str]) -> str:
    return match[1] or (BREAK if BREAK in match[0] else " ")


_START = re.compile(r"(?:#{1,6}(?=[ \t]|$)|[-+](?=[ \t]|$)|>|=+\s*$|~~~|\[[ xX]\](?=\s)|[|:-][|:\s-]*$)")
_LETTERED = re.compile(r"^\((\w{1,4})\)(?=\s)")
_NUMBER = re.compile(r"(\d{1,9})([.)](?=[ \t]|$))")


def safe_start(line: str) -> str:
    """The line with its first sign escaped if that would make it a heading, a list, a quote, a rule or a table."""
    if _START.match(line):
        return "\\" + line
    return _NUMBER.sub(r"\1\\\2", line, count=1) if _NUMBER.match(line) else line


def _wrap(part: str, width: int) -> str:
    lines = textwrap.wrap(part, max(width, 20), break_long_words=False, break_on_hyphens=False)
    return "\n".join(map(safe_start, lines)).replace(HOLD, " ")
