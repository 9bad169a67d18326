"""`scrapy crawl` with an exit status: 0 nothing failed, 1 some seed did, 2 the run could not be done."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from contextlib import suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING

from scrapy.commands.crawl import Command as ScrapyCrawl

from fetcher import quiet
from fetcher.commands.given import Checked
from fetcher.extensions import Run
from fetcher.report.screen import visible
from fetcher.spiders.refresh import RefreshSpider
from fetcher.terms.arguments import KNOWN, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

logger = logging.getLogger(__name__)


class Command(Checked, ScrapyCrawl):
    """Runs any spider as Scrapy does, and `refresh` with a summary and an exit status."""

    def short_desc(self) -> str:
        return "Refresh the seeds (`scrapy crawl refresh`), or run another spider by name"

    def long_desc(self) -> str:
        known = ", ".join(KNOWN)
        return f"{self.short_desc()}. The arguments of a refresh (-a) are {known}: fetcher/guide/arguments.md."

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.crawler_process is not None  # set by Scrapy
        if args != [RefreshSpider.name]:
            known = self.crawler_process.spider_loader.list()
            if len(args) == 1 and args[0] not in known:
                self.exitcode = 2
                _explain(UsageError(_unknown(args[0], known)))
                return
            super().run(args, opts)
            return
        _fill_standard_streams()
        quiet.spare(self.crawler_process.settings)
        crawler = self._create_crawler(RefreshSpider.name)
        crawl = self.crawler_process.crawl(crawler, **opts.spargs)
        assert isinstance(crawl, asyncio.Task)  # as with every reactor but a forced one
        # Not to look for garbage in what stays to the end saves a tenth of a second as the process ends.
        gc.freeze()
        self.crawler_process.start()
        gc.freeze()
        if error := crawl.exception():
            self.exitcode = 2
            _explain(error)
        elif run := crawler.get_extension(Run):
            self.exitcode = run.status
            if run.status == 2:
                _explain(UsageError(run.summary))
            else:
                run.tell()


def _unknown(name: str, known: Sequence[str]) -> str:
    """A sentence that says that there is no such spider, and which one was probably meant."""
    likely = next(iter(get_close_matches(name, known, 1, 0.5)), RefreshSpider.name)
    return f"there is no {visible(name)} to crawl: did you mean `scrapy crawl {likely}`?"


def _fill_standard_streams() -> None:
    """Reopens closed standard streams; otherwise the next opened file would get their number and what is printed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _explain(error: BaseException) -> None:
    """Says why there was no run: in a sentence if the user can fix it, with a traceback if it is a bug."""
    if isinstance(error, UsageError):
        with suppress(OSError, ValueError):
            print(f"refresh: {error}", file=sys.stderr)
    else:
        logger.critical("The run failed.", exc_info=error)
