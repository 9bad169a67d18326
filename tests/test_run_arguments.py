"""The arguments and settings of a run, and its exit statuses."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from scrapy.settings import Settings

from fetcher.commands.given import fault_of
from fetcher.terms.arguments import UsageError
from tests.conftest import ROOT
from tests.forked import ran
from tests.site import page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Command, Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

TEXT = "Some words that fill a page."


@pytest.fixture
def three(site: Site, seeds: Seeds) -> Seeds:
    for number, name in enumerate(("one/a.md", "one/b.md", "two/c.md")):
        url = site.says(f"/{name}", page(TEXT))
        seeds.add(name, "", text=f"---\nsource_url: {url}\nfetched_at: 2026-0{3 - number}-01\n---\n")
    return seeds


@pytest.mark.parametrize(
    ("argument", "chosen"),
    [
        ("path=one/*", {"one/a.md", "one/b.md"}),
        ("older_than=2026-02-15", {"one/b.md", "two/c.md"}),
        ("older_than=1w", {"one/a.md", "one/b.md", "two/c.md"}),
        ("limit=1", {"two/c.md"}),
    ],
)
def test_an_argument_chooses_seeds(three: Seeds, crawl: Crawl, argument: str, chosen: set[str]) -> None:
    assert three
    run = crawl(argument)
    assert set(run.outcomes) == chosen
    assert run.status == 0


def test_a_stamp_that_is_yet_to_come_keeps_no_seed_out(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    for name, stamp in (("a", "2999-01-01"), ("b", "2026-01-01")):
        text = f"---\nsource_url: {site.says(f'/{name}', page(TEXT))}\nfetched_at: {stamp}\n---\n"
        seeds.add(f"{name}.md", "", text=text)
    assert set(crawl("limit=1", "dry_run=true").outcomes) == {"a.md"}
    assert set(crawl("older_than=1d").outcomes) == {"a.md", "b.md"}
    assert crawl("older_than=1d").report["seeds"] == []  # once it was verified


def test_url_chooses_the_seeds_of_one_page(three: Seeds, site: Site, crawl: Crawl) -> None:
    three.add("broken.md", "", text="---\nsource_url: [\n---\n")
    assert set(crawl(f"url={site.url('/two/c.md')}").outcomes) == {"two/c.md"}


@pytest.mark.parametrize(
    ("argument", "sentence"),
    [
        ("colour=red", "unknown argument colour; known ones are path, url, older_than, limit, dry_run"),
        ("older_than=soon", "older_than=soon is neither an age"),
        ("limit=0", "limit=0 is no number of seeds"),
        ("limit=²", "limit=² is no number of seeds"),
        ("dry_run=perhaps", "dry_run=perhaps is neither true nor false"),
        ("shard=5/4", "shard=5/4 is no shard: give k/N"),
        ("accept=anything", "accept=anything is no reason"),
        ("accept=conflict", "accept=conflict is no reason"),
        ("conflicts=yours", "conflicts=yours is neither mine nor theirs"),
    ],
)
def test_a_bad_argument_is_refused_in_a_sentence(three: Seeds, crawl: Crawl, argument: str, sentence: str) -> None:
    assert three
    with pytest.raises(UsageError, match=sentence):
        crawl(argument)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"SEEDS_DIR": "/no/such/folder"}, "SEEDS_DIR=/no/such/folder is no folder"),
        ({"SEEDS_STAMP": "never"}, "SEEDS_STAMP=never is neither changed nor verified"),
        ({"REFRESH_MAX_WAIT": "long"}, "REFRESH_MAX_WAIT=long is no number of seconds"),
    ],
)
def test_a_bad_setting_is_refused_in_a_sentence(crawl: Crawl, settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        crawl(**settings)


def test_the_command_refuses_an_unknown_argument_with_status_2(command: Command) -> None:
    run = command("colour=red")
    assert run.status == 2
    assert "refresh: unknown argument colour; known ones are path, " in run.log
    assert "Traceback" not in run.log


def test_a_report_folder_that_cannot_be_written_ends_the_run_with_status_2(seeds: Seeds, crawl: Crawl) -> None:
    run = crawl(REPORT_DIR=str(seeds.add("file", "", text="")))
    assert run.status == 2
    assert "cannot be used" in run.out


def test_a_run_without_a_contact_warns(crawl: Crawl) -> None:
    assert "REFRESH_CONTACT" in crawl(REFRESH_CONTACT="").log


@pytest.mark.parametrize("name", ["refrsh", "Refresh", "crawl\x1b[31m"])
def test_a_misspelt_run_is_answered_with_its_right_name(name: str) -> None:
    done = ran(["scrapy", "crawl", name])
    assert (done.returncode, done.stdout) == (2, "")
    shown = name.replace("\x1b", "\N{REPLACEMENT CHARACTER}")
    assert done.stderr == f"refresh: there is no {shown} to crawl: did you mean `scrapy crawl refresh`?\n"


@pytest.mark.parametrize("words", [["crawl", "refresh"], ["undo"], ["accept", "a.md"]])
def test_a_misspelt_setting_ends_a_command_before_it_does_anything_in_the_default_folder(words: list[str]) -> None:
    done = ran(["scrapy", *words, "-s", "SEED_DIR=notes"])
    assert (done.returncode, done.stdout) == (2, "")
    assert "no setting is called SEED_DIR: did you mean SEEDS_DIR?" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("seeds_dir", "a", "no setting is called seeds_dir: did you mean SEEDS_DIR?"),
        ("SEEDS", "a", "no setting is called SEEDS: did you mean SEEDS_DIR?"),
        ("REFRESH_CONFRIM", "0", "no setting is called REFRESH_CONFRIM: did you mean REFRESH_CONFIRM?"),
        (
            "SEEDS_ANY_OF_ALL",
            "0",
            "no setting is called SEEDS_ANY_OF_ALL: fetcher/guide/settings.md has them all",
        ),
        ("LOG_LEVEL", "foo", "LOG_LEVEL=foo is none of CRITICAL, ERROR, WARNING, INFO, DEBUG"),
        ("DOWNLOAD_DELY", "0", "no setting is called DOWNLOAD_DELY: did you mean DOWNLOAD_DELAY?"),
        ("REFRESH_CONFIRM", "maybe", "REFRESH_CONFIRM=maybe is not True or False"),
        ("DOWNLOAD_DELAY", "slow", "DOWNLOAD_DELAY=slow is no number"),
        ("REFRESH_CONFIRM", "false", ""),
        ("DOWNLOAD_DELAY", "0.5", ""),
        ("HTTPCACHE_ENABLED", "1", ""),
        ("WEATHER_STATION", "a component that someone has added", ""),
    ],
)
def test_settings_are_checked_by_name_and_value(name: str, value: str, fault: str) -> None:
    known = Settings()
    known.setmodule("fetcher.settings")
    assert fault_of(name, value, known) == fault


def test_other_spiders_run_as_scrapy_runs_them(command: Command, tmp_path: Path) -> None:
    (tmp_path / "others.py").write_text(
        "import scrapy\nclass Other(scrapy.Spider):\n    name = 'other'\n    async def start(self):\n"
        "        print('It ran.')\n        return\n        yield\n"
    )
    words = ["other" if word == "refresh" else word for word in command.words(SPIDER_MODULES="fetcher.spiders,others")]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(words, check=False, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "It ran.\n"), done.stderr


@pytest.mark.parametrize(("level", "times"), [("DEBUG", 1), ("INFO", 0)])
def test_the_log_names_each_page_where_its_level_asks_for_that(
    site: Site, seeds: Seeds, command: Command, level: str, times: int
) -> None:
    seeds.add("a.md", site.says("/a", page(TEXT)))
    log = command(LOG_LEVEL=level).log
    assert log.count("/a> (referer: None)") == times
    assert "Spider closed (finished)" in log
