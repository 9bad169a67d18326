"""Replacing the text of a seed file: all of it or none, whatever happens meanwhile; and git's name for such a text."""

from __future__ import annotations

import errno
import hashlib
import math
import os
import re
import secrets
import shutil
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from fetcher.seeds.folder import open_file, resolve_inside
from fetcher.terms.failures import SeedError

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOUR = 3600.0  # seconds
_TEMPORARY = re.compile(r"\.fetcher-[0-9a-f]{16}\.tmp")


def write(folder: Path, path: str, old: str, new: str) -> None:
    """Replaces the text `old` of a file by `new`: a reader sees one or the other, even if the machine stops.

    The file's mode stays, and its owner where the system allows. Raises SeedError, and leaves the file as it is,
    with the reason `edited` where its text is no longer `old`, `outside` where the path leads out of the folder, and
    `unwritable` where the system refuses, as on a full disk.
    """
    place = resolve_inside(folder, path)
    with _temporary(place) as temporary:
        _fill(temporary, new.encode(), place)
        _swap(temporary, place, old.encode())


def create(folder: Path, path: str, text: str) -> None:
    """Writes a file that there is none of yet, with the folders that it lies in; all of it or nothing.

    Raises SeedError, with the reason `exists` where there is one, and `outside` and `unwritable` as `write` does.
    """
    place = resolve_inside(folder, path)
    with _temporary(place) as temporary:
        place.parent.mkdir(parents=True, exist_ok=True)
        _fill(temporary, text.encode())
        try:
            _place_new(temporary, place)
        except FileExistsError as error:
            raise SeedError("exists", f"There is a file {path} already.", "Name another one with --file.") from error


def remove_temporary_files(folder: Path, *, alone: bool = True) -> int:
    """How many temporary files of killed runs were removed; only for who holds the lock, as living runs have some.

    Where the run is not `alone`, as a shard among others, those of the last hour stay: one in use is a moment old.
    """
    removed = 0
    latest = math.inf if alone else time.time() - _HOUR
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in filter(_TEMPORARY.fullmatch, names):
            with suppress(OSError):
                temporary = Path(place, name)
                if temporary.stat().st_mtime < latest:
                    temporary.unlink()
                    removed += 1
    return removed


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder survive a loss of power, where the system can (Windows opens no folders)."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _temporary(place: Path) -> Iterator[Path]:
    """A name beside a file, which is gone in the end; what the system refuses meanwhile is a SeedError."""
    temporary = place.with_name(f".fetcher-{secrets.token_hex(8)}.tmp")
    try:
        yield temporary
    except OSError as error:
        detail = f"The file cannot be written: {error.strerror or error}."
        mend = "Check its permissions, those of its folder, and the space on its disk."
        raise SeedError("unwritable", detail, mend) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _fill(temporary: Path, data: bytes, model: Path | None = None) -> None:
    """Write a new file to the disk, with the owner, mode and access lists of its model."""
    with temporary.open("xb") as file:
        if model:
            _keep_owner(temporary, model)
            shutil.copystat(model, temporary)  # the time is the writing's again in a moment
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _keep_owner(temporary: Path, model: Path) -> None:
    if sys.platform != "win32":
        status = model.stat()
        with suppress(PermissionError):
            os.chown(temporary, status.st_uid, status.st_gid)


def _place_new(temporary: Path, place: Path) -> None:
    # A link, unlike a renaming, fails where there is a file. Where a disk knows no links, a look has to do.
    try:
        place.hardlink_to(temporary)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        if os.path.lexists(place):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(place)) from None
        temporary.rename(place)
    sync_folder(place.parent)


def _swap(temporary: Path, place: Path, old: bytes) -> None:
    # The last look is as late as can be: what remains is the moment between two system calls. It opens for writing,
    # so that a file that a person has made read-only is left alone, as renaming would not.
    with open_file(place, "r+b") as file:
        current = file.read()
    if current != old:
        raise SeedError(
            "edited", "The file was edited during the run.", "Run again: the next run takes the edited text."
        )
    temporary.replace(place)
    sync_folder(place.parent)


def blob_name(content: bytes) -> str:
    """What `git hash-object` says of the content where no filter (line ends, large files) changes it on its way in.

    >>> blob_name(b"")
    'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
    """
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
