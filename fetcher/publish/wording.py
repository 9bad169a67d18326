"""What is said of a change where it is reviewed: the commit's message, the title and the text of the request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fetcher.report.markdown import Section, fitted
from fetcher.report.screen import cell, code
from fetcher.terms.outcomes import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

_TRAILER = "Refresh-Digest"
_DIGEST = re.compile(rf"^{_TRAILER}: ([0-9a-f]{{64}})$", re.MULTILINE)

_LISTED = 20
"""Folders, files or sentences that are named one by one."""

_ROOM = 20_000
"""Bytes of the list of files above a report, and of what else stands beside a list."""

_CUT = "\n\n… The rest is in report.md, which the run has left in its report folder.\n"


@dataclass(frozen=True, slots=True)
class Part:
    """Part `number` of `count`: `files` files, which lie in `folders`; `earlier` of them come from earlier runs."""

    number: int
    count: int
    files: int
    folders: Sequence[str]
    earlier: int


class Row(NamedTuple):
    """A file of a part, and in words what changed in it."""

    path: str
    summary: str
    words_added: int
    words_removed: int


def title(part: Part) -> str:
    """A title of numbers alone: a forge acts on what titles and messages say (`fixes #1`), whoever wrote it.

    >>> title(Part(2, 3, 1200, ["a"], 0))
    'Refresh 1,200 seeds (part 2 of 3)'
    """
    what = f"Refresh {counted(part.files, 'seed')}"
    return what if part.count == 1 else f"{what} (part {part.number} of {part.count})"


def message(part: Part, digest: str) -> str:
    """The commit's message. Its last line tells that it is ours, as long as nobody has changed a file of it."""
    said = "Its page has" if part.files == 1 else "Their pages have"
    return f"{title(part)}\n\n{said} changed. The pull request says how.\n\n{_TRAILER}: {digest}\n"


def signed(message: str) -> str:
    """The digest of changes that a message of ours holds; empty for a message of anyone else."""
    found = _DIGEST.findall(message)
    return found[-1] if found else ""


def body(part: Part, rows: Sequence[Row], left_out: Sequence[str], report: str, limit: int) -> str:
    """The text of the request, in at most so many characters: the report, and what it does not say.

    Of several parts each lists its own files, the `rows`, and the first has the report.
    """
    said = _head(part, left_out)
    if part.count > 1:
        room = _ROOM if part.number == 1 else limit - _ROOM
        said.append(fitted([_table(rows)], room))
    if part.number == 1:
        said.append(report)
    text = "\n\n".join(said)
    if len(text) <= limit:
        return text
    kept = text[: limit - len(_CUT)]
    return kept[: kept.rfind("\n")] + _CUT


def without_place(report: str, folder: str, top: Path, prefix: str) -> str:
    """The report without the place of the repository on this machine: paths in it begin at its top.

    >>> without_place("Refresh of `/home/me/notes/seeds`", "/home/me/notes/seeds", Path("/home/me/notes"), "seeds/")
    'Refresh of `seeds`'
    """
    names = {str(top): "", folder.rstrip("/\\"): prefix.rstrip("/")} if Path(folder).is_absolute() else {str(top): ""}
    for name in sorted(filter(lambda name: len(name) > 1, names), key=len, reverse=True):
        place = rf"(?<![\w/.:-]){re.escape(name)}(?:([/\\])|(?![\w.-]))"
        told = names[name]

        def within(found: re.Match[str], told: str = told) -> str:
            return told + "/" if told and found[1] else told if found[1] else told or "."

        report = re.sub(place, within, report)
    return report


def _table(rows: Sequence[Row]) -> Section:
    items = [_line(row) for row in sorted(rows, key=lambda row: (-row.words_added - row.words_removed, row.path))]
    top = "| file | what changed | words |\n|---|---|---:|\n"
    return Section(top, items, len(items), lambda left: f"\n… and {left:,} more.\n")


def _line(row: Row) -> str:
    return f"| {cell(row.path)} | {cell(row.summary)} | +{row.words_added:,} −{row.words_removed:,} |\n"


def _head(part: Part, left_out: Sequence[str]) -> list[str]:
    said = []
    if part.count > 1:
        report = "The report of the whole run is " + ("below." if part.number == 1 else "in part 1.")
        said.append(
            f"**Part {part.number} of {part.count}**, as forges show only so much of a change: "
            f"{counted(part.files, 'file')} in "
            f"{_listed([code(folder) for folder in part.folders])}. {report}"
        )
    if part.earlier:
        said.append(f"Files changed by earlier runs, whose changes are still open: {part.earlier:,}.")
    if left_out:
        said.append("Left out:\n\n" + "\n".join(f"- {code(sentence)}" for sentence in left_out[:_LISTED]))
        if len(left_out) > _LISTED:
            said[-1] += f"\n- … and {len(left_out) - _LISTED:,} more"
    return said


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" and {more:,} more" if more > 0 else "")
