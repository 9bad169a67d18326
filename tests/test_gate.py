"""Results wait until their site can be trusted, and none is written after the brake."""

from __future__ import annotations

from datetime import UTC, datetime

from fetcher.memory.memory import Memory, Visit
from fetcher.report.changes import NOWHERE, Swap
from fetcher.run.gate import Gate
from fetcher.run.waves import Size
from fetcher.terms.outcomes import Outcome, Record
from fetcher.visits.results import Result, Visited
from fetcher.visits.waves import difference


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
    swaps = tuple(Swap(block, (0, 1), NOWHERE, block, "", (1, 0)) for block in blocks)
    candidates = tuple(difference(swap).id for swap in swaps)
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
