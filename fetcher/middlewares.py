"""Downloader middlewares: contact address, retries and waits, decompression; and download errors as troubles."""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from time import monotonic
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from OpenSSL.SSL import Error as TlsError
from scrapy import Request, signals
from scrapy.downloadermiddlewares.retry import RetryMiddleware as ScrapyRetryMiddleware
from scrapy.downloadermiddlewares.useragent import UserAgentMiddleware
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotConfigured,
    ResponseDataLossError,
)
from service_identity import VerificationError

from fetcher.run.hosts import QUOTAS, Hosts, rate_limit, retry_after
from fetcher.terms import failures
from fetcher.terms.arguments import UsageError
from fetcher.visits.decompression import PackedError, TooLargeError, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from fetcher.terms.failures import Trouble

logger = logging.getLogger(__name__)


class RefusedError(IgnoreRequest):
    """A request that is not sent, or an answer that is rejected, with the trouble for the report."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.detail)
        self.trouble = trouble


@contextmanager
def until_stopped(tasks: set[asyncio.Task[Any]]) -> Iterator[None]:
    """Adds the current task to `tasks` during the block; if it is cancelled there, raises RefusedError."""
    task = asyncio.current_task()
    assert task is not None  # Scrapy runs coroutines in tasks
    tasks.add(task)
    try:
        yield
    except asyncio.CancelledError as error:
        raise RefusedError(failures.STOPPED) from error
    finally:
        tasks.discard(task)


class ProxyError(DownloadConnectionRefusedError):
    """The proxy that a request goes through cannot be reached, or refuses to go on to the server."""


# OpenSSL's errors for an answer that is not TLS, but plain HTTP, say.
_NO_TLS = frozenset({"wrong version number", "packet length too long", "http request", "record layer failure"})
_TROUBLES = (
    (ProxyError, failures.PROXY),
    (CannotResolveHostError, failures.DNS),
    (DownloadConnectionRefusedError, failures.REFUSED),
    (DownloadTimeoutError, failures.TIMEOUT),
    (DownloadCancelledError, failures.OVERSIZED),  # nothing else cancels a download here
    ((DownloadFailedError, ResponseDataLossError, OSError), failures.CUT),
    (UnicodeError, failures.NO_NAME),  # only host names are encoded here
)


def trouble_of(error: BaseException | None) -> Trouble:
    """The trouble that an exception of the download stands for."""
    if isinstance(error, RefusedError):
        return error.trouble
    if trouble := _tls_trouble(error):
        return trouble
    if any(type(reason.value).__name__ == "ParseError" for reason in _reasons(error)):  # its module is private
        return failures.NOT_HTTP
    if trouble := next((trouble for kind, trouble in _TROUBLES if isinstance(error, kind)), None):
        return trouble
    logger.error("A download failed in a way that nobody knows.", exc_info=error)
    return failures.of_crash(error)


def _tls_trouble(error: BaseException | None) -> Trouble | None:
    for reason in _reasons(error):
        if isinstance(reason.value, VerificationError):
            return failures.TLS
        if isinstance(reason.value, TlsError):
            said = [text for _, _, text in reason.value.args[0]] if reason.value.args else []
            if "certificate verify failed" in said:
                return failures.TLS
            return failures.NOT_TLS if _NO_TLS.intersection(said) else failures.handshake(", ".join(said))
    return None


def _reasons(error: BaseException | None) -> list[Failure]:
    """The errors of the HTTP parser, OpenSSL and service_identity that Twisted wraps."""
    return list(getattr(error and error.__cause__, "reasons", []))


class ContactMiddleware(UserAgentMiddleware):
    """Sets the User-Agent header to the project's name and the contact address."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        agent, contact = crawler.settings["USER_AGENT"], crawler.settings["REFRESH_CONTACT"]
        if not contact:
            logger.warning("REFRESH_CONTACT is not set: give a site's owner an address to write to (mail or URL).")
        return cls(f"{agent} (+{contact})" if contact else agent)


class RetryMiddleware(ScrapyRetryMiddleware):
    """Retries with the delay that the host asks for, and gives up hosts that keep failing.

    If a host names a delay (with a 429 or 503, or a used-up quota), all requests to it wait. For a 429 or 503 without
    one, the delay doubles at each attempt. If it exceeds `max_wait` seconds, the host is left for the next run.
    """

    FIRST_WAIT = 5.0  # seconds after the first 429 or 503 without a delay
    PATIENCE = 5  # failures in a row after which a host is given up

    def __init__(self, crawler: Crawler, max_wait: float) -> None:
        super().__init__(crawler.settings)
        self.crawler = crawler
        self._max_wait = max_wait
        self._hosts = Hosts(self.PATIENCE)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler, max_wait(crawler))
        # The signal comes before the downloader sends the host's next request; `process_response` may come after it.
        crawler.signals.connect(middleware.response_downloaded, signals.response_downloaded)
        return middleware

    def refuse(self, request: Request) -> None:
        """Raises RefusedError if the request's host was given up."""
        if trouble := self._hosts.closed(host_of(request)):
            raise RefusedError(trouble)

    def allow_one(self, host: str, trouble: Trouble) -> None:
        """Allows one more request for a page of the host, and refuses all after it."""
        self._hosts.close_after_one(host, trouble)

    def before_sending(self, request: Request) -> None:
        """Checks a request right before it is sent; raises RefusedError if its host was given up."""
        self.refuse(request)
        if not request.meta.get("dont_obey_robotstxt") and self._hosts.is_last_request(host_of(request)):
            self._give_up_queue(request)

    def process_request(self, request: Request) -> None:
        self.refuse(request)

    def response_downloaded(self, request: Request, response: Response) -> None:
        wait = self._wait(request, response)
        if wait > self._max_wait:
            self._hosts.close(host_of(request), failures.too_long_a_wait(wait, self._max_wait))
            self._give_up_queue(request)
        else:
            self._delay_host(request, wait)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        if response.status in (429, 503):
            self.refuse(request)
        result = super().process_response(request, response)
        # A server error may be the page's own fault: it counts as a failure of the host only after all retries.
        if response.status < 500:
            self._hosts.answered(host_of(request))
        elif result is response:
            self._hosts.failed(host_of(request))
        return result

    def process_exception(self, request: Request, exception: Exception) -> Request | Response | None:
        if isinstance(exception, IgnoreRequest):
            return None
        self._hosts.failed(host_of(request))
        return super().process_exception(request, exception)

    def _give_up_queue(self, request: Request) -> None:
        """Refuses all queued requests to the host of this one, if it was given up."""
        trouble = self._hosts.closed(host_of(request))
        slot = self.crawler.engine.downloader.slots.get(host_of(request))
        if slot is not None and trouble:
            give_up_queue(slot, trouble)

    def _wait(self, request: Request, response: Response) -> float:
        is_refused = response.status in (429, 503)
        if not is_refused and not any(name in response.headers for name in QUOTAS):
            return 0.0
        headers, now = headers_of(response), datetime.now(UTC)
        if not is_refused:
            # The quota is used up, but no request was refused yet: wait for its reset, within the limit.
            return min(rate_limit(headers, now) or 0.0, self._max_wait)
        named = retry_after(headers, now)
        if named is None:
            named = rate_limit(headers, now)
        if named is None:
            attempts: int = request.meta.get("retry_times", 0)
            return min(self.FIRST_WAIT * 2.0**attempts, self._max_wait)
        return named

    def _delay_host(self, request: Request, seconds: float) -> None:
        slot = self.crawler.engine.downloader.slots.get(host_of(request)) if seconds > 0 else None
        if slot is None:
            return
        # The downloader sends the next request of a slot `delay` seconds after `lastseen`, if there is any delay.
        slot.delay = slot.delay or 0.01
        slot.lastseen = max(slot.lastseen, monotonic() + seconds)


class CompressionMiddleware:
    """Decompresses answers up to DOWNLOAD_MAXSIZE, except those that need not be read (`ConditionalMiddleware`)."""

    ACCEPTED = "gzip, deflate, br, zstd"

    def __init__(self, most: int) -> None:
        self._most = most

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings.getbool("COMPRESSION_ENABLED"):
            raise NotConfigured
        return cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    def process_request(self, request: Request) -> None:
        request.headers.setdefault("Accept-Encoding", self.ACCEPTED)

    def process_response(self, request: Request, response: Response) -> Response:
        codings = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1")
        if request.meta.get("why_unread") or not codings:
            return response
        try:
            body = unpacked(response.body, codings.split(","), self._most)
        except TooLargeError as error:
            raise RefusedError(failures.BOMB) from error
        except PackedError as error:
            raise RefusedError(failures.not_unpackable(error.coding)) from error
        del response.headers["Content-Encoding"]
        return response.replace(body=body)


def headers_of(response: Response) -> dict[str, str]:
    """The headers with lower-case names; the first one if a name is repeated."""
    return {
        name.decode("latin-1").lower(): values[0].decode("latin-1")
        for name, values in response.headers.items()
        if values
    }


def give_up_queue(slot: Slot, trouble: Trouble) -> None:
    """Refuses all requests in the queue of a host."""
    while slot.queue:
        _, answer = slot.queue.popleft()
        answer.errback(RefusedError(trouble))


def max_wait(crawler: Crawler) -> float:
    """The setting REFRESH_MAX_WAIT, in seconds."""
    value = crawler.settings["REFRESH_MAX_WAIT"]
    try:
        return float(value)
    except ValueError as error:
        raise UsageError(f"REFRESH_MAX_WAIT={value} is no number of seconds") from error


def host_of(request: Request) -> str:
    """The host of a request, which is Scrapy's name for its download slot."""
    return _host(request.url)


@lru_cache(maxsize=1024)  # as many as may be under way: each is asked for eight times
def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
