"""What a visit adds to the memory of its page, and how a visit ends that needs no reading."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fetcher import fingerprint, memory, selection, validators
from fetcher.memory import Look, visit_of
from fetcher.outcomes import WRITTEN, Outcome, Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fetcher.fetched import Fetched
    from fetcher.memory import Doubt, Memory
    from fetcher.rotation import Difference
    from fetcher.visit import Result

NOT_MODIFIED = "not-modified"
SAME_BYTES = "same-bytes"

_GOOD = WRITTEN | {Outcome.UNCHANGED, Outcome.MOVED}


def unread(known: Memory, mark: bytes, fetched: Fetched, *, conditional: bool) -> str:
    """Why an answer needs no reading, as the reason of a record; empty where it does.

    `mark` is the fingerprint of the page's seeds as they are; `conditional` tells that the request allowed a 304.
    """
    if fetched.status == 304:
        return NOT_MODIFIED if conditional else ""
    usual = fetched.status == 200 and fetched.final_url == known.final_url
    return SAME_BYTES if usual and validators.same_bytes(known, fetched.body, mark) else ""


def unchanged(urls: Mapping[str, str], fetched: Fetched, reason: str) -> list[Record]:
    """The records of the seeds of a page that needs no reading, from their paths and addresses."""
    outcome = Outcome.MOVED if fetched.redirected_to else Outcome.UNCHANGED
    return [
        Record(
            path=path,
            url=url,
            outcome=outcome,
            reason=reason,
            status=fetched.status,
            final_url=fetched.final_url,
            redirected_to=fetched.redirected_to,
            shares_page_with=tuple(other for other in urls if other != path),
            seconds=fetched.seconds,
        )
        for path, url in urls.items()
    ]


def after_same(known: Memory, fetched: Fetched, records: Sequence[Record], marked: bytes = b"") -> Memory:
    """The memory after a visit that needed no reading; `marked` is the new fingerprint where its seeds were stamped."""
    return memory.same(known, visit_of(records, fetched.when), marked)


def after(
    known: Memory,
    mark: bytes,
    fetched: Fetched,
    results: Sequence[Result],
    *,
    differences: Mapping[str, Difference] | None = None,
    doubt: Doubt | None = None,
) -> Memory:
    """The memory after a visit that read the page, from the results of all its seeds.

    It may be kept before the files are written: it has the fingerprint of what is to be written, so that after a
    write that failed, or never came, the next visit looks again.
    """
    records = [result.record for result in results]
    visit = visit_of(records, fetched.when)
    if any(record.outcome not in _GOOD for record in records):
        return memory.missed(known, visit, doubt)
    look = Look(
        final_url=fetched.final_url,
        validators=validators.of(fetched.headers),
        digest=validators.digest(fetched.body),
        fingerprint=fingerprint.of_page((result.record.path, selection.digest(result.new)) for result in results),
        changed=mark == known.fingerprint and any(record.outcome in WRITTEN for record in records),
        differences=differences or {},
    )
    return memory.seen(known, visit, look)
