"""Results wait until their site can be trusted, and none is written after the brake, which stops a site or a run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.memory.memory import Memory, Visit
from fetcher.report.changes import NOWHERE, BlockChange
from fetcher.run.circuit_breaker import CircuitBreaker, WriteQueue
from fetcher.run.waves import WaveSize
from fetcher.terms.outcomes import Outcome, Record
from fetcher.visits.results import Result, Visited
from fetcher.visits.waves import held_back_block


def page(number: int, outcome: Outcome = Outcome.CHANGED, digest: str = "", status: int = 200) -> Visited:
    record = Record(path=f"{number}.md", outcome=outcome, status=status)
    new = "new" if outcome in (Outcome.CHANGED, Outcome.FILLED) else "old"
    return Visited((Result(record, "old", new),), digest=digest or str(number))


def ended(queue: WriteQueue, site: str, visited: Visited) -> list[Result]:
    return [*queue.add(site, visited)]


def outcomes(results: list[Result]) -> list[Outcome]:
    return [result.record.outcome for result in results]


def test_the_first_results_of_a_site_wait_for_its_fifth_page() -> None:
    queue = WriteQueue(0.05, {"a": 9})
    assert [ended(queue, "a", page(number)) for number in range(4)] == [[], [], [], []]
    assert [result.record.path for result in ended(queue, "a", page(4))] == ["0.md", "1.md", "2.md", "3.md", "4.md"]
    assert outcomes(ended(queue, "a", page(5))) == ["changed"]


def test_a_site_of_few_pages_waits_for_its_last() -> None:
    queue = WriteQueue(0.05, {"a": 2, "b": 1})
    assert ended(queue, "a", page(1)) == []
    assert outcomes(ended(queue, "b", page(2))) == ["changed"]
    assert outcomes(ended(queue, "a", page(3))) == ["changed", "changed"]


def test_what_writes_nothing_does_not_wait() -> None:
    queue = WriteQueue(0.05, {"a": 9})
    assert outcomes(ended(queue, "a", page(1, Outcome.UNCHANGED))) == ["unchanged"]
    assert outcomes(ended(queue, "a", page(2, Outcome.BROKEN))) == ["broken"]


def test_a_site_that_loses_most_of_its_pages_writes_none() -> None:
    queue = WriteQueue(0.05, {"a": 7, "b": 93})
    results = [
        ended(queue, "a", page(number, Outcome.BROKEN if number < 5 else Outcome.CHANGED)) for number in range(7)
    ]
    (last,) = results[-1]
    assert (last.record.outcome, last.record.reason, last.writes) == ("skipped", "brake", False)
    assert "5 of 5 pages came back broken or gone" in last.record.detail
    assert queue.trip_notes() == ["Writing stopped for a, as 5 of 5 pages came back broken or gone."]


def test_results_that_waited_are_stopped_too() -> None:
    queue = WriteQueue(0.05, {"a": 6})
    for number in range(5):
        ended(queue, "a", page(number, Outcome.CHANGED, digest="one and the same"))
    assert queue.trip_notes() == ["Writing stopped for a, as 5 of 5 pages came back with one and the same new text."]


def test_a_first_404_is_a_loss_and_a_refusal_is_none() -> None:
    queue = WriteQueue(0.05, {"a": 20})
    for number in range(5):
        ended(queue, "a", page(number, Outcome.BLOCKED, status=403))
    assert queue.trip_notes() == []
    for number in range(5, 15):
        ended(queue, "a", page(number, Outcome.FAILED, status=404))
    assert queue.trip_notes()[0].startswith("Writing stopped for the whole run, as 10 of 20 pages")


def test_a_share_of_one_stops_and_holds_nothing() -> None:
    queue = WriteQueue(1, {"a": 20})
    for number in range(9):
        ended(queue, "a", page(number, Outcome.BROKEN))
    assert outcomes(ended(queue, "a", page(9))) == ["changed"]


def changing(number: int, *blocks: str) -> Visited:
    record = Record(path=f"{number}.md", outcome=Outcome.CHANGED, status=200)
    swaps = tuple(BlockChange(block, (0, 1), NOWHERE, block, "", (1, 0)) for block in blocks)
    candidates = tuple(held_back_block(swap).id for swap in swaps)
    old = "\n".join(blocks) + "\n"
    return Visited((Result(record, old, "", swaps=swaps, candidates=candidates),), digest=str(number))


def known(queue: WriteQueue, number: int, *blocks: str) -> list[Result]:
    visit = Visit(when=datetime(2026, 1, 1, tzinfo=UTC), outcome=Outcome.UNCHANGED)
    return [*queue.add("a", changing(number, *blocks), Memory(url="", visits=(visit,)))]


def test_a_change_waits_as_long_as_enough_pages_are_left_to_make_it_a_wave() -> None:
    queue = WriteQueue(0.5, {"a": 20}, WaveSize(5, 0.5))
    assert [known(queue, number, f"own {number}") for number in range(10)] == [[]] * 10
    assert len(known(queue, 10, "own 10")) == 0
    assert len(known(queue, 11, "own 11")) == 12
    assert outcomes(known(queue, 12, "own 12")) == ["changed"]
    assert queue.wave_notes() == []


def test_a_wave_is_held_back_however_early_its_pages_came() -> None:
    queue = WriteQueue(0.5, {"a": 12}, WaveSize(5, 0.4))
    came = [
        result for number in range(12) for result in known(queue, number, "the same" if number % 2 else f"{number}")
    ]
    assert {result.record.path for result in came if result.waiting} == {f"{number}.md" for number in range(1, 12, 2)}
    assert len(came) == 12
    assert len(queue.wave_notes()) == 1


def test_what_waits_when_a_run_is_stopped_goes_by_the_pages_seen() -> None:
    queue = WriteQueue(0.5, {"a": 1000}, WaveSize(5, 0.4))
    for number in range(12):
        known(queue, number, "the same" if number % 2 else f"{number}")
    came = [*queue.flush()]
    assert (len(came), sum(bool(result.waiting) for result in came)) == (12, 6)
    assert [*queue.flush()] == []


def test_what_waits_for_its_site_to_be_trusted_does_not_come_when_a_run_is_stopped() -> None:
    queue = WriteQueue(0.05, {"a": 1000}, WaveSize(5, 0.4))
    known(queue, 1, "own")
    assert [*queue.flush()] == []


def feed(breaker: CircuitBreaker, site: str, lost: int, good: int) -> None:
    for _ in range(good):
        breaker.record(site, lost=False)
    for _ in range(lost):
        breaker.record(site, lost=True)


def test_a_site_that_lost_more_than_half_of_its_pages_stops_and_the_others_go_on() -> None:
    breaker = CircuitBreaker(share=0.05, planned=1000)
    feed(breaker, "bad.example", lost=6, good=5)
    feed(breaker, "good.example", lost=0, good=10)
    assert breaker.why_tripped("bad.example") == "6 of 11 pages came back broken or gone"
    assert breaker.why_tripped("good.example") is None


@pytest.mark.parametrize(("lost", "good"), [(4, 0), (5, 5), (5, 100)])
def test_a_site_with_few_lost_pages_goes_on(lost: int, good: int) -> None:
    breaker = CircuitBreaker(share=0.05, planned=1000)
    feed(breaker, "site.example", lost, good)
    assert breaker.why_tripped("site.example") is None


def test_a_run_that_lost_more_than_its_share_stops_for_every_site() -> None:
    breaker = CircuitBreaker(share=0.05, planned=200)
    for number in range(11):
        feed(breaker, f"{number}.example", lost=1, good=3)
    assert breaker.run is not None
    assert breaker.why_tripped("never-seen.example") == breaker.run


def test_a_run_is_measured_against_the_pages_planned_not_against_a_bad_beginning() -> None:
    breaker = CircuitBreaker(share=0.05, planned=1000)
    for number in range(12):
        feed(breaker, f"{number}.example", lost=1, good=0)
    assert breaker.run is None


def test_a_run_of_few_pages_needs_ten_lost_ones_to_stop() -> None:
    breaker = CircuitBreaker(share=0.05, planned=20)
    for number in range(9):
        feed(breaker, f"{number}.example", lost=1, good=0)
    assert breaker.run is None
    feed(breaker, "10.example", lost=1, good=0)
    assert breaker.run is not None


def test_pages_of_a_site_that_suddenly_share_one_text_stop_it() -> None:
    breaker = CircuitBreaker(share=0.05, planned=1000)
    for number in range(5):
        breaker.record("moved.example", lost=False, text="the same")
        breaker.record("alive.example", lost=False, text=f"text {number}")
    assert breaker.why_tripped("moved.example") == "5 of 5 pages came back with one and the same new text"
    assert breaker.why_tripped("alive.example") is None


def test_a_stop_stays_although_later_pages_come_back_well() -> None:
    breaker = CircuitBreaker(share=0.05, planned=1000)
    feed(breaker, "site.example", lost=5, good=0)
    feed(breaker, "site.example", lost=0, good=50)
    assert breaker.why_tripped("site.example") is not None


def test_a_site_is_settled_once_enough_of_its_pages_were_seen() -> None:
    breaker = CircuitBreaker(share=0.05)
    feed(breaker, "site.example", lost=0, good=4)
    assert not breaker.trusts("site.example")
    feed(breaker, "site.example", lost=0, good=1)
    assert breaker.trusts("site.example")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.sampled_from(["", "x", "y"]))))
def test_a_share_of_one_switches_the_brake_off(visits: list[tuple[str, bool, str]]) -> None:
    breaker = CircuitBreaker(share=1)
    for site, lost, text in visits:
        breaker.record(site, lost=lost, text=text)
        assert breaker.why_tripped(site) is None
        assert breaker.trusts(site)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans())))
def test_a_run_without_ten_lost_pages_or_five_of_a_site_never_stops(visits: list[tuple[str, bool]]) -> None:
    breaker = CircuitBreaker(share=0.05)
    for site, lost in visits:
        breaker.record(site, lost=lost)
    lost_of = [sum(lost for at, lost in visits if at == site) for site in "abc"]
    if max(lost_of) < 5 and sum(lost_of) < 10:
        assert not any(breaker.why_tripped(site) for site in "abc")


def test_one_text_on_many_pages_is_found_among_any_number_of_others() -> None:
    """What is counted is bounded, and what comes often is not lost so."""
    breaker = CircuitBreaker(share=0.05, planned=30_000)
    for number in range(28_000):
        breaker.record("a.example", lost=False, text=f"{number}")
    for _ in range(1_500):
        breaker.record("b.example", lost=False, text="the same")
        assert breaker.run is None
    breaker.record("b.example", lost=False, text="the same")
    assert breaker.run == "1501 of 30000 pages came back with one and the same new text"
    assert sum(len(tally.texts) for tally in [breaker._run, *breaker._sites.values()]) <= 20_000
