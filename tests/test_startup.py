"""A run loads what it has use for: to start is most of the time that a run with little to do takes."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT
from tests.site import page
from tests.test_run_workers import HEAVY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Command, Seeds
    from tests.site import Site

# What reads pages, and what Scrapy brings for components that are off.
READERS = {
    "bs4",
    "cmarkgfm",
    "fetcher.page.metadata",
    "fetcher.report.classes",
    "fetcher.report.outline",
    "markdownify",
    "rapidfuzz",
}
IDLE = {"aiohttp", "requests", "tldextract", "twisted.conch"}
# What other commands are for, or seeds and stamps of another form.
OTHERS = {
    "dateutil",
    "fetcher.demo.site",
    "fetcher.fleet.fleet",
    "fetcher.publish.repository",
    "fetcher.report.merging",
    "tomllib",
    "yaml",
}
ASKERS = {"fetcher.handlers", "scrapy.core.downloader.tls"}


def loaded(command: Command, status: int = 0, **settings: str) -> set[str]:
    """The modules that the main process of a run loads, which ends with a status."""
    python, *words = command.words(REFRESH_WORKERS="1", **settings)
    done = subprocess.run([python, "-X", "importtime", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr[-2000:]
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}


def test_a_run_without_seeds_loads_nothing_that_asks_for_pages_or_reads_them(command: Command) -> None:
    found = loaded(command, status=2)
    assert "fetcher.extensions" in found
    assert not found & (READERS | IDLE | ASKERS)


def test_a_run_in_which_nothing_is_new_loads_nothing_for_other_commands_or_other_forms_of_seeds(
    site: Site, seeds: Seeds, command: Command
) -> None:
    seeds.add("a.md", site.says("/a", page("A few words on a page.")))
    assert OTHERS & loaded(command)
    assert not loaded(command) & OTHERS
    assert '"reason": "same-bytes"' in (command.reports / "latest" / "report.json").read_text()


@pytest.mark.parametrize("outcome", ["unchanged", "changed"])
def test_a_run_whose_other_processes_read_does_not_load_what_they_read_with(
    site: Site, seeds: Seeds, command: Command, outcome: str
) -> None:
    body = "\n# A page\n\nA few words, as they are on the page.\n"
    text = "A few words, as they are on the page." + "\nAnd some more of them." * (outcome == "changed")
    seeds.add("a.md", site.says("/a", page(text) + HEAVY), body)
    assert not loaded(command) & READERS
    assert f'"{outcome}": 1' in (command.reports / "latest" / "report.json").read_text()


def test_a_look_at_what_a_page_shows_loads_nothing_that_compares(site: Site, seeds: Seeds, command: Command) -> None:
    """As of a small page, which the main process reads itself."""
    seeds.add("a.md", site.says("/a", page("A few words on a page.")), "\n# A page\n\nA few words on a page.\n")
    assert READERS & loaded(command)
    site.says("/a", page("A few words on a page.") + "<hr>")
    found = loaded(command)
    assert "lxml.etree" in found
    assert not found & READERS
    assert '"reason": "same-words"' in (command.reports / "latest" / "report.json").read_text()


def test_a_rule_for_a_browser_loads_none_where_the_text_comes_without_it(
    site: Site, seeds: Seeds, command: Command, tmp_path: Path
) -> None:
    rules = tmp_path / "sites.yaml"
    rules.write_text("- host: 127.0.0.1\n  render: auto\n")
    seeds.add("a.md", site.says("/a", page("A few words on a page.")))
    found = loaded(command, REFRESH_SITES=str(rules))
    assert "fetcher.sites.reading" in found
    assert not {"playwright", "fetcher.browsing", "psutil"} & found
