"""Obeys robots.txt as RFC 9309 says, and its Crawl-delay."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.exceptions import NotConfigured
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import ProtegoRobotParser, decode_robotstxt

from fetcher.middlewares import RefusedError, RetryMiddleware, host_of, max_wait, trouble_of
from fetcher.terms import failures
from fetcher.terms.failures import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scrapy.crawler import Crawler

T = TypeVar("T")

# Like the parser (Protego), this accepts a space in place of the hyphen or the colon.
_AGENT_LINE = re.compile(r"\s*user[ -]?agent(?:\s*:|\s)([^#]*)", re.IGNORECASE)
_SAYS = re.compile(r"\s*[^#\s]")
_RULE_LINE = re.compile(r"\s*(?:dis)?allow\b", re.IGNORECASE)
_OF_THE_SITE = re.compile(r"\s*sitemap\b", re.IGNORECASE)

SITES = 1024
"""Sites whose parsed rules are cached; these take many times the memory of their text."""
_SHORT = 10_000
"""Characters up to which a text is read in the main thread: to ask another one takes longer."""
_LONGEST = 512 * 1024
"""Bytes of a robots.txt that are read; RFC 9309 demands at least 500 KiB."""


def own_text(body: bytes, agent: str) -> str:
    """The part of a robots.txt that applies to `agent`."""
    if len(body) > _LONGEST:
        body = body[: body.rfind(b"\n", 0, _LONGEST) + 1]  # half a line would be a different rule
    return own_groups(decode_robotstxt(body, None), agent)


def own_groups(text: str, agent: str) -> str:
    """The text of a robots.txt with only the groups for `agent`, or those for all agents if it has none.

    Protego alone would also obey groups for any prefix of our name, and none for our name with a version. In the text
    returned, all groups for us have exactly the name of the agent.

    >>> own_groups("User-agent: Fetch\\nDisallow: /\\nUser-Agent: Fetcher/2.0\\nDisallow: /old", "fetcher")
    'User-agent: fetcher\\nDisallow: /old'
    """
    groups = list(_groups(text, agent))
    wanted = agent if any(agent in group.names for group in groups) else "*"
    return "\n".join(
        line for group in groups for line in group.lines if wanted in group.names or _OF_THE_SITE.match(line)
    )


class _Group(NamedTuple):
    """A group of a robots.txt: its user agents and its lines."""

    names: set[str]
    lines: list[str]


def _groups(text: str, agent: str) -> Iterator[_Group]:
    """The groups of a text; lines between which the parser may or may not see a boundary are one group here."""
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


async def _applied(function: Callable[..., T], text: str | bytes, *others: str) -> T:
    """The result of a function of a text; for a long one, which takes tenths of a second, it is called in a thread."""
    return function(text, *others) if len(text) < _SHORT else await asyncio.to_thread(function, text, *others)


class RobotsMiddleware:
    """Obeys robots.txt, and spaces the requests to a host by its Crawl-delay.

    If robots.txt answers with a client error or a redirect loop, everything is allowed; with a server error or no
    readable answer, nothing is. A host whose Crawl-delay exceeds `max_wait` seconds is given up after one page.
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
        # The delay has to be set again and again: the downloader recreates a host's slot after a minute, and
        # AutoThrottle, which is connected earlier, changes it at each response.
        crawler.signals.connect(middleware.space, signals.request_reached_downloader)
        crawler.signals.connect(middleware.space, signals.response_downloaded)
        return middleware

    async def process_request(self, request: Request) -> None:
        if request.meta.get("dont_obey_robotstxt"):
            return
        site = urlsplit(request.url).netloc
        async with self._one_by_one[site]:  # other requests to the site wait for the rules
            if site not in self._texts:
                self._texts[site] = await self._asked(request)
        text = self._texts[site]
        if isinstance(text, Trouble):
            raise RefusedError(text)
        if not (await _applied(_parsed, text)).allowed(request.url, self._agent):
            raise RefusedError(failures.ROBOTS)

    def space(self, request: Request) -> None:
        """Sets the delay of the host's slot to its Crawl-delay, plus a random part up to the jitter."""
        host = host_of(request)
        slot = self.crawler.engine.downloader.slots.get(host)
        if slot is not None and host in self._delays:
            # The downloader varies the delay in both directions, so it is centred where the shortest is long enough.
            slot.jitter = (self._jitter / 2) / (1 + self._jitter / 2)
            slot.delay = max(slot.delay, self._delays[host] * (1 + self._jitter / 2))

    async def _asked(self, request: Request) -> str | Trouble:
        """Fetches the robots.txt of a request's site: the part for us, or the trouble that forbids all requests."""
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
        except Exception as error:  # any that a request's errback may get
            trouble = trouble_of(error)
            return "" if trouble is failures.LOOP else failures.of_robots(trouble)
        if response.status >= 500:
            return failures.of_robots_status(response.status)
        body = response.body if response.status < 300 else b""
        text = await _applied(own_text, body, self._agent)
        rules = await _applied(_parsed, text)
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
