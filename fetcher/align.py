"""Aligns two sequences in near-linear time: finds their common runs, anchored on runs that are unique in both.

This is the patience method with long anchors: runs of 8, then 3, then 1 tokens that occur once in each sequence fix
the order; a longest common subsequence (bit-parallel, by rapidfuzz) is computed only for the gaps between anchors.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import compress, count, pairwise
from operator import ne
from typing import NamedTuple

from rapidfuzz.distance import Indel

# Anchors are shingles: runs of this many tokens. Shorter ones are tried where longer ones find nothing.
_SHINGLES = (8, 3, 1)
# In sequences longer than _LONG, so many places are probed before every shingle is looked up.
_PROBES, _LONG = 8, 200
# If the other sequence is so many times shorter, only shingles that begin with one of its tokens are looked up.
_FEW = 8
# The largest gap (product of its sides) to compute a subsequence for: a bit matrix of 25 MB, some 10 ms.
_CELLS = 200_000_000


class Match(NamedTuple):
    """`a[start_a : start_a + size] == b[start_b : start_b + size]`."""

    start_a: int
    start_b: int
    size: int

    @property
    def end_a(self) -> int:
        """The end of the run in `a`."""
        return self.start_a + self.size

    @property
    def end_b(self) -> int:
        """The end of the run in `b`."""
        return self.start_b + self.size


class Hunk(NamedTuple):
    """A difference: `a[start_a:end_a]` is replaced by `b[start_b:end_b]`; one of the two may be empty."""

    start_a: int
    end_a: int
    start_b: int
    end_b: int


def hunks(a: Sequence[Hashable], b: Sequence[Hashable]) -> Iterator[Hunk]:
    """The differences of two sequences, in order."""
    return hunks_between(align(a, b), len(a), len(b))


def hunks_between(matches: Iterable[Match], size_a: int, size_b: int) -> Iterator[Hunk]:
    """The differences that the given common runs, in order, leave between two sequences of these lengths."""
    end_a = end_b = 0
    for match in [*matches, Match(size_a, size_b, 0)]:
        if end_a < match.start_a or end_b < match.start_b:
            yield Hunk(end_a, match.start_a, end_b, match.start_b)
        end_a, end_b = match.end_a, match.end_b


def align(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Match]:
    """The common runs of `a` and `b`, in order; adjacent runs are joined.

    A gap between anchors that is larger than a bound counts as replaced as a whole.
    """
    return list(_joined(_align(list(a), list(b), 0, 0, _SHINGLES)))


def _align(a: list[Hashable], b: list[Hashable], at_a: int, at_b: int, shingles: tuple[int, ...]) -> Iterator[Match]:
    head = _alike(a, b, min(len(a), len(b)))
    if head:
        yield Match(at_a, at_b, head)
        a, b, at_a, at_b = a[head:], b[head:], at_a + head, at_b + head
    tail = _alike(reversed(a), reversed(b), min(len(a), len(b)))
    if tail:
        yield from _between(a[:-tail], b[:-tail], at_a, at_b, shingles)
        yield Match(at_a + len(a) - tail, at_b + len(b) - tail, tail)
    else:
        yield from _between(a, b, at_a, at_b, shingles)


def _between(a: list[Hashable], b: list[Hashable], at_a: int, at_b: int, shingles: tuple[int, ...]) -> Iterator[Match]:
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
        # A shingle can be unique within the gap without being unique in the whole, so try this size again.
        yield from _align(gap_a, gap_b, at_a + done_a, at_b + done_b, shingles if done_a else shingles[1:])
        if anchor.size:
            yield Match(at_a + anchor.start_a, at_b + anchor.start_b, anchor.size)
        done_a, done_b = anchor.end_a, anchor.end_b


def _alike(a: Iterable[Hashable], b: Iterable[Hashable], most: int) -> int:
    """The length of the common prefix, at most `most`."""
    return next(compress(count(), map(ne, a, b)), most)


def _subsequence(a: list[Hashable], b: list[Hashable], at_a: int, at_b: int) -> Iterator[Match]:
    if len(a) * len(b) > _CELLS:
        return
    for code in Indel.opcodes(a, b):
        if code.tag == "equal":
            yield Match(at_a + code.src_start, at_b + code.dest_start, code.src_end - code.src_start)


def _anchors(a: list[Hashable], b: list[Hashable], size: int) -> list[Match]:
    """The runs around the longest chain of shingles that are unique in both sequences and in the same order.

    Two versions of a text differ in few places: a few probes find the runs between these at a tenth of the cost of
    looking up every shingle, and what remains of both sides shows whether that is all.
    """
    if min(len(a), len(b)) < size:
        return []
    runs = _long_runs(a, b, size) if len(a) > _LONG and size == _SHINGLES[0] else []
    return runs or _chain(a, b, size)


def _long_runs(a: list[Hashable], b: list[Hashable], size: int) -> list[Match]:
    """The runs around a few probed shingles, in order; empty if they may not be all."""
    runs = [Match(0, 0, 0), Match(len(a), len(b), 0)]
    for part in range(1, _PROBES):
        _probe(runs, a, b, len(a) * part // _PROBES, size)
    if sum(run.size for run in runs) * 2 < min(len(a), len(b)):
        return []
    for _ in range(_PROBES):
        at = _shared_beside(runs, a, b, size)
        if at < 0:
            return runs[1:-1]
        if not _probe(runs, a, b, at, size):
            return []
    return []


def _probe(runs: list[Match], a: list[Hashable], b: list[Hashable], at: int, size: int) -> bool:
    """Extend `runs` by the run around the shingle at `at` of `a`, if that is unique in both and fits between two runs.

    Returns whether it was added.
    """
    k = bisect_right(runs, at, key=lambda run: run.start_a)
    low, high = runs[k - 1], runs[k]
    probe = a[at : at + size]
    if at < low.end_a or at + size > high.start_a or _only_place(probe, a) < 0:
        return False
    place = _only_place(probe, b)
    if place < low.end_b or place + size > high.start_b:
        return False
    gap_a, gap_b = a[low.end_a : at], b[low.end_b : place]
    before = _alike(reversed(gap_a), reversed(gap_b), min(len(gap_a), len(gap_b)))
    gap_a, gap_b = a[at : high.start_a], b[place : high.start_b]
    after = _alike(gap_a, gap_b, min(len(gap_a), len(gap_b)))
    runs.insert(k, Match(at - before, place - before, before + after))
    return True


def _shared_beside(runs: list[Match], a: list[Hashable], b: list[Hashable], size: int) -> int:
    """Where in `a` the first shingle starts that occurs outside of the runs on both sides; -1 if none does."""
    reach = size - 1  # a shingle may overlap the runs beside it by so many tokens
    beside = set[int]()
    for before, run in pairwise(runs):
        beside.update(map(hash, _shingles(b[max(0, before.end_b - reach) : run.start_b + reach], size)))
    for before, run in pairwise(runs):
        start = max(0, before.end_a - reach)
        for at, shingle in enumerate(map(hash, _shingles(a[start : run.start_a + reach], size)), start):
            if shingle in beside:
                return at
    return -1


def _only_place(probe: list[Hashable], tokens: list[Hashable]) -> int:
    """Where the probe occurs in the tokens; -1 if nowhere or more than once."""
    place = at = -1
    for _ in range(tokens.count(probe[0])):
        at = tokens.index(probe[0], at + 1)
        if tokens[at : at + len(probe)] == probe:
            if place >= 0:
                return -1
            place = at
    return place


def _chain(a: list[Hashable], b: list[Hashable], size: int) -> list[Match]:
    """The longest chain of shingles that are unique in both and in the same order; overlapping ones are joined."""
    once_a = _once(a, size, {*b} if len(b) * _FEW < len(a) else None)
    once_b = _once(b, size, {*a} if len(a) * _FEW < len(b) else None)
    pairs = [(at, once_b[shingle]) for shingle, at in once_a.items() if shingle in once_b]
    found: list[Match] = []
    start_a = start_b = end_a = end_b = 0
    for at_a, at_b in _increasing(pairs):
        if at_a >= end_a and at_b >= end_b:
            found.append(Match(start_a, start_b, end_a - start_a))
            start_a, start_b = at_a, at_b
        elif at_a - start_a != at_b - start_b:  # overlaps the run before, at another distance
            continue
        end_a, end_b = at_a + size, at_b + size
    found.append(Match(start_a, start_b, end_a - start_a))
    # Shingles were compared by hash; drop runs that only collide.
    return [run for run in found if run.size and a[run.start_a : run.end_a] == b[run.start_b : run.end_b]]


def _once(tokens: list[Hashable], size: int, known: AbstractSet[Hashable] | None) -> dict[int, int]:
    """The position of each shingle (by its hash, in order) that occurs once and begins with a `known` token."""
    if known is None:
        places: Sequence[int] = range(len(tokens) - size + 1)
        shingles = [*map(hash, _shingles(tokens, size))]
    else:
        places = [*compress(range(len(tokens) - size + 1), map(known.__contains__, tokens))]
        shingles = [hash(tuple(tokens[at : at + size])) for at in places]
    once: dict[int, int] = {}
    firsts = map(once.setdefault, shingles, places)
    for shingle in {*compress(shingles, map(ne, firsts, places))}:
        del once[shingle]
    return once


def _shingles(tokens: list[Hashable], size: int) -> Iterator[tuple[Hashable, ...]]:
    return zip(*(tokens[shift:] for shift in range(size)), strict=False)


def _increasing(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence of `pairs` (sorted by their first numbers) whose second numbers increase."""
    seconds = [second for _, second in pairs]
    if seconds == sorted(seconds):  # nothing has moved
        return pairs
    tops: list[int] = []
    tails: list[int] = []
    before: list[int] = []
    for index, second in enumerate(seconds):
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
