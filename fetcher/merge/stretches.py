"""Stretches of a stored text that rotate as one, told by memory: lists, and rows of links.

The words around a single change are no name for its place where those rotate too: what stands beside the list is.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from fetcher.markdown.reading.blocks import Block, Text
from fetcher.markdown.reading.wording import plain
from fetcher.merge.pairing import Hunk
from fetcher.merge.rotation import Difference, Place, is_churn, name, value
from fetcher.merge.times import RELATIVE

_LISTS = frozenset({"ul", "ol"})
_BESIDE = 8  # words of a block beside a stretch that name it


@dataclass(frozen=True, slots=True)
class Stretch:
    """Hunks that are one place under each of its `names`, with what is stored there and what the page shows.

    Of its `size` stored blocks, `kept` are on the page, in the same words or with others of an importer's.
    """

    hunks: Sequence[Hunk]
    names: Sequence[str]
    stored: str
    shown: str
    size: int
    kept: int

    def rotates(self, places: Mapping[str, Place]) -> bool:
        """Whether the page shows this for a while, not for good. What only grew is there for good."""
        return self.kept < self.size and any(is_churn(places.get(name), self.shown) for name in self.names)

    def tells(self, places: Mapping[str, Place]) -> bool:
        """Whether memory is to know of it: half of it was exchanged, now or before. Less is an edit of some items."""
        return self.kept * 2 <= self.size or any(name in places for name in self.names)


class Stretches:
    """The stretches in which a stored text and a page differ, and which of them rotate as far as `places` tell."""

    def __init__(self, stored: Text, fresh: Text, hunks: Sequence[Hunk], places: Mapping[str, Place]) -> None:
        self._stored, self._fresh = stored.blocks, fresh.blocks
        self._told = [stretch for stretch in self._differing(hunks) if stretch.tells(places)]
        self._rotating = {hunk for stretch in self._told if stretch.rotates(places) for hunk in stretch.hunks}

    def rotates(self, hunk: Hunk) -> bool:
        """Whether a hunk is part of what rotates."""
        return hunk in self._rotating

    def differences(self, written: AbstractSet[Hunk]) -> dict[str, Difference]:
        """What memory is to know, by name; `written` are the hunks of which something is written."""
        return {
            name: Difference(value(stretch.stored), value(stretch.shown), written.isdisjoint(stretch.hunks))
            for stretch in self._told
            for name in stretch.names
        }

    def _differing(self, hunks: Sequence[Hunk]) -> Iterator[Stretch]:
        for run in (list(group) for is_list, group in groupby(hunks, self._is_list) if is_list):
            start, end = run[0].start_a, run[-1].end_a
            old, new = self._stored[start:end], self._fresh[run[0].start_b : run[-1].end_b]
            if not old or _words(old) == _words(new):
                continue
            stored, shown = _lasting(old), _lasting(new)
            if stored != shown:
                kept = sum(hunk.end_a - hunk.start_a for hunk in run if self._is_kept(hunk))
                yield Stretch(run, self._names(start, end), stored, shown, end - start, kept)

    def _is_list(self, hunk: Hunk) -> bool:
        return all(map(_is_item, self._stored[hunk.start_a : hunk.end_a] or self._fresh[hunk.start_b : hunk.end_b]))

    def _is_kept(self, hunk: Hunk) -> bool:
        """Whether stored items are on the page, however they are spelled, or with some words more or less."""
        old, new = self._stored[hunk.start_a : hunk.end_a], self._fresh[hunk.start_b : hunk.end_b]
        if plain(_words(old)) == plain(_words(new)):
            return True
        one, other = Counter(_lasting(old).split()), Counter(_lasting(new).split())
        return hunk.linked and (one <= other or other <= one)

    def _names(self, start: int, end: int) -> tuple[str, str]:
        """A stretch is known by what stands before it, and by what stands after it: one of the two may change."""
        before = [*self._stored[start - 1].words[-_BESIDE:], self._twins[start - 1]] if start else []
        after = [*self._stored[end].words[:_BESIDE], self._twins[end]] if end < len(self._stored) else []
        return name("after", *before), name("before", *after)

    @cached_property
    def _twins(self) -> list[str]:
        """For each stored block how many before it say the same: `Parameters` may stand above many lists."""
        seen: Counter[str] = Counter()
        found = []
        for block in self._stored:
            found.append(str(seen[block.said.line]))
            seen[block.said.line] += 1
        return found


def _is_item(block: Block) -> bool:
    """Whether a block is part of a list, or a paragraph that is mostly a link."""
    return not _LISTS.isdisjoint(block.boxes) or (block.kind == "p" and 0 < len(block.words) <= block.linked * 2)


def _words(blocks: Sequence[Block]) -> list[str]:
    return [word for block in blocks for word in block.words]


def _lasting(blocks: Sequence[Block]) -> str:
    """The words without numbers and relative times, which change where a list stays."""
    words = (word.casefold() for word in _words(blocks) if word.isalpha())
    return " ".join(word for word in words if word not in RELATIVE)
