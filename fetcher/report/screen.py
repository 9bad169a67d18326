"""What a stream can show: how much of it is seen at once, and whether in colours."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import combining, east_asian_width

if TYPE_CHECKING:
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


def screen_of(stream: TextIO) -> Screen:
    """The screen that a stream leads to. Colours are for terminals, unless NO_COLOR says otherwise (no-color.org)."""
    if not stream.isatty():
        return Screen()
    size = shutil.get_terminal_size()
    colours = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Screen(size.lines, size.columns, colours)


def _width(text: str) -> int:
    return sum(0 if combining(sign) else 1 + (east_asian_width(sign) in "WF") for sign in text)
