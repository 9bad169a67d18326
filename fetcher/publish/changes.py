"""What a branch changes: file by file, as git names contents, and what of it is still to be reviewed."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


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
