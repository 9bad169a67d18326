"""One run at a time on a seeds folder, or several that are shards of one run and share no seed."""

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
    """Another run works on `folder`, or on some of its shard's seeds; `pid` is its process, where the system tells."""

    def __init__(self, folder: Path, pid: int | None) -> None:
        by = f" (process {pid})" if pid else ""
        super().__init__(f"another run is at work on {folder}{by}: wait for it to end, or end it")
        self.folder = folder
        self.pid = pid


@contextmanager
def hold(folder: Path, shard: Shard | None = None) -> Iterator[None]:
    """Keeps other runs off the folder while the block runs; raises LockedError where one is at work on it.

    Shards of one number of shards keep off each other only where they are the same; all else excludes each other.
    Nothing is left behind in the folder, and the system frees the lock when the process ends, however it does.
    Raises OSError (FileNotFoundError, NotADirectoryError, PermissionError) where there is no such folder to open.
    """
    folder = folder.resolve()
    with ExitStack() as held:
        held.enter_context(_kept(_take(folder, shard)))
        if shard:
            held.enter_context(_kept(_take_file(folder, _name(folder, shard.folder))))
            _refuse_other_counts(folder, shard)
        yield


def _refuse_other_counts(folder: Path, shard: Shard) -> None:
    """Raise LockedError where a shard of another number of shards is at work, which has some of the same seeds."""
    # Each run takes its own lock before it looks at the others': of two that begin at once, one is refused, or both.
    for other in _place().glob(_name(folder, "*")):
        if not other.name.endswith(f"-of-{shard.of}.lock"):
            with suppress(PermissionError):  # another user's, of whom there is no telling
                os.close(_take_file(folder, other.name, shared=True))


@contextmanager
def _kept(handle: int) -> Iterator[None]:
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

    def _take(folder: Path, shard: Shard | None) -> int:
        os.scandir(folder).close()  # raises where there is no folder
        # Locks are exclusive here, but hold for a range of bytes: a shard locks its own, who is alone all of them.
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
        # The handle of the folder itself carries the lock, so that no file of ours has to lie in it.
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
    """The process that Linux says has locked this inode, as in `1: FLOCK  ADVISORY  WRITE 4711 08:01:99 0 EOF`."""
    try:
        locks = Path("/proc/locks").read_text()
    except OSError:
        return None
    found = re.search(rf"FLOCK +ADVISORY +(?:READ|WRITE) +(\d+) [0-9a-f]+:[0-9a-f]+:{inode} ", locks)
    return int(found[1]) if found and found[1] != "0" else None  # 0: a process outside of this container


def _place() -> Path:
    """Where files lie that stand for folders and shards: outside of the seeds."""
    return Path(tempfile.gettempdir())


def _name(folder: Path, part: str = "") -> str:
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:32]
    return f"fetcher-{digest}{part and '-'}{part}.lock"


def _open(name: str) -> int:
    return os.open(_place() / name, os.O_RDWR | os.O_CREAT, 0o666)
