"""What differs between two fetches of a page is not written, and what both show is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.terms.outcomes import Noise
from fetcher.visits.confirm import agreed

STORED = """
# Opening hours

We are open from nine to five on every day of the week but Sundays.

1,000 readers were here.

- [The first of the three](/1)
- [The second of the three](/2)

Come and see us.
"""
TRUE_CHANGE = STORED.replace("to five", "to six")
ROTATED = ("- [A tale of two cats](/7)\n- [How tea is made](/8)\n", "- [Why bees dance](/9)\n- [On old maps](/3)\n")
LIST = "- [The first of the three](/1)\n- [The second of the three](/2)\n"

texts = st.lists(st.sampled_from(["one ", "two ", "three\n", "four\n\n", "- ", "five. ", "six "]), max_size=12).map(
    "".join
)


def test_a_change_that_both_show_is_kept() -> None:
    assert agreed(STORED, TRUE_CHANGE, TRUE_CHANGE) == (TRUE_CHANGE, ())


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("1,204 readers were here.", "1,205 readers were here."),
        ("1,204 readers were here.", "1,000 readers were here."),
        ("1,000 readers were here.", "1,204 readers were here."),
        ("A quote of the day, on love and war.", "Words of wisdom that nobody asked to hear."),
    ],
)
def test_what_only_one_shows_stays_as_stored_beside_a_change_of_both(first: str, second: str) -> None:
    old = "1,000 readers were here."
    body, held = agreed(STORED, TRUE_CHANGE.replace(old, first), TRUE_CHANGE.replace(old, second))
    assert body == TRUE_CHANGE
    assert {one.reason for one in held} <= {Noise.UNCONFIRMED}
    assert bool(held) == (second != old)


def test_a_counter_in_a_sentence_that_changed_keeps_its_stored_number() -> None:
    stored = "Read by 1,000 people, the guide to the old town tells of nine churches and a well.\n"
    first = stored.replace("nine churches", "ten churches").replace("1,000", "1,204")
    body, _ = agreed(stored, first, first.replace("1,204", "1,205"))
    assert body == stored.replace("nine churches", "ten churches")


def test_a_list_that_rotates_stays_as_stored() -> None:
    first, second = (TRUE_CHANGE.replace(LIST, rotated) for rotated in ROTATED)
    body, held = agreed(STORED, first, second)
    assert body == TRUE_CHANGE
    assert LIST.strip() in {one.removed for one in held}


def test_a_new_paragraph_comes_in_with_the_number_of_the_second_fetch() -> None:
    first = STORED + "\nA new paragraph of some length, read by 7 people so far.\n"
    second = first.replace("7 people", "8 people")
    assert agreed(STORED, first, second)[0] == second


def test_a_paragraph_goes_only_if_both_lost_it() -> None:
    shorter = STORED.replace("Come and see us.\n", "")
    assert agreed(STORED, shorter, shorter)[0] == shorter
    assert agreed(STORED, shorter, STORED)[0] == STORED
    assert agreed(STORED, STORED, shorter)[0] == STORED


@given(texts, texts)
def test_two_equal_fetches_agree_on_all_they_show(stored: str, fetched: str) -> None:
    assert agreed(stored, fetched, fetched) == (fetched, ())


@given(texts, texts)
def test_what_either_fetch_shows_as_stored_stays(stored: str, other: str) -> None:
    for first, second in ((other, stored), (stored, other)):
        body, held = agreed(stored, first, second)
        assert body == stored
        assert bool(held) == (other != stored)


@given(texts, texts, texts)
def test_no_word_appears_that_neither_the_stored_nor_the_second_text_has(stored: str, first: str, second: str) -> None:
    assert set(agreed(stored, first, second)[0].split()) <= {*stored.split(), *second.split()}
