"""One visit: the answer to one request becomes one result for each seed that stores its page."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING, Any

from w3lib.encoding import html_to_unicode

from fetcher import failures, page, seeds
from fetcher.outcomes import Outcome, Record
from fetcher.refresh import Refreshed, refresh, refresh_text
from fetcher.verdict import Answer, Reason, judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from fetcher.failures import Trouble
    from fetcher.page import Page
    from fetcher.seeds import Seed

_HTML = frozenset({"text/html", "application/xhtml+xml"})
_TEXT = frozenset({"text/markdown", "text/x-markdown", "text/plain"})
_MARKUP = (b"<!", b"<html", b"<head", b"<body", b"<?xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came back for one request: plain values, so that another process can look at it.

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

    @property
    def kind(self) -> str:
        """The media type; guessed from the first bytes where the server names none."""
        named = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if named:
            return named
        start = self.body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        if start.startswith(_MARKUP):
            return "text/html"
        return "application/octet-stream" if b"\0" in start or start.startswith(b"%pdf-") else "text/plain"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a run looks at pages: reasons that it does not hold against them, and whether `fetched_at` says verified."""

    accept: frozenset[str] = frozenset()
    stamp_verified: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """How one seed ended, and the file's text before and after; equal where there is nothing to write."""

    record: Record
    old: str = field(default="", repr=False)
    new: str = field(default="", repr=False)


def visit(fetched: Fetched, stored: Mapping[str, Seed], manner: Manner) -> list[Result]:
    """One result for each seed in `stored`, a mapping from path to seed; each names the others."""
    return [_sharing(result, stored) for result in _results(fetched, stored, manner)]


def troubled(path: str, url: str, trouble: Trouble, fetched: Fetched | None = None) -> Result:
    """The result of a seed whose page was not seen: nothing to write."""
    return Result(
        Record(
            path=path,
            url=url,
            outcome=trouble.outcome,
            reason=trouble.reason,
            detail=trouble.detail,
            mend=trouble.mend,
            **(_traces(fetched) if fetched else {}),
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


def _results(fetched: Fetched, stored: Mapping[str, Seed], manner: Manner) -> list[Result]:
    if trouble := _unreadable(fetched):
        return [troubled(path, seed.url, trouble, fetched) for path, seed in stored.items()]
    text = _decode(fetched)
    shown = text if fetched.kind in _HTML else f"<html><body><pre>{escape(text)}</pre></body></html>"
    parsed = page.parse(shown, fetched.final_url)
    answer = Answer(fetched.status, fetched.url, fetched.final_url, fetched.headers, html=shown, size=len(fetched.body))
    results = []
    for path, seed in stored.items():
        trouble = _refused(answer, parsed, seed, manner)
        results.append(
            troubled(path, seed.url, trouble, fetched) if trouble else _renewed(path, seed, text, fetched, manner)
        )
    return results


def _sharing(result: Result, paths: Iterable[str]) -> Result:
    others = tuple(path for path in paths if path != result.record.path)
    return replace(result, record=replace(result.record, shares_page_with=others)) if others else result


def _traces(fetched: Fetched) -> dict[str, Any]:
    return {
        "status": fetched.status,
        "final_url": fetched.final_url,
        "redirected_to": fetched.redirected_to,
        "seconds": fetched.seconds,
    }


def _unreadable(fetched: Fetched) -> Trouble | None:
    if fetched.kind in _HTML | _TEXT and fetched.body.strip():
        return None
    if trouble := failures.of_status(fetched.status):
        return trouble
    return failures.not_text(fetched.kind) if fetched.body.strip() else failures.EMPTY


def _refused(answer: Answer, parsed: Page, seed: Seed, manner: Manner) -> Trouble | None:
    """Why the answer is not the seed's page; None where it is."""
    by_status = failures.of_status(answer.status)
    verdict = judge(answer, parsed, seed.body, manner.accept)
    if verdict.outcome is None or (by_status and verdict.reason != Reason.CHALLENGE):
        return by_status
    return failures.of_verdict(verdict)


def _decode(fetched: Fetched) -> str:
    # UTF-8 is tried before the encoding that browsers fall back to: a page that is valid UTF-8 is UTF-8.
    header = fetched.headers.get("content-type")
    return html_to_unicode(header, fetched.body, default_encoding="cp1252", auto_detect_fun=_if_utf8)[1]


def _if_utf8(body: bytes) -> str | None:
    try:
        body.decode()
    except UnicodeDecodeError:
        return None
    return "utf-8"


def _renewed(path: str, seed: Seed, text: str, fetched: Fetched, manner: Manner) -> Result:
    """The result of a seed whose page was seen."""
    refreshed = _refreshed(seed, text, fetched)
    if not refreshed.body.strip():
        return troubled(path, seed.url, failures.EMPTY, fetched)
    try:
        new = _file(seed, refreshed.body, fetched, manner)
    except seeds.SeedError as error:
        return troubled(path, seed.url, failures.of_seed_error(error), fetched)
    return Result(_record(path, seed, refreshed, fetched), seed.text, new)


def _refreshed(seed: Seed, text: str, fetched: Fetched) -> Refreshed:
    """The stored body brought up to the page, in the line endings of the file."""
    renew = refresh if fetched.kind in _HTML else refresh_text
    if not 0 < seed.text.count("\r\n") == seed.text.count("\n"):
        return renew(text, url=fetched.final_url, stored=seed.body)
    refreshed = renew(text, url=fetched.final_url, stored=seed.body.replace("\r\n", "\n"))
    return replace(refreshed, body=refreshed.body.replace("\n", "\r\n"))


def _file(seed: Seed, body: str, fetched: Fetched, manner: Manner) -> str:
    if body == seed.body and not manner.stamp_verified:
        return seed.text
    return seeds.render(seeds.stamp(seed, fetched.when), body)


def _record(path: str, seed: Seed, refreshed: Refreshed, fetched: Fetched) -> Record:
    return Record(
        path=path,
        url=seed.url,
        outcome=_outcome(seed.body, refreshed.body, fetched),
        title=refreshed.title,
        words_added=refreshed.words_added,
        words_removed=refreshed.words_removed,
        held=refreshed.held,
        **_traces(fetched),
    )


def _outcome(before: str, after: str, fetched: Fetched) -> Outcome:
    # A page that moved and changed is `changed`: what became of its content matters more, and the record names the
    # new address all the same.
    if before == after:
        return Outcome.MOVED if fetched.redirected_to else Outcome.UNCHANGED
    return Outcome.CHANGED if before.strip() else Outcome.FILLED
