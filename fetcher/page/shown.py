"""What a page shows, as a digest: the same again, however the markup was rebuilt, means that nothing changed."""

from __future__ import annotations

import hashlib
import re
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from lxml import etree

from fetcher.page.flow import SILENT
from fetcher.page.links import target
from fetcher.page.looks import hides, is_hidden

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml import html

    from fetcher.page.page import Page

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
