"""What a run knows of a page before its visit, whether that spares the reading, and what it knows afterwards."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from fetcher.memory import fingerprint, memory, validators
from fetcher.memory.memory import Look, Memory, visit_of
from fetcher.seeds import selection
from fetcher.terms.outcomes import WRITTEN, Outcome
from fetcher.visits.fetched import Fetched

if TYPE_CHECKING:
    from datetime import datetime

    from fetcher.visits.results import Visited

NOT_MODIFIED = "not-modified"
SAME_BYTES = "same-bytes"
SAME_WORDS = "same-words"

# Apache's tag of what it compresses, and then does not know itself: it looks for that of the file.
_COMPRESSED = re.compile(r'(.+)-(?:gzip|br|deflate|zstd)"')
_NOTHING = timedelta(0)  # a page that was read in the future was read by another clock: nobody knows how long ago
_GOOD = WRITTEN | {Outcome.UNCHANGED, Outcome.MOVED}


class Known(NamedTuple):
    """The memory of a page, the fingerprint (`mark`) of its seeds as a run found them, and what the run accepts."""

    memory: Memory
    mark: bytes
    accept: frozenset[str] = frozenset()


def conditions(memory: Memory, mark: bytes, url: str, now: datetime, recheck: timedelta) -> dict[str, str]:
    """The headers that make a request conditional; none where the page has to be seen whatever the server says.

    `mark` is the fingerprint of the page's seeds, and `url` the address that is about to be asked. Only the one that
    answered the last time may be asked in this way: behind a redirect that leads elsewhere by now, an old
    `Last-Modified` is true of another page.
    """
    asked = url == memory.final_url and same_eyes(memory, mark) and memory.trusted
    if not asked or memory.good is None or not _NOTHING <= now - memory.good < _patience(url, recheck):
        return {}
    headers = {"If-None-Match": _tags(memory.validators.etag), "If-Modified-Since": memory.validators.last_modified}
    return {name: value for name, value in headers.items() if value}


def same_bytes(memory: Memory, digest: bytes, mark: bytes) -> bool:
    """Whether an answer is byte for byte the one that was last read, and would be read in the same way."""
    return same_eyes(memory, mark) and memory.digest == digest


def same_eyes(memory: Memory, mark: bytes) -> bool:
    """Whether looking at the same page again would show nothing new: same code, same seeds, nothing left open."""
    return memory.fingerprint == mark != b"" and not memory.unsettled


def spared(known: Known, status: int, url: str, digest: bytes, *, conditional: bool) -> str:
    """Why an answer needs no reading, as the reason of its records; empty where it does.

    `url` is the address that answered, `digest` that of what it sent (`validators.digest`); `conditional` tells that
    the request allowed the server to answer 304.
    """
    if status == 304:
        return NOT_MODIFIED if conditional else ""
    same = _is_usual(known, status, url) and same_bytes(known.memory, digest, known.mark)
    return SAME_BYTES if same else ""


def to_show_again(known: Known, fetched: Fetched) -> bytes:
    """What the answer has to show (`page.shown`) to need no more than a look; empty where it is to be read."""
    usual = _is_usual(known, fetched.status, fetched.final_url) and same_eyes(known.memory, known.mark)
    return known.memory.shown if usual else b""


def after(known: Known, visited: Visited, answer: Fetched | datetime) -> Memory:
    """The memory after a visit that goes by an answer, or had none at a time; `visited` has the results of all seeds.

    It may be kept before the files are written: it has the fingerprint of what is to be written, so that after a
    write that failed, or never came, the next visit looks again.
    """
    if not isinstance(answer, Fetched):
        return _unanswered(known, visited, answer)
    visit = _visit(visited, answer.when)
    if visited.spared in (NOT_MODIFIED, SAME_BYTES):
        return memory.same(known.memory, visit, _fingerprint(known, visited))
    if any(result.record.outcome not in _GOOD for result in visited.results):
        return memory.missed(known.memory, visit, visited.doubt)
    look = Look(
        final_url=answer.final_url,
        validators=validators.of(answer.headers),
        digest=answer.digest,
        fingerprint=_fingerprint(known, visited),
        changed=known.mark == known.memory.fingerprint and visit.outcome in WRITTEN,
        differences=visited.differences,
        shown=visited.shown,
    )
    return (memory.shown_again if visited.spared else memory.seen)(known.memory, visit, look)


def _unanswered(known: Known, visited: Visited, when: datetime) -> Memory:
    """The memory after a visit that brought no answer; one that the run gave up is none."""
    if all(result.record.outcome is Outcome.SKIPPED for result in visited.results):
        return known.memory
    return memory.missed(known.memory, _visit(visited, when))


def _is_usual(known: Known, status: int, url: str) -> bool:
    return status == 200 and url == known.memory.final_url


def _visit(visited: Visited, when: datetime) -> memory.Visit:
    return visit_of((result.record for result in visited.results), when)


def _fingerprint(known: Known, visited: Visited) -> bytes:
    """That of the page when all is written."""
    if not any(result.writes for result in visited.results):
        return known.mark
    seeds = ((result.record.path, selection.digest(result.new)) for result in visited.results)
    return fingerprint.of_page(seeds, known.accept)


def _tags(etag: str) -> str:
    compressed = _COMPRESSED.fullmatch(etag)
    return f'{etag}, {compressed[1]}"' if compressed else etag


def _patience(url: str, recheck: timedelta) -> timedelta:
    # Pages that were first seen in the same run would all be asked for in full in the same later one: each has its
    # own share of the time, between half and all of it.
    share = hashlib.blake2b(url.encode(), digest_size=1).digest()[0] / 255
    return recheck * (0.5 + share / 2)
