"""A page is looked at again where one answer is not enough, and only there."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, NoReturn

import pytest

from fetcher.memory.memory import Absence, Memory
from fetcher.page import word_spans
from fetcher.page.word_spans import page_words
from fetcher.report.compare import describe
from fetcher.seeds import seeds
from fetcher.terms import failures
from fetcher.visits.fetched import Fetched
from fetcher.visits.inspection import PROBE, Inspector
from fetcher.visits.recall import Stored
from fetcher.visits.results import VisitOptions
from fetcher.visits.visit import visit
from fetcher.workers.workers import Bounds, Workers
from tests.site import page

if TYPE_CHECKING:
    from lxml import html

    from fetcher.terms.failures import Trouble
    from fetcher.visits.results import Result, Visited

URL = "https://example.org/a"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CHANCE = Random(1)
LONG = "\n".join(f"{''.join(CHANCE.choices('abcdefghij    ', k=60))} matter {number}." for number in range(80))
SHORT = "Nothing to see here."
HERE = Workers(0, Bounds())


def answer(html: str, url: str = URL, status: int = 200) -> Fetched:
    headers = {"content-type": "text/html"}
    return Fetched(status=status, url=url, final_url=url, headers=headers, body=html.encode(), when=NOW)


def stored(body: str = "", memory: Memory | None = None, url: str = URL) -> Stored:
    seed = seeds.parse(f"---\nsource_url: {url}\n---\n{body}")
    assert seed
    return Stored({"a.md": seed}, memory or Memory(url=url))


def no_seeds(*_: object) -> NoReturn:
    raise AssertionError("what is stored is given")


def no_browser(*_: object) -> NoReturn:
    raise AssertionError("no rule asks for one")


class Web:
    """Answers each address with the next of what it is told, and the path of a probe at the address `PROBE`."""

    def __init__(self, **answers: list[Fetched | Trouble]) -> None:
        self.asked: list[str] = []
        self._answers = answers

    async def ask(self, url: str) -> Fetched | Trouble:
        self.asked.append(url)
        return self._answers["probe" if PROBE in url else "again"].pop(0)


def look(
    web: Web, fetched: Fetched, known: Stored, *, confirm: bool = True, options: VisitOptions | None = None
) -> Result:
    inspector = Inspector(web.ask, no_seeds, no_browser, HERE, options or VisitOptions(confirm=confirm), NOW)
    loop = asyncio.new_event_loop()
    visited, _ = loop.run_until_complete(inspector.inspect(fetched, known))
    loop.close()
    (result,) = visited.results
    return result


def body_of(html: str) -> str:
    result = look(Web(), answer(html), stored(), confirm=False)
    return result.new.partition("\n---\n")[2]


def test_a_page_that_did_not_change_is_not_asked_twice() -> None:
    web = Web()
    assert look(web, answer(page(LONG)), stored(body_of(page(LONG)))).record.outcome == "unchanged"
    assert web.asked == []


@pytest.mark.parametrize("again", [[], [page(LONG)], [f"{page(LONG)}<!-- other -->"], [page(f"{LONG}\nOnce.")]])
def test_who_reads_a_page_tells_what_is_written_of_it(again: list[str]) -> None:
    known = stored(body_of(page(LONG)).replace("matter 7.", "another matter."))
    result = look(Web(again=[answer(html) for html in again]), answer(page(LONG)), known, confirm=bool(again))
    assert result.record.outcome == "changed"
    assert result.told == describe(result.record, result.old, result.new)


def test_a_visit_reads_the_words_of_a_page_once_and_then_forgets_them() -> None:
    changed = stored(body_of(page(LONG)).replace("matter 7.", "another matter."))
    read: list[int] = []
    words = word_spans.word_spans

    def counted(root: html.HtmlElement) -> word_spans.WordSpans:
        read.append(len(root))
        return words(root)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(word_spans, "word_spans", counted)
        assert look(Web(), answer(page(LONG)), changed, confirm=False).record.outcome == "changed"
    assert len(read) == 1
    assert page_words.cache_info().currsize == 0


def test_a_change_that_a_second_fetch_shows_too_is_written() -> None:
    new = page(LONG.replace("matter 7.", "another matter."))
    web = Web(again=[answer(new)])
    result = look(web, answer(new), stored(body_of(page(LONG))))
    assert (result.record.outcome, web.asked) == ("changed", [URL])
    assert "another matter" in result.new


def test_a_second_fetch_that_brings_the_same_bytes_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Fetched] = []

    def counted(fetched: Fetched, known: Stored, options: VisitOptions) -> Visited:
        read.append(fetched)
        return visit(fetched, known, options)

    body, new = body_of(page(LONG)), page(LONG.replace("matter 7.", "another matter."))
    monkeypatch.setattr("fetcher.visits.visit.visit", counted)
    assert look(Web(again=[answer(new)]), answer(new), stored(body)).record.outcome == "changed"
    assert len(read) == 1


def test_a_change_that_a_second_fetch_does_not_show_is_held_back() -> None:
    web = Web(again=[answer(page(LONG))])
    result = look(web, answer(page(LONG.replace("matter 7.", "another matter."))), stored(body_of(page(LONG))))
    assert (result.record.outcome, result.writes) == ("unchanged", False)
    assert {held.reason for held in result.record.held} == {"unconfirmed"}


def test_what_differs_between_two_fetches_stays_as_stored_beside_a_true_change() -> None:
    first = LONG.replace("matter 7.", "another matter.").replace("matter 70.", "lions.")
    web = Web(again=[answer(page(first.replace("lions.", "tigers.")))])
    result = look(web, answer(page(first)), stored(body_of(page(LONG))))
    assert result.record.outcome == "changed"
    assert "another matter" in result.new
    assert "matter 70" in result.new
    # Of the page that is known which both showed, so that the rest is looked at again.
    assert result.base
    assert "another matter" in result.base.text
    assert "matter 70" in result.base.text


def test_a_change_whose_second_fetch_fails_is_not_written() -> None:
    web = Web(again=[failures.TIMEOUT])
    result = look(web, answer(page(LONG.replace("matter 7.", "another matter."))), stored(body_of(page(LONG))))
    assert (result.record.outcome, result.record.reason, result.writes) == ("failed", "timeout", False)


def test_a_short_page_that_a_site_gives_for_any_address_is_broken() -> None:
    web = Web(probe=[answer(page(SHORT), "https://example.org" + PROBE)])
    result = look(web, answer(page(SHORT)), stored())
    assert (result.record.outcome, result.record.reason) == ("broken", "soft-404")
    assert len(web.asked) == 1


def test_a_short_page_of_a_site_with_honest_404s_is_taken() -> None:
    for probe in (answer("no", status=404), answer(page("Another text.")), failures.ROBOTS):
        assert look(Web(probe=[probe]), answer(page(SHORT)), stored()).record.outcome == "filled"


def test_a_long_page_needs_no_probe() -> None:
    web = Web()
    assert look(web, answer(page(LONG)), stored()).record.outcome == "filled"
    assert web.asked == []


def test_a_first_page_that_all_else_is_redirected_to_is_no_soft_404() -> None:
    there = "https://example.org/start"
    web = Web(probe=[answer(page(SHORT), there)])
    assert look(web, answer(page(SHORT), there), stored(url=there)).record.outcome == "filled"
    home = "https://example.org/"
    assert look(Web(), answer(page(SHORT), home), stored(url=home)).record.outcome == "filled"


def test_a_site_is_probed_once_however_many_of_its_pages_are_short() -> None:
    web = Web(probe=[answer("no", status=404)])
    inspector = Inspector(web.ask, no_seeds, no_browser, HERE, VisitOptions(), NOW)

    async def all_of_them() -> None:
        pages = [f"https://example.org/{number}" for number in range(9)]
        await asyncio.gather(*(inspector.inspect(answer(page(SHORT), url), stored(url=url)) for url in pages))

    loop = asyncio.new_event_loop()
    loop.run_until_complete(all_of_them())
    loop.close()
    assert len(web.asked) == 1


def test_a_404_of_a_day_ago_makes_a_404_gone() -> None:
    since = NOW - timedelta(days=1)
    known = Memory(url=URL, absence=Absence(410, since, 1))
    record = look(Web(), answer("no", status=404), stored(SHORT, known)).record
    assert (record.outcome, record.since) == ("gone", since)
    assert "since 2026-02-28" in record.detail
    fresh = replace(known, absence=Absence(404, NOW - timedelta(hours=23), 1))
    assert look(Web(), answer("no", status=404), stored(SHORT, fresh)).record.outcome == "failed"


@pytest.mark.parametrize(("there", "outcome"), [(410, "gone"), (200, "failed"), (503, "failed")])
def test_a_page_is_gone_when_the_address_at_which_it_was_last_seen_says_so_too(there: int, outcome: str) -> None:
    last = "https://example.org/b"
    web = Web(again=[answer("no", last, there)])
    record = look(web, answer("no", status=404), stored(SHORT, Memory(url=URL, final_url=last))).record
    assert (record.outcome, web.asked) == (outcome, [last])


def test_a_404_at_the_only_address_that_is_known_does_not_make_a_page_gone() -> None:
    web = Web()
    assert look(web, answer("no", status=404), stored(SHORT, Memory(url=URL, final_url=URL))).record.outcome == "failed"
    assert web.asked == []


def test_a_doubt_of_an_earlier_run_about_the_same_page_is_settled() -> None:
    body, shorter = body_of(page(LONG)), page("\n".join(LONG.splitlines()[:20]))
    inspector = Inspector(Web().ask, no_seeds, no_browser, HERE, VisitOptions(), NOW)
    loop = asyncio.new_event_loop()
    first, _ = loop.run_until_complete(inspector.inspect(answer(shorter), stored(body)))
    loop.close()
    assert first.results[0].record.outcome == "broken"
    assert first.doubt
    assert first.doubt.reason == "shrunk"
    for since, outcome in ((NOW - timedelta(days=7), "changed"), (NOW, "broken")):
        known = Memory(url=URL, doubt=replace(first.doubt, since=since))
        web = Web(probe=[answer("no", status=404)])  # it still shows little of what is stored
        assert look(web, answer(shorter), stored(body, known), confirm=False).record.outcome == outcome


def test_a_page_of_more_tags_than_any_real_one_is_broken_before_it_is_parsed() -> None:
    assert look(Web(), answer("<p>x" * 500_001), stored(LONG)).record.reason == "overgrown"
