"""Two texts are alike where most of either is in the other, whatever the rest."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.verdict.resemblance import minhash_sketch, similar


def text(seed: int, size: int = 3000) -> str:
    return "".join(random.Random(seed).choices("abcdefghijklmnop", k=size))


@pytest.mark.parametrize(("part", "same"), [(0, True), (300, True), (600, True), (1500, False), (3000, False)])
def test_texts_are_alike_but_for_a_part_of_them(part: int, same: bool) -> None:
    kept = text(0, 3000 - part)
    for seed in range(20):
        assert similar(minhash_sketch(kept + text(1, part)), minhash_sketch(text(2 + seed, part) + kept)) == same


def test_a_text_is_not_like_one_that_has_much_more() -> None:
    assert not similar(minhash_sketch(text(0)), minhash_sketch(text(0) + text(1)))


def test_a_sketch_is_short_however_long_the_text() -> None:
    assert len(minhash_sketch(text(0, 40_000))) == len(minhash_sketch(text(0, 1000))) == 800


@given(st.text(), st.text())
def test_a_text_is_like_itself_and_likeness_has_no_order(one: str, other: str) -> None:
    assert similar(minhash_sketch(one), minhash_sketch(one))
    assert similar(minhash_sketch(one), minhash_sketch(other)) == similar(minhash_sketch(other), minhash_sketch(one))
