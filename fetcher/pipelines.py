"""The item pipeline that writes changed seeds to their files."""

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
    """Writes the new text of each result to the seeds folder; if that fails, the result becomes a failed one."""

    def __init__(self, spider: RefreshSpider) -> None:
        self._seeds = spider.seeds
        self._dry_run = spider.given.dry_run
        self._spider = spider  # its state is set later

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        spider = crawler.spider
        if not isinstance(spider, RefreshSpider):
            raise NotConfigured
        return cls(spider)

    async def process_item(self, item: Any) -> Any:
        if not isinstance(item, Result) or self._dry_run:
            return item
        # In a thread, because syncing a file to disk takes milliseconds.
        done = await asyncio.to_thread(write_seed, self._seeds, item) if item.writes else item
        keep_base(self._spider.state, done, datetime.now(UTC))
        return done
