"""What the elements of a page hold: words of links and of prose, whole sentences, controls."""

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import html

from fetcher.page.flow import INLINE, Flow

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# A line of so many words and signs is a sentence; labels, dates, authors and the entries of menus are shorter. Of
# scripts without spaces every sign counts, and a sentence of theirs has as many signs.
_SENTENCE = 12
_CONTROLS = frozenset({"button", "input", "form"})
# Choices of a control that a script drew from plain elements.
_CHOICES = frozenset({"listbox", "option", "combobox"})


@dataclass(frozen=True, slots=True)
class Prose:
    """Measures of a flow's elements, each a list that goes with `Flow.elements`; a number counts all that is inside."""

    linked: list[bool]  # whether the element is, or is part of, a link or a control
    block: list[int]  # the innermost element around it, or itself, that is no part of a line
    lines: list[int]  # words of the element's own line where that is a sentence, else 0; only of blocks
    words: list[int]
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


def measure(found: Flow) -> Prose:
    """The measures of a flow; linear in its size."""
    linked = inherited(found, (_is_link(element) or is_choice(element) for element in found.elements))
    own = [0] * len(found.elements)
    for run in found.runs:
        if not linked[run.holder]:
            own[run.holder] += run.end - run.start
    block = _blocks(found)
    lines = [0] * len(own)
    for k, words in enumerate(own):
        lines[block[k]] += words
    lines = [words if words >= _SENTENCE else 0 for words in lines]
    return Prose(
        linked,
        block,
        lines,
        words=[end - start for start, end in zip(found.starts, found.ends, strict=True)],
        plain=summed(found, own),
        sentences=summed(found, lines),
        links=_count(found, frozenset({"a"})),
        controls=_count(found, _CONTROLS),
        headings=_count(found, HEADINGS),
        formulas=_count(found, frozenset({"math"})),
    )


def summed(found: Flow, own: Iterable[int]) -> list[int]:
    """For each element the sum of its own value and those of all elements inside of it."""
    sums = list(own)
    for k in range(len(sums) - 1, 0, -1):  # a parent stands before its children
        sums[found.parents[k]] += sums[k]
    return sums


def inherited(found: Flow, own: Iterable[bool]) -> list[bool]:
    """For each element whether it, or one around it, has the property."""
    has: list[bool] = []
    for here, parent in zip(own, found.parents, strict=True):
        has.append(here or (parent >= 0 and has[parent]))
    return has


def is_choice(element: html.HtmlElement) -> bool:
    """Whether the element is a choice, or a list of them, that a script drew from plain elements."""
    return element.get("role") in _CHOICES


def _is_link(element: html.HtmlElement) -> bool:
    # A link to a place in the page itself is often wrapped around a heading, which stays one.
    return element.tag == "button" or (element.tag == "a" and not (element.get("href") or "").startswith("#"))


def _blocks(found: Flow) -> list[int]:
    block: list[int] = []
    for k, parent in enumerate(found.parents):
        block.append(block[parent] if parent >= 0 and found.elements[k].tag in INLINE else k)
    return block


def _count(found: Flow, tags: frozenset[str]) -> list[int]:
    return summed(found, (element.tag in tags for element in found.elements))
