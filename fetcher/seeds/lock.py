"""Locks a seeds folder against other runs; only different shards of one run may work on it at the same time."""

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from fetcher.terms.arguments import Shard


class LockedError(RuntimeError):
    """Another run works on `folder`, or on seeds of this shard; `pid` is its process, if the system tells."""

    def __init__(self, folder: Path, pid: int | None) -> None:
        by = f" (process {pid})" if pid else ""
        super().__init__(f"another run is at work on {folder}{by}: wait for it to end, or end it")
        self.folder = folder
        self.pid = pid


@contextmanager
def hold(folder: Path, shard: Shard | None = None) -> Iterator[None]:
    """Keeps other runs off the folder while the block runs; raises LockedError if one is at work on it.

    Shards of the same number of shards exclude each other only if they are the same shard. Nothing is left in the
    folder, and the system releases the lock however the process ends. Raises OSError (FileNotFoundError,
    NotADirectoryError, PermissionError) if the folder cannot be opened.
    """
    folder = folder.resolve()
    with ExitStack() as held:
        held.enter_context(_kept(_take(folder, shard)))
        if shard:
            held.enter_context(_kept(_take_file(folder, _name(folder, shard.folder))))
            _refuse_other_counts(folder, shard)
        yield


def _refuse_other_counts(folder: Path, shard: Shard) -> None:
    """Raise LockedError if a shard of a different number of shards is at work: it shares some seeds with this one."""
    # Each run takes its own lock before it checks the others, so of two that start together at least one is refused.
    for other in _place().glob(_name(folder, "*")):
        if not other.name.endswith(f"-of-{shard.of}.lock"):
            with suppress(PermissionError):  # another user's lock cannot be checked
                os.close(_take_file(folder, other.name, shared=True))


@contextmanager
def _kept(handle: int) -> Iterator[None]:
    _held.add(handle)
    try:
        yield
    finally:
        _held.discard(handle)
        os.close(handle)


# A forked worker inherits the open handle and with it the lock: a worker that outlives its killed parent would
# keep the folder locked, so it closes its copies.
_held: set[int] = set()


def _let_go() -> None:
    for handle in _held:
        os.close(handle)
    _held.clear()


if sys.platform == "win32":
    import msvcrt

    def _take(folder: Path, shard: Shard | None) -> int:
        os.scandir(folder).close()  # raises if there is no folder
        # Windows locks are exclusive, but for a range of bytes: a shard locks one byte, a whole run all of them.
        start, size = (shard.number, 1) if shard else (0, 1 << 20)
        return _locked(_name(folder), folder, start, size)

    def _take_file(folder: Path, name: str, *, shared: bool = False) -> int:  # noqa: ARG001  # not known here
        return _locked(name, folder, 0, 1)

    def _locked(name: str, folder: Path, start: int, size: int) -> int:
        handle = _open(name)
        try:
            os.lseek(handle, start, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, size)
        except OSError as error:
            os.close(handle)
            raise LockedError(folder, None) from error
        return handle

else:
    import fcntl

    os.register_at_fork(after_in_child=_let_go)

    def _take(folder: Path, shard: Shard | None) -> int:
        # The folder's own handle carries the lock, so that no lock file is needed in it.
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        kind = fcntl.LOCK_SH if shard else fcntl.LOCK_EX
        try:
            return _locked(handle, folder, kind)
        except OSError:  # a file system that locks no folders, such as NFS
            return _locked(_open(_name(folder)), folder, kind)

    def _take_file(folder: Path, name: str, *, shared: bool = False) -> int:
        return _locked(_open(name), folder, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)

    def _locked(handle: int, folder: Path, kind: int) -> int:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = _holder(os.fstat(handle).st_ino)
            os.close(handle)
            raise LockedError(folder, holder) from error
        except OSError:
            os.close(handle)
            raise
        return handle


def _holder(inode: int) -> int | None:
    """The process that holds a lock on this inode, from a line like `1: FLOCK  ADVISORY  WRITE 4711 08:01:99 0 EOF`."""
    try:
        locks = Path("/proc/locks").read_text()
    except OSError:
        return None
    found = re.search(rf"FLOCK +ADVISORY +(?:READ|WRITE) +(\d+) [0-9a-f]+:[0-9a-f]+:{inode} ", locks)
    return int(found[1]) if found and found[1] != "0" else None  # 0: a process outside of this container


def _place() -> Path:
    """The folder for lock files: outside of the seeds."""
    return Path(tempfile.gettempdir())


def _name(folder: Path, part: str = "") -> str:
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:32]
    return f"fetcher-{digest}{part and '-'}{part}.lock"


def _open(name: str) -> int:
    return os.open(_place() / name, os.O_RDWR | os.O_CREAT, 0o666)
