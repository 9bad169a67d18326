"""What a run knows of a page before its visit, whether that spares the reading, and what it knows afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fetcher.memory import fingerprint, memory, validators
from fetcher.memory.memory import Look, Memory, visit_of
from fetcher.run.outcomes import WRITTEN, Outcome
from fetcher.seeds import selection

if TYPE_CHECKING:
    from datetime import datetime

    from fetcher.visits.fetched import Fetched
    from fetcher.visits.results import Visited

NOT_MODIFIED = "not-modified"
SAME_BYTES = "same-bytes"
SAME_WORDS = "same-words"

_GOOD = WRITTEN | {Outcome.UNCHANGED, Outcome.MOVED}


class Known(NamedTuple):
    """The memory of a page, the fingerprint (`mark`) of its seeds as a run found them, and what the run accepts."""

    memory: Memory
    mark: bytes
    accept: frozenset[str] = frozenset()


def spared(known: Known, status: int, url: str, digest: bytes, *, conditional: bool) -> str:
    """Why an answer needs no reading, as the reason of its records; empty where it does.

    `url` is the address that answered, `digest` that of what it sent (`validators.digest`); `conditional` tells that
    the request allowed the server to answer 304.
    """
    if status == 304:
        return NOT_MODIFIED if conditional else ""
    same = _is_usual(known, status, url) and validators.same_bytes(known.memory, digest, known.mark)
    return SAME_BYTES if same else ""


def to_show_again(known: Known, fetched: Fetched) -> bytes:
    """What the answer has to show (`page.shown`) to need no more than a look; empty where it is to be read."""
    usual = _is_usual(known, fetched.status, fetched.final_url) and validators.same_eyes(known.memory, known.mark)
    return known.memory.shown if usual else b""


def after_same(known: Known, fetched: Fetched, visited: Visited) -> Memory:
    """The memory after a visit that needed no reading."""
    return memory.same(known.memory, _visit(fetched, visited), _fingerprint(known, visited))


def after(known: Known, fetched: Fetched, visited: Visited) -> Memory:
    """The memory after a visit that read the page; `visited` has the results of all its seeds.

    It may be kept before the files are written: it has the fingerprint of what is to be written, so that after a
    write that failed, or never came, the next visit looks again.
    """
    visit = _visit(fetched, visited)
    if any(result.record.outcome not in _GOOD for result in visited.results):
        return memory.missed(known.memory, visit, visited.doubt)
    look = Look(
        final_url=fetched.final_url,
        validators=validators.of(fetched.headers),
        digest=fetched.digest,
        fingerprint=_fingerprint(known, visited),
        changed=known.mark == known.memory.fingerprint and visit.outcome in WRITTEN,
        differences=visited.differences,
        shown=visited.shown,
    )
    return (memory.shown_again if visited.is_same else memory.seen)(known.memory, visit, look)


def unanswered(known: Known, visited: Visited, when: datetime) -> Memory:
    """The memory after a visit that brought no answer; one that the run gave up is none."""
    if all(result.record.outcome is Outcome.SKIPPED for result in visited.results):
        return known.memory
    return memory.missed(known.memory, visit_of((result.record for result in visited.results), when))


def _is_usual(known: Known, status: int, url: str) -> bool:
    return status == 200 and url == known.memory.final_url


def _visit(fetched: Fetched, visited: Visited) -> memory.Visit:
    return visit_of((result.record for result in visited.results), fetched.when)


def _fingerprint(known: Known, visited: Visited) -> bytes:
    """That of the page when all is written."""
    if not any(result.writes for result in visited.results):
        return known.mark
    seeds = ((result.record.path, selection.digest(result.new)) for result in visited.results)
    return fingerprint.of_page(seeds, known.accept)
