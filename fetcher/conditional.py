"""Conditional requests: a page is only sent again where it changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from fetcher import validators
from fetcher.arguments import UsageError
from fetcher.memory import Memory

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler


class ConditionalMiddleware:
    """Asks for a page only if it changed, where its memory allows that, and notes so as `conditional` in the meta data.

    A request that has its page's `memory` has the `fingerprint` of the page's seeds too. Each hop of a chain of
    redirects comes by here and is decided anew.
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
        memory, fingerprint = request.meta.get("memory"), request.meta.get("fingerprint", b"")
        if isinstance(memory, Memory):
            now = datetime.now(UTC)
            headers = validators.conditions(
                memory, url=request.url, fingerprint=fingerprint, now=now, recheck=self._recheck
            )
            request.headers.update({name: value.encode("latin-1") for name, value in headers.items()})
            request.meta["conditional"] = bool(headers)


def _days(value: object) -> timedelta:
    try:
        return timedelta(days=float(str(value)))
    except (ValueError, OverflowError) as error:
        raise UsageError(f"REFRESH_RECHECK_DAYS={value} is no number of days") from error
