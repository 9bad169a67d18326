"""Alignment of two sequences: near-linear, anchored on what is unique to both."""

from bisect import bisect_left
from collections.abc import Hashable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import Indel

# Anchors are runs of this many tokens that occur once in each sequence; shorter ones are tried where these fail.
_SHINGLES = (8, 3, 1)
# The bit matrix of a gap: 25 MB, some 10 ms.
_CELLS = 200_000_000


class Match(NamedTuple):
    """`a[start_a : start_a + size] == b[start_b : start_b + size]`."""

    start_a: int
    start_b: int
    size: int

    @property
    def end_a(self) -> int:
        """Where the run ends in `a`."""
        return self.start_a + self.size

    @property
    def end_b(self) -> int:
        """Where the run ends in `b`."""
        return self.start_b + self.size


def align(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Match]:
    """The common runs of `a` and `b`, in order, touching runs joined.

    Runs that stand once in both sequences are anchors (the patience method); a longest common subsequence is
    sought only between anchors, and where even that gap is larger than a bound, it counts as replaced.
    """
    return list(_joined(_align(a, b, 0, 0, _SHINGLES)))


def _align(
    a: Sequence[Hashable], b: Sequence[Hashable], at_a: int, at_b: int, shingles: tuple[int, ...]
) -> Iterator[Match]:
    head = _common_head(a, b)
    if head:
        yield Match(at_a, at_b, head)
        a, b, at_a, at_b = a[head:], b[head:], at_a + head, at_b + head
    tail = _common_head(a[::-1], b[::-1])
    if tail:
        yield from _between(a[:-tail], b[:-tail], at_a, at_b, shingles)
        yield Match(at_a + len(a) - tail, at_b + len(b) - tail, tail)
    else:
        yield from _between(a, b, at_a, at_b, shingles)


def _between(
    a: Sequence[Hashable], b: Sequence[Hashable], at_a: int, at_b: int, shingles: tuple[int, ...]
) -> Iterator[Match]:
    if not a or not b:
        return
    if not shingles:
        yield from _subsequence(a, b, at_a, at_b)
        return
    anchors = _anchors(a, b, shingles[0])
    if not anchors:
        yield from _between(a, b, at_a, at_b, shingles[1:])
        return
    done_a = done_b = 0
    for anchor in [*anchors, Match(len(a), len(b), 0)]:
        gap_a, gap_b = a[done_a : anchor.start_a], b[done_b : anchor.start_b]
        # What is unique within a gap need not be unique in the whole: look again before counting every word.
        yield from _align(gap_a, gap_b, at_a + done_a, at_b + done_b, shingles if done_a else shingles[1:])
        if anchor.size:
            yield Match(at_a + anchor.start_a, at_b + anchor.start_b, anchor.size)
        done_a, done_b = anchor.end_a, anchor.end_b


def _common_head(a: Sequence[Hashable], b: Sequence[Hashable]) -> int:
    for at, (one, other) in enumerate(zip(a, b, strict=False)):
        if one != other:
            return at
    return min(len(a), len(b))


def _subsequence(a: Sequence[Hashable], b: Sequence[Hashable], at_a: int, at_b: int) -> Iterator[Match]:
    if len(a) * len(b) > _CELLS:
        return
    for code in Indel.opcodes(a, b):
        if code.tag == "equal":
            yield Match(at_a + code.src_start, at_b + code.dest_start, code.src_end - code.src_start)


def _anchors(a: Sequence[Hashable], b: Sequence[Hashable], size: int) -> list[Match]:
    """The longest chain of shingles that stand once in both, in the same order, grown to touching runs."""
    once_a, places = _once(a, size), dict[tuple[Hashable, ...], int]()
    for at, shingle in enumerate(_shingles(b, size)):
        if shingle in once_a:
            places[shingle] = -1 if shingle in places else at
    pairs = sorted((once_a[shingle], at) for shingle, at in places.items() if at >= 0)
    found: list[Match] = []
    start_a = start_b = end_a = end_b = 0
    for at_a, at_b in _increasing(pairs):
        if at_a >= end_a and at_b >= end_b:
            found.append(Match(start_a, start_b, end_a - start_a))
            start_a, start_b = at_a, at_b
        elif at_a - start_a != at_b - start_b:  # overlaps the run before, on another diagonal
            continue
        end_a, end_b = at_a + size, at_b + size
    return [match for match in [*found, Match(start_a, start_b, end_a - start_a)] if match.size]


def _once(tokens: Sequence[Hashable], size: int) -> dict[tuple[Hashable, ...], int]:
    """Where each shingle stands that stands once."""
    seen: dict[tuple[Hashable, ...], int] = {}
    for at, shingle in enumerate(_shingles(tokens, size)):
        seen[shingle] = -1 if shingle in seen else at
    return {shingle: at for shingle, at in seen.items() if at >= 0}


def _shingles(tokens: Sequence[Hashable], size: int) -> Iterator[tuple[Hashable, ...]]:
    return zip(*(tokens[shift:] for shift in range(size)), strict=False)


def _increasing(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence of `pairs` (sorted by their first) whose seconds increase."""
    if all(one[1] < other[1] for one, other in pairwise(pairs)):  # nothing has moved
        return pairs
    tops: list[int] = []
    tails: list[int] = []
    before: list[int] = []
    for index, (_, second) in enumerate(pairs):
        place = bisect_left(tops, second)
        before.append(tails[place - 1] if place else -1)
        tops[place : place + 1] = [second]
        tails[place : place + 1] = [index]
    chain = []
    index = tails[-1] if tails else -1
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]


def _joined(matches: Iterator[Match]) -> Iterator[Match]:
    held: Match | None = None
    for match in matches:
        if held and held.end_a == match.start_a and held.end_b == match.start_b:
            held = Match(held.start_a, held.start_b, held.size + match.size)
            continue
        if held:
            yield held
        held = match
    if held:
        yield held
