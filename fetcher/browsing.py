"""Connects the browser to Scrapy: renders pages, and sends their requests through Scrapy's downloader."""

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

_MOST = 0.95  # share of the stored text that a complete page shows
_PART = 0.5  # share that a page shows while it loads, or after thorough edits
_A_WHILE, _LONG = 1.5, 6.0  # seconds


class Browsing:
    """Renders the pages of a run in a browser that is started for the first one."""

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
        """The answer as rendered by the browser, or the trouble; `bodies` are the stored ones.

        Raises RefusedError if the run is stopped.
        """
        patience = await asyncio.to_thread(_patience, list(bodies))
        came = await self._once(fetched, rules, language, patience)
        if came is reading_failures.BROWSER_ENDED:  # perhaps because of another page: try again
            came = await self._once(fetched, rules, language, patience)
        if came is reading_failures.BROWSER_CRASHED and self._browser.was_killed_for_memory():
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
            "subrequest": wanted.part,
            "download_maxsize": wanted.most,
            "max_retry_times": 1,
            "dont_retry": wanted.method != "GET",  # other methods may have side effects
        }
        request = Request(wanted.url, method=wanted.method, headers=dict(wanted.headers), body=wanted.body, meta=meta)
        try:
            response = await engine.download_async(request)
        except Exception as error:  # any that a request's errback may get
            return trouble_of(error)
        return Loaded(response.status, response.url, headers_of(response), response.body)


def _patience(bodies: list[str]) -> Patience:
    """A function that tells how long to wait for more text, by the share of the stored bodies that is shown."""
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
