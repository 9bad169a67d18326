"""Memories as bytes, for the database: JSON without what is not known, compressed."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime
from typing import Any

from isal import isal_zlib

from fetcher.memory.memory import Absence, Base, Doubt, Memory, Visit
from fetcher.memory.validators import Validators
from fetcher.merge.rotation import Place
from fetcher.terms.outcomes import Outcome

_LEVEL = 3  # a page's text in a tenth of a millisecond; for 5 % fewer bytes zlib takes eight times as long


def pack(memory: Memory) -> bytes:
    """All of a memory but its address; times to the second.

    >>> unpack("https://example.org/", pack(Memory(url="https://example.org/", final_url="https://example.org/a")))
    ... # doctest: +ELLIPSIS
    Memory(url='https://example.org/', verified=None, good=None, final_url='https://example.org/a', ...)
    """
    values = {
        "verified": _seconds(memory.verified),
        "good": _seconds(memory.good),
        "final_url": memory.final_url,
        "etag": memory.validators.etag,
        "last_modified": memory.validators.last_modified,
        "distrusted": not memory.trusted,
        "digest": memory.digest.hex(),
        "shown": memory.shown.hex(),
        "fingerprint": memory.fingerprint.hex(),
        "unsettled": memory.unsettled,
        "absence": memory.absence and [memory.absence.status, _seconds(memory.absence.since), memory.absence.count],
        "doubt": memory.doubt and [memory.doubt.reason, memory.doubt.sketch, _seconds(memory.doubt.since)],
        "visits": [_visit_values(visit) for visit in memory.visits],
        "folded": memory.folded,
        "places": {name: [place.stored, *place.values] for name, place in memory.places.items()},
    }
    return _deflated({name: value for name, value in values.items() if value})


def unpack(url: str, packed: bytes) -> Memory:
    """The memory that was packed; ValueError where the bytes are not one."""
    values = _inflated(packed)
    try:
        return _memory(url, values)
    except (KeyError, TypeError, IndexError, OverflowError) as error:
        raise ValueError("not a memory") from error


def unpack_last_visit(packed: bytes) -> Visit:
    """The last visit of the memory that was packed; ValueError where it has none, or the bytes are no memory."""
    try:
        return _visit(_inflated(packed)["visits"][-1])
    except (KeyError, TypeError, IndexError, OverflowError) as error:
        raise ValueError("no visit") from error


def pack_base(base: Base) -> bytes:
    """A base as bytes."""
    return _deflated({"title": base.title, "text": base.text, "bodies": base.bodies, "refused": base.refused})


def unpack_base(packed: bytes) -> Base:
    """The base that was packed; ValueError where the bytes are not one."""
    values = _inflated(packed)
    if not isinstance(values.get("text"), str):
        raise ValueError("not a base")
    names = (tuple(str(name) for name in values.get(key) or ()) for key in ("bodies", "refused"))
    return Base(values["text"], values.get("title"), *names)


def _memory(url: str, values: dict[str, Any]) -> Memory:
    absence, doubt = values.get("absence"), values.get("doubt")
    return Memory(
        url=url,
        verified=_time(values.get("verified")),
        good=_time(values.get("good")),
        final_url=values.get("final_url", ""),
        validators=Validators(values.get("etag", ""), values.get("last_modified", "")),
        trusted=not values.get("distrusted", False),
        digest=bytes.fromhex(values.get("digest", "")),
        shown=bytes.fromhex(values.get("shown", "")),
        fingerprint=bytes.fromhex(values.get("fingerprint", "")),
        unsettled=values.get("unsettled", False),
        absence=Absence(absence[0], _moment(absence[1]), absence[2]) if absence else None,
        doubt=Doubt(doubt[0], doubt[1], _moment(doubt[2])) if doubt else None,
        visits=tuple(_visit(row) for row in values.get("visits", [])),
        folded=values.get("folded", {}),
        places={name: Place(row[0], tuple(row[1:])) for name, row in values.get("places", {}).items()},
    )


def _visit_values(visit: Visit) -> list[object]:
    values: list[object] = [_seconds(visit.when), visit.outcome]
    values += [visit.reason, visit.status, visit.words_added, visit.words_removed]
    while not values[-1]:
        values.pop()
    return values


def _visit(row: list[Any]) -> Visit:
    when, outcome, reason, status, added, removed = row + ["", None, 0, 0][len(row) - 2 :]
    return Visit(
        when=_moment(when),
        outcome=Outcome(outcome),
        reason=reason,
        status=status,
        words_added=added,
        words_removed=removed,
    )


def _deflated(values: dict[str, Any]) -> bytes:
    return isal_zlib.compress(json.dumps(values, separators=(",", ":")).encode(), _LEVEL)


def _inflated(packed: bytes) -> dict[str, Any]:
    try:
        values = json.loads(zlib.decompress(packed))
    except (zlib.error, TypeError) as error:
        raise ValueError("not what was packed") from error
    if not isinstance(values, dict):
        raise ValueError("not what was packed")
    return values


def _seconds(when: datetime | None) -> int | None:
    return int(when.timestamp()) if when else None


def _time(seconds: int | None) -> datetime | None:
    return None if seconds is None else _moment(seconds)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
