"""Makes text safe to show in terminals, Markdown and browsers; knows a terminal's size, and colours text."""

from __future__ import annotations

import os
import re
import shutil
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import combining, east_asian_width

from fetcher.terms.outcomes import TROUBLES, WRITTEN, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO


class Screen(NamedTuple):
    """The size of a terminal, and whether it shows colours. The default, in which lines do not wrap, is for files."""

    lines: int = 40
    columns: int | None = None
    colours: bool = False

    def height(self, text: str) -> int:
        """The number of lines that a line of text takes on the screen.

        >>> Screen(24, 80).height("a" * 81), Screen(24, 80).height("日" * 40), Screen().height("a" * 81)
        (2, 1, 1)
        """
        return max(1, -(-_width(text) // self.columns)) if self.columns else 1


def say(text: str) -> None:
    """Write a line to standard output; errors are ignored, as nothing is lost if nobody reads it."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except (AttributeError, OSError, ValueError):  # no output, a full disk or a closed pipe, a closed file
        with suppress(AttributeError, OSError, ValueError):  # so that flushing at exit does not fail
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def screen_of(stream: TextIO | None) -> Screen:
    """The screen of a stream. Only terminals have colours, unless NO_COLOR is set (no-color.org)."""
    if not _is_terminal(stream):
        return Screen()
    size = shutil.get_terminal_size()
    colours = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Screen(size.lines, size.columns, colours)


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and not stream.closed and stream.isatty()


def _width(text: str) -> int:
    return sum(0 if combining(sign) else 1 + (east_asian_width(sign) in "WF") for sign in text)


_CODES = {"bold": 1, "dim": 2, "reverse": 7, "red": 31, "green": 32, "yellow": 33, "cyan": 36}
"""ANSI codes."""


def _colour(outcome: Outcome) -> str:
    if outcome in TROUBLES:
        return "red"
    if outcome in WRITTEN:
        return "green"
    return "none" if outcome is Outcome.UNCHANGED else "yellow"


COLOURS: Mapping[str, str] = {outcome: _colour(outcome) for outcome in Outcome}
"""Green: written; red: failed; yellow: a person should know."""


def painted(text: str, *colours: str) -> str:
    """The text with ANSI codes for colours; unchanged if there is none, or only an unknown one.

    >>> painted("gone", "yellow").encode(), painted("as it was", "none")
    (b'\\x1b[33mgone\\x1b[m', 'as it was')
    """
    codes = ";".join(str(_CODES[colour]) for colour in colours if colour in _CODES)
    return f"\x1b[{codes}m{text}\x1b[m" if codes and text else text


_OF_LINES = {"+++": "bold", "---": "bold", "diff": "bold", "@@": "cyan", "+": "green", "-": "red"}
"""The first characters of a line, the longest first, and its colour."""


def coloured(patch: str) -> str:
    """The patch with each line coloured by its first characters.

    >>> coloured("+new").encode()
    b'\\x1b[32m+new\\x1b[m'
    """
    return "\n".join(map(_coloured, patch.split("\n")))


def _coloured(line: str) -> str:
    return painted(line, next((colour for start, colour in _OF_LINES.items() if line.startswith(start)), "none"))


_SPACE = re.compile(r"\s+")
_BACKTICKS = re.compile("`+")


def printable(text: str, longest: int = 300) -> str:
    """The text on one line, for a terminal, with � for what could move the cursor, colour or reverse the text.

    >>> printable("a\\x1b[31mb\\nc")
    'a�[31mb c'
    """
    line = _SPACE.sub(" ", text[: 4 * longest]).strip()
    line = visible(line)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def visible(text: str) -> str:
    """The text with � for each character that could move the cursor, colour or reverse the text; a tab is a space."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else " " if sign == "\t" else "�" for sign in text)


def code(text: str) -> str:
    """The text as a Markdown code span, in which nothing is markup, a link or a mention of a person.

    >>> code("a ` b @someone")
    '`` a ` b @someone ``'
    """
    line = printable(text)
    runs = [len(run) for run in _BACKTICKS.findall(line)]
    if not runs:
        return f"`{line}`" if line else ""
    fence = "`" * (max(runs) + 1)
    return f"{fence} {line} {fence}"


def cell(text: str) -> str:
    """The text as a code span for a table cell, with ¦ for |, as renderers differ on how to escape that.

    >>> cell("a | b")
    '`a ¦ b`'
    """
    return code(text.replace("|", "¦"))


# Control characters other than tab and line feed; direction overrides, with which a text can pretend to be another;
# surrogates, which no file can have; and noncharacters.
_UNSHOWN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def for_browsers(text: str) -> str:
    """The text for a browser, with � for each character that is invisible or changes how others are shown.

    >>> for_browsers("a\\x1bb\\u202ec")
    'a�b�c'
    """
    return text if text.isascii() and text.isprintable() else _UNSHOWN.sub("�", text)
