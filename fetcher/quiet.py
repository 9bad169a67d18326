"""Spares a run what Scrapy counts and words for its log alone, where the log does not show it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from scrapy.logformatter import LogFormatter

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

_UNCOUNTED = {
    "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
    "DOWNLOADER_STATS": False,  # for which each request is written out once more
}


class Wordless(LogFormatter):
    """Words nothing of pages and items that all went well."""

    def crawled(self, *_: Any, **__: Any) -> None:  # type: ignore[override]  # the engine takes None for no message
        """Nothing to log."""

    def scraped(self, *_: Any, **__: Any) -> None:  # type: ignore[override]  # as above
        """Nothing to log."""


def spare(settings: BaseSettings) -> None:
    """Leaves out what nobody reads, at the level of the log; what a user has set otherwise stands."""
    log = logging.getLogger("scrapy")
    log.setLevel(settings["LOG_LEVEL"])
    if not log.isEnabledFor(logging.DEBUG):
        settings.set("LOG_FORMATTER", f"{__name__}.{Wordless.__name__}", "command")
    if not log.isEnabledFor(logging.INFO):  # at the end of a run, its statistics are logged
        settings.setdict(_UNCOUNTED, "command")
        settings["EXTENSIONS"].set("scrapy.extensions.corestats.CoreStats", None, "command")
