"""What changed in one seed, as plain data: what `report.md` sums up and `report.html` shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ADDED, REMOVED, MOVED = "added", "removed", "moved"
REPLACED, LINKED, CHANGED, MARKUP = "replaced", "linked", "changed", "markup"

PRICE, LIMIT, DEPRECATION, PERMISSION, NEGATION = "price", "limit", "deprecation", "permission", "negation"
SECTION_GONE, SECTION_NEW = "section gone", "section new"
VERSION, DATE, NUMBER, CODED, LINK, WORDING = "version", "date", "number", "code", "link", "wording"
CLASSES = (
    *(PRICE, LIMIT, DEPRECATION, PERMISSION, NEGATION, SECTION_GONE, SECTION_NEW),
    *(VERSION, DATE, NUMBER, CODED, LINK, WORDING),
)
"""What changes are about (`classes`), what matters most to a reader first; `wording` is what no rule knows."""

MOST_LINES = 2_000
"""Lines of one change that are kept for show, and ..."""
MOST_SIGNS = 200_000
"""... the characters in them."""
LONGEST_LINE = 20_000


NOWHERE = (0, 0)
"""The lines that a block has in a body in which it does not stand."""


class Line(NamedTuple):
    """One line of a hunk: `sign` is " ", "-" or "+"; `text` has no line end.

    `marks` are the [start, end] spans of changed words and link targets, none where the whole line came or went.
    """

    sign: str
    text: str
    marks: tuple[tuple[int, int], ...] = ()


class Edit(NamedTuple):
    """One thing that a reader would say has changed.

    what       added, removed, moved: a whole block; replaced: a phrase in one; linked: a link's target;
               changed: a block that has too many new words to tell; markup: the words are the same
    kind       of its block: paragraph, list item, row, heading, code block
    under      the words of the nearest heading above it
    old  new   the words, or the target; of whole blocks and long changes the beginning
    key        the same for the same words, whatever page and place; "" for a sum
    block      number of the block within the change: two edits of one block share it
    times      1; more for a sum of edits that are too many to be listed
    links      where the links lead to that came with it, as they are written; the first of many
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
    """A block of one body that gave way to one of the other; of those that came or went, one side is empty.

    `key` is the same for the same blocks, whatever page and place. `old` and `new` are the changed lines of the bodies
    that it has, `removed` and `added` the beginnings of the block, and `words` how many of it went and came.
    """

    key: str
    old: tuple[int, int]
    new: tuple[int, int]
    removed: str
    added: str
    words: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that follow each other, some of them changed, with three around them.

    `heading` has the words of the nearest heading above the first change, "" where there is none; `old` and `new` are
    the numbers, from 1, that the first line has in the old and in the new file. `keys` are those of the edits in it:
    hunks that say the same on other pages have the same.
    """

    heading: str
    old: int
    new: int
    lines: tuple[Line, ...]
    keys: tuple[str, ...] = ()

    def numbered(self) -> Iterator[tuple[int | None, int | None, Line]]:
        """Each line with its number in the old and in the new file, None where it is not there."""
        old, new = self.old, self.new
        for line in self.lines:
            yield (None if line.sign == "+" else old), (None if line.sign == "-" else new), line
            old += line.sign != "+"
            new += line.sign != "-"


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in a seed: lines of the front matter, the stamp's too, and hunks of the body, none where it did not.

    `edits` tell the change in a reader's terms, in order, `swaps` which blocks it took away and brought, `classes` what
    it is about (`classes.CLASSES`); `left_out` counts changed lines that are not in `hunks`: the change is too large.
    """

    path: str
    front: tuple[Line, ...] = ()
    hunks: tuple[Hunk, ...] = ()
    edits: tuple[Edit, ...] = ()
    left_out: int = 0
    swaps: tuple[BlockChange, ...] = ()
    classes: tuple[str, ...] = ()


class ReportEntry(NamedTuple):
    """What changed in a seed, as plain values.

    `summary` says it in words, `patch` as git does, `edits` as data, None where only the front matter changed. `view`
    is HTML for `report.html`, which takes about `size` characters there. `classes` are what the change is about, none
    where only the front matter changed.
    """

    summary: str
    patch: str
    edits: Sequence[Edit] | None
    view: str
    size: int
    classes: Sequence[str] = ()


def bounded(hunks: Iterator[Hunk]) -> tuple[list[Hunk], int]:
    """As many of the hunks as are worth keeping, and the number of changed lines in the others."""
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
    """The classes, each once, those that matter most first."""
    found = {*names}
    return [name for name in CLASSES if name in found]


def rank(names: Sequence[str]) -> int:
    """Where a change of these classes stands among others: 0 for what matters most."""
    return CLASSES.index(names[0]) if names else len(CLASSES)
