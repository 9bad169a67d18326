"""Lists every failure that a run reports, with a reason code, a sentence for people, and what they can do about it.

Failures while a fetched page is read (browser, documents, worker processes) are in `reading_failures`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fetcher.terms.addresses import masked
from fetcher.terms.outcomes import Outcome, Reason

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a visit brought no page. The fields mean the same as in `Record`."""

    outcome: Outcome
    reason: str
    detail: str
    mend: str = ""
    since: datetime | None = None


class SeedError(ValueError):
    """A file that is meant to be a seed but cannot be used as one.

    `reason` is a short stable code, `detail` the same in one sentence, `mend` what a person can do. The path is not
    part of it: the caller knows that.
    """

    def __init__(self, reason: str, detail: str, mend: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.mend = mend


class PublishError(RuntimeError):
    """Nothing (more) can be published; the message says why and what a person can do."""

    def __init__(self, detail: str, mend: str) -> None:
        super().__init__(f"{detail} {mend}")


LATER = "Nothing, if the next run succeeds."

DNS = Trouble(Outcome.FAILED, "dns", "The host name has no address.", "Check the host in source_url.")
REFUSED = Trouble(Outcome.FAILED, "refused", "The server refused the connection.", "Check the port in source_url.")
TIMEOUT = Trouble(Outcome.FAILED, "timeout", "The answer took longer than DOWNLOAD_TIMEOUT.", LATER)
CUT = Trouble(Outcome.FAILED, "cut", "The connection broke before the answer was complete.", LATER)
NO_NAME = Trouble(Outcome.FAILED, "dns", "The host name is not valid.", "Check the host in source_url.")
PROXY = Trouble(
    Outcome.FAILED,
    "proxy",
    "The proxy cannot be reached, or reaches no server.",
    "Check http_proxy and https_proxy in the environment, and `proxy` in REFRESH_SITES.",
)
HEADER = Trouble(
    Outcome.FAILED, "header", "The header of the answer is longer than that of any page.", "Tell the site's owner."
)
NOT_HTTP = Trouble(
    Outcome.FAILED, "not-http", "What answers at this port of the server is not HTTP.", "Check the port in source_url."
)
NOT_TLS = Trouble(
    Outcome.FAILED,
    "not-tls",
    "What answers at this port of the server is not https.",
    "Check source_url for http: and the port.",
)
CREDENTIALS = Trouble(
    Outcome.FAILED,
    "credentials",
    "The page redirects to an address with a user name or a password, which is not followed.",
    "Remove them from source_url, and put them into ~/.netrc.",
)
TLS = Trouble(Outcome.FAILED, "tls", "The server's certificate is not valid for the address.", "Tell the site's owner.")
OVERSIZED = Trouble(Outcome.FAILED, "oversized", "The answer exceeds DOWNLOAD_MAXSIZE.", "Raise DOWNLOAD_MAXSIZE.")
BOMB = Trouble(Outcome.FAILED, "oversized", "The answer unpacked exceeds DOWNLOAD_MAXSIZE.", "Raise DOWNLOAD_MAXSIZE.")
LOOP = Trouble(Outcome.FAILED, "loop", "The redirects do not end.", "Open source_url in a browser.")
PRIVATE = Trouble(
    Outcome.FAILED,
    "private",
    "A public address redirects to a private one, which is not followed.",
    "Put the private address into source_url if it is meant.",
)
PRIVATE_PART = Trouble(
    Outcome.FAILED,
    "private",
    "The scripts of a public page lead to a private address, which is not followed.",
    PRIVATE.mend,
)
EMPTY = Trouble(Outcome.BROKEN, "empty", "The page holds no content.", "Open the page in a browser.")
OVERGROWN = Trouble(
    Outcome.BROKEN, "overgrown", "The page has more elements than any real one.", "Open the page in a browser."
)
SOFT_404 = Trouble(
    Outcome.BROKEN,
    Reason.NOT_FOUND,
    "The site answers with the same page at an address that cannot exist.",
    f"Open the page in a browser; if it is as it should be, run with -a accept={Reason.NOT_FOUND}.",
)
STALE = Trouble(
    Outcome.FAILED,
    "stale-copy",
    "The worker's copy of the file differs from the coordinator's.",
    "Bring the workers' copy of the seeds up to date, and run again.",
)
EDITED = Trouble(Outcome.FAILED, "edited", "The file was edited while its page was being fetched.", "Run again.")
TAKEN_AWAY = Trouble(
    Outcome.FAILED, "edited", "The file was removed or renamed while its page was being fetched.", EDITED.mend
)
ROBOTS = Trouble(Outcome.BLOCKED, "robots", "The site's robots.txt does not allow this page.", "Ask the site's owner.")
LOST = Trouble(Outcome.FAILED, "lost", "The run lost this seed, which is an error of this program.", "Report it.")
STOPPED = Trouble(Outcome.SKIPPED, "stopped", "The run was stopped before this page's turn.", "Run again.")
LEFT_ALONE = Trouble(
    Outcome.FAILED, "left-alone", "The host kept failing and was left alone for the rest of the run.", LATER
)
BROWSER_COMMAND = "pip install -r fetcher/browser/requirements.txt && apt-get install chromium"
"""Installs the browser."""
BROWSER_GUIDE = "fetcher/guide/browser.md"
SITES_GUIDE = "fetcher/guide/sites.md"
NOT_ASKED = frozenset({"wait", LEFT_ALONE.reason})
"""Reasons of seeds whose page was not requested because its host had to be left alone."""

_OF_ANSWERS = frozenset({"compression", "credentials", "cut", "header", "oversized", "private", "redirect", "timeout"})
_BLOCKING = frozenset({401, 402, 403, 429, 451})
_BLOCK_MEND = "Open the page in a browser; ask the site's owner for access."


def of_status(status: int) -> Trouble | None:
    """The failure that a final HTTP status means; None if the answer may be the page.

    404 and 410 are `failed`, not `gone`: one answer does not prove that a page is gone for good.
    """
    if status in (200, 203):
        return None
    if status in _BLOCKING:
        return Trouble(Outcome.BLOCKED, f"http-{status}", f"The server denies access (HTTP {status}).", _BLOCK_MEND)
    if status in (404, 410):
        detail = f"The server says that the page is not there (HTTP {status})."
        return Trouble(Outcome.FAILED, f"http-{status}", detail, "Look for the page's new address.")
    if 300 <= status < 400:
        detail = f"The server redirects without an address that can be followed (HTTP {status})."
        return Trouble(Outcome.FAILED, f"http-{status}", detail, LOOP.mend)
    if status >= 500:
        return Trouble(Outcome.FAILED, f"http-{status}", f"The server has an error (HTTP {status}).", LATER)
    return Trouble(Outcome.FAILED, f"http-{status}", f"The answer is not a page (HTTP {status}).", LOOP.mend)


def gone(status: int, since: datetime) -> Trouble:
    """The page has been missing since `since`, and this is confirmed."""
    detail = f"The server has said since {since:%Y-%m-%d} that the page is not there (HTTP {status})."
    mend = "Look for the page's new address, or remove the seed yourself: no run does."
    return Trouble(Outcome.GONE, f"http-{status}", detail, mend, since)


def moved(address: str, since: datetime, *, followed: bool) -> Trouble:
    """The page has a new address for good; `followed` tells whether the run writes it into the seed."""
    detail = f"The page has moved for good to {address} (seen since {since:%Y-%m-%d})."
    to_do = "Run with -a follow_moves=true to write the new address."
    mend = "Nothing: its source_url gets the new address." if followed else to_do
    return Trouble(Outcome.MOVED, "", detail, mend, since)


def breaker_tripped(why: str) -> Trouble:
    """The seed was not written because the circuit breaker had stopped writing, for the reason `why`."""
    mend = "Open some of the pages; if they are as they should be, run with -s REFRESH_BRAKE_SHARE=1."
    return Trouble(Outcome.SKIPPED, "brake", f"Not written, because {why}.", mend)


def of_robots_status(status: int) -> Trouble:
    """robots.txt answered with a server error, so nothing may be fetched (RFC 9309, 2.3.1.4)."""
    detail = f"The site's robots.txt has an error (HTTP {status}), so nothing may be fetched for now."
    return Trouble(Outcome.BLOCKED, "robots", detail, LATER)


def of_robots(trouble: Trouble) -> Trouble:
    """The failure to fetch robots.txt as a failure of the page; says so if the host could be reached at all."""
    if trouble.reason not in _OF_ANSWERS:
        return trouble
    detail = f"The site's robots.txt cannot be fetched, so nothing may be fetched for now. {trouble.detail}"
    return replace(trouble, detail=detail)


def handshake(why: str) -> Trouble:
    """The TLS handshake failed."""
    detail = f"The server and this program agree on no encryption: {why or 'the server ends the attempt'}."
    return Trouble(Outcome.FAILED, "tls-handshake", detail, "Tell the site's owner.")


def bad_redirect(fault: str) -> Trouble:
    """The page redirects to a URL with a `fault`."""
    detail = f"The page redirects to something that is not the address of a page: {fault}."
    return Trouble(Outcome.FAILED, "redirect", detail, LOOP.mend)


def not_unpackable(coding: str) -> Trouble:
    """The answer cannot be decompressed."""
    detail = f"The answer is incomplete or mislabelled: it cannot be unpacked as {coding!r}."
    return Trouble(Outcome.FAILED, "compression", detail, f"{LATER} Else tell the site's owner.")


def too_long_a_wait(seconds: float, bound: float) -> Trouble:
    """The host asks for a longer pause than a run waits for."""
    detail = f"The host asks to wait {seconds:.0f} s, longer than REFRESH_MAX_WAIT ({bound:.0f} s)."
    return Trouble(Outcome.BLOCKED, "wait", detail, "Run again later, or raise REFRESH_MAX_WAIT.")


def of_verdict(outcome: Outcome, reason: str, evidence: str) -> Trouble:
    """The answer was judged not to be the page."""
    detail = f"The answer is not the page ({reason}): {evidence}."
    mend = f"Open the page in a browser; if it is as it should be, run with -a accept={reason}."
    if reason == Reason.LOGIN:
        mend = f"Name cookies or a password for the site in REFRESH_SITES ({SITES_GUIDE}). If it has none: {mend}"
    if reason == Reason.SHELL:
        mend = f"Have a browser render it: `render: auto` in REFRESH_SITES, and {BROWSER_COMMAND} ({BROWSER_GUIDE})."
    return Trouble(outcome, reason, detail, _BLOCK_MEND if outcome is Outcome.BLOCKED else mend)


def unselected(why: str) -> Trouble:
    """The user's `select` and `remove` rules leave nothing of the page."""
    mend = "Look at the page, and correct select and remove in REFRESH_SITES; `scrapy preview` tries others."
    return Trouble(Outcome.BROKEN, "unselected", f"The rules do not fit the page: {why}.", mend)


def logged_out(trouble: Trouble, by: str) -> Trouble:
    """The page asks for a login although the cookies or the `auth` of a rule were sent."""
    mend = {
        "cookies": "Log in with a browser, and export its cookies again to the file that REFRESH_SITES names.",
        "auth": "Check whether the name and password, or the token, that REFRESH_SITES names are still valid.",
    }
    return replace(trouble, outcome=Outcome.BLOCKED, mend=mend[by])


def not_text(kind: str) -> Trouble:
    """The media type of the answer is not that of a page or a document."""
    mend = "Point source_url at a page of HTML, Markdown or plain text, or at a PDF, Word or OpenDocument file."
    return Trouble(Outcome.FAILED, "not-text", f"The answer is not a page, but {kind}.", mend)


def of_seed_error(error: SeedError) -> Trouble:
    """The failure of a file that cannot be used as a seed."""
    return Trouble(Outcome.FAILED, error.reason, error.detail, error.mend)


def of_shard(reason: object) -> Trouble:
    """The seed's shard failed on every worker that tried it."""
    return Trouble(Outcome.FAILED, "shard", f"Its shard could not be done: {reason}.", "Run again.")


def of_crash(error: BaseException | None) -> Trouble:
    """Our own code, or a library below it, raised an unexpected error."""
    detail = f"An error of this program: {masked(f'{type(error).__name__}: {error}')}"
    return Trouble(Outcome.FAILED, "crash", detail, "Report it with the traceback from the log.")
