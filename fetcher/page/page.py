"""A fetched page as an lxml tree, with its address, base and title, and the headings that are this title."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from lxml import etree, html

from fetcher.page.normalise import normalise
from fetcher.page.words import split_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fetcher.page.words import Spans

# Control characters other than tab, line feed and carriage return are no text in HTML, and NUL ends libxml2's
# strings. Form feed is white space in HTML.
_CONTROLS = bytes([*range(9), 11, *range(14, 32), 127])
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"\s+")
_OF_HEAD = frozenset(
    ["title", "meta", "link", "base", "style", "script", "noscript", "template", "bgsound", "basefont"]
)
# lxml's own lookup, which has other classes for the elements of forms, is a call of Python for each element that is
# met: half of the time of a walk over a page.
_ALL_ALIKE = etree.ElementDefaultClassLookup(element=html.HtmlElement)


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page: `root` is the `html` element, `url` its address, `base` what relative links resolve against.

    `selected` tells that a user has chosen what is left of it: all of that is content.
    """

    root: html.HtmlElement
    url: str
    base: str
    title: str | None
    selected: bool = False


def parse(text: str | bytes, url: str) -> Page:
    """The page that `text` holds, which is UTF-8 if it is bytes; raises nothing but MemoryError, whatever the text.

    Comments and processing instructions are left out. Elements nested deeper than 2,048 are lost (libxml2's
    bound), so that no walk over the tree has to fear a hostile depth.
    """
    data = text if isinstance(text, bytes) else _encoded(text)
    root = document(data)
    normalise(root, data)
    return Page(root, url, _base(root, url), title(root))


def document(text: str | bytes) -> html.HtmlElement:
    """The `html` element of any text; an empty document where there is nothing to parse."""
    data = text if isinstance(text, bytes) else _encoded(text)
    # huge_tree lifts libxml2's depth bound from 256, where real pages get lost, to 2,048.
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    parser.set_element_class_lookup(_ALL_ALIKE)
    try:
        return _with_body(html.document_fromstring(data.translate(None, _CONTROLS), parser=parser))
    except etree.ParserError:  # nothing but white space or comments
        return html.document_fromstring("<html><body></body></html>")
    except etree.XMLSyntaxError as error:  # it recovers from all but this
        raise MemoryError from error


def _with_body(root: html.HtmlElement) -> html.HtmlElement:
    """The document with its content in the body.

    The tags of head and body may be left out. Then a browser ends the head where content begins, and libxml2 does so
    at the elements of HTML 4 alone: `main` and all in it would be a part of the head, and not shown.
    """
    head = root.find("head")
    first = next((child for child in head if child.tag not in _OF_HEAD), None) if head is not None else None
    if first is not None:
        body = root.find("body")
        body = etree.SubElement(root, "body") if body is None else body
        strays = [first, *first.itersiblings()]
        if strays[-1].tail is None and body.text:
            strays[-1].tail, body.text = body.text, None
        body[:0] = strays
    return root


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("�", text).encode()


def _base(root: html.HtmlElement, url: str) -> str:
    href = str(root.xpath("string(//base/@href)")).strip()
    try:
        return urljoin(url, href)
    except ValueError:  # an address such as "http://[" cannot be joined
        return url


def title(root: html.HtmlElement) -> str | None:
    """The text of the page's `title`: the first one outside of inline drawings, which have titles of their own."""
    for element in root.iter("title"):
        if next(element.iterancestors("svg"), None) is None:
            return _SPACE.sub(" ", "".join(element.itertext())).strip() or None
    return None


_HEADINGS = frozenset({"h1", "h2", "h3"})
_LONG = 60  # words at most of a line that may be a title
_ENOUGH = 2  # words that a heading shares with the title by more than chance


def is_title(spans: Spans, k: int) -> bool:
    """Whether the page's title begins with the words of element `k`, and these are enough to tell."""
    words = _plain(spans.words[spans.starts[k] : spans.ends[k]])
    return len(words) >= _ENOUGH and _plain(split_words(title(spans.elements[0]) or ""))[: len(words)] == words


def matching_title(spans: Spans, among: Iterable[int]) -> Iterator[int]:
    """Those of some elements with whose words the page's title begins or ends, where these are enough to tell."""
    whole = _plain(split_words(title(spans.elements[0]) or ""))
    for k in among:
        if _ENOUGH <= spans.ends[k] - spans.starts[k] <= min(len(whole), _LONG):
            words = _plain(spans.words[spans.starts[k] : spans.ends[k]])
            if words in (whole[: len(words)], whole[-len(words) :]):
                yield k


def missing_titles(spans: Spans, stored: Sequence[str]) -> frozenset[int]:
    """The elements that are the page's title, where its words do not stand among the `stored` ones in a row.

    A page's title is each heading with which the text of its `title` element begins, and its `h1` where none is
    stored: a new one among others that are is a part of the text.
    """
    named, known = _plain(split_words(title(spans.elements[0]) or "")), _joined(stored).casefold()
    heads = {
        k: _plain(spans.words[spans.starts[k] : spans.ends[k]])
        for k, element in enumerate(spans.elements)
        if element.tag in _HEADINGS and spans.ends[k] > spans.starts[k]
    }
    first = {k for k in heads if spans.elements[k].tag == "h1"}
    same = {k for k, words in heads.items() if len(words) >= _ENOUGH and named[: len(words)] == words}
    missing = {k for k in first | same if _joined(heads[k]) not in known}
    return frozenset(same & missing | first if first <= missing else same & missing)


def _plain(words: Sequence[str]) -> list[str]:
    return [word.casefold() for word in words]


def _joined(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "
