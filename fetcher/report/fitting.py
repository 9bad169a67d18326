"""What fits into a report of bounded size: the first changes by name, and sections cut at an item, saying so."""

from __future__ import annotations

import os
from bisect import insort
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOM = 13_000_000
"""Characters of changes that are shown; the pages after are listed without theirs."""

MOST_ENTRIES = 5_000
"""Changed seeds that are listed, and troubled ones: 5 MB of each."""


class Room:
    """Takes names with the size of what stands under them; the first by name are shown until their sizes fill it."""

    def __init__(self, most: int = ROOM, names: int = MOST_ENTRIES) -> None:
        self._most = most
        self._names = names
        self._first: list[tuple[bytes, int]] = []
        self._taken = 0

    def takes(self, name: str, size: int) -> bool:
        """Whether a name is among the first, as far as these are known.

        >>> room = Room(100)
        >>> [room.takes(name, 60) for name in "bdca"]
        [True, True, True, True]
        >>> [room.takes(name, 60) for name in "ef"]
        [False, False]
        """
        entry = os.fsencode(name), size
        insort(self._first, entry)
        self._taken += size
        while len(self._first) > self._names or self._taken - self._first[-1][1] >= self._most:
            self._taken -= self._first.pop()[1]
        return entry <= self._first[-1]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a text: `head`, then items of whole lines, then `foot`.

    There may be more items than are given, `total` of them; `more` says how many are left out.
    """

    head: str
    items: Sequence[str]
    total: int
    more: Callable[[int], str]
    foot: str = ""

    @property
    def size(self) -> int:
        """Bytes of the whole section."""
        return _size(self.cut(len(self.items)))

    def within(self, room: int) -> str:
        """The section with as many items as fit into so many bytes; always its head."""
        if self.size <= room:
            return self.cut(len(self.items))
        left = room - _size(self.cut(0))
        shown = 0
        for item in self.items:
            left -= _size(item)
            if left < 0:
                break
            shown += 1
        return self.cut(shown)

    def cut(self, shown: int) -> str:
        """The section with the first items."""
        more = [self.more(self.total - shown)] if shown < self.total else []
        return "".join([self.head, *self.items[:shown], self.foot, *more])


def fitted(sections: Sequence[Section], room: int) -> str:
    """The sections, within so many bytes of UTF-8: a short one as it is, what it spares goes to the long ones."""
    shares: dict[int, int] = {}
    left = room
    by_size = sorted(range(len(sections)), key=lambda number: sections[number].size)
    for rank, number in enumerate(by_size):
        shares[number] = min(sections[number].size, left // (len(by_size) - rank))
        left -= shares[number]
    return "".join(section.within(shares[number]) for number, section in enumerate(sections))


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
