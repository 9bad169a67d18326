"""Has Twisted forget the timers of requests that have ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy import signals
from twisted.internet.task import LoopingCall

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class Timers:
    """Has Twisted forget timers that were cancelled, which it does only when another one is due.

    Each request sets one of a minute (DOWNLOAD_TIMEOUT) and one of four (its connection, which may serve another one):
    in a fast run some hundred thousand of them, a kilobyte a page, would wait for the first to be due.
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
