"""What a stream can show: how much of it is seen at once, and outcomes and patches in colours."""

from __future__ import annotations

import os
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
    """So many lines of so many columns, None where lines do not wrap. The default is that of a file or a pipe."""

    lines: int = 40
    columns: int | None = None
    colours: bool = False

    def height(self, text: str) -> int:
        """The lines that one line of text takes.

        >>> Screen(24, 80).height("a" * 81), Screen(24, 80).height("日" * 40), Screen().height("a" * 81)
        (2, 1, 1)
        """
        return max(1, -(-_width(text) // self.columns)) if self.columns else 1


def say(text: str) -> None:
    """Write a line to standard output where somebody reads it: nothing is worse for one who does not."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except (AttributeError, OSError, ValueError):  # none, a full disk or a reader who has gone, closed
        with suppress(AttributeError, OSError, ValueError):  # else the end of the process tries again, and fails
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def screen_of(stream: TextIO | None) -> Screen:
    """The screen that a stream leads to. Colours are for terminals, unless NO_COLOR says otherwise (no-color.org)."""
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
"""As terminals count them."""


def _colour(outcome: Outcome) -> str:
    if outcome in TROUBLES:
        return "red"
    if outcome in WRITTEN:
        return "green"
    return "none" if outcome is Outcome.UNCHANGED else "yellow"


COLOURS: Mapping[str, str] = {outcome: _colour(outcome) for outcome in Outcome}
"""Green is written, red is troubled, yellow is for a person to know."""


def painted(text: str, *colours: str) -> str:
    """The text as a terminal shows it in colours; itself with none, or with one that is no colour.

    >>> painted("gone", "yellow").encode(), painted("as it was", "none")
    (b'\\x1b[33mgone\\x1b[m', 'as it was')
    """
    codes = ";".join(str(_CODES[colour]) for colour in colours if colour in _CODES)
    return f"\x1b[{codes}m{text}\x1b[m" if codes and text else text


_OF_LINES = {"+++": "bold", "---": "bold", "diff": "bold", "@@": "cyan", "+": "green", "-": "red"}
"""The beginning of a line, the longest first, and its colour."""


def coloured(patch: str) -> str:
    """The patch with each line coloured by its first sign.

    >>> coloured("+new").encode()
    b'\\x1b[32m+new\\x1b[m'
    """
    return "\n".join(map(_coloured, patch.split("\n")))


def _coloured(line: str) -> str:
    return painted(line, next((colour for start, colour in _OF_LINES.items() if line.startswith(start)), "none"))
