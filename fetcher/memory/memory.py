"""What is remembered of a page, and how a visit updates it; pure functions, without storage or a clock."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from fetcher.memory.fingerprint import Validators
from fetcher.merge import place_history
from fetcher.merge.place_history import Place
from fetcher.terms.outcomes import ABSENT, Outcome
from fetcher.verdict.resemblance import similar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from fetcher.merge.place_history import Difference
    from fetcher.terms.outcomes import Record

_WAVE, _STORED, _SHOWN = "wave-", "0", "1"  # prefix of the place of a held-back wave, and its two values
_ORDER = {outcome: place for place, outcome in enumerate(Outcome)}
_VISITS = 50  # kept one by one; older ones are counted by month


@dataclass(frozen=True, slots=True)
class Visit:
    """How one visit to a page ended, and how many words were added and removed."""

    when: datetime
    outcome: Outcome
    reason: str = ""
    status: int | None = None
    words_added: int = 0
    words_removed: int = 0


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a page was rejected although it may be right, its text (`Verdict.sketch`), and since when it shows that."""

    reason: str
    sketch: str
    since: datetime

    def repeats(self, earlier: Doubt | None) -> bool:
        """Whether it is the same as an earlier doubt, with nearly the same text."""
        return earlier is not None and self.reason == earlier.reason and similar(self.sketch, earlier.sketch)


@dataclass(frozen=True, slots=True)
class Absence:
    """A missing page: the last status (404 or 410), since when, and the number of visits that found it so."""

    status: int
    since: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Base:
    """The base of the three-way merge for a seed: its region of the page as Markdown at the last visit, and the title.

    Where the seed differs from it, a person has edited the seed; where the page does, the page has changed. `bodies`
    are short digests of the bodies that the file had at visits, oldest first. `refused` names the conflicts in which
    the edit was kept (`threeway.conflict`). `accepted` and `declined` are the IDs of held-back differences (`Held.id`)
    that a person wants written at the next visit, or not reported again. `pictures` are those that body and page have
    in common (`picture_blocks.keys`). `is_source`: the page was Markdown, and `text` is all of it; `is_own`: this
    program wrote the body at first; `by_data`: the page was built from the data for its scripts.
    """

    text: str = field(repr=False)
    title: str | None
    bodies: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    is_source: bool = False
    accepted: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    is_own: bool = False
    pictures: tuple[str, ...] = ()
    by_data: bool = False

    def is_newer(self, body: str) -> bool:
        """Whether the body is an older one of the file: it was restored from history, or is an outdated copy."""
        return body_digest(body) in self.bodies[:-1] and body_digest(body) != self.bodies[-1]


_BODIES = 8  # digests of bodies that are remembered for a seed


def body_digest(body: str) -> str:
    """A short digest of a body."""
    return hashlib.blake2b(body.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def body_history(before: Base | None, *seen: str) -> tuple[str, ...]:
    """The digests of the bodies that a file had, with those of another visit appended."""
    names = [*before.bodies] if before else []
    for name in map(body_digest, seen):
        if not names or names[-1] != name:
            names.append(name)
    return tuple(names[-_BODIES:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What to remember of a good answer that was read in full.

    `digest` is the digest of the bytes as sent (`fingerprint.digest`), `shown` that of the content
    (`word_spans.digest`), and `fingerprint` that of the seeds after the visit. `changed` is true if a seed changed that
    nobody had edited since the last visit. `differences` are those between page and seeds, by place.
    """

    final_url: str
    validators: Validators
    digest: bytes
    fingerprint: bytes
    changed: bool
    differences: Mapping[str, Difference] = field(default_factory=dict)
    shown: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """All that is remembered of a page; nothing is if all but the address is empty.

    `verified` is the time of the last visit that found the page good, even by a 304, and `good` that of the last one
    that read it in full, from which `final_url`, `validators`, `digest`, `shown`, `fingerprint` and `unsettled` come.
    `trusted` tells whether the server's validators change when the page does, `unsettled` whether something was held
    back that a later visit may let through. `folded` counts the visits older than `visits` by month and outcome.
    """

    url: str
    verified: datetime | None = None
    good: datetime | None = None
    final_url: str = ""
    validators: Validators = field(default_factory=Validators)
    trusted: bool = True
    digest: bytes = b""
    shown: bytes = b""
    fingerprint: bytes = b""
    unsettled: bool = False
    absence: Absence | None = None
    doubt: Doubt | None = None
    visits: tuple[Visit, ...] = ()
    folded: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)


def visit_of(records: Iterable[Record], when: datetime) -> Visit:
    """The visit for the records of all seeds of a page; its outcome is the one that a report lists first."""
    record = min(records, key=lambda record: _ORDER[record.outcome])
    return Visit(
        when=when,
        outcome=record.outcome,
        reason=record.reason,
        status=record.status,
        words_added=record.words_added,
        words_removed=record.words_removed,
    )


def seen(memory: Memory, visit: Visit, look: Look) -> Memory:
    """The memory after a visit that read the page in full and found it good."""
    return _visited(
        memory,
        visit,
        verified=visit.when,
        good=visit.when,
        final_url=look.final_url,
        trusted=_trusted(memory, look),
        validators=look.validators,
        digest=look.digest,
        shown=look.shown,
        fingerprint=look.fingerprint,
        unsettled=any(difference.held for difference in look.differences.values()),
        absence=None,
        doubt=None,
        places=place_history.observed(memory.places, look.differences, len(memory.visits)),
    )


def same(memory: Memory, visit: Visit, fingerprint: bytes = b"") -> Memory:
    """The memory after a visit that need not read the page, because of a 304 or the same bytes as last time.

    `fingerprint` is the new one if the seeds were stamped nevertheless.
    """
    return _visited(
        memory,
        visit,
        verified=visit.when,
        fingerprint=fingerprint or memory.fingerprint,
        absence=None,
        doubt=None,
        places=place_history.repeated(memory.places),
    )


def shown_again(memory: Memory, visit: Visit, look: Look) -> Memory:
    """The memory after a visit to a page that showed the same as last time, in other bytes."""
    return replace(
        same(memory, visit, look.fingerprint), good=visit.when, validators=look.validators, digest=look.digest
    )


def missed(memory: Memory, visit: Visit, doubt: Doubt | None = None) -> Memory:
    """The memory after a visit that brought no page, or one that was rejected.

    A repeated doubt keeps its date. A visit that failed for another reason tells nothing about an earlier doubt or
    about the absence of the page, and leaves both as they were.
    """
    before = memory.doubt
    if doubt and doubt.repeats(before):
        doubt = before
    return _visited(memory, visit, doubt=doubt or before, absence=_absence(memory, visit))


def _trusted(memory: Memory, look: Look) -> bool:
    """Whether the server's validators can be trusted, after reading the page.

    If the page changed and they did not, they cannot; if both changed, they can.
    """
    if not look.changed or look.final_url != memory.final_url or look.digest == memory.digest:
        return memory.trusted
    return look.validators != memory.validators


def _absence(memory: Memory, visit: Visit) -> Absence | None:
    if visit.status not in ABSENT:
        return memory.absence
    before = memory.absence
    return Absence(visit.status, before.since if before else visit.when, before.count + 1 if before else 1)


def _visited(memory: Memory, visit: Visit, **changes: Any) -> Memory:
    """The memory with another visit, and with other fields that this has changed."""
    visits = (*memory.visits, visit)
    return replace(memory, visits=visits[-_VISITS:], folded=_folded(memory.folded, visits[:-_VISITS]), **changes)


def _folded(folded: Mapping[str, Mapping[str, int]], visits: Sequence[Visit]) -> Mapping[str, Mapping[str, int]]:
    if not visits:
        return folded
    counts = {month: Counter(outcomes) for month, outcomes in folded.items()}
    for visit in visits:
        counts.setdefault(f"{visit.when:%Y-%m}", Counter())[visit.outcome.value] += 1
    return {month: dict(outcomes) for month, outcomes in counts.items()}


def held_waves(memory: Memory) -> frozenset[str]:
    """The IDs of the blocks that were held back as part of a wave at the last visit."""
    held = (name for name, place in memory.places.items() if place.values[-1:] != (place.stored,))
    return frozenset(name.removeprefix(_WAVE) for name in held if name.startswith(_WAVE))


def with_held_wave(memory: Memory, names: Iterable[str], stored: Mapping[str, str], record: Record) -> Memory:
    """The memory with blocks (`names`) held back as part of a wave at the last visit, whose `record` is given.

    The next visit has to read the page in any case. `stored` has the values that remain at places whose change, which
    the memory takes for written, was held back.
    """
    if not memory.visits:  # this run remembers nothing
        return memory
    places = dict(memory.places)
    places |= {name: replace(places[name], stored=text) for name, text in stored.items() if name in places}
    for name in names:
        before = places.get(_WAVE + name, Place(_STORED, (_STORED,)))
        values = (*before.values[: -1 if before.values[-1] == _SHOWN else None], _SHOWN)
        places[_WAVE + name] = Place(_STORED, values[-place_history.WINDOW :])
    ended = visit_of([record], memory.visits[-1].when)
    return replace(memory, places=places, unsettled=True, visits=(*memory.visits[:-1], ended))
