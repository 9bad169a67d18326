"""The leaf blocks of the HTML that cmark makes of Markdown: where each stands, its words and its links.

Without raw HTML in it, that HTML is so regular that expressions read it, in half of the time that a parser and
`page.flow` take. `read_leaves` and `leaves_of_tree` find the same.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from itertools import takewhile
from typing import NamedTuple
from weakref import WeakValueDictionary

from lxml import html

from fetcher.page.semantics import INLINE, inherited
from fetcher.page.word_spans import APART, UNSURE, WordSpans
from fetcher.page.words import split_with_joins

_LEAVES = frozenset("p h1 h2 h3 h4 h5 h6 pre hr tr li".split())
_BOXES = frozenset("ul ol blockquote".split())
_DEEPEST = 200  # boxes in each other: libxml2 loses what is far deeper


@dataclass
class Content:
    """What a leaf says, not to be changed: texts share it.

    `touch` is as in `Spans`; `code` tells which words are code; `linked` of them are inside of links, lines
    break before `breaks`. `inside` is its HTML, where expressions can read it.
    """

    words: list[str] = field(default_factory=list)
    touch: bytearray = field(default_factory=bytearray)
    code: bytearray = field(default_factory=bytearray)
    links: list[str] = field(default_factory=list)
    linked: int = 0
    breaks: list[int] = field(default_factory=list)
    inside: str = field(default="", compare=False)

    @cached_property
    def marks(self) -> "Marks":
        """What marks its words; nothing where `inside` is not known."""
        return _marks(self.inside)

    @cached_property
    def key(self) -> str:
        """The words, however they are cut."""
        return "".join(self.words)

    @cached_property
    def line(self) -> str:
        """The words, as they are cut."""
        return " ".join(self.words)


class Marks(NamedTuple):
    """What of a leaf tells something beside its words.

    The words that are struck, the links with the first word and the end of each, how the boxes of tasks are ticked,
    the lines of code that it is, where it is code alone, and whether figures stand above or below the line.
    """

    struck: tuple[int, ...]
    links: tuple[tuple[str, int, int], ...]
    ticks: str
    code: tuple[str, ...]
    is_raised: bool = False


class Leaf(NamedTuple):
    """A leaf block: its element's tag and place (`data-sourcepos`), the boxes around it, outermost first.

    `in_head` tells that it is in the head of a table.
    """

    tag: str
    place: str
    boxes: tuple[str, ...]
    in_head: bool
    content: Content


def read_leaves(shown: str, defined: Collection[str] = ()) -> list[Leaf] | None:
    """The leaves of cmark's HTML, which must hold no raw HTML; None where only a parser can tell.

    Lists that begin at the places `defined` are definitions: boxes of a kind of their own.
    """
    if _has_controls(shown):
        return None
    found = []
    boxes: tuple[str, ...] = ()
    in_head = False
    for end, tag, place, inside in _BLOCK.findall(shown):
        if end or tag not in _LEAVES or not place:
            if inside and not inside.isspace():  # a list's item goes on below what is in it
                return None
        elif place == "0:0-0:0":  # cmark has lost it
            return None
        else:
            found.append(Leaf(tag, place, boxes, in_head, _content_of(inside)))
        if tag in _BOXES:
            boxes = boxes[:-1] if end else (*boxes, _box(tag, place, defined))
            if len(boxes) > _DEEPEST:
                return None
        elif tag == "thead":
            in_head = not end
    return found


def _box(tag: str, place: str, defined: Collection[str]) -> str:
    return "dl" if tag == "ul" and place.partition("-")[0] in defined else tag


def _has_controls(text: str) -> bool:
    """Whether the text has signs that are none in HTML: a parser leaves them out, or ends there."""
    data = text.encode()
    return len(data.translate(None, _CONTROLS)) < len(data) or "\ufffe" in text or "\uffff" in text


_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
_TAGS = r"(?:p|h[1-6r]|pre|tr|li|ul|ol|blockquote|table|thead|tbody|section)\b"
# A block's tag with what follows up to the next.
_BLOCK = re.compile(
    rf'<(/?)({_TAGS})(?: data-sourcepos="([^"]*)")?[^>]*>'  # with its place
    rf"([^<]*(?:<(?!/?{_TAGS})[^<]*)*)"
)
_INLINE = re.compile(r"<(/?)(\w+)([^>]*)>([^<]*)")
_LINK = re.compile(r' href="([^"]+)"')
_NOTHING: tuple[tuple[str, ...], bytes] = (), b""

# What texts say that are still in use: of a body, a fresh one and the merged one, most is the same.
_known: WeakValueDictionary[str, Content] = WeakValueDictionary()


def _content_of(inside: str) -> Content:
    """What stands between the tags of a leaf."""
    content = _known.get(inside)
    if content is None:
        content = _known[inside] = _read(inside)
    return content


def _marks(inside: str) -> Marks:
    if code := _CODE.fullmatch(inside):
        lines = _unescaped(code[1]).rstrip().split("\n")
        return Marks((), (), "", tuple(line.rstrip() for line in lines))
    is_raised = _RAISED.search(inside) is not None
    if not _MARK.search(inside):
        return Marks((), (), "", (), is_raised)
    struck: list[int] = []
    links: list[tuple[str, int, int]] = []
    ticks, number, target, start, is_struck = "", 0, "", 0, False
    for end, tag, attributes, text in _INLINE.findall(f"<p>{inside}"):
        if tag == "del":
            is_struck = not end
        elif tag == "a":
            if end and target:
                links.append((target, start, number))
            link = _LINK.search(attributes)
            target, start = (_unescaped(link[1]) if link else ""), number
        elif tag == "input":
            ticks += "x" if "checked" in attributes else "-"
        size = len(split_with_joins(_unescaped(text))[0]) if text else 0
        struck += range(number, number + size) if is_struck else ()
        number += size
    return Marks(tuple(struck), tuple(links), ticks, (), is_raised)


_RAISED = re.compile(r"[\u2070\u00b9\u00b2\u00b3\u2074-\u208e]")
_MARK = re.compile("<(?:del|a|input)[ >]")
_CODE = re.compile(r"<code(?: [^>]*)?>([^<]*\n)</code>\s*")


def _read(inside: str) -> Content:
    content = Content(inside=inside)
    spaced, in_link, in_code = True, False, False
    for end, tag, attributes, text in _INLINE.findall(f"<p>{inside}"):
        if tag == "a":
            in_link = not end
            if link := _LINK.match(attributes):
                content.links.append(_unescaped(link[1]))
        elif tag == "code":
            in_code = not end
        elif tag not in INLINE:
            spaced = True
            if tag == "br" and text.startswith("\n"):
                content.breaks.append(len(content.words))
        words, touch = split_with_joins(_unescaped(text)) if text else _NOTHING
        if words:
            start = len(content.words)
            content.words += words
            content.touch += touch
            content.touch[start] = UNSURE if touch[0] and not spaced else APART
            content.code += bytes([in_code]) * len(words)
            content.linked += in_link * len(words)
            spaced = text[-1].isspace()
        elif text:
            spaced = spaced or text.strip() != text
    return content


def _unescaped(text: str) -> str:
    if "&" not in text:
        return text
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&#x27;", "'")
    return text.replace("&amp;", "&")


def leaves_of_tree(spans: WordSpans, defined: Collection[str] = ()) -> list[Leaf]:
    """The same of a tree that was parsed of cmark's HTML, whatever it holds."""
    owner: list[Leaf | None] = []
    in_link: list[bool] = []
    in_code = inherited(spans, (element.tag == "code" for element in spans.elements))
    blocks: list[Leaf] = []
    elements: list[html.HtmlElement] = []
    for k, element in enumerate(spans.elements):
        block = owner[spans.parents[k]] if spans.parents[k] >= 0 else None
        place = element.get("data-sourcepos")
        if place and element.tag in _LEAVES:
            block = _leaf(element, place, defined)
            blocks.append(block)
            elements.append(element)
        elif place and element.tag in _BOXES:
            block = None
        elif block and element.tag == "br" and (element.tail or "").startswith("\n"):
            block.content.breaks.append(spans.starts[k])
        elif block and element.tag == "a" and element.get("href"):
            block.content.links.append(element.get("href"))
        owner.append(block)
        in_link.append(element.tag == "a" or (spans.parents[k] >= 0 and in_link[spans.parents[k]]))
    first: dict[int, int] = {}
    for run in spans.runs:
        block = owner[run.holder]
        if block:
            first.setdefault(id(block), run.start)
            block.content.words += spans.words[run.start : run.end]
            block.content.touch += spans.touch[run.start : run.end]
            block.content.code += bytes([in_code[run.holder]]) * (run.end - run.start)
            block.content.linked += in_link[run.holder] * (run.end - run.start)
    for block in blocks:
        block.content.breaks[:] = [at - first.get(id(block), at) for at in block.content.breaks]
    return [_with_inside(block, element) for block, element in zip(blocks, elements, strict=True)]


def _with_inside(leaf: Leaf, element: html.HtmlElement) -> Leaf:
    """The leaf with its HTML up to the block that begins in it, if that shows the same words without a parser."""
    own = takewhile(lambda child: child.tag not in _LEAVES | _BOXES, element)
    inside = escape(element.text or "", quote=False) + "".join(
        html.tostring(child, encoding="unicode") for child in own
    )
    if _read(inside).words == leaf.content.words:
        leaf.content.inside = inside
    return leaf


def _leaf(element: html.HtmlElement, place: str, defined: Collection[str]) -> Leaf:
    after = element.getnext()
    if place == "0:0-0:0" and after is not None:  # cmark loses the place of a paragraph right above a table
        place = after.get("data-sourcepos", place)
    around = (box for box in reversed(list(element.iterancestors())) if box.tag in _BOXES)
    boxes = tuple(_box(box.tag, box.get("data-sourcepos", ""), defined) for box in around)
    return Leaf(element.tag, place, boxes, element.tag == "tr" and element.getparent().tag == "thead", Content())
