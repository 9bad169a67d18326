"""Defines the data that describe what changed in one seed: edits, hunks of lines, classes, and the report entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ADDED, REMOVED, MOVED = "added", "removed", "moved"
REPLACED, LINKED, CHANGED, MARKUP = "replaced", "linked", "changed", "markup"
PARAGRAPH, ITEM, ROW, HEADING, CODE = "paragraph", "list item", "row", "heading", "code block"
KINDS = (HEADING, PARAGRAPH, ITEM, ROW, CODE)
"""The kinds of blocks, in the order in which they are counted."""

PRICE, LIMIT, DEPRECATION, PERMISSION, NEGATION = "price", "limit", "deprecation", "permission", "negation"
SECTION_GONE, SECTION_NEW = "section gone", "section new"
VERSION, DATE, NUMBER, CODED, LINK, WORDING = "version", "date", "number", "code", "link", "wording"
CLASSES = (
    *(PRICE, LIMIT, DEPRECATION, PERMISSION, NEGATION, SECTION_GONE, SECTION_NEW),
    *(VERSION, DATE, NUMBER, CODED, LINK, WORDING),
)
"""What changes are about (see `classes`), the most important first; `wording` is for what no rule knows."""

MOST_LINES = 2_000
"""Lines of one change that are kept to be shown, and ..."""
MOST_SIGNS = 200_000
"""... the characters in them."""
LONGEST_LINE = 20_000


NOWHERE = (0, 0)
"""The lines of a block in a body that does not have it."""


class Line(NamedTuple):
    """One line of a hunk: `sign` is " ", "-" or "+"; `text` has no line end.

    `marks` are the [start, end] spans of changed words and link targets; none if the whole line was added or removed.
    """

    sign: str
    text: str
    marks: tuple[tuple[int, int], ...] = ()


class Edit(NamedTuple):
    """One change as a reader would see it.

    what       added, removed, moved: a whole block; replaced: a phrase in one; linked: a link's target;
               changed: a block with too many new words to list; markup: the words are the same
    kind       of its block: paragraph, list item, row, heading, code block
    under      the text of the nearest heading above it
    old  new   the words, or the target; only the beginning of whole blocks and long changes
    key        the same for the same words, whatever page and place; "" for a sum
    block      number of the block within the change: two edits of one block share it
    times      1; more for a sum of edits that are too many to be listed
    links      targets of the links added with it, as they are written; the first of many
    """

    what: str
    kind: str
    under: str
    old: str
    new: str
    key: str
    block: int
    times: int = 1
    links: tuple[str, ...] = ()


class BlockChange(NamedTuple):
    """A block that was replaced by another, or was added or removed: then the other side is empty.

    key        the same for the same blocks, whatever page and place
    old  new   its changed lines, from start to before end, in the two bodies; NOWHERE if it is not there
    removed  added   the beginning of the block's text before and after
    words      how many were removed and added
    """

    key: str
    old: tuple[int, int]
    new: tuple[int, int]
    removed: str
    added: str
    words: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hunk:
    """Changed lines, with three lines of context around them.

    `heading` is the text of the nearest heading above the first change, "" if there is none; `old` and `new` are the
    numbers of the first line in the old and the new file, from 1. `keys` are those of its edits, which are the same for
    the same change on other pages.
    """

    heading: str
    old: int
    new: int
    lines: tuple[Line, ...]
    keys: tuple[str, ...] = ()

    def numbered(self) -> Iterator[tuple[int | None, int | None, Line]]:
        """Each line with its numbers in the old and the new file, None if it is not there."""
        old, new = self.old, self.new
        for line in self.lines:
            yield (None if line.sign == "+" else old), (None if line.sign == "-" else new), line
            old += line.sign != "+"
            new += line.sign != "-"


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in a seed: lines of the front matter (including the stamp), and hunks of the body.

    `edits` are the change in a reader's terms, in order; `swaps` are the blocks that were replaced; `classes` say what
    it is about. `left_out` counts the changed lines that are not in `hunks`, as the change is too large.
    """

    path: str
    front: tuple[Line, ...] = ()
    hunks: tuple[Hunk, ...] = ()
    edits: tuple[Edit, ...] = ()
    left_out: int = 0
    swaps: tuple[BlockChange, ...] = ()
    classes: tuple[str, ...] = ()


class ReportEntry(NamedTuple):
    """What a report says of a changed seed, as plain values.

    `summary` is in words and `patch` in git's format; `edits` are None, and `classes` empty, if only the front matter
    changed. `view` is HTML for `report.html`, which takes about `size` characters there.
    """

    summary: str
    patch: str
    edits: Sequence[Edit] | None
    view: str
    size: int
    classes: Sequence[str] = ()


def bounded(hunks: Iterator[Hunk]) -> tuple[list[Hunk], int]:
    """As many of the hunks as fit into the limits above, and the number of changed lines in the others."""
    kept: list[Hunk] = []
    lines = signs = left_out = 0
    for hunk in hunks:
        shown = []
        for line in hunk.lines:
            lines += 1
            signs += len(line.text[:LONGEST_LINE])
            if lines <= MOST_LINES and signs <= MOST_SIGNS:
                shown.append(_short(line))
            else:
                left_out += line.sign != " "
        if shown:
            kept.append(Hunk(hunk.heading, hunk.old, hunk.new, tuple(shown), hunk.keys))
    return kept, left_out


def _short(line: Line) -> Line:
    if len(line.text) <= LONGEST_LINE:
        return line
    marks = tuple((start, min(end, LONGEST_LINE)) for start, end in line.marks if start < LONGEST_LINE)
    return Line(line.sign, line.text[:LONGEST_LINE] + "…", marks)


def ordered(names: Iterable[str]) -> list[str]:
    """The classes, each once, the most important first."""
    found = {*names}
    return [name for name in CLASSES if name in found]


def rank(names: Sequence[str]) -> int:
    """The rank of a change with these (ordered) classes: 0 is the most important."""
    return CLASSES.index(names[0]) if names else len(CLASSES)
