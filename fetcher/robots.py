"""A site's robots.txt, read as RFC 9309 says."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.exceptions import NotConfigured
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import ProtegoRobotParser, decode_robotstxt

from fetcher.middlewares import RefusedError, RetryMiddleware, host_of, max_wait, trouble_of
from fetcher.terms import failures
from fetcher.terms.failures import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.crawler import Crawler

# As the parser reads it: with a space in place of the hyphen or of the colon too.
_AGENT_LINE = re.compile(r"\s*user[ -]?agent(?:\s*:|\s)([^#]*)", re.IGNORECASE)
_SAYS = re.compile(r"\s*[^#\s]")
_RULE_LINE = re.compile(r"\s*(?:dis)?allow\b", re.IGNORECASE)
_OF_THE_SITE = re.compile(r"\s*sitemap\b", re.IGNORECASE)

SITES = 1024
"""Sites whose rules are kept as the parser has them, which takes many times the room of their text."""
_SHORT = 10_000
"""Characters that are parsed in a moment."""
_LONGEST = 512 * 1024
"""Bytes of a robots.txt that are read; RFC 9309 asks for 500 KiB at least."""


def own_text(body: bytes, agent: str) -> str:
    """What of a robots.txt is for `agent`."""
    if len(body) > _LONGEST:
        body = body[: body.rfind(b"\n", 0, _LONGEST) + 1]  # half a rule would be another one
    return own_groups(decode_robotstxt(body, None), agent)


def own_groups(text: str, agent: str) -> str:
    """The text of a robots.txt with the groups for `agent` alone, or those for all where it has none for it.

    Protego would obey a group for every name that ours begins with, and none for our name with a version: the groups
    that are left have the very name of the agent.

    >>> own_groups("User-agent: Fetch\\nDisallow: /\\nUser-Agent: Fetcher/2.0\\nDisallow: /old", "fetcher")
    'User-agent: fetcher\\nDisallow: /old'
    """
    groups = list(_groups(text, agent))
    wanted = agent if any(agent in group.names for group in groups) else "*"
    return "\n".join(
        line for group in groups for line in group.lines if wanted in group.names or _OF_THE_SITE.match(line)
    )


class _Group(NamedTuple):
    """Lines of a robots.txt, and whom they are for."""

    names: set[str]
    lines: list[str]


def _groups(text: str, agent: str) -> Iterator[_Group]:
    """The groups of a text; where the parser may see two of which one is the agent's, they are one here."""
    group, has_rules = _Group(set(), []), False
    for line in filter(_SAYS.match, text.splitlines()):
        if found := _AGENT_LINE.match(line):
            if has_rules:
                yield group
                group, has_rules = _Group(set(), []), False
            name = _renamed(found[1], agent)
            group.names.add(name)
            line = f"User-agent: {name}"  # noqa: PLW2901
        has_rules |= bool(group.names and _RULE_LINE.match(line))
        group.lines.append(line)
    yield group


def _renamed(named: str, agent: str) -> str:
    name = named.partition("/")[0].strip()
    if name == "*":
        return name
    return agent if name.rstrip("*").rstrip().casefold() == agent.casefold() else f"{agent}-other"


@lru_cache(maxsize=SITES)
def _parsed(text: str) -> ProtegoRobotParser:
    return ProtegoRobotParser(text.encode(), None)


async def _rules(text: str) -> ProtegoRobotParser:
    """The rules of a text; large ones take some tenths of a second, in which the run does other things."""
    return _parsed(text) if len(text) < _SHORT else await asyncio.to_thread(_parsed, text)


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
        self._texts: dict[str, str | Trouble] = {}
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
            if site not in self._texts:
                self._texts[site] = await self._asked(request)
        text = self._texts[site]
        if isinstance(text, Trouble):
            raise RefusedError(text)
        if not (await _rules(text)).allowed(request.url, self._agent):
            raise RefusedError(failures.ROBOTS)

    def space(self, request: Request) -> None:
        """Have the host's next request wait for as long as the host asks for, and up to the jitter longer."""
        host = host_of(request)
        slot = self.crawler.engine.downloader.slots.get(host)
        if slot is not None and host in self._delays:
            # The downloader varies the delay in both directions: around one that much longer, none is too short.
            slot.jitter = (self._jitter / 2) / (1 + self._jitter / 2)
            slot.delay = max(slot.delay, self._delays[host] * (1 + self._jitter / 2))

    async def _asked(self, request: Request) -> str | Trouble:
        """What the robots.txt of a request's site says to us, or why it may be asked for nothing."""
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
            return "" if trouble is failures.LOOP else failures.of_robots(trouble)
        if response.status >= 500:
            return failures.of_robots_status(response.status)
        body = response.body if response.status < 300 else b""
        text = await asyncio.to_thread(own_text, body, self._agent)
        rules = await _rules(text)
        await self.crawler.signals.send_catch_log_async(
            signal=signals.robots_parsed, robotparser=rules, request=request
        )
        self._take_delay(request, rules.crawl_delay(self._agent) or 0.0)
        return text

    def _take_delay(self, request: Request, delay: float) -> None:
        host = host_of(request)
        if delay <= self._max_wait:
            self._delays[host] = max(self._delays.get(host, 0.0), delay)
            self.space(request)
        elif retry := self.crawler.get_downloader_middleware(RetryMiddleware):
            retry.allow_one(host, failures.too_long_a_wait(delay, self._max_wait))
