"""What a site wishes: its robots.txt, read as RFC 9309 says."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.exceptions import NotConfigured
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import ProtegoRobotParser, decode_robotstxt

from fetcher.middlewares import RefusedError, RetryMiddleware, host_of, max_wait, trouble_of
from fetcher.terms import failures
from fetcher.terms.failures import Trouble

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

# As the parser reads it: with a space in place of the hyphen or of the colon too.
_AGENT_LINE = re.compile(r"\s*user[ -]?agent(?:\s*:|\s)([^#]*)", re.IGNORECASE)


class Rules(ProtegoRobotParser):
    """The rules of a robots.txt, of which a group is ours where the name that it begins with is ours.

    Protego alone would obey a group for every name that ours begins with, and none for our name with a version.
    """

    LONGEST = 512 * 1024
    """Bytes that are read; RFC 9309 asks for 500 KiB at least."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, robotstxt_body: bytes) -> Self:
        body = robotstxt_body
        if len(body) > cls.LONGEST:
            body = body[: body.rfind(b"\n", 0, cls.LONGEST) + 1]  # half a rule would be another one
        own = own_groups(decode_robotstxt(body, crawler.spider), crawler.settings["ROBOTSTXT_USER_AGENT"])
        return cls(own.encode(), crawler.spider)


def own_groups(text: str, agent: str) -> str:
    """The text of a robots.txt in which the groups for `agent` have its very name, and those for others nobody's.

    >>> own_groups("User-agent: Fetch\\nUser-Agent: Fetcher/2.0\\nDisallow: /", "fetcher")
    'User-agent: fetcher-other\\nUser-agent: fetcher\\nDisallow: /'
    """
    return "\n".join(_renamed(line, agent) for line in text.splitlines())


def _renamed(line: str, agent: str) -> str:
    found = _AGENT_LINE.match(line)
    if not found:
        return line
    name = found[1].partition("/")[0].strip()
    if name == "*":
        return line
    is_ours = name.rstrip("*").rstrip().casefold() == agent.casefold()
    return f"User-agent: {agent}" if is_ours else f"User-agent: {agent}-other"


class RobotsMiddleware:
    """Obeys robots.txt, and spaces the requests to a host by its Crawl-delay.

    A client error allows everything, as does a circle of redirects; a server error or no readable answer nothing. A
    host whose Crawl-delay is above `max_wait` seconds is left for later after one page.
    """

    PRIORITY = 1000  # before all pages

    def __init__(self, crawler: Crawler, max_wait: float) -> None:
        self.crawler = crawler
        self._agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"]
        self._jitter = crawler.settings.getfloat("DOWNLOAD_DELAY_JITTER")
        self._max_wait = max_wait
        self._delays: dict[str, float] = {}
        self._rules: dict[str, Rules | Trouble] = {}
        self._one_by_one: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        middleware = cls(crawler, max_wait(crawler))
        # The downloader makes a host's queue anew after a minute, and AutoThrottle, which is connected earlier, sets
        # its delay at each response.
        crawler.signals.connect(middleware.space, signals.request_reached_downloader)
        crawler.signals.connect(middleware.space, signals.response_downloaded)
        return middleware

    async def process_request(self, request: Request) -> None:
        if request.meta.get("dont_obey_robotstxt"):
            return
        site = urlsplit(request.url).netloc
        async with self._one_by_one[site]:  # the others wait for the rules
            if site not in self._rules:
                self._rules[site] = await self._asked(request)
        rules = self._rules[site]
        if isinstance(rules, Trouble):
            raise RefusedError(rules)
        if not rules.allowed(request.url, self._agent):
            raise RefusedError(failures.ROBOTS)

    def space(self, request: Request) -> None:
        """Have the host's next request wait for as long as the host asks for, and up to the jitter longer."""
        host = host_of(request)
        slot = self.crawler.engine.downloader.slots.get(host)
        if slot is not None and host in self._delays:
            # The downloader varies the delay in both directions: around one that much longer, none is too short.
            slot.jitter = (self._jitter / 2) / (1 + self._jitter / 2)
            slot.delay = max(slot.delay, self._delays[host] * (1 + self._jitter / 2))

    async def _asked(self, request: Request) -> Rules | Trouble:
        """The rules of a request's site, or why it may be asked for nothing."""
        parts = urlsplit(request.url)
        wanted = Request(
            f"{parts.scheme}://{parts.netloc}/robots.txt",
            priority=self.PRIORITY,
            meta={"dont_obey_robotstxt": True},
            callback=NO_CALLBACK,
        )
        assert self.crawler.engine is not None  # it has sent the request
        try:
            response = await self.crawler.engine.download_async(wanted)
        except Exception as error:  # as manifold as what a request's errback gets
            trouble = trouble_of(error)
            return Rules(b"", None) if trouble is failures.LOOP else failures.of_robots(trouble)
        if response.status >= 500:
            return failures.of_robots_status(response.status)
        body = response.body if response.status < 300 else b""
        # Large rules take some tenths of a second, in which the run does other things.
        rules = await asyncio.to_thread(Rules.from_crawler, self.crawler, body)
        await self.crawler.signals.send_catch_log_async(
            signal=signals.robots_parsed, robotparser=rules, request=request
        )
        self._take_delay(request, rules.crawl_delay(self._agent) or 0.0)
        return rules

    def _take_delay(self, request: Request, delay: float) -> None:
        host = host_of(request)
        if delay <= self._max_wait:
            self._delays[host] = max(self._delays.get(host, 0.0), delay)
            self.space(request)
        elif retry := self.crawler.get_downloader_middleware(RetryMiddleware):
            retry.allow_one(host, failures.too_long_a_wait(delay, self._max_wait))
