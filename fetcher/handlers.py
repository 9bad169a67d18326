"""Sends requests, unless their host has been given up while they waited in its queue."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError

from fetcher.middlewares import ProxyError, RefusedError, RetryMiddleware, until_stopped
from fetcher.stopping import Stop
from fetcher.terms import failures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class HttpHandler(HTTP11DownloadHandler):
    """Sends a request unless its host is left alone by now: it may have waited in the host's queue for long.

    A run that is told to end does not wait for the answer, and an answer whose header has no end is not taken.
    """

    LONGEST_HEADER = 256 * 1024
    """Bytes of all that precedes the body of an answer; real ones have a few hundred."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        connecting: Any = self._pool._factory

        def bounded(*arguments: Any) -> Any:
            factory = connecting(*arguments)
            connected = factory.buildProtocol
            factory.buildProtocol = lambda address: _Bound(self.LONGEST_HEADER).put_on(connected(address))
            return factory

        self._pool._factory = bounded  # type: ignore[assignment]  # where Scrapy puts its own

    async def download_request(self, request: Request) -> Response:
        if retry := self.crawler.get_downloader_middleware(RetryMiddleware):
            retry.sends(request)
        if part := request.meta.get("part_of"):
            if part.is_over:
                raise RefusedError(failures.STOPPED)
            part.is_sent = True  # it has waited for the host's turn until now
        stop = self.crawler.get_extension(Stop)
        with until_stopped(stop.downloads) if stop else nullcontext(), _through(request.meta.get("proxy")):
            return await super().download_request(request)


class _Bound:
    """Gives a connection up when the header of an answer has more than `most` bytes, or one line of it too many.

    Twisted bounds the lines but not their number, and says of neither why there was no answer.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._came = 0
        self._is_open = False  # between a request and the end of its answer's header
        self._is_broken = False

    def put_on(self, connection: Any) -> Any:
        """The connection of HTTP, its two ends taken hold of."""
        self._connection = connection
        self._receive, self._ask = connection.dataReceived, connection.request
        connection.dataReceived, connection.request = self._received, self._asked
        return connection

    def _received(self, data: bytes) -> None:
        self._receive(data)
        if not self._is_open:
            return
        self._came += len(data)
        # At a line that is too long, the parser ends the connection by itself.
        if self._came > self._most or self._connection.transport.disconnecting:
            self._is_broken = True
            self._connection.abort()

    def _asked(self, request: Any) -> Any:
        self._came, self._is_open = 0, True
        return self._ask(request).addCallbacks(self._answered, self._failed)

    def _answered(self, answer: Any) -> Any:
        self._is_open = False
        return answer

    def _failed(self, failure: Any) -> Any:
        self._is_open = False
        if self._is_broken:
            raise RefusedError(failures.HEADER) from failure.value
        return failure


@contextmanager
def _through(proxy: str | None) -> Iterator[None]:
    """Tells a proxy that cannot be reached from a server that cannot."""
    try:
        yield
    except (DownloadConnectionRefusedError, CannotResolveHostError) as error:
        if proxy:
            raise ProxyError(str(error)) from error
        raise
