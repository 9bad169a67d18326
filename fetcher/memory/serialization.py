"""Converts memories to compressed JSON for the database and back; invalid data raises ValueError."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from isal import isal_zlib

from fetcher.memory.fingerprint import Validators
from fetcher.memory.memory import Absence, Base, Doubt, Memory, Visit
from fetcher.merge.place_history import Place
from fetcher.terms.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

# What may be raised by reading values of wrong types or out of range.
_FOREIGN = (KeyError, TypeError, IndexError, OverflowError, AttributeError, OSError)
_MICRO = 1_000_000
_LEVEL = 3  # 0.1 ms for the text of a page; 5 % fewer bytes would take zlib eight times as long


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run in the history: how many seeds it found, their outcomes, and its notes."""

    started: datetime
    finished: datetime
    found: int
    counts: Mapping[str, int]
    notes: tuple[str, ...] = field(default=())


def pack(memory: Memory) -> bytes:
    """A memory without its address as bytes; times are rounded to seconds.

    >>> unpack("https://example.org/", pack(Memory(url="https://example.org/", final_url="https://example.org/a")))
    ... # doctest: +ELLIPSIS
    Memory(url='https://example.org/', verified=None, good=None, final_url='https://example.org/a', ...)
    """
    values = {
        "verified": seconds(memory.verified),
        "good": seconds(memory.good),
        "final_url": memory.final_url,
        "etag": memory.validators.etag,
        "last_modified": memory.validators.last_modified,
        "distrusted": not memory.trusted,
        "digest": memory.digest.hex(),
        "shown": memory.shown.hex(),
        "fingerprint": memory.fingerprint.hex(),
        "unsettled": memory.unsettled,
        "absence": memory.absence and [memory.absence.status, seconds(memory.absence.since), memory.absence.count],
        "doubt": memory.doubt and [memory.doubt.reason, memory.doubt.sketch, seconds(memory.doubt.since)],
        "visits": [_visit_values(visit) for visit in memory.visits],
        "folded": memory.folded,
        "places": {name: [place.stored, *place.values] for name, place in memory.places.items()},
    }
    return _deflated({name: value for name, value in values.items() if value})


def seconds(when: datetime | None) -> int | None:
    """A time in seconds since 1970, as in the database."""
    return int(when.timestamp()) if when else None


def unpack(url: str, packed: bytes) -> Memory:
    """The memory that was packed; raises ValueError if the bytes are not one."""
    values = _inflated(packed)
    try:
        return _memory(url, values)
    except _FOREIGN as error:
        raise ValueError("not a memory") from error


def unpack_visits(packed: bytes) -> tuple[list[tuple[int, str]], Visit]:
    """The time of each visit, in seconds, and its outcome, oldest first; and the last visit. Raises ValueError."""
    try:
        rows = _inflated(packed)["visits"]
        return [(_number(row[0]), _text(row[1])) for row in rows], _visit(rows[-1])
    except _FOREIGN as error:
        raise ValueError("no visits") from error


_NAMED = ("bodies", "refused", "accepted", "declined", "pictures")


def pack_base(base: Base) -> bytes:
    """A base as bytes."""
    values = {"title": base.title, "text": base.text, "bodies": base.bodies, "refused": base.refused}
    others = {
        "source": base.is_source,
        "accepted": base.accepted,
        "declined": base.declined,
        "own": base.is_own,
        "pictures": base.pictures,
        "data": base.by_data,
    }
    return _deflated(values | {name: value for name, value in others.items() if value})


def unpack_base(packed: bytes) -> Base:
    """The base that was packed; raises ValueError if the bytes are not one."""
    values = _inflated(packed)
    try:
        title = values.get("title")
        named = {name: tuple(map(_text, values.get(name) or ())) for name in _NAMED}
        is_source, is_own, by_data = (bool(values.get(name)) for name in ("source", "own", "data"))
        text, title = _text(values["text"]), title and _text(title)
        return Base(text, title, is_source=is_source, is_own=is_own, by_data=by_data, **named)
    except _FOREIGN as error:
        raise ValueError("not a base") from error


def pack_run(run: RunSummary) -> tuple[int, str]:
    """The start of a run, in microseconds because several may start within a second, and the rest as JSON."""
    values = {"finished": _micros(run.finished), "found": run.found, "counts": run.counts, "notes": run.notes}
    return _micros(run.started), json.dumps(values)


def unpack_run(started: object, packed: object) -> RunSummary:
    """The run that was packed; raises ValueError if the values are not one."""
    try:
        values = json.loads(_text(packed))
        return RunSummary(
            started=_of_micros(started),
            finished=_of_micros(values["finished"]),
            found=_number(values["found"]),
            counts=_counts(values["counts"]),
            notes=tuple(map(_text, values["notes"])),
        )
    except (*_FOREIGN, RecursionError) as error:
        raise ValueError("not a run") from error


def moment(seconds: object) -> datetime:
    """The time that is so many seconds after 1970; raises ValueError if it is out of range."""
    try:
        return _moment(seconds)
    except _FOREIGN as error:
        raise ValueError("no moment") from error


def _memory(url: str, values: dict[str, Any]) -> Memory:
    absence, doubt = values.get("absence"), values.get("doubt")
    return Memory(
        url=url,
        verified=_time(values.get("verified")),
        good=_time(values.get("good")),
        final_url=_text(values.get("final_url", "")),
        validators=Validators(_text(values.get("etag", "")), _text(values.get("last_modified", ""))),
        trusted=not values.get("distrusted", False),
        digest=bytes.fromhex(values.get("digest", "")),
        shown=bytes.fromhex(values.get("shown", "")),
        fingerprint=bytes.fromhex(values.get("fingerprint", "")),
        unsettled=bool(values.get("unsettled", False)),
        absence=Absence(_number(absence[0]), _moment(absence[1]), _number(absence[2])) if absence else None,
        doubt=Doubt(_text(doubt[0]), _text(doubt[1]), _moment(doubt[2])) if doubt else None,
        visits=tuple(_visit(row) for row in values.get("visits", [])),
        folded={month: _counts(counts) for month, counts in values.get("folded", {}).items()},
        places={name: _place(row) for name, row in values.get("places", {}).items()},
    )


def _visit_values(visit: Visit) -> list[object]:
    values: list[object] = [seconds(visit.when), visit.outcome]
    values += [visit.reason, visit.status, visit.words_added, visit.words_removed]
    while not values[-1]:
        values.pop()
    return values


def _visit(row: list[Any]) -> Visit:
    return Visit(_moment(row[0]), *_ending(*row[1:]))


@lru_cache(maxsize=1024, typed=True)  # nearly all visits end alike
def _ending(
    outcome: str, reason: object = "", status: object = None, added: object = 0, removed: object = 0
) -> tuple[Outcome, str, int | None, int, int]:
    """All of a visit but its time."""
    code = None if status is None else _number(status)
    return Outcome(outcome), _text(reason), code, _number(added), _number(removed)


def _place(row: list[Any]) -> Place:
    stored, *seen = map(_text, row)
    return Place(stored, tuple(seen))


def _counts(counts: dict[str, Any]) -> dict[str, int]:
    return {name: _number(number) for name, number in counts.items()}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    value.encode()  # raises for a lone surrogate
    return value


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("no number")
    return value


def _deflated(values: dict[str, Any]) -> bytes:
    return isal_zlib.compress(json.dumps(values, separators=(",", ":")).encode(), _LEVEL)


def _inflated(packed: bytes) -> dict[str, Any]:
    try:
        values = json.loads(zlib.decompress(packed))
    except (zlib.error, TypeError, RecursionError) as error:
        raise ValueError("not what was packed") from error
    if not isinstance(values, dict):
        raise ValueError("not what was packed")
    return values


def _time(seconds: object) -> datetime | None:
    return None if seconds is None else _moment(seconds)


def _moment(seconds: object) -> datetime:
    return datetime.fromtimestamp(_number(seconds), UTC)


def _of_micros(count: object) -> datetime:
    return datetime.fromtimestamp(_number(count) / _MICRO, UTC)


def _micros(when: datetime) -> int:
    return round(when.timestamp() * _MICRO)
