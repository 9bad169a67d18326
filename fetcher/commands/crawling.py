"""Runs a spider for a command, with the command's own settings."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from scrapy import Spider, signals
from scrapy.settings import SETTINGS_PRIORITIES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scrapy.crawler import CrawlerProcessBase

S = TypeVar("S", bound=Spider)

_ABOVE_THE_PROCESS = SETTINGS_PRIORITIES["cmdline"] + 1
"""The priority at which `crawl` sets the settings of its process again: that of the command line."""


def crawled(
    process: CrawlerProcessBase | None,
    kind: type[S],
    settings: Mapping[str, object],
    arguments: Mapping[str, str] | None = None,
    on_item: Callable[[Any], None] | None = None,
) -> S:
    """Runs a spider and returns it; raises what the crawl raises.

    `settings` override those of the project and the command line; `on_item` is called with each item.
    """
    assert process is not None  # set by Scrapy before a command runs
    crawler = process.create_crawler(kind)
    for name, value in settings.items():
        crawler.settings.set(name, value, _ABOVE_THE_PROCESS)
    if on_item:

        def take(item: Any) -> None:
            on_item(item)

        crawler.signals.connect(take, signals.item_scraped)  # a weak reference, which lasts as long as this call
    crawl = process.crawl(crawler, **(arguments or {}))
    assert isinstance(crawl, asyncio.Task)  # as with every reactor but a forced one
    process.start()
    if error := crawl.exception():
        raise error
    assert isinstance(crawler.spider, kind)
    return crawler.spider
