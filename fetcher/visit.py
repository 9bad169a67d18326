"""One visit: the answer to one request becomes one result for each seed that stores its page."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from w3lib.encoding import html_to_unicode

from fetcher import failures, seeds
from fetcher.failures import Trouble
from fetcher.outcomes import Outcome, Record
from fetcher.refresh import Refreshed, refresh, refresh_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from fetcher.seeds import Seed

_PAGE = frozenset({"text/html", "application/xhtml+xml"})
_TEXT = frozenset({"text/markdown", "text/x-markdown", "text/plain"})
_MARKUP = (b"<!", b"<html", b"<head", b"<body", b"<?xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back for one request: plain values, so that another process can judge it.

    `headers` has lower-case names; `body` is unpacked; `redirected_to` is the address that permanent redirects gave.
    """

    status: int
    url: str
    final_url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    when: datetime
    redirected_to: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """How one seed ended, and the file's text before and after; equal where there is nothing to write."""

    record: Record
    old: str = field(default="", repr=False)
    new: str = field(default="", repr=False)


def visit(answer: Answer, stored: Mapping[str, Seed], *, stamp_verified: bool = False) -> list[Result]:
    """One result for each seed in `stored`, a mapping from path to seed.

    With `stamp_verified` a seed whose page was seen and did not change gets a new `fetched_at` too.
    """
    trouble = failures.of_status(answer.status) or _unreadable(answer)
    if trouble:
        return [troubled(path, seed.url, trouble, answer) for path, seed in stored.items()]
    text = _decode(answer)
    return [_seen(path, seed, text, answer, stamp_verified) for path, seed in stored.items()]


def troubled(path: str, url: str, trouble: Trouble, answer: Answer | None = None) -> Result:
    """The result of a seed whose page was not seen: nothing to write."""
    return Result(
        Record(
            path=path,
            url=url,
            outcome=trouble.outcome,
            reason=trouble.reason,
            detail=trouble.detail,
            mend=trouble.mend,
            **(_traces(answer) if answer else {}),
        )
    )


def new_address(hops: Sequence[tuple[int, str]]) -> str | None:
    """The address that a chain of redirects gives for good: where its first run of permanent ones leads.

    A hop is a status and the address that it leads to. After a temporary hop nothing is said for good any more.

    >>> new_address([(301, "https://b/"), (302, "https://b/login")])
    'https://b/'
    """
    address = None
    for status, target in hops:
        if status not in (301, 308):
            break
        address = target
    return address


def _traces(answer: Answer) -> dict[str, Any]:
    return {
        "status": answer.status,
        "final_url": answer.final_url,
        "redirected_to": answer.redirected_to,
        "seconds": answer.seconds,
    }


def _unreadable(answer: Answer) -> Trouble | None:
    if not answer.body.strip():
        return Trouble(Outcome.BROKEN, "empty", "The answer is empty.", "Open the page in a browser.")
    kind = _kind(answer)
    if kind in _PAGE | _TEXT:
        return None
    detail = f"The answer is no page but {kind}."
    return Trouble(Outcome.FAILED, "not-text", detail, "Point source_url at a page of HTML, Markdown or plain text.")


def _kind(answer: Answer) -> str:
    """The media type; guessed from the first bytes where the server names none."""
    named = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if named:
        return named
    start = answer.body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(_MARKUP):
        return "text/html"
    return "application/octet-stream" if b"\0" in start or start.startswith(b"%pdf-") else "text/plain"


def _decode(answer: Answer) -> str:
    # UTF-8 is tried before the encoding that browsers fall back to: a page that is valid UTF-8 is UTF-8.
    header = answer.headers.get("content-type")
    return html_to_unicode(header, answer.body, default_encoding="cp1252", auto_detect_fun=_if_utf8)[1]


def _if_utf8(body: bytes) -> str | None:
    try:
        body.decode()
    except UnicodeDecodeError:
        return None
    return "utf-8"


def _seen(path: str, seed: Seed, text: str, answer: Answer, stamp_verified: bool) -> Result:
    refreshed = _refreshed(seed, text, answer)
    if not refreshed.body.strip():
        trouble = Trouble(Outcome.BROKEN, "empty", "The page holds no content.", "Open the page in a browser.")
        return troubled(path, seed.url, trouble, answer)
    outcome = _outcome(seed.body, refreshed.body, answer)
    try:
        new = _renewed(seed, refreshed.body, answer, stamp_verified)
    except seeds.SeedError as error:
        return troubled(path, seed.url, failures.of_seed_error(error), answer)
    return Result(_record(path, seed, refreshed, outcome, answer), seed.text, new)


def _refreshed(seed: Seed, text: str, answer: Answer) -> Refreshed:
    """The stored body brought up to the page, in the line endings of the file."""
    renew = refresh if _kind(answer) in _PAGE else refresh_text
    if not 0 < seed.text.count("\r\n") == seed.text.count("\n"):
        return renew(text, url=answer.final_url, stored=seed.body)
    refreshed = renew(text, url=answer.final_url, stored=seed.body.replace("\r\n", "\n"))
    return replace(refreshed, body=refreshed.body.replace("\n", "\r\n"))


def _outcome(before: str, after: str, answer: Answer) -> Outcome:
    # A page that moved and changed is `changed`: what its content did matters more, and the record names the new
    # address all the same.
    if before == after:
        return Outcome.MOVED if answer.redirected_to else Outcome.UNCHANGED
    return Outcome.CHANGED if before.strip() else Outcome.FILLED


def _renewed(seed: Seed, body: str, answer: Answer, stamp_verified: bool) -> str:
    if body == seed.body and not stamp_verified:
        return seed.text
    return seeds.stamp(seeds.with_body(seed, body), answer.when).text


def _record(path: str, seed: Seed, refreshed: Refreshed, outcome: Outcome, answer: Answer) -> Record:
    return Record(
        path=path,
        url=seed.url,
        outcome=outcome,
        title=refreshed.title,
        words_added=refreshed.words_added,
        words_removed=refreshed.words_removed,
        held=refreshed.held,
        **_traces(answer),
    )
