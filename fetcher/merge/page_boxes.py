"""Tells which blocks of a page stand in the same box of the page as others, by the elements around them."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, compress
from typing import TYPE_CHECKING

from fetcher.page.semantics import INLINE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetcher.markdown.reading.blocks import Text
    from fetcher.page.hidden_text import Shown


class PageBoxes:
    """The places of a fresh text's blocks on its page; nothing is known where the two do not have the same words."""

    def __init__(self, shown: Shown, fresh: Text) -> None:
        self._spans = shown.unseen.text
        self._places: list[int] = []
        if shown.text.words != fresh.words:
            return
        kept = list(compress(self._spans.runs, shown.keep))
        starts = [0, *accumulate(run.end - run.start for run in kept)]
        at = 0
        for block in fresh.blocks:
            run = bisect_right(starts, at) - 1
            place = kept[run].start + at - starts[run] if block.words else -1
            self._places.append(place)
            at += len(block.words)
        self._starts = [run.start for run in self._spans.runs]

    def element(self, blocks: Sequence[int], others: Sequence[int], quotes: int = 0) -> int | None:
        """The largest element that holds these blocks and none of the others, in so many quotes; None if none does."""
        places = [place for at in blocks if (place := self._place(at)) >= 0]
        without = [place for at in others if (place := self._place(at)) >= 0]
        if not places or not without:
            return None
        found, element = None, self._holder(min(places))
        within = self._quotes(element) - quotes
        while element >= 0:
            within -= self._spans.elements[element].tag == "blockquote"
            if within == -1:  # fewer quotes are around it; a page that has fewer from the start tells nothing
                break
            if self._holds(element, max(places)):
                if any(self._holds(element, place) for place in without):
                    break
                found = element
            element = self._spans.parents[element]
        return found

    def is_wrapped(self, block: int, others: Sequence[int], quotes: int = 0) -> bool:
        """Whether a box of the page, and not just its own element, holds a block and none of the others."""
        outer, element = self.element([block], others, quotes), self._holder(self._place(block))
        while outer is not None and element != outer:
            if self._spans.elements[element].tag not in INLINE:
                return True
            element = self._spans.parents[element]
        return False

    def holds(self, element: int, block: int) -> bool:
        """Whether an element holds a block."""
        return self._holds(element, self._place(block))

    def _quotes(self, element: int) -> int:
        """How many quotes are around an element, with itself."""
        found = 0
        while element >= 0:
            found += self._spans.elements[element].tag == "blockquote"
            element = self._spans.parents[element]
        return found

    def _place(self, block: int) -> int:
        return self._places[block] if self._places else -1

    def _holds(self, element: int, place: int) -> bool:
        return self._spans.starts[element] <= place < self._spans.ends[element]

    def _holder(self, place: int) -> int:
        return self._spans.runs[bisect_right(self._starts, place) - 1].holder
