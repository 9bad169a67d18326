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

from fetcher.page.boilerplate import settled
from fetcher.page.links import target
from fetcher.page.semantics import INLINE, Look, Prose, hides, is_hidden, measure
from fetcher.page.words import Run, Spans, read

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


class Flow(Spans):
    """The spans of a tree's elements, with what each element holds and how it looks, measured where somebody asks."""

    @cached_property
    def prose(self) -> Prose:
        """What each element holds."""
        return measure(self)

    @cached_property
    def looks(self) -> list[Look]:
        """How each element looks; one without words like a box, as nobody asks."""
        return settled(self, self.prose)

    def chosen(self, keep: Iterable[bool]) -> Self:
        """The words of the wanted runs alone; `keep` tells for each run whether it is one."""
        runs = list(compress(self.runs, keep))
        words = [word for run in runs for word in self.words[run.start : run.end]]
        return type(self)(words, bytearray().join(self.touch[run.start : run.end] for run in runs))


def flow(root: html.HtmlElement) -> Flow:
    """The flow of `root`; silent elements have no words and are not listed."""
    found = Flow()
    words, touch, elements, parents = found.words, found.touch, found.elements, found.parents
    holder, spaced = -1, True  # `spaced`: whether white space or a border of blocks ends what was read so far
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:  # written out: calls for each element and text would double its time
        tag = element.tag
        if tag not in INLINE:
            spaced = True
        if event == "end":
            if tag not in SILENT:
                found.ends[holder], found.after[holder] = len(words), len(elements)
                holder = parents[holder]
            text = element.tail if holder >= 0 else None
        elif tag in SILENT:
            walker.skip_subtree()
            continue
        else:
            parents.append(holder)
            holder = len(elements)
            elements.append(element)
            found.starts.append(len(words))
            found.ends.append(len(words))
            found.after.append(holder + 1)
            text = element.text
        if not text or text.isspace():  # most texts are what stands between two elements
            spaced = spaced or bool(text)
            continue
        new, touching = read(text)
        if new:
            start = len(words)
            words += new
            touch += touching
            touch[start] = UNSURE if touching[0] and not spaced else APART
            found.runs.append(Run(element, event == "end", holder, start, len(words)))
            spaced = text[-1].isspace()
        else:
            spaced = spaced or text.strip() != text
    return found


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
    hiding = {names for names in {*cast("list[str]", _CLASS_NAMES(root))} if hides(names)}
    named = (names for names in _values(_CLASSES, root) if names in hiding) if hiding else ()
    return {
        element for value in chain(_values(_DOUBTS, root), named) if is_hidden((element := value.getparent()).attrib)
    }


def _values(paths: Iterable[etree.XPath], root: html.HtmlElement) -> Iterator[Any]:
    """The attributes that are found, as strings that know their elements."""
    return chain.from_iterable(cast("list[Any]", path(root)) for path in paths)
