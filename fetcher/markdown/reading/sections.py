"""Finds the lines at which Markdown can be cut into sections that render by themselves as within the whole."""

import re
from collections.abc import Iterator, Sequence

_HEADING = re.compile(r"#{1,6}(?:[ \t]|$)")
_FENCE = re.compile(r"(`{3,})[^`]*|(~{3,})[^\n]*\n?")
_INDENTED_FENCE = re.compile(r" {1,3}(?:```|~~~)")  # in a list item, or by itself
_SPANNING = re.compile(rf"{_INDENTED_FENCE.pattern}| {{0,3}}<")  # or raw HTML, or an autolink
_BLANK = ("\n", "")
_REFERRED_TO = "]:"  # of reference definitions and footnotes


def headings(lines: Sequence[str]) -> list[int]:
    """The numbers of those `cuts` that are headings.

    >>> headings(["# A", "```", "# no heading", "```", "- item", "# B"])
    [0, 5]
    """
    return [at for at in cuts(lines) if lines[at][0] == "#"]


def cuts(lines: Sequence[str]) -> list[int]:
    """The numbers of the lines at which a body can be cut; none if its sections cannot be rendered by themselves.

    These are unindented headings, and unindented lines of text after a blank line, which end every list and quote. A
    body with raw HTML, indented fences, reference definitions or footnotes is not cut, as these may affect other
    sections.

    >>> cuts(["- item", "with more", "", "Text", "# A", "Text"])
    [3, 4]
    """
    found = []
    for at, line in _outside_code(lines):
        if line in _BLANK:
            continue
        if _REFERRED_TO in line or (line[0] in " <" and _SPANNING.match(line)):
            return []
        is_heading = line[0] == "#" and _HEADING.match(line)
        if is_heading or (line[0].isalpha() and (at == 0 or lines[at - 1] in _BLANK)):
            found.append(at)
    return found


def _outside_code(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The lines outside of unindented fences, with their numbers; and all indented fences."""
    fence = ""
    for at, line in enumerate(lines):
        if fence:
            if line.startswith(fence) and not line.lstrip(fence[0]).strip(" \t\n"):
                fence = ""
            elif _INDENTED_FENCE.match(line):
                yield at, line
        elif line[:1] in ("`", "~") and (opening := _FENCE.fullmatch(line)):
            fence = opening[1] or opening[2]
        else:
            yield at, line
