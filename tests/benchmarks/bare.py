"""Bare Scrapy, to measure against: downloads the pages of a list of addresses, with this project's own settings.

    python -m tests.benchmarks.bare ADDRESSES [--conditional | --into FOLDER]

With --conditional it asks for what changed, as the server's ETags are known beforehand; with --into each page is
converted by markdownify and written, in a pipeline, as tutorials do it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess

from fetcher import settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response

_OURS = {
    "SPIDER_MODULES",
    "COMMANDS_MODULE",
    "DOWNLOAD_HANDLERS",
    "DOWNLOADER_MIDDLEWARES",
    "ITEM_PIPELINES",
    "EXTENSIONS",
}


class Bare(Spider):
    """Asks for each address."""

    name = "bare"
    handle_httpstatus_list = (304,)
    addresses: Path
    conditional: bool
    into: Path | None

    async def start(self) -> AsyncIterator[Request]:
        for url in self.addresses.read_text().split():
            headers = {"If-None-Match": f'"{urlsplit(url).path}"'} if self.conditional else {}
            yield Request(url, headers=headers, dont_filter=True)

    def parse(self, response: Response) -> Iterator[dict[str, str]]:
        if self.into:
            yield {"name": urlsplit(response.url).path[1:], "html": response.text}


class Markdownify:
    """Converts and writes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        assert isinstance(crawler.spider, Bare)
        assert crawler.spider.into
        return cls(crawler.spider.into)

    def process_item(self, item: Any) -> Any:
        from markdownify import markdownify  # noqa: PLC0415  # bare Scrapy has no part of its cost

        (self._folder / f"{item['name']}.md").write_text(markdownify(item["html"]))
        return item


def main() -> None:
    """Download."""
    parser = argparse.ArgumentParser()
    parser.add_argument("addresses", type=Path)
    parser.add_argument("--conditional", action="store_true")
    parser.add_argument("--into", type=Path)
    parser.add_argument("-s", dest="settings", action="append", default=[])
    given = parser.parse_args()
    own = {name: value for name, value in vars(settings).items() if name.isupper() and name not in _OURS}
    pipelines = {"ITEM_PIPELINES": {Markdownify: 300}} if given.into else {}
    process = AsyncCrawlerProcess(own | pipelines | dict(word.split("=", 1) for word in given.settings))
    process.crawl(Bare, addresses=given.addresses, conditional=given.conditional, into=given.into)
    process.start()


if __name__ == "__main__":
    main()
