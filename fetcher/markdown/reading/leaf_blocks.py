"""Reads the leaf blocks from the HTML that cmark renders: the position of each, its words and its links.

Without raw HTML in it, that HTML is so regular that expressions read it, in half of the time that a parser and
`page.word_spans` take. `read_leaves` and `leaves_of_tree` find the same.
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
from fetcher.page.words import letters_of, split_with_joins

_LEAVES = frozenset("p h1 h2 h3 h4 h5 h6 pre hr tr li".split())
_BOXES = frozenset("ul ol blockquote".split())
_DEEPEST = 200  # nested boxes: libxml2 loses much deeper ones


@dataclass
class Content:
    """The content of a leaf block. Texts share it: do not change it.

    `touch` is as in `Spans`, and `code` tells which words are code; `linked` counts the words in links. Hard breaks are
    before the words `breaks`. `inside` is the HTML, empty where only a parser can read it.
    """

    words: list[str] = field(default_factory=list)
    touch: bytearray = field(default_factory=bytearray)
    code: bytearray = field(default_factory=bytearray)
    links: list[str] = field(default_factory=list)
    linked: int = 0
    breaks: list[int] = field(default_factory=list)
    inside: str = field(default="", compare=False)

    @cached_property
    def markup(self) -> "Markup":
        """The markup of its words; empty where `inside` is not known."""
        return _markup(self.inside)

    @cached_property
    def placed_links(self) -> tuple[tuple[str, int, int], ...]:
        """Each link with its first word and the one after its last; empty where `inside` is not known."""
        return _marks(self.inside)[1] if "<a " in self.inside else ()

    @cached_property
    def key(self) -> str:
        """The words without spaces, however the text is split into words."""
        return "".join(self.words)

    @cached_property
    def letters(self) -> str:
        """The letters and digits of the words, without case."""
        return letters_of(self.key).casefold()

    @cached_property
    def line(self) -> str:
        """The words with spaces between them."""
        return " ".join(self.words)


class Markup(NamedTuple):
    """What a leaf says beside its words and links.

    The numbers of the struck words; the ticks of task list items (`x` or `-`); the lines of a code block; whether it
    has superscript or subscript figures.
    """

    struck: tuple[int, ...]
    ticks: str
    code: tuple[str, ...]
    is_raised: bool = False


class Leaf(NamedTuple):
    """A leaf block: its tag, its position, the boxes around it, outermost first, and its content.

    The position is the line and column where it starts, and those where it ends, as in `data-sourcepos`. `in_head`
    tells that it is in the header of a table.
    """

    tag: str
    place: tuple[int, ...]
    boxes: tuple[str, ...]
    in_head: bool
    content: Content


def read_leaves(shown: str, defined: Collection[str] = ()) -> list[Leaf] | None:
    """The leaves of cmark's HTML, which must have no raw HTML; None if only a parser can read it.

    Lists at the positions `defined` are definitions: their box is `dl`.
    """
    if _has_controls(shown):
        return None
    found = []
    boxes: tuple[str, ...] = ()
    in_head = False
    for end, tag, line, column, last, end_column, inside in _BLOCK.findall(shown):
        if line and not end and tag in _LEAVES:
            if line == "0":  # cmark has lost the position
                return None
            place = int(line), int(column), int(last), int(end_column)
            found.append(Leaf(tag, place, boxes, in_head, _content_of(inside)))
        elif inside and not inside.isspace():  # a list item has text after a block in it
            return None
        elif tag in _BOXES:
            boxes = boxes[:-1] if end else (*boxes, _box(tag, f"{line}:{column}", defined))
            if len(boxes) > _DEEPEST:
                return None
        elif tag == "thead":
            in_head = not end
    return found


def _box(tag: str, start: str, defined: Collection[str]) -> str:
    return "dl" if tag == "ul" and start in defined else tag


def _has_controls(text: str) -> bool:
    """Whether the text has characters that HTML does not allow: a parser drops them, or stops there."""
    data = text.encode()
    return len(data.translate(None, _CONTROLS)) < len(data) or "\ufffe" in text or "\uffff" in text


_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
_TAGS = r"(?:p|h[1-6r]|pre|tr|li|ul|ol|blockquote|table|thead|tbody|section)\b"
# A block's tag, with what follows up to the next one, or over the end tag of the block if nothing follows that.
_BLOCK = re.compile(
    rf'<(/?)({_TAGS})(?: data-sourcepos="(\d+):(\d+)-(\d+):(\d+)")?[^>]*>'  # with its position
    rf"([^<]*(?:<(?!/?{_TAGS})[^<]*)*)"
    r"(?:</(?:p|h[1-6]|pre|li)>\s*(?=<|\Z))?"
)
_INLINE = re.compile(r"<(/?)(\w+)([^>]*)>([^<]*)")
_LINK = re.compile(r' href="([^"]+)"')
_NOTHING: tuple[tuple[str, ...], bytes] = (), b""

# Contents still in use: most of them are the same in the stored body, the fresh one and the merged one.
_known: WeakValueDictionary[str, Content] = WeakValueDictionary()


def _content_of(inside: str) -> Content:
    """The content of a leaf, given the HTML between its tags."""
    content = _known.get(inside)
    if content is None:
        content = _known[inside] = _read(inside)
    return content


def _markup(inside: str) -> Markup:
    if code := _CODE.fullmatch(inside):
        lines = _unescaped(code[1]).rstrip().split("\n")
        return Markup((), "", tuple(line.rstrip() for line in lines))
    is_raised = _RAISED.search(inside) is not None
    if "<del" not in inside and "<input" not in inside:
        return Markup((), "", (), is_raised)
    struck, _, ticks = _marks(inside)
    return Markup(struck, ticks, (), is_raised)


def _marks(inside: str) -> tuple[tuple[int, ...], tuple[tuple[str, int, int], ...], str]:
    """The numbers of the struck words, the links with the words in them, and the ticks."""
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
    return tuple(struck), tuple(links), ticks


_RAISED = re.compile(r"[\u2070\u00b9\u00b2\u00b3\u2074-\u208e]")
_CODE = re.compile(r"<code(?: [^>]*)?>([^<]*\n)</code>\s*")


def _read(inside: str) -> Content:
    if "<" not in inside:
        words, touch = split_with_joins(_unescaped(inside))
        return Content([*words], bytearray(touch[:1] and [APART]) + touch[1:], bytearray(len(words)), inside=inside)
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
    """The same as `read_leaves`, from the parsed tree of any HTML by cmark."""
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
    """The leaf with its HTML up to the first block in it as `inside`, if that reads the same without a parser."""
    own = takewhile(lambda child: child.tag not in _LEAVES | _BOXES, element)
    inside = escape(element.text or "", quote=False) + "".join(
        html.tostring(child, encoding="unicode") for child in own
    )
    if _read(inside).words == leaf.content.words:
        leaf.content.inside = inside
    return leaf


def _leaf(element: html.HtmlElement, place: str, defined: Collection[str]) -> Leaf:
    after = element.getnext()
    if place == "0:0-0:0" and after is not None:  # cmark loses the position of a paragraph right above a table
        place = after.get("data-sourcepos", place)
    around = (box for box in reversed(list(element.iterancestors())) if box.tag in _BOXES)
    boxes = tuple(_box(box.tag, box.get("data-sourcepos", "").partition("-")[0], defined) for box in around)
    numbers = tuple(map(int, place.replace("-", ":").split(":")))
    return Leaf(element.tag, numbers, boxes, element.tag == "tr" and element.getparent().tag == "thead", Content())
