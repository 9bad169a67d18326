"""Writes the files of seeds that have changed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import NotConfigured

from fetcher.spiders.refresh import RefreshSpider
from fetcher.visits.results import Result, keep_base, write_seed

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class Writer:
    """Writes what a result changes into the seeds folder, and says so where that cannot be done."""

    def __init__(self, spider: RefreshSpider) -> None:
        self._seeds = spider.seeds
        self._dry_run = spider.given.dry_run
        self._spider = spider  # which has its state only when it is open

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        spider = crawler.spider
        if not isinstance(spider, RefreshSpider):
            raise NotConfigured
        return cls(spider)

    async def process_item(self, item: Any) -> Any:
        if not isinstance(item, Result) or self._dry_run:
            return item
        # In a thread: until a file is safe on a disk takes milliseconds, in which others go on.
        done = await asyncio.to_thread(write_seed, self._seeds, item) if item.writes else item
        keep_base(self._spider.state, done, datetime.now(UTC))
        return done
