"""Tells an address what a run came to: JSON in a POST, with a text that chats show as it is."""

from __future__ import annotations

import json
import logging
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from fetcher import __version__
from fetcher.report.harmless import printable
from fetcher.terms.arguments import UsageError
from fetcher.terms.outcomes import Outcome

if TYPE_CHECKING:
    from fetcher.report.summary import Summary

logger = logging.getLogger(__name__)

TIMEOUT = 10.0
"""Seconds for all of it: looking up the host, connecting, sending, the answer."""

_LONGEST = 3_000
"""Characters of the text: chats cut or refuse longer ones."""


class _NoRedirect(HTTPRedirectHandler):
    """What redirects is no webhook: following it would send a GET without the message, to who knows whom."""

    def redirect_request(self, *_: Any) -> None:
        """Follow none."""


def checked(address: str) -> str:
    """The address, which may be empty; UsageError where nothing can be posted to it.

    >>> checked("https://hooks.example/a")
    'https://hooks.example/a'
    """
    if address and not _is_usable(address):
        raise UsageError("REPORT_WEBHOOK is no http or https address")  # which may hold a secret
    return address


def tell(address: str, summary: Summary | None, status: int) -> None:
    """Posts what a run came to, if there is an address for that; what goes wrong is a line in the log.

    A dry run is told of as well: whoever gave it an address wants to hear what it would do. Where a run announces only
    some changes (`-a only`), one that has none of these, and needs nobody, is not told of.
    """
    if address and summary and (summary.is_news or status) and (trouble := post(address, message(summary, status))):
        logger.warning(trouble)


def message(summary: Summary, status: int) -> dict[str, Any]:
    """What is posted: `text` in words, in which nothing is a mention or a link for Slack, and the facts.

    `counts`, `found`, `notes` and `attention` are as in `report.json`, `status` is the run's exit status. `classes`
    counts the changed seeds that are announced by what their changes are about, and `changed` has the first of them.
    """
    said = [f"Refresh of {summary.seeds}: {summary.course}", *summary.notes]
    said += [sentence for sentence in summary.attention if sentence not in summary.notes]
    said += [f"{', '.join(one.classes)}: {one.path}: {one.summary}" for one in summary.news]
    return {
        "text": _for_chats("\n".join(printable(sentence) for sentence in said)),
        "status": status,
        "found": summary.found,
        "counts": {outcome.value: summary.counts[outcome] for outcome in Outcome},
        "notes": list(summary.notes),
        "attention": list(summary.attention),
        "classes": dict(summary.classes),
        "changed": [one._asdict() | {"classes": list(one.classes)} for one in summary.news],
    }


def post(address: str, content: dict[str, Any], timeout: float = TIMEOUT) -> str:
    """Posts the content as JSON; a sentence on what went wrong, empty where nothing did. Never raises.

    Of the address only the host is named: the rest of it is often a secret.
    """
    said: list[str] = []
    # A socket's timeout bounds each wait, not all of them together, and a name server has none. What is still under
    # way after the time ends with the process.
    thread = Thread(target=lambda: said.append(_posted(address, content, timeout)), daemon=True)
    thread.start()
    thread.join(timeout)
    trouble = said[0] if said else _late(timeout)
    return f"REPORT_WEBHOOK at {urlsplit(address).hostname} was not told of the run: {trouble}." if trouble else ""


def _posted(address: str, content: dict[str, Any], timeout: float) -> str:
    headers = {"Content-Type": "application/json", "User-Agent": f"fetcher/{__version__}"}
    request = Request(address, json.dumps(content).encode(), headers, method="POST")  # noqa: S310  # see `fault`
    try:
        with build_opener(_NoRedirect).open(request, timeout=timeout):
            return ""
    except HTTPError as error:
        return f"it answered HTTP {error.code}"
    except Exception as error:  # as manifold as what servers answer
        reason = error.reason if isinstance(error, URLError) else error
        return _late(timeout) if isinstance(reason, TimeoutError) else printable(str(reason)) or type(error).__name__


def _late(timeout: float) -> str:
    return f"it took longer than {timeout:g} s"


def _is_plain(address: str) -> bool:
    return address.isascii() and address.isprintable() and " " not in address


def _is_usable(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and _is_plain(address)
    except ValueError:  # brackets that are no IPv6 address, a port that is no number
        return False


def _for_chats(text: str) -> str:
    """The text with the three signs escaped that are markup for Slack."""
    short = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    return short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
