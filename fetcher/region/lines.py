"""Finds the lines of a page, which are text between the borders of two blocks, and tells what is part of one."""

from itertools import accumulate, compress

from fetcher.page.semantics import INLINE, ElementKind
from fetcher.page.word_spans import WordSpans


class Lines:
    """The lines of a page: text between two block borders, with its inline (and custom) elements."""

    def __init__(self, page: WordSpans, marks: bytearray) -> None:
        self._kinds, self._starts = page.kinds, page.starts
        speaks = {run.holder for run in page.runs}  # elements with words of their own
        self._is_inline = [
            tag in INLINE or ("-" in tag and parent in speaks)
            for tag, parent in zip(page.tags, page.parents, strict=True)
        ]
        borders = bytearray(len(page.words) + 1)
        for start, end, is_inline in zip(page.starts, page.ends, self._is_inline, strict=True):
            if not is_inline:
                borders[start] = borders[end] = 1
        self._line = [*accumulate(borders)]
        spoken = (self._line[run.start] for run in page.runs if not self._is_inline[run.holder])
        self._plain = frozenset(spoken)
        self._stored = frozenset(compress(self._line, marks))

    def holds(self, k: int, parent: int) -> bool:
        """Whether element `k` in `parent` is part of a line with other text, or in a block of text."""
        if not self._is_inline[k]:
            return False
        return (
            self._kinds[parent] in (ElementKind.CONTENT, ElementKind.INLINE)
            or self._line[self._starts[k]] in self._plain
        )

    def is_stored(self, word: int) -> bool:
        """Whether any word is stored of the line that this one is in."""
        return self._line[word] in self._stored
