"""Which heading of a page is its title: importers keep that in the front matter, and some of them only there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetcher.page.page import title
from fetcher.page.words import pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fetcher.page.spans import Spans

_HEADINGS = frozenset({"h1", "h2", "h3"})
_LONG = 60  # words at most of a line that may be a title
_ENOUGH = 2  # words that a heading shares with the title by more than chance


def is_title(found: Spans, k: int) -> bool:
    """Whether the page's title begins with the words of element `k`, and these are enough to tell."""
    words = _plain(found.words[found.starts[k] : found.ends[k]])
    return len(words) >= _ENOUGH and _plain(pieces(title(found.elements[0]) or ""))[: len(words)] == words


def named(found: Spans, among: Iterable[int]) -> Iterator[int]:
    """Those of some elements with whose words the page's title begins or ends, where these are enough to tell."""
    whole = _plain(pieces(title(found.elements[0]) or ""))
    for k in among:
        if _ENOUGH <= found.ends[k] - found.starts[k] <= min(len(whole), _LONG):
            words = _plain(found.words[found.starts[k] : found.ends[k]])
            if words in (whole[: len(words)], whole[-len(words) :]):
                yield k


def missing_titles(found: Spans, stored: Sequence[str]) -> frozenset[int]:
    """The elements that are the page's title, where its words do not stand among the `stored` ones in a row.

    A page's title is each heading with which the text of its `title` element begins, and its `h1` where none is
    stored: a new one among others that are is a part of the text.
    """
    named, known = _plain(pieces(title(found.elements[0]) or "")), _joined(stored).casefold()
    heads = {
        k: _plain(found.words[found.starts[k] : found.ends[k]])
        for k, element in enumerate(found.elements)
        if element.tag in _HEADINGS and found.ends[k] > found.starts[k]
    }
    first = {k for k in heads if found.elements[k].tag == "h1"}
    same = {k for k, words in heads.items() if len(words) >= _ENOUGH and named[: len(words)] == words}
    missing = {k for k in first | same if _joined(heads[k]) not in known}
    return frozenset(same & missing | first if first <= missing else same & missing)


def _plain(words: Sequence[str]) -> list[str]:
    return [word.casefold() for word in words]


def _joined(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "
