"""Parts of two Markdown bodies, from heading to heading, that are rendered by themselves as within the whole."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from fetcher.report.patch import Change

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HEADING = re.compile(r"#{1,6}(?:[ \t]|$)")
_FENCE = re.compile(r"(`{3,})[^`]*|(~{3,}).*")
_INDENTED_FENCE = re.compile(r" {1,3}(?:```|~~~)")  # of an item of a list, or by itself
_HTML = re.compile(r" {0,3}<")  # or an autolink
_SIGNS = "#`~ <"  # with which a line begins that any of these match
_REFERRED_TO = "]:"  # what links and notes elsewhere refer to


class Part(NamedTuple):
    """Lines of both bodies, and what changes in them, counted from the first of these lines."""

    old: Sequence[str]
    new: Sequence[str]
    changes: Sequence[Change]


def parts(old: Sequence[str], new: Sequence[str], changes: Sequence[Change]) -> Iterator[Part]:
    """The parts of two bodies in which their changes stand, in order, each with the headings above and below."""
    heads, new_heads = headings(old), set(headings(new))
    start = new_start = 0
    inside: list[Change] = []
    end = Change(len(old), len(old), len(new), len(new))
    for last, following in pairwise([Change(0, 0, 0, 0), *changes, end]):
        shift = last.new_end - last.end
        same = heads[bisect_left(heads, last.end) : bisect_left(heads, following.start)]
        if both := [line for line in same if line + shift in new_heads]:
            if inside:
                below = both[0] + 1
                yield Part(old[start:below], new[new_start : below + shift], _from(start, new_start, inside))
            start, new_start, inside = both[-1], both[-1] + shift, []
        inside.append(following)
    if inside := inside[:-1]:
        yield Part(old[start:], new[new_start:], _from(start, new_start, inside))


def headings(lines: Sequence[str]) -> list[int]:
    """The numbers of lines that are headings, whatever stands above them; none where that takes more than a glance.

    A heading at the start of a line ends every list and quote. Only the code between two fences and raw HTML go on, and
    what refers to elsewhere reads otherwise without that.

    >>> headings(["# A", "```", "# no heading", "```", "- item", "# B"])
    [0, 5]
    """
    found = []
    fence = ""
    matter = ((at, line) for at, line in enumerate(lines) if line and (line[0] in _SIGNS or _REFERRED_TO in line))
    for at, line in matter:
        if _INDENTED_FENCE.match(line):
            return []
        if fence:
            if line.startswith(fence) and not line.lstrip(fence[0]).strip(" \t"):
                fence = ""
        elif opening := _FENCE.fullmatch(line):
            fence = opening[1] or opening[2]
        elif _HEADING.match(line):
            found.append(at)
        elif _HTML.match(line) or _REFERRED_TO in line:
            return []
    return found


def _from(start: int, new_start: int, changes: Sequence[Change]) -> list[Change]:
    """The changes, counted from these lines."""
    return [
        Change(one.start - start, one.end - start, one.new_start - new_start, one.new_end - new_start)
        for one in changes
    ]
