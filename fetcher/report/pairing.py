"""Pairs the changed blocks of two bodies by the words they share, and finds where the blocks of a pair differ."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from fetcher.align import align, hunks_between
from fetcher.report import outline
from fetcher.report.changes import CODE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetcher.report.outline import Block, Token

_MOST_TOKENS = 50_000
"""Tokens that are aligned, on each side: 300 kB of text, half a second. Larger changes are whole blocks."""

_MOST_SIGNS = 200_000
"""Characters of a body's changed lines that are read; the blocks of the rest are only counted."""

_MOST_KIN = 30
"""Blocks on each side that are compared with each other for similarity."""
_NAME = 12
"""Tokens of the longest name."""
_FEW_WORDS = 5
"""Words that any two blocks may share by chance."""


@dataclass(slots=True)
class BlockPart:
    """The changed lines of a block: `lines[start:end]` of its body; `block` are start and end of all its lines.

    `places` has the line of each of the `tokens`; `unread` tells that some tokens are missing.
    """

    kind: str
    under: str
    start: int
    end: int
    block: tuple[int, int]
    tokens: list[Token] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    unread: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether the whole block has changed."""
        return self.block == (self.start, self.end)

    @property
    def words(self) -> list[str]:
        """Its words and link targets, by which blocks are compared."""
        return [f"]({token.text}" if token.link else token.text for token in self.tokens]

    @property
    def has_text(self) -> bool:
        """Whether it has anything but link targets."""
        return not all(token.link for token in self.tokens) or not self.tokens


class Gap(NamedTuple):
    """The tokens `old[start:end]` of one part that were replaced by `new[new_start:new_end]` of the other."""

    start: int
    end: int
    new_start: int
    new_end: int

    @property
    def size(self) -> int:
        """Tokens on the larger side."""
        return max(self.end - self.start, self.new_end - self.new_start)


class Side:
    """One body: its lines and its blocks."""

    def __init__(self, lines: Sequence[str], units: Sequence[Block]) -> None:
        self.lines = lines
        self.units = units
        self._starts = [unit.start for unit in units]
        self._room = _MOST_SIGNS

    def parts(self, start: int, end: int) -> list[BlockPart]:
        """The blocks that overlap `lines[start:end]`, cut to these lines."""
        found = []
        for at in range(max(0, bisect_right(self._starts, start) - 1), len(self.units)):
            unit = self.units[at]
            if unit.start >= end:
                break
            if unit.end > start:
                found.append(self._part(unit, max(start, unit.start), min(end, unit.end)))
        return found

    def under(self, at: int) -> str:
        """The text of the nearest heading above a line."""
        last = bisect_right(self._starts, at) - 1
        return self.units[last].under if last >= 0 else ""

    def text(self, part: BlockPart, start: int = 0, end: int | None = None) -> str:
        """The text of some tokens of a part."""
        end = len(part.tokens) if end is None else end
        rows: dict[int, list[Token]] = {}
        for token, place in zip(part.tokens[start:end], part.places[start:end], strict=True):
            rows.setdefault(place, []).append(token)
        return " ".join(filter(None, (outline.text_of(self.lines[place], row) for place, row in rows.items())))

    def source(self, part: BlockPart) -> str:
        """The source of a part's whole block, with white space folded."""
        return " ".join(" ".join(self.lines[slice(*part.block)]).split())

    def _part(self, unit: Block, start: int, end: int) -> BlockPart:
        part = BlockPart(unit.kind, unit.under, start, end, (unit.start, unit.end))
        read = outline.read_code if unit.kind == CODE else outline.read_tokens
        for at in range(start, end):
            self._room -= len(self.lines[at])
            row = read(self.lines[at]) if self._room >= 0 else []
            part.tokens += row
            part.places += [at] * len(row)
        part.unread = self._room < 0
        return part


class Pairing(NamedTuple):
    """The pairs of parts, by index, that are one block, with the gaps between them; and the parts without a partner."""

    pairs: list[tuple[int, int, list[Gap]]]
    removed: list[int]
    added: list[int]


def pair(old: Sequence[BlockPart], new: Sequence[BlockPart]) -> Pairing:
    """Pairs the parts of one change that are the same block before and after, by the words that they share."""
    if not old or not new:
        return Pairing([], [*range(len(old))], [*range(len(new))])
    pairs: list[tuple[int, int, list[Gap]]] = []
    left, right = set(range(len(old))), set(range(len(new)))
    # The share of the smaller block that must be common: a half, or a quarter where there is only one to choose.
    least = 2 if min(len(old), len(new)) > 1 else 4
    for (one, other), shared in sorted(_shared(old, new).items(), key=lambda item: (-item[1], item[0])):
        sizes = len(old[one].tokens), len(new[other].tokens)
        if one in left and other in right and least * shared >= min(sizes) and 4 * shared >= max(sizes):
            pairs.append((one, other, _gaps(old[one], new[other])))
            left.remove(one)
            right.remove(other)
    links = [[k for k in sorted(rest) if not parts[k].has_text] for parts, rest in ((old, left), (new, right))]
    for one, other in zip(*links, strict=False):  # an image was replaced by another
        pairs.append((one, other, [whole_gap(old[one], new[other])]))
        left.remove(one)
        right.remove(other)
    return Pairing(sorted(pairs), sorted(left), sorted(right))


def is_renamed(old: BlockPart, new: BlockPart) -> bool:
    """Whether two blocks in the same place, which share no word, are short enough to be one that was renamed."""
    return old.kind == new.kind and 0 < len(old.tokens) <= _NAME and 0 < len(new.tokens) <= _NAME


def whole_gap(old: BlockPart, new: BlockPart) -> Gap:
    """The gap in which the whole of one part is replaced by the whole of the other."""
    return Gap(0, len(old.tokens), 0, len(new.tokens))


def similar_pairs(removed: Sequence[BlockPart], added: Sequence[BlockPart]) -> Iterator[tuple[int, int]]:
    """The pairs of blocks, by index, that share most of their words, wherever they are; the most similar first."""
    gone, come = ([Counter(part.words) for part in parts[:_MOST_KIN]] for parts in (removed, added))
    shared = (
        ((one & other).total(), k, j)
        for k, one in enumerate(gone)
        for j, other in enumerate(come)
        if 2 * one.total() > other.total() and 2 * other.total() > one.total() > _FEW_WORDS
    )
    left, right = set(range(len(gone))), set(range(len(come)))
    for same, k, j in sorted(shared, key=lambda likeness: (-likeness[0], *likeness[1:])):
        if k in left and j in right and 3 * same > 2 * max(gone[k].total(), come[j].total()):
            left.remove(k)
            right.remove(j)
            yield k, j


def _shared(old: Sequence[BlockPart], new: Sequence[BlockPart]) -> Counter[tuple[int, int]]:
    """The number of tokens that each two parts share, by index, when all parts of both sides are aligned."""
    before, after = ([word for part in parts for word in part.words] for parts in (old, new))
    if max(len(before), len(after)) > _MOST_TOKENS:
        return Counter()
    owners, others = ([number for number, part in enumerate(parts) for _ in part.tokens] for parts in (old, new))
    found: Counter[tuple[int, int]] = Counter()
    for match in align(before, after):
        found.update(zip(owners[match.start_a : match.end_a], others[match.start_b : match.end_b], strict=True))
    return found


def _gaps(old: BlockPart, new: BlockPart) -> list[Gap]:
    """Where two parts differ, aligned by themselves: among other parts, a full stop would match any other."""
    found = hunks_between(align(old.words, new.words), len(old.tokens), len(new.tokens))
    return _joined([Gap(*hunk) for hunk in found], old.tokens)


def _is_weak(between: Sequence[Token], size: int) -> bool:
    """Whether tokens between two gaps are too few to separate them: one word, or fewer tokens than the smaller gap."""
    return len(between) < size or sum(token.link or _tells(token.text) for token in between) <= 1


def _joined(gaps: Sequence[Gap], tokens: Sequence[Token]) -> list[Gap]:
    """The gaps, with those joined that have next to nothing between them."""
    joined: list[Gap] = []
    for gap in gaps:
        between = tokens[joined[-1].end : gap.start] if joined else ()
        if between and _is_weak(between, min(joined[-1].size, gap.size)):
            last = joined.pop()
            joined.append(Gap(last.start, gap.end, last.new_start, gap.new_end))
        else:
            joined.append(gap)
    return joined


def moved(removed: Sequence[BlockPart], added: Sequence[BlockPart]) -> list[tuple[int, int]]:
    """The pairs of blocks, by index, that were removed in one place and added in another with the same words."""
    if not removed:
        return []
    places: dict[tuple[str, ...], list[int]] = {}
    for number, part in enumerate(added):
        if part.is_whole and any(map(_tells, part.words)):
            places.setdefault(tuple(part.words), []).append(number)
    found = []
    for number, part in enumerate(removed):
        if part.is_whole and (there := places.get(tuple(part.words))):
            found.append((number, there.pop(0)))
    return found


def _tells(word: str) -> bool:
    return any(map(str.isalnum, word))
