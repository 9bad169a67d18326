"""A run with a limit visits the pages where most freshness is to be won, as far as their visits tell."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from fetcher.memory.freshness import History, Rates, gain, history, rate
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
    assert seen == History(20.0, (6.0,), (NOW - timedelta(days=1)).timestamp())


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
    assert gain(0.1, 10) > gain(1e-6, 10)
    assert gain(0.1, 10) > gain(50.0, 10)
    assert gain(0.1, 20) > gain(0.1, 10)


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
    rank = Rates().gain
    ages = [rank("https://a.example/x", NOW - timedelta(days=days), NOW) for days in (1, 10, 100)]
    assert ages == sorted(ages)
    assert rank("https://a.example/x", None, NOW) == math.inf
