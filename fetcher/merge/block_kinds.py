"""Learns as which kinds of blocks an importer stores those of the page, from pairs that say the same."""

import re
from collections.abc import Sequence
from functools import cached_property
from itertools import groupby

from fetcher.markdown.reading.blocks import Block, Text
from fetcher.markdown.reading.wording import wording
from fetcher.merge.writer import Pair
from fetcher.page.semantics import HEADINGS

_Frame = tuple[str, tuple[str, ...]]
_Frames = tuple[_Frame, ...]


class BlockKinds:
    """Knows as which kinds of blocks the importer stores the page's, learned from `pairs` that say the same."""

    def __init__(self, stored: Text, pairs: Sequence[Pair]) -> None:
        self._stored, self._pairs = stored, pairs

    @cached_property
    def _same(self) -> list[Pair]:
        return [pair for pair in self._pairs if _say_the_same(*pair)]

    @cached_property
    def _has_tables(self) -> bool:
        return any(block.kind == "tr" for block in self._stored.blocks)

    @cached_property
    def _habits(self) -> set[tuple[_Frames, _Frames]]:
        return {(_frames(old), _frames(new)) for old, new in self._same}

    @cached_property
    def _stored_as(self) -> set[tuple[str, str]]:
        return {(old[0].kind, new[0].kind) for old, new in self._same if len(old) == len(new) == 1}

    @cached_property
    def _recuts(self) -> bool:
        return any(len(old) != len(new) for old, new in self._same)

    @cached_property
    def _drops_strong(self) -> bool:
        strong = [_is_strong(old) for old, new in self._same if _is_strong(new)]
        return bool(strong) and not any(strong)

    def have_other_kinds(self, old: Sequence[Block], new: Sequence[Block]) -> bool:
        """Whether the page's blocks have another kind or other boxes now than when they were stored.

        That is so where their kinds differ as they never do in unchanged pairs. No importer makes another kind of list
        of a list: there it is always the page that changed.
        """
        pair = _frames(old), _frames(new)
        if pair[0] == pair[1]:
            return False
        if old[0].kind in ("raw", "tr") or (new[0].kind == "tr" and not self._has_tables):
            return False  # a stored table is no list; and no page is Markdown's raw HTML
        lists = [{box for block in blocks for box in block.boxes} - {"blockquote"} for blocks in (old, new)]
        if lists[0] != lists[1] and all(lists):
            return True
        if any(kind for kind, _ in pair[0]):
            return pair not in self._habits
        # An importer that stores one heading as plain text does so for all levels.
        return _levelled(pair) not in map(_levelled, self._habits)

    def stand_for(self, old: Block, new: Block) -> bool:
        """Whether the body has blocks of the kind of `old` elsewhere where the page has blocks of the kind of `new`."""
        return (old.kind, new.kind) in self._stored_as

    def dropped_markup(self, new: Sequence[Block]) -> frozenset[str]:
        """The markup around all of the text of fresh blocks that the importer drops, as it does elsewhere."""
        return frozenset(["strong"]) if _is_strong(new) and self._drops_strong else frozenset()

    def are_recut(self, old: Sequence[Block], new: Sequence[Block]) -> bool:
        """Whether the page has split or joined paragraphs, which the importer never does."""
        return len(old) != len(new) and {block.kind for block in (*old, *new)} == {"p"} and not self._recuts


def _say_the_same(old: Sequence[Block], new: Sequence[Block]) -> bool:
    if len(old) == len(new) == 1 and old[0].content is new[0].content:
        return True
    return wording(old).plain == wording(new).plain


def _is_strong(blocks: Sequence[Block]) -> bool:
    """Whether all that blocks say is strong, as terms of definitions are."""
    return bool(blocks) and all(_STRONG.fullmatch(block.content.inside) for block in blocks)


_STRONG = re.compile(r"\s*<strong>(?:(?!</?strong>).)*</strong>\s*", re.DOTALL)


def _frame(block: Block) -> _Frame:
    """The level of a heading, empty for other blocks, and the boxes around it."""
    return block.kind if block.kind in HEADINGS else "", block.boxes


def _frames(blocks: Sequence[Block]) -> _Frames:
    """The frames of blocks; equal ones in a row count as one."""
    return tuple(frame for frame, _ in groupby(map(_frame, blocks)))


def _levelled(pair: tuple[_Frames, _Frames]) -> tuple[_Frames, _Frames]:
    """The frames without the levels of headings."""
    one, other = (tuple((kind[:1], boxes) for kind, boxes in frames) for frames in pair)
    return one, other
