"""Shards: parts of all seeds, each host wholly in one of them, for runs that need not know of each other."""

from __future__ import annotations

import os
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.seeds import lock, writing
from fetcher.terms.arguments import Shard, host_of, parse_shard, shard_number
from tests.site import page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

HOSTS = [f"127.0.0.{number}" for number in range(1, 9)]


@pytest.mark.parametrize("text", ["0/4", "5/4", "1/0", "4", "1/4/2", "a/b", "-1/4", "1.0/4", "١/4", "", "1/9999999"])
def test_only_k_of_n_from_1_to_n_is_a_shard(text: str) -> None:
    with pytest.raises(ValueError, match="is no shard: give k/N, with k from 1 to N"):
        parse_shard(text)


def test_a_shard_is_shown_as_it_is_given() -> None:
    assert str(parse_shard(" 3/16 ")) == "3/16"


@given(
    st.text(),
    st.one_of(st.just(""), st.from_regex(r"https?://[a-zé.-]{1,20}(:\d{1,4})?/\w*", fullmatch=True)),
    st.integers(1, 9),
)
def test_every_seed_is_in_exactly_one_shard(path: str, url: str, of: int) -> None:
    assert sum(Shard(number, of).has(path, url) for number in range(1, of + 1)) == 1


@pytest.mark.parametrize(
    "url",
    ["http://example.org", "https://EXAMPLE.org:8443/b?c#d", "http://me@example.org/", "http://example.org./a"],
)
def test_a_host_is_in_one_shard_however_it_is_written(url: str) -> None:
    assert host_of(url) == b"example.org"


def test_a_host_is_in_one_shard_in_its_own_letters_and_in_those_of_the_wire() -> None:
    assert host_of("https://BÜCHER.example/") == host_of("https://xn--bcher-kva.example/")


def test_the_shard_of_a_host_is_the_same_on_every_machine_and_for_good() -> None:
    urls = ["https://example.org/", "https://example.com/", "http://127.0.0.1/"]
    assert [shard_number("", url, 16) for url in urls] == [16, 10, 9]


def test_hosts_are_spread_evenly() -> None:
    counts = Counter(shard_number("", f"https://host-{number}.example.org/", 16) for number in range(16_000))
    assert len(counts) == 16
    assert 850 < min(counts.values()) <= max(counts.values()) < 1150


@pytest.fixture
def many(site: Site, seeds: Seeds) -> Seeds:
    for number, host in enumerate(HOSTS * 3):
        text = page(f"The text of page {number}.", f"Page {number}")
        seeds.add(f"{number}.md", site.says(f"/{number}", text, host=host))
    seeds.add("again.md", site.url("/0", HOSTS[0]) + "#part")
    for name in ("bad.md", "worse.md", "worst.md"):
        seeds.add(name, "", text="---\nsource_url: [\n---\n")
    return seeds


def test_the_runs_of_all_shards_end_every_seed_once_and_share_no_host(site: Site, many: Seeds, crawl: Crawl) -> None:
    found: list[str] = []
    hosts: list[str] = []
    for number in (1, 2, 3):
        site.asked.clear()
        run = crawl(f"shard={number}/3")
        found += run.outcomes
        hosts += {host for host, _ in site.asked}
    assert sorted(found) == sorted(many.texts())
    assert sorted(hosts) == HOSTS


def test_seeds_of_one_page_stay_together(many: Seeds, crawl: Crawl) -> None:
    assert many
    shared = [
        run.of("0.md")["shares_page_with"]
        for number in (1, 2)
        if "0.md" in (run := crawl(f"shard={number}/2")).outcomes
    ]
    assert shared == [["again.md"]]


def test_a_limit_is_that_of_each_shard(many: Seeds, crawl: Crawl) -> None:
    assert many
    visited = [
        sum(outcome == "filled" for outcome in crawl(f"shard={k}/2", "limit=2").outcomes.values()) for k in (1, 2)
    ]
    assert visited == [2, 2]


@pytest.mark.parametrize(("one", "other"), [(None, None), (None, "1/4"), ("1/4", None), ("1/4", "1/4"), ("1/4", "2/3")])
def test_runs_that_may_share_a_seed_exclude_each_other(tmp_path: Path, one: str | None, other: str | None) -> None:
    held, wanted = (text and parse_shard(text) for text in (one, other))
    with lock.hold(tmp_path, held or None), pytest.raises(lock.LockedError), lock.hold(tmp_path, wanted or None):
        pass
    with lock.hold(tmp_path, wanted or None):
        assert not list(tmp_path.iterdir())


def test_shards_of_one_number_of_shards_run_side_by_side(tmp_path: Path) -> None:
    with lock.hold(tmp_path, Shard(2, 3)):
        pass  # another number of shards before leaves no trace
    with lock.hold(tmp_path, Shard(1, 2)), lock.hold(tmp_path, Shard(2, 2)):
        pass


def test_a_shard_leaves_alone_what_another_may_be_writing(tmp_path: Path) -> None:
    young, old = (tmp_path / f".fetcher-{digit * 16}.tmp" for digit in "01")
    for place in (young, old):
        place.touch()
    os.utime(old, (time.time() - 7200,) * 2)
    assert writing.remove_temporary_files(tmp_path, alone=False) == 1
    assert young.exists()
