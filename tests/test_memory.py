"""What a visit makes of the memory of a page: when it is gone, when a doubt is settled, and what is folded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.memory import memory
from fetcher.memory.fingerprint import Validators
from fetcher.memory.memory import Doubt, Look, Memory, Visit
from fetcher.terms.outcomes import Outcome, Record
from fetcher.visits import recall

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
URL = "https://example.org/page"


def visit(outcome: Outcome = Outcome.UNCHANGED, *, when: datetime = NOW, status: int = 200) -> Visit:
    return Visit(when=when, outcome=outcome, status=status)


def look(*, changed: bool = False) -> Look:
    return Look(final_url=URL, validators=Validators('"1"'), digest=b"d", fingerprint=b"f", changed=changed)


def absent(known: Memory, when: datetime, status: int = 404) -> Memory:
    return memory.missed(known, visit(Outcome.FAILED, when=when, status=status))


def test_one_answer_does_not_prove_that_a_page_is_gone() -> None:
    assert recall.gone_since(Memory(url=URL), 404, NOW) is None


@pytest.mark.parametrize(("hours", "certain"), [(1, False), (23, False), (24, True), (2000, True)])
def test_two_answers_a_day_apart_prove_that_a_page_is_gone_since_the_first(hours: int, certain: bool) -> None:
    known = absent(Memory(url=URL), NOW)
    assert recall.gone_since(known, 410, NOW + timedelta(hours=hours)) == (NOW if certain else None)


def test_visits_in_between_do_not_move_the_date_of_the_first() -> None:
    known = absent(absent(Memory(url=URL), NOW), NOW + timedelta(hours=20))
    assert recall.gone_since(known, 404, NOW + DAY) == NOW
    assert known.absence is not None
    assert known.absence.count == 2


def test_two_addresses_that_say_so_at_once_prove_that_a_page_is_gone() -> None:
    assert recall.gone_since(Memory(url=URL), 404, NOW, elsewhere=True) == NOW


@pytest.mark.parametrize("status", [200, 403, 500, 503])
def test_no_other_status_proves_that_a_page_is_gone(status: int) -> None:
    known = absent(Memory(url=URL), NOW)
    assert recall.gone_since(known, status, NOW + 2 * DAY, elsewhere=True) is None


def test_a_server_error_in_between_tells_nothing_about_whether_a_page_is_gone() -> None:
    known = absent(absent(Memory(url=URL), NOW), NOW + DAY, status=500)
    assert recall.gone_since(known, 404, NOW + 2 * DAY) == NOW


def test_a_page_that_comes_back_is_not_gone_and_no_doubt_is_left() -> None:
    known = memory.missed(absent(Memory(url=URL), NOW), visit(Outcome.BROKEN), Doubt("shrunk", "d", NOW))
    for back in (memory.seen(known, visit(), look()), memory.same(known, visit())):
        assert back.absence is None
        assert back.doubt is None
        assert recall.gone_since(back, 404, NOW + 2 * DAY) is None


def test_a_doubt_is_settled_by_the_same_page_in_a_later_run() -> None:
    known = memory.missed(Memory(url=URL), visit(Outcome.BROKEN), Doubt("shrunk", "d", NOW))
    later = NOW + timedelta(minutes=1)
    assert recall.is_doubt_settled(known, Doubt("shrunk", "d", later), began=later)
    assert not recall.is_doubt_settled(known, Doubt("shrunk", "d", NOW), began=NOW)
    assert not recall.is_doubt_settled(known, Doubt("shrunk", "other", later), began=later)
    assert not recall.is_doubt_settled(known, Doubt("rewritten", "d", later), began=later)
    assert not recall.is_doubt_settled(Memory(url=URL), Doubt("shrunk", "d", later), began=later)


def test_a_doubt_that_comes_again_keeps_its_date_and_another_one_takes_its_place() -> None:
    known = memory.missed(Memory(url=URL), visit(Outcome.BROKEN), Doubt("shrunk", "d", NOW))
    again = memory.missed(known, visit(Outcome.BROKEN), Doubt("shrunk", "d", NOW + DAY))
    assert again.doubt == known.doubt
    other = memory.missed(known, visit(Outcome.BROKEN), Doubt("shrunk", "e", NOW + DAY))
    assert other.doubt == Doubt("shrunk", "e", NOW + DAY)
    assert memory.missed(known, visit(Outcome.FAILED, status=500)).doubt == known.doubt


def test_a_visit_without_a_page_leaves_what_the_last_good_one_brought() -> None:
    known = memory.seen(Memory(url=URL), visit(), look())
    missed = memory.missed(known, visit(Outcome.FAILED, when=NOW + DAY, status=500))
    assert (missed.good, missed.verified, missed.validators, missed.digest) == (NOW, NOW, known.validators, b"d")


def test_a_visit_that_needed_no_reading_verifies_and_keeps_the_rest() -> None:
    known = memory.same(memory.seen(Memory(url=URL), visit(), look()), visit(when=NOW + DAY))
    assert (known.good, known.verified, known.fingerprint) == (NOW, NOW + DAY, b"f")


@given(st.lists(st.sampled_from(Outcome), max_size=200))
def test_every_visit_is_kept_or_counted_and_only_fifty_are_kept(outcomes: list[Outcome]) -> None:
    known = Memory(url=URL)
    for day, outcome in enumerate(outcomes):
        known = memory.missed(known, visit(outcome, when=NOW + day * DAY))
    folded = sum(sum(counts.values()) for counts in known.folded.values())
    assert len(known.visits) == min(50, len(outcomes))
    assert folded + len(known.visits) == len(outcomes)
    assert [one.outcome for one in known.visits] == outcomes[-50:]


def test_old_visits_are_counted_by_month_and_outcome() -> None:
    known = Memory(url=URL)
    for day in range(100):
        known = memory.missed(known, visit(Outcome.FAILED if day % 2 else Outcome.BLOCKED, when=NOW + day * DAY))
    assert known.folded == {"2026-03": {"blocked": 16, "failed": 15}, "2026-04": {"failed": 10, "blocked": 9}}


def test_the_visit_of_a_page_ended_as_its_seed_that_a_report_lists_first() -> None:
    records = [
        Record(path="a", outcome=Outcome.UNCHANGED),
        Record(path="b", outcome=Outcome.CHANGED, words_added=3),
        Record(path="c", outcome=Outcome.FAILED, reason="edited"),
    ]
    assert memory.visit_of(records, NOW) == Visit(when=NOW, outcome=Outcome.CHANGED, words_added=3)
