"""The room that a report has for changes: which of them it can come to show, while they come in any order."""

import os
from bisect import insort

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
