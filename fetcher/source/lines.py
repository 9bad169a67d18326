"""Texts as lines and as tokens, two or three of them side by side, and a three-way merge of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from fetcher.align import align
from fetcher.merge.threeway import conflict
from fetcher.terms.outcomes import Held, Noise

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

# A token is a word, a sign, a run of white space, or the target of a link with the sign before it.
_TOKEN = re.compile(
    r"""
    \]\( [^()\s]* (?:\( [^()\s]* \) [^()\s]*)*     # [text](target
    | \]: [ \t]* \S+                               # [label]: target
    | (?:href|src)=["'] [^"'\s]*                   # <a href="target"
    | \w+ | \s+ | [^\w\s]
    """,
    re.VERBOSE,
)


class Frame(NamedTuple):
    """A text cut in three: the blank lines before it, its lines, and the line ends after them."""

    head: str
    lines: list[str]
    tail: str

    def text(self) -> str:
        """The text put together again."""
        return self.head + "\n".join(self.lines) + self.tail


class Region(NamedTuple):
    """Part of three sequences: in `base`, and what each of the two others has in its place.

    `stable` tells that all three have the same there.
    """

    base: range
    mine: range
    theirs: range
    stable: bool


def framed(text: str) -> Frame:
    """The text in three parts; blank lines in its midst are its own.

    >>> framed("\\n# Title\\n\\nText.\\n")
    Frame(head='\\n', lines=['# Title', '', 'Text.'], tail='\\n')
    """
    lines = text.split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return Frame(text, [], "")
    last = next(at for at in range(len(lines) - 1, -1, -1) if lines[at].strip())
    head = "".join(f"{line}\n" for line in lines[:first])
    tail = "".join(f"\n{line}" for line in lines[last + 1 :])
    return Frame(head, lines[first : last + 1], tail)


def tokens(text: str) -> list[str]:
    """The text in words, signs, white space and targets of links; joined, they are the text.

    >>> tokens("See [a b](../c.md).")
    ['See', ' ', '[', 'a', ' ', 'b', '](../c.md', ')', '.']
    """
    return _TOKEN.findall(text)


def regions(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> Iterator[Region]:
    """Three sequences side by side, as `diff3` cuts them: what all share, and what at least one has otherwise."""
    at_base = at_mine = at_theirs = 0
    for start, start_mine, start_theirs, size in _shared(base, mine, theirs):
        if at_base < start or at_mine < start_mine or at_theirs < start_theirs:
            yield Region(
                range(at_base, start), range(at_mine, start_mine), range(at_theirs, start_theirs), stable=False
            )
        at_base, at_mine, at_theirs = start + size, start_mine + size, start_theirs + size
        if size:
            yield Region(range(start, at_base), range(start_mine, at_mine), range(start_theirs, at_theirs), stable=True)


def _shared(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """The runs that all three share: where each starts, and its size; last, an empty one at the end."""
    ours, others = align(base, mine), align(base, theirs)
    i = k = 0
    while i < len(ours) and k < len(others):
        one, other = ours[i], others[k]
        start, end = max(one.start_a, other.start_a), min(one.end_a, other.end_a)
        if start < end:
            yield start, one.start_b + start - one.start_a, other.start_b + start - other.start_a, end - start
        if one.end_a <= other.end_a:
            i += 1
        else:
            k += 1
    yield len(base), len(mine), len(theirs), 0


_MOST = 100_000  # characters of a stretch whose words are compared


@dataclass(frozen=True, slots=True)
class Sides:
    """The lines that an answer last had, those that are stored, and those that it has now."""

    base: Sequence[str]
    stored: Sequence[str]
    fresh: Sequence[str]


def merged(sides: Sides, refused: Collection[str] = (), *, yields: bool = False) -> tuple[list[str], list[Held]]:
    """The stored lines with what changed between the answers, and the changes that were held back.

    What a person changed stays; where the answer changed the same words, that is a conflict, and the answer's are
    held back. With `yields` they are taken instead, also those that were held back before (`refused`).
    """
    lines: list[str] = []
    held: list[Held] = []
    for region in regions(sides.base, sides.stored, sides.fresh):
        chosen, kept_back = _resolved(region, sides, refused, yields)
        lines += chosen
        held += kept_back
    return lines, held


def _resolved(region: Region, sides: Sides, refused: Collection[str], yields: bool) -> tuple[list[str], list[Held]]:
    base = sides.base[region.base.start : region.base.stop]
    mine = sides.stored[region.mine.start : region.mine.stop]
    theirs = sides.fresh[region.theirs.start : region.theirs.stop]
    if region.stable or mine in (base, theirs):
        return list(theirs), []
    removed, added = _told(mine, theirs)
    if theirs == base:
        return list(theirs if yields and conflict(removed, added) in refused else mine), []
    if (both := _by_word(base, mine, theirs)) is not None:
        return both, []
    if yields:
        return list(theirs), []
    return list(mine), [Held(Noise.CONFLICT, removed, added)]


def _told(mine: Sequence[str], theirs: Sequence[str]) -> tuple[str, str]:
    """The two sides of a conflict without the lines that both begin or end with."""
    one, other = list(mine), list(theirs)
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return "\n".join(one[start:]).strip(), "\n".join(other[start:]).strip()


def _by_word(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[str] | None:
    """The lines with the changed words of both sides; None where these touch each other."""
    texts = ["\n".join(side) for side in (base, mine, theirs)]
    if not all(texts) or sum(map(len, texts)) > _MOST:
        return None
    one, other, third = map(tokens, texts)
    words: list[str] = []
    for region in regions(one, other, third):
        old, own, new = one[slice_of(region.base)], other[slice_of(region.mine)], third[slice_of(region.theirs)]
        if own != old and new not in (old, own):
            return None
        words += new if own == old else own
    return "".join(words).split("\n")


def slice_of(places: range) -> slice:
    """The part of a sequence at those places."""
    return slice(places.start, places.stop)
