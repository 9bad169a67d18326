"""New links of a body pointed to files of the folder."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence

from fetcher.align import hunks
from fetcher.source.lines import tokens
from fetcher.source.local import parted

_FENCE = re.compile(r"[ \t>]*(?:[-*+][ \t]+)?(```|~~~)")


def pointed(old: str, new: str, find: Callable[[str], str | None]) -> str:
    """The new text, its links to pages that are seeds as paths; those that the old text has in that place stay.

    `find` gives the path for a link. Code is left alone.

    >>> pointed("One.", "One, see [two](/two).", {"/two": "two.md"}.get)
    'One, see [two](two.md).'
    """
    before, after = old.split("\n"), new.split("\n")
    code = set(_in_code(after))
    for hunk in hunks(before, after):
        known = {link for line in before[hunk.start_a : hunk.end_a] for _, link in map(parted, tokens(line)) if link}
        for at in range(hunk.start_b, hunk.end_b):
            if at not in code:
                after[at] = _pointed(after[at], known, find)
    return "\n".join(after)


def _pointed(line: str, known: Collection[str], find: Callable[[str], str | None]) -> str:
    parts, is_code = [], False
    for piece in tokens(line):
        is_code ^= piece == "`"
        before, link = parted(piece)
        path = find(link) if link and link not in known and not is_code else None
        parts.append(f"{before}{path}" if path else piece)
    return "".join(parts)


def _in_code(lines: Sequence[str]) -> Iterator[int]:
    """The lines of fenced code."""
    fence = ""
    for at, line in enumerate(lines):
        sign = _FENCE.match(line)
        if fence:
            yield at
            fence = "" if sign and sign[1] == fence else fence
        elif sign:
            fence = sign[1]
            yield at
