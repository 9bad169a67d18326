"""What happens to a result: the seed's file is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import NotConfigured

from fetcher import failures, writing
from fetcher.seeds import SeedError
from fetcher.spiders.refresh import RefreshSpider
from fetcher.visit import Result, troubled

if TYPE_CHECKING:
    from pathlib import Path

    from scrapy.crawler import Crawler


class Writer:
    """Writes what a result changes into the seeds folder, and says so where that cannot be done."""

    def __init__(self, seeds: Path, *, dry_run: bool) -> None:
        self._seeds = seeds
        self._dry_run = dry_run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        spider = crawler.spider
        if not isinstance(spider, RefreshSpider):
            raise NotConfigured
        return cls(spider.seeds, dry_run=spider.given.dry_run)

    def process_item(self, item: Any) -> Any:
        if not isinstance(item, Result) or item.new == item.old or self._dry_run:
            return item
        try:
            writing.write(self._seeds, item.record.path, item.old, item.new)
        except SeedError as error:
            return troubled(item.record.path, item.record.url, failures.of_seed_error(error))
        return item
