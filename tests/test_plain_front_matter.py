"""The fast reader of plain front matter finds what YAML finds; all other front matter is left to YAML."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fetcher.seeds import frontmatter, seeds
from fetcher.seeds.seeds import parse_plain
from fetcher.seeds.stamps import read
from fetcher.terms.failures import SeedError

PLAIN = """---
category: "19-Reference"
fetched_at: "2026-02-08T23:10:01Z"
source_url: "https://www.example.com/news/a-b_c"
title: "Expanding access \\\\ a \\"quoted\\" 漢字 🎉"
weight: 12
draft: no
---

Text
"""
KEYS = ["source_url", "source_url", "fetched_at", "fetched_at", "title", "tags", "yes", "a-b", "_"]
VALUES = [
    *("https://example.org/a?b=c", '"https://example.org/"', "'https://example.org/'", "https://example.org/a:", "*x"),
    *(
        "https://example.org:80",
        "https://example.org:59999",
        "https://example.org:65536",
        "https://example.org:99999",
        '"https://example.org/',
        "https://example.org/ #x",
        "ftp://a",
    ),
    *("https://example.org/a#b", "http://[::1]/", "https://a.b/c: d", "https://a.b/c:\n d", "https://", "https://-/"),
    *("2026-02-08", "2026-02-08T23:10:01Z", '"2026-02-08 23:10"', "2026-13-45", "20260208", '"20260208"', "2026-2-8"),
    *('"Sat, 07 Feb 2026 02:58:22 GMT"', "2026-02-08 23:10:01", '"yesterday"', "", "~", "null", "1:30", "0x1F", "0o7"),
    *(
        "A plain title",
        "A title: with more",
        "A title # noted",
        "- a",
        "[a, b]",
        "{a: b}",
        "|\n  a",
        ">-\n  a",
        "a\n  b",
    ),
    *(
        '"a \\n b"',
        '"a \\\\ b"',
        '"a \\q b"',
        '"a',
        'a"',
        "'it''s'",
        "'it\"s \\'",
        "'a'b",
        "&a x",
        "!!str x",
        "%a",
        "@a",
        "?",
    ),
    *(
        "9" * 5000,
        "a" * 5000,
        "(a)",
        "a.b/c",
        "-",
        "---",
        "...",
        "\x85",
        '"\x85"',
        '"\u2028"',
        '"\x07"',
        '"\ufeff"',
        "\t",
    ),
]
LINES = st.tuples(
    st.sampled_from(KEYS), st.sampled_from([": ", ":", ":  ", " : "]), st.sampled_from(VALUES) | st.text()
)
FRONT = st.lists(LINES.map("".join) | st.sampled_from(["# a comment", "", "...", "---", " a: b", "a"]), max_size=6)


@given(FRONT, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["---\n", "---", "--- \n", "...\n", "---x\n", ""]))
@example(["title: " + "a" * (frontmatter.LONGEST)], "\n", "---\n")
def test_a_glance_finds_what_yaml_finds(lines: list[str], newline: str, end: str) -> None:
    text = newline.join(["---", *lines, end])
    if seen := parse_plain(text):
        seed = seeds.parse(text)
        assert seed is not None
        assert seen == (seed.url, seed.fetched_at)


def test_a_seed_as_they_mostly_are_needs_no_more_than_a_glance() -> None:
    assert parse_plain(PLAIN) == ("https://www.example.com/news/a-b_c", datetime(2026, 2, 8, 23, 10, 1, tzinfo=UTC))
    bare = "---\nsource_url: https://example.org:8080/?a=b\nfetched_at: 2026-02-08\n---"
    assert parse_plain(bare) == ("https://example.org:8080/?a=b", read("2026-02-08"))


@pytest.mark.parametrize("port", [1, 80, 9999, 10000, 59999])
def test_a_port_is_no_reason_to_ask_yaml(port: int) -> None:
    seen = parse_plain(f"---\nsource_url: https://example.org:{port}/\n---")
    assert seen is not None
    assert seen.url == f"https://example.org:{port}/"


@pytest.mark.parametrize("length", range(4050, 4100))
def test_front_matter_that_is_cut_is_left_to_yaml(length: int) -> None:
    head = "---\nsource_url: https://example.org/\n"
    text = head + "a: " + "b" * (length - len(head)) + "\n---no end"
    assert parse_plain(text) is None
    with pytest.raises(SeedError):
        seeds.parse(text)
