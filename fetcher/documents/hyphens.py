"""Words that the end of a line parts: joined, and what is not certain of that marked until somebody knows better.

A mark (a soft hyphen) stands where a line ended; a hyphen before it is likely to belong to the word.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from fetcher.documents.lines import HYPHEN as MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fetcher.documents.lines import Line
    from fetcher.documents.pdf import Word

_HYPHENS = ("-", "\u2010", MARK)
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_MARKED = re.compile(rf"([^\W\d_]+(?:-[^\W\d_]+)*)(-?){MARK}([^\W\d_]+)")
_MARKS = re.compile(rf"-?{MARK}")
_EVEN = 0.5  # share of lines that end where the others do, where words are parted to that end
_POINTS = 2.0  # between ends that are the same
_SHORT = 4  # words of a line that tells nothing


class Hyphens:
    """How a document, of some lines, parts words."""

    def __init__(self, lines: Sequence[Line]) -> None:
        ends = [one.words[-1].text for one in lines]
        self._known = words(_unparted(lines))
        self._parts = _are_even(lines) or sum(end.endswith(_HYPHENS) and len(end) > 1 for end in ends) > len(ends) / 50

    def joined(self, lines: Iterable[Sequence[Word]]) -> list[Word]:
        """The words of a block's lines, parted ones joined, with marks."""
        found: list[Word] = []
        for line in lines:
            last = found[-1].text if found else ""
            if last.endswith(_HYPHENS) and last[-2:-1].isalpha() and line[0].text[:1].isalpha():
                found[-1] = found[-1]._replace(text=self._with(last, line[0].text))
                found += line[1:]
            else:
                found += line
        return found

    def _with(self, before: str, after: str) -> str:
        one, other = _last(before[:-1]), _first(after)
        if after[:1].isupper() or f"{one}-{other}" in self._known:
            is_soft = False
        elif f"{one}{other}" in self._known:
            is_soft = True
        else:
            is_soft = self._parts and not (one in self._known and other in self._known)
        return f"{before[:-1]}{'' if is_soft else '-'}{MARK}{after}"


def words(texts: Iterable[str]) -> frozenset[str]:
    """The words of texts, with their hyphens, as they are known by."""
    return frozenset(word.casefold().replace("\u2010", "-") for text in texts for word in _WORD.findall(text))


def settled(text: str, known: frozenset[str]) -> str:
    """A text without marks: a hyphen stands where `known` words have one, or, where they do not tell, as is likely.

    >>> settled("self-\u00adservice and anony\u00admous", frozenset({"selfservice"}))
    'selfservice and anonymous'
    """

    def one(found: re.Match[str]) -> str:
        before, hyphen, after = found.groups()
        if f"{before}-{after}".casefold() in known:
            hyphen = "-"
        elif f"{before}{after}".casefold() in known:
            hyphen = ""
        return f"{before}{hyphen}{after}"

    return _MARKED.sub(one, text).replace(MARK, "")


def unmarked(text: str) -> str:
    """A text without its marks, and without the hyphens that may stand there."""
    return _MARKS.sub("", text)


def _unparted(lines: Sequence[Line]) -> Iterator[str]:
    """The words of lines but those that their ends may have parted."""
    is_parted = False
    for one in lines:
        texts = [word.text for word in one.words][is_parted:]
        is_parted = one.words[-1].text.endswith(_HYPHENS)
        yield from texts[: len(texts) - is_parted]


def _last(text: str) -> str:
    found = _WORD.findall(text)
    return found[-1].casefold() if found else ""


def _first(text: str) -> str:
    found = _WORD.match(text)
    return found.group().casefold() if found else ""


def _are_even(lines: Sequence[Line]) -> bool:
    """Whether lines end at the same place, as those of justified text."""
    ends: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for one in lines:
        if len(one.words) > _SHORT:
            ends[round(one.x0 / _POINTS)][round(one.x1 / _POINTS)] += 1
    usual = sum(max(found.values()) for found in ends.values())
    return usual > _EVEN * sum(found.total() for found in ends.values())
