"""What is remembered of a page, and what a visit makes of that. Pure: times come in, and nothing is stored here."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from fetcher.memory.fingerprint import Validators
from fetcher.merge import place_history
from fetcher.merge.place_history import Place
from fetcher.terms.outcomes import ABSENT, Outcome
from fetcher.verdict.resemblance import alike

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from fetcher.merge.place_history import Difference
    from fetcher.terms.outcomes import Record

_WAVE, _STORED, _SHOWN = "wave-", "0", "1"  # the name of a place, and what the seed and the page have there
_VISITS = 50  # kept one by one; older ones are counted by month


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """How one visit to a page ended, and how many words of it were new and gone."""

    when: datetime
    outcome: Outcome
    reason: str = ""
    status: int | None = None
    words_added: int = 0
    words_removed: int = 0


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a page was not believed, what it showed (`Verdict.sketch`), and since when it shows that."""

    reason: str
    sketch: str
    since: datetime

    def is_again(self, earlier: Doubt | None) -> bool:
        """Whether it is one that there was before. A part of the text may be another, or none would ever be settled."""
        return earlier is not None and self.reason == earlier.reason and alike(self.sketch, earlier.sketch)


@dataclass(frozen=True, slots=True)
class Absence:
    """That a server says its page is not there: how it last put it, since when, and how many visits heard it."""

    status: int
    since: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Base:
    """What a page gave when a seed was last brought up to it: its part as Markdown, and its own title.

    What differs in the seed from this is a person's edit, what differs in the page the page's. `bodies` are short
    digests of the bodies that the seed's file had at visits, the oldest first; `refused` names the conflicts between
    the two in which the edit stayed (`threeway.conflict`). `is_source`: the page was Markdown, and `text` is its own.
    `accepted` and `declined` name held-back differences (`Held.id`) that a person wants to be written at the next
    visit, or not to be told of again. `is_own`: the seed had no body, and the text began as this program's own.
    `pictures` are those that body and page have in common (`picture_blocks.keys`). `by_data`: the page was made of the
    data for its scripts.
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
        """Whether the body is one that the file had before its last: put back from history, or a copy not updated."""
        return name_of(body) in self.bodies[:-1] and name_of(body) != self.bodies[-1]


_BODIES = 8  # that are remembered of a seed


def name_of(body: str) -> str:
    """A short digest of a body."""
    return hashlib.blake2b(body.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def bodies(before: Base | None, *seen: str) -> tuple[str, ...]:
    """The names of the bodies that a file had, after those of one more visit."""
    names = [*before.bodies] if before else []
    for name in map(name_of, seen):
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
    """All that is remembered of a page; with an address alone, nothing is.

    `verified` is the last visit that found the page good, even by a 304, and `good` the last that read it in full:
    `final_url`, `validators`, `digest`, `shown`, `fingerprint` and `unsettled` are that one's. `trusted` tells whether
    the server's validators change when the page does; `unsettled` that something was held back which a later visit may
    let through. `folded` counts the visits older than `visits` by month and outcome.
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
    """One visit from the records of all seeds of a page: it ended as the seed did that a report would list first."""
    order = list(Outcome)
    record = min(records, key=lambda record: order.index(record.outcome))
    return Visit(
        when=when,
        outcome=record.outcome,
        reason=record.reason,
        status=record.status,
        words_added=record.words_added,
        words_removed=record.words_removed,
    )


def seen(memory: Memory, visit: Visit, look: Look) -> Memory:
    """What is remembered after a visit that read the page in full and found it good."""
    return replace(
        _visited(memory, visit),
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
    """What is remembered after a visit that needed no reading: a 304, or the same bytes as the last time.

    `fingerprint` is the new one where the seeds were stamped all the same.
    """
    return replace(
        _visited(memory, visit),
        verified=visit.when,
        fingerprint=fingerprint or memory.fingerprint,
        absence=None,
        doubt=None,
        places=place_history.repeated(memory.places),
    )


def shown_again(memory: Memory, visit: Visit, look: Look) -> Memory:
    """What is remembered after a visit to a page that shows what it showed the last time, in other bytes."""
    return replace(
        same(memory, visit, look.fingerprint), good=visit.when, validators=look.validators, digest=look.digest
    )


def missed(memory: Memory, visit: Visit, doubt: Doubt | None = None) -> Memory:
    """What is remembered after a visit that brought no page, or one that is not believed.

    A doubt that was there before keeps its date. A visit that failed for another reason leaves it, and the absence of
    the page, as they were: it tells nothing about either.
    """
    before = memory.doubt
    if doubt and doubt.is_again(before):
        doubt = before
    return replace(_visited(memory, visit), doubt=doubt or before, absence=_absence(memory, visit))


def _trusted(memory: Memory, look: Look) -> bool:
    """Whether a server's validators tell versions of a page apart, after a look at it.

    A page that changed under the validators that it had before proves that they do not; one that changed together
    with them that they do.
    """
    if not look.changed or look.final_url != memory.final_url or look.digest == memory.digest:
        return memory.trusted
    return look.validators != memory.validators


def _absence(memory: Memory, visit: Visit) -> Absence | None:
    if visit.status not in ABSENT:
        return memory.absence
    before = memory.absence
    return Absence(visit.status, before.since if before else visit.when, before.count + 1 if before else 1)


def _visited(memory: Memory, visit: Visit) -> Memory:
    visits = (*memory.visits, visit)
    return replace(memory, visits=visits[-_VISITS:], folded=_folded(memory.folded, visits[:-_VISITS]))


def _folded(folded: Mapping[str, Mapping[str, int]], visits: Iterable[Visit]) -> Mapping[str, Mapping[str, int]]:
    counts = {month: Counter(outcomes) for month, outcomes in folded.items()}
    for visit in visits:
        counts.setdefault(f"{visit.when:%Y-%m}", Counter())[visit.outcome.value] += 1
    return {month: dict(outcomes) for month, outcomes in counts.items()}


def waves(memory: Memory) -> frozenset[str]:
    """The IDs of what was held back as part of a wave at the last visit."""
    held = (name for name, place in memory.places.items() if place.values[-1:] != (place.stored,))
    return frozenset(name.removeprefix(_WAVE) for name in held if name.startswith(_WAVE))


def in_wave(memory: Memory, names: Iterable[str], stored: Mapping[str, str], record: Record) -> Memory:
    """The memory where these parts of a wave are held back at the last visit, which so ended as recorded.

    The next visit has to look again, whatever the server says. `stored` has what still stands at places of which the
    memory has it that they hold something new.
    """
    if not memory.visits:  # nothing is remembered in this run
        return memory
    places = dict(memory.places)
    places |= {name: replace(places[name], stored=text) for name, text in stored.items() if name in places}
    for name in names:
        before = places.get(_WAVE + name, Place(_STORED, (_STORED,)))
        values = (*before.values[: -1 if before.values[-1] == _SHOWN else None], _SHOWN)
        places[_WAVE + name] = Place(_STORED, values[-place_history.WINDOW :])
    ended = visit_of([record], memory.visits[-1].when)
    return replace(memory, places=places, unsettled=True, visits=(*memory.visits[:-1], ended))
