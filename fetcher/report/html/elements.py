"""cmark's HTML as harmless HTML: known elements, links to the web, no other attribute, and nothing that loads."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from markupsafe import Markup

from fetcher.report.html.marking import Item
from fetcher.report.html.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

_KEPT = frozenset("p blockquote ul ol li table thead tbody tr th td pre code em strong s sup br hr".split())
_NAMES = {"del": "s"}  # <del> and <ins> are the report's own
_EMPTY = frozenset({"br", "hr"})
_HEADING = re.compile(r"h[1-6]")
_DEEPEST = 30  # elements within each other; text that is deeper is shown without

_LINK, _LEADS_ON = Markup('<a href="'), Markup('" rel="noopener noreferrer nofollow">')
_SPAN = Markup("<span>")


def block(element: HtmlElement, address: str, only: Sequence[HtmlElement] | None = None) -> Iterator[Item]:
    """The items of a block; of a list or a table the items or rows in `only`, and the head of the table."""
    if only is None:
        yield from _element(element, address, "", 0)
        return
    yield Item(_tag(element.tag))
    for head in element.iterchildren("thead"):
        yield from _element(head, address, "", 0)
    for part in only:
        if part.getparent().tag != "thead":
            yield from _element(part, address, "", 0)
    yield Item(_end(element.tag))


def verbatim(text: str) -> Iterator[Item]:
    """The items of text that is shown as it is written."""
    yield Item(Markup('<pre class="raw">'))
    yield Item(text)
    yield Item(_end("pre"))


def heading_of(element: HtmlElement) -> str | None:
    """The text of a heading; None of any other block."""
    return str(element.text_content()).strip() if _HEADING.fullmatch(element.tag) else None


def _element(node: HtmlElement, address: str, target: str, depth: int) -> Iterator[Item]:
    """The items of an element; words in it lead to `target`."""
    name = _NAMES.get(node.tag, node.tag)
    if name == "a":
        yield from _link(node, address, depth)
    elif name == "img":
        yield Item(Markup('<span class="image">'))
        yield Item(node.get("alt") or "image", target or node.get("src", ""))
        yield Item(_end("span"))
    elif name == "input":
        yield Item("☑" if "checked" in node.attrib else "☐")
    elif depth > _DEEPEST:
        yield Item(str(node.text_content()), target)
    else:
        yield Item(_opening(node, name))
        yield from _content(node, address, target, depth)
        if name not in _EMPTY:
            yield Item(_end(_kind(name)))


def _content(node: HtmlElement, address: str, target: str, depth: int) -> Iterator[Item]:
    yield Item(node.text or "", target)
    for child in node:
        if isinstance(child.tag, str):  # else a comment, where raw HTML was
            yield from _element(child, address, target, depth + 1)
        yield Item(child.tail or "", target)


def _link(node: HtmlElement, address: str, depth: int) -> Iterator[Item]:
    target = node.get("href", "")
    href = _web(target, address)
    yield Item(_LINK + visible(href) + _LEADS_ON if href else _SPAN)
    if node.text_content().strip() or node.find(".//img") is not None:
        yield from _content(node, address, href or target, depth + 1)
    else:  # a link without text could be neither seen nor followed
        yield Item("link", href or target)
    yield Item(_end("a" if href else "span"))


def _web(href: str, address: str) -> str:
    """Where a link leads as an http(s) address; empty where it leads nowhere else."""
    try:
        found = urljoin(address, href) if href else ""
    except ValueError:
        return ""
    return found if found.lower().startswith(("http://", "https://")) else ""


def _opening(node: HtmlElement, name: str) -> Markup:
    if _HEADING.fullmatch(name):
        return Markup('<p class="{}">').format(name)
    if name == "li" and node.getparent().tag == "ol":
        return Markup('<li value="{}">').format(_number(node))
    return _tag(_kind(name))


@cache
def _tag(name: str) -> Markup:
    return Markup("<{}>").format(name)


@cache
def _end(name: str) -> Markup:
    return Markup("</{}>").format(name)


def _kind(name: str) -> str:
    """The element that stands for one: headings of pages are none of the report's."""
    return name if name in _KEPT else "p" if _HEADING.fullmatch(name) else "span"


def _number(item: HtmlElement) -> int:
    return int(item.getparent().get("start", "1")) + sum(1 for _ in item.itersiblings("li", preceding=True))
