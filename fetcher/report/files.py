"""Spools the texts of a report on disk during a run, and replaces the latest report as a whole at its end.

Earlier reports are kept beside it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import struct
import tempfile
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_LENGTH = struct.Struct("<Q")


class BlobFile:
    """Data in an unnamed temporary file, which is gone when the process ends, however that happens.

    The file is in `folder`, by default in the system's temporary folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115  # closed with the store
        self._end = 0
        self._more: list[bytes] = []  # data that the disk had no room for

    def add(self, data: bytes) -> int:
        """Adds data and returns its key: the position in the file, or a negative number if it is kept in memory."""
        whole = _LENGTH.pack(len(data)) + data
        try:
            self._file.seek(self._end)
            if self._file.write(whole) == len(whole):
                self._end += len(whole)
                return self._end - len(whole)
        except OSError:
            pass
        self._more.append(data)
        return -len(self._more)

    def __getitem__(self, start: int) -> bytes:
        if start < 0:
            return self._more[-start - 1]
        self._file.seek(start)
        (length,) = _LENGTH.unpack(self._file.read(_LENGTH.size))
        return self._file.read(length)

    def close(self) -> None:
        """Forgets all of it."""
        self._file.close()


class Spool:
    """Texts by name, kept on disk; the index takes a hundred bytes for each in a temporary database."""

    def __init__(self, folder: Path) -> None:
        self._texts = BlobFile(folder)
        # The position of each text. Names are bytes, as names of files need not be text.
        self._places = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._places.execute("CREATE TABLE places (name BLOB PRIMARY KEY, start INTEGER) WITHOUT ROWID")
        self._places.execute("BEGIN")  # never committed

    def add(self, name: str, text: str) -> None:
        """Adds a text; raises ValueError if the name has one already."""
        start = self._texts.add(text.encode())
        try:
            self._places.execute("INSERT INTO places VALUES (?, ?)", (os.fsencode(name), start))
        except sqlite3.IntegrityError as error:
            raise ValueError(f"{name} has its text already") from error

    def __iter__(self) -> Iterator[str]:
        for (start,) in self._places.execute("SELECT start FROM places ORDER BY name"):
            yield self._texts[start].decode()

    def names(self) -> Iterator[str]:
        """The names, sorted."""
        for (name,) in self._places.execute("SELECT name FROM places ORDER BY name"):
            yield os.fsdecode(name)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._place(name) is not None

    def __getitem__(self, name: str) -> str:
        start = self._place(name)
        if start is None:
            raise KeyError(name)
        return self._texts[start].decode()

    def close(self) -> None:
        """Forgets all texts."""
        self._texts.close()
        self._places.close()

    def _place(self, name: str) -> int | None:
        row = self._places.execute("SELECT start FROM places WHERE name = ?", (os.fsencode(name),)).fetchone()
        return row[0] if row else None


KEPT = 10
"""Earlier reports that are kept beside the latest one."""

_EARLIER = re.compile(r"\d{4}-\d\d-\d\dT\d{6}\.\d{6}Z")


def replace_latest(folder: Path, fill: Callable[[Path], object]) -> None:
    """Replaces the report `latest` in a folder by what `fill` writes into a new folder; the old one is renamed.

    Raises OSError if that fails: then the new folder is removed, and `latest` stays as it was.
    """
    fresh, latest = folder / ".new", folder / "latest"
    _remove(fresh)  # left by a run that was killed here
    try:
        fresh.mkdir()
        fill(fresh)
        if os.path.lexists(latest):  # also a broken link
            latest.rename(_name(latest))
        fresh.rename(latest)
    except OSError:
        _remove(fresh)
        raise
    for place in report_folders(folder)[1 + KEPT :]:
        _remove(place)


def report_folders(folder: Path) -> list[Path]:
    """The folders of all reports, the latest first."""
    earlier = (place for place in folder.iterdir() if _EARLIER.fullmatch(place.name)) if folder.is_dir() else ()
    return [folder / "latest", *sorted(earlier, reverse=True)]


def write(place: Path, texts: Iterable[str]) -> None:
    """Writes texts into a file without changing line ends."""
    with place.open("w", encoding="utf-8", newline="") as file:
        file.writelines(texts)


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
    elif os.path.lexists(place):
        place.unlink()


def _name(report: Path) -> Path:
    """A free name for a report: the time when it was written, so that names sort by time."""
    moment = datetime.fromtimestamp(report.lstat().st_mtime, UTC)
    while os.path.lexists(place := report.with_name(moment.strftime("%Y-%m-%dT%H%M%S.%fZ"))):
        moment += timedelta(microseconds=1)
    return place


def json_with_seeds(head: dict[str, Any], seeds: Iterable[str]) -> Iterator[str]:
    """A JSON object of `head` and the list `seeds`, each seed (given as JSON) on its own line; piece by piece."""
    yield json.dumps(head, indent=1).removesuffix("\n}") + ',\n "seeds": ['
    for number, seed in enumerate(seeds):
        yield (",\n" if number else "\n") + seed
    yield "\n]}\n"


def timestamp(moment: datetime) -> str:
    """A time as reports have it, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
