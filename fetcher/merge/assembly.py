"""Puts the pieces of a merge together, and takes back every write that breaks the rest of the body.

A write may break what stands around it: an item that is indented for another list turns what follows into code, and
where a fence or a tag is lost, another one runs on. So the whole body is rendered: kept blocks have to render as
before, new ones as on the page. Writes are taken back, hunk by hunk, until that is so.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, groupby, takewhile
from typing import NamedTuple

from fetcher.markdown.reading.blocks import Block, Text, parse
from fetcher.merge.blank_lines import Piece
from fetcher.merge.layout import Layout
from fetcher.merge.pairing import Hunk
from fetcher.merge.redraw import is_renumbered, redrawn, renumbered
from fetcher.merge.references import References, noted
from fetcher.merge.regroup import by_lines

# Elements with an end, as boxes are.
_TAG = re.compile(
    r"<(/?)(div|section|details|summary|figure|table|t[dhr]|tbody|thead|ul|ol|li|dl|center|aside|p)\b", re.IGNORECASE
)
_LISTS = 3  # times that whole lists are taken from the page, as each time may break other lists
_TRIES = 32  # writes that are taken back on trial
# The numbers of footnotes and the places of cells are the renderer's.
_NOISE = re.compile(r'<sup class="footnote-ref">.*?</sup>| data-sourcepos="[^"]*"', re.DOTALL)
_Shape = tuple[str, tuple[str, ...], str]
_KEPT, _PART = "kept", "kept part"
_OLD = frozenset([_KEPT, _PART])


class Assembled(NamedTuple):
    """A body, and the hunks whose changes could not be written."""

    body: str
    unwritable: frozenset[Hunk] = frozenset()


class _Trial(NamedTuple):
    """A body, and which blocks do not render in it as they are to."""

    body: str
    missing: Counter[_Shape]


class Assembly:
    """Puts the pieces of a stored and a fresh text together; `hunks` are what the pieces were made of."""

    def __init__(self, stored: Text, fresh: Text, layout: Layout, hunks: Sequence[Hunk], base: str) -> None:
        self._stored, self._fresh, self._layout = stored, fresh, layout
        self._hunks = hunks
        self._source = "".join(stored.lines)
        self._references = References(self._source, base)
        self._tags = _opened(stored)

    def assembled(self, resolved: Sequence[Sequence[Piece]], changed: Sequence[bool]) -> Assembled:
        """The body made of each hunk's pieces; `changed` tells for each hunk whether something of it is written."""
        first = self._tried(self._numbered(resolved))
        if not first.missing:
            return Assembled(first.body)
        broken = Counter[_Shape]()
        for _ in range(_LISTS):
            other = self._tried(list(self._with_whole_lists(resolved, broken)))
            if not other.missing:
                return Assembled(other.body)
            broken += other.missing
        return self._mended(resolved, changed, first.missing)

    def _mended(
        self, resolved: Sequence[Sequence[Piece]], changed: Sequence[bool], missing: Counter[_Shape]
    ) -> Assembled:
        """The body without the writes that break it; the stored one where no subset of the writes is sound."""
        now, taken = list(resolved), set[int]()
        for number in self._suspects(resolved, changed, missing):
            if number in taken:
                continue
            one = self._moved_with(number, resolved)
            other_way = [self._kept(at) if at in one else pieces for at, pieces in enumerate(now)]
            other = self._tried(self._numbered(other_way))
            if other.missing.total() < missing.total():
                missing, now = other.missing, other_way
                taken |= one
            if not missing:
                return Assembled(other.body, frozenset(self._hunks[number] for number in taken))
        return Assembled(self._source, frozenset(hunk for hunk, each in zip(self._hunks, changed, strict=True) if each))

    def _kept(self, number: int) -> list[Piece]:
        hunk = self._hunks[number]
        return self._layout.kept(hunk.start_a, hunk.end_a)

    def _moved_with(self, number: int, resolved: Sequence[Sequence[Piece]]) -> set[int]:
        """A hunk, and those that blocks have moved to or from: half a move would lose text, or double it."""
        ways = [
            {number, self._at(piece.moved)}
            for number, each in enumerate(resolved)
            for piece in each
            if piece.moved >= 0
        ]
        found, size = {number}, 0
        while len(found) > size:
            size = len(found)
            found.update(*(way for way in ways if way & found))
        return found

    def _at(self, stored: int) -> int:
        return next(number for number, hunk in enumerate(self._hunks) if hunk.start_a <= stored < hunk.end_a)

    def _suspects(
        self, resolved: Sequence[Sequence[Piece]], changed: Sequence[bool], missing: Counter[_Shape]
    ) -> list[int]:
        """The hunks whose writes may break what is missing, the nearest first."""
        harmed = [
            number
            for number, stretch in enumerate(resolved)
            if any(shape in missing for piece in stretch for shape in self._shapes(piece))
        ]
        written = [number for number, each in enumerate(changed) if each]
        return sorted(written, key=lambda number: min((abs(number - each) for each in harmed), default=0))[:_TRIES]

    def _numbered(self, resolved: Sequence[Sequence[Piece]]) -> list[Piece]:
        return redrawn(renumbered(list(chain.from_iterable(resolved)), self._stored), self._stored)

    def _tried(self, pieces: Sequence[Piece]) -> _Trial:
        """The body that the pieces make, and what is missing of the blocks that it should show.

        New blocks are looked for before references are written, all others after that.
        """
        put = noted(self._source, self._layout.join(pieces))  # a note without a reference to it does not show
        done = self._references.settled(put)
        blocks = self._blocks(put)
        rest = blocks if done == put else self._blocks(done)
        head = self._alike(pieces, rest)
        tail = self._alike(pieces[:head:-1], rest[:head:-1])
        wanted = Counter(chain.from_iterable(map(self._shapes, pieces[head : len(pieces) - tail])))
        kinds = {kind for kind, *_ in wanted}
        shown = Counter(map(_kept, rest[head : len(rest) - tail]))
        if _PART in kinds:
            shown.update(map(_part, filter(_has_inside, rest)))
        if not kinds <= _OLD:
            ends = {(text[0], text[-1]) for kind, _, text in wanted if kind not in _OLD}
            shown.update(_new(block) for block in blocks if _ends(block) in ends)
        missing = wanted - shown
        if any(kind not in _OLD for kind, *_ in missing):
            texts = "\n".join(block.content.key for block in blocks)  # it may be shown as part of another block
            for shape in [shape for shape in missing if shape[0] not in _OLD and shape[2] in texts]:
                del missing[shape]
        now = _opened(parse(put)) if self._tags else self._tags
        missing += Counter(
            {(_KEPT, (), f"<{name}>"): 1 for name in {*now, *self._tags} if now[name] != self._tags[name]}
        )
        return _Trial(done, missing)

    def _alike(self, pieces: Sequence[Piece], blocks: Sequence[Block]) -> int:
        """How many of the first pieces are stored blocks as they are, and render as before, as the first `blocks`."""
        stored = self._stored.blocks
        same = (
            0 <= piece.first == piece.last
            and stored[piece.first].content is block.content
            and stored[piece.first].boxes == block.boxes
            and piece.text == self._stored.source(stored[piece.first])
            for piece, block in zip(pieces, blocks, strict=False)
        )
        return sum(takewhile(bool, same))

    def _blocks(self, body: str) -> list[Block]:
        return by_lines(parse(body), self._fresh).blocks

    def _shapes(self, piece: Piece) -> Iterator[_Shape]:
        if piece.is_new_block():
            yield _new(piece.block)
        elif piece.first == piece.last >= 0:
            block = self._stored.blocks[piece.first]
            is_kept = is_renumbered(piece.text, self._stored.source(block))
            if is_kept and (block.words or block.content.inside.strip()):
                yield _kept(block)

    def _with_whole_lists(self, resolved: Sequence[Sequence[Piece]], broken: Counter[_Shape]) -> Iterator[Piece]:
        """The pieces, but a list or quote that changed, or is broken, is the page's as a whole."""
        for box, group in groupby(zip(self._boxes(), self._hunks, resolved, strict=True), lambda each: each[0]):
            run = list(group)
            pieces = [piece for *_, stretch in run for piece in stretch]
            first, last = run[0][1].start_b, run[-1][1].end_b
            if box and first < last and any(self._is_changed(piece, broken) for piece in pieces):
                yield self._verbatim(first, last)
            else:
                yield from pieces

    def _is_changed(self, piece: Piece, broken: Counter[_Shape]) -> bool:
        if piece.first < 0 or piece.is_edited(self._stored):
            return True
        return any(shape in broken for shape in self._shapes(piece))

    def _boxes(self) -> Iterator[str]:
        """The kind of list or quote that each hunk stands in on the page; empty where it stands in none."""
        box = ""
        for hunk in self._hunks:
            old = hunk.old(self._stored.blocks)
            new = hunk.new(self._fresh.blocks)
            goes = not new and all(block.boxes for block in old)  # from a list that stays, maybe as another one
            box = box if box and goes else next((block.boxes[0] for block in (*new, *old) if block.boxes), "")
            yield box

    def _verbatim(self, start: int, end: int) -> Piece:
        blocks = self._fresh.blocks[start:end]
        lines = self._fresh.lines[blocks[0].start : blocks[-1].end]
        return Piece("".join(lines).replace("\r\n", "\n").replace("\n", self._layout.newline), blocks[0])


def _new(block: Block) -> _Shape:
    """What a new block is and says."""
    kind = block.kind if block.kind in ("pre", "tr", "raw") else "p"  # a list turns loose where a blank line comes in
    return kind, block.boxes, block.content.key


def _ends(block: Block) -> tuple[str, str]:
    """The first and the last sign of its words."""
    return (block.words[0][0], block.words[-1][-1]) if block.words else ("", "")


def _kept(block: Block) -> _Shape:
    """What a kept block is and shows, with its markup, links and pictures, where these are known."""
    if not block.content.inside:
        return _part(block)
    inside = block.content.inside
    return (
        _KEPT,
        block.boxes,
        (_NOISE.sub("", inside) if "data-s" in inside or "footnote-" in inside else inside).strip(),
    )


def _part(block: Block) -> _Shape:
    """What a block says and in which boxes, which is all that is known of a part of a block."""
    return _PART, block.boxes, block.content.key


def _has_inside(block: Block) -> bool:
    return bool(block.content.inside)


def _opened(text: Text) -> Counter[str]:
    """How many raw tags of each name are left open, and how many (`/div`) are closed without having been opened."""
    found: Counter[str] = Counter()
    for block in text.blocks:
        if block.kind == "raw":
            for end, name in _TAG.findall(text.source(block).lower()):
                if end and not found[name]:
                    found[f"/{name}"] += 1
                else:
                    found[name] += -1 if end else 1
    return found
