"""The merge: a stored body brought up to a fresh one, its unchanged parts to the byte."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

from fetcher.align import Match, align
from fetcher.blocks import Block, Text, parse
from fetcher.churn import EDGE, SMALL, churn
from fetcher.edges import edges
from fetcher.flow import APART, TOUCHING, Flow
from fetcher.links import moved, relink
from fetcher.pairing import Hunk, pair
from fetcher.splice import Edit, Source, locate, splice
from fetcher.words import pieces

# Signs that one dialect's slip leaves in the text and another's does not: never a change by themselves.
_SLIPS = frozenset("*\\_^~`|#[]")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: the words that go and come, and, where it was held back, why."""

    removed: str
    added: str
    words_removed: int = 0
    words_added: int = 0
    held: str = ""


@dataclass(slots=True)
class Merged:
    """The merged body and every difference that was found on the way."""

    body: str
    changes: list[Change] = field(default_factory=list)


@dataclass(slots=True)
class _Piece:
    """A stretch of the result: `text`, which ends its line, made of blocks `first` to `last` of stored or fresh."""

    text: str
    block: Block
    stored: tuple[int, int] | None = None  # kept stored blocks, first and last


def merge(stored: str, fresh: str, *, base: str = "", page: Flow | None = None) -> Merged:
    """The stored Markdown with what changed in the fresh one; `base` resolves links.

    `page` has the words that `fresh` was made of, and how sure it is that they touch or stand apart.

    Blocks whose words and links are the same keep their bytes, however the blocks are cut; in others only the
    changed words are exchanged where that can be done without harm. `merge(x, x).body == x`, and a second merge
    with the same fresh text changes nothing.
    """
    text = parse(fresh)
    if page and page.words == text.words:
        text.doubt(page.touch)
    return _Merge(parse(stored), text, base).run(stored)


class _Merge:
    def __init__(self, stored: Text, fresh: Text, base: str) -> None:
        self.stored, self.fresh, self.base = stored, fresh, base
        self.changes: list[Change] = []
        self.newline = "\r\n" if any(line.endswith("\r\n") for line in stored.lines) else "\n"
        self.text_start, self.text_end = edges(stored.blocks)
        self.known = {_key(block): at for at, block in enumerate(stored.blocks) if len(block.words) > 3}

    def run(self, stored: str) -> Merged:
        pieces: list[_Piece] = []
        for hunk in pair(self.stored.blocks, self.fresh.blocks):
            pieces += self._linked(hunk) if hunk.linked else self._apart(hunk)
        if not any(not change.held for change in self.changes):
            return Merged(stored, self.changes)
        return Merged(self._joined(pieces, stored), self.changes)

    # --- one hunk ---------------------------------------------------------------------------------------------

    def _linked(self, hunk: Hunk) -> list[_Piece]:
        old, new = self._blocks(hunk)
        if self._same(old, new) and not self._spacing(old, new):
            return self._relinked(hunk, old, new)
        return self._edit(hunk, old, new)

    def _relinked(self, hunk: Hunk, old: list[Block], new: list[Block]) -> list[_Piece]:
        """Blocks that read the same: kept, but for links that lead elsewhere now."""
        changes = moved(_links(old), _links(new), self.base)
        if not changes:
            return self._keep(hunk.start_a, hunk.end_a)
        start, end = old[0].start, old[-1].end
        source = "".join(self.stored.lines[start:end])
        text = relink(source, changes)
        held = EDGE if self._at_edge(hunk) else ""
        if text == source or held or _words(parse(text).blocks) != _words(old):
            held = held or "a link whose target cannot be found in the stored text"
            text = source
        for one, other in changes:
            self.changes.append(Change(one, other, held=held))
        return [_Piece(text, old[0], (hunk.start_a, hunk.end_a - 1))]

    def _spacing(self, old: Sequence[Block], new: Sequence[Block]) -> bool:
        one, other = _flat(old), _flat(new)
        if one.words == other.words:
            return any(_respaced(one, other, Match(0, 0, len(one.words))))
        return any(_edits(one, other)) if _plain(one.words) == _plain(other.words) else False

    def _apart(self, hunk: Hunk) -> list[_Piece]:
        old, new = self._blocks(hunk)
        if not any(block.words for block in new) and not any(block.words for block in old):
            return self._keep(hunk.start_a, hunk.end_a)
        if self._same(old, new):
            return self._keep(hunk.start_a, hunk.end_a)
        return self._replace(hunk, old, new)

    def _blocks(self, hunk: Hunk) -> tuple[list[Block], list[Block]]:
        return self.stored.blocks[hunk.start_a : hunk.end_a], self.fresh.blocks[hunk.start_b : hunk.end_b]

    def _same(self, old: Sequence[Block], new: Sequence[Block]) -> bool:
        return bool(_readings(old, self.stored) & _readings(new, self.fresh))

    def _keep(self, start: int, end: int) -> list[_Piece]:
        return [
            _Piece(self.stored.source(self.stored.blocks[at]), self.stored.blocks[at], (at, at))
            for at in range(start, end)
        ]

    def _at_edge(self, hunk: Hunk) -> bool:
        return hunk.end_a <= self.text_start or hunk.start_a >= self.text_end < len(self.stored.blocks)

    def _edit(self, hunk: Hunk, old: list[Block], new: list[Block]) -> list[_Piece]:
        """Blocks that share words: exchange the changed ones inside, else the blocks."""
        one, other = _flat(old), _flat(new)
        edits = _edits(one, other)
        held = [EDGE] * len(edits) if self._at_edge(hunk) else self._held(old, one, other, edits)
        for edit, why in zip(edits, held, strict=True):
            self._note(one.text(edit.start_a, edit.end_a), other.text(edit.start_b, edit.end_b), why)
        if all(held):
            return self._keep(hunk.start_a, hunk.end_a)
        wanted = [edit for edit, why in zip(edits, held, strict=True) if not why or why == SMALL]
        text = self._spliced(old, new, one.words, other.words, wanted)
        if text is not None:
            text = relink(text, moved(_links(parse(text).blocks), _links(new), self.base))
            return [_Piece(text, old[0], (hunk.start_a, hunk.end_a - 1))] if text.strip() else []
        return self._inserted(new)

    def _held(self, old: list[Block], one: "_Flat", other: "_Flat", edits: list[Edit]) -> list[str]:
        if any(block.kind == "pre" for block in old) or not edits:
            return [""] * len(edits)
        first, last = edits[0], edits[-1]
        whole = churn(one.text(first.start_a, last.end_a), other.text(first.start_b, last.end_b))
        if whole and whole != SMALL:
            return [whole] * len(edits)
        return [
            churn(
                one.text(edit.start_a, edit.end_a),
                other.text(edit.start_b, edit.end_b),
                one.text(max(0, edit.start_a - 4), edit.start_a),
                one.text(edit.end_a, edit.end_a + 4),
            )
            for edit in edits
        ]

    def _spliced(
        self, old: list[Block], new: list[Block], words_a: list[str], words_b: list[str], edits: list[Edit]
    ) -> str | None:
        changed = sum(e.end_a - e.start_a for e in edits)
        if changed * 10 > len(words_a) * 7 or _listed(old) != _listed(new):
            return None
        stored = _source(self.stored, old, words_a)
        fresh = _source(self.fresh, new, words_b)
        if not stored or not fresh:
            return None

        known = _neighbours(old) | _neighbours(new)

        def holds(text: str, k: int) -> bool:
            expected = words_a[: edits[k].start_a]
            at = edits[k].start_a
            for edit in edits[k:]:
                expected = expected + words_a[at : edit.start_a] + words_b[edit.start_b : edit.end_b]
                at = edit.end_a
            found = parse(text).blocks
            return _words(found) == expected + words_a[at:] and _neighbours(found) <= known

        return splice(stored, fresh, edits, holds)

    def _replace(self, hunk: Hunk, old: list[Block], new: list[Block]) -> list[_Piece]:
        """Blocks that share only their place: the old ones go, the new ones come."""
        words_a, words_b = _words(old), _words(new)
        if not words_a and not any(_visible(words_b)):
            return self._keep(hunk.start_a, hunk.end_a)
        if not _visible(words_a) and not _visible(words_b):
            return self._keep(hunk.start_a, hunk.end_a)
        removed, added = _flat(old).text(), _flat(new).text()
        why = EDGE if self._at_edge(hunk) else churn(removed, added)
        self._note(removed, added, why)
        if why:
            return self._keep(hunk.start_a, hunk.end_a)
        kept = [] if _visible(words_a) else self._keep(hunk.start_a, hunk.end_a)
        return kept + self._inserted(new)

    def _inserted(self, new: list[Block]) -> list[_Piece]:
        found = []
        for block in new:
            at = self.known.get(_key(block))
            if at is not None and self.stored.blocks[at].boxes == block.boxes:
                found.append(_Piece(self.stored.source(self.stored.blocks[at]), self.stored.blocks[at]))
            else:
                found.append(_Piece(self._fitted(block), block))
        return found

    def _fitted(self, block: Block) -> str:
        """The source of a fresh block with the indentation and the list sign of stored blocks of its kind."""
        source = self.fresh.source(block).replace("\r\n", "\n")
        if not block.boxes:
            return source.replace("\n", self.newline)
        prefix = self.fresh.lines[block.start][: block.column]
        marked = bool(_MARK.search(prefix))
        for model in self.stored.blocks:
            model_prefix = self.stored.lines[model.start][: model.column]
            if model.boxes == block.boxes and bool(_MARK.search(model_prefix)) == marked and len(model_prefix) == model.column:
                first = _numbered(model_prefix, prefix)
                rest = _MARK.sub(lambda mark: " " * len(mark[0]), first)
                lines = source.split("\n")
                fitted = [first + lines[0][block.column :]]
                fitted += [(rest + _dedented(line, block.column)) if line.strip() else line for line in lines[1:]]
                return self.newline.join(fitted)
        return source.replace("\n", self.newline)

    def _note(self, removed: str, added: str, held: str = "") -> None:
        self.changes.append(Change(removed, added, len(_WORD.findall(removed)), len(_WORD.findall(added)), held))

    # --- the result -------------------------------------------------------------------------------------------

    def _joined(self, found: list[_Piece], stored: str) -> str:
        lines = self.stored.lines
        first = self.stored.blocks[0].start if self.stored.blocks else len(lines)
        out = ["".join(lines[:first])]
        before: _Piece | None = None
        for piece in found:
            if before:
                out.append(self._between(before, piece))
            text = piece.text
            out.append(text if text.endswith("\n") else text + self.newline)
            before = piece
        last = self.stored.blocks[-1].end if self.stored.blocks else len(lines)
        body = "".join(out)
        if not stored.endswith("\n") and self.stored.blocks:
            body = body.rstrip("\r\n")
        return body + "".join(lines[last:])

    def _between(self, before: _Piece, after: _Piece) -> str:
        if before.stored and after.stored and before.stored[1] + 1 == after.stored[0]:
            blocks = self.stored.blocks
            return "".join(self.stored.lines[blocks[before.stored[1]].end : blocks[after.stored[0]].start])
        one, other = before.block, after.block
        if one.kind == other.kind == "tr" or (other.joined and after.stored):
            return ""
        if one.boxes and other.boxes and one.boxes[0] == other.boxes[0] and "blockquote" not in one.boxes + other.boxes:
            return "" if self._tight(other) else self.newline
        return self.newline

    def _tight(self, item: Block) -> bool:
        """Whether the stored lists, this item's kind first, have no blank lines between their items."""
        votes: list[bool] = []
        for one, other in zip(self.stored.blocks, self.stored.blocks[1:], strict=False):
            if one.boxes and other.boxes and other.boxes[:1] == item.boxes[:1]:
                votes.append(one.end == other.start)
        if votes:
            return sum(votes) * 2 > len(votes)
        return item.kind == "li"


_MARK = re.compile(r"(?:[-+*]|\d+[.)])(?=\s*(?:\[[ xX]\]\s*)?$)")


def _numbered(model: str, prefix: str) -> str:
    number, own = re.search(r"\d+(?=[.)]\s*$)", prefix), re.search(r"\d+(?=[.)]\s*$)", model)
    if number and own:
        return model[: own.start()] + number[0] + model[own.end() :]
    return model


def _dedented(line: str, column: int) -> str:
    return line[column:] if not line[:column].strip(" >") else line.lstrip()


def _source(text: Text, blocks: list[Block], words: list[str]) -> Source | None:
    """The source of consecutive blocks with its words located."""
    start = blocks[0].start
    lines = text.lines[start : blocks[-1].end]
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line))
    skip = []
    for block in blocks:
        at = offsets[block.start - start]
        skip.append((at, at + block.column))
        if block.kind == "tr" and block.end - block.start == 2:
            skip.append((offsets[block.start - start + 1], offsets[block.end - start]))
    return locate("".join(lines), words, skip)


@dataclass(slots=True)
class _Flat:
    """The words of consecutive blocks, and how each stands to the one before."""

    words: list[str]
    touch: bytearray

    def text(self, start: int = 0, end: int | None = None) -> str:
        """The words as they read; a space before the first if one is there."""
        pairs = zip(self.words[start:end], self.touch[start:end], strict=True)
        text = "".join(word if touch else f" {word}" for word, touch in pairs)  # unsure: as if they touched
        return text.removeprefix(" ") if not start else text


_WORD = re.compile(r"\w+")


def _flat(blocks: Sequence[Block]) -> _Flat:
    return _Flat(_words(blocks), bytearray().join(block.touch for block in blocks))


def _edits(one: _Flat, other: _Flat) -> list[Edit]:
    edits, at_a, at_b = [], 0, 0
    for match in [*align(one.words, other.words), None]:
        end_a, end_b = (match.start_a, match.start_b) if match else (len(one.words), len(other.words))
        gap = Edit(at_a, end_a, at_b, end_b)
        if _plain(one.words[at_a:end_a]) != _plain(other.words[at_b:end_b]) or _recut(one, other, gap):
            edits.append(gap)
        if match:
            edits += _respaced(one, other, match)
            at_a, at_b = match.end_a, match.end_b
    return edits


def _respaced(one: _Flat, other: _Flat, match: Match) -> Iterator[Edit]:
    """Words that touch on one side and stand apart on the other, where both are sure of it."""
    for k in range(1, match.size):
        a, b = match.start_a + k, match.start_b + k
        touch = {one.touch[a], other.touch[b]}
        if touch == {APART, TOUCHING} and _latin(one.words[a - 1][-1]) and _latin(one.words[a][0]):
            yield Edit(a - 1, a + 1, b - 1, b + 1)


def _recut(one: _Flat, other: _Flat, gap: Edit) -> bool:
    """Whether the same letters make other words, and both sides are sure of it."""
    words = [*one.words[gap.start_a : gap.end_a], *other.words[gap.start_b : gap.end_b]]
    touch = {*one.touch[gap.start_a + 1 : gap.end_a], *other.touch[gap.start_b + 1 : gap.end_b]}
    if not words or touch - {APART, TOUCHING} or not all(_latin(word[0]) for word in words):
        return False
    return one.text(gap.start_a, gap.end_a).split() != other.text(gap.start_b, gap.end_b).split()


def _latin(sign: str) -> bool:
    """Whether white space before or after the sign parts words."""
    return sign.isalnum() and sign < "\u0e00"


def _listed(blocks: Sequence[Block]) -> set[str]:
    return {box for block in blocks for box in block.boxes}


def _neighbours(blocks: Sequence[Block]) -> set[tuple[str, str, int]]:
    """The pairs of words that follow each other, and whether they touch."""
    return {
        (one, other, touch & TOUCHING)
        for block in blocks
        for one, other, touch in zip(block.words, block.words[1:], block.touch[1:], strict=False)
        if one[-1].isalnum() and other[0].isalnum()
    }


def _plain(words: Sequence[str]) -> str:
    return "".join(word for word in words if word not in _SLIPS)


def _visible(words: Sequence[str]) -> list[str]:
    return [word for word in words if word not in _SLIPS]


def _words(blocks: Sequence[Block]) -> list[str]:
    return [word for block in blocks for word in block.words]


def _links(blocks: Sequence[Block]) -> list[str]:
    return [link for block in blocks for link in block.links]


def _key(block: Block) -> str:
    return "".join(block.words)


def _readings(blocks: Sequence[Block], text: Text) -> set[str]:
    """How blocks read, with and without the numbers of ordered lists: a page may hold them as text."""
    plain = _plain(_words(blocks))
    numbered = []
    for block in blocks:
        if "ol" in block.boxes:
            mark = _MARK.search(text.lines[block.start][: block.column])
            numbered += pieces(mark[0]) if mark else []
        numbered += block.words
    return {plain, _plain(numbered)}
