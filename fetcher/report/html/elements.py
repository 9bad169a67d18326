"""Sanitises the HTML that cmark renders, and marks the words that only one of two versions has.

What remains are known elements and links to the web, with no other attributes, and nothing that loads.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin

from lxml import etree, html
from markupsafe import Markup

from fetcher.report.outline import read_code
from fetcher.report.patch import Change, changes
from fetcher.report.screen import for_browsers

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from lxml.html import HtmlElement

_KEPT = frozenset("p blockquote ul ol li table thead tbody tr th td pre code em strong s sup br hr".split())
_NAMES = {"del": "s"}  # <del> and <ins> are the report's own
_EMPTY = frozenset({"br", "hr"})
_HEADING = re.compile(r"h[1-6]")
_PARSER = html.HTMLParser()
_PARSER.set_element_class_lookup(etree.ElementDefaultClassLookup(element=html.HtmlElement))  # as in `page`
_DEEPEST = 30  # nested elements; deeper text is shown without markup

_LINK, _LEADS_ON = Markup('<a href="'), Markup('" rel="noopener noreferrer nofollow">')
_SPAN = Markup("<span>")


def parsed(text: str) -> HtmlElement:
    """The `body` element of what cmark has rendered."""
    return html.document_fromstring(f"<html><body>{text}</body></html>", parser=_PARSER).find("body")


def block(element: HtmlElement, address: str, only: Sequence[HtmlElement] | None = None) -> Iterator[Item]:
    """The items of a block; of a list or a table, its items or rows in `only`, and the header of the table."""
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
    """The items of a text that is shown as source."""
    yield Item(Markup('<pre class="raw">'))
    yield Item(text)
    yield Item(_end("pre"))


def heading_of(element: HtmlElement) -> str | None:
    """The text of a heading; None for any other block."""
    return str(element.text_content()).strip() if _HEADING.fullmatch(element.tag) else None


def _element(node: HtmlElement, address: str, target: str, depth: int) -> Iterator[Item]:
    """The items of an element whose words link to `target`."""
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
    yield Item(_LINK + for_browsers(href) + _LEADS_ON if href else _SPAN)
    if node.text_content().strip() or node.find(".//img") is not None:
        yield from _content(node, address, href or target, depth + 1)
    else:  # a link without text could be neither seen nor followed
        yield Item("link", href or target)
    yield Item(_end("a" if href else "span"))


def _web(href: str, address: str) -> str:
    """The http(s) address of a link; empty if it has none."""
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
    """The element to write: headings become paragraphs, as they are no headings of the report."""
    return name if name in _KEPT else "p" if _HEADING.fullmatch(name) else "span"


def _number(item: HtmlElement) -> int:
    return int(item.getparent().get("start", "1")) + sum(1 for _ in item.itersiblings("li", preceding=True))


_ALIKE = 0.25
"""Share of common words below which no words count as common: every other word marked would be hard to read."""


class Item(NamedTuple):
    """A tag (Markup, written as it is), a text or a word of one, with the address that it links to."""

    text: str
    target: str = ""
    is_word: bool = False

    @property
    def is_tag(self) -> bool:
        """Whether it is HTML that we wrote."""
        return isinstance(self.text, Markup)


def items(text: str, target: str = "") -> Iterator[Item]:
    """The words, punctuation and white space of a text.

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
    """Both as HTML, with <del> around words that only the old has and <ins> around those that only the new has.

    Nothing is marked if either has no words.

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
    return Markup().join(item.text if item.is_tag else for_browsers(item.text) for item in run)


def _in_words(run: Iterable[Item]) -> list[Item]:
    return [word for item in run for word in ([item] if item.is_tag else items(*item[:2]))]


def _counterparts(old: Sequence[Item], new: Sequence[Item]) -> Iterator[tuple[int, int]]:
    """The positions of words that are the same in both, in order."""
    found = changes(*([f"{word.text}\0{word.target}" for word in words] for words in (old, new)))
    ends = [Change(0, 0, 0, 0), *_joined(found), Change(len(old), len(old), len(new), len(new))]
    for last, following in pairwise(ends):
        yield from zip(range(last.end, following.start), range(last.new_end, following.new_start), strict=True)


def _joined(found: Iterable[Change]) -> list[Change]:
    """The changes, with those joined that have fewer words between them than either of them has."""
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
    """The items as HTML, with an element of that name around words whose positions are not in `common`."""
    opening, closing = Markup("<{}>").format(name), Markup("</{}>").format(name)
    return Markup().join(
        text if isinstance(text, Markup) else opening + for_browsers(text) + closing if differs else for_browsers(text)
        for differs, text in _runs(run, common)
    )


def _runs(run: Iterable[Item], common: Container[int]) -> Iterator[tuple[bool, str]]:
    """Tags, and the texts between them in pieces that differ or do not; white space at the ends of a piece does not."""
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
