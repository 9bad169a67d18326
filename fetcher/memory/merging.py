"""The state of a run that several share: the part of one shard taken out, and the parts put together again.

Rows are copied as they are. The history of runs is left alone, as a shard is no run of its own.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from fetcher.memory import database, state

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

_PAGES = "SELECT url, visited, verified, memory FROM pages"
_BASES = "SELECT url, path, kept, base FROM bases"
_OF_PAGE = " WHERE url = ?"
# A row that is as new may be the same, or the work of the same second.
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
    """A file that is no state, or cannot be used as one; its text is the sentence to show."""


def extract(whole: Path, urls: Iterable[str], part: Path) -> None:
    """Writes what one file remembers of the pages at some addresses into another, which is made.

    Where the first is missing, nothing is remembered. Raises StateError.
    """
    with _opened(part, new=True) as target:
        if not whole.exists():
            return
        with _opened(whole) as source, database.transaction(target):
            for url in map(state.as_text, urls):
                target.executemany(_KEEP_PAGE, source.execute(_PAGES + _OF_PAGE, [url]))
                target.executemany(_KEEP_BASE, source.execute(_BASES + _OF_PAGE, [url]))


def merge(parts: Sequence[Path], whole: Path, without: Collection[str] = ()) -> None:
    """Adds what some files remember to another, all of it or nothing; of a page in several, what its last visit left.

    `without` are the paths of seeds of which it must not be remembered what their page gave. Raises StateError.
    """
    unwanted = {os.fsencode(path) for path in without}
    with ExitStack() as opened:
        sources = [opened.enter_context(_opened(part)) for part in parts]
        target = opened.enter_context(_opened(whole, new=True))
        opened.enter_context(_named(whole))
        opened.enter_context(database.transaction(target))
        for source, part in zip(sources, parts, strict=True):
            target.executemany(_KEEP_PAGE, _rows(source, part, _PAGES))
            target.executemany(_KEEP_BASE, (row for row in _rows(source, part, _BASES) if row[1] not in unwanted))


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


def _rows(source: sqlite3.Connection, part: Path, question: str) -> Iterator[tuple[Any, ...]]:
    with _named(part):
        yield from source.execute(question)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Translates what goes wrong with a file into a sentence that names it."""
    try:
        yield
    except database.UnusableError as error:
        raise StateError(f"{path} {state.KINDS[error.kind]}") from error
    except (OSError, sqlite3.Error) as error:
        raise StateError(f"{path} cannot be used ({error})") from error
