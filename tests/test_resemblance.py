"""Two texts are alike where most of either is in the other, whatever the rest."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.verdict.resemblance import alike, sketch


def text(seed: int, size: int = 3000) -> str:
    return "".join(random.Random(seed).choices("abcdefghijklmnop", k=size))


@pytest.mark.parametrize(("part", "same"), [(0, True), (300, True), (600, True), (1500, False), (3000, False)])
def test_texts_are_alike_but_for_a_part_of_them(part: int, same: bool) -> None:
    kept = text(0, 3000 - part)
    for seed in range(20):
        assert alike(sketch(kept + text(1, part)), sketch(text(2 + seed, part) + kept)) == same


def test_a_text_is_not_like_one_that_has_much_more() -> None:
    assert not alike(sketch(text(0)), sketch(text(0) + text(1)))


def test_a_sketch_is_short_however_long_the_text() -> None:
    assert len(sketch(text(0, 40_000))) == len(sketch(text(0, 1000))) == 800


@given(st.text(), st.text())
def test_a_text_is_like_itself_and_likeness_has_no_order(one: str, other: str) -> None:
    assert alike(sketch(one), sketch(one))
    assert alike(sketch(one), sketch(other)) == alike(sketch(other), sketch(one))
