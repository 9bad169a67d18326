"""The alignment of two sequences: true, in order, and near-linear."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher import align as subject
from fetcher.align import Match, align

TOKENS = st.lists(st.sampled_from("abcdefgh"), max_size=40)


@given(TOKENS, TOKENS)
def test_matches_are_true_and_in_order(a: list[str], b: list[str]) -> None:
    """Every match is the same on both sides; matches follow each other without overlap, and touching ones are one."""
    before = Match(0, 0, 0)
    for match in align(a, b):
        assert match.size > 0
        assert a[match.start_a : match.end_a] == b[match.start_b : match.end_b]
        assert match.start_a >= before.end_a
        assert match.start_b >= before.end_b
        assert not before.size or (match.start_a, match.start_b) != (before.end_a, before.end_b)
        before = match


@given(TOKENS)
def test_a_sequence_matches_itself_whole(a: list[str]) -> None:
    """Equal sequences are one match."""
    assert align(a, a) == ([Match(0, 0, len(a))] if a else [])


@given(TOKENS, TOKENS, st.integers(0, 40))
def test_an_insertion_is_nothing_but_an_insertion(a: list[str], new: list[str], at: int) -> None:
    """Where tokens were only inserted, all the others match."""
    assert sum(match.size for match in align(a, a[:at] + new + a[at:])) == len(a)


class Counted:
    """A token that counts how often it is looked at."""

    looks = 0

    def __init__(self, value: int) -> None:
        self.value = value

    def __hash__(self) -> int:
        Counted.looks += 1
        return hash(self.value)

    def __eq__(self, other: object) -> bool:
        Counted.looks += 1
        return isinstance(other, Counted) and self.value == other.value


def _looks(a: Iterable[int], b: Iterable[int]) -> int:
    Counted.looks = 0
    align([Counted(value) for value in a], [Counted(value) for value in b])
    return Counted.looks


@pytest.mark.parametrize("size", [2_000, 8_000])
def test_the_cost_grows_with_the_length(size: int) -> None:
    """An edit in every hundred tokens: each is looked at a bounded number of times, however many there are."""
    edited = (value if value % 100 else -value for value in range(size))
    assert _looks(range(size), edited) < 100 * size


@pytest.mark.parametrize("size", [2_000, 8_000])
def test_repeats_cost_no_more(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sequences without anything unique are left unaligned where a table of all pairs would be too large."""
    monkeypatch.setattr(subject, "_CELLS", 10_000)
    a, b = ([first, 1, 2, 3] * (size // 4) for first in (5, 6))
    assert _looks(a, b) < 120 * size


@given(
    st.lists(st.integers(0, 400), min_size=30, max_size=120),
    st.lists(
        st.tuples(st.integers(0, 120), st.integers(0, 12), st.lists(st.integers(0, 400), max_size=12)), max_size=6
    ),
)
def test_probes_find_what_a_look_at_everything_finds(a: list[int], edits: list[tuple[int, int, list[int]]]) -> None:
    """Whether runs are found by a few probes or by an index of all shingles, the matches are the same."""
    b = a[:]
    for at, lost, new in edits:
        b[at : at + lost] = new
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subject, "_LONG", 10**9)
        whole = align(a, b)
        patch.setattr(subject, "_LONG", 16)
        assert align(a, b) == whole


@given(TOKENS, st.lists(st.sampled_from("abcdefgh"), max_size=6), st.booleans())
def test_few_tokens_are_found_among_many(many: list[str], few: list[str], swapped: bool) -> None:
    """Whether all tokens of the longer side are looked up or those alone that the shorter has, matches are the same."""
    a, b = (many * 3, few) if swapped else (few, many * 3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subject, "_FEW", 10**9)
        whole = align(a, b)
        patch.setattr(subject, "_FEW", 1)
        assert align(a, b) == whole


def test_a_run_is_checked_word_by_word() -> None:
    """Shingles that only share their hash are no match."""
    a, b = [-1] * 8, [-2] * 8
    assert hash(tuple(a)) == hash(tuple(b))
    assert align([0, *a, 1], [2, *b, 3]) == []
