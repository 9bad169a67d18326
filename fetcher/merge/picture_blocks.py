"""Blocks that are pictures and nothing else: which stand for which, and which come and go."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from fetcher.align import align
from fetcher.markdown.reading.blocks import Block, parse
from fetcher.merge.holding import Past
from fetcher.merge.pairing import Hunk
from fetcher.merge.picture_sources import Picture, file, keys, of_blocks
from fetcher.page.links import target
from fetcher.page.unseen import Unseen
from fetcher.page.words import pieces

# Pictures that a text has of its page for each that it lacks, before one that it lacks is taken for a new one.
_KEPT = 2
_Own = Mapping[int, Sequence[tuple[int, Picture]]]


class PictureBlocks:
    """Knows the blocks of two texts, and the pictures of each by its number (`pictures.of_blocks`)."""

    def __init__(
        self,
        blocks: tuple[Sequence[Block], Sequence[Block]],
        own: tuple[_Own, _Own],
        base: str,
        unseen: Unseen | None,
        past: Past,
    ) -> None:
        self._blocks = blocks
        self._own, self._base, self._unseen, self._past = own, base, unseen, past

    def parted(self, hunks: Sequence[Hunk]) -> list[Hunk]:
        """The hunks, those that share only their place cut at the pictures that stand on both sides."""
        if not all(self._own):
            return list(hunks)
        return [part for hunk in hunks for part in ([hunk] if hunk.linked else self._parts(hunk))]

    def _parts(self, hunk: Hunk) -> Iterator[Hunk]:
        ours, theirs = (list(self._alone(side, *hunk[2 * side : 2 * side + 2])) for side in (0, 1))
        names = ([name for _, name in each] for each in (ours, theirs))
        a, b = hunk.start_a, hunk.start_b
        for match in align(*names):
            for k in range(match.size):
                at_a, at_b = ours[match.start_a + k][0], theirs[match.start_b + k][0]
                if at_a > a or at_b > b:
                    yield Hunk(a, at_a, b, at_b, linked=False)
                a, b = at_a + 1, at_b + 1 + (at_b + 1 < hunk.end_b and self._is_captioned(at_a, at_b + 1))
                yield Hunk(at_a, a, at_b, b, linked=True)
        if a < hunk.end_a or b < hunk.end_b:
            yield Hunk(a, hunk.end_a, b, hunk.end_b, linked=False)

    def _is_captioned(self, at: int, after: int) -> bool:
        """Whether the text in the place of a stored picture is the fresh block `after` the same one: its caption."""
        alts = [pieces(picture.alt) for _, picture in self._own[0][at]]
        return self._blocks[1][after].words in alts

    def _alone(self, side: int, start: int, end: int) -> Iterator[tuple[int, tuple[str, ...]]]:
        """The blocks that are pictures alone, each with its files."""
        for at in range(start, end):
            if not self._blocks[side][at].words and (own := self._own[side].get(at)):
                yield at, tuple(file(picture.address, self._base) for _, picture in own)

    def news(self, hunk: Hunk, hunks: Sequence[Hunk]) -> Sequence[Block]:
        """The fresh blocks of a hunk without pictures that the stored text has elsewhere, where they stay."""
        new = self._blocks[1][hunk.start_b : hunk.end_b]
        alone = dict(self._alone(1, hunk.start_b, hunk.end_b)) if self._own[0] else {}
        if not alone:
            return new
        kept = self._files(0, (other for other in hunks if other.linked))
        shown = self._files(1, (other for other in hunks if other.linked))
        return [
            block
            for at, block in enumerate(new, hunk.start_b)
            if at not in alone or not all(kept[name] > shown[name] for name in alone[at])
        ]

    def lone(self, hunk: Hunk) -> bool:
        """Whether a hunk is pictures that come or go, and nothing else."""
        if hunk.linked or not self._own[0]:
            return False
        if hunk.start_a == hunk.end_a:
            return self._are_pictures(1, hunk) and self._come(hunk)
        return hunk.start_b == hunk.end_b and self._are_pictures(0, hunk) and self._go(hunk)

    def _are_pictures(self, side: int, hunk: Hunk) -> bool:
        start, end = hunk[2 * side : 2 * side + 2]
        return start < end and len(list(self._alone(side, start, end))) == end - start

    def _come(self, hunk: Hunk) -> bool:
        """Whether the text has the other pictures of its page, led to where they are there."""
        names = {name for _, files in self._alone(1, hunk.start_b, hunk.end_b) for name in files}
        if names & (self._known[0].keys() | self._given):  # a person may have taken one out
            return False
        return self._unseen is None or self._led >= _KEPT * (self._known[1] - self._known[0]).total()

    def _go(self, hunk: Hunk) -> bool:
        """Whether the page had these pictures, and has them nowhere any more."""
        names = {name for _, files in self._alone(0, hunk.start_a, hunk.end_a) for name in files}
        if names & self._known[1].keys() or (self._past.text and not names <= self._given):
            return False
        if self._unseen is None or any(map(self._unseen.names, names)):
            return self._unseen is None
        had = (keys(picture, self._base)[0] in self._past.pictures for picture in self._pictures(0, hunk))
        return all(had) or self._led >= _KEPT * (self._known[0] - self._known[1]).total()

    @cached_property
    def _given(self) -> frozenset[str]:
        """The files of the text that the page gave at the last visit."""
        own = of_blocks(parse(self._past.text), self._base)
        return frozenset(file(picture.address, self._base) for each in own.values() for _, picture in each)

    @cached_property
    def _known(self) -> tuple[Counter[str], Counter[str]]:
        """How often each file is a picture of either text."""
        one, other = (
            Counter(file(picture.address, self._base) for each in own.values() for _, picture in each)
            for own in self._own
        )
        return one, other

    @cached_property
    def _led(self) -> int:
        """How many pictures of the page the text has, led to where the page has them."""
        one, other = (
            {target(picture.address, self._base) for each in own.values() for _, picture in each} for own in self._own
        )
        return len(one & other)

    def _files(self, side: int, hunks: Iterator[Hunk]) -> Counter[str]:
        """How often each file is a picture of such hunks."""
        return Counter(file(picture.address, self._base) for hunk in hunks for picture in self._pictures(side, hunk))

    def _pictures(self, side: int, hunk: Hunk) -> Iterator[Picture]:
        for at in range(*hunk[2 * side : 2 * side + 2]):
            yield from (picture for _, picture in self._own[side].get(at, ()))
