"""Shows the progress of a run: as one live line on a terminal, otherwise as a line of text at intervals."""

from __future__ import annotations

import logging
import os
import sys
from collections import Counter
from contextlib import ExitStack
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call

from fetcher.report.screen import COLOURS
from fetcher.run.plan import site_of
from fetcher.spiders.refresh import RefreshSpider, seeds_found
from fetcher.terms.outcomes import Outcome
from fetcher.visits.results import Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType
    from scrapy.crawler import Crawler

    from fetcher.run.plan import Plan

_GLANCE = 0.5  # seconds between updates on a terminal


class Display(Protocol):
    """A place that shows the progress every so many `seconds`."""

    seconds: float

    def show(self, pace: Pace | None) -> None:
        """Shows the pace; None before the seeds are known."""

    def close(self) -> None:
        """Cleans up."""


class Progress:
    """Shows the pace of a run on a display."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._pace: Pace | None = None
        self._task = create_looping_call(self._show)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        interval = crawler.settings.getfloat("LOGSTATS_INTERVAL")  # Scrapy's setting for its own progress lines
        if not isinstance(crawler.spider, RefreshSpider) or not crawler.settings.getbool("LOG_ENABLED"):
            raise NotConfigured
        if _on_terminal():
            extension = cls(_Line())
        elif interval > 0:
            extension = cls(_Lines(interval))
        else:
            raise NotConfigured
        crawler.signals.connect(extension.spider_opened, signals.spider_opened)
        crawler.signals.connect(extension.seeds_found, seeds_found)
        crawler.signals.connect(extension.item_scraped, signals.item_scraped)
        crawler.signals.connect(extension.spider_closed, signals.spider_closed)
        return extension

    def spider_opened(self) -> None:
        self._task.start(self._display.seconds)

    def seeds_found(self, plan: Plan) -> None:
        self._pace = Pace(plan.seeds_by_site(), monotonic())

    def item_scraped(self, item: Any) -> None:
        if self._pace and isinstance(item, Result):
            self._pace.ended(site_of(item.record.url), item.record.outcome)

    def spider_closed(self) -> None:
        if self._task.running:
            self._task.stop()
        self._display.close()

    def _show(self) -> None:
        self._display.show(self._pace)


class _Lines:
    """Lines of text in the format of the log, whatever its level: otherwise a run of hours would be silent."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._shown = 0

    def show(self, pace: Pace | None) -> None:
        if pace and pace.done > self._shown:
            self._shown = pace.done
            sys.stderr.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} [refresh] {pace.sentence(monotonic())}\n")
            sys.stderr.flush()

    def close(self) -> None:
        """Does nothing: the lines stay."""


class _Line:
    """One live line at the bottom of a terminal; log messages appear above it."""

    seconds = _GLANCE

    def __init__(self) -> None:
        self._open = ExitStack()
        self._pace: Pace | None = None
        self._live: Any = None

    def show(self, pace: Pace | None) -> None:
        self._pace = pace
        if self._live is None:
            self._live = self._start()
        self._live.refresh()

    def close(self) -> None:
        self._open.close()

    def _start(self) -> Any:
        from rich.console import Console  # noqa: PLC0415  # runs without a terminal start faster without it
        from rich.live import Live  # noqa: PLC0415  # as above

        console = Console(stderr=True)
        # Refreshed only from here: a refresh thread could hold a lock while worker processes are forked.
        live = Live(
            console=console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            get_renderable=self._rendered,
        )
        self._open.enter_context(live)
        console.show_cursor()  # otherwise a killed run would leave the cursor hidden
        for handler in logging.getLogger().handlers:
            # They still write to the original stream, which `Live` has replaced.
            if isinstance(handler, logging.StreamHandler) and handler.stream is sys.__stderr__:
                before = handler.setStream(sys.stderr)
                self._open.callback(handler.setStream, before)
        return live

    def _rendered(self) -> RenderableType:
        from rich.progress_bar import ProgressBar  # noqa: PLC0415  # as above
        from rich.table import Table  # noqa: PLC0415  # as above
        from rich.text import Text  # noqa: PLC0415  # as above

        pace = self._pace
        text = Text(pace.progress(monotonic()) if pace else "reading the seeds", no_wrap=True, overflow="ellipsis")
        for outcome, count in pace.counts() if pace else []:
            text.append("  ").append(count, COLOURS[outcome])
        line = Table.grid(padding=(0, 1))
        line.add_row(ProgressBar(pace.found if pace else None, pace.done if pace else 0, width=20), text)
        return line


def _on_terminal() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


_TELLING = 3  # finished seeds of a site from which its pace can be estimated


class Pace:
    """The pace of a run that began at the second `began`; `sites` has the number of seeds of each site.

    >>> pace = Pace({"a.example": 3, "b.example": 1}, 0.0)
    >>> pace.ended("a.example", Outcome.UNCHANGED)
    >>> pace.sentence(10.0)
    '1 of 4 seeds, 6 a minute, 0:00:30 left: 1 unchanged'
    """

    def __init__(self, sites: Mapping[str, int], began: float) -> None:
        self._left = Counter(sites)
        self._ended: Counter[str] = Counter()
        self._began = began
        self.found = self._left.total()
        self.done = 0
        self.outcomes: Counter[Outcome] = Counter()

    def ended(self, site: str, outcome: Outcome) -> None:
        """Counts a finished seed of the site."""
        self._left[site] -= 1
        self._ended[site] += 1
        self.outcomes[outcome] += 1
        self.done += 1

    def left(self, now: float) -> timedelta | None:
        """The estimated time left; None while too little is known, and at the end.

        Sites are visited in parallel, each at its own pace, so the slowest one determines the time.
        """
        passed = now - self._began
        if not 0 < self.done < self.found or passed <= 0:
            return None
        shares = [(self.found - self.done) / self.done]
        shares += [self._left[site] / ended for site, ended in self._ended.items() if ended >= _TELLING]
        return timedelta(seconds=round(max(shares) * passed))

    def speed(self, now: float) -> str:
        """The seeds finished a second, or a minute if slower; empty while there are none."""
        passed = now - self._began
        if not self.done or passed <= 0:
            return ""
        rate = self.done / passed
        return f"{rate:,.1f} a second" if rate >= 1 else f"{rate * 60:.0f} a minute"

    def counts(self) -> list[tuple[Outcome, str]]:
        """The counts of outcomes other than zero, as text, in the order of reports."""
        return [(outcome, f"{self.outcomes[outcome]:,} {outcome}") for outcome in Outcome if self.outcomes[outcome]]

    def progress(self, now: float) -> str:
        """Seeds done and found, speed and time left, on one line."""
        left = self.left(now)
        parts = [f"{self.done:,} of {self.found:,} seeds", self.speed(now), f"{left} left" if left is not None else ""]
        return ", ".join(filter(None, parts))

    def sentence(self, now: float) -> str:
        """The progress and the counts on one line."""
        counts = ", ".join(count for _, count in self.counts())
        return f"{self.progress(now)}: {counts}" if counts else self.progress(now)
