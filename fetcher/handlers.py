"""The download handler: refuses requests to hosts that were given up, and limits the size of answers' headers."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler, TunnelError
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
    """Sends a request unless its host was given up while it waited in the queue.

    The download is cancelled if the run is stopped, and given up if the answer's header is endless.
    """

    LONGEST_HEADER = 256 * 1024
    """Maximum bytes before the body of an answer; real headers have a few hundred."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        connecting: Any = self._pool._factory

        def bounded(*arguments: Any) -> Any:
            factory = connecting(*arguments)
            connected = factory.buildProtocol
            factory.buildProtocol = lambda address: _HeaderLimit(self.LONGEST_HEADER).put_on(connected(address))
            return factory

        self._pool._factory = bounded  # type: ignore[assignment]  # where Scrapy puts its own

    async def download_request(self, request: Request) -> Response:
        if retry := self.crawler.get_downloader_middleware(RetryMiddleware):
            retry.before_sending(request)
        if part := request.meta.get("subrequest"):
            if part.is_over:
                raise RefusedError(failures.STOPPED)
            part.is_sent = True  # its wait for the host's turn is over
        stop = self.crawler.get_extension(Stop)
        with until_stopped(stop.downloads) if stop else nullcontext(), _proxy_errors(request.meta.get("proxy")):
            return await super().download_request(request)


class _HeaderLimit:
    """Aborts a connection when the header of an answer exceeds `most` bytes or has an overlong line.

    Twisted limits the length of lines but not their number, and its error does not name the cause.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._came = 0
        self._is_open = False  # True from a request to the end of its answer's header
        self._is_broken = False

    def put_on(self, connection: Any) -> Any:
        """Wraps the methods of an HTTP connection that send requests and receive data."""
        self._connection = connection
        self._receive, self._ask = connection.dataReceived, connection.request
        connection.dataReceived, connection.request = self._received, self._asked
        return connection

    def _received(self, data: bytes) -> None:
        self._receive(data)
        if not self._is_open:
            return
        self._came += len(data)
        # The parser itself disconnects at an overlong line.
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
def _proxy_errors(proxy: str | None) -> Iterator[None]:
    """Raises ProxyError for a connection failure if there is a proxy: then that, not the server, cannot be reached."""
    try:
        yield
    except TunnelError as error:
        raise ProxyError(str(error)) from error
    except (DownloadConnectionRefusedError, CannotResolveHostError) as error:
        if proxy:
            raise ProxyError(str(error)) from error
        raise
