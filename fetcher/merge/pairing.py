"""Pairs the blocks of a stored and a fresh text that share words, and cuts both texts into hunks."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress, count, pairwise, takewhile
from operator import ne
from typing import NamedTuple

from fetcher.align import Match, align
from fetcher.markdown.reading.blocks import Block, Text
from fetcher.markdown.reading.wording import is_same
from fetcher.page.semantics import HEADINGS


class Hunk(NamedTuple):
    """`stored[start_a:end_a]` stands against `fresh[start_b:end_b]`; `linked` tells that the two sides share words."""

    start_a: int
    end_a: int
    start_b: int
    end_b: int
    linked: bool

    def old(self, stored: Sequence[Block]) -> Sequence[Block]:
        """Its blocks of the stored text."""
        return stored[self.start_a : self.end_a]

    def new(self, fresh: Sequence[Block]) -> Sequence[Block]:
        """Its blocks of the fresh text."""
        return fresh[self.start_b : self.end_b]

    @property
    def only_adds(self) -> bool:
        """Whether it has no stored blocks."""
        return self.start_a == self.end_a

    @property
    def only_removes(self) -> bool:
        """Whether it has no fresh blocks."""
        return self.start_b == self.end_b


def pair(stored: Sequence[Block], fresh: Sequence[Block]) -> list[Hunk]:
    """The hunks that cover both sequences in order, each as small as the shared words allow."""
    kinds = {block.kind for block in chain(stored, fresh)}
    pairs = _links(stored, fresh)
    if not kinds.isdisjoint(("hr", "tr")):
        pairs = _with_rules(pairs, stored, fresh)
    hunks: list[Hunk] = []
    at_a = at_b = 0
    for start_a, end_a, start_b, end_b in _groups(pairs):
        if start_a > at_a or start_b > at_b:
            hunks.append(Hunk(at_a, start_a, at_b, start_b, False))
        hunks.append(Hunk(start_a, end_a, start_b, end_b, True))
        at_a, at_b = end_a, end_b
    if at_a < len(stored) or at_b < len(fresh):
        hunks.append(Hunk(at_a, len(stored), at_b, len(fresh), False))
    return list(_with_rows(hunks, stored, fresh)) if "tr" in kinds else hunks


class Reproduction(NamedTuple):
    """How many blocks are unchanged, and how many of these the converter writes exactly as they are stored."""

    unchanged: int = 0
    exact: int = 0


UNKNOWN = Reproduction()


def reproduction(hunks: Iterable[Hunk], stored: Text, fresh: Text) -> Reproduction:
    """How well the dialect of a stored text is known, measured on the blocks that did not change."""
    unchanged = exact = 0
    for hunk in hunks:
        old, new = hunk.old(stored.blocks), hunk.new(fresh.blocks)
        if hunk.linked and is_same(old, new):
            unchanged += len(old)
            for one, other in zip(old, new, strict=True):
                sources = stored.lines[one.start : one.end], fresh.lines[other.start : other.end]
                exact += _is_written_alike(*sources)
    return Reproduction(unchanged, exact)


def _is_written_alike(one: Sequence[str], other: Sequence[str]) -> bool:
    return one == other or _unended("".join(one)) == _unended("".join(other))


def _unended(source: str) -> str:
    return source.rstrip("\r\n").replace("\r\n", "\n")


def _with_rows(hunks: Iterable[Hunk], stored: Sequence[Block], fresh: Sequence[Block]) -> Iterator[Hunk]:
    """The hunks; new rows of a table that is stored as text are joined to the hunk of the row before."""
    last: Hunk | None = None
    for hunk in hunks:
        rows = 0
        if last and not hunk.linked and hunk.only_adds and _is_text_of_rows(last, stored, fresh):
            rows = sum(1 for _ in takewhile(_is_row, hunk.new(fresh)))
            last = Hunk(last.start_a, last.end_a, last.start_b, last.end_b + rows, linked=True)
        if last:
            yield last
        last = hunk._replace(start_b=hunk.start_b + rows) if rows else hunk
        if rows and last.start_b == last.end_b:
            last = None
    if last:
        yield last


def _is_text_of_rows(hunk: Hunk, stored: Sequence[Block], fresh: Sequence[Block]) -> bool:
    """Whether a hunk is rows of a table that are stored as text."""
    old, new = hunk.old(stored), hunk.new(fresh)
    are_rows = all(block.kind == "tr" for block in new)
    return hunk.linked and are_rows and all(block.kind in ("p", "li") for block in old)


def _is_empty_head(block: Block) -> bool:
    """Whether a block is an empty head, as a table without one has in Markdown."""
    return block.is_head and not block.words


def _is_row(block: Block) -> bool:
    """Whether a block is a row of a table, and not its head."""
    return block.kind == "tr" and not block.is_head


def _with_rules(
    pairs: Iterable[tuple[int, int]], stored: Sequence[Block], fresh: Sequence[Block]
) -> Iterator[tuple[int, int]]:
    """The pairs, and between them pairs of blocks without words: thematic breaks, and empty heads of paired rows."""
    at_a = at_b = 0
    for a, b in chain(pairs, [(len(stored), len(fresh))]):
        rules_a = (at for at in range(at_a, a) if stored[at].kind == "hr")
        rules_b = (at for at in range(at_b, b) if fresh[at].kind == "hr")
        yield from zip(rules_a, rules_b, strict=False)
        if a < len(stored):
            if a > at_a and _is_empty_head(stored[a - 1]):  # it goes with its first row
                yield a - 1, b - (b > at_b and _is_empty_head(fresh[b - 1]))
            elif b > at_b and _is_empty_head(fresh[b - 1]):  # the stored rows have no head
                yield a, b - 1
            yield a, b
        at_a, at_b = max(at_a, a + 1), max(at_b, b + 1)


_RUN = 6  # shared words in a row that are no chance
_TELLING = 4  # words by which a block is recognised
_ANCHORS = 8  # blocks that are tried, one after the other, as one whose text occurs once


def _links(stored: Sequence[Block], fresh: Sequence[Block]) -> Iterator[tuple[int, int]]:
    """Pairs of blocks in order: those whose text occurs once on each side, and between them those that share words."""
    head, tail = _ends(stored, fresh)
    end_a, end_b = len(stored) - tail, len(fresh) - tail
    exact = _exact(stored[head:end_a], fresh[head:end_b], [*stored[:head], *stored[end_a:]])
    if any(one[1] >= other[1] for one, other in pairwise(exact)):  # something has moved
        head, end_a, end_b, exact = 0, len(stored), len(fresh), _in_order(stored, fresh)
    yield from ((at, at) for at in range(head) if stored[at].words)
    at_a = at_b = head
    for a, b in [*((head + a, head + b) for a, b in exact), (end_a, end_b)]:
        if at_a < a and at_b < b:
            for gap_a, gap_b in _similar(stored[at_a:a], fresh[at_b:b]):
                yield at_a + gap_a, at_b + gap_b
        if a < end_a:
            yield a, b
        at_a, at_b = a + 1, b + 1
    yield from ((at, at + end_b - end_a) for at in range(end_a, len(stored)) if stored[at].words)


def _ends(stored: Sequence[Block], fresh: Sequence[Block]) -> tuple[int, int]:
    """How many blocks at the start and at the end say the same on both sides, and so are pairs if they have words.

    Only up to a block whose text occurs once on each side: beyond it, words may have to be aligned otherwise.
    """
    one, other = ([block.content.words for block in blocks] for blocks in (stored, fresh))
    most = min(len(one), len(other))
    head = _alike(one, other, most)
    if head == len(one) == len(other):
        return head, 0
    tail = _alike(one[::-1], other[::-1], most - head)

    def is_once(a: int, b: int) -> bool:
        is_title = stored[a].kind in HEADINGS and fresh[b].kind in HEADINGS
        is_told = len(one[a]) >= (1 if is_title else _TELLING)
        return is_told and one.count(one[a]) == other.count(one[a]) == 1

    first = (at for at in range(head, max(0, head - _ANCHORS), -1) if is_once(at - 1, at - 1))
    last = (at for at in range(tail, max(0, tail - _ANCHORS), -1) if is_once(-at, -at))
    return next(first, 0), next(last, 0)


def _alike(one: Sequence[list[str]], other: Sequence[list[str]], most: int) -> int:
    """How many of the first texts, at most `most`, have the same words, with letters among them, or none at all."""
    size = next(compress(count(), map(ne, one, other)), most)
    return next((at for at, words in enumerate(one[:size]) if words and not _has_letters(words)), min(size, most))


def _has_letters(words: Sequence[str]) -> bool:
    return words[0][0].isalnum() or any(word[0].isalnum() for word in words)


def _exact(stored: Sequence[Block], fresh: Sequence[Block], around: Sequence[Block] = ()) -> list[tuple[int, int]]:
    """Pairs of blocks with the same text, which occurs once on each side and has some words or is a heading.

    `around` are more blocks that both sides have.
    """
    keys_a, keys_b = ([block.content.line for block in blocks] for blocks in (stored, fresh))
    times = Counter([*keys_a, *keys_b])
    titles = _titles(stored) & _titles(fresh)
    once = (key for key in {*keys_a} & {*keys_b} if times[key] == 2)
    known = {key for key in once if key in titles or key.count(" ") >= _TELLING - 1}
    sizes = {key.count(" ") + 1 for key in known}
    known -= {block.content.line for block in around if len(block.content.words) in sizes}
    places = {key: at for at, key in enumerate(keys_b) if key in known}
    return [(at, places[key]) for at, key in enumerate(keys_a) if key in known]


def _in_order(stored: Sequence[Block], fresh: Sequence[Block]) -> list[tuple[int, int]]:
    """The most of the `_exact` pairs that stand in the same order on both sides."""
    known = dict(_exact(stored, fresh))
    places = {*known.values()}
    matches = align(
        [known.get(at, (0, at)) for at in range(len(stored))],
        [at if at in places else (1, at) for at in range(len(fresh))],
    )
    return [pair for match in matches for pair in _span(match)]


def _titles(blocks: Sequence[Block]) -> set[str]:
    return {block.content.line for block in blocks if block.kind in HEADINGS and block.words}


def _similar(stored: Sequence[Block], fresh: Sequence[Block]) -> list[tuple[int, int]]:
    """Pairs of blocks in order that share at least half of the smaller one's words."""
    if [block.words for block in stored] == [block.words for block in fresh]:  # as most gaps are
        return [(at, at) for at, block in enumerate(stored) if _letters(block.words)]
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


def _groups(pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """Groups of pairs that overlap in either sequence, as half-open ranges."""
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
