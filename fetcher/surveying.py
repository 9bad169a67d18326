"""The spider of `scrapy discover`, which surveys what sites publish."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy import Request, signals

from fetcher.discover.gathering import Tools
from fetcher.discover.looking import Found, looked
from fetcher.discover.places import site_of
from fetcher.discover.published import read
from fetcher.discover.survey import Survey
from fetcher.middlewares import RefusedError
from fetcher.redirects import is_private
from fetcher.seeds import folder
from fetcher.spiders.refresh import RefreshSpider
from fetcher.terms import failures
from fetcher.terms.failures import SeedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from scrapy.crawler import Crawler
    from scrapy.robotstxt import RobotParser

    from fetcher.discover.looking import Held, Looked
    from fetcher.discover.published import Published
    from fetcher.discover.survey import Job
    from fetcher.seeds.seeds import Seed
    from fetcher.terms.failures import Trouble
    from fetcher.visits.fetched import Fetched

logger = logging.getLogger(__name__)

_AT_ONCE = 16  # sites surveyed in parallel, each with one request at a time


class DiscoverSpider(RefreshSpider):
    """Surveys the sites of the seeds as the setting `DISCOVER_JOB` says, and yields what it finds on each."""

    name = "discover"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._named: dict[str, list[str]] = {}
        self._ends = 0.0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **given: str) -> Self:
        spider = super().from_crawler(crawler, *args, **given)
        crawler.signals.connect(spider.robots_parsed, signals.robots_parsed)
        return spider

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        # Scrapy's interface for parsers has no sitemaps.
        self._named[urlsplit(request.url).netloc] = list(robotparser.rp.sitemaps)  # type: ignore[attr-defined]

    async def start(self) -> AsyncIterator[Found]:  # type: ignore[override]  # another kind of items
        job: Job = self.settings["DISCOVER_JOB"]
        self._ends = monotonic() + job.seconds
        room = asyncio.Semaphore(_AT_ONCE)

        async def survey(held: Held) -> Found:
            async with room:
                try:
                    return await Survey(held, job, self._tools(held)).made()
                except RefusedError:  # the run is stopped
                    raise
                except Exception as error:
                    logger.exception("The survey of %s failed.", held.site)  # other sites are not affected
                    return Found(held.site, trouble=failures.of_crash(error).detail)

        for found in asyncio.as_completed(map(survey, job.sites)):
            yield await found

    def _tools(self, held: Held) -> Tools:
        return Tools(
            ask=partial(self._ask_for, held),
            look=self._look,
            read=self._read,
            named=self._sitemaps_of,
            load=self._seed,
            is_late=lambda: monotonic() > self._ends,
        )

    async def _ask_for(self, held: Held, url: str) -> Fetched | Trouble:
        """Fetches an address that a site names, unless the site is public and the address is in a private network."""
        if site_of(url) != held.site:
            own = next(iter(held.urls.values()))
            if await is_private(Request(url)) and not await is_private(Request(own)):
                return failures.PRIVATE
        return await self._ask(url)

    async def _look(self, fetched: Fetched) -> Looked | Trouble:
        return await self._workers(len(fetched.body), looked, fetched)

    async def _read(self, fetched: Fetched) -> Published | Trouble:
        return await self._workers(len(fetched.body), read, fetched)

    def _sitemaps_of(self, netloc: str) -> Sequence[str]:
        return self._named.get(netloc, ())

    def _seed(self, path: str) -> Seed | None:
        try:
            return folder.load(self.seeds, path, self.keys)
        except SeedError:
            return None
