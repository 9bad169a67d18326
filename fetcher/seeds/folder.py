"""Finds the seeds in the seeds folder, and selects those that a run visits.

All paths are relative to the folder, with forward slashes.
"""

from __future__ import annotations

import errno
import hashlib
import heapq
import os
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import partial
from io import FileIO
from itertools import islice
from pathlib import Path, PurePath
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, NamedTuple

from fetcher.seeds import frontmatter, seeds
from fetcher.seeds.seeds import DEFAULT_KEYS, Keys, Seed, page_url, parse_plain
from fetcher.terms.failures import SeedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from fetcher.terms.arguments import Arguments

SUFFIXES = (".md", ".markdown", ".txt")

LARGEST = 16 * 1024 * 1024
"""The most bytes of a seed file; the largest real ones have 2.4 MB."""

_TO_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0)  # Windows would change line ends
_CHUNK = 64 * 1024  # bytes read at a time; nearly every file fits into one chunk


class Entry(NamedTuple):
    """What a run keeps in memory of each seed; small, as there may be a hundred thousand."""

    path: str
    url: str
    fetched_at: datetime | None
    digest: bytes
    """Digest of the file's text; a different one later means that the file was edited meanwhile."""


Found = tuple[str, Entry | SeedError]
"""The path of a file, with its seed or the error that makes it unusable."""

_ELSEWHERE = timedelta(days=1)
"""How far in the future a stamp may be: one without a zone may come from the other side of the world."""


def find(folder: Path) -> Iterator[str]:
    """The paths of the files that may be seeds, in order, while the folder is walked.

    Hidden files and folders are skipped, and linked folders are not entered, so there are no loops. A link to a file
    inside of the folder gives that file's own path, once. Broken links, links out of the folder and unreadable
    folders are given too, so that `load` can report them.
    """
    return (path for path, _ in _find(folder.resolve()))


def load(folder: Path, path: str, keys: Keys = DEFAULT_KEYS) -> Seed | None:
    """The seed in a file of the folder; None if the file is not a seed.

    Raises SeedError with the reason `outside`, `unreadable` or `too_large`, or as `seeds.decode` and `seeds.parse` do.
    """
    return seeds.parse(seeds.decode(_content(resolve_inside(folder, path))), keys)


def scan(folder: Path, pattern: str = "", keys: Keys = DEFAULT_KEYS) -> Iterator[tuple[str, Entry | SeedError | None]]:
    """Each path that matches the pattern, with its entry, the error that makes it unusable, or None for no seed."""
    root = folder.resolve()
    for path, is_real in _find(root):
        if matches_pattern(path, pattern):
            yield path, _entry(root, path, keys, is_real=is_real)


def resolve_inside(folder: Path, path: str) -> Path:
    """The real place of a path of the folder, links followed; SeedError if that is outside of the folder."""
    root = os.path.realpath(folder)
    try:
        place = Path(os.path.realpath(os.path.join(root, path)))  # noqa: PTH118  # Path costs three times as much
    except ValueError as error:  # a zero byte in the name
        raise SeedError("outside", f"The path is not valid: {error}.", "Give the path of a file.") from error
    if Path(root) not in place.parents:
        detail = f"The path leads out of the seeds folder, to {place}."
        raise SeedError("outside", detail, "Put the file itself in place of the link, or remove the link.")
    return place


def is_found_by_name(path: PurePath) -> bool:
    """Whether `find` gives a file at this path even if no link leads to it."""
    return _named_as_seed(path.name) and not any(part.startswith(".") for part in path.parts)


def _entry(root: Path, path: str, keys: Keys, *, is_real: bool) -> Entry | SeedError | None:
    """The content of a file; `is_real` tells that it was found without following a link."""
    try:
        raw = _content(f"{root}/{path}" if is_real else resolve_inside(root, path))
        text = seeds.decode(raw)
        seed = parse_plain(text, keys) or seeds.parse(text, keys)
    except SeedError as error:
        return error
    return Entry(path, seed.url, seed.fetched_at, digest(raw)) if seed else None


def _content(place: str | Path) -> bytes:
    """The content of a file that begins like a seed; empty if it does not."""
    raw = _read(place)
    if not frontmatter.opens(raw):
        return b""
    if len(raw) > LARGEST:
        raise SeedError(
            "too_large", f"The file has more than {LARGEST:,} bytes.", "Split it, or take its front matter away."
        )
    return raw


def open_file(place: str | Path, mode: str = "rb") -> FileIO:
    """A file, opened without a buffer; OSError for anything else, such as a pipe, which would block."""
    return FileIO(place, mode, opener=_opened)


def read_bytes(place: str | Path) -> bytes:
    """The content of a file; OSError as for `open_file`."""
    with open_file(place) as file:
        return file.read()


def _opened(place: str | Path, flags: int) -> int:
    number = os.open(place, flags | getattr(os, "O_NONBLOCK", 0), 0o666)
    mode = os.fstat(number).st_mode
    if not (S_ISREG(mode) or S_ISDIR(mode)):  # of a folder, the first read says what it is
        os.close(number)
        raise OSError(errno.EINVAL, "it is no file")
    return number


def _read(place: str | Path) -> bytes:
    try:
        number = _opened(place, _TO_READ)  # without a FileIO, which takes a quarter longer
        try:
            start = os.read(number, _CHUNK)
            if len(start) < _CHUNK:
                return start
            return start + b"".join(islice(iter(partial(os.read, number, _CHUNK), b""), LARGEST // _CHUNK + 1))
        finally:
            os.close(number)
    except OSError as error:
        detail = f"The file cannot be read: {error.strerror or error}."
        raise SeedError("unreadable", detail, "Check that it exists and that its permissions allow reading.") from error


def _find(root: Path) -> Iterator[tuple[str, bool]]:
    """The paths that `find` gives, each with whether it was reached without a link."""
    linked: set[str] = set()
    start = len(str(root).rstrip(os.sep)) + 1
    for entry in _walk(root):
        if not entry.is_symlink():
            yield entry.path[start:].replace(os.sep, "/"), True
        elif (target := _behind(root, entry)) and target not in linked:
            linked.add(target)
            yield target, False


def _walk(root: Path) -> Iterator[os.DirEntry[str]]:
    """The links and the files named like seeds under a folder, and the folders that cannot be opened."""
    levels = [_listed(root)]
    while levels:
        entry = next(levels[-1], None)
        if entry is None:
            levels.pop()
        elif entry.is_dir(follow_symlinks=False):
            try:
                levels.append(_listed(entry.path))
            except OSError:
                yield entry
        elif entry.is_symlink() or (_named_as_seed(entry.name) and entry.is_file()):  # not a pipe, not a device
            yield entry


def _listed(folder: str | Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        visible = [entry for entry in entries if not entry.name.startswith(".")]
    # In the order of whole paths: "a-b.md" before "a/b.md".
    return iter(sorted(visible, key=lambda entry: entry.name + "/" * entry.is_dir(follow_symlinks=False)))


def _behind(root: Path, link: os.DirEntry[str]) -> str | None:
    """The path to give for a link; None if it leads to no seed, or to one that is found without it."""
    place = Path(os.path.realpath(link.path))  # unlike Path.resolve, does not raise for a circle
    if not place.is_relative_to(root) or not place.exists():
        wanted = place.is_dir() or _named_as_seed(link.name)
        return Path(link.path).relative_to(root).as_posix() if wanted else None
    target = place.relative_to(root)
    if is_found_by_name(target) or not place.is_file() or not _named_as_seed(link.name):
        return None
    return target.as_posix()


def _named_as_seed(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)


def digest(text: str | bytes) -> bytes:
    """A 16-byte digest of a text, or of its bytes."""
    raw = text if isinstance(text, bytes) else text.encode()
    return hashlib.sha256(raw).digest()[:16]  # done in hardware: a third of BLAKE2's time


def matches_pattern(path: str, pattern: str) -> bool:
    """Whether a path matches a shell pattern, a plain path or the name of a folder; an empty pattern matches all.

    >>> matches_pattern("19-Reference/a.md", "19-Reference/*"), matches_pattern("19-Reference/a.md", "./19-Reference/")
    (True, True)
    """
    pattern = pattern.removeprefix("./").rstrip("/")
    return not pattern or path == pattern or path.startswith(pattern + "/") or fnmatchcase(path, pattern)


def select(
    entries: Iterable[Entry],
    *,
    url: str = "",
    older_than: datetime | None = None,
    limit: int | None = None,
    gain: Callable[[Entry], float] | None = None,
) -> Iterable[Entry]:
    """The entries of the page `url`, stamped before `older_than`, at most `limit`; each only if given.

    With a limit, the entries with the largest `gain` come first, then the oldest; a seed without a stamp counts as
    older than all others. Without a limit the order stays.
    """
    page = page_url(url)
    wanted = (
        entry
        for entry in entries
        if (not url or page_url(entry.url) == page) and (older_than is None or _is_older(entry, older_than))
    )
    if limit is None:
        return wanted
    return heapq.nsmallest(limit, wanted, key=lambda entry: (-gain(entry) if gain else 0.0, *_age(entry)))


def select_for_run(
    surveyed: Iterable[tuple[str, Entry | SeedError | None]],
    given: Arguments,
    seen: Callable[[str], datetime | None],
    now: datetime,
    is_fresh: Callable[[Entry], bool] = lambda _: False,
    gain: Callable[[Entry], float] | None = None,
) -> Iterator[Found]:
    """Selects from the results of `scan` what a run visits: first the entries, then the files that are unusable.

    `seen` tells when a page was last verified, if ever. Dates in the future are ignored: else the seed would never
    be old enough. Entries that are still fresh (`is_fresh`) are left for a later run, unless the run asks for certain
    pages or an age. `gain` ranks entries where there is a limit.
    """
    is_named = bool(given.url or given.path or given.older_than)
    latest = now + _ELSEWHERE
    unusable: list[Found] = []

    def usable() -> Iterator[Entry]:
        for path, found in surveyed:
            if given.shard and not given.shard.has(path, found.url if isinstance(found, Entry) else ""):
                continue
            if isinstance(found, SeedError):
                unusable.append((path, found))
            elif found is not None:
                entry = verified(found, seen, latest)
                if is_named or not is_fresh(entry):
                    yield entry

    for entry in select(usable(), url=given.url, older_than=given.older_than, limit=given.limit, gain=gain):
        yield entry.path, entry
    if not given.url:  # a file that cannot be read has no address that could be the wanted one
        yield from unusable


def verified(entry: Entry, seen: Callable[[str], datetime | None], latest: datetime) -> Entry:
    """The entry dated by its stamp or its last verification, whichever is later; neither may be after `latest`."""
    stamp, last = entry.fetched_at, seen(page_url(entry.url))
    if not last and (not stamp or stamp <= latest):
        return entry
    date = max((date for date in (stamp, last) if date and date <= latest), default=None)
    return entry if date == stamp else entry._replace(fetched_at=date)


def _is_older(entry: Entry, moment: datetime) -> bool:
    return entry.fetched_at is None or entry.fetched_at < moment


def _age(entry: Entry) -> tuple[bool, float]:
    return (True, entry.fetched_at.timestamp()) if entry.fetched_at else (False, 0.0)
