"""Recognises markup that changed while the words stayed: struck text, ticked boxes, indents of code, links.

An importer may drop struck text, indents or some links. Whether it does is learned from all blocks with the same words,
so that what it dropped is no change.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import accumulate
from textwrap import dedent

from fetcher.markdown.reading.blocks import Block, Text
from fetcher.page.links import is_local, target
from fetcher.page.semantics import subtree_sums
from fetcher.page.word_spans import WordSpans
from fetcher.page.words import fold

_END_OF_LINK = re.compile(r"\]\(([^()]+)\)")
_FIGURE = re.compile(r"[\u2070\u00b9\u00b2\u00b3\u2074-\u208e]")  # superscripts and subscripts
_RAISED = re.compile(rf"{_FIGURE.pattern}|<su[bp]>|[\^~]")
_LINES = 3  # lines of code that nobody writes with a blank line between all of them
Pair = tuple[Sequence[Block], Sequence[Block]]  # stored blocks and fresh ones that read the same


class MarkupChanges:
    """Compares the markup of stored and fresh blocks, given all `pairs` of blocks with the same words."""

    def __init__(self, pairs: Iterable[Pair], stored: Iterable[Block], base: str, around: Collection[str] = ()) -> None:
        self._base = base
        self._here = target(base, base).partition("#")[0]
        stored = [*stored]
        # Targets of links around several blocks, which Markdown does not have: they are text, or on some of it.
        ends = (found for block in stored if block.kind != "pre" for found in _END_OF_LINK.findall(block.content.key))
        self._around = {*around, *(target(end, base) for end in ends)}
        self._strikes = any(block.content.markup.struck for block in stored)
        self._ticks = any(block.content.markup.ticks for block in stored)
        self._kept: Counter[str] = Counter()  # links of each kind of block that the stored text has
        self._missing: Counter[str] = Counter()
        self._code: Counter[bool] = Counter()  # blocks of code, by whether they are laid out alike
        self._indents = False  # whether one of them shows that white space is kept
        for old, new in pairs:
            self._learn(old, new)

    def has_changed(self, old: Sequence[Block], new: Sequence[Block]) -> bool:
        """Whether the page has changed the markup of these blocks since they were stored."""
        if not _are_comparable(old, new):
            return False
        return (
            self._is_struck_otherwise(old, new)
            or (self._ticks and _ticks(old) != _ticks(new))
            or is_lowered(old, new)
            or self._is_laid_out_otherwise(old, new)
            or self._leads_otherwise(old, new)
        )

    def _learn(self, old: Sequence[Block], new: Sequence[Block]) -> None:
        if not _are_comparable(old, new):
            return
        code, other_code = _codes(old, new)
        if code:
            is_alike = code == other_code
            self._code[is_alike] += 1
            self._indents |= is_alike and _is_indented(code)
        one, other = set(self._links(old)), set(self._links(new))
        self._kept[new[0].kind] += len(one & other)
        pointed = _to_files(old)
        self._missing[new[0].kind] += sum(at not in pointed for _, at in other - one)

    def _is_struck_otherwise(self, old: Sequence[Block], new: Sequence[Block]) -> bool:
        one, other = _struck(old), _struck(new)
        return one != other and (self._strikes or bool(one))

    def _is_laid_out_otherwise(self, old: Sequence[Block], new: Sequence[Block]) -> bool:
        """Whether lines of code are indented or cut otherwise, while most other blocks of code are the same.

        Where words have run together at line ends, an importer did that.
        """
        if [word for block in old for word in block.words] != [word for block in new for word in block.words]:
            return False
        one, other = _codes(old, new)
        if not one or not other or one in (other, _doubled(other)) or self._code[False] > self._code[True] + 1:
            return False
        return self._indents or _is_indented(one) or not _is_indented(other)

    def _leads_otherwise(self, old: Sequence[Block], new: Sequence[Block]) -> bool:
        """Whether words became links, or are links no more; a change of the target alone does not count."""
        one, other = ({at for _, at in self._links(blocks)} for blocks in (old, new))
        kind = new[0].kind
        if one - other:
            return True
        is_kept = self._kept[kind] + sum(self._kept.values()) >= self._missing[kind]
        return is_kept and bool(other - one - _to_files(old))

    def _links(self, blocks: Sequence[Block]) -> Iterator[tuple[str, int]]:
        """The target of each linked letter, without links within the page and to files of the folder."""
        for link, at in _linked(blocks):
            leads = target(link, self._base)
            is_page = leads.startswith("http") and leads.partition("#")[0] != self._here and not is_local(link)
            if is_page and leads not in self._around:
                yield leads, at


def _linked(blocks: Sequence[Block]) -> Iterator[tuple[str, int]]:
    """The target and the index of each linked letter."""
    for block, places in _places(blocks):
        for link, first, end in block.content.placed_links:
            yield from ((link, at) for at in range(places[first], places[end]))


def _to_files(blocks: Sequence[Block]) -> set[int]:
    """The indexes of letters that are linked to files of the folder, as a person has pointed the links there."""
    return {at for link, at in _linked(blocks) if is_local(link)}


def _are_comparable(old: Sequence[Block], new: Sequence[Block]) -> bool:
    """Whether blocks have the same letters, and their rendered HTML is known."""
    if not old or not new or not all(block.content.inside for block in (*old, *new)):
        return False
    return "".join(block.content.key for block in old) == "".join(block.content.key for block in new)


def _struck(blocks: Sequence[Block]) -> list[int]:
    """The indexes of the letters that are struck."""
    return [
        at
        for block, places in _places(blocks)
        for word in block.content.markup.struck
        for at in range(places[word], places[word + 1])
    ]


def _places(blocks: Sequence[Block]) -> Iterator[tuple[Block, list[int]]]:
    """Each block with the indexes at which its words begin among the letters of all blocks, and the end of the last.

    Letters are counted as the two sides may be cut into words otherwise.
    """
    start = 0
    for block in blocks:
        places = list(accumulate(map(len, block.words), initial=start))
        yield block, places
        start = places[-1]


def is_lowered(old: Sequence[Block], new: Sequence[Block]) -> bool:
    """Whether stored superscripts or subscripts are plain on the page; the reverse may be an importer's."""
    if not any(block.content.markup.is_raised for block in old):
        return False
    # A footnote's number is a superscript on pages, and none in Markdown.
    leads_to_note = any(link.startswith("#") for block in new for link in block.links)
    return not leads_to_note and not _RAISED.search("".join(block.content.inside for block in new))


def lowered(source: str) -> str:
    """Markdown with its superscript and subscript figures as plain ones."""
    return _FIGURE.sub(lambda figure: fold(figure[0]), source)


def _ticks(blocks: Sequence[Block]) -> str:
    return "".join(block.content.markup.ticks for block in blocks)


def _codes(old: Sequence[Block], new: Sequence[Block]) -> tuple[list[str], list[str]]:
    """The lines of code of both sides, to be compared.

    Without blank lines where the numbers of blocks differ, as Markdown joins blocks of indented code.
    """
    one, other = _code(old), _code(new)
    if len(old) != len(new):
        one, other = ([line for line in code if line.strip()] for code in (one, other))
    return _dedented(one), _dedented(other)


def _code(blocks: Sequence[Block]) -> list[str]:
    """The lines of blocks of code; nothing where one of the blocks is no code."""
    return (
        [line for block in blocks for line in block.content.markup.code] if all(b.kind == "pre" for b in blocks) else []
    )


def _doubled(lines: list[str]) -> list[str]:
    """The lines with a blank one between all, as importers write lines that are elements and end in a break."""
    return [part for line in lines for part in (line, "")][:-1] if len(lines) >= _LINES and all(lines) else []


def _dedented(lines: list[str]) -> list[str]:
    """The lines without their common indent."""
    return dedent("\n".join(lines)).split("\n") if lines else []


def _is_indented(lines: list[str]) -> bool:
    return any(line[:1].isspace() for line in lines)


def may_differ(spans: WordSpans, keep: Sequence[bool], text: Text, base: str) -> bool:
    """Whether a page may have other markup than a text with the same words, so that a comparison is needed.

    `keep` tells which text runs of the page the text has.
    """
    own = [0] * len(spans.elements)
    for run, wanted in zip(spans.runs, keep, strict=True):
        own[run.holder] += wanted
    held = [element for element, runs in zip(spans.elements, subtree_sums(spans, own), strict=True) if runs]
    marked = any(
        "<del>" in block.content.inside or block.content.markup.ticks or block.content.markup.is_raised
        for block in text.blocks
    )
    if marked or any(element.tag in _STRUCK for element in held):
        return True
    hrefs = (element.get("href", "") for element in held if element.tag == "a")
    known = {target(link, base) for block in text.blocks for link in block.links}
    if any(href and not href.startswith("#") and target(href, base) not in known for href in hrefs):
        return True
    codes = (block.content.markup.code for block in text.blocks if block.kind == "pre")
    stored = Counter(_filled(code) for code in codes if code)
    shown = Counter(_filled("".join(element.itertext()).split("\n")) for element in held if element.tag == "pre")
    return bool(stored - shown)


def _filled(lines: Iterable[str]) -> str:
    """The lines of code without their indent and the empty lines around them."""
    return dedent("\n".join(map(str.rstrip, lines)).strip("\n"))


_STRUCK = frozenset({"del", "s", "strike"})
