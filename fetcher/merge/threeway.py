"""Edits by hand: what a stored body has that the page did not give it, told by the text that it last gave."""

from collections.abc import Collection, Sequence
from functools import cached_property

from fetcher.markdown.reading.blocks import Block, Text, parse
from fetcher.markdown.reading.wording import wording
from fetcher.merge.pairing import Hunk, pair
from fetcher.merge.place_history import value
from fetcher.merge.regroup import by_lines


class HandEdits:
    """Where the blocks of a stored text came from: the blocks of the text that the page last gave.

    Nothing is known of it where `last` is empty. `refused` are earlier conflicts (`conflict`). `stored` is cut by the
    lines of `fresh`, and the other text is, too (`by_lines`).
    """

    def __init__(self, last: str, stored: Text, refused: Collection[str] = (), fresh: Text | None = None) -> None:
        self.refused = refused
        self.last = parse(last) if last.strip() else None
        if self.last and fresh:
            self.last = by_lines(self.last, fresh)
        self.stored = stored

    @cached_property
    def hunks(self) -> list[Hunk]:
        """How the text that the page last gave pairs with the stored one."""
        return pair(self.last.blocks, self.stored.blocks) if self.last else []

    def is_edited(self, hunk: Hunk, old: Sequence[Block]) -> bool:
        """Whether a person edited the stored blocks `old` of a hunk."""
        before = self._before(hunk)
        return before is not None and _read(before) != _read(old)

    def is_shown_as_before(self, hunk: Hunk, new: Sequence[Block]) -> bool:
        """Whether the page shows there what it last showed."""
        before = self._before(hunk)
        return before is not None and _read(before) == _read(new)

    def is_refused(self, old: Sequence[Block], new: Sequence[Block]) -> bool:
        """Whether the page showed `new` in the place of `old` at a visit before, and the stored blocks stayed."""
        return bool(self.refused) and conflict(wording(old).text(), wording(new).text()) in self.refused

    def _before(self, hunk: Hunk) -> list[Block] | None:
        """The blocks that the page last gave in the place of a hunk; None where that cannot be told."""
        if self.last is None:
            return None
        start, end = hunk.start_a, hunk.end_a
        if start == end:
            touched = [one for one in self.hunks if one.start_b == one.end_b == start]
        else:
            touched = [one for one in self.hunks if one.start_b < end and one.end_b > start]
        if not touched:
            return []
        if touched[0].start_b < start or touched[-1].end_b > end:
            return None
        return self.last.blocks[touched[0].start_a : touched[-1].end_a]


def conflict(stored: str, shown: str) -> str:
    """A short name for a conflict between two texts; white space makes no difference."""
    return value(f"{stored}\n{shown}")


def _read(blocks: Sequence[Block]) -> str:
    return wording(blocks).plain
