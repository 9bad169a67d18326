"""Splits changes into pull requests that a forge can show, and writes the commit, title and description of each."""

from __future__ import annotations

import hashlib
import os
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fetcher.publish.repository import Change, Size
from fetcher.report.markdown import Section, fit
from fetcher.report.screen import cell, code
from fetcher.terms.outcomes import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_TRAILER = "Refresh-Digest"
_DIGEST = re.compile(rf"^{_TRAILER}: ([0-9a-f]{{64}})$", re.MULTILINE)

_LISTED = 20
"""Folders, files or sentences that are listed one by one."""

_ROOM = 20_000
"""Bytes of the list of files above a report, and of all else beside a list."""

_CUT = "\n\n… The rest is in report.md, which the run has left in its report folder.\n"


@dataclass(frozen=True, slots=True)
class Part:
    """Part `number` of `count`: `files` files in `folders`, `earlier` of which were changed by earlier runs."""

    number: int
    count: int
    files: int
    folders: Sequence[str]
    earlier: int


class Row(NamedTuple):
    """A file of a part, and what changed in it, in words."""

    path: str
    summary: str
    words_added: int
    words_removed: int


SHOWN = Size(300, 20_000, 1_000_000)
"""What GitHub shows of a pull request; GitLab shows more."""

_NOTHING = Size(0, 0, 0)


def split_into_parts(sizes: Mapping[str, Size], limit: Size = SHOWN) -> list[list[str]]:
    """The paths in parts within the limit: folders stay together if possible, and neighbouring ones share a part.

    A single file that is too large is a part of its own.

    >>> one = Size(1, 10, 100)
    >>> split_into_parts({"a/1": one, "a/2": one, "b/1": one, "b/2": one, "c": one}, Size(3, 99, 999))
    [['a/1', 'a/2'], ['b/1', 'b/2', 'c']]
    """
    parts: list[list[str]] = []
    room = _NOTHING
    for block in _blocks(sorted(sizes), sizes, limit, 0):
        taken = _sum(block, sizes)
        if not parts or not room.plus(taken).fits(limit):
            parts.append([])
            room = _NOTHING
        parts[-1] += block
        room = room.plus(taken)
    return parts


def folders(paths: Sequence[str]) -> list[str]:
    """The folders of the paths, sorted; "." for the top.

    >>> folders(["a/1", "a/2", "b/c/1", "d"])
    ['.', 'a', 'b/c']
    """
    return sorted({path.rpartition("/")[0] or "." for path in paths})


def _blocks(paths: list[str], sizes: Mapping[str, Size], limit: Size, depth: int) -> Iterator[list[str]]:
    """The groups of paths to keep together: folders that fit, and the folders and files of those that do not."""
    if _sum(paths, sizes).fits(limit) or len(paths) == 1:
        yield paths
        return
    inside: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        steps = path.split("/")
        inside["/".join(steps[: depth + 1])].append(path)
    for block in inside.values():
        yield from _blocks(block, sizes, limit, depth + 1)


def _sum(paths: Sequence[str], sizes: Mapping[str, Size]) -> Size:
    total = _NOTHING
    for path in paths:
        total = total.plus(sizes[path])
    return total


def title(part: Part) -> str:
    """A title without text from pages: a forge acts on what titles and messages say (`fixes #1`).

    >>> title(Part(2, 3, 1200, ["a"], 0))
    'Refresh 1,200 seeds (part 2 of 3)'
    """
    what = f"Refresh {counted(part.files, 'seed')}"
    return what if part.count == 1 else f"{what} (part {part.number} of {part.count})"


def message(part: Part, digest: str) -> str:
    """The commit's message. Its last line, the digest of the changes, shows that the commit is ours and unchanged."""
    said = "Its page has" if part.files == 1 else "Their pages have"
    return f"{title(part)}\n\n{said} changed. The pull request says how.\n\n{_TRAILER}: {digest}\n"


def digest(changes: Mapping[str, Change]) -> str:
    """A digest of the paths and new contents of changes.

    >>> from fetcher.publish.repository import Change, Entry
    >>> digest({"a": Change("1", Entry("100644", "2"))}) == digest({"a": Change("9", Entry("100644", "2"))})
    True
    """
    told = hashlib.sha256()
    for path, change in sorted(changes.items()):
        told.update(b"%s %s %s\0" % (change.new.mode.encode(), change.new.name.encode(), os.fsencode(path)))
    return told.hexdigest()


def digest_in(message: str) -> str:
    """The digest in a commit message of ours; empty for any other message."""
    found = _DIGEST.findall(message)
    return found[-1] if found else ""


def body(part: Part, rows: Sequence[Row], left_out: Sequence[str], report: str, limit: int) -> str:
    """The description of a pull request, in at most `limit` characters: the report, and what it does not say.

    If there are several parts, each lists its own files, the `rows`, and the first also has the report.
    """
    said = _head(part, left_out)
    if part.count > 1:
        room = _ROOM if part.number == 1 else limit - _ROOM
        said.append(fit([_table(rows)], room))
    if part.number == 1:
        said.append(report)
    text = "\n\n".join(said)
    if len(text) <= limit:
        return text
    kept = text[: limit - len(_CUT)]
    return kept[: kept.rfind("\n")] + _CUT


def without_local_paths(report: str, folder: str, top: Path, prefix: str) -> str:
    """The report with paths relative to the top of the repository, without its location on this machine.

    >>> without_local_paths("Refresh of `/home/me/seeds`", "/home/me/seeds", Path("/home/me"), "seeds/")
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
