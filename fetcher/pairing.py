"""Which stored blocks and which fresh blocks tell the same."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fetcher.align import Match, align
from fetcher.blocks import Block


class Hunk(NamedTuple):
    """`stored[start_a:end_a]` against `fresh[start_b:end_b]`; `linked` blocks share words, others only their place."""

    start_a: int
    end_a: int
    start_b: int
    end_b: int
    linked: bool


def pair(stored: Sequence[Block], fresh: Sequence[Block]) -> list[Hunk]:
    """Hunks that cover both sequences in order; each is as small as shared words allow."""
    pairs = _links(stored, fresh)
    hunks: list[Hunk] = []
    at_a = at_b = 0
    for start_a, end_a, start_b, end_b in _groups(pairs):
        if start_a > at_a or start_b > at_b:
            hunks.append(Hunk(at_a, start_a, at_b, start_b, linked=False))
        hunks.append(Hunk(start_a, end_a, start_b, end_b, linked=True))
        at_a, at_b = end_a, end_b
    if at_a < len(stored) or at_b < len(fresh):
        hunks.append(Hunk(at_a, len(stored), at_b, len(fresh), linked=False))
    return hunks


_RUN = 6  # words in a row that are not shared by chance


def _links(stored: Sequence[Block], fresh: Sequence[Block]) -> list[tuple[int, int]]:
    """Pairs of blocks that share a good part of the smaller one's words, in order."""
    words_a, owner_a = _flat(stored)
    words_b, owner_b = _flat(fresh)
    shared: Counter[tuple[int, int]] = Counter()
    in_runs: set[tuple[int, int]] = set()
    for match in align(words_a, words_b):
        pairs = [(owner_a[a], owner_b[b]) for a, b in _span(match) if words_a[a][0].isalnum()]
        shared.update(pairs)
        if len(pairs) >= _RUN:
            in_runs.update(pairs)
    sizes_a = [_letters(block.words) for block in stored]
    sizes_b = [_letters(block.words) for block in fresh]

    def tells(a: int, b: int) -> bool:
        count, small, large = shared[a, b], *sorted((sizes_a[a], sizes_b[b]))
        # A cell is a small part of its row, and still the same: the run that it shares goes on beyond it.
        return count * 2 >= small and (count * 5 >= large or count >= 4 or (a, b) in in_runs)

    return sorted(pair for pair in shared if tells(*pair))


def _letters(words: Sequence[str]) -> int:
    return sum(word[0].isalnum() for word in words)


def _flat(blocks: Sequence[Block]) -> tuple[list[str], list[int]]:
    words = [word for block in blocks for word in block.words]
    return words, [at for at, block in enumerate(blocks) for _ in block.words]


def _span(match: Match) -> Iterator[tuple[int, int]]:
    return zip(range(match.start_a, match.end_a), range(match.start_b, match.end_b), strict=True)


def _groups(pairs: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """Runs of pairs that overlap in either sequence, as half-open ranges; pairs that would cross are left out."""
    group: tuple[int, int, int, int] | None = None
    for a, b in pairs:
        if group is None:
            group = (a, a + 1, b, b + 1)
        elif a < group[1] or b < group[3]:
            group = (group[0], max(group[1], a + 1), group[2], max(group[3], b + 1))
        else:
            yield group
            group = (a, a + 1, b, b + 1)
    if group:
        yield group
