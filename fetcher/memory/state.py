"""What is remembered between runs: one SQLite file. A run without it does all the same, at more cost."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, TypeVar

from fetcher.memory import database, serialization
from fetcher.memory.memory import Memory, name_of
from fetcher.terms.failures import NOT_ASKED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from fetcher.memory.memory import Base
    from fetcher.memory.serialization import RunSummary

T = TypeVar("T")
APPLICATION = 0x66746368  # "ftch", which marks the file as ours

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
"""The scripts that lead from each version of the schema to the next; only ever added to."""

_RUNS = 1000  # summaries that are kept
KINDS = {
    "corrupt": "is damaged",
    "foreign": "is no memory of this program",
    "newer": "was written by a later version of this program",
}
"""What is wrong with a file that cannot be used (`database.UnusableError.kind`), for a sentence that begins with it."""
_SIZE = """
    SELECT (page_count - freelist_count) * page_size
    FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()
"""
_OLDEST = (
    "DELETE FROM {0} WHERE rowid IN (SELECT rowid FROM {0} ORDER BY {1} LIMIT 1 + (SELECT count(*) FROM {0}) / 10)"
)
_SHORTEN = (_OLDEST.format("bases", "kept"), _OLDEST.format("pages", "visited"))
_MOST = 490_000_000  # bytes; a hundred thousand pages of usual length take less


class State:
    """The memory of all pages, in the file at `path`; None for no memory at all.

    Nothing here raises for the file's sake: what cannot be read is not known, what cannot be written is forgotten,
    and `troubles` says so. With `keeps=False` the file is only read, even while a run writes it. `most` bounds
    the bytes; beyond, the oldest is forgotten.

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
        self._database: sqlite3.Connection | None = None
        if path is not None:
            self._open(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def recall(self, url: str) -> Memory:
        """What is remembered of the page at an address."""
        rows = self.ask("SELECT memory FROM pages WHERE url = ?", as_text(url))
        try:
            return serialization.unpack(url, rows[0][0]) if rows else Memory(url=url)
        except ValueError:  # damage that SQLite does not see
            self._drop("DELETE FROM pages WHERE url = ?", as_text(url))
            return Memory(url=url)

    def keep(self, memory: Memory) -> None:
        """Remember a page from now on as given."""
        visited = next((visit.when for visit in reversed(memory.visits) if visit.reason not in NOT_ASKED), None)
        row = (
            as_text(memory.url),
            serialization.seconds(visited),
            serialization.seconds(memory.verified),
            serialization.pack(memory),
        )
        self.tell(("INSERT OR REPLACE INTO pages (url, visited, verified, memory) VALUES (?, ?, ?, ?)", row))

    def base(self, url: str, path: str) -> Base | None:
        """What the page gave when the seed at a path of the seeds folder was last brought up to it."""
        rows = self.ask("SELECT base FROM bases WHERE url = ? AND path = ?", as_text(url), os.fsencode(path))
        try:
            return serialization.unpack_base(rows[0][0]) if rows else None
        except ValueError:
            self._drop("DELETE FROM bases WHERE url = ? AND path = ?", as_text(url), os.fsencode(path))
            return None

    def adopt_base(self, url: str, path: str, body: str) -> Base | None:
        """What the page gave for a file with this body under another path, kept for this one: it was renamed."""
        for kept, packed in self.ask("SELECT kept, base FROM bases WHERE url = ?", as_text(url)):
            with suppress(ValueError):
                base = serialization.unpack_base(packed)
                if base.bodies[-1:] == (name_of(body),):
                    self.keep_base(url, path, base, serialization.moment(kept))
                    return base
        return None

    def keep_base(self, url: str, path: str, base: Base, when: datetime) -> None:
        """Remember what the page gave for a seed. Only once the seed's file holds it.

        A base that is newer than its file makes what the page changed look like what a person changed.
        """
        row = (as_text(url), os.fsencode(path), serialization.seconds(when), serialization.pack_base(base))
        self.tell(("INSERT OR REPLACE INTO bases (url, path, kept, base) VALUES (?, ?, ?, ?)", row))

    def verified(self) -> dict[str, datetime]:
        """When each page was last found good, by its address."""
        rows = self.ask("SELECT url, verified FROM pages WHERE verified IS NOT NULL")
        found = ((url, _read_moment(seconds)) for url, seconds in rows)
        return {url: moment for url, moment in found if moment}

    def verified_at(self, url: str) -> datetime | None:
        """When the page at an address was last found good."""
        rows = self.ask("SELECT verified FROM pages WHERE url = ?", as_text(url))
        return _read_moment(rows[0][0]) if rows else None

    def asked_at(self, url: str) -> datetime | None:
        """When the page at an address was last asked for, whatever came of it."""
        rows = self.ask("SELECT visited FROM pages WHERE url = ?", as_text(url))
        return _read_moment(rows[0][0]) if rows else None

    def each(self, unpack: Callable[[bytes], T]) -> Iterator[tuple[str, T]]:
        """What is made of the memory of each page (`packing`), by its address (`as_text`)."""
        if self._database is None:
            return
        try:
            for url, memory in self._database.execute("SELECT url, memory FROM pages"):
                with suppress(ValueError):  # damage that SQLite does not see, as in `recall`
                    yield url, unpack(memory)
        except sqlite3.DatabaseError as error:
            self._fail(error)

    def keep_run(self, run: RunSummary) -> None:
        """Remember a run."""
        self.tell(
            ("INSERT OR REPLACE INTO runs (started, summary) VALUES (?, ?)", serialization.pack_run(run)),
            ("DELETE FROM runs WHERE started NOT IN (SELECT started FROM runs ORDER BY 1 DESC LIMIT ?)", [_RUNS]),
        )

    def runs(self, limit: int) -> list[RunSummary]:
        """The last runs, the newest first."""
        rows = self.ask("SELECT started, summary FROM runs ORDER BY started DESC LIMIT ?", limit)
        return list(filter(None, (self._run(started, summary) for started, summary in rows)))

    def _run(self, started: object, summary: object) -> RunSummary | None:
        try:
            return serialization.unpack_run(started, summary)
        except ValueError:
            self._drop("DELETE FROM runs WHERE started IS ?", started)
            return None

    def close(self) -> None:
        """Let go of the file, which then is all there is: it can be copied, cached and deleted."""
        self._bound()
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
            self._do_without(path, error.kind)
        except (OSError, sqlite3.Error) as error:
            self._go_without(path, error)

    def _do_without(self, path: Path, kind: str) -> None:
        """Go on without what a file holds that cannot be used."""
        if not self._keeps:
            self._database = None
            self.troubles.append(f"{path} {KINDS[kind]}: the run went on without memory.")
            return
        try:
            aside = database.set_aside(path, kind)
            self._database = database.connect(path, APPLICATION, MIGRATIONS)
        except (OSError, sqlite3.Error, database.UnusableError) as error:
            self._go_without(path, error)
        else:
            self.troubles.append(f"{path} {KINDS[kind]}: it was set aside as {aside.name}, and memory begins anew.")

    def _go_without(self, path: Path, error: Exception) -> None:
        self._database = None
        self.troubles.append(f"{path} cannot be used ({error}): the run went on without memory.")

    def ask(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows that answer a question; none where there is no memory."""
        if self._database is None:
            return []
        try:
            return self._database.execute(question, values).fetchall()
        except sqlite3.DatabaseError as error:
            self._fail(error)
            return []

    def tell(self, *statements: tuple[str, Sequence[object]]) -> None:
        """Write all of it or nothing."""
        if self._database is None or not self._keeps:
            return
        try:
            with database.transaction(self._database):
                for statement, values in statements:
                    self._database.execute(statement, values)
        except sqlite3.DatabaseError as error:
            self._fail(error)

    def _drop(self, statement: str, *values: object) -> None:
        """Forget a row that was not written by this program, as if it had never been there, and say so once."""
        self.tell((statement, values))
        if not self._has_dropped:
            self._has_dropped = True
            self.troubles.append(f"{self._path} is damaged in places: what they held is forgotten.")

    def _fail(self, error: sqlite3.DatabaseError) -> None:
        """Go on after an error with what is left: with a new file after damage, else without writing any more."""
        if self._path is None or self._database is None:
            return
        if database.is_damage(error):
            self._database.close()
            self._do_without(self._path, "corrupt")
        elif self._keeps:
            self._keeps = False
            self.troubles.append(f"{self._path} cannot be written ({error}): the rest of the run is not remembered.")

    def _bound(self) -> None:
        """Forget the oldest bases, and when there are none left the oldest pages, until the rest is small enough."""
        size = self._size()
        for shorten in _SHORTEN:
            before = size + 1
            while self._most < size < before:
                self.tell((shorten, ()))
                before, size = size, self._size()

    def _size(self) -> int:
        """The bytes that the content takes; the file shrinks to it when it is closed."""
        return sum(size for (size,) in self.ask(_SIZE))


def _read_moment(seconds: object) -> datetime | None:
    try:
        return serialization.moment(seconds)
    except ValueError:  # nothing, or what this program never wrote
        return None


def as_text(url: str) -> str:
    """An address as it stands in the file: SQLite takes no lone surrogates, which a damaged seed may hold."""
    return url.encode(errors="backslashreplace").decode()
