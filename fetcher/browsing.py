"""Has pages rendered by the browser, and sends what they ask for as all other requests are sent."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from scrapy import Request, signals

from fetcher.browser.browser import Bounds, Browser, BrowserError
from fetcher.browser.rendering import AT_ONCE, Tab
from fetcher.browser.traffic import Cache, Loaded, Traffic
from fetcher.middlewares import RefusedError, headers_of, trouble_of
from fetcher.run import arguments
from fetcher.terms import failures, reading_failures
from fetcher.verdict.coverage import ENOUGH, coverage, letters, visible_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy.crawler import Crawler

    from fetcher.browser.rendering import Patience
    from fetcher.browser.traffic import Wanted
    from fetcher.sites.rules import PageRules
    from fetcher.terms.failures import Trouble
    from fetcher.visits.fetched import Fetched

_MOST = 0.95  # share of the stored text of a page that has come
_PART = 0.5  # and of one that is on its way, or was edited thoroughly
_A_WHILE, _LONG = 1.5, 6.0  # seconds


class Browsing:
    """Renders the pages of a run, with a browser that is started for the first of them."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = crawler
        self._bounds = Bounds(
            max(1, int(arguments.positive_number("REFRESH_BROWSER_PAGES", settings["REFRESH_BROWSER_PAGES"]))),
            arguments.positive_number("REFRESH_BROWSER_SECONDS", settings["REFRESH_BROWSER_SECONDS"]),
            arguments.positive_number("REFRESH_BROWSER_MEMORY", settings["REFRESH_BROWSER_MEMORY"]),
        )
        sandbox = settings.getbool("REFRESH_BROWSER_SANDBOX")
        self._browser = Browser(settings["REFRESH_BROWSER"], self._bounds, sandbox=sandbox)
        self._most = settings.getint("DOWNLOAD_MAXSIZE")
        self._cache = Cache()
        crawler.signals.connect(self.close, signals.spider_closed)

    async def close(self) -> None:
        await self._browser.close()

    async def render(
        self, fetched: Fetched, bodies: Iterable[str], rules: PageRules, language: str = ""
    ) -> Fetched | Trouble:
        """The answer as a browser shows it, or why it shows none; `bodies` are the stored ones.

        Raises RefusedError when the run is told to end.
        """
        patience = await asyncio.to_thread(_patience, list(bodies))
        came = await self._once(fetched, rules, language, patience)
        if came is reading_failures.BROWSER_ENDED:  # it may have been another page's fault
            came = await self._once(fetched, rules, language, patience)
        if came is reading_failures.BROWSER_CRASHED and self._browser.took_too_much():
            return reading_failures.BROWSER_MEMORY
        return came

    async def _once(self, fetched: Fetched, rules: PageRules, language: str, patience: Patience) -> Fetched | Trouble:
        traffic = Traffic(fetched, self._load, self._cache, self._most)
        try:
            async with self._browser.context(language) as context:
                tab = Tab(context, traffic, self._bounds.seconds, self._most)
                try:
                    came = await tab.rendered(fetched, rules.steps, patience)
                finally:
                    await tab.close()
        except BrowserError as error:
            return error.trouble
        if failures.STOPPED.reason in traffic.refused:
            raise RefusedError(failures.STOPPED)
        return came

    async def _load(self, wanted: Wanted) -> Loaded | Trouble:
        engine = self._crawler.engine
        assert engine is not None  # runs as long as the spider does
        meta: dict[str, Any] = {
            "part_of": wanted.part,
            "download_maxsize": wanted.most,
            "max_retry_times": 1,
            "dont_retry": wanted.method != "GET",  # which may have done something
        }
        request = Request(wanted.url, method=wanted.method, headers=dict(wanted.headers), body=wanted.body, meta=meta)
        try:
            response = await engine.download_async(request)
        except Exception as error:  # as manifold as what a request's errback gets
            return trouble_of(error)
        return Loaded(response.status, response.url, headers_of(response), response.body)


def _patience(bodies: list[str]) -> Patience:
    """How long to wait for more than a text, by how much of the stored ones it has."""
    stored = [wanted for body in bodies if len(wanted := letters(visible_text(body))) >= ENOUGH]
    return partial(_waits, stored)


def _waits(stored: list[str], text: str) -> float:
    shown = letters(text)
    if not stored:
        return _A_WHILE if len(shown) >= ENOUGH else _LONG
    share = min(coverage(one, shown).share for one in stored)
    if share >= _MOST:
        return AT_ONCE
    return _A_WHILE if share >= _PART else _LONG
