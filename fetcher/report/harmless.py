"""Text of pages, paths and servers made harmless for where it is shown."""

from __future__ import annotations

import re

_SPACE = re.compile(r"\s+")
_BACKTICKS = re.compile("`+")


def printable(text: str, longest: int = 300) -> str:
    """The text on one line, for a terminal: what could move the cursor, colour or turn the text is shown as �.

    >>> printable("a\\x1b[31mb\\nc")
    'a�[31mb c'
    """
    line = _SPACE.sub(" ", text[: 4 * longest]).strip()
    line = visible(line)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def visible(text: str) -> str:
    """The text, sign for sign, with what could move the cursor, colour or turn the text as �; a tab is a space."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else " " if sign == "\t" else "�" for sign in text)


def code(text: str) -> str:
    """The text as a code span of Markdown, in which it can be no markup, no link and no mention of a person.

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
    """The text as a code span in a table's cell, where renderers differ on how a | that ends no cell is to be written.

    >>> cell("a | b")
    '`a ¦ b`'
    """
    return code(text.replace("|", "¦"))


# Controls, of which tab and line feed alone mean something; signs that turn the direction of what follows, in which
# a text can pretend to be another; halves of signs, which no file can hold; and what is no sign at all.
_UNSHOWN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def for_browsers(text: str) -> str:
    """The text as a browser may show it, � for each sign that would not be seen or would change how others are seen.

    >>> for_browsers("a\\x1bb\\u202ec")
    'a�b�c'
    """
    return text if text.isascii() and text.isprintable() else _UNSHOWN.sub("�", text)
