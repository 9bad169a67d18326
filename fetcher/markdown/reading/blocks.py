"""Parses Markdown into leaf blocks, each with its exact lines, its words and its links.

cmark renders the text to HTML with source positions; `leaf_blocks` reads the leaf blocks from that.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import chain, groupby, zip_longest
from operator import attrgetter
from textwrap import dedent

from lxml import html

from fetcher.markdown.reading.commonmark import (
    FOOTNOTES,
    SOURCE_POSITIONS,
    to_html,
    with_definitions,
    with_whole_addresses,
    without_false_tags,
)
from fetcher.markdown.reading.leaf_blocks import Content, Leaf, leaves_of_tree, read_leaves
from fetcher.page.page import document
from fetcher.page.word_spans import UNSURE, word_spans

# The end of a line with a hard break.
HARD_BREAK = re.compile(r"(?:(?<! ) {2,}+|\\|<br ?/?>)\r?\n$")
_RULE = re.compile(r"[ \t>]*+\|?[ \t]*+:?-++:?[ \t]*+(?:$|\r?\n|\|)")  # a table's delimiter row
_UNDERLINE = re.compile(r"[ \t>]*(?:=+|-+)[ \t]*\r?$")  # of a setext heading
_MARKER = re.compile(r"(?:[-+*:]|\d{1,9}[.)])(?:[ \t]{1,4}|(?=\r?\n|$))(?:\[[ xX]\]\s)?")
_LINE = re.compile(r"<(p|h[1-6]) data-sourcepos=.*?</\1>", re.DOTALL)
# Tags of block elements within a line, at which an HTML parser would end the paragraph.
_BOX_TAG = re.compile(
    r"(?<!^)<(/?)(?:address|article|aside|blockquote|center|details|dialog|div|dl|dd|dt|fieldset|figcaption|figure|footer|form|header|hr|li|main|nav|ol|pre|section|summary|table|ul)\b",
    re.IGNORECASE,
)
# Pandoc's attributes on the line below a reference definition; CommonMark takes them, and all below, for text.
_ATTRIBUTES = re.compile(r"^( {0,3}\[[^\]\n]+\]:[ \t]*\S+[ \t]*\n)([ \t]+\{[^{}\n]*\})(?=[ \t]*$)", re.MULTILINE)
# Raw HTML, for which a parser is needed.
_MAYBE_TAG = re.compile(r"<(?:/?[a-zA-Z][\w-]*(?:[\s/>]|\Z)|[!?])")
# The arrow that leads from a footnote back to the text, which the renderer adds.
_BACK_TO_TEXT = re.compile(r'<a [^>]*class="footnote-backref"[^>]*>.*?</a>')
_BLANK = " \t>\r\n"  # what lines without text are made of: blank ones, in quotes or outside
_DOUBT = bytes(touch & UNSURE for touch in range(256))  # for `bytes.translate`: keeps only the bit UNSURE


@dataclass(slots=True)
class Block:
    """A leaf block: `lines[start:end]` of its text.

    kind      the tag it renders to, or `raw` for raw HTML and whatever renders to nothing
    boxes     the tags of the container blocks (lists and quotes) around it, outermost first
    column    where its own text begins in its first line, after markers
    joined    whether it is the rest of a paragraph, after a hard break, rather than a block of its own
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
        """Whether it is the header row of a table, together with the delimiter row."""
        return self.kind == "tr" and self.end - self.start > 1

    @property
    def words(self) -> list[str]:
        """Its words."""
        return self.content.words

    @property
    def touch(self) -> bytearray:
        """Whether each word touches the one before: see `Content`."""
        return self.content.touch

    @property
    def code(self) -> bytearray:
        """Whether each word is code."""
        return self.content.code

    @property
    def links(self) -> list[str]:
        """The targets of its links."""
        return self.content.links

    @property
    def linked(self) -> int:
        """How many of its words are in links."""
        return self.content.linked


@dataclass
class Text:
    """Markdown as lines with their ends, and the leaf blocks, which cover every line that is not blank."""

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
        """Whether each word touches the one before: see `Content`."""
        return bytearray().join(block.touch for block in self.blocks)

    def with_unsure_touch(self, touch: bytearray) -> "Text":
        """The text, unsure whether two words touch wherever `touch`, that of its page, is unsure."""
        # Two large integers are combined in one operation.
        both = int.from_bytes(self.touch) | int.from_bytes(touch.translate(_DOUBT))
        doubted, blocks, at = bytearray(both.to_bytes(len(touch))), [], 0
        for block in self.blocks:
            content, start, at = block.content, at, at + len(block.words)
            known = content.touch == doubted[start:at]
            blocks.append(block if known else replace(block, content=replace(content, touch=doubted[start:at])))
        return Text(self.lines, blocks)

    @property
    def anchors(self) -> frozenset[str]:
        """The fragments (`#part`, without the sign) of its own page that the text links to."""
        links = (link for block in self.blocks for link in block.links)
        return frozenset(link[1:] for link in links if link.startswith("#") and link != "#")


def render(markdown: str) -> html.HtmlElement:
    """Markdown rendered as GFM to a tree; `data-sourcepos` has the source positions."""
    return _tree(_html(_read(markdown)))


def _read(markdown: str) -> str:
    """Markdown as it is passed to cmark, with what cmark would misread changed; lines stay lines."""
    # For CommonMark a lone carriage return ends a line; here only a line feed does.
    lines = re.sub(r"\r(?!\n)", " ", markdown) if "\r" in markdown else markdown
    if "]:" in lines and "{" in lines:
        lines = _ATTRIBUTES.sub(lambda found: found[1] + " " * len(found[2]), lines)
    return without_false_tags(with_definitions(with_whole_addresses(lines)))


def _html(text: str) -> str:
    shown = to_html(text, SOURCE_POSITIONS | FOOTNOTES)
    return _BACK_TO_TEXT.sub("", shown) if "footnote-backref" in shown else shown


def _tree(shown: str) -> html.HtmlElement:
    return document(_LINE.sub(lambda line: _BOX_TAG.sub(r"<\1span", line[0]), shown))


@lru_cache(maxsize=3)  # for one refresh: the stored text, the fresh one, and the merged one
def parse(markdown: str) -> Text:
    """The blocks of any Markdown. The result is cached: do not change it."""
    read, lines = _read(markdown), split_lines(markdown)
    shown = lines if read == markdown else split_lines(read)
    defined = frozenset(_definitions(lines, shown) if ":   " in markdown else ())
    blocks = [_block(leaf, lines) for leaf in _leaves(read, defined)]
    blocks.sort(key=attrgetter("start"))
    if "{/*" in markdown:
        _silence_comments(blocks, lines)
    covered = _covered(_apart(blocks), shown)
    return Text(lines, [part for block in covered for part in _parts(block, lines)])


def split_lines(text: str) -> list[str]:
    """The lines of a text with their ends; only LF ends a line, as in Markdown by cmark."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _leaves(text: str, defined: frozenset[str]) -> list[Leaf]:
    """The leaves of Markdown; the lists at the positions `defined` are definitions (see `with_definitions`)."""
    shown = _html(text)
    found = None if _MAYBE_TAG.search(text) else read_leaves(shown, defined)
    return leaves_of_tree(word_spans(_tree(shown)), defined) if found is None else found


def _definitions(lines: Sequence[str], shown: Sequence[str]) -> Iterator[str]:
    """The start of each definition, as in `data-sourcepos`: there `with_definitions` has written a list marker."""
    for number, (line, read) in enumerate(zip(lines, shown, strict=True), 1):
        at = len(line) - len(line.lstrip(" \t>"))
        if line[at : at + 1] == ":" and read[at : at + 1] == "+":
            yield f"{number}:{at + 1}"


def _block(leaf: Leaf, lines: list[str]) -> Block:
    line, column, end, end_column = leaf.place
    start, end = line - 1, min(end if end_column else end - 1, len(lines))
    if leaf.tag == "li":
        marker = _MARKER.match(lines[start][column - 1 :])
        column += marker.end() if marker else 0
    elif leaf.tag in ("h1", "h2"):
        end = _underlined(start, end, lines)
    elif leaf.in_head:  # cmark's own position may be wrong; the delimiter row is reliable
        rule = next((at for at in range(start + 1, len(lines)) if _RULE.match(lines[at])), start + 1)
        start, end = rule - 1, rule + 1
    while end > start + 1 and not lines[end - 1].strip(_BLANK):
        end -= 1
    return Block(leaf.tag, start, end, leaf.boxes, column - 1, content=leaf.content)


def _silence_comments(blocks: list[Block], lines: list[str]) -> None:
    """Removes the words of blocks that are MDX comments (`{/* … */}`), which a page does not show."""
    sources = ["" if block.kind == "pre" else "".join(lines[block.start : block.end]).strip() for block in blocks]
    last = max((at for at, source in enumerate(sources) if source.endswith("*/}")), default=-1)
    inside = False
    for block, source in zip(blocks[: last + 1], sources, strict=False):
        inside = inside or source.startswith("{/*")
        if inside:
            block.kind, block.content = "raw", Content()
        inside = inside and not source.endswith("*/}")


def _underlined(start: int, end: int, lines: list[str]) -> int:
    """The end of a setext heading; cmark's own may be too late."""
    under = (at for at in range(start + 1, min(end, len(lines))) if _UNDERLINE.match(lines[at]))
    return next(under, end - 1) + 1


def _apart(blocks: list[Block]) -> list[Block]:
    """The blocks, each cut where the next begins: a list item at the first block in it, or one that ends too late."""
    apart = []
    for block, after in zip_longest(blocks, blocks[1:]):
        if after:
            block.end = min(block.end, after.start)
        if block.end > block.start:
            apart.append(block)
    return apart


def _covered(blocks: list[Block], lines: list[str]) -> Iterator[Block]:
    """The blocks, and as raw blocks the lines between them: raw HTML and reference definitions have no position.

    `lines` are those that cmark has read, so that a tag which ends in another block is still a tag.
    """
    done = 0
    for block in blocks:
        if block.start > done:
            yield from _raws(done, block.start, lines)
        yield block
        done = max(done, block.end)
    yield from _raws(done, len(lines), lines)


def _raws(start: int, end: int, lines: list[str]) -> Iterator[Block]:
    """The lines between two blocks as raw blocks, which blank lines end."""
    groups = groupby(range(start, end), lambda at: bool(lines[at].strip(_BLANK)))
    for run in (list(group) for is_raw, group in groups if is_raw):
        yield _raw(run[0], run[-1] + 1, lines)


def _raw(start: int, end: int, lines: list[str]) -> Block:
    # Without the indent of a list, which would make code of it.
    spans = word_spans(_tree(_html(dedent("".join(lines[start:end])))))
    return Block("raw", start, end, content=Content(spans.words, spans.touch, bytearray(len(spans.words))))


def _parts(block: Block, lines: list[str]) -> list[Block]:
    """The block, cut at its hard breaks if each of them is at the end of a line."""
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
