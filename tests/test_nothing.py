"""A run that has no seed to look at says why, unless that is as it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conftest import STAMP
from tests.site import page

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Command, Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]


def test_files_that_name_their_address_otherwise_are_counted_and_their_key_is_named(seeds: Seeds, crawl: Crawl) -> None:
    for name in ("a.md", "b.md"):
        seeds.add(name, "", text=f'---\ntitle: One\npermalink: "https://lib.example/{name}"\n---\nText.\n')
    seeds.add("c.md", "", text="No front matter.\n")
    run = crawl()
    assert run.status == 2
    assert "3 Markdown files have no source_url in front matter." in run.out
    assert "run with -s SEEDS_URL_KEY=permalink" in run.out


def test_an_empty_folder_is_no_good_run(seeds: Seeds, command: Command) -> None:
    run = command()
    assert (run.status, run.out, run.log.strip()) == (2, "", f"refresh: {seeds.folder} holds no Markdown file.")


def test_a_path_or_an_address_that_means_nothing_is_told(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    seeds.add("a.md", site.says("/a", page("One.")), "One.\n")
    for given, told in (("path=b/*", "No file"), (f"url={site.url('/b')}", "No seed")):
        run = crawl(given)
        assert run.status == 2
        assert told in run.out
    assert site.pages_asked() == []


def test_an_age_that_leaves_no_seed_is_a_good_run(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    seeds.add("a.md", site.says("/a", page("One.")), "One.\n")
    assert crawl("older_than=" + STAMP[:10]).status == 0
    assert crawl("shard=1/2", "older_than=" + STAMP[:10]).status == 0


def test_the_setting_that_the_hint_names_makes_them_seeds(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    url = site.says("/a", page("One."))
    seeds.add("a.md", "", text=f'---\ntitle: "A page"\npermalink: "{url}"\n---\n')
    assert "SEEDS_URL_KEY=permalink" in crawl().out
    assert crawl(SEEDS_URL_KEY="permalink").outcomes == {"a.md": "filled"}
