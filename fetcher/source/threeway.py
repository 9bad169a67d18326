"""The lines of a stored text brought up to an answer's, where what the answer last was is remembered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from fetcher.merge.threeway import conflict
from fetcher.source.lines import Region, regions, tokens
from fetcher.terms.outcomes import Held, Noise

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
