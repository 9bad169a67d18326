"""What is known of a page: all that a visit asks of memory, and what memory is told of it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from fetcher.memory import fingerprint, memory
from fetcher.memory.memory import Base, Look, Memory, bodies, name_of, visit_of
from fetcher.seeds import folder
from fetcher.seeds.keys import USUAL
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
    from fetcher.seeds.keys import Keys
    from fetcher.seeds.seeds import Seed
    from fetcher.visits.results import Result, Visited, VisitOptions

NOT_MODIFIED = "not-modified"
SAME_BYTES = "same-bytes"
SAME_WORDS = "same-words"

# Apache's tag of what it compresses, and then does not know itself: it looks for that of the file.
_COMPRESSED = re.compile(r'(.+)-(?:gzip|br|deflate|zstd)"')
_REFUSED = 64  # conflicts that are remembered of a seed
_DAY = timedelta(days=1)
_NOTHING = timedelta(0)  # a page that was read in the future was read by another clock: nobody knows how long ago
_GOOD = WRITTEN | {Outcome.UNCHANGED, Outcome.MOVED}


class Known(NamedTuple):
    """The memory of a page, the fingerprint of its seeds as the run found them, and the reasons the run accepts."""

    memory: Memory
    fingerprint: bytes
    accept: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Stored:
    """The seeds of a page by path, the memory of it, what it gave for each seed if that is known, and their folder."""

    seeds: Mapping[str, Seed]
    memory: Memory
    bases: Mapping[str, Base] = field(default_factory=dict)
    folder: Path | None = None

    @property
    def urls(self) -> dict[str, str]:
        """The address of each seed, by path."""
        return {path: seed.url for path, seed in self.seeds.items()}

    def past(self, path: str) -> Past:
        """What is remembered of the page for one seed."""
        from fetcher.merge.held_back import Past  # noqa: PLC0415  # only who reads pages has use for that module

        base = self.bases.get(path)
        # A body that is older than the memory is nobody's edit: the page's change is still to come to it.
        if not base or base.is_newer(self.seeds[path].body):
            return Past(places=self.memory.places, accepted=base.accepted if base else ())
        shared = base.text, self.memory.places, base.refused, base.is_source, base.accepted
        return Past(*shared, is_own=base.is_own, pictures=base.pictures, by_data=base.by_data)


def load(
    seeds: Path, entries: Iterable[Entry], memory: Memory, state: State, keys: Keys = USUAL
) -> tuple[Stored, dict[str, tuple[str, Trouble]]]:
    """What is stored of a page; and for each path whose seed cannot be used by now, its URL and the trouble."""
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


def unedited(seeds: Path, entry: Entry, keys: Keys = USUAL) -> Seed | Trouble:
    """The seed as the run found it, or why that is not to be had."""
    try:
        seed = folder.load(seeds, entry.path, keys)
    except SeedError as error:
        is_there = not isinstance(error.__cause__, FileNotFoundError)
        return failures.of_seed_error(error) if is_there else failures.TAKEN_AWAY
    return seed if seed and folder.digest(seed.text) == entry.digest else failures.EDITED


def conditions(memory: Memory, current: bytes, url: str, now: datetime, recheck: timedelta) -> dict[str, str]:
    """The headers that make a request conditional; none where the page has to be seen whatever the server says.

    `current` is the fingerprint of the page's seeds, and `url` the address that is about to be asked. Only the one that
    answered the last time may be asked in this way: behind a redirect that leads elsewhere by now, an old
    `Last-Modified` is true of another page.
    """
    asked = url == memory.final_url and same_inputs(memory, current) and memory.trusted
    if not asked or memory.good is None or not _NOTHING <= now - memory.good < _recheck_interval(url, recheck):
        return {}
    headers = {"If-None-Match": _tags(memory.validators.etag), "If-Modified-Since": memory.validators.last_modified}
    return {name: value for name, value in headers.items() if value}


def same_bytes(memory: Memory, digest: bytes, current: bytes) -> bool:
    """Whether an answer is byte for byte the one that was last read, and would be read in the same way."""
    return same_inputs(memory, current) and memory.digest == digest


def same_inputs(memory: Memory, current: bytes) -> bool:
    """Whether looking at the same page again would show nothing new: same code, same seeds, nothing left open."""
    return memory.fingerprint == current != b"" and not memory.unsettled


def why_unread(known: Known, status: int, url: str, digest: bytes, *, conditional: bool) -> str:
    """Why an answer needs no reading, as the reason of its records; empty where it does.

    `url` is the address that answered, `digest` that of what it sent (`fingerprint.digest`); `conditional` tells that
    the request allowed the server to answer 304.
    """
    if status == 304:
        return NOT_MODIFIED if conditional else ""
    same = _is_same_address(known, status, url) and same_bytes(known.memory, digest, known.fingerprint)
    return SAME_BYTES if same else ""


def digest_if_unchanged(known: Known, fetched: Fetched) -> bytes:
    """What the answer has to show (`flow.digest`) to need no more than a look; empty where it is to be read."""
    usual = _is_same_address(known, fetched.status, fetched.final_url) and same_inputs(known.memory, known.fingerprint)
    return known.memory.shown if usual else b""


def is_up_to_date(stored: Stored, path: str, seen: bytes, options: VisitOptions) -> bool:
    """Whether the page shows (`seen`) what it showed when the seed was brought up to it, which is as that left it.

    A new version of this program, which reads the page with other eyes, is no reason to write anything. A visit
    that found something to write proves nothing: it is remembered before the file is written, which may fail.
    """
    memory, base = stored.memory, stored.bases.get(path)
    if base is None or not base.bodies or base.accepted or memory.unsettled:
        return False
    if options.accept - options.rules.accept:  # what the rules accept is part of what the page shows
        return False
    if not memory.visits or memory.visits[-1].outcome is not Outcome.UNCHANGED:
        return False
    return seen == memory.shown and base.bodies[-1] == name_of(stored.seeds[path].body)


def gone_since(memory: Memory, status: int, now: datetime, *, elsewhere: bool = False) -> datetime | None:
    """When the page was first missed, if it is certain now that it went for good; else None.

    `memory` is that before this visit. Certain is what two visits a day apart say, or two addresses of the page:
    `elsewhere` tells that another one says the same.
    """
    if status not in ABSENT:
        return None
    if memory.absence and now - memory.absence.since >= _DAY:
        return memory.absence.since
    return now if elsewhere else None


def moved_since(memory: Memory, now: datetime) -> datetime:
    """Since when a page that is found moved `now` has been: the first visit after which all that were good say so."""
    first = now
    for visit in reversed(memory.visits):
        if visit.outcome is Outcome.MOVED:
            first = visit.when
        elif visit.outcome in (Outcome.UNCHANGED, Outcome.CHANGED, Outcome.FILLED):
            break
    return first


def memory_in_wave(before: Memory, result: Result) -> Memory:
    """The memory after a visit one of whose results waits until a wave lasts; `before` is as if it had written."""
    untouched = {} if result.swaps else result.differences  # of a result that writes the rest, these are not told apart
    return memory.in_wave(before, result.waiting, {name: one.stored for name, one in untouched.items()}, result.record)


def is_doubt_settled(memory: Memory, doubt: Doubt, began: datetime) -> bool:
    """Whether an earlier run, one before this one `began`, had the same doubt about the same text.

    A second look within a run proves nothing: what is wrong with a site for a moment is wrong for that long.
    """
    before = memory.doubt
    return before is not None and before.since < began and doubt.is_again(before)


def new_base(stored: Stored, path: str, refreshed: Refreshed) -> Base:
    """What is to be remembered of the page for a seed once its file holds the body that became of it."""
    from fetcher.merge.threeway import conflict  # noqa: PLC0415  # as above

    seed, before = stored.seeds[path], stored.bases.get(path)
    new = [conflict(held.removed, held.added) for held in refreshed.held if held.reason == Noise.CONFLICT]
    return Base(
        refreshed.given,
        refreshed.title,
        bodies(before, seed.body, refreshed.body),
        tuple(dict.fromkeys([*(before.refused if before else ()), *new]))[-_REFUSED:],
        refreshed.is_source,
        declined=before.declined if before else (),
        is_own=not seed.body.strip() or (before is not None and before.is_own),
        pictures=refreshed.pictures,
        by_data=refreshed.by_data,
    )


def memory_after(known: Known, visited: Visited, answer: Fetched | datetime) -> Memory:
    """The memory after a visit that goes by an answer, or had none at a time; `visited` has the results of all seeds.

    It may be kept before the files are written: it has the fingerprint of what is to be written, so that after a
    write that failed, or never came, the next visit looks again.
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
    """The memory after a visit that brought no answer; one that the run gave up is none."""
    if all(result.record.outcome is Outcome.SKIPPED for result in visited.results):
        return known.memory
    return memory.missed(known.memory, _visit(visited, when))


def _is_same_address(known: Known, status: int, url: str) -> bool:
    return status == 200 and url == known.memory.final_url


def _visit(visited: Visited, when: datetime) -> memory.Visit:
    return visit_of((result.record for result in visited.results), when)


def _fingerprint(known: Known, visited: Visited) -> bytes:
    """That of the page when all is written."""
    if not any(result.writes for result in visited.results):
        return known.fingerprint
    seeds = ((result.record.path, folder.digest(result.new)) for result in visited.results)
    return fingerprint.of_page(seeds, known.accept)


def _tags(etag: str) -> str:
    compressed = _COMPRESSED.fullmatch(etag)
    return f'{etag}, {compressed[1]}"' if compressed else etag


def _recheck_interval(url: str, recheck: timedelta) -> timedelta:
    # Pages that were first seen in the same run would all be asked for in full in the same later one: each has its
    # own share of the time, between half and all of it.
    share = hashlib.blake2b(url.encode(), digest_size=1).digest()[0] / 255
    return recheck * (0.5 + share / 2)
