"""The seeds that a report lists, as its templates show them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from fetcher.report.html.source import Fold, Row, fold, front, rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fetcher.report.changes import Change
    from fetcher.report.html.rendered import Segment

_LONG = "The page is too long or too deep to be rendered here: see the source."
_BLANK = "Only blank lines have changed: see the source."
_HELD = 20
_SHORT = 160


class Held(NamedTuple):
    """A difference that was not written."""

    reason: str
    removed: str
    added: str


class Block(NamedTuple):
    """Changed lines with their context, under a heading of the page."""

    under: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Shown:
    """A change: `front` matter, and the body in both views.

    `segments` are rendered, or a sentence says why there are none; `parts` are source.
    """

    front: Sequence[Row]
    segments: Sequence[Segment]
    why_none: str
    parts: Sequence[Block | Fold]
    left_out: int

    @property
    def size(self) -> int:
        """Characters that it takes, about."""
        texts = (text for segment in self.segments for text in (segment.old, segment.new))
        return sum(map(len, texts)) + sum(row.size for part in self.parts for row in part.rows)


@dataclass(frozen=True, slots=True)
class Entry:
    """A seed as the report lists it; `change` is None where it is listed without.

    `groups` are the numbers of those groups of changes on many pages that it has a part in.
    """

    record: Mapping[str, Any]
    change: Shown | None = None
    groups: Sequence[int] = ()
    is_open: bool = False

    @property
    def folder(self) -> str:
        """The folders that it is in, without an end."""
        return str(self.record["path"]).rpartition("/")[0]

    @property
    def name(self) -> str:
        """The name of its file."""
        return str(self.record["path"]).rpartition("/")[2]

    @property
    def site(self) -> str:
        """The host of its page; empty where the address has none."""
        try:
            return urlsplit(self.record["url"]).hostname or ""
        except ValueError:
            return ""


def anchor(path: str) -> str:
    """The name of a seed's entry for links to it, the same in each report."""
    return f"seed-{hashlib.sha256(path.encode(errors='surrogatepass')).hexdigest()[:12]}"


def held(record: Mapping[str, Any]) -> list[Held]:
    """The first of the differences that were held back, cut to what is needed to know them."""
    return [Held(one["reason"], _short(one["removed"]), _short(one["added"])) for one in record["held_back"][:_HELD]]


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else text[:_SHORT] + "…"


def shown(change: Change, old: str, new: str, address: str) -> Shown:
    """A change for both views, made of the texts before and after."""
    from fetcher.report.compare import parted  # noqa: PLC0415  # parsers, only for a run with changes
    from fetcher.report.html.rendered import segments  # noqa: PLC0415

    (_, before), (front_lines, after) = parted(old), parted(new)
    found = segments(before, after, address)
    why_none = "" if found or before == after else _LONG if found is None else _BLANK
    parts = _parts(change, [*front_lines, *after], len(front_lines) + 1)
    return Shown(front(change.front), found or [], why_none, list(parts), change.left_out)


def _parts(change: Change, lines: Sequence[str], at: int) -> Iterator[Block | Fold]:
    """The changed lines, and between them the unchanged ones, folded; `at` is the number of the body's first line."""
    shift = 0
    for hunk in change.hunks:
        shift = hunk.old - hunk.new
        if hunk.new > at:
            yield fold(lines, at, hunk.new, shift)
        yield Block(hunk.heading, list(rows(hunk)))
        at = hunk.new + sum(line.sign != "-" for line in hunk.lines)
        shift += sum((line.sign == "-") - (line.sign == "+") for line in hunk.lines)
    if change.hunks and not change.left_out and at <= len(lines):
        yield fold(lines, at, len(lines) + 1, shift)
