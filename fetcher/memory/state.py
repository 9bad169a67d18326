"""The state: what is remembered of all pages between runs, in one SQLite file, which a run can do without."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, Self, TypeVar

from fetcher.memory import database, serialization
from fetcher.memory.memory import Memory, body_digest
from fetcher.terms.failures import NOT_ASKED
from fetcher.terms.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from fetcher.memory.memory import Base
    from fetcher.memory.serialization import RunSummary

T = TypeVar("T")
_Row = tuple[str, int | None, int | None, bytes]
APPLICATION = 0x66746368  # "ftch": SQLite's application ID of our files

MIGRATIONS = (
    """
    CREATE TABLE pages (url TEXT PRIMARY KEY, visited INTEGER, verified INTEGER, memory BLOB NOT NULL);
    CREATE TABLE bases (url TEXT, path BLOB, kept INTEGER NOT NULL, base BLOB NOT NULL, PRIMARY KEY (url, path))
    """,
    "CREATE TABLE runs (started INTEGER PRIMARY KEY, summary TEXT NOT NULL)",
    "CREATE TABLE listings (url TEXT PRIMARY KEY, gone INTEGER)",
    "CREATE TABLE announcements (url TEXT, title TEXT, said TEXT, text TEXT, links TEXT, PRIMARY KEY (url, title))",
    "ALTER TABLE listings ADD COLUMN said TEXT; ALTER TABLE listings ADD COLUMN surveyed INTEGER",
)
"""The scripts from each version of the schema to the next; never edit one, only append."""

_RUNS = 1000  # run summaries that are kept
KINDS = {
    "corrupt": "is damaged",
    "foreign": "is no memory of this program",
    "newer": "was written by a later version of this program",
}
"""What is wrong with an unusable file (`database.UnusableError.kind`), for a sentence that starts with its name."""
_KEEP = "INSERT OR REPLACE INTO pages (url, visited, verified, memory) VALUES (?, ?, ?, ?)"
_TOGETHER = 50  # pages that are written at once
_LATEST = 1.0  # seconds that one waits for others
_SIZE = """
    SELECT (page_count - freelist_count) * page_size
    FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()
"""
_OLDEST = (
    "DELETE FROM {0} WHERE rowid IN (SELECT rowid FROM {0} ORDER BY {1} LIMIT 1 + (SELECT count(*) FROM {0}) / 10)"
)
_SHORTEN = (_OLDEST.format("bases", "kept"), _OLDEST.format("pages", "visited"))
_MOST = 490_000_000  # bytes; 100,000 typical pages take less


class State:
    """The memory of all pages, in the file at `path`; with None, nothing is remembered.

    Problems with the file never raise: what cannot be read counts as unknown, what cannot be written is lost, and
    `troubles` says so. With `keeps=False` the file is only read, even while a run writes to it. `most` is the maximum
    size in bytes, beyond which the oldest entries are deleted.

    Visits that found nothing new are written up to `_TOGETHER` at once: a transaction for each took most of the time.
    A killed run loses those that still wait; the next run asks for these pages as if this one had not.

    >>> with State(None) as state:
    ...     state.recall("https://example.org/").visits
    ()
    """

    def __init__(self, path: Path | None, *, keeps: bool = True, most: int = _MOST) -> None:
        self.troubles: list[str] = []
        """Sentences for the run's report."""
        self._path = path
        self._keeps = keeps
        self._most = most
        self._has_dropped = False
        self._waiting: dict[str, _Row] = {}  # pages that are written with the next ones, by address (`as_text`)
        self._since = 0.0  # when the first of them came
        self._database: sqlite3.Connection | None = None
        if path is not None:
            self._open(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def recall(self, url: str) -> Memory:
        """What is remembered of the page at an address."""
        asked = as_text(url)
        if asked in self._waiting:
            self.execute()
        rows = self._rows("SELECT memory FROM pages WHERE url = ?", asked)
        try:
            return serialization.unpack(url, rows[0][0]) if rows else Memory(url=url)
        except ValueError:  # damage that SQLite does not notice
            self._drop("DELETE FROM pages WHERE url = ?", asked)
            return Memory(url=url)

    def keep(self, memory: Memory) -> None:
        """Stores the memory of a page."""
        visited = next((visit.when for visit in reversed(memory.visits) if visit.reason not in NOT_ASKED), None)
        url, times = as_text(memory.url), (serialization.seconds(visited), serialization.seconds(memory.verified))
        self._since = self._since if self._waiting else monotonic()
        self._waiting[url] = (url, *times, serialization.pack(memory))
        is_news = not memory.visits or memory.visits[-1].outcome is not Outcome.UNCHANGED
        if is_news or len(self._waiting) >= _TOGETHER or monotonic() - self._since > _LATEST:
            self.execute()

    def base(self, url: str, path: str) -> Base | None:
        """The base of the seed at a path of the seeds folder; None if there is none."""
        rows = self._rows("SELECT base FROM bases WHERE url = ? AND path = ?", as_text(url), os.fsencode(path))
        try:
            return serialization.unpack_base(rows[0][0]) if rows else None
        except ValueError:
            self._drop("DELETE FROM bases WHERE url = ? AND path = ?", as_text(url), os.fsencode(path))
            return None

    def adopt_base(self, url: str, path: str, body: str) -> Base | None:
        """The base of a renamed seed: that of another path with this body, from now on stored for this path too."""
        for kept, packed in self.query("SELECT kept, base FROM bases WHERE url = ?", as_text(url)):
            with suppress(ValueError):
                base = serialization.unpack_base(packed)
                if base.bodies[-1:] == (body_digest(body),):
                    self.keep_base(url, path, base, serialization.moment(kept))
                    return base
        return None

    def keep_base(self, url: str, path: str, base: Base, when: datetime) -> None:
        """Stores the base of a seed. Call this only after the file is written.

        A base that is newer than its file would make the page's changes look like edits by hand.
        """
        row = (as_text(url), os.fsencode(path), serialization.seconds(when), serialization.pack_base(base))
        self.execute(("INSERT OR REPLACE INTO bases (url, path, kept, base) VALUES (?, ?, ?, ?)", row))

    def verified(self) -> dict[str, datetime]:
        """When each page was last found good, by its address."""
        rows = self.query("SELECT url, verified FROM pages WHERE verified IS NOT NULL")
        found = ((url, _read_moment(seconds)) for url, seconds in rows)
        return {url: moment for url, moment in found if moment}

    def verified_at(self, url: str) -> datetime | None:
        """When the page at an address was last found good; None if never."""
        rows = self.query("SELECT verified FROM pages WHERE url = ?", as_text(url))
        return _read_moment(rows[0][0]) if rows else None

    def asked_at(self, url: str) -> datetime | None:
        """When the page at an address was last requested, with whatever outcome; None if never."""
        rows = self.query("SELECT visited FROM pages WHERE url = ?", as_text(url))
        return _read_moment(rows[0][0]) if rows else None

    def each(self, unpack: Callable[[bytes], T]) -> Iterator[tuple[str, T]]:
        """Yields the address (`as_text`) of each page and the result of `unpack` on its packed memory."""
        self.execute()
        if self._database is None:
            return
        try:
            for url, memory in self._database.execute("SELECT url, memory FROM pages"):
                with suppress(ValueError):  # damage that SQLite does not notice
                    yield url, unpack(memory)
        except sqlite3.DatabaseError as error:
            self._handle_error(error)

    def keep_run(self, run: RunSummary) -> None:
        """Adds a run to the history."""
        self.execute(
            ("INSERT OR REPLACE INTO runs (started, summary) VALUES (?, ?)", serialization.pack_run(run)),
            ("DELETE FROM runs WHERE started NOT IN (SELECT started FROM runs ORDER BY 1 DESC LIMIT ?)", [_RUNS]),
        )

    def runs(self, limit: int) -> list[RunSummary]:
        """The last runs, newest first."""
        rows = self.query("SELECT started, summary FROM runs ORDER BY started DESC LIMIT ?", limit)
        return list(filter(None, (self._run(started, summary) for started, summary in rows)))

    def _run(self, started: object, summary: object) -> RunSummary | None:
        try:
            return serialization.unpack_run(started, summary)
        except ValueError:
            self._drop("DELETE FROM runs WHERE started IS ?", started)
            return None

    def close(self) -> None:
        """Closes the file, which may then be copied, cached or deleted."""
        self._enforce_size_limit()
        if self._database is not None:
            database.close(self._database)
        self._database = None

    def _open(self, path: Path) -> None:
        try:
            if self._keeps:
                self._database = database.connect(path, APPLICATION, MIGRATIONS)
            elif path.exists():
                self._database = database.read(path, APPLICATION, MIGRATIONS)
        except database.UnusableError as error:
            self._replace_unusable(path, error.kind)
        except (OSError, sqlite3.Error) as error:
            self._disable(path, error)

    def _replace_unusable(self, path: Path, kind: str) -> None:
        """Sets an unusable file aside and starts with a new one; without `keeps`, goes on without memory."""
        if not self._keeps:
            self._database = None
            self.troubles.append(f"{path} {KINDS[kind]}: the run went on without memory.")
            return
        try:
            aside = database.set_aside(path, kind)
            self._database = database.connect(path, APPLICATION, MIGRATIONS)
        except (OSError, sqlite3.Error, database.UnusableError) as error:
            self._disable(path, error)
        else:
            self.troubles.append(f"{path} {KINDS[kind]}: it was set aside as {aside.name}, and memory begins anew.")

    def _disable(self, path: Path, error: Exception) -> None:
        self._database = None
        self.troubles.append(f"{path} cannot be used ({error}): the run went on without memory.")

    def query(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a query; none if there is no memory."""
        self.execute()
        return self._rows(question, *values)

    def _rows(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """As `query`, but of the file as it is, without pages that wait to be written."""
        if self._database is None:
            return []
        try:
            return self._database.execute(question, values).fetchall()
        except sqlite3.DatabaseError as error:
            self._handle_error(error)
            return []

    def execute(self, *statements: tuple[str, Sequence[object]]) -> None:
        """Writes the pages that wait, and executes all statements, in one transaction."""
        waiting, self._waiting = self._waiting, {}
        if self._database is None or not self._keeps or not (waiting or statements):
            return
        try:
            with database.transaction(self._database):
                self._database.executemany(_KEEP, waiting.values())
                for statement, values in statements:
                    self._database.execute(statement, values)
        except sqlite3.DatabaseError as error:
            self._handle_error(error)

    def _drop(self, statement: str, *values: object) -> None:
        """Deletes a damaged row, and reports that once."""
        self.execute((statement, values))
        if not self._has_dropped:
            self._has_dropped = True
            self.troubles.append(f"{self._path} is damaged in places: what they held is forgotten.")

    def _handle_error(self, error: sqlite3.DatabaseError) -> None:
        """Handles an error: starts a new file if this one is damaged, otherwise stops writing."""
        if self._path is None or self._database is None:
            return
        if database.is_damage(error):
            self._database.close()
            self._replace_unusable(self._path, "corrupt")
        elif self._keeps:
            self._keeps = False
            self.troubles.append(f"{self._path} cannot be written ({error}): the rest of the run is not remembered.")

    def _enforce_size_limit(self) -> None:
        """Deletes the oldest bases, and if there are none left the oldest pages, until the file is small enough."""
        size = self._size()
        for shorten in _SHORTEN:
            before = size + 1
            while self._most < size < before:
                self.execute((shorten, ()))
                before, size = size, self._size()

    def _size(self) -> int:
        """The size of the content in bytes; the file shrinks to it when it is closed."""
        return sum(size for (size,) in self.query(_SIZE))


def _read_moment(seconds: object) -> datetime | None:
    try:
        return serialization.moment(seconds)
    except ValueError:  # none, or a damaged row
        return None


def as_text(url: str) -> str:
    """An address as it is stored: lone surrogates, which SQLite rejects and damaged seeds may have, are escaped."""
    return url.encode(errors="backslashreplace").decode()
