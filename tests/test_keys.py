"""Seeds that other programs wrote: other keys, TOML; edited where they stand, and refreshed as any other."""

from __future__ import annotations

import pickle
import re
import tomllib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.run import arguments
from fetcher.seeds import folder, seeds
from fetcher.seeds.seeds import Keys, parse_plain
from fetcher.terms.arguments import UsageError
from fetcher.terms.failures import SeedError
from tests.forked import ran
from tests.site import page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

WHEN = datetime(2026, 3, 1, 4, 5, 6, tzinfo=UTC)
KEYS = Keys(("source_url", "url", "source", "link"), ("fetched_at", "clipped", "created"))

CLIPPING = """---
title: "Lending"
source: "https://library.example/lending"
author:
  - "[[A. Reader]]"
published:
created: 2025-11-20
tags:
  - "clippings"
---
Lending is free.
"""
POST = """+++
# Written by hand
title = "Lending"  # as on the page
source_url = 'https://library.example/lending'
date = 2024-05-06
weight = 0x10

[params]
fetched_at = "not this one"

[[params.list]]
a = [
[1, 2],
]
+++
Lending is free.
"""


def parsed(text: str, keys: Keys = KEYS) -> seeds.Seed:
    seed = seeds.parse(text, keys)
    assert seed
    return seed


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.split("\n"), after.split("\n")
    return [line for line in old if line not in new], [line for line in new if line not in old]


# --- keys ---


def test_the_first_key_that_is_there_has_the_address() -> None:
    text = "---\nlink: https://b.example/\nsource: https://a.example/\n---\n"
    assert parsed(text).url == "https://a.example/"
    assert parsed(text, Keys(("link", "source"))).url == "https://b.example/"
    assert seeds.parse(text) is None


def test_a_key_that_is_there_must_hold_an_address_and_the_error_names_it() -> None:
    with pytest.raises(SeedError, match="The url is no address of a page"):
        seeds.parse("---\nurl: /about/\nlink: https://a.example/\n---\n", KEYS)


def test_the_stamp_that_is_there_is_edited_in_its_form() -> None:
    stamped = seeds.stamp(parsed(CLIPPING), WHEN)
    assert changed_lines(CLIPPING, stamped.text) == (["created: 2025-11-20"], ["created: 2026-03-01"])
    assert stamped.fetched_at == datetime(2026, 3, 1, tzinfo=UTC)


def test_the_first_key_is_added_where_there_is_no_stamp() -> None:
    text = "---\nlink: https://a.example/\n---\nBody\n"
    added = seeds.stamp(parsed(text), WHEN).text
    assert changed_lines(text, added) == ([], ["fetched_at: 2026-03-01T04:05:06Z"])


def test_another_address_goes_where_the_old_one_stood() -> None:
    moved = seeds.set_url(parsed(CLIPPING), "https://library.example/loans").text
    assert changed_lines(CLIPPING, moved)[1] == ['source: "https://library.example/loans"']


def test_a_seed_keeps_its_keys_on_its_way_to_other_processes() -> None:
    again = pickle.loads(pickle.dumps(parsed(CLIPPING)))  # noqa: S301  # our own
    assert again == parsed(CLIPPING)


NAMES = st.sampled_from(["source_url", "url", "source", "link", "fetched_at", "clipped", "created", "title"])
VALUES = st.sampled_from(['"https://a.example/"', "https://b.example/x", "2025-11-20", '"2024-01-02"', "word", "'12'"])


@given(
    st.lists(st.tuples(NAMES, VALUES), max_size=5, unique_by=lambda pair: pair[0]),
    st.sampled_from(["", "url: x\n", "created: y\n"]),
)
def test_a_glance_finds_what_the_whole_reading_finds(pairs: list[tuple[str, str]], body: str) -> None:
    text = "---\n" + "".join(f"{name}: {value}\n" for name, value in pairs) + "---\n" + body
    if found := parse_plain(text, KEYS):
        seed = parsed(text)
        assert (found.url, found.fetched_at) == (seed.url, seed.fetched_at)


def test_plain_front_matter_with_other_keys_is_read_at_a_glance() -> None:
    assert parse_plain('---\nsource: "https://a.example/"\nclipped: 2025-11-20\n---\ncreated: no\n', KEYS)


@pytest.mark.parametrize(
    ("url", "stamp"), [("", "created"), ("a b", "created"), ("link", "link"), ("title", "created"), ("link", ",")]
)
def test_settings_that_name_no_keys_are_refused(url: str, stamp: str) -> None:
    with pytest.raises(UsageError, match="SEEDS_"):
        arguments.keys(url, stamp)


def test_keys_are_a_text_or_a_list() -> None:
    assert arguments.keys("source_url, link ,", ["created"]) == Keys(("source_url", "link"), ("created",))


# --- TOML ---


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_toml_gets_its_stamp_before_the_first_table(newline: str) -> None:
    text = POST.replace("\n", newline)
    stamped = seeds.stamp(parsed(text), WHEN).text
    line = f'fetched_at = "2026-03-01T04:05:06Z"{newline}'
    assert stamped.replace(line, "", 1) == text
    assert parsed(stamped).fetched_at == WHEN
    assert seeds.stamp(parsed(stamped), WHEN).text == stamped


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("2024-05-06", "2026-03-01"),
        ("2024-05-06T01:02:03Z", "2026-03-01T04:05:06Z"),
        ("2024-05-06 01:02:03+02:00   # fetched", "2026-03-01 04:05:06+00:00   # fetched"),
        ("'2024-05-06'", "'2026-03-01'"),
        ('"Mon, 06 May 2024 01:02:03 GMT" # x', '"Sun, 01 Mar 2026 04:05:06 GMT" # x'),
        ("[1]", "2026-03-01T04:05:06Z"),
    ],
)
def test_a_toml_stamp_keeps_its_form_quotes_and_comment(value: str, written: str) -> None:
    text = f'+++\nlink = "https://a.example/"\ncreated = {value}\n\n[extra]\ncreated = 1\n+++\nBody\n'
    assert seeds.stamp(parsed(text), WHEN).text == text.replace(value, written, 1)


TITLES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(TITLES)
def test_any_title_is_written_into_toml_so_that_it_reads_again(title: str) -> None:
    seed = seeds.set_title(parsed(POST), title)
    assert seed.title == (title.strip() or "Lending")
    front = seed.front.inner
    before = tomllib.loads(parsed(POST).front.inner)
    assert {**tomllib.loads(front), "title": ""} == {**before, "title": ""}


def test_toml_with_a_byte_order_mark_or_at_the_end_of_a_file_is_kept() -> None:
    text = "\ufeff+++\nlink = 'https://a.example/'\n+++"
    seed = parsed(text)
    assert (seeds.render(seed, seed.body), seeds.render(seed, "Body")) == (text, text + "\nBody")


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("link = \n", r"no valid TOML: .* in line 2 of the file\. Correct the TOML between the two \+\+\+ lines"),
        ("link = 'https://a.example/'\nlink = 'https://a.example/'\n", "no valid TOML"),
        ("link = " + "[" * 20_000 + "\n", "nested too deeply|no valid TOML"),
    ],
)
def test_bad_toml_is_an_error_that_says_where(head: str, says: str) -> None:
    with pytest.raises(SeedError) as raised:
        seeds.parse(f"+++\n{head}+++\n", KEYS)
    assert re.search(says, f"{raised.value.detail} {raised.value.mend}")


def test_toml_without_an_end_is_an_error_where_it_was_meant_as_such() -> None:
    assert seeds.parse("+++\nSome text\n", KEYS) is None
    with pytest.raises(SeedError) as raised:
        seeds.parse("+++\nlink = 'https://a.example/'\n", KEYS)
    assert raised.value.mend == "Put a line of +++ after the last key."


# --- runs ---


def test_a_run_fills_and_refreshes_clippings_and_toml_where_they_stand(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    url = site.says("/lending", page("Lending is free for members."))
    note = seeds.add("note.md", "", text=CLIPPING.replace("https://library.example/lending", url))
    post = seeds.add("post.md", "", text=POST.replace("https://library.example/lending", url))
    given = {"SEEDS_URL_KEY": "source_url,source", "SEEDS_STAMP_KEY": "created,date"}
    run = crawl(**given)
    assert set(run.outcomes.values()) == {"changed"}
    for path in (note, post):
        assert path.read_text().endswith("Lending is free for members.\n")
    assert "created: 2025-11-20" not in note.read_text()
    assert "date = 2024-05-06" not in post.read_text()
    assert set(crawl(**given).outcomes.values()) == {"unchanged"}
    assert [path for path, found in folder.scan(seeds.folder, keys=KEYS) if isinstance(found, SeedError)] == []


def test_other_commands_go_by_the_keys_too(site: Site, seeds: Seeds, tmp_path: Path) -> None:
    url = site.says("/lending", page("Lending is free."))
    seeds.add("note.md", "", text=CLIPPING.replace("https://library.example/lending", url))
    words = ["scrapy", "status", "--json", "-s", f"SEEDS_DIR={seeds.folder}"]
    words += ["-s", "SEEDS_URL_KEY=source", "-s", f"REFRESH_STATE={tmp_path}/state.sqlite"]
    assert url in ran(words).stdout
    words = ["scrapy", "preview", "note.md", "-s", f"SEEDS_DIR={seeds.folder}"]
    words += ["-s", "SEEDS_URL_KEY=source", "-s", f"REFRESH_STATE={tmp_path}/state.sqlite", "-s", "DOWNLOAD_DELAY=0"]
    assert "outcome      unchanged" in ran(words).stdout
