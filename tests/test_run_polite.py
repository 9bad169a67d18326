"""What a site wishes is done: waiting, spacing, being left alone, and no way into a private network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from fetcher.middlewares import RetryMiddleware
from tests.conftest import PATIENCE, report_of, wait_for
from tests.site import Answer, page

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from tests.conftest import Command, Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

TEXT = "Some words that fill a page."

# Without any delay, Scrapy 2.19 sends what has gathered in a host's queue at once, whatever the concurrency.
ONE_BY_ONE = {"CONCURRENT_REQUESTS_PER_DOMAIN": "1", "DOWNLOAD_DELAY": "0.05"}


def busy(status: int = 429, **headers: str) -> Answer:
    return Answer("busy", status, headers={name.replace("_", "-"): value for name, value in headers.items()})


def gaps(times: list[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(times)]


def test_a_page_is_asked_for_again_after_the_time_that_its_host_named(
    site: Site, seeds: Seeds, crawl: Crawl, sent: list[float]
) -> None:
    seeds.add("a.md", site.says("/a", busy(Retry_After="1"), page(TEXT)))
    assert crawl().outcomes == {"a.md": "filled"}
    assert max(gaps(sent)) >= 1


def test_the_whole_host_waits_and_other_hosts_do_not(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    seeds.add("a.md", site.says("/a", busy(503, Retry_After="1"), page(TEXT)))
    seeds.add("b.md", site.says("/b", page(TEXT)))
    seeds.add("c.md", site.says("/c", page(TEXT), host="127.0.0.9"))
    assert set(crawl(**ONE_BY_ONE).outcomes.values()) == {"filled"}
    asked = site.pages_asked()
    assert max(asked.index("/a"), asked.index("/c")) < asked.index("/b")


@pytest.mark.parametrize(
    "wait",
    ["3600", format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)],
    ids=["seconds", "date"],  # the same on all cores, whenever each of them begins
)
def test_a_host_that_asks_for_too_long_a_wait_is_left_for_later(
    site: Site, seeds: Seeds, crawl: Crawl, wait: str
) -> None:
    for name in "abcdefgh":
        seeds.add(f"{name}.md", site.says(f"/{name}", busy(503, Retry_After=wait)))
    run = crawl(**ONE_BY_ONE)
    assert {run.why(path) for path in run.outcomes} == {("blocked", "wait")}
    assert len(site.pages_asked()) == 1


def test_a_used_up_quota_is_waited_for(site: Site, seeds: Seeds, crawl: Crawl, sent: list[float]) -> None:
    quota = {"RateLimit-Remaining": "0", "RateLimit-Reset": "1"}
    seeds.add("a.md", site.says("/a", Answer(page(TEXT), headers=quota)))
    seeds.add("b.md", site.says("/b", page(TEXT)))
    assert set(crawl(**ONE_BY_ONE).outcomes.values()) == {"filled"}
    assert max(gaps(sent)) >= 1


def test_a_crawl_delay_spaces_the_requests_of_its_host(
    site: Site, seeds: Seeds, crawl: Crawl, sent: list[float]
) -> None:
    site.says("/robots.txt", Answer("User-agent: *\nCrawl-delay: 0.4", kind="text/plain"))
    for name in "abc":
        seeds.add(f"{name}.md", site.says(f"/{name}", page(TEXT)))
    crawl(DOWNLOAD_DELAY_JITTER="0")
    assert min(gaps(sent[1:])) >= 0.39  # the first request loads the handler before it leaves


def test_a_host_that_keeps_failing_is_left_alone(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    for number in range(30):
        seeds.add(f"{number:02}.md", site.says(f"/{number}", Answer("down", 500)))
    run = crawl(RETRY_TIMES="0", **ONE_BY_ONE)
    reasons = [run.why(path) for path in run.outcomes]
    asked = len(site.pages_asked())
    assert asked <= RetryMiddleware.PATIENCE + 1  # the next request leaves before the fifth answer is looked at
    assert reasons.count(("failed", "left-alone")) == 30 - asked


def test_one_answer_between_failures_keeps_a_host_in_the_run(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    for number in range(12):
        answer: Answer | str = page(TEXT) if number % 4 == 3 else Answer("down", 500)
        seeds.add(f"{number:02}.md", site.says(f"/{number}", answer))
    run = crawl(RETRY_TIMES="0", **ONE_BY_ONE)
    assert run.report["counts"]["filled"] == 3
    assert ("failed", "left-alone") not in [run.why(path) for path in run.outcomes]


def test_rules_count_for_all_the_requests_that_waited_for_them(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    site.says("/robots.txt", Answer("User-agent: *\nDisallow: /", kind="text/plain"))
    for name in "abcdef":
        seeds.add(f"{name}.md", site.says(f"/{name}", page(TEXT)))
    run = crawl()
    assert {run.why(path) for path in run.outcomes} == {("blocked", "robots")}
    assert site.pages_asked() == []


def test_a_host_whose_robots_txt_cannot_be_reached_is_not_asked_for_pages(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    site.says("/robots.txt", Answer(raw=lambda _: None))
    for name in "abc":
        seeds.add(f"{name}.md", site.says(f"/{name}", page(TEXT)))
    run = crawl(RETRY_TIMES="0")
    assert {run.why(path) for path in run.outcomes} == {("failed", "cut")}
    assert site.pages_asked() == []


def test_rules_of_a_redirected_robots_txt_count_for_the_host_that_was_asked(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    other = site.says("/robots.txt", Answer("oops", 500), host="127.0.0.9")
    site.says("/robots.txt", Answer("", 302, headers={"Location": other}))
    seeds.add("a.md", site.says("/a", page(TEXT)))
    run = crawl(RETRY_TIMES="0")
    assert "HTTP 500" in run.of("a.md")["detail"]


@pytest.mark.parametrize("target", ["127.0.0.1", "10.0.0.1", "[::ffff:127.0.0.1]", "localhost", "2130706433"])
def test_no_redirect_leads_from_a_public_address_into_a_private_network(
    site: Site, seeds: Seeds, crawl: Crawl, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    # The site stands in for the public network as its proxy.
    public = "93.184.215.14"
    site.says("/a", Answer("", 301, headers={"Location": "/b"}), host=public)
    site.says("/b", Answer("", 302, headers={"Location": f"http://{target}/secret"}), host=public)
    seeds.add("a.md", f"http://{public}/a")
    monkeypatch.setenv("http_proxy", site.url(""))
    assert crawl().why("a.md") == ("failed", "private")
    assert site.pages_asked() == ["/a", "/b"]


NAMES = """
import os, pathlib, socket

def counting(ask):
    def asked(host, *rest, **more):
        if host == "there.invalid":
            asks = pathlib.Path(os.environ["ASKS"])
            asks.write_text(asks.read_text() + "x")
            host = f"127.0.0.{4 + len(asks.read_text())}"  # another one each time
        return ask(host, *rest, **more)
    return asked

socket.getaddrinfo, socket.gethostbyname = counting(socket.getaddrinfo), counting(socket.gethostbyname)
"""


def test_the_address_that_was_checked_is_the_one_that_is_connected_to(
    site: Site, seeds: Seeds, command: Command, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(NAMES)  # run by each new interpreter
    asks = tmp_path / "asks"
    asks.touch()
    command.environment |= {"PYTHONPATH": str(tmp_path), "ASKS": str(asks)}
    reached: list[str] = []

    def there(connection: BaseHTTPRequestHandler) -> None:
        reached.append(connection.connection.getsockname()[0])
        connection.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page(TEXT).encode())

    location = site.says("/there", Answer(raw=there), host="there.invalid")
    seeds.add("a.md", site.says("/a", Answer("", 302, headers={"Location": location})))
    assert command().outcomes == {"a.md": "filled"}
    assert (reached, asks.read_text()) == (["127.0.0.5"], "x")


STUCK = """
import os, pathlib, socket, time

def stuck(ask):
    def asked(host, *rest, **more):
        while str(host).startswith("stuck") and not pathlib.Path(os.environ["ENOUGH"]).exists():
            time.sleep(0.1)
        return ask(host, *rest, **more)
    return asked

socket.getaddrinfo, socket.gethostbyname = stuck(socket.getaddrinfo), stuck(socket.gethostbyname)
"""


def test_names_that_nobody_answers_for_do_not_hold_up_others(
    site: Site, seeds: Seeds, command: Command, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(STUCK)  # as above
    command.environment |= {"PYTHONPATH": str(tmp_path), "ENOUGH": str(tmp_path / "enough")}
    for number in range(12):
        seeds.add(f"a{number}.md", f"http://stuck{number}.invalid/")
    seeds.add("b.md", site.says("/b", page(TEXT), host="localhost"))
    process = command.start(DNS_TIMEOUT="2", RETRY_TIMES="0")
    wait_for((command.reports / "latest" / "report.json").exists)
    (tmp_path / "enough").touch()
    process.communicate(timeout=PATIENCE)
    found = {seed["path"]: seed["outcome"] for seed in report_of(command.reports)["seeds"]}
    assert found == dict.fromkeys(found, "failed") | {"b.md": "filled"}


def test_a_seed_may_point_into_a_private_network_and_be_redirected_there(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    there = site.says("/there", page(TEXT), host="127.0.0.9")
    seeds.add("a.md", site.says("/a", Answer("", 302, headers={"Location": there})))
    assert crawl().outcomes == {"a.md": "filled"}


def test_another_host_is_asked_at_its_own_pace_after_a_redirect(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    there = site.says("/there", page(TEXT), host="127.0.0.9")
    site.says("/robots.txt", Answer("User-agent: *\nCrawl-delay: 3600", kind="text/plain"))
    seeds.add("a.md", site.says("/a", Answer("", 302, headers={"Location": there})))
    assert crawl(REFRESH_MAX_WAIT="0.5").outcomes == {"a.md": "filled"}
