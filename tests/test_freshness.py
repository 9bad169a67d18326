"""A run with a limit visits the pages where most freshness is to be won, as far as their visits tell."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from fetcher.memory import hints
from fetcher.memory.freshness import NOTHING, OWN, SECTION, History, Rates, gain, history, rate, stale
from fetcher.memory.hints import FEED, LASTMOD, LEFT, Hint, Hints
from fetcher.memory.memory import Memory, Visit
from fetcher.memory.state import State
from fetcher.terms.outcomes import Outcome
from tests.benchmarks import freshness as benchmark
from tests.site import page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Run, Seeds
    from tests.site import Site

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def visits(*ended: tuple[float, Outcome]) -> list[tuple[int, str]]:
    return [(int((NOW - timedelta(days=days)).timestamp()), outcome.value) for days, outcome in ended]


def test_only_what_was_written_is_a_change_and_what_failed_tells_nothing() -> None:
    seen = history(
        visits(
            (30, Outcome.UNCHANGED),
            (20, Outcome.FAILED),
            (10, Outcome.UNCHANGED),
            (4, Outcome.CHANGED),
            (1, Outcome.GONE),
        )
    )
    assert seen == History(20.0, (6.0,), (NOW - timedelta(days=1)).timestamp(), 2)


@pytest.mark.parametrize("true", [0.02, 0.1, 0.5])
def test_a_rate_is_found_again_from_visits_at_irregular_intervals(true: float) -> None:
    chance = Random(3)
    spans = [chance.uniform(0.5, 30) for _ in range(3000)]
    changed = tuple(span for span in spans if chance.random() < -math.expm1(-true * span))
    quiet = sum(spans) - sum(changed)
    assert rate(History(quiet, changed), 0.05) == pytest.approx(true, rel=0.1)


def test_a_rate_is_above_nothing_and_finite_however_visits_ended() -> None:
    assert (
        0
        < rate(History(quiet=1e6), 0.05)
        < rate(History(), 0.05)
        < rate(History(changed=(0.01,) * 50), 0.05)
        < math.inf
    )


def test_a_page_of_which_nothing_is_known_changes_as_its_neighbours_do() -> None:
    rates = Rates()
    for n in range(20):
        rates.add(f"https://a.example/news/{n}", History(10.0, (2.0,) * 10))
        rates.add(f"https://a.example/law/{n}", History(500.0))
    assert rates.changes("https://a.example/news/x") > 10 * rates.changes("https://a.example/law/x")
    assert rates.changes("https://a.example/law/x") < rates.changes("https://b.example/x")


def test_neither_what_never_changes_nor_what_always_does_wins_most() -> None:
    won = {changes: gain(changes, stale(changes, 10)) for changes in (1e-6, 0.1, 50.0)}
    assert max(won, key=lambda changes: won[changes]) == 0.1
    assert gain(0.1, stale(0.1, 20)) > won[0.1]


def test_rates_from_own_visits_win_most_of_what_true_ones_would() -> None:
    corpus = benchmark.made_up(600, 200, Random(5))
    rules = benchmark.in_turn, benchmark.by_nutch, benchmark.ByRates(), benchmark.by_true_rates
    turn, nutch, own, true = (benchmark.freshness(corpus, 200, 85, 100, rule) for rule in rules)
    assert own - turn > 0.6 * (true - turn)
    assert own > nutch


def test_a_limited_run_takes_the_pages_that_change_first_and_those_without_a_stamp_before(
    site: Site, seeds: Seeds, crawl: Callable[..., Run], tmp_path: Path
) -> None:
    for name in ("busy", "calm", "new"):
        url = site.says(f"/{name}", page(f"The {name} page of the house tells what has happened there of late."))
        text = f"---\nsource_url: {url}\n---\n" if name == "new" else None
        seeds.add(f"{name}.md", url, "\nThe page of the house tells what has happened.\n", text=text)
        if name != "new":
            ends = Outcome.CHANGED if name == "busy" else Outcome.UNCHANGED
            now = datetime.now(UTC)
            # The calm page is the older one.
            ones = [
                Visit(when=now - timedelta(days=30 * k - (k == 1 and name == "busy")), outcome=ends)
                for k in (5, 4, 3, 2, 1)
            ]
            with State(tmp_path / "state.sqlite") as state:
                state.keep(Memory(url=url, visits=tuple(ones), verified=ones[-1].when))
    assert [*crawl("limit=1", "dry_run=true").outcomes] == ["new.md"]
    assert [*crawl("limit=2", "dry_run=true").outcomes] == ["busy.md", "new.md"]


def test_without_memory_the_oldest_come_first() -> None:
    due = Rates().due
    gains = [due("https://a.example/x", NOW - timedelta(days=days), NOW).gain for days in (1, 10, 100)]
    assert gains == sorted(gains)
    assert due("https://a.example/x", None, NOW).gain == math.inf


DAY = 86_400.0
HOST = "https://a.example"


def told(*moments: float, kind: str = LASTMOD, until: float = 100.0) -> Hint:
    """What a sitemap has given as the days of the last change."""
    since = math.inf if kind == LEFT else min(moments) * DAY
    return Hint(kind, tuple(day * DAY for day in moments), since, until * DAY)


def learned(said: dict[str, Hint], changed: dict[str, set[int]], days: int = 100) -> Rates:
    """From visits to pages every tenth day, some of which saw a change."""
    rates = Rates(Hints({url: [hint] for url, hint in said.items()}))
    for url in said:
        ends = {True: Outcome.CHANGED.value, False: Outcome.UNCHANGED.value}
        rates.take(url, [(int(day * DAY), ends[day in changed[url]]) for day in range(0, days, 10)])
    return rates


def chances(rates: Rates, *urls: str, seen: float = 90.0, now: float = 95.0) -> list[float]:
    moment = datetime.fromtimestamp(seen * DAY, UTC)
    return [rates.due(url, moment, datetime.fromtimestamp(now * DAY, UTC)).stale for url in urls]


def test_a_sitemap_whose_dates_proved_true_is_believed_and_one_whose_dates_lie_is_not() -> None:
    for is_true in (True, False):
        said, changed = {}, {}
        for n in range(20):
            url = f"{HOST}/{n}"
            # Each page changes once; the sitemap of the liar is built anew every week.
            moments = [10 * (n % 8) + 5.0] if is_true else [float(day) for day in range(30, 95, 7)]
            said[url], changed[url] = told(*moments, until=94), {10 * (n % 8) + 10}
        said[f"{HOST}/0"] = told(5.0, 93.0, until=94)  # told of since it was seen
        new, others = chances(learned(said, changed), f"{HOST}/0", f"{HOST}/1")
        if is_true:
            assert new > 0.8
            assert others < 0.05
        else:
            plain = chances(learned({f"{HOST}/{n}": told(0.0, until=1) for n in range(20)}, changed), f"{HOST}/1")
            assert others == pytest.approx(plain[0], rel=0.3)


def test_no_page_is_skipped_for_good_on_the_word_of_a_sitemap() -> None:
    said = {f"{HOST}/{n}": told(10.0 * (n % 9) + 5, until=5000) for n in range(40)}
    rates = learned(said, {f"{HOST}/{n}": {10 * (n % 9) + 10} for n in range(40)})
    soon, late = (chances(rates, f"{HOST}/1", now=now)[0] for now in (95, 1500))
    assert soon < 0.05
    assert late > 0.95


def test_what_is_told_is_compared_with_what_visits_found() -> None:
    rates = learned({f"{HOST}/x": told(5.0, 33.0, 62.0, until=85)}, {f"{HOST}/x": {10, 60}})
    trust = rates.hints.trust["a.example", LASTMOD]
    assert trust.counts == (1, 2, 1, 4)  # the interval up to the 90th day is not over for the survey
    assert trust.precision.low < trust.precision.mean == 2 / 5 < trust.precision.high
    assert trust.recall.mean == 1 / 2


def test_a_page_that_left_the_sitemap_or_that_a_feed_tells_of_is_visited_soon() -> None:
    urls = [f"{HOST}/{kind}" for kind in (LEFT, FEED, "else")]
    said = {url: [told(93.0, kind=kind)] for url, kind in zip(urls, (LEFT, FEED), strict=False)}
    left, announced, other = chances(Rates(Hints(said)), *urls)
    assert left > 3 * other
    assert announced > 2 * other
    assert chances(Rates(Hints(said)), urls[0], seen=94) == chances(Rates(), urls[0], seen=94)  # it was seen since


def test_a_guess_is_told_from_what_visits_have_shown() -> None:
    rates = Rates()
    assert rates.due(f"{HOST}/news/x", NOW, NOW).basis == NOTHING
    rates.take(f"{HOST}/news/a", visits((20, Outcome.UNCHANGED), (10, Outcome.CHANGED), (0, Outcome.UNCHANGED)))
    due = rates.due(f"{HOST}/news/a", NOW, NOW)
    assert (due.basis, due.intervals, due.changed) == (OWN, 2, 1)
    assert rates.due(f"{HOST}/news/x", NOW, NOW).basis == SECTION


def test_dates_of_a_sitemap_are_remembered_from_survey_to_survey(tmp_path: Path) -> None:
    with State(tmp_path / "state.sqlite") as state:
        for day, date in enumerate(("2026-01-05", "2026-01-05", "2026-02-03T04:05:06Z", "", "2025-12-24")):
            hints.keep_listings(state, {f"{HOST}/x/": date}, [], NOW + timedelta(days=day))
        (hint,) = hints.read(state).of(f"{HOST}/x")
    assert [datetime.fromtimestamp(moment, UTC).isoformat() for moment in hint.moments] == [
        "2026-01-05T23:59:59+00:00",
        "2026-02-03T04:05:06+00:00",
    ]
    assert hint.until == (NOW + timedelta(days=4)).timestamp()


def test_what_no_calendar_has_and_what_nobody_wrote_are_no_hints(tmp_path: Path) -> None:
    with State(tmp_path / "state.sqlite") as state:
        hints.keep_listings(state, {f"{HOST}/x": "9999-12-31", f"{HOST}/y": "soon"}, [], NOW)
        state.execute(("INSERT INTO listings (url, said, surveyed) VALUES (?, 'once', 'never')", [f"{HOST}/z"]))
        said = hints.read(state)
        hints.keep_listings(state, {f"{HOST}/z": "2026-01-05"}, [], NOW)
        assert len(hints.read(state).of(f"{HOST}/z")) == 1
    assert [len(said.of(f"{HOST}/{name}")) for name in "xyz"] == [1, 0, 0]
    assert said.of(f"{HOST}/x")[0].latest.year == 9999
