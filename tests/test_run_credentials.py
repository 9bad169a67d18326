"""Names and passwords go to the hosts that they are for, and to nobody else."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from fetcher.terms.arguments import UsageError
from tests.site import Answer, page

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

TEXT = "The minutes of the last meeting, for members alone."
OURS = "Basic " + base64.b64encode(b"me:s3cr3t").decode()


class Heard:
    """What a host was told of who asks."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str | None]] = []

    def __call__(self, connection: BaseHTTPRequestHandler) -> None:
        self.said.append((connection.path, connection.headers["Authorization"]))
        body = page(TEXT).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.wfile.write(head.encode() + body)


@pytest.fixture
def netrc(tmp_path: Path) -> Path:
    place = tmp_path / "netrc"
    place.write_text("machine 127.0.0.1 login me password s3cr3t\ndefault login anybody password nothing\n")
    place.chmod(0o600)
    return place


def test_a_password_goes_to_its_host_alone(site: Site, seeds: Seeds, crawl: Crawl, netrc: Path) -> None:
    ours, other = Heard(), Heard()
    seeds.add("a.md", site.says("/members", Answer(raw=ours)))
    seeds.add("b.md", site.says("/public", Answer(raw=other), host="127.0.0.2"))
    run = crawl(REFRESH_NETRC=str(netrc))
    assert run.outcomes == {"a.md": "filled", "b.md": "filled"}
    assert ours.said == [("/members", OURS)]
    assert other.said == [("/public", None)]


def test_a_password_does_not_follow_a_redirect_to_another_host_nor_comes_with_one(
    site: Site, seeds: Seeds, crawl: Crawl, netrc: Path
) -> None:
    ours, other = Heard(), Heard()
    there = site.says("/there", Answer(raw=other), host="127.0.0.2")
    here = site.says("/here", Answer(raw=ours))
    seeds.add("a.md", site.says("/away", Answer("", 302, headers={"Location": there})))
    seeds.add("b.md", site.says("/back", Answer("", 302, headers={"Location": here}), host="127.0.0.3"))
    crawl(REFRESH_NETRC=str(netrc))
    assert other.said == [("/there", None)]
    assert ours.said == [("/here", None)]


def test_a_password_follows_a_redirect_within_its_host(site: Site, seeds: Seeds, crawl: Crawl, netrc: Path) -> None:
    ours = Heard()
    here = site.says("/here", Answer(raw=ours))
    seeds.add("a.md", site.says("/old", Answer("", 302, headers={"Location": here})))
    crawl(REFRESH_NETRC=str(netrc))
    assert ours.said == [("/here", OURS)]


def test_the_file_of_the_user_is_read_where_none_is_named(
    site: Site, seeds: Seeds, crawl: Crawl, netrc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = Heard()
    netrc.rename(netrc.with_name(".netrc"))
    monkeypatch.setenv("HOME", str(netrc.parent))
    seeds.add("a.md", site.says("/members", Answer(raw=ours)))
    crawl()
    assert ours.said == [("/members", OURS)]


def test_a_named_file_that_cannot_be_read_is_refused_without_a_word_of_it(
    site: Site, seeds: Seeds, crawl: Crawl, netrc: Path
) -> None:
    seeds.add("a.md", site.says("/members", page(TEXT)))
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        crawl(REFRESH_NETRC=str(netrc.with_name("nothing")))
    netrc.write_text("machine 127.0.0.1 login me pass s3cr3t\n")
    with pytest.raises(UsageError, match=r"is not in the form of \.netrc, in line 1") as caught:
        crawl(REFRESH_NETRC=str(netrc))
    assert "s3cr3t" not in str(caught.value)
    assert site.pages_asked() == []
