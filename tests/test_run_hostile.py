"""Whatever a server sends, the seed keeps its body, the run goes on, and time and memory stay bounded."""

from __future__ import annotations

import gzip
import resource
import sys
import time
from typing import TYPE_CHECKING

import pytest

from fetcher.seeds import folder, seeds
from tests.conftest import Command, Run, Seeds
from tests.site import Answer, Site, page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.server import BaseHTTPRequestHandler

BODY = "\n# A page\n\nThe body that took years to collect.\n\nIt has a second paragraph, with more to say.\n"
TEXT = "\n".join(line for line in BODY.splitlines()[3:] if line)
LIMIT = 16 * 1024 * 1024  # bytes; DOWNLOAD_MAXSIZE
MEMORY = 2_000_000_000  # bytes that the process of the run may ever have


def drip(connection: BaseHTTPRequestHandler) -> None:
    connection.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>")
    while True:  # until the client hangs up
        connection.wfile.write(b" ")
        time.sleep(0.5)


def endless_header(connection: BaseHTTPRequestHandler) -> None:
    connection.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 1_000_000 + b"\r\nContent-Length: 2\r\n\r\nok")


def packed(html: bytes, kind: str = "text/html") -> Answer:
    return Answer(gzip.compress(html), kind=kind, headers={"Content-Encoding": "gzip"})


# name of the seed: what its page answers, and how it ends
ATTACKS: dict[str, tuple[Answer, str, str]] = {
    "nested": (packed(b"<div>" * 100_000 + b"text"), "broken", "empty"),
    "tags": (packed(b"<b>x</b>" * 2_000_000), "broken", "overgrown"),
    "entities": (packed(b"&amp;" * 10_000_000), "failed", "oversized"),
    "entities-unpacked": (Answer("&amp;" * (LIMIT // 5 + 1)), "failed", "oversized"),
    "bomb": (packed(gzip.compress(b"\0" * 100_000_000), "application/gzip"), "failed", "not-text"),
    "bomb-unpacked": (packed(b"\0" * 100_000_000), "failed", "oversized"),
    "loop": (Answer("", 302, headers={"Location": "/loop"}), "failed", "loop"),
    "header": (Answer(raw=endless_header), "failed", "header"),
    "nul": (Answer(b"\0" * 100_000), "broken", "empty"),
    "noise": (Answer(bytes(range(256)) * 400), "broken", "other-page"),
}
# name of the seed: the bytes of a page that holds the stored body and something else, and what is written of that
PAGES: dict[str, tuple[bytes, str]] = {
    "nul-within": (page(TEXT + "\nA n\0ew line.").encode(), "A new line."),
    "no-utf8": (page(TEXT + "\nA new line: ").encode().replace(b"line: ", b"line: \xff\xfe."), "A new line:"),
    "javascript": (page(TEXT + "\n<a href='javascript:alert(1)'>A new line.</a>").encode(), "A new line."),
    "data": (page(TEXT + "\n<a href='data:text/html,<script>'>A new line.</a>").encode(), "A new line."),
    "target": (page(TEXT + "\n<a href='/a b(c)[d]<e>'>A new line.</a>").encode(), "[A new line.]("),
    "title": (page(TEXT + "\nA new line.", "</script>\n\"It's\": [\\ #\n--- 'x'").encode(), "A new line."),
}
CHARSETS = {"wrong": ("utf-16", TEXT), "unknown": ("no-such-charset", TEXT), "other": ("koi8-r", TEXT)}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Seeds:
    folder = tmp_path_factory.mktemp("hostile") / "seeds"
    folder.mkdir()
    return Seeds(folder)


@pytest.fixture(scope="module")
def run(place: Seeds) -> Iterator[Run]:
    site = Site()
    answers = {name: answer for name, (answer, *_) in ATTACKS.items()}
    answers |= {name: Answer(html) for name, (html, _) in PAGES.items()}
    answers |= {name: Answer(page(text), kind=f"text/html; charset={kind}") for name, (kind, text) in CHARSETS.items()}
    for number, (name, answer) in enumerate(answers.items()):
        place.add(f"{name}.md", site.says(f"/{name}", answer, host=f"127.0.3.{number + 1}"), BODY)
    place.add("last.md", site.says("/last", page(TEXT), host="127.0.4.1"), BODY)
    settings = {"RETRY_TIMES": "0", "REFRESH_BRAKE_SHARE": "1"}
    yield Command(place.folder, place.folder.parent / "reports")(**settings)
    site.close()


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_ends_in_its_outcome_and_leaves_the_body(run: Run, place: Seeds, name: str) -> None:
    _, *outcome = ATTACKS[name]
    assert run.why(f"{name}.md") == tuple(outcome)
    assert (place.folder / f"{name}.md").read_text().endswith(BODY)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_with_hostile_parts_is_written_harmlessly(run: Run, place: Seeds, name: str) -> None:
    _, expected = PAGES[name]
    assert run.why(f"{name}.md") == ("changed", "")
    seed = folder.load(place.folder, f"{name}.md")
    assert seed
    assert expected in seed.body
    assert "javascript:" not in seed.body
    assert "data:" not in seed.body
    assert "\0" not in seed.text
    assert seeds.render(seed, seed.body) == seed.text


@pytest.mark.parametrize("name", CHARSETS)
def test_a_charset_that_is_not_the_page_s_garbles_no_body(run: Run, place: Seeds, name: str) -> None:
    assert run.of(f"{name}.md")["outcome"] in ("unchanged", "broken")
    assert (place.folder / f"{name}.md").read_text().endswith(BODY)


def test_the_run_goes_on_and_its_counts_add_up(run: Run) -> None:
    assert run.outcomes["last.md"] == "unchanged"
    assert sum(run.report["counts"].values()) == run.report["found"] == len(ATTACKS) + len(PAGES) + len(CHARSETS) + 1
    assert "Traceback" not in run.log


@pytest.mark.skipif(sys.platform != "linux", reason="the unit of ru_maxrss is kilobytes on Linux only")
def test_the_memory_of_a_run_under_attack_stays_bounded(run: Run) -> None:
    assert run.status == 1
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 < MEMORY


def test_an_answer_that_drips_without_end_is_given_up(site: Site, seeds: Seeds, crawl: Callable[..., Run]) -> None:
    seeds.add("drip.md", site.says("/drip", Answer(raw=drip)), BODY)
    run = crawl(DOWNLOAD_TIMEOUT="2", RETRY_TIMES="0")
    assert run.why("drip.md") == ("failed", "timeout")
    assert (seeds.folder / "drip.md").read_text().endswith(BODY)


def test_the_header_of_an_answer_is_bounded_as_a_whole(
    site: Site, seeds: Seeds, crawl: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    def many_lines(connection: BaseHTTPRequestHandler) -> None:
        connection.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X-Line: of no great length\r\n" * 200)
        connection.rfile.read(1)  # until the other side has had enough

    monkeypatch.setattr("fetcher.handlers.HttpHandler.LONGEST_HEADER", 2000)
    seeds.add("a.md", site.says("/a", Answer(raw=many_lines)))
    seeds.add("b.md", site.says("/b", page(TEXT * 100)))
    run = crawl(RETRY_TIMES="0")
    assert (run.why("a.md"), run.outcomes["b.md"]) == (("failed", "header"), "filled")
