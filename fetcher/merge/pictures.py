"""Exchanges the address or alternative text of stored pictures that are others on the page now.

An importer may have stored copies of the files, or use addresses of its own server. The pictures that are the same on
both sides show that: an address of the page is only written where stored ones are the page's.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from lxml import html

from fetcher.align import align
from fetcher.markdown.reading.blocks import Block, Text, split_lines
from fetcher.merge.held_back import NOTHING, Past
from fetcher.merge.pairing import Hunk
from fetcher.merge.picture_blocks import Picture, file, keys, of_blocks, rewritten
from fetcher.page.hidden_text import Unseen, addresses
from fetcher.page.links import link_form, respell, target
from fetcher.page.words import split_words


class _Pair(NamedTuple):
    """A stored picture and the fresh one in its place, and where both stand: block and place in its source."""

    one: Picture
    other: Picture
    at_a: tuple[int, int]
    at_b: tuple[int, int]


class Pictures:
    """The pictures of a stored and a fresh text; `shown` are all picture addresses of the page.

    A picture that a person has put in the place of the page's stays.
    """

    def __init__(self, stored: Text, fresh: Text, base: str, shown: Iterable[str], past: Past = NOTHING) -> None:
        self._stored, self._fresh, self._base, self._past = stored, fresh, base, past
        self.own = of_blocks(stored, base), of_blocks(fresh, base)
        self._times = Counter(picture.address for each in self.own[1].values() for _, picture in each)
        self._leading = shown

    def __bool__(self) -> bool:
        """Whether both texts have pictures."""
        return bool(self.own[0] and self.own[1])

    @cached_property
    def _shown(self) -> set[str]:
        """The names of all picture files of the page."""
        return {file(address, self._base) for address in chain(self._leading, self._times)}

    def settled(self, fresh: Text, hunks: Sequence[Hunk]) -> tuple[Text, dict[Hunk, str]]:
        """The fresh text with its pictures as they are to be stored, and new sources of stored blocks.

        A picture is to be stored as the stored one in its place, but for what has changed. The new sources are for the
        hunks with changed pictures.
        """
        if not self:
            return fresh, {}
        pairs = list(self._paired(hunks))
        if all(pair.one == pair.other for pair in pairs):
            return fresh, {}
        evidence = _Evidence(pairs, self._base, self._past.pictures)
        texts = [self._exchanged(pair, evidence) for pair in pairs]
        lines, own = list(fresh.lines), list(self._stored.lines)
        _put(lines, fresh.blocks, [(pair.at_b, pair.other.text, new) for pair, new in zip(pairs, texts, strict=True)])
        changes = [(pair.at_a, pair.one.text, new) for pair, new in zip(pairs, texts, strict=True)]
        _put(own, self._stored.blocks, changes)
        changed = {at for (at, _), old, new in changes if old != new}
        sources = {hunk: self._source(own, hunk) for hunk in hunks if not changed.isdisjoint(range(*hunk[:2]))}
        return Text(lines, fresh.blocks), sources

    def _source(self, lines: Sequence[str], hunk: Hunk) -> str:
        blocks = hunk.old(self._stored.blocks)
        return "".join(lines[blocks[0].start : blocks[-1].end])

    def _exchanged(self, pair: _Pair, evidence: "_Evidence") -> str:
        """The source of the picture that replaces a stored one; the stored one's if that has not changed."""
        one, other = pair.one, pair.other
        if self._past.text and one.text not in self._past.text:
            return one.text
        is_other = (
            file(one.address, self._base) not in self._shown
            and self._times[other.address] == 1
            and evidence.keeps_addresses(pair)
        )
        has_other_alt = (
            evidence.keeps_alts(pair, is_other=is_other) and tuple(split_words(one.alt)) not in self._captions
        )
        if not is_other and not has_other_alt:
            return one.text
        address = evidence.address(pair) if is_other else one.address
        return rewritten(one, other, address, other.alt if has_other_alt else one.alt)

    @cached_property
    def _captions(self) -> frozenset[tuple[str, ...]]:
        """The texts of the page's blocks, as an importer may use a caption as the alternative text."""
        return frozenset(tuple(block.words) for block in self._fresh.blocks if block.words)

    def _paired(self, hunks: Sequence[Hunk]) -> Iterator[_Pair]:
        """The pictures that stand in the same place, or are of the same file."""
        one, other = (
            [
                (number, (at, place), picture)
                for number, hunk in enumerate(hunks)
                for at in range(*hunk[side : side + 2])
                if at in own
                for place, picture in own[at]
            ]
            for own, side in zip(self.own, (0, 2), strict=True)
        )
        names_a, names_b = ([file(picture.address, self._base) for *_, picture in each] for each in (one, other))
        at_a = at_b = 0
        for match in [*align(names_a, names_b), None]:
            end_a, end_b = (match.start_a, match.start_b) if match else (len(one), len(other))
            gap = []  # where the counts differ, it is not known which replaces which
            if end_a - at_a == end_b - at_b:
                gap = [(a, b) for a, b in zip(one[at_a:end_a], other[at_b:end_b], strict=True) if abs(a[0] - b[0]) < 2]
            size = match.size if match else 0
            gap += zip(one[end_a : end_a + size], other[end_b : end_b + size], strict=True)
            yield from (_Pair(picture, shown, place, there) for (_, place, picture), (_, there, shown) in gap)
            at_a, at_b = end_a + size, end_b + size


class _Evidence:
    """Tells how an importer stores pictures, by the pictures that are the same on both sides."""

    def __init__(self, pairs: Sequence[_Pair], base: str, known: Collection[str]) -> None:
        self._base, self._known = base, known
        kept = [pair for pair in pairs if target(pair.one.address, base) == target(pair.other.address, base)]
        self._kept = {link_form(pair.one.address) for pair in kept}
        self._of_servers = {self._server(pair.other): pair.one.address for pair in kept}
        alike = [pair for pair in pairs if file(pair.one.address, base) == file(pair.other.address, base)]
        both = [
            (split_words(pair.one.alt), split_words(pair.other.alt))
            for pair in alike
            if pair.one.alt and pair.other.alt
        ]
        self._same = sum(one == other for one, other in both)
        self._others = len(both) - self._same

    def keeps_addresses(self, pair: _Pair) -> bool:
        """Whether the stored picture had the page's own address when it was stored."""
        one, other = (urlsplit(urljoin(self._base, picture.address)) for picture in pair[:2])
        if keys(pair.one, self._base)[0] in self._known:
            return True
        if link_form(pair.one.address) in self._kept or self._server(pair.other) in self._of_servers:
            return True  # the importer would have kept this address, too
        is_near = (one.netloc, one.path.split("/")[:2]) == (other.netloc, other.path.split("/")[:2])
        return is_near and link_form(pair.one.address) != "."

    def address(self, pair: _Pair) -> str:
        """The page's address as the stored one is written, or as others of its server are."""
        like = pair.one.address
        if link_form(like) not in self._kept:
            like = self._of_servers.get(self._server(pair.other), like)
        return respell(pair.other.address, like, self._base)

    def _server(self, picture: Picture) -> str:
        """The host of a picture's address; empty where that is no address."""
        try:
            return urlsplit(urljoin(self._base, picture.address)).netloc
        except ValueError:
            return ""

    def keeps_alts(self, pair: _Pair, *, is_other: bool) -> bool:
        """Whether the stored alternative text was the page's, and is no more."""
        one, other = split_words(pair.one.alt), split_words(pair.other.alt)
        if not one or one == other or "".join(other) in "".join(one):
            return is_other and bool(one) and not other and not self._others
        if keys(pair.one, self._base)[1] in self._known:
            return True
        return 0 < self._same >= self._others or (is_other and not self._others)


def may_differ(text: Text, base: str, unseen: Unseen, places: Callable[[], Iterable[html.HtmlElement]]) -> bool:
    """Whether the page may lack pictures of the text, have them with other texts, or have new ones.

    `places` returns the elements among the words that the text has.
    """
    own = [picture for each in of_blocks(text, base).values() for _, picture in each]
    if not own:
        return False
    shown = {file(address, base) for address in unseen.pictures}
    alts = {tuple(split_words(alt)) for _, alt in unseen.images}
    if any(file(each.address, base) not in shown or tuple(split_words(each.alt)) not in alts for each in own):
        return True
    known = {file(each.address, base) for each in own}
    images = (element for element in places() if element.tag == "img")
    return any(known.isdisjoint(file(address, base) for address in addresses(image)) for image in images)


def in_common(text: Text, base: str, unseen: Unseen) -> tuple[str, ...]:
    """The keys (`keys`) of the pictures that a text and the page have in common."""
    own = [picture for each in of_blocks(text, base).values() for _, picture in each]
    if not own:
        return ()
    shown = {
        name
        for addresses, alt in unseen.images
        for address in addresses
        for name in keys(Picture("", address, alt), base)
    }
    return tuple(dict.fromkeys(name for each in own for name in keys(each, base) if name in shown))


def _put(lines: list[str], blocks: Sequence[Block], changes: Iterable[tuple[tuple[int, int], str, str]]) -> None:
    """Replace pictures in the lines, the last first, so that the places of the others stay right."""
    for (at, place), old, new in reversed(list(changes)):
        if old == new:
            continue
        block = blocks[at]
        source = "".join(lines[block.start : block.end])
        source = source[:place] + new + source[place + len(old) :]
        cut = split_lines(source)
        # The number of lines stays: what is more goes into the last line.
        size = block.end - block.start
        lines[block.start : block.end] = [*cut[: size - 1], "".join(cut[size - 1 :]), *[""] * (size - len(cut))][:size]
