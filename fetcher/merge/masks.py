"""Words of wordings that are marked, to be left out of a comparison, and what is left of a difference then."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from fetcher.markdown.reading.blocks import Block
from fetcher.markdown.reading.wording import Edit, Wording, edits, plain
from fetcher.page.flow import APART, UNSURE

Span = tuple[int, int]
_SHIFT = 4  # words that a gap may stand further on without a difference


def places(blocks: Sequence[Block]) -> Iterator[Span]:
    """Where the words of each block stand among those of all."""
    ends = accumulate(len(block.words) for block in blocks)
    return ((end - len(block.words), end) for block, end in zip(blocks, ends, strict=True))


def mark(mask: bytearray, spans: Iterable[Span], gaps: bytearray | None = None) -> None:
    """Mark the words of the spans; those alone, where `gaps` is given, of which the other side lacks every word."""
    for start, end in spans:
        if gaps is None or all(gaps[start:end]):
            mask[start:end] = b"\1" * (end - start)


def is_gap(words: Sequence[str], start: int, end: int, gaps: bytearray) -> bool:
    """Whether the other side lacks the words; which of two that are the same, before and after a gap, none can tell."""
    if all(gaps[start:end]):
        return True
    for by in range(1, _SHIFT):
        if words[start : start + by] == words[end : end + by] and all(gaps[start + by : end + by]):
            return True
        if words[start - by : start] == words[end - by : end] and start >= by and all(gaps[start - by : end - by]):
            return True
    return False


def spans(mask: bytearray) -> Iterator[Span]:
    """Where the marked words stand."""
    start = mask.find(1)
    while start >= 0:
        end = mask.find(0, start)
        end = len(mask) if end < 0 else end
        yield start, end
        start = mask.find(1, end)


def gaps(one: Wording, other: Wording) -> tuple[bytearray, bytearray, bytearray]:
    """For each word of either side whether the other lacks it, and for those of the first if it has nothing there."""
    gaps_a, gaps_b, lost = bytearray(len(one.words)), bytearray(len(other.words)), bytearray(len(one.words))
    for edit in edits(one, other):
        mark(gaps_a, [(edit.start_a, edit.end_a)])
        mark(gaps_b, [(edit.start_b, edit.end_b)])
        if not plain(other.words[edit.start_b : edit.end_b]):
            mark(lost, [(edit.start_a, edit.end_a)])
    return gaps_a, gaps_b, lost


def in_turn(words: Sequence[str], wanted: Iterable[str]) -> Iterator[Span]:
    """Where the wanted words stand, each after the one before."""
    rest = iter(wanted)
    word = next(rest, None)
    for at, found in enumerate(words):
        if found == word:
            yield at, at + 1
            word = next(rest, None)


def some(words: Sequence[str], wanted: Counter[str]) -> Iterator[Span]:
    """Where the wanted words stand, each as often as it is wanted."""
    for at, word in enumerate(words):
        if wanted[word]:
            wanted[word] -= 1
            yield at, at + 1


def left(text: Wording, mask: bytearray) -> tuple[Wording, list[int]]:
    """A wording without its masked words, and where the others stand in it."""
    kept = [at for at, masked in enumerate(mask) if not masked]
    touch = bytearray(UNSURE if at and mask[at - 1] else text.touch[at] for at in kept)
    return Wording([text.words[at] for at in kept], touch, bytearray(text.code[at] for at in kept)), kept


def back(start: int, end: int, places: list[int]) -> Span:
    """The span in a wording of one in what is left of it."""
    if start < end:
        return places[start], places[end - 1] + 1
    at = places[start - 1] + 1 if start else 0
    return at, at


def split(one: Wording, other: Wording, edit: Edit) -> Iterator[Edit]:
    """An edit without what reads the same at its two ends, however it is cut into words; and these ends."""
    a, b, c, d = edit
    head = _same(one.words[a:b], other.words[c:d])
    if head == (b - a, d - c):
        yield edit
        return
    tail = _same(one.words[a + head[0] : b][::-1], other.words[c + head[1] : d][::-1], backwards=True)
    if head[0]:
        yield Edit(a, a + head[0], c, c + head[1])
    yield Edit(a + head[0], b - tail[0], c + head[1], d - tail[1])
    if tail[0]:
        yield Edit(b - tail[0], b, d - tail[1], d)


def _same(one: Sequence[str], other: Sequence[str], *, backwards: bool = False) -> Span:
    """How many words at the start of either side have the same letters."""
    best, a, b, left, right = (0, 0), 0, 0, "", ""
    while a < len(one) and b < len(other):
        if len(left) <= len(right):
            left, a = (one[a] + left if backwards else left + one[a]), a + 1
        else:
            right, b = (other[b] + right if backwards else right + other[b]), b + 1
        short, long = sorted((left, right), key=len)
        if not (long.endswith(short) if backwards else long.startswith(short)):
            break
        if left == right:
            best = a, b
            left = right = ""
    return best


def cuts(text: Wording, start: int, end: int) -> dict[int, tuple[str, str]]:
    """Where white space parts the letters of some words, by the count of letters before: the words on either side."""
    found, size = {}, 0
    for at in range(start, end):
        if at > start and text.touch[at] == APART:
            found[size] = text.words[at - 1], text.words[at]
        size += len(plain(text.words[at : at + 1]))
    return found
