"""Opens the SQLite file of the state and migrates it; renames a file that is damaged, foreign or too new."""

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
_BESIDE = ("-wal", "-shm")  # files that SQLite keeps next to an open database


class UnusableError(Exception):
    """A file that cannot be used as state: `kind` is corrupt, foreign or newer."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """A transaction for the block, rolled back if it raises.

    It takes the write lock at once: of two transactions that read first and then write, one would fail.
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
    """Opens the database in a file, creates it if it is missing, and migrates it to the latest version.

    `migrations[n]` is the script from version n to n + 1; `application` is the application ID that marks the file as
    ours. Raises UnusableError if the file is not ours or damaged, and OSError or sqlite3.Error if the system refuses.
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
    """Opens the database in an existing file for reading only, without blocking anybody.

    It may be of an earlier version, without later tables. Raises as `connect` does.
    """
    # Without a write-ahead log beside it the file is not in use. Opened normally, it would get an empty log that stays.
    at_rest = not Path(f"{path}-wal").exists()
    address = f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if at_rest else ''}"
    database = sqlite3.connect(address, uri=True, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    database.text_factory = _text
    with _closed_if_unusable(database):
        _check(database, application, len(migrations))
    return database


@contextmanager
def _closed_if_unusable(database: sqlite3.Connection) -> Iterator[None]:
    """Closes the database if the block raises; turns errors about damage into UnusableError."""
    try:
        yield
    except (sqlite3.DatabaseError, UnusableError) as error:
        database.close()
        if isinstance(error, sqlite3.Error) and is_damage(error):
            raise UnusableError("corrupt") from error
        raise


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error means that the file itself is damaged."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE  # errors raised by the Python module have no code


def set_aside(path: Path, kind: str) -> Path:
    """Renames a file, from `state.sqlite` to `state.corrupt.sqlite`, say, and returns its new path."""
    names = (path.with_name(f"{path.stem}.{kind}{number}{path.suffix}") for number in ("", *range(2, 1000)))
    aside = next(name for name in names if not name.exists())
    path.rename(aside)
    for ending in _BESIDE:
        with suppress(FileNotFoundError):
            Path(f"{path}{ending}").rename(f"{aside}{ending}")
    return aside


def close(database: sqlite3.Connection) -> None:
    """Closes the database after merging its log into the file, so that this can be copied."""
    with suppress(sqlite3.Error):  # the disk is full, or another process has it open and will do it
        database.executescript("PRAGMA incremental_vacuum")  # execute() would stop after one page
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def _check(database: sqlite3.Connection, application: int, version: int) -> None:
    """Raises UnusableError for content that is not ours; an empty file is fine."""
    (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and _pragma(database, "application_id") != application:
        raise UnusableError("foreign")
    if _pragma(database, "user_version") > version:
        raise UnusableError("newer")


def _configure(database: sqlite3.Connection) -> None:
    if not _pragma(database, "user_version"):  # the second waits for the disk even where it changes nothing
        # Both take effect only while the file is empty. Small pages waste less space with rows of all lengths.
        database.execute("PRAGMA page_size = 1024")
        database.execute("PRAGMA auto_vacuum = INCREMENTAL")
    _use_log(database)
    # A power failure may lose the last visits, but not damage the file; and visits need not wait for the disk.
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("PRAGMA journal_size_limit = 16777216")


def _use_log(database: sqlite3.Connection) -> None:
    # Another process may be switching to WAL too; SQLite's timeout does not cover this, so it is retried here.
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
            for statement in script.split(";"):  # executescript() would commit the transaction
                database.execute(statement)
        database.execute(f"PRAGMA application_id = {application}")
        database.execute(f"PRAGMA user_version = {len(migrations)}")


def _text(data: bytes) -> str:
    """Decodes the text of a row; invalid bytes are replaced, so that a damaged row does not hide the others."""
    return data.decode(errors="replace")


def _pragma(database: sqlite3.Connection, name: str) -> int:
    (number,) = database.execute(f"PRAGMA {name}").fetchone()
    return int(number)
