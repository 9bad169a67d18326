"""Recognises a person's edits: where the stored body differs from the text that the page last gave."""

from collections.abc import Collection, Sequence
from functools import cached_property

from fetcher.markdown.reading.blocks import Block, Text, parse
from fetcher.markdown.reading.wording import wording
from fetcher.merge.pairing import Hunk, pair
from fetcher.merge.place_history import value
from fetcher.merge.regroup import by_lines


class HandEdits:
    """Compares a stored text with the `last` text of its page; no edit is known of where that is empty.

    `refused` are earlier conflicts (`conflict`). Both texts are cut by the lines of `fresh` (`by_lines`).
    """

    def __init__(self, last: str, stored: Text, refused: Collection[str] = (), fresh: Text | None = None) -> None:
        self.refused = refused
        self.last = parse(last) if last.strip() else None
        if self.last and fresh:
            self.last = by_lines(self.last, fresh)
        self.stored = stored

    @cached_property
    def hunks(self) -> list[Hunk]:
        """The hunks of the text that the page last gave and the stored one."""
        return pair(self.last.blocks, self.stored.blocks) if self.last else []

    def is_edited(self, hunk: Hunk, old: Sequence[Block]) -> bool:
        """Whether a person edited the stored blocks `old` of a hunk."""
        if self.last is self.stored:  # as parsed texts are cached
            return False
        before = self._before(hunk)
        return before is not None and _read(before) != _read(old)

    def is_shown_as_before(self, hunk: Hunk, new: Sequence[Block]) -> bool:
        """Whether the page has not changed there since its last text."""
        before = self._before(hunk)
        return before is not None and _read(before) == _read(new)

    def is_refused(self, old: Sequence[Block], new: Sequence[Block]) -> bool:
        """Whether this was a conflict at an earlier visit, in which the stored blocks stayed."""
        return bool(self.refused) and conflict(wording(old).text(), wording(new).text()) in self.refused

    def _before(self, hunk: Hunk) -> list[Block] | None:
        """The blocks of the page's last text in the place of a hunk; None where that is not known."""
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
    """A digest that names a conflict of two texts; white space makes no difference."""
    return value(f"{stored}\n{shown}")


def _read(blocks: Sequence[Block]) -> str:
    return wording(blocks).plain
