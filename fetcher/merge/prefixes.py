"""Finds what stands before list items (bullets, numbers, task boxes, indents), and how headings are written."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cached_property
from itertools import chain, takewhile

from fetcher.markdown.reading.blocks import Block, Text, parse
from fetcher.page.semantics import HEADINGS

MARK = re.compile(r"(?:[-+*:]|(?<!\d)\d++[.)])(?=\s*(?:\[[ xX]\]\s*)?$)")
_BULLETS = "-*+"
_BOX = re.compile(r"\[[ xX]\]\s$")
_NUMBER = re.compile(r"(?<!\d)\d++(?=[.)]\s*$)")
_NOTE = re.compile(r"(?<=\[\^)\d++(?=\]:\s*$)")


class Prefixes:
    """Finds the prefixes, such as `  - `, for blocks in the lists and quotes of a stored text."""

    def __init__(self, stored: Text) -> None:
        self._stored = stored

    def of(self, boxes: tuple[str, ...], own: str, place: int) -> str | None:
        """The prefix for a block in such boxes, with a list marker if its `own` prefix has one; None if none is known.

        It is the prefix of a stored block near the place, as lists differ in their indents; so its number is that of
        another item.
        """
        is_marked = MARK.search(own) is not None
        known = self._nearest(boxes, place, is_marked=is_marked)
        if known is not None or not boxes or boxes[-1] == "blockquote":
            return known
        if is_marked and len(boxes) == 1:
            other = next(
                (self._known[outer, marked] for outer, marked in self._known if marked and len(outer) == 1), None
            )
            return None if other is None else other[: _indent(other)] + own.lstrip()
        if not is_marked:
            item = self._nearest(boxes, place, is_marked=True)
            return None if item is None else _blank(item)
        parent = self.of(boxes[:-1], "- ", place)
        return None if parent is None else self._deeper(boxes, parent, own.lstrip(" >"))

    def _nearest(self, boxes: tuple[str, ...], place: int, *, is_marked: bool) -> str | None:
        """The prefix of such a block in the list at a place, or else of the first such block."""
        blocks = self._stored.blocks
        before = takewhile(lambda block: block.boxes[: len(boxes)] == boxes, reversed(blocks[:place]))
        for block in chain(blocks[place : place + 1], before):
            prefix = self._prefix(block)
            is_first = prefix is not None and not prefix[: _indent(prefix)].strip(" \t>")  # of its line
            if is_first and block.boxes == boxes and bool(MARK.search(prefix or "")) == is_marked:
                return prefix
        return self._known.get((boxes, is_marked))

    def _prefix(self, block: Block) -> str | None:
        prefix = self._stored.lines[block.start][: block.column]
        return prefix if len(prefix) == block.column else None

    @cached_property
    def _known(self) -> dict[tuple[tuple[str, ...], bool], str]:
        """The first prefix of each kind, by the boxes and whether it has a list marker."""
        found: dict[tuple[tuple[str, ...], bool], str] = {}
        for block in self._stored.blocks:
            prefix = self._prefix(block)
            if prefix is not None:
                found.setdefault((block.boxes, bool(MARK.search(prefix))), prefix)
        return found

    def _deeper(self, boxes: tuple[str, ...], parent: str, own: str) -> str:
        """The prefix for an item of a nested list, where no such list is stored."""
        place, mark = _indent(parent), MARK.search(own)
        step = max(" " * (len(parent) - place), self._steps.get(boxes[-2], ""), key=_width)
        if boxes[-1] == "ul" and mark:
            width = len(parent) - place if boxes[-2] == "ul" and not parent.rstrip().endswith("]") else len(own)
            own = (self._sign(boxes.count("ul")) or mark[0]).ljust(width) if len(own) <= width else own
        return _blank(parent[:place]) + step + own

    @cached_property
    def _steps(self) -> dict[str, str]:
        """The least indents of nested lists, by the kind of the outer list."""
        found: dict[str, str] = {}
        for boxes, is_marked in self._known:
            outer = self._known.get((boxes[:-1], True)) if is_marked else None
            if outer is not None:
                own = self._known[boxes, True]
                step = own[_indent(outer) : _indent(own)]
                found[boxes[-2]] = min(step, found.get(boxes[-2], step), key=_width)
        return found

    def _sign(self, depth: int) -> str:
        """The bullet at a depth of nested lists: the same for all, or the next one where bullets alternate.

        Empty where too few lists are stored to know.
        """
        if len({*self._signs.values()}) <= 1 and depth not in self._signs:
            return next(iter(self._signs.values()), "") if len(self._signs) > 1 else ""
        if depth in self._signs:
            return self._signs[depth]
        left = [sign for sign in _BULLETS if sign not in self._signs.values()]
        return left[0] if left else self._signs.get((depth - 1) % len(_BULLETS) + 1, "")

    @cached_property
    def _signs(self) -> dict[int, str]:
        """The bullets of stored lists, by the depth of nested lists."""
        found: dict[int, Counter[str]] = {}
        for (boxes, _), prefix in self._known.items():
            mark = MARK.search(prefix)
            if boxes[-1:] == ("ul",) and mark:
                found.setdefault(boxes.count("ul"), Counter())[mark[0]] += 1
        return {depth: counts.most_common(1)[0][0] for depth, counts in found.items()}


def _indent(prefix: str) -> int:
    """Where the list marker of a prefix begins."""
    mark = MARK.search(prefix)
    return mark.start() if mark else len(prefix)


def _width(space: str) -> int:
    """The columns that white space takes at the start of a line."""
    return len(space.expandtabs(4))


def _blank(prefix: str) -> str:
    """A prefix with white space in the place of its list marker; the sign of a quote stays, as each line has it."""
    return MARK.sub(lambda mark: " " * len(mark[0]), re.sub(r"\[[ xX]\](?=\s*$)", "   ", prefix))


def numbered(model: str, own: str) -> str:
    """A stored list marker, or a footnote's, with the number of the item's own marker.

    >>> numbered("1)  ", "3. "), numbered("[^1]: ", "3. ")
    ('3)  ', '[^3]: ')
    """
    number, place = _NUMBER.search(own), _NUMBER.search(model) or _NOTE.search(model)
    if number and place:
        return model[: place.start()] + number[0] + model[place.end() :]
    return model


def boxed(before: str, own: str) -> str:
    """An item's prefix with its task box ticked as in its `own` prefix, or without a box.

    >>> boxed("* [x] ", "- [ ] "), boxed("* [x] ", "- ")
    ('* [ ] ', '* ')
    """
    box = _BOX.search(own)
    return _BOX.sub(box[0] if box else "", before)


def is_boxed(before: str) -> bool:
    """Whether an item's prefix ends with a task box."""
    return _BOX.search(before) is not None


def dedented(line: str, column: int) -> str:
    """The line without its first columns or, where these hold text, without the space before the text."""
    return line.lstrip() if line[:column].strip(" >") else line[column:]


class Headings:
    """Writes headings in the notation of a stored text."""

    def __init__(self, stored: Text) -> None:
        self._stored = stored

    def written(self, source: str, block: Block) -> str:
        """The source of a heading in the notation of most stored ones of its level, if it is the same heading so."""
        notation = "" if block.boxes else self._notations.get(block.kind, "")
        found = _HEADING.fullmatch(source.rstrip())
        if not notation or found is None or "\n" in found[1]:
            return source
        written = _as_noted(found[1], int(block.kind[1]), notation)
        blocks = parse(written).blocks
        is_it = len(blocks) == 1 and (blocks[0].kind, blocks[0].words) == (block.kind, block.words)
        return written + source[len(source.rstrip()) :] if is_it else source

    @cached_property
    def _notations(self) -> dict[str, str]:
        """The notation of most stored headings of each level."""
        forms: dict[str, Counter[str]] = defaultdict(Counter)
        for block in self._stored.blocks:
            if block.kind in HEADINGS and not block.boxes:
                forms[block.kind][_notation(self._stored.source(block).rstrip().replace("\r\n", "\n"))] += 1
        return {level: counts.most_common(1)[0][0] for level, counts in forms.items()}


_HEADING = re.compile(r"(?:#{1,6}[ \t]+)?(.+?)(?:[ \t]+#+|\n(?:=+|-+))?", re.DOTALL)


def _notation(heading: str) -> str:
    """The notation of a heading: `#`, closed `# #`, the line under it, or `_` if that is as long as the text."""
    text, _, line = heading.partition("\n")
    if line:
        return "_" if len(line) == len(text) else line
    return "# #" if text.endswith(" #" + "#" * (len(text) - len(text.lstrip("#")) - 1)) else "#"


def _as_noted(text: str, level: int, notation: str) -> str:
    if notation[0] == "#":
        return f"{'#' * level} {text}" + f" {'#' * level}" * (notation == "# #")
    return f"{text}\n{'=-'[level - 1] * len(text) if notation == '_' else notation}"


def underlined(text: str, before: str) -> str:
    """A heading; the line under it is as long as its text where that of the heading `before` was.

    >>> underlined("Two new mills\\n=====\\n", "Mills\\n=====")
    'Two new mills\\n=============\\n'
    """
    (shown, _, line), (now, end, under) = before.partition("\n"), text.partition("\n")
    if line and set(line) <= {"=", "-"} and len(line) == len(shown) and under.strip():
        return now + end + line[0] * len(now.rstrip("\r")) + under[len(under.rstrip()) :]
    return text


_QUOTES = re.compile(r"(?:[ \t]*>)*")


def quoted(text: str, depth: int) -> str:
    """The quote signs that a text starts with, at most `depth` of them."""
    found = re.match(rf"(?:[ \t]*>){{0,{depth}}}", text)
    return found[0] if found else ""


def quotes_around(text: Text, block: Block) -> tuple[int, int]:
    """The depths of the quotes in the lines before and behind a block; a blank line separates two quotes."""
    lines = ("".join(text.lines[at : at + 1]) for at in (block.start - 1, block.end))
    before, behind = (quotes[0].count(">") if (quotes := _QUOTES.match(line)) else 0 for line in lines)
    return before, behind
