"""Sections that fit into a bounded text: each cut at an item where it is too long, and saying so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


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
