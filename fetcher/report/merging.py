"""Merges the reports and the states of all shards into those that a run without shards would have left.

A shard gets the rows of its pages from the whole state before it runs; afterwards they are copied back. The history of
runs is left alone, as a shard is not a run of its own.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from fetcher.memory import database, state
from fetcher.report.changes import Edit, ReportEntry
from fetcher.report.report import VERSION
from fetcher.terms.arguments import parse_shard

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from fetcher.report.report import Report
    from fetcher.terms.arguments import Shard

    Taken = tuple[dict[str, Any], ReportEntry | None]

_NO_CHANGE: Sequence[Any] = (None,)
_SEEDS = '"seeds": ['  # end of the line after which each seed has a line of its own


class MergeError(RuntimeError):
    """The reports are not those of the shards of one run; the text is a sentence to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardReport:
    """The report of a shard in `folder`; the seeds are only read by `seeds`.

    `code` is the fingerprint of the program, `of` the seeds folder; the rest is as in `report.json`.
    """

    folder: Path
    shard: Shard
    code: str
    dry_run: bool
    of: str
    started: datetime
    finished: datetime
    found: int
    notes: Sequence[str]
    attention: Sequence[str]

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The report in a folder, or in its `latest`; raises MergeError if there is no report of a shard."""
        folder = folder / "latest" if (folder / "latest").is_dir() else folder
        place = folder / "report.json"
        try:
            head = _head(folder)
            if head["version"] != VERSION:
                raise MergeError(f"{place} has version {head['version']}, not {VERSION}")
            return cls(
                folder=folder,
                shard=parse_shard(head["part"]["shard"]),
                code=head["part"]["code"],
                dry_run=head["part"]["dry_run"],
                of=head["folder"],
                started=datetime.fromisoformat(head["started_at"]),
                finished=datetime.fromisoformat(head["finished_at"]),
                found=head["found"],
                notes=head["notes"],
                attention=head["attention"],
            )
        except OSError as error:
            raise MergeError(f"{place} cannot be read: {error.strerror or error}") from error
        except (ValueError, TypeError, KeyError) as error:
            raise MergeError(f"{place} is no report of a shard") from error

    def seeds(self) -> Iterator[Taken]:
        """The arguments of `Report.take` for each seed; raises MergeError if a file is damaged."""
        try:
            with (
                (self.folder / "report.json").open(encoding="utf-8") as rows,
                (self.folder / "changes.jsonl").open(encoding="utf-8") as lines,
            ):
                yield from _joined(_rows(rows), map(json.loads, lines))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise MergeError(f"The report in {self.folder} is damaged: {error}") from error


def check(parts: Sequence[ShardReport], before: datetime | None = None) -> None:
    """Raises MergeError if the parts are not of one run, or not all of them.

    `before` is the end of the run whose report the merged one replaces, if there is one.
    """
    if not parts:
        raise MergeError("there is no report of a shard: run `scrapy crawl refresh -a shard=k/N` for each k first")
    first = parts[0]
    for part in parts[1:]:
        for name, one, other in _that_agree(first, part):
            if one != other:
                raise MergeError(f"{first.folder} and {part.folder} are not of one run: they differ in {name}")
    counted = Counter(part.shard.number for part in parts)
    for number in range(1, first.shard.of + 1):
        if counted[number] != 1:
            raise MergeError(f"there are {counted[number] or 'no'} reports of shard {number}/{first.shard.of}")
    old = [part for part in parts if before and part.finished <= before]
    if old and len(old) < len(parts):
        raise MergeError(
            f"{old[0].folder} is of an earlier run: shard {old[0].shard} has not run since the last report"
        )


def finished_at(folder: Path) -> datetime | None:
    """The end of the run whose report is in a folder; None if there is no readable report."""
    try:
        return datetime.fromisoformat(_head(folder)["finished_at"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def merge(parts: Iterable[ShardReport], report: Report) -> None:
    """Adds all seeds of the parts to the report; raises MergeError if a seed is in two."""
    for part in parts:
        for row, told in part.seeds():
            try:
                report.take(row, told)
            except ValueError as error:
                raise MergeError(f"{row['path']} is in two reports, one of them {part.folder}") from error


def notes_and_alarms(parts: Sequence[ShardReport]) -> tuple[list[str], list[str]]:
    """The notes and the alarms of all parts, each once, for `Report.finish`."""
    notes = dict.fromkeys(note for part in parts for note in part.notes)
    alarms = {said for part in parts for said in part.attention}  # with sentences on the part's own counts
    return [note for note in notes if note not in alarms], [note for note in notes if note in alarms]


def _that_agree(one: ShardReport, other: ShardReport) -> Iterator[tuple[str, object, object]]:
    yield "the version of the program", one.code, other.code
    yield "the number of shards", one.shard.of, other.shard.of
    yield "the seeds folder", one.of, other.of
    yield "whether they write", one.dry_run, other.dry_run


def _head(folder: Path) -> dict[str, Any]:
    with (folder / "report.json").open(encoding="utf-8") as file:
        head: dict[str, Any] = json.loads("".join(_until_seeds(file)) + "]}")
    return head


def _until_seeds(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line
        if line.rstrip().endswith(_SEEDS):
            return


def _rows(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    remaining = iter(lines)
    for _ in _until_seeds(remaining):
        pass
    for line in remaining:
        if line == "]}\n":
            return
        yield json.loads(line.rstrip().removesuffix(","))
    raise ValueError("it is cut off")


def _joined(rows: Iterable[dict[str, Any]], lines: Iterable[Sequence[Any]]) -> Iterator[Taken]:
    """Each row with the report entry of its seed, if it has one; both are sorted by path."""
    changed = iter(lines)
    path, *told = next(changed, _NO_CHANGE)
    for row in rows:
        if row["path"] == path:
            yield row, _told(*told)
            path, *told = next(changed, _NO_CHANGE)
        else:
            yield row, None
    if path is not None:
        raise ValueError(f"{path} has changed but has no outcome")


def _told(said: str, patch: str, edits: Sequence[Sequence[Any]] | None, view: str, size: int) -> ReportEntry:
    return ReportEntry(said, patch, None if edits is None else [Edit(*edit) for edit in edits], view, size)


_PAGES = "SELECT url, visited, verified, memory FROM pages"
_BASES = "SELECT url, path, kept, base FROM bases"
_OF_PAGE = " WHERE url = ?"
# A row with the same time may be the same row, or from a visit in the same second.
_KEEP_PAGE = """
    INSERT INTO pages (url, visited, verified, memory) VALUES (?, ?, ?, ?) ON CONFLICT (url) DO UPDATE
    SET visited = excluded.visited, verified = excluded.verified, memory = excluded.memory
    WHERE ifnull(excluded.visited, 0) >= ifnull(visited, 0)
"""
_KEEP_BASE = """
    INSERT INTO bases (url, path, kept, base) VALUES (?, ?, ?, ?) ON CONFLICT (url, path) DO UPDATE
    SET kept = excluded.kept, base = excluded.base WHERE excluded.kept >= kept
"""


class StateError(RuntimeError):
    """A file is no state, or cannot be used; the text is a sentence to show."""


def extract_state(whole: Path, urls: Iterable[str], part: Path) -> None:
    """Creates the state `part` with what `whole` remembers of the pages at some addresses.

    It stays empty if `whole` does not exist. Raises StateError.
    """
    with _opened(part, new=True) as target:
        if not whole.exists():
            return
        with _opened(whole) as source, database.transaction(target):
            for url in map(state.as_text, urls):
                target.executemany(_KEEP_PAGE, source.execute(_PAGES + _OF_PAGE, [url]))
                target.executemany(_KEEP_BASE, source.execute(_BASES + _OF_PAGE, [url]))


def merge_states(parts: Sequence[Path], whole: Path, without: Collection[str] = ()) -> None:
    """Adds the states `parts` to `whole`, all of it or nothing; of a page in several, the last visited one counts.

    `without` are the paths of seeds whose bases (the text last taken from their page) are left out.
    Raises StateError.
    """
    unwanted = {os.fsencode(path) for path in without}
    with ExitStack() as opened:
        sources = [opened.enter_context(_opened(part)) for part in parts]
        target = opened.enter_context(_opened(whole, new=True))
        opened.enter_context(_named(whole))
        opened.enter_context(database.transaction(target))
        for source, part in zip(sources, parts, strict=True):
            target.executemany(_KEEP_PAGE, _copied(source, part, _PAGES))
            target.executemany(_KEEP_BASE, (row for row in _copied(source, part, _BASES) if row[1] not in unwanted))


@contextmanager
def _opened(path: Path, *, new: bool = False) -> Iterator[sqlite3.Connection]:
    if not new and not path.is_file():
        raise StateError(f"{path} is missing")
    with _named(path):
        connection = database.connect(path, state.APPLICATION, state.MIGRATIONS)
    try:
        yield connection
    finally:
        database.close(connection)


def _copied(source: sqlite3.Connection, part: Path, question: str) -> Iterator[tuple[Any, ...]]:
    with _named(part):
        yield from source.execute(question)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Translates errors with a file into StateError with a sentence that names it."""
    try:
        yield
    except database.UnusableError as error:
        raise StateError(f"{path} {state.KINDS[error.kind]}") from error
    except (OSError, sqlite3.Error) as error:
        raise StateError(f"{path} cannot be used ({error})") from error
