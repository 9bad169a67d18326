"""Which seeds a run takes on."""

from __future__ import annotations

import hashlib
import heapq
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from fetcher.seeds.seeds import page_url
from fetcher.terms.failures import SeedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from fetcher.terms.arguments import Arguments


class Entry(NamedTuple):
    """What a run remembers of a seed while it is not at work on it: a hundred thousand of these are small."""

    path: str
    url: str
    fetched_at: datetime | None
    digest: bytes
    """Of the file's text: another one later means that the file was edited meanwhile."""


_ELSEWHERE = timedelta(days=1)
"""How far ahead a stamp without a zone may be that was written on the other side of the world."""

Found = tuple[str, Entry | SeedError]
"""The path of a file, and what is in it: a seed, or what is wrong with it."""


def digest(text: str) -> bytes:
    """Sixteen bytes that differ where two texts do."""
    return hashlib.sha256(text.encode()).digest()[:16]  # which processors compute themselves: a third of BLAKE2's time


def matches(path: str, pattern: str) -> bool:
    """Whether a path is meant by a shell pattern, a plain path or the name of a folder; an empty one means all.

    >>> matches("19-Reference/a.md", "19-Reference/*"), matches("19-Reference/a.md", "./19-Reference/")
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
    """The entries of one page, if `url` is given; stamped before `older_than`, if given; `limit` of these, if given.

    With a limit, they are those whose visit wins most by `gain`, and then the oldest; a seed without a stamp is older
    than all others. The entries keep their order, but with a limit, where the best come first.
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


def chosen(
    surveyed: Iterable[tuple[str, Entry | SeedError | None]],
    given: Arguments,
    seen: Callable[[str], datetime | None],
    now: datetime,
    is_fresh: Callable[[Entry], bool] = lambda _: False,
    gain: Callable[[Entry], float] | None = None,
) -> Iterator[Found]:
    """What a run takes on of what `folder.survey` found: the entries one by one, then the files that are unusable.

    `seen` tells when a page was last verified, if ever. A date that is yet to come tells nothing: else its seed would
    never be old enough. Entries that are still fresh are left for a later run, unless
    this one is for some pages or an age. `gain` tells how much a visit to a page wins, where there is a limit.
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
    """The entry as old as its last verification, where that is later than its stamp; neither may be after `latest`."""
    dates = [date for date in (entry.fetched_at, seen(page_url(entry.url))) if date and date <= latest]
    date = max(dates, default=None)
    return entry if date == entry.fetched_at else entry._replace(fetched_at=date)


def _is_older(entry: Entry, moment: datetime) -> bool:
    return entry.fetched_at is None or entry.fetched_at < moment


def _age(entry: Entry) -> tuple[bool, float]:
    return (True, entry.fetched_at.timestamp()) if entry.fetched_at else (False, 0.0)
