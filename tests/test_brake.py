"""When a site or a run stops writing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.run.gate import Brake


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
