"""Two runs of HTML with the words marked that only one of them has."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from fetcher.report.html.visible import visible
from fetcher.report.patch import Change, changes
from fetcher.report.tokens import read_code

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

_ALIKE = 0.25
"""Share of words in common below which two texts are two texts: every other word marked would be a puzzle."""


class Item(NamedTuple):
    """A tag, which is Markup and stays as it is; or a text, with the address it leads to, or a word of one."""

    text: str
    target: str = ""
    is_word: bool = False

    @property
    def is_tag(self) -> bool:
        """Whether it is HTML of ours."""
        return isinstance(self.text, Markup)


def items(text: str, target: str = "") -> Iterator[Item]:
    """The words, signs and white space of a text.

    >>> [item.text for item in items("It costs $4.")]
    ['It', ' ', 'costs', ' ', '$4', '.']
    """
    last = 0
    for word in read_code(text):
        if word.start > last:
            yield Item(text[last : word.start], target)
        yield Item(word.text, target, is_word=True)
        last = word.end
    if last < len(text):
        yield Item(text[last:], target)


def marked(old: Sequence[Item], new: Sequence[Item]) -> tuple[Markup, Markup]:
    """Both as HTML; what only the old has stands in <del>, what only the new has in <ins>; none where one has no words.

    >>> print(*marked([Item("4 <books>")], [Item("5 <books>")]))
    <del>4</del> &lt;books&gt; <ins>5</ins> &lt;books&gt;
    """
    if not (_has_words(old) and _has_words(new)):
        return _plain(old), _plain(new)
    old, new = _in_words(old), _in_words(new)
    before, after = [item for item in old if item.is_word], [item for item in new if item.is_word]
    pairs = list(_counterparts(before, after))
    if len(pairs) < _ALIKE * max(len(before), len(after)):
        pairs = []
    return _html(old, {at for at, _ in pairs}, "del"), _html(new, {at for _, at in pairs}, "ins")


def _has_words(run: Iterable[Item]) -> bool:
    return any(not item.is_tag and item.text.strip() for item in run)


def _plain(run: Iterable[Item]) -> Markup:
    return Markup().join(item.text if item.is_tag else visible(item.text) for item in run)


def _in_words(run: Iterable[Item]) -> list[Item]:
    return [word for item in run for word in ([item] if item.is_tag else items(*item[:2]))]


def _counterparts(old: Sequence[Item], new: Sequence[Item]) -> Iterator[tuple[int, int]]:
    """The places of words that are the same in both, in order."""
    found = changes(*([f"{word.text}\0{word.target}" for word in words] for words in (old, new)))
    ends = [Change(0, 0, 0, 0), *_joined(found), Change(len(old), len(old), len(new), len(new))]
    for last, following in pairwise(ends):
        yield from zip(range(last.end, following.start), range(last.new_end, following.new_start), strict=True)


def _joined(found: Iterable[Change]) -> list[Change]:
    """The changes, those together that have fewer words between them than each of them has: these are no anchor."""
    joined: list[Change] = []
    for change in found:
        if joined and change.start - joined[-1].end < min(_size(joined[-1]), _size(change)):
            last = joined.pop()
            joined.append(Change(last.start, change.end, last.new_start, change.new_end))
        else:
            joined.append(change)
    return joined


def _size(change: Change) -> int:
    return max(change.end - change.start, change.new_end - change.new_start)


def _html(run: Iterable[Item], common: Container[int], name: str) -> Markup:
    """The items; words whose place among the words is not in `common` stand together in elements of that name."""
    opening, closing = Markup("<{}>").format(name), Markup("</{}>").format(name)
    return Markup().join(
        text if isinstance(text, Markup) else opening + visible(text) + closing if differs else visible(text)
        for differs, text in _runs(run, common)
    )


def _runs(run: Iterable[Item], common: Container[int]) -> Iterator[tuple[bool, str]]:
    """Tags, and the texts between them in pieces that differ and others; white space at an end of one does not."""
    text, gap, marking, place = "", "", False, 0
    for item in run:
        if item.is_word:
            differs = place not in common
            place += 1
            if differs == marking:
                text += gap + item.text
            else:
                yield marking, text if marking else text + gap
                text = gap + item.text if marking else item.text
            gap, marking = "", differs
        elif item.is_tag:
            yield marking, text
            yield False, gap
            yield False, item.text
            text, gap, marking = "", "", False
        else:
            gap += item.text
    yield marking, text
    yield False, gap
