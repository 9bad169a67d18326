"""What changes by itself, told from what was seen at a place before."""

from __future__ import annotations

import random
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.merge import place_history
from fetcher.merge.place_history import WINDOW, Difference, Place

PLACE = place_history.key(["Related", "pages"], ["Contact", "us"])


def life(shown: list[str]) -> tuple[list[int], str]:
    """The visits at which a file was written, and what it holds at the end, where a place shows these texts in turn.

    The first text is the one that the file was filled with.
    """
    places: dict[str, Place] = {}
    stored, written = shown[0], []
    for visits, text in enumerate(shown[1:], start=1):
        differences = {}
        if text != stored:
            held = place_history.is_churn(places.get(PLACE), text)
            differences[PLACE] = Difference(place_history.value(stored), place_history.value(text), held)
            if not held:
                written.append(visits)
                stored = text
        places = place_history.observed(places, differences, visits)
    return written, stored


def test_a_list_that_rotates_at_each_visit_is_written_once() -> None:
    assert life([f"list {n}" for n in range(20)]) == ([1], "list 1")


def test_a_rotation_among_few_values_is_written_once() -> None:
    assert life(["a", "b", "c"] * 10)[0] == [1]


def test_a_flip_flop_is_written_once() -> None:
    assert life(["a", "b"] * 20)[0] == [1]


def test_a_flip_flop_by_chance_is_written_a_few_times_at_most() -> None:
    dice = random.Random(3)
    lives = [life([dice.choice("ab") for _ in range(60)])[0] for _ in range(50)]
    assert sum(map(len, lives)) / 50 < 3


def test_a_list_that_rotates_every_second_visit_is_held_back_soon() -> None:
    assert len(life([f"list {n // 2}" for n in range(40)])[0]) <= 3


def test_a_real_change_is_written_at_once_and_so_is_the_next() -> None:
    assert life(["old"] * 5 + ["new"] * 5 + ["newer"] * 5) == ([5, 10], "newer")


def test_three_edits_within_five_visits_are_all_written_at_once() -> None:
    assert life(["a"] * 17 + ["b", "b", "c", "c"] + ["c"] * 5) == ([17, 19], "c")


def test_an_edit_the_day_after_an_edit_comes_one_visit_late() -> None:
    assert life(["a"] * 10 + ["b", "c", "c", "c"]) == ([10, 12], "c")


def test_an_edit_that_is_taken_back_comes_one_visit_late() -> None:
    assert life(["a"] * 10 + ["b"] * 3 + ["a"] * 3) == ([10, 14], "a")


def test_a_list_that_stops_rotating_is_let_through() -> None:
    written, stored = life([f"list {n}" for n in range(20)] + ["last"] * 8)
    assert stored == "last"
    assert len(written) == 2


def test_twenty_visits_to_a_page_with_rotating_lists_flip_flops_and_two_real_changes() -> None:
    """The two changes come through at once; what changes by itself is written once at each of its places."""
    real = life(["one"] * 7 + ["two"] * 8 + ["three"] * 5)
    rotating = [life([f"{name} {visit}" for visit in range(20)]) for name in ("related", "popular")]
    flopping = [life([("on", "off")[visit // stay % 2] for visit in range(20)]) for stay in (1, 1)]
    assert real == ([7, 15], "three")
    assert [written for written, _ in rotating + flopping] == [[1]] * 4


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=40), st.sampled_from("abcde"))
def test_whatever_came_before_what_stands_still_comes_through(shown: list[str], last: str) -> None:
    assert life([*shown, *[last] * 6])[1] == last


@given(st.lists(st.integers(WINDOW, 2 * WINDOW), min_size=1, max_size=5))
def test_changes_that_are_far_apart_are_never_held_back(stays: list[int]) -> None:
    shown = [f"text {n}" for n, stay in enumerate(stays) for _ in range(stay)]
    assert len(life(shown)[0]) == len(list(groupby(shown))) - 1


@given(st.text())
def test_a_place_that_never_changed_holds_nothing_back(text: str) -> None:
    assert not place_history.is_churn(None, text)


@given(st.dictionaries(st.text(max_size=3), st.builds(Difference, st.text(), st.text(), st.booleans()), max_size=200))
def test_the_memory_of_a_page_is_bounded(differences: dict[str, Difference]) -> None:
    places: dict[str, Place] = {}
    for visits in range(1, 2 * WINDOW):
        places = place_history.observed(places, differences, visits)
    assert len(places) <= place_history.PLACES
    assert all(len(place.values) <= WINDOW for place in places.values())


def test_a_place_that_stands_still_is_forgotten() -> None:
    places = place_history.observed({}, {PLACE: Difference("a", "b", held=False)}, 1)
    for _ in range(WINDOW):
        places = place_history.repeated(places)
    assert places == {}


def test_a_place_that_waits_to_be_let_through_is_not_forgotten() -> None:
    places = place_history.observed({}, {PLACE: Difference("a", "b", held=True)}, 1)
    for _ in range(2 * WINDOW):
        places = place_history.repeated(places)
    assert not place_history.is_churn(places[PLACE], "b")


@pytest.mark.parametrize("other", ["a  b", " a b", "a\nb"])
def test_white_space_makes_no_other_value(other: str) -> None:
    assert place_history.value(other) == place_history.value("a b")


def test_a_place_is_known_by_its_nearest_words_on_both_sides() -> None:
    assert place_history.key(["x", "a", "b", "c", "d"], ["e"]) == place_history.key(["a", "b", "c", "d"], ["e"])
    assert place_history.key(["a"], ["b"]) != place_history.key(["a", "b"], [])
