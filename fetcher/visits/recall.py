"""Reads what is remembered of a page before a visit, and works out what to remember after it.

This decides whether a request may be conditional, whether an answer needs reading at all, whether a page is gone.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from fetcher.memory import fingerprint, memory
from fetcher.memory.memory import Base, Look, Memory, body_digest, body_history, visit_of
from fetcher.seeds import folder
from fetcher.seeds.seeds import DEFAULT_KEYS
from fetcher.terms import failures
from fetcher.terms.failures import SeedError, Trouble
from fetcher.terms.outcomes import ABSENT, WRITTEN, Noise, Outcome
from fetcher.visits.fetched import Fetched

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from fetcher.memory.memory import Doubt
    from fetcher.memory.state import State
    from fetcher.merge.held_back import Past
    from fetcher.merge.refresh import Refreshed
    from fetcher.seeds.folder import Entry
    from fetcher.seeds.seeds import Keys, Seed
    from fetcher.visits.results import Result, Visited, VisitOptions

NOT_MODIFIED = "not-modified"
SAME_BYTES = "same-bytes"
SAME_WORDS = "same-words"

# Apache adds a suffix to the ETag of what it compresses, and does not recognise it later: it compares the file's own.
_COMPRESSED = re.compile(r'(.+)-(?:gzip|br|deflate|zstd)"')
_REFUSED = 64  # conflicts that are remembered for a seed
_DAY = timedelta(days=1)
_NOTHING = timedelta(0)  # a visit in the future was stamped by another clock: its age is unknown
_GOOD = WRITTEN | {Outcome.UNCHANGED, Outcome.MOVED}


class Known(NamedTuple):
    """The memory of a page, the fingerprint of its seeds as the run found them, and the reasons the run accepts."""

    memory: Memory
    fingerprint: bytes
    accept: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Stored:
    """The seeds of a page by path, the memory of the page, the bases of its seeds as far as known, and their folder."""

    seeds: Mapping[str, Seed]
    memory: Memory
    bases: Mapping[str, Base] = field(default_factory=dict)
    folder: Path | None = None

    @property
    def urls(self) -> dict[str, str]:
        """The address of each seed, by path."""
        return {path: seed.url for path, seed in self.seeds.items()}

    def past(self, path: str) -> Past:
        """What is remembered of the page for one seed, as the merge needs it."""
        from fetcher.merge.held_back import Past  # noqa: PLC0415  # not loaded where no page is read

        base = self.bases.get(path)
        # An older version of the body is no edit by hand: the changes since then have to be merged into it again.
        if not base or base.is_newer(self.seeds[path].body):
            return Past(places=self.memory.places, accepted=base.accepted if base else ())
        shared = base.text, self.memory.places, base.refused, base.is_source, base.accepted
        return Past(*shared, is_own=base.is_own, pictures=base.pictures, by_data=base.by_data)


def load(
    seeds: Path, entries: Iterable[Entry], memory: Memory, state: State, keys: Keys = DEFAULT_KEYS
) -> tuple[Stored, dict[str, tuple[str, Trouble]]]:
    """The seeds of a page; and the URL and the trouble of each seed that cannot be used any more, by path."""
    found: dict[str, Seed] = {}
    unusable: dict[str, tuple[str, Trouble]] = {}
    for entry in entries:
        seed = unedited(seeds, entry, keys)
        if isinstance(seed, Trouble):
            unusable[entry.path] = entry.url, seed
        else:
            found[entry.path] = seed
    bases = {path: base for path, seed in found.items() if (base := _base(state, memory.url, path, seed))}
    return Stored(found, memory, bases, seeds), unusable


def _base(state: State, url: str, path: str, seed: Seed) -> Base | None:
    return state.base(url, path) or (state.adopt_base(url, path, seed.body) if seed.body.strip() else None)


def unedited(seeds: Path, entry: Entry, keys: Keys = DEFAULT_KEYS) -> Seed | Trouble:
    """The seed, if its file is still as the run found it; otherwise the reason why it cannot be used."""
    try:
        seed = folder.load(seeds, entry.path, keys)
    except SeedError as error:
        is_there = not isinstance(error.__cause__, FileNotFoundError)
        return failures.of_seed_error(error) if is_there else failures.TAKEN_AWAY
    return seed if seed and folder.digest(seed.text) == entry.digest else failures.EDITED


def conditions(memory: Memory, current: bytes, url: str, now: datetime, recheck: timedelta) -> dict[str, str]:
    """The headers that make a request conditional; none where the page has to be sent in any case.

    `current` is the fingerprint of the page's seeds, and `url` the address to be requested. Only the address that
    answered last time gets them: where a redirect has come to lead elsewhere, the stored `Last-Modified` belongs to
    another page.
    """
    asked = url == memory.final_url and same_inputs(memory, current) and memory.trusted
    if not asked or memory.good is None or not _NOTHING <= now - memory.good < _recheck_interval(url, recheck):
        return {}
    headers = {"If-None-Match": _tags(memory.validators.etag), "If-Modified-Since": memory.validators.last_modified}
    return {name: value for name, value in headers.items() if value}


def same_bytes(memory: Memory, digest: bytes, current: bytes) -> bool:
    """Whether an answer is byte for byte the one that was last read, and would be read with the same result."""
    return same_inputs(memory, current) and memory.digest == digest


def same_inputs(memory: Memory, current: bytes) -> bool:
    """Whether reading the same page again would change nothing: same code, same seeds, nothing left undecided."""
    return memory.fingerprint == current != b"" and not memory.unsettled


def why_unread(known: Known, status: int, url: str, digest: bytes, *, conditional: bool) -> str:
    """Why an answer need not be read, as the reason of its records; empty if it has to be.

    `url` is the address that answered and `digest` that of the bytes sent (`fingerprint.digest`); `conditional` tells
    whether the request was conditional, so that a 304 is a valid answer.
    """
    if status == 304:
        return NOT_MODIFIED if conditional else ""
    same = _is_same_address(known, status, url) and same_bytes(known.memory, digest, known.fingerprint)
    return SAME_BYTES if same else ""


def digest_if_unchanged(known: Known, fetched: Fetched) -> bytes:
    """The content digest that the answer must have to count as unchanged; empty where it has to be read anyway."""
    usual = _is_same_address(known, fetched.status, fetched.final_url) and same_inputs(known.memory, known.fingerprint)
    return known.memory.shown if usual else b""


def is_up_to_date(stored: Stored, path: str, seen: bytes, options: VisitOptions) -> bool:
    """Whether page and seed are both as the last visit left them; `seen` is the content digest of the page.

    This holds even after an update of this program that reads the page differently: that alone is no reason to write.
    A last visit that found something to write does not count, because it is remembered before the file is written,
    which may have failed.
    """
    memory, base = stored.memory, stored.bases.get(path)
    if base is None or not base.bodies or base.accepted or memory.unsettled:
        return False
    if options.accept - options.rules.accept:  # what the rules accept is part of what the page shows
        return False
    if not memory.visits or memory.visits[-1].outcome is not Outcome.UNCHANGED:
        return False
    return seen == memory.shown and base.bodies[-1] == body_digest(stored.seeds[path].body)


def gone_since(memory: Memory, status: int, now: datetime, *, elsewhere: bool = False) -> datetime | None:
    """When the page was first found missing, if it is gone for good; None otherwise.

    It is gone for good if two visits at least a day apart found it missing, or if another address of it is missing too
    (`elsewhere`). `memory` is that before this visit.
    """
    if status not in ABSENT:
        return None
    if memory.absence and now - memory.absence.since >= _DAY:
        return memory.absence.since
    return now if elsewhere else None


def moved_since(memory: Memory, now: datetime) -> datetime:
    """Since when a page that has moved `now` has done so: the first of the last good visits that all found it moved."""
    first = now
    for visit in reversed(memory.visits):
        if visit.outcome is Outcome.MOVED:
            first = visit.when
        elif visit.outcome in (Outcome.UNCHANGED, Outcome.CHANGED, Outcome.FILLED):
            break
    return first


def memory_in_wave(before: Memory, result: Result) -> Memory:
    """The memory after a visit with changes held back as part of a wave; `before` assumes that they were written."""
    untouched = {} if result.swaps else result.differences  # where the rest is written, they cannot be told apart
    return memory.with_held_wave(
        before, result.waiting, {name: one.stored for name, one in untouched.items()}, result.record
    )


def is_doubt_settled(memory: Memory, doubt: Doubt, began: datetime) -> bool:
    """Whether a run before this one (which started at `began`) had the same doubt about the same text.

    A second look within the same run proves nothing: a site may be broken for as long as that.
    """
    before = memory.doubt
    return before is not None and before.since < began and doubt.repeats(before)


def new_base(stored: Stored, path: str, refreshed: Refreshed) -> Base:
    """The base to remember for a seed once the refreshed body is written."""
    from fetcher.merge.threeway import conflict  # noqa: PLC0415  # as above

    seed, before = stored.seeds[path], stored.bases.get(path)
    new = [conflict(held.removed, held.added) for held in refreshed.held if held.reason == Noise.CONFLICT]
    return Base(
        refreshed.given,
        refreshed.title,
        body_history(before, seed.body, refreshed.body),
        tuple(dict.fromkeys([*(before.refused if before else ()), *new]))[-_REFUSED:],
        refreshed.is_source,
        declined=before.declined if before else (),
        is_own=not seed.body.strip() or (before is not None and before.is_own),
        pictures=refreshed.pictures,
        by_data=refreshed.by_data,
    )


def memory_after(known: Known, visited: Visited, answer: Fetched | datetime) -> Memory:
    """The memory after a visit, with the results of all seeds; `answer` is the time of the visit if there was none.

    It may be stored before the files are written: it has the fingerprint of the new texts, so that the next visit
    reads the page again if a write fails or never happens.
    """
    if not isinstance(answer, Fetched):
        return _unanswered(known, visited, answer)
    visit = _visit(visited, answer.when)
    if visited.why_unread in (NOT_MODIFIED, SAME_BYTES):
        return memory.same(known.memory, visit, _fingerprint(known, visited))
    if any(result.record.outcome not in _GOOD for result in visited.results):
        return memory.missed(known.memory, visit, visited.doubt)
    look = Look(
        final_url=answer.final_url,
        validators=fingerprint.validators_of(answer.headers),
        digest=answer.digest,
        fingerprint=_fingerprint(known, visited),
        changed=known.fingerprint == known.memory.fingerprint and visit.outcome in WRITTEN,
        differences=visited.differences,
        shown=visited.shown,
    )
    return (memory.shown_again if visited.why_unread else memory.seen)(known.memory, visit, look)


def _unanswered(known: Known, visited: Visited, when: datetime) -> Memory:
    """The memory after a visit without an answer; a visit that the run skipped leaves no trace."""
    if all(result.record.outcome is Outcome.SKIPPED for result in visited.results):
        return known.memory
    return memory.missed(known.memory, _visit(visited, when))


def _is_same_address(known: Known, status: int, url: str) -> bool:
    return status == 200 and url == known.memory.final_url


def _visit(visited: Visited, when: datetime) -> memory.Visit:
    return visit_of((result.record for result in visited.results), when)


def _fingerprint(known: Known, visited: Visited) -> bytes:
    """The fingerprint of the page once all results are written."""
    if not any(result.writes for result in visited.results):
        return known.fingerprint
    seeds = ((result.record.path, folder.digest(result.new)) for result in visited.results)
    return fingerprint.of_page(seeds, known.accept)


def _tags(etag: str) -> str:
    compressed = _COMPRESSED.fullmatch(etag)
    return f'{etag}, {compressed[1]}"' if compressed else etag


def _recheck_interval(url: str, recheck: timedelta) -> timedelta:
    # Spread by a hash of the address between half the interval and all of it: otherwise all pages first seen in one
    # run would be downloaded in full in the same later run.
    share = hashlib.blake2b(url.encode(), digest_size=1).digest()[0] / 255
    return recheck * (0.5 + share / 2)
