"""The last step before the network."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler

from fetcher.middlewares import RetryMiddleware, until_stopped
from fetcher.stopping import Stop

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response


class HttpHandler(HTTP11DownloadHandler):
    """Sends a request unless its host is left alone by now: it may have waited in the host's queue for long.

    A run that is told to end does not wait for the answer.
    """

    async def download_request(self, request: Request) -> Response:
        if retry := self.crawler.get_downloader_middleware(RetryMiddleware):
            retry.sends(request)
        stop = self.crawler.get_extension(Stop)
        with until_stopped(stop.downloads) if stop else nullcontext():
            return await super().download_request(request)
