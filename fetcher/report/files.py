"""The files of a report: texts kept on disk while a run gathers them, and all of it put in place as a whole.

Those before it are kept beside it.
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
    """Data in a file without a name, which is gone with the process however that ends.

    `folder` has room for it, by default that of temporary files.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115  # closed with the store
        self._end = 0
        self._more: list[bytes] = []  # data for which the disk has no room any more

    def add(self, data: bytes) -> int:
        """Where the data is found again: from there on in the file; below zero, among those that had no room there."""
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
    """Texts in such a file, by name; where they stand takes a hundred bytes each among the temporary files."""

    def __init__(self, folder: Path) -> None:
        self._texts = BlobFile(folder)
        # Where each text begins. Names are bytes, as those of files may be no text.
        self._places = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._places.execute("CREATE TABLE places (name BLOB PRIMARY KEY, start INTEGER) WITHOUT ROWID")
        self._places.execute("BEGIN")  # to whose end nobody waits

    def add(self, name: str, text: str) -> None:
        """Keeps a text under a name; ValueError where that name has one already."""
        if self._place(name) is not None:
            raise ValueError(f"{name} has its text already")
        start = self._texts.add(text.encode())
        self._places.execute("INSERT INTO places VALUES (?, ?)", (os.fsencode(name), start))

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
    """Puts what `fill` writes into a new folder in the place of `latest`, whatever is there; that gets another name.

    OSError where that cannot be done: then nothing is left of it, and the room that it took is free again.
    """
    fresh, latest = folder / ".new", folder / "latest"
    _remove(fresh)  # of a run that was killed just here
    try:
        fresh.mkdir()
        fill(fresh)
        if os.path.lexists(latest):  # even a link that leads nowhere
            latest.rename(_name(latest))
        fresh.rename(latest)
    except OSError:
        _remove(fresh)
        raise
    for place in report_folders(folder)[1 + KEPT :]:
        _remove(place)


def report_folders(folder: Path) -> list[Path]:
    """The folders of the reports that are there, the latest first."""
    earlier = (place for place in folder.iterdir() if _EARLIER.fullmatch(place.name)) if folder.is_dir() else ()
    return [folder / "latest", *sorted(earlier, reverse=True)]


def write(place: Path, texts: Iterable[str]) -> None:
    """Writes texts into a file, their line ends as they are."""
    with place.open("w", encoding="utf-8", newline="") as file:
        file.writelines(texts)


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
    elif os.path.lexists(place):
        place.unlink()


def _name(report: Path) -> Path:
    """A free name: the time at which the report was written, which sorts by it on any system."""
    moment = datetime.fromtimestamp(report.lstat().st_mtime, UTC)
    while os.path.lexists(place := report.with_name(moment.strftime("%Y-%m-%dT%H%M%S.%fZ"))):
        moment += timedelta(microseconds=1)
    return place


def json_with_seeds(head: dict[str, Any], seeds: Iterable[str]) -> Iterator[str]:
    """What is said of a folder as JSON, piece by piece, with its seeds, each on a line of its own."""
    yield json.dumps(head, indent=1).removesuffix("\n}") + ',\n "seeds": ['
    for number, seed in enumerate(seeds):
        yield (",\n" if number else "\n") + seed
    yield "\n]}\n"


def timestamp(moment: datetime) -> str:
    """A moment as reports have it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
