"""Parses a page into an lxml tree with its URL, base and title, and finds the elements that show the title."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from lxml import etree, html

from fetcher.page.normalise import normalise
from fetcher.page.words import split_words
from fetcher.page.xml_text import xml_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fetcher.page.words import Spans

# Control characters to delete: HTML does not allow them, and NUL ends libxml2's strings. Form feed is white space.
_CONTROLS = bytes([*range(9), 11, *range(14, 32), 127])
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"\s+")
_OF_HEAD = frozenset(
    ["title", "meta", "link", "base", "style", "script", "noscript", "template", "bgsound", "basefont"]
)
# One class for all elements: lxml's own lookup calls Python for each one, which is half of the time of a walk.
_ALL_ALIKE = etree.ElementDefaultClassLookup(element=html.HtmlElement)


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page: `root` is the `html` element, `base` the URL that relative links resolve against.

    `selected`: a user's `select` rule has chosen what is left of it, so that all of it is content. `kept` holds
    the objects of its elements, which lxml would make anew at each walk.
    """

    root: html.HtmlElement
    url: str
    base: str
    title: str | None
    selected: bool = False
    kept: tuple[html.HtmlElement, ...] = ()


def parse(text: str | bytes, url: str) -> Page:
    """The page in a text (UTF-8 if bytes), as browsers would build it; raises nothing but MemoryError.

    Comments and processing instructions are dropped, and so are elements nested deeper than 2,048 (libxml2's bound):
    no walk over the tree has to fear a hostile depth.
    """
    data = text if isinstance(text, bytes) else _encoded(text)
    root = document(data)
    kept = tuple(root.iter())
    normalise(root)
    return Page(root, url, _base(root, url), title(root), kept=kept)


def document(text: str | bytes) -> html.HtmlElement:
    """The `html` element of any text, parsed but not normalised; an empty document if there is nothing to parse."""
    data = text if isinstance(text, bytes) else _encoded(text)
    # huge_tree raises libxml2's depth bound from 256, which real pages exceed, to 2,048.
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    parser.set_element_class_lookup(_ALL_ALIKE)
    try:
        return _with_body(html.document_fromstring(data.translate(None, _CONTROLS), parser=parser))
    except etree.ParserError:  # nothing but white space or comments
        return html.document_fromstring("<html><body></body></html>")
    except etree.XMLSyntaxError as error:  # libxml2 recovers from everything but a lack of memory
        raise MemoryError from error


def _with_body(root: html.HtmlElement) -> html.HtmlElement:
    """The document with all content in the body.

    If the tags of head and body are omitted, browsers end the head where content begins. libxml2 does so only for the
    elements of HTML 4, and would leave `main` and all in it in the head.
    """
    head = root.find("head")
    first = next((child for child in head if child.tag not in _OF_HEAD), None) if head is not None else None
    if first is not None:
        body = root.find("body")
        body = etree.SubElement(root, "body") if body is None else body
        strays = [first, *first.itersiblings()]
        if strays[-1].tail is None and body.text:
            strays[-1].tail, body.text = xml_text(body.text), None
        body[:0] = strays
    return root


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("�", text).encode()


def _base(root: html.HtmlElement, url: str) -> str:
    tops = (root, *root.itersiblings())  # libxml2 makes a second root of what follows the end of the page
    hrefs = (base.get("href") for top in tops for base in top.iter("base"))
    href: str = next((href for href in hrefs if href is not None), "")
    try:
        return urljoin(url, href.strip())
    except ValueError:  # an address such as "http://[" cannot be joined
        return url


def title(root: html.HtmlElement) -> str | None:
    """The text of the `title` element, of the first outside of SVG drawings, which have their own; None if empty."""
    # First in the head, as a search of the whole tree does not end at what it finds.
    for element in chain(root.iterfind("head/title"), root.iter("title")):
        if next(element.iterancestors("svg"), None) is None:
            return _SPACE.sub(" ", "".join(element.itertext())).strip() or None
    return None


_HEADINGS = ("h1", "h2", "h3")
_LONG = 60  # the most words of a title
_ENOUGH = 2  # the fewest words that are not shared by chance


def is_title(spans: Spans, k: int) -> bool:
    """Whether the page's title begins with the words of element `k`, and these are enough to tell."""
    words = _plain(spans.words[spans.starts[k] : spans.ends[k]])
    return len(words) >= _ENOUGH and _plain(split_words(title(spans.elements[0]) or ""))[: len(words)] == words


def matching_title(spans: Spans, among: Iterable[int]) -> Iterator[int]:
    """The elements of `among` whose words begin or end the page's title, if they are enough to tell."""
    whole = _plain(split_words(title(spans.elements[0]) or ""))
    for k in among:
        if _ENOUGH <= spans.ends[k] - spans.starts[k] <= min(len(whole), _LONG):
            words = _plain(spans.words[spans.starts[k] : spans.ends[k]])
            if words in (whole[: len(words)], whole[-len(words) :]):
                yield k


def missing_titles(spans: Spans, stored: Sequence[str]) -> frozenset[int]:
    """The headings that are the page's title, but do not occur among the `stored` words.

    A heading is the title if the text of the `title` element begins with it. Also every `h1` counts, if none is stored:
    a new `h1` among stored ones is part of the text.
    """
    named, known = _plain(split_words(title(spans.elements[0]) or "")), _joined(stored).casefold()
    heads = {
        k: _plain(spans.words[spans.starts[k] : spans.ends[k]])
        for k in spans.tagged(*_HEADINGS)
        if spans.ends[k] > spans.starts[k]
    }
    first = {k for k in heads if spans.elements[k].tag == "h1"}
    same = {k for k, words in heads.items() if len(words) >= _ENOUGH and named[: len(words)] == words}
    missing = {k for k in first | same if _joined(heads[k]) not in known}
    return frozenset(same & missing | first if first <= missing else same & missing)


def _plain(words: Sequence[str]) -> list[str]:
    return [word.casefold() for word in words]


def _joined(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "
