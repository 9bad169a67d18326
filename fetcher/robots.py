"""What a site wishes: its robots.txt, read as RFC 9309 says."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import TextResponse

from fetcher.middlewares import RefusedError, host_of, max_wait, trouble_of
from fetcher.run import failures

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

    from fetcher.run.failures import Trouble


class RobotsMiddleware(RobotsTxtMiddleware):
    """Obeys robots.txt as RFC 9309 says, where Scrapy reads the text of an error page as rules.

    A client error allows everything, a server error or no answer nothing. A Crawl-delay spaces the host's requests,
    up to `max_wait` seconds.
    """

    def __init__(self, crawler: Crawler, max_wait: float) -> None:
        super().__init__(crawler)
        self._agent = crawler.settings["ROBOTSTXT_USER_AGENT"]
        self._max_wait = max_wait
        self._delays: dict[str, float] = {}
        self._troubles: dict[str, Trouble] = {}
        self._one_by_one: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler, max_wait(crawler))
        crawler.signals.connect(middleware.robots_parsed, signals.robots_parsed)
        crawler.signals.connect(middleware.response_downloaded, signals.response_downloaded)
        return middleware

    async def process_request(self, request: Request) -> None:
        try:
            await super().process_request(request)
        except IgnoreRequest as error:
            raise RefusedError(self._troubles.get(urlsplit(request.url).netloc, failures.ROBOTS)) from error

    async def robot_parser(self, request: Request) -> RobotParser | None:
        # In Scrapy 2.19 only the first request that waits for a robots.txt gets its rules; the others get none, and
        # pass. With a lock, nobody waits.
        async with self._one_by_one[urlsplit(request.url).netloc]:
            return await super().robot_parser(request)

    def process_response(self, request: Request, response: Response) -> Response:
        if not _asks_for_robots(request) or response.status < 400:
            return response
        if response.status < 500:
            return response.replace(body=b"")
        return self._disallow(request, failures.of_robots_status(response.status))

    def process_exception(self, request: Request, exception: Exception) -> Response | None:
        if not _asks_for_robots(request):
            return None
        return self._disallow(request, trouble_of(exception))

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        delay = robotparser.crawl_delay(self._agent)
        if delay is not None:
            host = host_of(request)
            self._delays[host] = max(self._delays.get(host, 0.0), min(delay, self._max_wait))
            self._space(host)

    def response_downloaded(self, request: Request) -> None:
        # AutoThrottle, which is connected earlier, sets the delay anew at each response.
        self._space(host_of(request))

    def _space(self, host: str) -> None:
        slot = self.crawler.engine.downloader.slots.get(host)
        if slot is not None and host in self._delays:
            slot.delay = max(slot.delay, self._delays[host])

    def _disallow(self, request: Request, trouble: Trouble) -> Response:
        asked = request.meta.get("redirect_urls", [request.url])[0]
        self._troubles[urlsplit(asked).netloc] = trouble
        return TextResponse(request.url, body=b"User-agent: *\nDisallow: /", encoding="utf-8", request=request)


def _asks_for_robots(request: Request) -> bool:
    return bool(request.meta.get("dont_obey_robotstxt"))
