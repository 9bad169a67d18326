"""Finds the changed lines between two texts, and writes or reverses a patch in git's format."""

import os
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import Indel

CONTEXT = 3
"""Lines of context around a change, as in git."""

_LARGEST = 1 << 28
"""Old lines times new lines that are aligned: a tenth of a second and 32 MB. More lines are one change."""

_PLAIN = re.compile(r'[^\x00-\x1f"\\\x7f\ud800-\udfff]*')
_ESCAPES = {ord(sign): f"\\{name}" for sign, name in zip('\a\b\t\n\v\f\r"\\', 'abtnvfr"\\', strict=True)}


_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")


class Change(NamedTuple):
    """Lines `old[start:end]` that became `new[new_start:new_end]`."""

    start: int
    end: int
    new_start: int
    new_end: int


def patch(path: str, old: str, new: str) -> str:
    """The patch that `git diff` would show; empty if nothing changed. `path` is relative to where `git apply` runs.

    >>> print(patch("a.md", "one\\n", "two"))
    diff --git a/a.md b/a.md
    --- a/a.md
    +++ b/a.md
    @@ -1 +1 @@
    -one
    +two
    \\ No newline at end of file
    <BLANKLINE>
    """
    if old == new:
        return ""
    before, after = _lines(old), _lines(new)
    hunks = [_hunk(group, before, after) for group in grouped(changes(before, after))]
    return _header(path) + "".join(hunks)


def reverse_patch(text: str, change: str) -> str | None:
    """The text before a change, given the text after it and its patch; None if the patch does not fit.

    >>> reverse_patch("two", patch("a.md", "one\\n", "two"))
    'one\\n'
    """
    lines, at = _lines(text), 0
    before: list[str] = []
    for start, hunk in _hunks(change):
        before += lines[at:start]
        new = [line for sign, line in hunk if sign != "-"]
        if start < at or lines[start : start + len(new)] != new:
            return None
        before += [line for sign, line in hunk if sign != "+"]
        at = start + len(new)
    return "".join([*before, *lines[at:]])


def _hunks(change: str) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """The hunks of a file's patch: the new line at which each begins, and its lines with their signs."""
    start = 0
    hunk: list[tuple[str, str]] = []
    for line in _lines(change)[3:]:  # below the header
        if found := _HUNK.match(line):
            if hunk:
                yield start, hunk
            start, hunk = int(found[1]) - (found[2] != "0"), []  # if it has no lines, the line before is given
        elif line.startswith("\\"):  # the line above has no line feed, as it is the last
            hunk[-1] = (hunk[-1][0], hunk[-1][1].removesuffix("\n"))
        else:
            hunk.append((line[0], line[1:]))
    if hunk:
        yield start, hunk


def changes(old: list[str], new: list[str]) -> list[Change]:
    """The changes between two lists of lines, in order; the lines between two changes are the same."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    middle, fresh = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(middle) * len(fresh) > _LARGEST:
        return [Change(head, head + len(middle), head, head + len(fresh))]
    found = [Change(*(head + line for line in change)) for change in _aligned(middle, fresh)]
    bounds = [*(change.start for change in found[1:]), len(old)]
    return [_slid(change, bound, old, new) for change, bound in zip(found, bounds, strict=False)]


def _slid(change: Change, bound: int, old: list[str], new: list[str]) -> Change:
    """The change shifted down by a line if it adds or removes a block with the blank line before it, not after it.

    Both are the same change, but so the block comes first. `bound` is the old line at which the next change begins.
    """
    start, end, new_start, new_end = change
    lines, first, after = (new, new_start, new_end) if start == end else (old, start, end)
    one_sided = start == end or new_start == new_end
    has_room = end + 1 < bound or end < bound == len(old)
    if one_sided and has_room and not lines[first].strip() and lines[first] == lines[after]:
        return Change(*(place + 1 for place in change))
    return change


def quoted(path: str) -> str:
    """A path as git writes it: quoted as in C if it has quotes, control characters or bytes that are not UTF-8."""
    if _PLAIN.fullmatch(path):
        return path
    return f'"{"".join(map(_escaped, path))}"'


def _escaped(sign: str) -> str:
    if ord(sign) in _ESCAPES:
        return _ESCAPES[ord(sign)]
    if _PLAIN.fullmatch(sign):
        return sign
    return "".join(f"\\{byte:03o}" for byte in os.fsencode(sign))


def header(path: str) -> str:
    """The first line of a file's patch."""
    return f"diff --git {quoted(f'a/{path}')} {quoted(f'b/{path}')}\n"


def _header(path: str) -> str:
    end = "\t" if " " in path else ""  # marks the end of a name with spaces
    return f"{header(path)}--- {quoted(f'a/{path}')}{end}\n+++ {quoted(f'b/{path}')}{end}\n"


def _lines(text: str) -> list[str]:
    """The lines with their ends; as in git, only a line feed ends a line (`splitlines` knows ten more)."""
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop().removesuffix("\n")
    return [*lines, last] if last else lines


def _common(old: list[str], new: list[str]) -> int:
    return next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))


def _aligned(old: list[str], new: list[str]) -> Iterator[Change]:
    """Where the lines differ: lines with text are aligned first, then the rest, as all blank lines are the same."""
    told, new_told = ([at for at, line in enumerate(lines) if line.strip()] for lines in (old, new))
    if len(told) == len(old) and len(new_told) == len(new):
        yield from _differing(old, new)
        return
    at = new_at = 0
    for one, other in [*_same(old, new, told, new_told), (len(old), len(new))]:
        gap, new_gap = old[at:one], new[new_at:other]
        for change in _differing(gap, new_gap) if gap != new_gap else ():
            yield Change(at + change.start, at + change.end, new_at + change.new_start, new_at + change.new_end)
        at, new_at = one + 1, other + 1


def _same(old: list[str], new: list[str], told: list[int], new_told: list[int]) -> Iterator[tuple[int, int]]:
    """The positions of lines with text that are the same in both."""
    found = list(_differing([old[at] for at in told], [new[at] for at in new_told]))
    ends = [Change(0, 0, 0, 0), *found, Change(len(told), len(told), len(new_told), len(new_told))]
    for last, following in pairwise(ends):
        yield from zip(told[last.end : following.start], new_told[last.new_end : following.new_start], strict=True)


def _differing(old: list[str], new: list[str]) -> Iterator[Change]:
    # Lines are numbered: rapidfuzz compares hashes, and those of texts may collide.
    numbers: dict[str, int] = {}
    codes = [[numbers.setdefault(line, len(numbers)) for line in lines] for lines in (old, new)]
    start = new_start = 0
    for step in Indel.opcodes(*codes):
        if step.tag == "equal":
            yield from _change(start, step.src_start, new_start, step.dest_start)
            start, new_start = step.src_end, step.dest_end
    yield from _change(start, len(old), new_start, len(new))


def _change(start: int, end: int, new_start: int, new_end: int) -> Iterator[Change]:
    if start < end or new_start < new_end:
        yield Change(start, end, new_start, new_end)


def grouped(found: list[Change]) -> Iterator[list[Change]]:
    """The changes in groups whose context would overlap."""
    group = found[:1]
    for last, change in pairwise(found):
        if change.start - last.end > 2 * CONTEXT:
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _hunk(group: list[Change], old: list[str], new: list[str]) -> str:
    first, last = group[0], group[-1]
    start, end = max(0, first.start - CONTEXT), min(len(old), last.end + CONTEXT)
    new_start, new_end = first.new_start - (first.start - start), last.new_end + (end - last.end)
    parts = [f"@@ -{_range(start, end)} +{_range(new_start, new_end)} @@\n"]
    for change in group:
        parts += _marked(" ", old[start : change.start])
        parts += _marked("-", old[change.start : change.end])
        parts += _marked("+", new[change.new_start : change.new_end])
        start = change.end
    return "".join([*parts, *_marked(" ", old[start:end])])


def _range(start: int, end: int) -> str:
    count = end - start
    first = start + 1 if count else start  # for no lines, the line before is given
    return f"{first}" if count == 1 else f"{first},{count}"


def _marked(sign: str, lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield sign + line if line.endswith("\n") else f"{sign}{line}\n\\ No newline at end of file\n"
