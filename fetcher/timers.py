"""Makes Twisted free the timers of finished requests, which saves memory in fast runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy import signals
from twisted.internet.task import LoopingCall

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class Timers:
    """Sets a short timer again and again, because Twisted frees cancelled timers only when some timer is due.

    Each request sets a timer of one minute (DOWNLOAD_TIMEOUT) and one of four (for its connection). In a fast run
    hundreds of thousands of cancelled ones, a kilobyte a page, would wait for the first of them to be due.
    """

    EVERY = 5.0  # seconds

    def __init__(self) -> None:
        self._due = LoopingCall(lambda: None)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls()
        crawler.signals.connect(extension.engine_started, signals.engine_started)
        crawler.signals.connect(extension.spider_closed, signals.spider_closed)
        return extension

    def engine_started(self) -> None:
        self._due.start(self.EVERY, now=False)

    def spider_closed(self) -> None:
        if self._due.running:
            self._due.stop()
