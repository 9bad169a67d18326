"""What a branch changes: file by file, what of it is still open, and in how many parts it is shown."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence


class Entry(NamedTuple):
    """A file as a tree of git has it: its mode, and the name of its content."""

    mode: str
    name: str


class Change(NamedTuple):
    """A file's content from `old` (its name in git; "" for none) to `new`."""

    old: str
    new: Entry


Changes = dict[str, Change]
"""Changes by path, from the top of the repository."""


def digest(changes: Mapping[str, Change]) -> str:
    """A text that stands for what the changes leave behind: another one where a file of them is touched.

    >>> digest({"a": Change("1", Entry("100644", "2"))}) == digest({"a": Change("9", Entry("100644", "2"))})
    True
    """
    told = hashlib.sha256()
    for path, change in sorted(changes.items()):
        told.update(b"%s %s %s\0" % (change.new.mode.encode(), change.new.name.encode(), os.fsencode(path)))
    return told.hexdigest()


def still_open(earlier: Changes, base: Mapping[str, Entry], settled: Collection[str]) -> Changes:
    """Of earlier changes those that the base could still take.

    Gone are those of files that it has changed itself, be it by taking them in, and those at the paths `settled`, whose
    pages show again what the base holds.
    """
    return {
        path: change
        for path, change in earlier.items()
        if path not in settled and (base[path].name if path in base else "") == change.old
    }


class Size(NamedTuple):
    """What a diff takes to show."""

    files: int
    lines: int
    bytes: int

    def plus(self, other: Size) -> Size:
        """Both together."""
        return Size(*(mine + its for mine, its in zip(self, other, strict=True)))

    def fits(self, limit: Size) -> bool:
        """Whether no more is taken than the limit."""
        return all(mine <= most for mine, most in zip(self, limit, strict=True))


SHOWN = Size(300, 20_000, 1_000_000)
"""What GitHub shows of a pull request; GitLab shows more."""

_NOTHING = Size(0, 0, 0)


def split(sizes: Mapping[str, Size], limit: Size = SHOWN) -> list[list[str]]:
    """The paths in parts within the limit: as few folders as can be are divided, and neighbours share a part.

    A single file that is too large is a part of its own.

    >>> one = Size(1, 10, 100)
    >>> split({"a/1": one, "a/2": one, "b/1": one, "b/2": one, "c": one}, Size(3, 99, 999))
    [['a/1', 'a/2'], ['b/1', 'b/2', 'c']]
    """
    parts: list[list[str]] = []
    room = _NOTHING
    for block in _blocks(sorted(sizes), sizes, limit, 0):
        taken = _sum(block, sizes)
        if not parts or not room.plus(taken).fits(limit):
            parts.append([])
            room = _NOTHING
        parts[-1] += block
        room = room.plus(taken)
    return parts


def folders(paths: Sequence[str]) -> list[str]:
    """The folders that the paths lie in, in order; "." for the top.

    >>> folders(["a/1", "a/2", "b/c/1", "d"])
    ['.', 'a', 'b/c']
    """
    return sorted({path.rpartition("/")[0] or "." for path in paths})


def _blocks(paths: list[str], sizes: Mapping[str, Size], limit: Size, depth: int) -> Iterator[list[str]]:
    """What is kept together: whole folders that fit; of the others their folders and files."""
    if _sum(paths, sizes).fits(limit) or len(paths) == 1:
        yield paths
        return
    inside: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        steps = path.split("/")
        inside["/".join(steps[: depth + 1])].append(path)
    for block in inside.values():
        yield from _blocks(block, sizes, limit, depth + 1)


def _sum(paths: Sequence[str], sizes: Mapping[str, Size]) -> Size:
    total = _NOTHING
    for path in paths:
        total = total.plus(sizes[path])
    return total
