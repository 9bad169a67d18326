"""Results wait until their site can be trusted, and none is written after the brake, which stops a site or a run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.memory.memory import Memory, Visit
from fetcher.report.changes import NOWHERE, BlockChange
from fetcher.run.circuit_breaker import Brake, Gate
from fetcher.run.waves import Size
from fetcher.terms.outcomes import Outcome, Record
from fetcher.visits.results import Result, Visited
from fetcher.visits.waves import held_back_block


def page(number: int, outcome: Outcome = Outcome.CHANGED, digest: str = "", status: int = 200) -> Visited:
    record = Record(path=f"{number}.md", outcome=outcome, status=status)
    new = "new" if outcome in (Outcome.CHANGED, Outcome.FILLED) else "old"
    return Visited((Result(record, "old", new),), digest=digest or str(number))


def ended(gate: Gate, site: str, visited: Visited) -> list[Result]:
    return [*gate.ended(site, visited)]


def outcomes(results: list[Result]) -> list[Outcome]:
    return [result.record.outcome for result in results]


def test_the_first_results_of_a_site_wait_for_its_fifth_page() -> None:
    gate = Gate(0.05, {"a": 9})
    assert [ended(gate, "a", page(number)) for number in range(4)] == [[], [], [], []]
    assert [result.record.path for result in ended(gate, "a", page(4))] == ["0.md", "1.md", "2.md", "3.md", "4.md"]
    assert outcomes(ended(gate, "a", page(5))) == ["changed"]


def test_a_site_of_few_pages_waits_for_its_last() -> None:
    gate = Gate(0.05, {"a": 2, "b": 1})
    assert ended(gate, "a", page(1)) == []
    assert outcomes(ended(gate, "b", page(2))) == ["changed"]
    assert outcomes(ended(gate, "a", page(3))) == ["changed", "changed"]


def test_what_writes_nothing_does_not_wait() -> None:
    gate = Gate(0.05, {"a": 9})
    assert outcomes(ended(gate, "a", page(1, Outcome.UNCHANGED))) == ["unchanged"]
    assert outcomes(ended(gate, "a", page(2, Outcome.BROKEN))) == ["broken"]


def test_a_site_that_loses_most_of_its_pages_writes_none() -> None:
    gate = Gate(0.05, {"a": 7, "b": 93})
    results = [ended(gate, "a", page(number, Outcome.BROKEN if number < 5 else Outcome.CHANGED)) for number in range(7)]
    (last,) = results[-1]
    assert (last.record.outcome, last.record.reason, last.writes) == ("skipped", "brake", False)
    assert "5 of 5 pages came back broken or gone" in last.record.detail
    assert gate.stops() == ["Writing stopped for a, as 5 of 5 pages came back broken or gone."]


def test_results_that_waited_are_stopped_too() -> None:
    gate = Gate(0.05, {"a": 6})
    for number in range(5):
        ended(gate, "a", page(number, Outcome.CHANGED, digest="one and the same"))
    assert gate.stops() == ["Writing stopped for a, as 5 of 5 pages came back with one and the same new text."]


def test_a_first_404_is_a_loss_and_a_refusal_is_none() -> None:
    gate = Gate(0.05, {"a": 20})
    for number in range(5):
        ended(gate, "a", page(number, Outcome.BLOCKED, status=403))
    assert gate.stops() == []
    for number in range(5, 15):
        ended(gate, "a", page(number, Outcome.FAILED, status=404))
    assert gate.stops()[0].startswith("Writing stopped for the whole run, as 10 of 20 pages")


def test_a_share_of_one_stops_and_holds_nothing() -> None:
    gate = Gate(1, {"a": 20})
    for number in range(9):
        ended(gate, "a", page(number, Outcome.BROKEN))
    assert outcomes(ended(gate, "a", page(9))) == ["changed"]


def changing(number: int, *blocks: str) -> Visited:
    record = Record(path=f"{number}.md", outcome=Outcome.CHANGED, status=200)
    swaps = tuple(BlockChange(block, (0, 1), NOWHERE, block, "", (1, 0)) for block in blocks)
    candidates = tuple(held_back_block(swap).id for swap in swaps)
    old = "\n".join(blocks) + "\n"
    return Visited((Result(record, old, "", swaps=swaps, candidates=candidates),), digest=str(number))


def known(gate: Gate, number: int, *blocks: str) -> list[Result]:
    visit = Visit(when=datetime(2026, 1, 1, tzinfo=UTC), outcome=Outcome.UNCHANGED)
    return [*gate.ended("a", changing(number, *blocks), Memory(url="", visits=(visit,)))]


def test_a_change_waits_as_long_as_enough_pages_are_left_to_make_it_a_wave() -> None:
    gate = Gate(0.5, {"a": 20}, Size(5, 0.5))
    assert [known(gate, number, f"own {number}") for number in range(10)] == [[]] * 10
    assert len(known(gate, 10, "own 10")) == 0
    assert len(known(gate, 11, "own 11")) == 12
    assert outcomes(known(gate, 12, "own 12")) == ["changed"]
    assert gate.sentences() == []


def test_a_wave_is_held_back_however_early_its_pages_came() -> None:
    gate = Gate(0.5, {"a": 12}, Size(5, 0.4))
    came = [result for number in range(12) for result in known(gate, number, "the same" if number % 2 else f"{number}")]
    assert {result.record.path for result in came if result.waiting} == {f"{number}.md" for number in range(1, 12, 2)}
    assert len(came) == 12
    assert len(gate.sentences()) == 1


def test_what_waits_when_a_run_is_stopped_goes_by_the_pages_seen() -> None:
    gate = Gate(0.5, {"a": 1000}, Size(5, 0.4))
    for number in range(12):
        known(gate, number, "the same" if number % 2 else f"{number}")
    came = [*gate.rest()]
    assert (len(came), sum(bool(result.waiting) for result in came)) == (12, 6)
    assert [*gate.rest()] == []


def test_what_waits_for_its_site_to_be_trusted_does_not_come_when_a_run_is_stopped() -> None:
    gate = Gate(0.05, {"a": 1000}, Size(5, 0.4))
    known(gate, 1, "own")
    assert [*gate.rest()] == []


def feed(brake: Brake, site: str, lost: int, good: int) -> None:
    for _ in range(good):
        brake.saw(site, lost=False)
    for _ in range(lost):
        brake.saw(site, lost=True)


def test_a_site_that_lost_more_than_half_of_its_pages_stops_and_the_others_go_on() -> None:
    brake = Brake(share=0.05, planned=1000)
    feed(brake, "bad.example", lost=6, good=5)
    feed(brake, "good.example", lost=0, good=10)
    assert brake.stopped("bad.example") == "6 of 11 pages came back broken or gone"
    assert brake.stopped("good.example") is None


@pytest.mark.parametrize(("lost", "good"), [(4, 0), (5, 5), (5, 100)])
def test_a_site_with_few_lost_pages_goes_on(lost: int, good: int) -> None:
    brake = Brake(share=0.05, planned=1000)
    feed(brake, "site.example", lost, good)
    assert brake.stopped("site.example") is None


def test_a_run_that_lost_more_than_its_share_stops_for_every_site() -> None:
    brake = Brake(share=0.05, planned=200)
    for number in range(11):
        feed(brake, f"{number}.example", lost=1, good=3)
    assert brake.run is not None
    assert brake.stopped("never-seen.example") == brake.run


def test_a_run_is_measured_against_the_pages_planned_not_against_a_bad_beginning() -> None:
    brake = Brake(share=0.05, planned=1000)
    for number in range(12):
        feed(brake, f"{number}.example", lost=1, good=0)
    assert brake.run is None


def test_a_run_of_few_pages_needs_ten_lost_ones_to_stop() -> None:
    brake = Brake(share=0.05, planned=20)
    for number in range(9):
        feed(brake, f"{number}.example", lost=1, good=0)
    assert brake.run is None
    feed(brake, "10.example", lost=1, good=0)
    assert brake.run is not None


def test_pages_of_a_site_that_suddenly_share_one_text_stop_it() -> None:
    brake = Brake(share=0.05, planned=1000)
    for number in range(5):
        brake.saw("moved.example", lost=False, text="the same")
        brake.saw("alive.example", lost=False, text=f"text {number}")
    assert brake.stopped("moved.example") == "5 of 5 pages came back with one and the same new text"
    assert brake.stopped("alive.example") is None


def test_a_stop_stays_although_later_pages_come_back_well() -> None:
    brake = Brake(share=0.05, planned=1000)
    feed(brake, "site.example", lost=5, good=0)
    feed(brake, "site.example", lost=0, good=50)
    assert brake.stopped("site.example") is not None


def test_a_site_is_settled_once_enough_of_its_pages_were_seen() -> None:
    brake = Brake(share=0.05)
    feed(brake, "site.example", lost=0, good=4)
    assert not brake.settled("site.example")
    feed(brake, "site.example", lost=0, good=1)
    assert brake.settled("site.example")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.sampled_from(["", "x", "y"]))))
def test_a_share_of_one_switches_the_brake_off(visits: list[tuple[str, bool, str]]) -> None:
    brake = Brake(share=1)
    for site, lost, text in visits:
        brake.saw(site, lost=lost, text=text)
        assert brake.stopped(site) is None
        assert brake.settled(site)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans())))
def test_a_run_without_ten_lost_pages_or_five_of_a_site_never_stops(visits: list[tuple[str, bool]]) -> None:
    brake = Brake(share=0.05)
    for site, lost in visits:
        brake.saw(site, lost=lost)
    lost_of = [sum(lost for at, lost in visits if at == site) for site in "abc"]
    if max(lost_of) < 5 and sum(lost_of) < 10:
        assert not any(brake.stopped(site) for site in "abc")


def test_one_text_on_many_pages_is_found_among_any_number_of_others() -> None:
    """What is counted is bounded, and what comes often is not lost so."""
    brake = Brake(share=0.05, planned=30_000)
    for number in range(28_000):
        brake.saw("a.example", lost=False, text=f"{number}")
    for _ in range(1_500):
        brake.saw("b.example", lost=False, text="the same")
        assert brake.run is None
    brake.saw("b.example", lost=False, text="the same")
    assert brake.run == "1501 of 30000 pages came back with one and the same new text"
    assert sum(len(tally.texts) for tally in [brake._run, *brake._sites.values()]) <= 20_000
