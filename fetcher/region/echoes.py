"""New text on a page that is no news: what repeats the page itself, and boxes that ask for something."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from fetcher.page.semantics import ElementKind
from fetcher.region.furniture import furniture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetcher.page.word_spans import WordSpans

_RUN = 8  # words in a row that two passages do not share by chance
_BOX = 80  # words at most of a box around a form
_OFTEN = 3  # times that a page says a thing that is no text
_LABEL = 6  # words at most of such a thing


class Echoes:
    """A page beside the words that are stored of it; `first` is the first word on the page that is."""

    def __init__(self, page: WordSpans, stored: Sequence[str], first: int) -> None:
        self._page, self._stored, self._first = page, stored, first

    def reason(self, k: int, *, is_label: bool, is_one_more: bool = False) -> str:
        """Why element `k`, no word of which is stored, is no news; empty where it may be some.

        `is_label` tells that it is no part of a line or a table; `is_one_more` that it is made like several sections
        that are stored.
        """
        if k in self.serving:
            return "serves the reader"
        if self._leads_around(k):
            return "leads to places of the page"
        if self._is_copy(k):
            return "repeats what is stored"
        if self._asks(k):
            return "asks for something"
        if not is_one_more and self._is_before_text(k):
            return "stands before the text"
        return "says the same in many places" if is_label and self._texts[self._text(k)] >= _OFTEN else ""

    @cached_property
    def serving(self) -> frozenset[int]:
        """The elements that serve the reader, and are no text."""
        return frozenset(furniture(self._page, self._page.counts))

    def _leads_around(self, k: int) -> bool:
        """Whether an element is a table of contents: links to places of the page, and hardly anything else."""
        page = self._page
        if page.counts.links[k] < 2:
            return False
        links = [one for one in range(k, page.after[k]) if page.elements[one].tag == "a"]
        if not all(page.attributes[one].get("href", "").startswith("#") for one in links):
            return False
        linked = sum(page.ends[one] - page.starts[one] for one in links)
        return page.ends[k] - page.starts[k] <= linked * 2 + _LABEL

    def _is_copy(self, k: int) -> bool:
        """Whether a box says again what is stored, as for another screen.

        A paragraph or a row may: the same note or option stands in many places of a manual.
        """
        if self._page.kinds[k] is ElementKind.CONTENT:
            return False
        words = self._page.words[self._page.starts[k] : self._page.ends[k]]
        return len(words) >= _RUN and all(_line(run) in self._line for run in (words[:_RUN], words[-_RUN:]))

    @cached_property
    def _line(self) -> str:
        return _line(self._stored)

    def _asks(self, k: int) -> bool:
        """Whether an element is a small box around a form, with its heading."""
        page = self._page
        if not page.counts.controls[k] or page.ends[k] - page.starts[k] > _BOX:
            return False
        return any(page.elements[one].tag == "form" for one in range(k, page.after[k]))

    def _is_before_text(self, k: int) -> bool:
        """Whether an element stands before the title, or is a label before the text."""
        page = self._page
        return page.ends[k] <= self._first and (self._begins_with_title or not page.counts.sentences[k])

    @cached_property
    def _begins_with_title(self) -> bool:
        """Whether the first word that is stored is one of a main heading."""
        spans = zip(self._page.elements, self._page.starts, self._page.ends, strict=True)
        return any(element.tag == "h1" and start <= self._first < end for element, start, end in spans)

    def _text(self, k: int) -> tuple[str, ...]:
        start, end = self._page.starts[k], self._page.ends[k]
        return tuple(self._page.words[start:end]) if end - start <= _LABEL else ()

    @cached_property
    def _texts(self) -> Counter[tuple[str, ...]]:
        """How often links and buttons say the same."""
        page = self._page
        pressed = (k for k, element in enumerate(page.elements) if element.tag in ("a", "button"))
        found = Counter(self._text(k) for k in pressed)
        del found[()]
        return found


def _line(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "
