"""What the elements of a page hold: words of links and of prose, whole sentences, controls."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from fetcher.page.looks import INLINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fetcher.page.spans import Spans

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# A line of so many words and signs is a sentence; labels, dates, authors and the entries of menus are shorter. Of
# scripts without spaces every sign counts, and a sentence of theirs has as many signs.
_SENTENCE = 12
_CONTROLS = frozenset({"button", "input", "form"})
# Choices of a control that a script drew from plain elements.
_CHOICES = frozenset({"listbox", "option", "combobox"})


@dataclass(frozen=True, slots=True)
class Prose:
    """Measures of elements, each a list that goes with `Spans.elements`; a number counts all that is inside."""

    linked: list[bool]  # whether the element is, or is part of, a link or a control
    block: list[int]  # the innermost element around it, or itself, that is no part of a line
    lines: list[int]  # words of the element's own line where that is a sentence, else 0; only of blocks
    words: list[int]
    own: list[int]  # words of the element itself, in no element inside of it, that are no part of a link or a control
    plain: list[int]  # words that are no part of a link or a control
    sentences: list[int]  # words in sentences
    links: list[int]
    controls: list[int]
    headings: list[int]
    formulas: list[int]

    def reads(self, k: int) -> bool:
        """Whether element `k` is made to be read: sentences, few links, nothing to press."""
        return bool(self.sentences[k]) and not self.controls[k] and self.plain[k] * 5 >= self.words[k] * 4

    def is_menu(self, k: int) -> bool:
        """Whether links are most of element `k`, and no sentence is in it."""
        return self.links[k] > 1 and not self.sentences[k] and self.plain[k] * 2 < self.words[k]


def measure(found: Spans) -> Prose:
    """The measures of a flow; linear in its size."""
    tags = [element.tag for element in found.elements]
    linked = inherited(found, map(_is_linked, tags, found.attributes))
    own = [0] * len(tags)
    for run in found.runs:
        if not linked[run.holder]:
            own[run.holder] += run.end - run.start
    block = _blocks(found, tags)
    lines = [0] * len(tags)
    for k, words in enumerate(own):
        if words:
            lines[block[k]] += words
    lines = [words if words >= _SENTENCE else 0 for words in lines]
    return Prose(
        linked,
        block,
        lines,
        words=[end - start for start, end in zip(found.starts, found.ends, strict=True)],
        own=own,
        plain=summed(found, own),
        sentences=summed(found, lines),
        links=summed(found, map(frozenset({"a"}).__contains__, tags)),
        controls=summed(found, map(_CONTROLS.__contains__, tags)),
        headings=summed(found, map(HEADINGS.__contains__, tags)),
        formulas=summed(found, map(frozenset({"math"}).__contains__, tags)),
    )


def summed(found: Spans, own: Iterable[int]) -> list[int]:
    """For each element the sum of its own value and those of all elements inside of it."""
    before = [*accumulate(own, initial=0)]
    if not before[-1]:
        return before[1:]
    return [before[after] - here for after, here in zip(found.after, before, strict=False)]


def inherited(found: Spans, own: Iterable[bool]) -> list[bool]:
    """For each element whether it, or one around it, has the property."""
    has = [*own]
    done = 0
    for k in [k for k, here in enumerate(has) if here]:
        if k >= done:
            done = found.after[k]
            has[k:done] = [True] * (done - k)
    return has


def is_choice(attributes: Mapping[str, str]) -> bool:
    """Whether an element is a choice, or a list of them, that a script drew from plain elements."""
    return attributes.get("role") in _CHOICES


def _is_linked(tag: str, attributes: Mapping[str, str]) -> bool:
    # A link to a place in the page itself is often wrapped around a heading, which stays one.
    is_link = tag == "button" or (tag == "a" and not attributes.get("href", "").startswith("#"))
    return is_link or is_choice(attributes)


def _blocks(found: Spans, tags: list[str]) -> list[int]:
    block: list[int] = []
    for k, (parent, tag) in enumerate(zip(found.parents, tags, strict=True)):
        block.append(block[parent] if parent >= 0 and tag in INLINE else k)
    return block
