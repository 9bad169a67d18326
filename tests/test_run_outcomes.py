"""Every seed ends in exactly one outcome: one run of the real command over a folder with a seed for each."""

from __future__ import annotations

import gzip
import socket
from typing import TYPE_CHECKING

import pytest

from tests.certificates import certificate
from tests.conftest import Command, Run, Seeds
from tests.site import Answer, Site, page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

TEXT = "The first thing that this page says.\nThe second thing, which is longer than the first one was."
LIMIT = 200_000  # bytes; DOWNLOAD_MAXSIZE of this run


def hang_up(connection: BaseHTTPRequestHandler) -> None:
    connection.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n\r\n<html>")


def other_protocol(connection: BaseHTTPRequestHandler) -> None:
    connection.wfile.write(b"220 mail.example ready\r\n\r\n")


def huge_header(connection: BaseHTTPRequestHandler) -> None:
    connection.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 1_000_000 + b"\r\nContent-Length: 2\r\n\r\nok")


def redirect(to: str, status: int = 302) -> Answer:
    return Answer("", status, headers={"Location": to})


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# name of the seed: what its page answers, and the outcome with its reason
ANSWERED: dict[str, tuple[Answer | str, str, str]] = {
    "denied": (Answer("no", 403), "blocked", "http-403"),
    "login": (Answer("no", 401), "blocked", "http-401"),
    "limited": (Answer("no", 429), "blocked", "http-429"),
    "missing": (Answer("no", 404), "failed", "http-404"),
    "gone": (Answer("no", 410), "failed", "http-410"),
    "teapot": (Answer("no", 418), "failed", "http-418"),
    "down": (Answer("no", 500), "failed", "http-500"),
    "loop": (redirect("/loop"), "failed", "loop"),
    "nowhere": (redirect("ftp://127.0.0.1/"), "failed", "redirect"),
    "mail": (redirect("mailto:owner@example.org"), "failed", "redirect"),
    "empty-part": (redirect("http://a..example/"), "failed", "redirect"),
    "bad-port": (redirect("http://127.0.0.1:port/"), "failed", "redirect"),
    "long-label": (redirect(f"http://{'a' * 70}.example/"), "failed", "redirect"),
    "undecodable": (redirect("http://xn--99999999999.example/"), "failed", "redirect"),
    "password": (redirect("//me:s3cr3t@127.0.0.1/"), "failed", "credentials"),
    "other-protocol": (Answer(raw=other_protocol), "failed", "not-http"),
    "lost": (Answer("", 301), "failed", "http-301"),
    "pdf": (Answer(b"%PDF-1.7 \0\1", kind="application/pdf"), "broken", "damaged"),
    "picture": (Answer(b"\x89PNG\r\n\0", kind=""), "failed", "not-text"),
    "empty": (Answer("  \n "), "broken", "empty"),
    "nothing": (Answer("", 204), "failed", "http-204"),
    "large": (Answer("x" * (LIMIT + 1)), "failed", "oversized"),
    "bomb": (
        Answer(gzip.compress(b"\0" * 9_000_000), headers={"Content-Encoding": "gzip"}),
        "failed",
        "oversized",
    ),
    "garbled": (Answer(b"this is no gzip", headers={"Content-Encoding": "gzip"}), "failed", "compression"),
    "no-br": (Answer(page(TEXT), headers={"Content-Encoding": "br"}), "failed", "compression"),
    "no-zstd": (Answer(page(TEXT), headers={"Content-Encoding": "zstd"}), "failed", "compression"),
    "no-deflate": (Answer(page(TEXT), headers={"Content-Encoding": "deflate"}), "failed", "compression"),
    "unknown-coding": (Answer(page(TEXT), headers={"Content-Encoding": "sdch"}), "failed", "compression"),
    "half": (
        Answer(gzip.compress(page(TEXT).encode())[:90], headers={"Content-Encoding": "gzip"}),
        "failed",
        "compression",
    ),
    "cut": (Answer(raw=hang_up), "failed", "cut"),
    "header": (Answer(raw=huge_header), "failed", "header"),
    "forwarding": (
        "<html><head><meta http-equiv=refresh content='0; url=/elsewhere'></head><body>Redirecting…</body></html>",
        "broken",
        "redirect-page",
    ),
    "fill": (page(TEXT), "filled", ""),
    "markdown": (Answer("# Raw\n\nMarkdown is taken as it is.\n", kind="text/markdown"), "filled", ""),
    "latin": (Answer("<p>Un café, s'il vous plaît.</p>".encode("latin-1"), kind="text/html"), "filled", ""),
}
SPECIAL = {
    "robots": ("blocked", "robots"),
    "robots-down": ("blocked", "robots"),
    "robots-missing": ("filled", ""),
    "dns": ("failed", "dns"),
    "refused": ("failed", "refused"),
    "tls": ("failed", "tls"),
    "plain": ("failed", "not-tls"),
    "with-password": ("failed", "credentials"),
    "found": ("filled", ""),
    "moved": ("filled", ""),
    "yaml": ("failed", "front_matter"),
    "no-url": ("failed", "source_url"),
}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("outcomes")


@pytest.fixture(scope="module")
def run(site: Site, place: Path) -> Iterator[Run]:
    (place / "seeds").mkdir()
    seeds = Seeds(place / "seeds")
    for number, (name, (answer, *_)) in enumerate(ANSWERED.items()):
        # A host each, as a host that keeps failing is left alone.
        seeds.add(f"{name}.md", site.says(f"/{name}", answer, host=f"127.0.1.{number + 1}"))
    secure = Site(certificate(place / "certificate.pem", ["127.0.0.1"]))
    add_special(seeds, site, secure)
    seeds.add("README.md", "", text="# Not a seed\n")
    settings = {"DOWNLOAD_MAXSIZE": str(LIMIT), "RETRY_TIMES": "1", "REFRESH_MAX_WAIT": "0.1"}
    yield Command(seeds.folder, place / "reports")(**settings)
    secure.close()


def add_special(seeds: Seeds, site: Site, secure: Site) -> None:
    disallow = "User-agent: *\nDisallow: /"
    site.says("/robots.txt", Answer(disallow, kind="text/plain"), host="127.0.2.1")
    site.says("/robots.txt", Answer("oops", 500), host="127.0.2.2")
    site.says("/robots.txt", Answer(disallow, 404), host="127.0.2.3")
    for number, name in enumerate(("robots", "robots-down", "robots-missing"), 1):
        seeds.add(f"{name}.md", site.says("/page", page(TEXT), host=f"127.0.2.{number}"))
    seeds.add("dns.md", "http://no-such-host.invalid/")
    seeds.add("refused.md", f"http://127.0.2.4:{unused_port()}/")
    seeds.add("tls.md", secure.says("/page", page(TEXT)))
    seeds.add("plain.md", site.url("/page", host="127.0.2.7").replace("http:", "https:"))
    seeds.add("with-password.md", site.url("/page", host="me:s3cr3t@127.0.2.8"))
    there = site.says("/there", page(TEXT), host="127.0.2.6")
    seeds.add("found.md", site.says("/page", redirect(there, 307), host="127.0.2.5"))
    seeds.add("moved.md", site.says("/moved", redirect(there, 308), host="127.0.2.5"))
    seeds.add("yaml.md", "", text="---\nsource_url: [\n---\n")
    seeds.add("no-url.md", "", text="---\nsource_url: not an address\n---\n")


@pytest.mark.parametrize("name", ANSWERED)
def test_each_answer_has_its_outcome(run: Run, name: str) -> None:
    _, *expected = ANSWERED[name]
    assert run.why(f"{name}.md") == tuple(expected)


@pytest.mark.parametrize("name", SPECIAL)
def test_each_special_case_has_its_outcome(run: Run, name: str) -> None:
    assert run.why(f"{name}.md") == SPECIAL[name]


def test_counts_add_up_to_the_seeds_found(run: Run) -> None:
    assert sum(run.report["counts"].values()) == run.report["found"] == len(ANSWERED) + len(SPECIAL)


def test_a_run_with_failed_seeds_ends_with_status_1(run: Run) -> None:
    assert run.status == 1


def test_nothing_that_a_site_answers_is_logged_as_an_error(run: Run) -> None:
    assert "ERROR" not in run.log
    assert "Traceback" not in run.log


def test_each_trouble_is_explained_and_mended_on_one_line(run: Run) -> None:
    troubles = [seed for seed in run.report["seeds"] if seed["outcome"] in ("failed", "blocked", "broken")]
    assert all(seed["detail"] and seed["mend"] for seed in troubles)
    assert "failed dns.md: The host name has no address. Check the host in source_url." in run.out.splitlines()


def test_no_password_stands_in_anything_that_a_run_leaves(run: Run, site: Site, place: Path) -> None:
    left = [path.read_bytes() for path in place.rglob("*") if path.is_file() and path.suffix != ".md"]
    left += [path.read_bytes() for path in (place / "reports").rglob("*.md")]
    assert len(left) > 4
    assert not any(b"s3cr3t" in content for content in [*left, run.out.encode(), run.log.encode()])
    assert "127.0.2.8" not in {host for host, _ in site.asked}


def test_what_robots_txt_forbids_is_not_asked_for(run: Run, site: Site) -> None:
    assert run.status == 1
    assert [path for host, path in site.asked if host == "127.0.2.1"] == ["/robots.txt"]
    assert "/page" not in [path for host, path in site.asked if host == "127.0.2.2"]


def test_server_errors_are_tried_again_and_client_errors_are_not(run: Run, site: Site) -> None:
    assert run.status == 1
    assert site.pages_asked().count("/down") == 2
    assert site.pages_asked().count("/missing") == 1


def test_a_permanent_redirect_is_followed_and_its_address_reported(run: Run, site: Site) -> None:
    there = site.url("/there", "127.0.2.6")
    assert run.of("moved.md")["redirected_to"] == there
    assert run.of("found.md")["redirected_to"] is None
    assert run.of("found.md")["final_url"] == there


def test_requests_name_the_project_and_the_contact(run: Run, site: Site) -> None:
    assert run.status == 1
    assert site.agents == {"fetcher/0.1.0 (+owner@example.org)"}


def test_a_dead_proxy_is_not_taken_for_a_dead_server(seeds: Seeds, command: Command) -> None:
    seeds.add("a.md", "http://site.example/")
    command.environment["http_proxy"] = "http://127.0.0.9:9"
    assert command(RETRY_TIMES="0").why("a.md") == ("failed", "proxy")


def test_a_proxy_that_lets_nothing_through_is_not_taken_for_a_dead_server(
    site: Site, seeds: Seeds, command: Command
) -> None:
    seeds.add("a.md", "https://site.example/")
    command.environment["https_proxy"] = site.url("")  # refuses CONNECT
    assert command(RETRY_TIMES="0").why("a.md") == ("failed", "proxy")
