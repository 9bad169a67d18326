"""Parses Markdown into leaf blocks, each with its exact lines, its words and its links.

cmark renders the text to HTML with source positions; `leaf_blocks` reads the leaf blocks from that.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import chain, groupby, pairwise, zip_longest
from operator import attrgetter
from textwrap import dedent
from weakref import WeakValueDictionary

from fetcher.markdown.code_blocks import may_be_fenced
from fetcher.markdown.reading.commonmark import definitions
from fetcher.markdown.reading.leaf_blocks import Content, Leaf, leaves_of_tree, read_leaves
from fetcher.markdown.reading.rendering import as_read, shown_by, tree
from fetcher.markdown.reading.sections import cuts
from fetcher.page.word_spans import UNSURE, word_spans

# The end of a line with a hard break.
HARD_BREAK = re.compile(r"(?:(?<! ) {2,}+|\\|<br ?/?>)\r?\n$")
_RULE = re.compile(r"[ \t>]*+\|?[ \t]*+:?-++:?[ \t]*+(?:$|\r?\n|\|)")  # a table's delimiter row
_UNDERLINE = re.compile(r"[ \t>]*(?:=+|-+)[ \t]*\r?$")  # of a setext heading
_MARKER = re.compile(r"(?:[-+*:]|\d{1,9}[.)])(?:[ \t]{1,4}|(?=\r?\n|$))(?:\[[ xX]\]\s)?")
# Raw HTML, for which a parser is needed.
_MAYBE_TAG = re.compile(r"<(?:/?[a-zA-Z][\w-]*(?:[\s/>]|\Z)|[!?])")
_COMMENT = "{/*"  # the start of an MDX comment
_SPANNING = ("\r", "\ufeff", _COMMENT)  # what may end in another section, or sections cannot be told with
_BLANK = " \t>\r\n"  # what lines without text are made of: blank ones, in quotes or outside
_DOUBT = bytes(touch & UNSURE for touch in range(256))  # for `bytes.translate`: keeps only the bit UNSURE
_START = attrgetter("start")


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
    sections: Sequence[object] = field(default=(), repr=False, compare=False)  # kept for other texts that have them

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


@lru_cache(maxsize=3)  # for one refresh: the stored text, the fresh one, and the merged one
def parse(markdown: str) -> Text:
    """The blocks of any Markdown. The result is cached: do not change it."""
    read, lines = as_read(markdown), split_lines(markdown)
    is_whole = read != markdown or any(sign in read for sign in _SPANNING) or _MAYBE_TAG.search(read)
    sections = None if is_whole else _sections(lines)
    if sections is None:
        return Text(lines, _cut(_leaves(read, lines), lines, lines if read == markdown else split_lines(read)))
    return Text(lines, [block for start, section in sections for block in section.blocks_from(start)], sections)


def split_lines(text: str) -> list[str]:
    """The lines of a text with their ends; only LF ends a line, as in Markdown by cmark."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


@dataclass
class _Section:
    """The blocks of a section that renders by itself, read as part of a text where it begins at the line `at`."""

    at: int
    blocks: list[Block]

    def blocks_from(self, start: int) -> list[Block]:
        """The blocks of the same section in a text where it begins at another line."""
        if not (by := start - self.at):
            return self.blocks
        return [
            Block(one.kind, one.start + by, one.end + by, one.boxes, one.column, one.joined, one.content)
            for one in self.blocks
        ]


# Sections still in use: most of them are the same in the stored body, the fresh one and the merged one.
_known: WeakValueDictionary[tuple[str, bool], _Section] = WeakValueDictionary()
_END = "#\n"  # stands for the heading at which a section ends


def _sections(lines: list[str]) -> list[tuple[int, _Section]] | None:
    """The sections of a text and the lines at which they begin; None if only a parser can read them."""
    first = next((at for at, line in enumerate(lines) if line != "\n"), 0)
    bounds = [*dict.fromkeys([first, *cuts(lines), len(lines)])]
    keys = [("".join(lines[start:end]), end == len(lines)) for start, end in pairwise(bounds)]
    if keys and not may_be_fenced(keys[-1][0]):  # otherwise blank lines at the end may be code
        keys[-1] = keys[-1][0].rstrip("\n"), True
    found = [_known.get(key) for key in keys]
    for is_known, run in groupby(range(len(keys)), lambda at: found[at] is not None):
        if is_known:
            continue
        numbers = list(run)
        start, end = bounds[numbers[0]], bounds[numbers[-1] + 1]
        within = lines[start:end] if end == len(lines) else [*lines[start:end], _END]
        leaves = read_leaves(shown_by("".join(within)))
        if leaves is None:
            return None
        blocks = _cut(leaves, within, within)
        for number in numbers:
            first, last = (bisect_left(blocks, bounds[at] - start, key=_START) for at in (number, number + 1))
            found[number] = _known[keys[number]] = _Section(bounds[number] - start, blocks[first:last])
    return [(start, section) for start, section in zip(bounds, found, strict=False) if section]


def _leaves(text: str, lines: list[str]) -> list[Leaf]:
    """The leaves of Markdown as it is read, given the lines as they are written."""
    defined = frozenset(definitions(lines, split_lines(text)) if ":   " in "".join(lines) else ())
    shown = shown_by(text)
    found = None if _MAYBE_TAG.search(text) else read_leaves(shown, defined)
    return leaves_of_tree(word_spans(tree(shown)), defined) if found is None else found


def _cut(leaves: Iterable[Leaf], lines: list[str], shown: list[str]) -> list[Block]:
    """The blocks of a text, given its leaves and lines, as they are written and as they are read."""
    blocks = [_block(leaf, lines) for leaf in leaves]
    blocks.sort(key=_START)
    if any(_COMMENT in line for line in lines):
        _silence_comments(blocks, lines)
    return [part for block in _covered(_apart(blocks), shown) for part in _parts(block, lines)]


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
        inside = inside or source.startswith(_COMMENT)
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
    spans = word_spans(tree(shown_by(dedent("".join(lines[start:end])))))
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
