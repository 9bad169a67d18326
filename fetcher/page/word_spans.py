"""Reads a tree as one sequence of words with its elements as spans over it, and computes a digest of all a page shows.

While the digest stays the same, however the markup was rebuilt, the page has not changed.
"""

from __future__ import annotations

import hashlib
import re
from functools import cached_property, lru_cache
from itertools import compress
from typing import TYPE_CHECKING, Self

from lxml import etree, html

from fetcher.page.boilerplate import element_kinds
from fetcher.page.furniture import furniture
from fetcher.page.links import target
from fetcher.page.semantics import INLINE, Counts, ElementKind, count, is_hidden, is_hiding_class
from fetcher.page.words import Spans, TextRun, split_with_joins

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fetcher.page.page import Page

# How a word is joined to the one before it. Bits, so that UNSURE can be combined with what another source says.
APART, TOUCHING, UNSURE = 0, 1, 2

# Elements whose content is never visible text.
SILENT = frozenset(
    "script style noscript template head iframe object embed svg datalist textarea canvas audio video map".split()
)


class WordSpans(Spans):
    """`Spans` with counts, kinds and furniture of the elements, computed on first use."""

    @cached_property
    def counts(self) -> Counts:
        """How many words, links, controls and so on each element holds."""
        return count(self)

    @cached_property
    def kinds(self) -> list[ElementKind]:
        """The kind of each element; those without words are containers."""
        return element_kinds(self, self.counts)

    @cached_property
    def furniture(self) -> frozenset[int]:
        """The elements that are page furniture."""
        return frozenset(furniture(self, self.counts))

    def only(self, keep: Iterable[bool]) -> Self:
        """The words of the text runs for which `keep` is true, without elements."""
        found = type(self)()
        start = end = 0
        for run in compress(self.runs, keep):
            if run.start != end:  # runs without a gap between them are copied at once
                found.words += self.words[start:end]
                found.touch += self.touch[start:end]
                start = run.start
            end = run.end
        found.words += self.words[start:end]
        found.touch += self.touch[start:end]
        return found


def word_spans(root: html.HtmlElement) -> WordSpans:
    """The words and elements of `root`, without the elements in `SILENT`."""
    spans = WordSpans()
    words, touch, elements, parents = spans.words, spans.touch, spans.elements, spans.parents
    holder, spaced = -1, True  # `spaced`: the text so far ends with white space or at the border of a block
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:  # one long loop: a call for each element and text would double its time
        tag = element.tag
        if tag not in INLINE:
            spaced = True
        if event == "end":
            if tag not in SILENT:
                spans.ends[holder], spans.after[holder] = len(words), len(elements)
                holder = parents[holder]
            text = element.tail if holder >= 0 else None
        elif tag in SILENT:
            walker.skip_subtree()
            continue
        else:
            parents.append(holder)
            holder = len(elements)
            elements.append(element)
            spans.starts.append(len(words))
            spans.ends.append(len(words))
            spans.after.append(holder + 1)
            text = element.text
        if not text or text.isspace():  # as most texts are, between two elements
            spaced = spaced or bool(text)
            continue
        new, touching = split_with_joins(text)
        if new:
            start = len(words)
            words += new
            touch += touching
            touch[start] = UNSURE if touching[0] and not spaced else APART
            spans.runs.append(TextRun(element, event == "end", holder, start, len(words)))
            spaced = text[-1].isspace()
        else:
            spaced = spaced or text.strip() != text
    return spans


@lru_cache(maxsize=2)  # the whole page, and what the user's rules leave of it
def page_words(root: html.HtmlElement) -> WordSpans:
    """As `word_spans`, for a page that several steps of a visit read. The result is cached: do not change either."""
    return word_spans(root)


# Links that `links.target` need not normalise: no parameters, and nothing as long as a generated id.
_STEADY = re.compile(r"[^?;%\d]* | (?:[^?;%\w-] | [\w-]{1,15}(?![\w-]))*", re.VERBOSE)
_LINKS = ("src", "href", "data-src")
_NOTED = frozenset({*_LINKS, "alt", "hidden", "aria-hidden", "style", "checked"})  # attributes that may say something
_STRUCK = frozenset({"del", "s", "strike"})
_EMBEDDED = frozenset({"iframe", "object", "embed", "audio", "video"})  # silent, but content


def digest(page: Page) -> bytes:
    """A 16-byte digest of what a page shows: its text, links and images, and what is hidden, struck or ticked.

    White space, tags, classes and scripts make no difference.
    """
    text = "".join("".join(_pieces(page)).split())
    # Do not change this: the state holds such digests, by which an upgraded version knows that nothing changed.
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _pieces(page: Page) -> list[str]:
    pieces: list[str] = []
    walker = etree.iterwalk(page.root, events=("start", "end"))
    for event, element in walker:
        if event == "end":
            if tail := element.tail:
                pieces.append(tail)
            continue
        tag = element.tag
        if tag in SILENT:
            walker.skip_subtree()
            if tag not in _EMBEDDED:
                continue
        elif text := element.text:
            pieces.append(text)
        noted = dict(element.items())
        if (noted and (not _NOTED.isdisjoint(noted) or is_hiding_class(noted.get("class", "")))) or tag in _STRUCK:
            pieces.append(_marks(tag, noted, page.base))
    return pieces


def _marks(tag: str, attributes: dict[str, str], base: str) -> str:
    """What the digest notes of an element besides text: link targets, alternative texts, hidden, struck or ticked."""
    marks = ""
    for name in _LINKS:
        if link := attributes.get(name):
            marks += f"\1{link if _STEADY.fullmatch(link) else target(link, base)}\2"
    if "alt" in attributes:
        marks += f"\4{attributes['alt']}"
    if is_hidden(attributes):
        marks += "\3"
    if tag in _STRUCK:
        marks += "\4"
    return f"{marks}\5" if tag == "input" and "checked" in attributes else marks
