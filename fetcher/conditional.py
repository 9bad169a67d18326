"""Makes requests conditional (ETag, Last-Modified), and recognises answers with the same bytes as last time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from fetcher.memory import fingerprint
from fetcher.terms.arguments import UsageError
from fetcher.visits import recall
from fetcher.visits.recall import Known

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class ConditionalMiddleware:
    """Adds the headers of a conditional request where the memory of the page allows it, and checks the answer.

    A request for a page has its memory in `meta["known"]`. This sets `conditional` (whether the request was), `digest`
    (of the answer) and `why_unread` (why the answer need not be read; empty otherwise). Each hop of a redirect chain is
    decided by itself, and answers are seen before they are decompressed.
    """

    HEADERS = ("If-None-Match", "If-Modified-Since")

    def __init__(self, recheck: timedelta) -> None:
        self._recheck = recheck

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(_days(crawler.settings["REFRESH_RECHECK_DAYS"]))

    def process_request(self, request: Request) -> None:
        for name in self.HEADERS:
            request.headers.pop(name, None)
        known = request.meta.get("known")
        if isinstance(known, Known):
            headers = recall.conditions(known.memory, known.fingerprint, request.url, datetime.now(UTC), self._recheck)
            request.headers.update({name: value.encode("latin-1") for name, value in headers.items()})
            request.meta["conditional"] = bool(headers)

    def process_response(self, request: Request, response: Response) -> Response:
        digest = fingerprint.digest(response.body, b",".join(response.headers.getlist("Content-Encoding")))
        known, conditional = request.meta.get("known"), request.meta.get("conditional", False)
        request.meta["digest"] = digest
        request.meta["why_unread"] = (
            recall.why_unread(known, response.status, response.url, digest, conditional=conditional)
            if isinstance(known, Known)
            else ""
        )
        return response


def _days(value: object) -> timedelta:
    try:
        return timedelta(days=float(str(value)))
    except (ValueError, OverflowError) as error:
        raise UsageError(f"REFRESH_RECHECK_DAYS={value} is no number of days") from error
