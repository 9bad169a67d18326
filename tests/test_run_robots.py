"""A robots.txt means what it says: whose groups they are, how slow to be, and what holds where it cannot be had."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from fetcher import robots
from fetcher.robots import own_groups
from tests.site import Answer, page

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

TEXT = "The opening hours of the library, and how to get there by bus."


def rules(text: str) -> Answer:
    return Answer(text, kind="text/plain")


@pytest.mark.parametrize("name", ["Fetch", "fetch", "f", "fetcherbot", "fetcher-images", "my fetcher", "other/fetcher"])
def test_a_group_for_another_name_is_not_ours(site: Site, seeds: Seeds, crawl: Crawl, name: str) -> None:
    site.says("/robots.txt", rules(f"User-agent: {name}\nDisallow: /\n\nUser-agent: *\nDisallow: /private/"))
    seeds.add("a.md", site.says("/hours", page(TEXT)))
    seeds.add("b.md", site.says("/private/hours", page(TEXT)))
    assert crawl().outcomes == {"a.md": "filled", "b.md": "blocked"}


@pytest.mark.parametrize("name", ["fetcher", "Fetcher", "FETCHER/1.0", "fetcher/2 beta", "fetcher*"])
def test_a_group_for_our_name_is_ours_whatever_its_version_and_case(
    site: Site, seeds: Seeds, crawl: Crawl, name: str
) -> None:
    site.says(
        "/robots.txt",
        rules(f"User-agent: *\nDisallow: /\n\nUser-agent: somebody\nuser-agent:{name} # us\nDisallow: /private/"),
    )
    seeds.add("a.md", site.says("/hours", page(TEXT)))
    seeds.add("b.md", site.says("/private/hours", page(TEXT)))
    assert crawl().outcomes == {"a.md": "filled", "b.md": "blocked"}


OTHERS = "User-agent: *\nDisallow: /a/\n\nUser-agent: bee\nUser-agent: wasp\nDisallow: /b/\nSitemap: /map.xml\n\n"
OURS = "User-agent: bee\nUser-agent: Fetcher/2\nCrawl-delay: 3\nDisallow: /c/"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (OTHERS, ["User-agent: *", "Disallow: /a/", "Sitemap: /map.xml"]),
        (OTHERS + OURS, ["Sitemap: /map.xml", "User-agent: fetcher", "Crawl-delay: 3", "Disallow: /c/"]),
        ("# For all.\n\nDisallow: /d/\nUser-agent: bee\nDisallow: /e/", []),
        ("User-agent: *\nAgents, all:\nUser-agent: bee\nDisallow: /f/", ["User-agent: *", "Disallow: /f/"]),
    ],
)
def test_only_what_is_for_us_is_kept(text: str, left: list[str]) -> None:
    """Sites name dozens of programs in their files, and a run keeps those of thousands of sites."""
    lines = own_groups(text, "fetcher").splitlines()
    assert [line for line in lines if line not in ("User-agent: fetcher-other", "Agents, all:")] == left


def test_rules_that_are_no_longer_at_hand_are_read_again_from_their_text(
    site: Site, seeds: Seeds, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parsed rules take many times the room of their text, so that only those of some sites are kept."""
    monkeypatch.setattr(robots, "_parsed", robots._parsed.__wrapped__)
    site.says("/robots.txt", rules("User-agent: *\nDisallow: /private/"))
    seeds.add("a.md", site.says("/hours", page(TEXT)))
    seeds.add("b.md", site.says("/private/hours", page(TEXT)))
    assert crawl().outcomes == {"a.md": "filled", "b.md": "blocked"}
    assert [path for _, path in site.asked].count("/robots.txt") == 1


def test_only_the_beginning_of_a_large_robots_txt_is_read_and_no_rule_of_it_is_cut(
    site: Site, seeds: Seeds, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "User-agent: *\nDisallow: /first/\nDisallow: /second/"
    monkeypatch.setattr(robots, "_LONGEST", text.index("second"))
    site.says("/robots.txt", rules(text))
    seeds.add("a.md", site.says("/first/", page(TEXT)))
    seeds.add("b.md", site.says("/second/", page(TEXT)))
    assert crawl().outcomes == {"a.md": "blocked", "b.md": "filled"}


def test_a_robots_txt_that_cannot_be_unpacked_allows_nothing(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    plain = Answer("User-agent: *\nAllow: /", kind="text/plain", headers={"Content-Encoding": "gzip"})
    site.says("/robots.txt", plain)
    seeds.add("a.md", site.says("/hours", page(TEXT)))
    run = crawl()
    assert run.why("a.md") == ("failed", "compression")
    assert "robots.txt" in run.of("a.md")["detail"]
    assert site.pages_asked() == []


def test_a_robots_txt_that_redirects_into_a_private_network_allows_nothing(
    site: Site, seeds: Seeds, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The site stands in for the public network as its proxy.
    public = "93.184.215.14"
    site.says("/robots.txt", Answer("", 302, headers={"Location": "http://10.0.0.1/robots.txt"}), host=public)
    site.says("/hours", page(TEXT), host=public)
    seeds.add("a.md", f"http://{public}/hours")
    monkeypatch.setenv("http_proxy", site.url(""))
    assert crawl().why("a.md") == ("failed", "private")
    assert site.pages_asked() == []


def test_no_request_comes_sooner_than_the_crawl_delay_whatever_the_jitter(
    site: Site, seeds: Seeds, crawl: Crawl, sent: list[float]
) -> None:
    site.says("/robots.txt", rules("User-agent: *\nCrawl-delay: 0.3"))
    for name in "abcdef":
        seeds.add(f"{name}.md", site.says(f"/{name}", page(TEXT)))
    crawl(DOWNLOAD_DELAY_JITTER="0.9")
    # The first request loads the handler before it leaves.
    assert min(later - earlier for earlier, later in pairwise(sent[1:])) >= 0.29


def test_a_host_that_asks_for_too_long_a_delay_is_left_for_later_after_its_first_page(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    site.says("/robots.txt", rules("User-agent: *\nCrawl-delay: 600"))
    for name in "abcd":
        seeds.add(f"{name}.md", site.says(f"/{name}", page(TEXT)))
    seeds.add("e.md", site.says("/e", page(TEXT), host="127.0.0.9"))
    run = crawl(REFRESH_MAX_WAIT="5")
    assert sorted(run.outcomes.values()) == ["blocked", "blocked", "blocked", "filled", "filled"]
    assert len([path for host, path in site.asked if host == "127.0.0.1"]) == 2  # robots.txt and one page
    assert {seed["detail"] for seed in run.report["seeds"] if seed["outcome"] == "blocked"} == {
        "The host asks to wait 600 s, longer than REFRESH_MAX_WAIT (5 s)."
    }


def test_where_a_host_gives_one_page_a_run_each_has_its_turn(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    site.says("/robots.txt", rules("User-agent: *\nCrawl-delay: 600"))
    body = f"\n# A page\n\n{TEXT}\n"
    seeds.add("a.md", site.says("/a", Answer(status=404)), body)  # which is never found good
    for name in "bcd":
        seeds.add(f"{name}.md", site.says(f"/{name}", page(TEXT)), body)  # and these are never stamped
    for _ in range(4):
        crawl(REFRESH_MAX_WAIT="5")
    assert sorted(site.pages_asked()) == ["/a", "/b", "/c", "/d"]
