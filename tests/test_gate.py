"""Results wait until their site can be trusted, and none is written after the brake."""

from __future__ import annotations

from fetcher.run.gate import Gate
from fetcher.terms.outcomes import Outcome, Record
from fetcher.visits.results import Result, Visited


def page(number: int, outcome: Outcome = Outcome.CHANGED, digest: str = "", status: int = 200) -> Visited:
    record = Record(path=f"{number}.md", outcome=outcome, status=status)
    new = "new" if outcome in (Outcome.CHANGED, Outcome.FILLED) else "old"
    return Visited((Result(record, "old", new),), digest=digest or str(number))


def outcomes(results: list[Result]) -> list[Outcome]:
    return [result.record.outcome for result in results]


def test_the_first_results_of_a_site_wait_for_its_fifth_page() -> None:
    gate = Gate(0.05, {"a": 9})
    assert [gate.ended("a", page(number)) for number in range(4)] == [[], [], [], []]
    assert [result.record.path for result in gate.ended("a", page(4))] == ["0.md", "1.md", "2.md", "3.md", "4.md"]
    assert outcomes(gate.ended("a", page(5))) == ["changed"]


def test_a_site_of_few_pages_waits_for_its_last() -> None:
    gate = Gate(0.05, {"a": 2, "b": 1})
    assert gate.ended("a", page(1)) == []
    assert outcomes(gate.ended("b", page(2))) == ["changed"]
    assert outcomes(gate.ended("a", page(3))) == ["changed", "changed"]


def test_what_writes_nothing_does_not_wait() -> None:
    gate = Gate(0.05, {"a": 9})
    assert outcomes(gate.ended("a", page(1, Outcome.UNCHANGED))) == ["unchanged"]
    assert outcomes(gate.ended("a", page(2, Outcome.BROKEN))) == ["broken"]


def test_a_site_that_loses_most_of_its_pages_writes_none() -> None:
    gate = Gate(0.05, {"a": 7, "b": 93})
    results = [gate.ended("a", page(number, Outcome.BROKEN if number < 5 else Outcome.CHANGED)) for number in range(7)]
    (last,) = results[-1]
    assert (last.record.outcome, last.record.reason, last.writes) == ("skipped", "brake", False)
    assert "5 of 5 pages came back broken or gone" in last.record.detail
    assert gate.stops() == ["Writing stopped for a, as 5 of 5 pages came back broken or gone."]


def test_results_that_waited_are_stopped_too() -> None:
    gate = Gate(0.05, {"a": 6})
    for number in range(5):
        gate.ended("a", page(number, Outcome.CHANGED, digest="one and the same"))
    assert gate.stops() == ["Writing stopped for a, as 5 of 5 pages came back with one and the same new text."]


def test_a_first_404_is_a_loss_and_a_refusal_is_none() -> None:
    gate = Gate(0.05, {"a": 20})
    for number in range(5):
        gate.ended("a", page(number, Outcome.BLOCKED, status=403))
    assert gate.stops() == []
    for number in range(5, 15):
        gate.ended("a", page(number, Outcome.FAILED, status=404))
    assert gate.stops()[0].startswith("Writing stopped for the whole run, as 10 of 20 pages")


def test_a_share_of_one_stops_and_holds_nothing() -> None:
    gate = Gate(1, {"a": 20})
    for number in range(9):
        gate.ended("a", page(number, Outcome.BROKEN))
    assert outcomes(gate.ended("a", page(9))) == ["changed"]
