"""The plan of a run: its seeds page by page, the sites in turn, on disk; and why there are none."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from fetcher.run.plan import NOTHING_DUE, Plan, site_of
from fetcher.seeds.folder import Entry, Found
from fetcher.terms.failures import SeedError
from tests.conftest import STAMP
from tests.site import page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.conftest import Command, Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

MOMENT = datetime(2026, 2, 3, 4, 5, 6, 7, tzinfo=UTC)


def entries(*urls: str) -> Iterator[Found]:
    for number, url in enumerate(urls):
        yield f"{number}.md", Entry(f"{number}.md", url, MOMENT, bytes([number % 256]))


def order(*urls: str) -> list[tuple[str, list[str]]]:
    return [(page, [entry.path for entry in seeds]) for page, seeds in Plan(entries(*urls)).pages()]


def test_seeds_of_one_page_are_together_whatever_the_fragment() -> None:
    found = order("https://a.b/x#1", "https://a.b/y", "https://a.b/x", "https://a.b/X", "https://a.b/x#2")
    pages = [("https://a.b/x", ["0.md", "2.md", "4.md"]), ("https://a.b/y", ["1.md"]), ("https://a.b/X", ["3.md"])]
    assert found == pages


def test_of_each_site_the_page_that_waits_longest_comes_first() -> None:
    day = timedelta(days=1)
    stamps = [MOMENT, MOMENT - day, None, MOMENT - 2 * day, MOMENT - 3 * day]
    urls = ["https://a/new", "https://a/old", "https://a/never", "https://a/asked", "https://b/older"]
    found = [(url, Entry(url, url, stamp, b"")) for url, stamp in zip(urls, stamps, strict=True)]
    plan = Plan(found, {"https://a/asked": MOMENT + day}.get)
    assert [page for page, _ in plan.pages()] == [urls[2], urls[4], urls[1], urls[0], urls[3]]


def test_a_page_is_as_old_as_the_oldest_of_its_seeds() -> None:
    found = [("a", "https://a/1", MOMENT), ("b", "https://a/2", MOMENT), ("c", "https://a/2#x", None)]
    plan = Plan((path, Entry(path, url, stamp, b"")) for path, url, stamp in found)
    assert [page for page, _ in plan.pages()] == ["https://a/2", "https://a/1"]


def test_sites_take_turns_and_the_pages_of_each_stay_in_order() -> None:
    found = order("https://b/1", "https://b/2", "https://a/1", "https://b/3", "https://c/1", "https://a/2")
    assert [page for page, _ in found] == [
        "https://b/1",
        "https://a/1",
        "https://c/1",
        "https://b/2",
        "https://a/2",
        "https://b/3",
    ]


def test_an_entry_comes_back_as_it_was() -> None:
    names = ["a.md", "\udcff.md", "ä/b.md"]  # the second is no UTF-8
    urls = ["https://a.b/x", "https://ä.b/ü#\ud800", "http://c.d:8080/"]
    stamps = [MOMENT, None, datetime(2026, 1, 1, tzinfo=UTC)]
    given = [Entry(*each, b"\0\xff") for each in zip(names, urls, stamps, strict=True)]
    plan = Plan((entry.path, entry) for entry in given)
    assert [entry for _, seeds in plan.pages() for entry in seeds] == given
    assert plan.pages_by_site() == {"a.b": 1, "ä.b": 1, "c.d:8080": 1}


@pytest.mark.parametrize("url", ["", "https://a.b", "http://a.b:80/x//y?z//", "https://u@a.b?x", "https://[::1]/#//c"])
def test_the_site_is_what_an_address_is_on(url: str) -> None:
    assert site_of(url) == urlsplit(url).netloc


def test_what_cannot_be_used_is_counted_and_told() -> None:
    error = SeedError("unreadable", "The file cannot be read.", "Look at it.")
    plan = Plan([("z.md", error), *entries("https://a.b/x", "https://a.b/y", "https://a.b/x#2")])
    assert len(plan) == 4
    assert [(path, each.reason, each.detail, each.mend) for path, each in plan.unusable()] == [
        ("z.md", "unreadable", "The file cannot be read.", "Look at it.")
    ]
    assert plan.seeds_by_site() == {"": 1, "a.b": 3}
    assert plan.pages_by_site() == {"a.b": 2}
    assert list(plan.without({"0.md", "2.md"})) == [("1.md", "https://a.b/y"), ("z.md", "")]
    assert len(Plan()) == 0


def test_nothing_is_left_of_a_plan(recwarn: pytest.WarningsRecorder) -> None:
    gc.collect()
    recwarn.clear()  # of what earlier tests left
    plan = Plan(entries("https://a.b/x"))
    next(plan.pages())
    del plan
    gc.collect()
    assert not recwarn.list


LARGE = """
import sys, tracemalloc
from fetcher.run.plan import Plan, site_of
from fetcher.seeds.folder import Entry

def found(number):
    for n in range(number):
        path = f"{n // 200:04}-Part/page-{n}.md"
        yield path, Entry(path, f"https://site-{n % 50}.example/part/page-{n}", None, bytes(16))

tracemalloc.start()
plan = Plan(found(int(sys.argv[1])))
for page, seeds in plan.pages():
    pass
print(tracemalloc.get_traced_memory()[1])
"""


def run_large(number: int, **environment: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", LARGE, str(number)]
    return subprocess.run(words, env=os.environ | environment, capture_output=True, text=True, check=False)


def test_its_memory_does_not_grow_with_the_seeds() -> None:
    few, many = int(run_large(2_000).stdout), int(run_large(20_000).stdout)
    assert many < few + 100_000  # bytes; five a seed


HALFWAY = """
import psutil

process = psutil.Process()
before = process.memory_info().rss
pages = plan.pages()
next(pages)
print(process.memory_info().rss - before)
"""


def test_no_sorting_goes_on_while_its_pages_are_visited() -> None:
    kept = LARGE[: LARGE.index("for page, seeds")].replace("tracemalloc.start()", "") + HALFWAY
    words = [sys.executable, "-c", kept, "20000"]
    assert int(subprocess.run(words, capture_output=True, text=True, check=True).stdout) < 3_000_000  # bytes; it was 7


def test_it_says_that_there_is_no_room(small_disk: Path) -> None:
    ended = run_large(20_000, TMPDIR=str(small_disk))
    assert "OSError: [Errno 28] There is no room for the list of seeds: let TMPDIR name another folder" in ended.stderr
    assert run_large(200, TMPDIR=str(small_disk)).returncode == 0  # few are kept in memory


def steps(number: int) -> int:
    """Of SQLite, in thousands, to read a plan with so many pages of a few sites."""
    plan = Plan(entries(*(f"https://{n % 5}.example/{n}" for n in range(number))))
    taken = []
    plan._database.set_progress_handler(lambda: taken.append(1), 1000)
    assert sum(1 for _ in plan.pages()) == number
    return len(taken)


def test_the_order_is_found_in_a_few_passes() -> None:
    assert steps(4000) < 6 * steps(1000)


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
    assert (run.status, run.out, run.log.strip()) == (
        2,
        "",
        f"refresh: {seeds.folder} holds no Markdown file: `scrapy add URL` makes a seed of a page.",
    )


def test_a_path_or_an_address_that_means_nothing_is_told(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    seeds.add("a.md", site.says("/a", page("One.")), "One.\n")
    for given, told in (("path=b/*", "No file"), (f"url={site.url('/b')}", "No seed")):
        run = crawl(given)
        assert run.status == 2
        assert told in run.out
    assert site.pages_asked() == []


def test_an_age_that_leaves_no_seed_is_a_good_run(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    seeds.add("a.md", site.says("/a", page("One.")), "One.\n")
    run = crawl("older_than=" + STAMP[:10])
    assert (run.status, NOTHING_DUE in run.out) == (0, True)
    assert crawl("shard=1/2", "older_than=" + STAMP[:10]).status == 0


def test_the_setting_that_the_hint_names_makes_them_seeds(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    url = site.says("/a", page("One."))
    seeds.add("a.md", "", text=f'---\ntitle: "A page"\npermalink: "{url}"\n---\n')
    assert "SEEDS_URL_KEY=permalink" in crawl().out
    assert crawl(SEEDS_URL_KEY="permalink").outcomes == {"a.md": "filled"}
