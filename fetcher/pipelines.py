"""What happens to a result: the seed's file is written."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import NotConfigured

from fetcher.seeds import writing
from fetcher.seeds.seeds import page_url
from fetcher.spiders.refresh import RefreshSpider
from fetcher.terms import failures
from fetcher.terms.failures import SeedError
from fetcher.visits.results import Result, troubled

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
        record = item.record
        try:
            if item.writes:  # in a thread: until a file is safe on a disk takes milliseconds, in which others go on
                await asyncio.to_thread(writing.write, self._seeds, record.path, item.old, item.new)
        except SeedError as error:
            return troubled(record.path, record.url, failures.of_seed_error(error))
        if item.base:  # only now: one that is newer than its file makes the page's change look like a person's
            self._spider.state.keep_base(page_url(record.url), record.path, item.base, datetime.now(UTC))
        return item
