"""Crawls within the process of the tests, on one event loop for all of them."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING

from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.utils.reactor import install_reactor

from fetcher import preview
from fetcher.extensions import Run
from fetcher.preview import PreviewSpider
from fetcher.spiders.refresh import RefreshSpider

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from typing import Any


def stop() -> None:
    """End the threads that look up names, which keep the process alive otherwise."""
    if _loop.cache_info().currsize:
        from twisted.internet import reactor  # noqa: PLC0415  # as below

        reactor.getThreadPool().stop()


def crawl_here(arguments: Mapping[str, str], settings: Mapping[str, str]) -> tuple[int, str]:
    """The exit status and the summary of a run; whatever keeps it from beginning is raised."""
    run = _crawled(RefreshSpider, arguments, _project(settings)).get_extension(Run)
    assert run is not None
    return run.status, run.summary


def preview_here(target: str, arguments: Mapping[str, str], settings: Mapping[str, str]) -> PreviewSpider:
    """The spider after its preview of a seed or a page; whatever keeps it from its visit is raised."""
    project = _project({"PREVIEW_HTML": "", **settings})
    alone, chosen = preview.chosen(target, project)
    project.setdict(alone, priority="cmdline")
    spider = _crawled(PreviewSpider, {**chosen, **arguments}, project).spider
    assert isinstance(spider, PreviewSpider)
    return spider


def in_loop(work: Coroutine[Any, Any, object]) -> None:
    """Have something done on the loop of all crawls."""
    _loop().run_until_complete(work)


def _project(settings: Mapping[str, str]) -> Settings:
    project = Settings()
    project.setmodule("fetcher.settings", priority="project")
    project.setdict(dict(settings), priority="cmdline")
    return project


def _crawled(spider: type[RefreshSpider], arguments: Mapping[str, str], settings: Settings) -> Crawler:
    crawler = Crawler(spider, settings)
    _loop().run_until_complete(crawler.crawl_async(**arguments))
    return crawler


@cache
def _loop() -> asyncio.AbstractEventLoop:
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor  # noqa: PLC0415  # importing it installs another one where there is none

    loop = asyncio.get_event_loop()
    reactor.startRunning(installSignalHandlers=False)  # starts the threads that look up names
    return loop
