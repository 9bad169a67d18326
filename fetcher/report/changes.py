"""What changed in one seed, as plain data: what `report.md` sums up and `report.html` shows.

A change as JSON (`as_json`; `read` is its inverse), with spans and numbers in characters and lines from 1:

    path       the seed's, as in its record
    front      changed lines of the front matter, the stamp's too: [sign, text, []] each
    hunks      changed lines of the body with three lines around them, in order; none where the body did not change
      heading    the words of the nearest heading above the first change; "" where there is none
      old  new   the numbers that the first line has in the old and in the new file
      lines      [sign, text, marks] each: sign is " ", "-" or "+"; text has no line end; marks are [start, end] spans
                 of changed words and link targets, none where the whole line came or went
      keys       those of the edits in it: hunks that say the same on other pages have the same
    edits      the change in a reader's terms, in order
      what       added, removed, moved: a whole block; replaced: a phrase in one; linked: a link's target;
                 changed: a block that has too many new words to tell; markup: the words are the same
      kind       of its block: paragraph, list item, row, heading, code block
      under      the words of the nearest heading above it
      old  new   the words, or the target; of whole blocks and long changes the beginning
      key        the same for the same words, whatever page and place; "" for a sum
      block      number of the block within the change: two edits of one block share it
      times      1; more for a sum of edits that are too many to be listed
    left_out   changed lines that are not in `hunks`, as the change is too large
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ADDED, REMOVED, MOVED = "added", "removed", "moved"
REPLACED, LINKED, CHANGED, MARKUP = "replaced", "linked", "changed", "markup"


class Line(NamedTuple):
    """One line of a hunk."""

    sign: str
    text: str
    marks: tuple[tuple[int, int], ...] = ()


class Edit(NamedTuple):
    """One thing that a reader would say has changed."""

    what: str
    kind: str
    under: str
    old: str
    new: str
    key: str
    block: int
    times: int = 1


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that follow each other, some of them changed."""

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
    """What changed in a seed; without hunks where its body did not."""

    path: str
    front: tuple[Line, ...] = ()
    hunks: tuple[Hunk, ...] = ()
    edits: tuple[Edit, ...] = ()
    left_out: int = 0


def as_json(change: Change) -> dict[str, Any]:
    """The change as plain values."""
    return {
        "path": change.path,
        "front": change.front,
        "hunks": [
            {"heading": hunk.heading, "old": hunk.old, "new": hunk.new, "lines": hunk.lines, "keys": hunk.keys}
            for hunk in change.hunks
        ],
        "edits": [edit._asdict() for edit in change.edits],
        "left_out": change.left_out,
    }


def read(data: Mapping[str, Any]) -> Change:
    """The change that was written `as_json`."""
    return Change(
        data["path"],
        tuple(map(_line, data["front"])),
        tuple(
            Hunk(hunk["heading"], hunk["old"], hunk["new"], tuple(map(_line, hunk["lines"])), tuple(hunk["keys"]))
            for hunk in data["hunks"]
        ),
        tuple(Edit(**edit) for edit in data["edits"]),
        data["left_out"],
    )


def _line(data: list[Any]) -> Line:
    sign, text, marks = data
    return Line(sign, text, tuple((start, end) for start, end in marks))
