"""Finds the lines of a page, which are text between the borders of two blocks, and tells what is part of one."""

from functools import cached_property
from itertools import accumulate, compress

from fetcher.page.semantics import INLINE, ElementKind
from fetcher.page.word_spans import WordSpans


class Lines:
    """The lines of a page: text between two block borders, with its inline (and custom) elements."""

    def __init__(self, page: WordSpans, marks: bytearray) -> None:
        self._page, self._marks = page, marks

    def holds(self, k: int, parent: int) -> bool:
        """Whether element `k` in `parent` is part of a line with other text, or in a block of text."""
        if not self._is_inline(k):
            return False
        return (
            self._page.kinds[parent] in (ElementKind.CONTENT, ElementKind.INLINE)
            or self._line[self._page.starts[k]] in self._plain
        )

    def is_stored(self, word: int) -> bool:
        """Whether any word is stored of the line that this one is in."""
        return self._line[word] in self._stored

    def _is_inline(self, k: int) -> bool:
        tag = self._page.tags[k]
        return tag in INLINE or ("-" in tag and self._page.parents[k] in self._speaking)

    @cached_property
    def _speaking(self) -> set[int]:
        """The elements with words of their own."""
        return {run.holder for run in self._page.runs}

    @cached_property
    def _line(self) -> list[int]:
        """For each word the number of its line."""
        page = self._page
        borders = bytearray(len(page.words) + 1)
        for k, (start, end) in enumerate(zip(page.starts, page.ends, strict=True)):
            if not self._is_inline(k):
                borders[start] = borders[end] = 1
        return [*accumulate(borders)]

    @cached_property
    def _plain(self) -> frozenset[int]:
        """The lines with text that is directly in a block."""
        return frozenset(self._line[run.start] for run in self._page.runs if not self._is_inline(run.holder))

    @cached_property
    def _stored(self) -> frozenset[int]:
        return frozenset(compress(self._line, self._marks))
