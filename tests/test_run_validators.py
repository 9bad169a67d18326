"""What a run costs a site that it visited before: servers that honour, ignore and lie about validators."""

from __future__ import annotations

import gzip
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from scrapy import Request

from fetcher.conditional import ConditionalMiddleware
from tests.site import Answer, page

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

TEXT = "The page says one thing, at some length, so that it can be told apart from others.\nAnd another."
OTHER = TEXT.replace("another", "something new")


@dataclass
class Page:
    """A page with validators: which it says it has, and when it believes that a client has it already."""

    text: str = TEXT
    etag: str = 'W/"1"'
    markup: str = ""
    honest: bool = True
    heeds: bool = True
    sent: Counter[int] = field(default_factory=Counter)
    asked: list[str | None] = field(default_factory=list)

    def answer(self) -> Answer:
        return Answer(raw=self._give)

    def _give(self, handler: BaseHTTPRequestHandler) -> None:
        given = handler.headers["If-None-Match"]
        self.asked.append(given)
        etag = self.etag if self.honest else '"always"'
        status = 304 if self.heeds and given == etag else 200
        self.sent[status] += 1
        body = b"" if status == 304 else (page(self.text) + self.markup).encode()
        handler.send_response(status)
        for name, value in {"ETag": etag, "Content-Type": "text/html", "Content-Length": str(len(body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)


def served(site: Site, seeds: Seeds, shown: Page, path: str = "/a") -> None:
    seeds.add("a.md", site.says(path, shown.answer()))


@pytest.mark.parametrize("etag", ['"strong"', 'W/"weak"'])
def test_an_unchanged_page_is_not_sent_again(site: Site, seeds: Seeds, crawl: Crawl, etag: str) -> None:
    shown = Page(etag=etag)
    served(site, seeds, shown)
    crawl()
    before = seeds.texts()
    run = crawl()
    assert run.why("a.md") == ("unchanged", "not-modified")
    assert shown.sent == {200: 1, 304: 1}
    assert seeds.texts() == before
    assert run.status == 0


def test_a_changed_page_comes_through(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    shown = Page()
    served(site, seeds, shown)
    crawl()
    crawl()
    shown.text, shown.etag = OTHER, '"2"'
    assert crawl().outcomes == {"a.md": "changed"}
    assert "something new" in (seeds.folder / "a.md").read_text()
    assert crawl().why("a.md") == ("unchanged", "not-modified")


def test_the_same_bytes_are_not_read_again(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    shown = Page(heeds=False)
    served(site, seeds, shown)
    crawl()
    assert crawl().why("a.md") == ("unchanged", "same-bytes")
    assert shown.sent == {200: 2}


def test_a_page_that_is_compressed_otherwise_is_looked_at_once(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    def packed(level: int) -> Answer:
        return Answer(gzip.compress(page(TEXT * 20).encode(), level), headers={"Content-Encoding": "gzip"})

    seeds.add("a.md", site.says("/a", packed(9)))
    crawl()
    assert crawl().why("a.md") == ("unchanged", "same-bytes")
    site.says("/a", packed(1))
    assert crawl().why("a.md") == ("unchanged", "same-words")
    assert crawl().why("a.md") == ("unchanged", "same-bytes")


def test_the_same_words_in_other_markup_are_not_compared_again(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    shown = Page()
    served(site, seeds, shown)
    crawl()
    before = seeds.texts()
    shown.markup, shown.etag = "<script>2</script>", '"2"'
    assert crawl().why("a.md") == ("unchanged", "same-words")
    assert crawl().why("a.md") == ("unchanged", "not-modified")  # the new validators are known
    shown.heeds = False
    assert crawl().why("a.md") == ("unchanged", "same-bytes")  # and so are the new bytes
    assert seeds.texts() == before
    shown.text = OTHER
    assert crawl().why("a.md") == ("changed", "")


def test_the_same_words_stamp_the_seed_where_every_good_visit_does(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    shown = Page(heeds=False)
    served(site, seeds, shown)
    crawl()
    before = seeds.texts()
    for markup, reason in (("<br>", "same-words"), ("<br>", "same-bytes"), ("<hr>", "same-words")):
        shown.markup = markup
        time.sleep(1)  # a stamp has whole seconds
        assert crawl(SEEDS_STAMP="verified").why("a.md") == ("unchanged", reason)
        assert seeds.texts() != before
        before = seeds.texts()


def test_an_edited_seed_is_compared_with_the_whole_page(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    shown = Page()
    served(site, seeds, shown)
    crawl()
    path = seeds.folder / "a.md"
    path.write_text(path.read_text() + "\nA note of my own.\n")
    assert crawl().why("a.md")[1] not in ("not-modified", "same-bytes")
    assert shown.asked == [None, None]


def test_a_server_that_lies_is_found_out_by_the_recheck_and_not_asked_again(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    shown = Page(honest=False)
    served(site, seeds, shown)
    crawl()
    shown.text = OTHER
    assert crawl().why("a.md") == ("unchanged", "not-modified")
    assert crawl(REFRESH_RECHECK_DAYS="0").outcomes == {"a.md": "changed"}
    shown.asked.clear()
    assert crawl().why("a.md") == ("unchanged", "same-bytes")
    assert shown.asked == [None]


def test_a_304_that_was_not_asked_for_is_a_failure(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    seeds.add("a.md", site.says("/a", Answer("", 304)), TEXT)
    assert crawl().why("a.md") == ("failed", "http-304")


def test_a_dry_run_remembers_nothing(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    shown = Page()
    served(site, seeds, shown)
    crawl("dry_run=true")
    assert crawl().outcomes == {"a.md": "filled"}
    assert shown.asked == [None, None]


def test_a_damaged_memory_is_set_aside_and_reported(site: Site, seeds: Seeds, crawl: Crawl, tmp_path: Path) -> None:
    served(site, seeds, Page())
    (tmp_path / "state.sqlite").write_text("No database.\n")
    run = crawl()
    assert run.outcomes == {"a.md": "filled"}
    assert "state.corrupt.sqlite" in run.out
    assert run.status == 0


def test_an_address_that_redirects_is_never_asked_with_the_validators_of_where_it_led(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    shown, entrance = Page(), Page()
    target = site.says("/there", shown.answer())
    seeds.add("a.md", site.says("/a", Answer("", 301, headers={"Location": target})))
    crawl()
    assert crawl().outcomes == {"a.md": "moved"}
    assert shown.asked == [None, shown.etag]
    site.says("/a", entrance.answer())
    crawl()
    assert entrance.asked[0] is None


def test_conditions_of_one_hop_are_not_sent_to_the_next() -> None:
    request = Request("https://example.org/", headers={"If-None-Match": '"1"', "If-Modified-Since": "then"})
    ConditionalMiddleware(timedelta(days=30)).process_request(request)
    assert not request.headers
