"""What is not counted and worded for a log that does not show it."""

from __future__ import annotations

import pytest
from scrapy.settings import Settings

from fetcher import quiet

CORE = "scrapy.extensions.corestats.CoreStats"


def spared(**given: str) -> Settings:
    """The settings of a run with those given on its command line."""
    settings = Settings()
    settings.setmodule("fetcher.settings", priority="project")
    settings.setdict(given, priority="cmdline")
    quiet.spare(settings)
    return settings


def test_nothing_is_counted_for_a_log_that_shows_only_warnings() -> None:
    settings = spared()
    assert settings["STATS_CLASS"].endswith("DummyStatsCollector")
    assert settings["LOG_FORMATTER"] == "fetcher.quiet.Wordless"
    assert CORE not in {
        name
        for name, place in settings.get_component_priority_dict_with_base("EXTENSIONS").items()
        if place is not None
    }


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
def test_all_is_counted_for_a_log_that_shows_the_statistics(level: str) -> None:
    settings = spared(LOG_LEVEL=level)
    assert settings["STATS_CLASS"].endswith("MemoryStatsCollector")
    assert settings.getbool("DOWNLOADER_STATS")
    assert CORE not in settings["EXTENSIONS"]


def test_pages_are_worded_only_for_a_log_that_lists_them() -> None:
    assert spared(LOG_LEVEL="INFO")["LOG_FORMATTER"] == "fetcher.quiet.Wordless"
    assert spared(LOG_LEVEL="DEBUG")["LOG_FORMATTER"] != "fetcher.quiet.Wordless"


def test_what_a_user_wants_counted_is_counted() -> None:
    assert spared(STATS_CLASS="my.Stats")["STATS_CLASS"] == "my.Stats"
    assert spared(DOWNLOADER_STATS="True").getbool("DOWNLOADER_STATS")
