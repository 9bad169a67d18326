"""Replaces or creates a seed file atomically, removes leftovers of killed runs, and computes git blob names."""

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
    """Replaces the text `old` of a file by `new`; readers see one or the other, even after a power failure.

    The file's mode stays, and its owner if the system allows. Raises SeedError, and leaves the file as it is, with the
    reason `edited` if its text is no longer `old`, `outside` if the path leads out of the folder, and `unwritable` if
    the system refuses, as on a full disk.
    """
    place = resolve_inside(folder, path)
    with _temporary(place) as temporary:
        _fill(temporary, new.encode(), place)
        _swap(temporary, place, old.encode())


def create(folder: Path, path: str, text: str) -> None:
    """Writes a new file atomically, with the folders above it.

    Raises SeedError with the reason `exists` if there is one already, and `outside` and `unwritable` as `write` does.
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
    """Removes temporary files of killed runs and returns how many. The caller must hold the lock: live runs have some.

    If the run is not `alone`, as a shard among others, it keeps those of the last hour: one in use is a moment old.
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
    """Makes the names in a folder survive a power failure, if the system can (Windows cannot open folders)."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _temporary(place: Path) -> Iterator[Path]:
    """A temporary path beside a file, removed in the end; raises OSErrors of the block as SeedError."""
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
            shutil.copystat(model, temporary)  # the write below sets the time anew
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _keep_owner(temporary: Path, model: Path) -> None:
    if sys.platform != "win32":
        status = model.stat()
        with suppress(PermissionError):
            os.chown(temporary, status.st_uid, status.st_gid)


def _place_new(temporary: Path, place: Path) -> None:
    # Unlike renaming, linking fails if the file exists. On file systems without links a check has to do.
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
    # Compare as late as possible: only the moment between two system calls remains. Opening for writing fails for a
    # file that a person has made read-only, which renaming would replace.
    with open_file(place, "r+b") as file:
        current = file.read()
    if current != old:
        raise SeedError(
            "edited", "The file was edited during the run.", "Run again: the next run takes the edited text."
        )
    temporary.replace(place)
    sync_folder(place.parent)


def blob_name(content: bytes) -> str:
    """The name that `git hash-object` gives to the content, if no filter (line ends, large files) changes it.

    >>> blob_name(b"")
    'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
    """
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
