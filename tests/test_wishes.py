"""The rules about addresses, waits and redirects, each by itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest
from scrapy.settings import default_settings

from fetcher import settings
from fetcher.run.hosts import is_public, rate_limit, retry_after
from fetcher.visits.fetched import new_address

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PACKAGE = Path(settings.__file__).parent


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07::1", "::ffff:93.184.215.14"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",  # noqa: S104  # nothing is bound to it
            "224.0.0.1",
        ),
        *("::1", "fe80::1", "fc00::1", "::", "::ffff:10.0.0.1", "::7f00:1", "64:ff9b::a00:1", "2002:a00:1::", "no"),
    ],
)
def test_an_address_of_a_private_network_is_not_public_however_it_is_embedded(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("Sun, 01 Mar 2026 12:01:00 GMT", 60.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Sun, 01 Mar 2026 12:01:00 -0000", 60.0),
        ("1.5", 1.5),
        *((value, None) for value in ("", "soon", "-1", "nan", "inf", "Sun, 99 Mar 2026 12:01:00 GMT")),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}, NOW) == seconds


@pytest.mark.parametrize(
    "value",
    [
        "1e300",
        "9" * 30,
        "1_000",
        f"Sun, 01 Mar {'9' * 30} 12:01:00 GMT",
        f"Sun, 01 Mar 2026 12:01:00 +{'9' * 20}",
        "Sun, 01 Mar 2026 12:01:00 +9999",
    ],
)
def test_a_wait_that_no_calendar_has_is_as_if_it_were_not_there(value: str) -> None:
    assert retry_after({"retry-after": value}, NOW) is None
    assert rate_limit({"ratelimit-remaining": "0", "ratelimit-reset": value}, NOW) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"ratelimit-remaining": "0", "ratelimit-reset": "30"}, 30.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 5)}, 5.0),
        ({"ratelimit": '"default";r=0;t=7'}, 7.0),
        ({"ratelimit-remaining": "3", "ratelimit-reset": "30"}, None),
        ({"ratelimit-remaining": "0"}, None),
        ({}, None),
    ],
)
def test_a_used_up_quota_says_when_it_starts_anew(headers: dict[str, str], seconds: float | None) -> None:
    assert rate_limit(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("hops", "address"),
    [
        ([], None),
        ([(301, "b"), (308, "c")], "c"),
        ([(301, "b"), (302, "c"), (301, "d")], "b"),
        ([(302, "b"), (301, "c")], None),
    ],
)
def test_only_permanent_redirects_from_the_start_give_a_new_address(
    hops: list[tuple[int, str]], address: str | None
) -> None:
    assert new_address(hops) == address


def own_settings() -> set[str]:
    names = {name for name in dir(settings) if name.isupper()}
    return {name for name in names if not hasattr(default_settings, name)}


def test_each_setting_of_our_own_is_read_and_in_one_place_of_a_file() -> None:
    read = re.compile(r"""settings(?:\.get\w*\(|\[)["'](\w+)["']\](?! =)|settings\.get\w*\(["'](\w+)""")
    files = [path for path in PACKAGE.rglob("*.py") if "demo" not in path.parts]
    found = [["".join(names) for names in read.findall(path.read_text())] for path in files]
    # A command hands these to the crawl that it starts; nobody sets them.
    own = {"DISCOVER_JOB", *(name for name in chain(*found) if name.startswith("PREVIEW_"))}
    ours = {name for name in chain(*found) if not hasattr(default_settings, name)} - own
    assert ours == own_settings()
    assert all(names.count(name) <= 1 for names in found for name in ours)
