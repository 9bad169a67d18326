"""Stops a run at the first signal, without waiting for slow servers, and still writes its report."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from threading import Timer
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call
from scrapy.utils.ossignal import install_shutdown_handlers

from fetcher.extensions import Run
from fetcher.middlewares import give_up_queue
from fetcher.spiders.refresh import RefreshSpider
from fetcher.terms import failures

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.crawler import Crawler


class Stop:
    """Cancels everything that a run waits for once it is stopped, so that only its report is left to write.

    A run is stopped by SIGTERM, SIGINT, SIGHUP (its terminal closes) or SIGQUIT. Scrapy alone would wait for all
    pending requests: a minute for a slow server, longer if a host asks for a delay. A second signal ends the process at
    once, which is safe because files are replaced atomically.
    """

    GRACE = 3.0  # seconds for pages that have arrived to be read and written
    LOOK = 0.2  # seconds between checks, as Scrapy has no signal for being stopped
    PATIENCE = 5.0  # seconds after which the process ends even if threads are still busy
    LAST = 4.0  # further seconds for the webhook

    def __init__(self, crawler: Crawler, spider: RefreshSpider) -> None:
        self._crawler = crawler
        self._spider = spider
        self._task = create_looping_call(self._look)
        self._told = 0.0  # when the run was stopped
        self.downloads: set[asyncio.Task[Any]] = set()
        """Tasks that wait for an answer."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not isinstance(crawler.spider, RefreshSpider):
            raise NotConfigured
        extension = cls(crawler, crawler.spider)
        crawler.signals.connect(extension.engine_started, signals.engine_started)
        crawler.signals.connect(extension.spider_closed, signals.spider_closed)
        return extension

    def engine_started(self) -> None:
        _handle_more(signal.getsignal(signal.SIGTERM))
        self._task.start(self.LOOK, now=False)

    def spider_closed(self) -> None:
        if self._task.running:
            self._task.stop()

    def _look(self) -> None:
        if self._crawler.crawling:
            return
        if not self._told:
            self._told = time.monotonic()
            self._enforce()
        self._give_up()  # repeatedly, because further requests may still reach the downloader

    def _enforce(self) -> None:
        if self._crawler.engine.running:  # Scrapy loses a signal that comes while the run starts
            self._ending = asyncio.ensure_future(self._crawler.engine.stop_async())
        install_shutdown_handlers(_end_at_once)
        _handle_more(_end_at_once)
        _daemon(self.PATIENCE, self._leave)

    def _give_up(self) -> None:
        for slot in self._crawler.engine.downloader.slots.values():
            give_up_queue(slot, failures.STOPPED)
        has_had_time = time.monotonic() - self._told > self.GRACE
        for task in self.downloads | (self._spider.visits if has_had_time else set()):
            task.cancel()

    def _leave(self) -> None:
        """Ends the process once the report is done, without waiting for threads that look up host names."""
        run = self._crawler.get_extension(Run)
        assert run is not None  # configured for the same spider
        while not run.ended:
            time.sleep(self.LOOK)
        _daemon(self.LAST, os._exit, run.status)
        run.tell()
        os._exit(run.status)


def _handle_more(handler: Any) -> None:
    """Installs the handler for SIGHUP and SIGQUIT, unless they are ignored, as under nohup."""
    for name in ("SIGHUP", "SIGQUIT"):
        signum = getattr(signal, name, None)  # Windows has neither
        if signum is not None and signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, handler)


def _daemon(seconds: float, function: Callable[..., object], *arguments: object) -> None:
    """Calls a function after some time, unless the process has ended by then."""
    timer = Timer(seconds, function, arguments)
    timer.daemon = True
    timer.start()


def _end_at_once(signum: int, _: object) -> None:
    os._exit(128 + signum)  # as a shell reports a process that a signal ended
