"""Tells which new elements of a page are not content: furniture, tables of contents, copies of stored text, forms."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from fetcher.page.semantics import ElementKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fetcher.page.word_spans import WordSpans

_RUN = 8  # words in a row that two passages do not share by chance
_BOX = 80  # the most words of a box around a form
_OFTEN = 3  # a label that occurs so often is not text
_LABEL = 6  # the most words of a label


class Ignorable:
    """A page beside its stored words; `first` is the first word on the page that is stored."""

    def __init__(self, page: WordSpans, stored: Sequence[str], first: int) -> None:
        self._page, self._stored, self._first = page, stored, first

    def reason(self, k: int, *, is_label: Callable[[int], bool], is_one_more: bool = False) -> str:
        """Why element `k`, of which no word is stored, is not content; empty if it may be.

        `is_label` tells whether it is not part of a line or a table; `is_one_more`: several stored sections are built
        like it.
        """
        if k in self._page.furniture:
            return "serves the reader"
        if self._leads_around(k):
            return "leads to places of the page"
        if self._is_copy(k):
            return "repeats what is stored"
        if self._asks(k):
            return "asks for something"
        if not is_one_more and self._is_before_text(k):
            return "stands before the text"
        return "says the same in many places" if self._texts[self._text(k)] >= _OFTEN and is_label(k) else ""

    def _leads_around(self, k: int) -> bool:
        """Whether an element is a table of contents: links to places of the page and hardly anything else."""
        page = self._page
        if page.counts.links[k] < 2:
            return False
        links = [one for one in range(k, page.after[k]) if page.elements[one].tag == "a"]
        if not all(page.attributes[one].get("href", "").startswith("#") for one in links):
            return False
        linked = sum(page.ends[one] - page.starts[one] for one in links)
        return page.ends[k] - page.starts[k] <= linked * 2 + _LABEL

    def _is_copy(self, k: int) -> bool:
        """Whether a box repeats stored text, as for another screen size.

        Paragraphs and rows may repeat: manuals have the same note or option in many places.
        """
        if self._page.kinds[k] is ElementKind.CONTENT:
            return False
        words = self._page.words[self._page.starts[k] : self._page.ends[k]]
        return len(words) >= _RUN and all(_line(run) in self._line for run in (words[:_RUN], words[-_RUN:]))

    @cached_property
    def _line(self) -> str:
        return _line(self._stored)

    def _asks(self, k: int) -> bool:
        """Whether an element is a small box around a form."""
        page = self._page
        if not page.counts.controls[k] or page.ends[k] - page.starts[k] > _BOX:
            return False
        return any(page.elements[one].tag == "form" for one in range(k, page.after[k]))

    def _is_before_text(self, k: int) -> bool:
        """Whether an element is before the title, or a label before the text."""
        page = self._page
        return page.ends[k] <= self._first and (self._begins_with_title or not page.counts.sentences[k])

    @cached_property
    def _begins_with_title(self) -> bool:
        """Whether the first stored word is in a main heading."""
        page = self._page
        return any(page.starts[k] <= self._first < page.ends[k] for k in page.tagged("h1"))

    def _text(self, k: int) -> tuple[str, ...]:
        start, end = self._page.starts[k], self._page.ends[k]
        return tuple(self._page.words[start:end]) if end - start <= _LABEL else ()

    @cached_property
    def _texts(self) -> Counter[tuple[str, ...]]:
        """How often each label of a link or button occurs."""
        found = Counter(self._text(k) for k in self._page.tagged("a", "button"))
        del found[()]
        return found


def _line(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "
