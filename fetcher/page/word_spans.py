"""The text of a tree as one sequence of words, with the elements as spans over it; all that a page shows, as a digest.

The same digest again, however the markup was rebuilt, means that nothing changed.
"""

from __future__ import annotations

import hashlib
import re
from functools import cached_property
from itertools import chain, compress
from typing import TYPE_CHECKING, Any, Self, cast

from lxml import etree, html

from fetcher.page.boilerplate import element_kinds
from fetcher.page.links import target
from fetcher.page.semantics import INLINE, Counts, ElementKind, count, is_hidden, is_hiding_class
from fetcher.page.words import Spans, TextRun, split_with_joins

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fetcher.page.page import Page

# How a word stands to the one before it. Bits, so that what one source is unsure of can be noted beside what another
# says.
APART, TOUCHING, UNSURE = 0, 1, 2

# Their content is never text that a reader sees in the flow.
SILENT = frozenset(
    "script style noscript template head iframe object embed svg datalist textarea canvas audio video map".split()
)


class WordSpans(Spans):
    """The spans of a tree's elements, with what each element holds and how it kinds, measured where somebody asks."""

    @cached_property
    def counts(self) -> Counts:
        """What each element holds."""
        return count(self)

    @cached_property
    def kinds(self) -> list[ElementKind]:
        """How each element kinds; one without words like a box, as nobody asks."""
        return element_kinds(self, self.counts)

    def only(self, keep: Iterable[bool]) -> Self:
        """The words of the wanted runs alone; `keep` tells for each run whether it is one."""
        runs = list(compress(self.runs, keep))
        words = [word for run in runs for word in self.words[run.start : run.end]]
        return type(self)(words, bytearray().join(self.touch[run.start : run.end] for run in runs))


def word_spans(root: html.HtmlElement) -> WordSpans:
    """The flow of `root`; silent elements have no words and are not listed."""
    spans = WordSpans()
    words, touch, elements, parents = spans.words, spans.touch, spans.elements, spans.parents
    holder, spaced = -1, True  # `spaced`: whether white space or a border of blocks ends what was read so far
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:  # written out: calls for each element and text would double its time
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
        if not text or text.isspace():  # most texts are what stands between two elements
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


# Links in which nothing can stand that differs at each visit, however they compare: no parameter, and no number that a
# machine drew, as those have more signs.
_STEADY = re.compile(r"[^?;%\d]* | (?:[^?;%\w-] | [\w-]{1,15}(?![\w-]))*", re.VERBOSE)
# libxml2 finds the attributes of a name in a tenth of the time that it takes to ask each element; two names in one
# expression, or the elements of what was found, would take it quadratic time.
_LINKS = (etree.XPath("//@src"), etree.XPath("//@href"), etree.XPath("//@data-src"))
_TEXTS = (etree.XPath("//@alt"),)  # in the place of pictures
_DOUBTS = (etree.XPath("//@hidden"), etree.XPath("//@aria-hidden"), etree.XPath("//@style"))
_CLASSES = (etree.XPath("//@class"),)
_CLASS_NAMES = etree.XPath("//@class", smart_strings=False)
# What marks words without being one of them.
_STRUCK = etree.XPath("//del | //s | //strike")
_TICKED = etree.XPath("//input[@checked]")
_EMBEDDED = frozenset({"iframe", "object", "embed", "audio", "video"})  # not text, but what they show is content


def digest(page: Page) -> bytes:
    """Sixteen bytes that differ where two pages show other text, links or images; hide, strike or tick something else.

    White space, tags, classes and scripts make no difference.
    """
    text = "".join("".join(_pieces(page)).split())
    # The state has such digests of earlier versions, by which an upgrade knows that nothing changed.
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _pieces(page: Page) -> list[str]:
    pieces: list[str] = []
    marks = _marks(page)
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
        if element in marks:
            pieces.append(marks[element])
    return pieces


def _marks(page: Page) -> dict[html.HtmlElement, str]:
    """What is noted of elements beside their text: where they lead, that they are not shown, struck or ticked."""
    marks: dict[html.HtmlElement, str] = {}
    for value in _values(_LINKS, page.root):
        if link := str(value):  # without its element, which a cache would keep
            element = value.getparent()
            marks[element] = (
                f"{marks.get(element, '')}\1{link if _STEADY.fullmatch(link) else target(link, page.base)}\2"
            )
    for value in _values(_TEXTS, page.root):
        marks[value.getparent()] = f"{marks.get(value.getparent(), '')}\4{value}"
    for sign, elements in (("\3", _hidden(page.root)), ("\4", _STRUCK(page.root)), ("\5", _TICKED(page.root))):
        for element in cast("Iterable[html.HtmlElement]", elements):
            marks[element] = marks.get(element, "") + sign
    return marks


def _hidden(root: html.HtmlElement) -> set[html.HtmlElement]:
    """The elements that are not shown, of the few that may be: hardly a page has a class that says so."""
    hiding = {names for names in {*cast("list[str]", _CLASS_NAMES(root))} if is_hiding_class(names)}
    named = (names for names in _values(_CLASSES, root) if names in hiding) if hiding else ()
    return {
        element for value in chain(_values(_DOUBTS, root), named) if is_hidden((element := value.getparent()).attrib)
    }


def _values(paths: Iterable[etree.XPath], root: html.HtmlElement) -> Iterator[Any]:
    """The attributes that are found, as strings that know their elements."""
    return chain.from_iterable(cast("list[Any]", path(root)) for path in paths)
