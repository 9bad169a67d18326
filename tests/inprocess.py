"""Crawls within the process of the tests, on one event loop for all of them."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING

from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.utils.reactor import install_reactor

from fetcher.extensions import Run
from fetcher.spiders.refresh import RefreshSpider

if TYPE_CHECKING:
    from collections.abc import Mapping


def stop() -> None:
    """End the threads that look up names, which keep the process alive otherwise."""
    if _loop.cache_info().currsize:
        from twisted.internet import reactor  # noqa: PLC0415  # as below

        reactor.getThreadPool().stop()


def crawl_here(arguments: Mapping[str, str], settings: Mapping[str, str]) -> tuple[int, str]:
    """The exit status and the summary of a run; whatever keeps it from beginning is raised."""
    loop = _loop()
    project = Settings()
    project.setmodule("fetcher.settings", priority="project")
    project.setdict(dict(settings), priority="cmdline")
    crawler = Crawler(RefreshSpider, project)
    loop.run_until_complete(crawler.crawl_async(**arguments))
    run = crawler.get_extension(Run)
    assert run is not None
    return run.status, run.summary


@cache
def _loop() -> asyncio.AbstractEventLoop:
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor  # noqa: PLC0415  # importing it installs another one where there is none

    loop = asyncio.get_event_loop()
    reactor.startRunning(installSignalHandlers=False)  # starts the threads that look up names
    return loop
