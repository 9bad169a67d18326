"""Markdown text as a sequence of leaf blocks, each with its exact lines, its words and its links."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import chain, zip_longest
from operator import attrgetter
from textwrap import dedent

from lxml import html

from fetcher.markdown.reading.commonmark import (
    FOOTNOTES,
    SOURCE_POSITIONS,
    to_html,
    with_definitions,
    with_whole_addresses,
)
from fetcher.markdown.reading.leaf_blocks import Content, Leaf, leaves_of_tree, read_leaves
from fetcher.page.page import document
from fetcher.page.word_spans import UNSURE, word_spans
from fetcher.page.words import LESS_THAN

# The end of a line after which the text goes on in the next line, and shows so.
HARD_BREAK = re.compile(r"(?:(?<! ) {2,}+|\\|<br ?/?>)\r?\n$")
_RULE = re.compile(r"[ \t>]*+\|?[ \t]*+:?-++:?[ \t]*+(?:$|\r?\n|\|)")  # under a table's head
_UNDERLINE = re.compile(r"[ \t>]*(?:=+|-+)[ \t]*\r?$")  # of a heading
_MARKER = re.compile(r"(?:[-+*:]|\d{1,9}[.)])(?:[ \t]{1,4}|(?=\r?\n|$))(?:\[[ xX]\]\s)?")
# `<ID>`, `<The Title of a Play>` and the `<div>` that a text is about are text that somebody forgot to escape;
# `<Note>…</Note>` and `<Note to="x">` are tags, whatever they are called.
_TAG = re.compile(
    r"(?:(?<!\\)|(?<=\\\\))<(?P<end>/?)(?P<name>[a-zA-Z][\w-]*)(?P<rest>(?=[\s/>])[^<>=/]*(?P<attribute>[=/])?)"
)
# Elements that mean something without attributes and without an end.
_BARE = frozenset(
    "br hr wbr p li dt dd tr td th thead tbody tfoot colgroup option optgroup rt rp html head body".split()
)
# Tags of boxes inside of a line, where a browser would end the paragraph.
_LINE = re.compile(r"<(p|h[1-6]) data-sourcepos=.*?</\1>", re.DOTALL)
_BOX_TAG = re.compile(
    r"(?<!^)<(/?)(?:address|article|aside|blockquote|center|details|dialog|div|dl|dd|dt|fieldset|figcaption|figure|footer|form|header|hr|li|main|nav|ol|pre|section|summary|table|ul)\b",
    re.IGNORECASE,
)
# Attributes in the line below a definition, as pandoc writes them: to CommonMark they are text, and so is all below.
_ATTRIBUTES = re.compile(r"^( {0,3}\[[^\]\n]+\]:[ \t]*\S+[ \t]*\n)([ \t]+\{[^{}\n]*\})(?=[ \t]*$)", re.MULTILINE)
# What no expression reads: raw HTML.
_MAYBE_TAG = re.compile(r"<(?:/?[a-zA-Z][\w-]*(?:[\s/>]|\Z)|[!?])")
# The arrow that leads from a footnote back to the text is the renderer's.
_BACK_TO_TEXT = re.compile(r'<a [^>]*class="footnote-backref"[^>]*>.*?</a>')
_DOUBT = bytes(touch & UNSURE for touch in range(256))  # what `bytes.translate` leaves of how words touch


@dataclass(slots=True)
class Block:
    """A leaf block: `lines[start:end]` of its text.

    `kind` is the tag it renders to, or `raw` for HTML and whatever renders to nothing; `boxes` are the lists and
    quotes around it, outermost first; `column` is where its own text starts in its first line; `joined` tells that
    a hard break, not a new block, parts it from the one before.
    """

    kind: str
    start: int
    end: int
    boxes: tuple[str, ...] = ()
    column: int = 0
    joined: bool = False
    content: Content = field(default_factory=Content)

    @property
    def is_head(self) -> bool:
        """Whether it is the head of a table, which the rule under it is a part of."""
        return self.kind == "tr" and self.end - self.start > 1

    @property
    def words(self) -> list[str]:
        """Its words."""
        return self.content.words

    @property
    def touch(self) -> bytearray:
        """How each word stands to the one before."""
        return self.content.touch

    @property
    def code(self) -> bytearray:
        """Whether each word is code."""
        return self.content.code

    @property
    def links(self) -> list[str]:
        """Where its links lead."""
        return self.content.links

    @property
    def linked(self) -> int:
        """How many of its words are inside of links."""
        return self.content.linked


@dataclass
class Text:
    """Markdown as lines, line ends kept, and the leaf blocks that cover every line that is not blank."""

    lines: list[str]
    blocks: list[Block]

    def source(self, block: Block) -> str:
        """The exact text of a block."""
        return "".join(self.lines[block.start : block.end])

    @cached_property
    def words(self) -> list[str]:
        """The words of all blocks, in order."""
        return list(chain.from_iterable(block.content.words for block in self.blocks))

    @cached_property
    def touch(self) -> bytearray:
        """How each word stands to the one before."""
        return bytearray().join(block.touch for block in self.blocks)

    def doubted(self, touch: bytearray) -> "Text":
        """The text, unsure whether words touch where `touch`, of the page that it was made of, is unsure."""
        # As numbers, since those are joined bit by bit at once.
        both = int.from_bytes(self.touch) | int.from_bytes(touch.translate(_DOUBT))
        doubted, blocks, at = bytearray(both.to_bytes(len(touch))), [], 0
        for block in self.blocks:
            content, start, at = block.content, at, at + len(block.words)
            known = content.touch == doubted[start:at]
            blocks.append(block if known else replace(block, content=replace(content, touch=doubted[start:at])))
        return Text(self.lines, blocks)

    @property
    def anchors(self) -> frozenset[str]:
        """The places on its own page that the text links to."""
        links = (link for block in self.blocks for link in block.links)
        return frozenset(link[1:] for link in links if link.startswith("#") and link != "#")


def render(markdown: str) -> html.HtmlElement:
    """The tree that CommonMark with GitHub's extensions makes of Markdown; `data-sourcepos` tells lines."""
    return _tree(_html(_read(markdown)))


def _read(markdown: str) -> str:
    """Markdown as CommonMark is to read it."""
    # A lone carriage return ends a line for CommonMark; here only a line feed does.
    lines = re.sub(r"\r(?!\n)", " ", markdown) if "\r" in markdown else markdown
    if "]:" in lines and "{" in lines:
        lines = _ATTRIBUTES.sub(lambda found: found[1] + " " * len(found[2]), lines)
    return _without_false_tags(with_definitions(with_whole_addresses(lines)))


def _html(text: str) -> str:
    return _BACK_TO_TEXT.sub("", to_html(text, SOURCE_POSITIONS | FOOTNOTES))


def _tree(shown: str) -> html.HtmlElement:
    return document(_LINE.sub(lambda line: _BOX_TAG.sub(r"<\1span", line[0]), shown))


def _without_false_tags(text: str) -> str:
    """The text with a sign that reads as "<" where a "<" opens nothing that has attributes, an end, or needs none."""
    closed = {match["name"] for match in _TAG.finditer(text) if match["end"]}

    def shown(match: re.Match[str]) -> str:
        is_tag = match["name"].lower() in _BARE or match["name"] in closed or match["attribute"]
        return match[0] if is_tag else LESS_THAN + match[0][1:]

    return _TAG.sub(shown, text)


@lru_cache(maxsize=3)  # of one refresh: the stored text, the fresh one, and what they make
def parse(markdown: str) -> Text:
    """The blocks of Markdown, whatever it holds; not to be changed, as it is given again."""
    lines, shown = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (markdown, _read(markdown)))
    defined = frozenset(_definitions(lines, shown) if ":   " in markdown else ())
    blocks = [_block(leaf, lines) for leaf in _leaves("".join(shown), defined)]
    blocks.sort(key=attrgetter("start"))
    if "{/*" in markdown:
        _silence_comments(blocks, lines)
    covered = _covered(_apart(blocks), shown)
    return Text(lines, [part for block in covered for part in _parts(block, lines)])


def _leaves(text: str, defined: frozenset[str]) -> list[Leaf]:
    """The leaves of a text that CommonMark is to read, in which the lists that begin at some places are definitions."""
    shown = _html(text)
    found = None if _MAYBE_TAG.search(text) else read_leaves(shown, defined)
    return leaves_of_tree(word_spans(_tree(shown)), defined) if found is None else found


def _definitions(lines: Sequence[str], shown: Sequence[str]) -> Iterator[str]:
    """Where definitions begin, as `data-sourcepos` tells it: their signs are read as those of items."""
    for number, (line, read) in enumerate(zip(lines, shown, strict=True), 1):
        at = len(line) - len(line.lstrip(" \t>"))
        if line[at : at + 1] == ":" and read[at : at + 1] == "+":
            yield f"{number}:{at + 1}"


def _block(leaf: Leaf, lines: list[str]) -> Block:
    line, column, end, end_column = map(int, leaf.place.replace("-", ":").split(":"))
    start, end = line - 1, min(end if end_column else end - 1, len(lines))
    if leaf.tag == "li":
        marker = _MARKER.match(lines[start][column - 1 :])
        column += marker.end() if marker else 0
    if leaf.tag in ("h1", "h2"):
        end = _underlined(start, end, lines)
    if leaf.in_head:  # it stands where the rule under it tells
        rule = next((at for at in range(start + 1, len(lines)) if _RULE.match(lines[at])), start + 1)
        start, end = rule - 1, rule + 1
    return Block(leaf.tag, start, _trimmed(start, end, lines), leaf.boxes, column - 1, content=leaf.content)


def _silence_comments(blocks: list[Block], lines: list[str]) -> None:
    """Takes the words from blocks that are comments of MDX, which show nothing on a page."""
    sources = ["" if block.kind == "pre" else "".join(lines[block.start : block.end]).strip() for block in blocks]
    last = max((at for at, source in enumerate(sources) if source.endswith("*/}")), default=-1)
    inside = False
    for block, source in zip(blocks[: last + 1], sources, strict=False):
        inside = inside or source.startswith("{/*")
        if inside:
            block.kind, block.content = "raw", Content()
        inside = inside and not source.endswith("*/}")


def _underlined(start: int, end: int, lines: list[str]) -> int:
    """Where an underlined heading ends; cmark's own end may lie beyond."""
    under = (at for at in range(start + 1, min(end, len(lines))) if _UNDERLINE.match(lines[at]))
    return next(under, end - 1) + 1


def _trimmed(start: int, end: int, lines: list[str]) -> int:
    while end > start + 1 and not lines[end - 1].strip(" \t>\r\n"):
        end -= 1
    return end


def _apart(blocks: list[Block]) -> list[Block]:
    """Blocks that do not overlap: a list item ends where a block inside of it starts, as does what ends too late."""
    apart = []
    for block, after in zip_longest(blocks, blocks[1:]):
        if after:
            block.end = min(block.end, after.start)
        if block.end > block.start:
            apart.append(block)
    return apart


def _covered(blocks: list[Block], lines: list[str]) -> Iterator[Block]:
    """The blocks, and between them what the renderer gave no position: raw HTML, link definitions.

    `lines` are those that CommonMark has read: a tag that ends in another block is still one.
    """
    done = 0
    for block in [*blocks, Block("end", len(lines), len(lines))]:
        start = None
        for at in range(done, block.start + 1):
            if at < block.start and lines[at].strip(" \t>\r\n"):
                start = at if start is None else start
            elif start is not None:
                yield _raw(start, at, lines)
                start = None
        if block.kind != "end":
            yield block
        done = max(done, block.end)


def _raw(start: int, end: int, lines: list[str]) -> Block:
    # What is indented for being in a list is no code.
    spans = word_spans(_tree(_html(dedent("".join(lines[start:end])))))
    return Block("raw", start, end, content=Content(spans.words, spans.touch, bytearray(len(spans.words))))


def _parts(block: Block, lines: list[str]) -> list[Block]:
    """The block cut at its hard breaks, where each of them is the end of a line."""
    content = block.content
    if not content.breaks or block.kind not in ("p", "li"):
        return [block]
    ends = [at + 1 for at in range(block.start, block.end - 1) if HARD_BREAK.search(lines[at])]
    if len(ends) != len(content.breaks):
        return [block]
    parts = []
    starts, cuts = [block.start, *ends], [0, *content.breaks, len(content.words)]
    for k, (start, end) in enumerate(zip(starts, [*ends, block.end], strict=True)):
        cut = slice(cuts[k], cuts[k + 1])
        part = replace(
            content,
            words=content.words[cut],
            touch=content.touch[cut],
            code=content.code[cut],
            links=[] if k else content.links,
            inside="",
        )
        parts.append(replace(block, start=start, end=end, joined=k > 0, content=part))
    return parts
