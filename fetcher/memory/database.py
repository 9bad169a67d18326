"""One SQLite file that may be missing, damaged, somebody else's or of a later version: opened, or put aside."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PATIENCE = 5.0  # seconds to wait for another process; a write of ours takes less than a millisecond
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_BESIDE = ("-wal", "-shm")  # what SQLite keeps beside a file while it is open


class UnusableError(Exception):
    """A file that holds no state of ours: `kind` is corrupt, foreign or newer."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Does all that the block writes, or nothing of it.

    It takes the right to write at once: two that read first and then both want to write could only fail.
    """
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # on a full disk SQLite has rolled back already
            database.execute("ROLLBACK")
        raise


def connect(path: Path, application: int, migrations: Sequence[str]) -> sqlite3.Connection:
    """The database in a file, made if it is missing and brought to the version that the last migration gives.

    `migrations[n]` is the script from version n to n + 1; `application` marks the file as ours. Raises UnusableError
    for a file that is not or cannot be read, and OSError or sqlite3.Error where the system refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    database.text_factory = _text
    with _closed_if_unusable(database):
        _check(database, application, len(migrations))
        _configure(database)
        _migrate(database, application, migrations)
    return database


def read(path: Path, application: int, migrations: Sequence[str]) -> sqlite3.Connection:
    """The database in an existing file, only to be read: nothing of it changes, and nobody waits for its sake.

    It may be of an earlier version, which lacks what later ones have. Raises as `connect` does.
    """
    # A file that has no log beside it is at rest. Opened in the usual way it would get an empty one, which stays.
    at_rest = not Path(f"{path}-wal").exists()
    address = f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if at_rest else ''}"
    database = sqlite3.connect(address, uri=True, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    database.text_factory = _text
    with _closed_if_unusable(database):
        _check(database, application, len(migrations))
    return database


@contextmanager
def _closed_if_unusable(database: sqlite3.Connection) -> Iterator[None]:
    """Closes the database where the block raises; damage is an UnusableError."""
    try:
        yield
    except (sqlite3.DatabaseError, UnusableError) as error:
        database.close()
        if isinstance(error, sqlite3.Error) and is_damage(error):
            raise UnusableError("corrupt") from error
        raise


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error says that the file itself is broken, not that the system refuses for now."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE  # errors of the Python module itself have no code


def set_aside(path: Path, kind: str) -> Path:
    """The new name of a file that is moved out of the way: `state.sqlite` becomes `state.corrupt.sqlite`."""
    names = (path.with_name(f"{path.stem}.{kind}{number}{path.suffix}") for number in ("", *range(2, 1000)))
    aside = next(name for name in names if not name.exists())
    path.rename(aside)
    for ending in _BESIDE:
        with suppress(FileNotFoundError):
            Path(f"{path}{ending}").rename(f"{aside}{ending}")
    return aside


def close(database: sqlite3.Connection) -> None:
    """Closes it, so that the one file holds everything and can be copied."""
    with suppress(sqlite3.Error):  # a full disk, or another process is at work and will do it
        database.executescript("PRAGMA incremental_vacuum")  # execute() would give one page back and stop
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def _check(database: sqlite3.Connection, application: int, version: int) -> None:
    """Raise UnusableError for content that is not ours; an empty file is nobody's."""
    (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and _pragma(database, "application_id") != application:
        raise UnusableError("foreign")
    if _pragma(database, "user_version") > version:
        raise UnusableError("newer")


def _configure(database: sqlite3.Connection) -> None:
    # Both are only heeded while the file is empty. Rows of all lengths leave less of small pages unused.
    database.execute("PRAGMA page_size = 1024")
    database.execute("PRAGMA auto_vacuum = INCREMENTAL")
    _use_log(database)
    # A loss of power may take the last visits with it, never the file; and no visit waits for the disk.
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("PRAGMA journal_size_limit = 16777216")


def _use_log(database: sqlite3.Connection) -> None:
    # The one thing for which SQLite does not wait by itself: another process may be setting the same.
    for left in reversed(range(100)):
        try:
            database.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not left or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        sleep(_PATIENCE / 100)


def _migrate(database: sqlite3.Connection, application: int, migrations: Sequence[str]) -> None:
    if _pragma(database, "user_version") == len(migrations):
        return
    with transaction(database):
        for script in migrations[_pragma(database, "user_version") :]:
            for statement in script.split(";"):  # executescript would end the transaction
                database.execute(statement)
        database.execute(f"PRAGMA application_id = {application}")
        database.execute(f"PRAGMA user_version = {len(migrations)}")


def _text(data: bytes) -> str:
    """Any text that a row holds: one that is damaged must not keep the others from being read."""
    return data.decode(errors="replace")


def _pragma(database: sqlite3.Connection, name: str) -> int:
    (number,) = database.execute(f"PRAGMA {name}").fetchone()
    return int(number)
