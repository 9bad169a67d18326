"""One run at a time on a seeds folder."""

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LockedError(RuntimeError):
    """Another run works on `folder`; `pid` is its process, where the system tells."""

    def __init__(self, folder: Path, pid: int | None) -> None:
        by = f" (process {pid})" if pid else ""
        super().__init__(f"another run is at work on {folder}{by}: wait for it to end, or end it")
        self.folder = folder
        self.pid = pid


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Keeps other runs off the folder while the block runs; raises LockedError where one is at work on it.

    Nothing is left behind in the folder, and the system frees the lock when the process ends, however it does.
    Raises OSError (FileNotFoundError, NotADirectoryError, PermissionError) where there is no such folder to open.
    """
    handle = _take(folder.resolve())
    _held.add(handle)
    try:
        yield
    finally:
        _held.discard(handle)
        os.close(handle)


# A lock belongs to the open handle, and a forked worker has a copy of it: without this, a worker that outlives
# its killed parent would keep the folder locked.
_held: set[int] = set()


def _let_go() -> None:
    for handle in _held:
        os.close(handle)
    _held.clear()


if sys.platform == "win32":
    import msvcrt

    def _take(folder: Path) -> int:
        os.scandir(folder).close()  # raises where there is no folder
        handle = _open_substitute(folder)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            os.close(handle)
            raise LockedError(folder, None) from error
        return handle

else:
    import fcntl

    os.register_at_fork(after_in_child=_let_go)

    def _take(folder: Path) -> int:
        # The handle of the folder itself carries the lock, so that no file of ours has to lie in it.
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            return _flocked(handle, folder)
        except OSError:  # a file system that locks no folders, such as NFS
            return _flocked(_open_substitute(folder), folder)

    def _flocked(handle: int, folder: Path) -> int:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = _holder(os.fstat(handle).st_ino)
            os.close(handle)
            raise LockedError(folder, holder) from error
        except OSError:
            os.close(handle)
            raise
        return handle


def _holder(inode: int) -> int | None:
    """The process that Linux says has locked this inode, as in `1: FLOCK  ADVISORY  WRITE 4711 08:01:99 0 EOF`."""
    try:
        locks = Path("/proc/locks").read_text()
    except OSError:
        return None
    found = re.search(rf"FLOCK +ADVISORY +WRITE +(\d+) [0-9a-f]+:[0-9a-f]+:{inode} ", locks)
    return int(found[1]) if found and found[1] != "0" else None  # 0: a process outside of this container


def _open_substitute(folder: Path) -> int:
    """A handle on a file outside of the folder that stands for it."""
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:32]
    return os.open(Path(tempfile.gettempdir(), f"fetcher-{name}.lock"), os.O_RDWR | os.O_CREAT, 0o666)
