"""What an importer explains: the differences of a body from its page that were there before the page changed.

Asked for each pair of blocks. Words that are markup of the importer's dialect, or that the page says elsewhere, are
*explained*: they are left out of the comparison, and stay. Where the same letters are cut into other words at the
border of an element, a break was lost. All else is evidence of a change.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby

from fetcher.markdown.reading.blocks import Block, Text
from fetcher.markdown.reading.wording import Edit, Wording, edits, plain, wording
from fetcher.merge import masks, traces
from fetcher.merge.masks import Span
from fetcher.merge.pairing import Hunk
from fetcher.merge.regroup import is_absent_table, regrouped, with_tables
from fetcher.merge.traces import reading
from fetcher.page.looks import HEADINGS
from fetcher.page.unseen import Unseen
from fetcher.page.words import pieces

_ABBREVIATION = re.compile(r"[ \t>]*\*\[[^\]\n]+\]:")
_LINK = re.compile(r"(?<!!)\[[^\[\]\n]+\]\([^()\s]")
_ARROWS = "↩↵⏎↑⤴"  # that lead from a note back to the text
_FENCE = re.compile(r"\s*(?:```|~~~)")
_LABEL = 4  # words that say what follows: "Source", "Clipped from", "Visible links"


@dataclass(slots=True)
class Found:
    """How blocks differ: edits that tell of a change, those that the importer explains, and the `new` blocks.

    Of the new ones those are left out that the importer explains, such as an image with a caption that it made one.
    """

    changes: list[Edit] = field(default_factory=list)
    explained: list[Edit] = field(default_factory=list)
    new: list[Block] = field(default_factory=list)

    def with_changes(self, accepted: Sequence[Edit], full: Sequence[Edit]) -> list[Edit]:
        """The changes with those of `full`, all the edits that there are, that stand in accepted ones."""
        taken = [edit for edit in full if any(edit.stands_in(span) for span in accepted)]
        rest = [edit for edit in self.changes if not any(edit.overlaps(other) for other in taken)]
        return sorted([*taken, *rest])


class Importer:
    """Knows a stored text, a fresh one, and what the page says unseen."""

    def __init__(self, stored: Text, fresh: Text, unseen: Unseen) -> None:
        self.stored, self.fresh, self.unseen = stored, fresh, unseen
        self._explained: set[Hunk] = set()

    def bare(self) -> list[Block]:
        """The stored blocks without attributes, which may be far more than the text that they stand beside."""
        return [_bare(block) if "{" in block.said.key else block for block in self.stored.blocks]

    def compare(self, hunk: Hunk) -> Found:
        """How the stored blocks of a hunk differ from the fresh ones that stand there."""
        old, new = self.stored.blocks[hunk.start_a : hunk.end_a], self.fresh.blocks[hunk.start_b : hunk.end_b]
        one, other = wording(old), wording(new)
        if self._is_unfenced(old, new) or self._is_absent(hunk):
            return Found(explained=[Edit(0, len(one.words), 0, len(other.words))])
        if hunk in self._explained:
            return Found(explained=[Edit(0, len(one.words), 0, 0)])
        mask_a, mask_b = self._masks(old, new)
        found = Found(new=list(new))
        if any(mask_b):
            found.new = [block for block, (start, end) in _spans(new) if not all(mask_b[start:end])]
        left, at_a = masks.left(one, mask_a)
        right, at_b = masks.left(other, mask_b)
        for edit in edits(left, right):
            for part in masks.split(left, right, edit):
                whole = Edit(*masks.back(part.start_a, part.end_a, at_a), *masks.back(part.start_b, part.end_b, at_b))
                is_glue = self._is_glue(left, right, part)
                (found.explained if is_glue else found.changes).append(whole)
        if new and all(block.kind == "tr" for block in new) and any(block.kind != "tr" for block in old):
            _cancel(found, one, other)
        found.explained += [Edit(*span, 0, 0) for span in masks.spans(mask_a)]
        found.explained += [Edit(0, 0, *span) for span in masks.spans(mask_b)]
        return found

    def kept_words(self, hunk: Hunk) -> list[str]:
        """The stored words of a hunk that are explained, and so are on no page."""
        words = wording(self.stored.blocks[hunk.start_a : hunk.end_a]).words
        return [word for edit in self.compare(hunk).explained for word in words[edit.start_a : edit.end_a]]

    def regroup(self, hunks: list[Hunk]) -> list[Hunk]:
        """The hunks as the importer would cut them; each run of stored blocks that it explains is one."""
        hunks = regrouped(hunks, self.stored, self.fresh)
        linked = [at for at, hunk in enumerate(hunks) if hunk.linked]
        first, last = (linked[0], linked[-1]) if linked else (0, -1)
        found: list[Hunk] = []
        for at, hunk in enumerate(hunks):
            if hunk.linked or hunk.start_a == hunk.end_a:
                found.append(hunk)
            else:
                edge, end = not first <= at <= last, at > last
                for part in with_tables(hunk, self.stored, self.fresh):
                    found += [part] if self._is_absent(part) else self._cut(part, at_edge=edge, at_end=end)
        return found

    def _is_absent(self, hunk: Hunk) -> bool:
        return is_absent_table(hunk, self.stored, self.fresh)

    def _cut(self, hunk: Hunk, *, at_edge: bool, at_end: bool) -> Iterator[Hunk]:
        """An unlinked hunk in parts: explained and other stored blocks in turns; what is new stands with the others."""
        blocks = self.stored.blocks[hunk.start_a : hunk.end_a]
        explained = [self._explains(block, at_edge=at_edge) for block in blocks]
        if not at_edge and not all(explained):  # what goes with other text is gone from the page
            explained = [self._explains(block, at_edge=False, known=False) for block in blocks]
        for k in range(len(blocks) - 2, -1, -1):  # the heading of what is explained
            explained[k] |= at_edge and explained[k + 1] and 0 < sum(map(str.isalpha, blocks[k].words)) <= _LABEL
        for k in range(1, len(blocks)):  # what says that the text begins
            explained[k] |= at_edge and explained[k - 1] and _is_label(blocks[k])
        if not any(explained):
            yield hunk
            return
        a, b = hunk.start_a, hunk.start_b
        if all(explained) and at_end:
            yield Hunk(a, a, b, hunk.end_b, linked=False)
            b = hunk.end_b
        for is_explained, run in groupby(explained):
            end_a, end_b = a + len(list(run)), b if is_explained else hunk.end_b
            part = Hunk(a, end_a, b, end_b, linked=False)
            if is_explained:
                self._explained.add(part)
            yield part
            a, b = end_a, end_b
        if b < hunk.end_b:
            yield Hunk(a, a, b, hunk.end_b, linked=False)

    def _explains(self, block: Block, *, at_edge: bool, known: bool = True) -> bool:
        """Whether all of a stored block that the page does not have is the importer's.

        `at_edge` tells that it stands before or after all that the page has, `known` that the page may say it unseen.
        """
        if not any(map(str.isalnum, block.said.key)):
            return block.said.key.startswith(":::")
        if traces.is_definition(self.stored.source(block), self.unseen):
            return True
        mask, _ = self._masks([block], [], known=known)
        rest = [word for word, masked in zip(block.words, mask, strict=True) if not masked]
        if not plain(rest) or (known and not traces.unsaid(rest, self.unseen.controls)):
            return True
        if not at_edge:
            return False
        unsaid = traces.unsaid(rest, self.unseen.metadata)
        known = len(block.words) - len(unsaid) > 1  # by metadata, or as an address
        return known and sum(map(str.isalpha, unsaid)) <= _LABEL

    def _masks(self, old: Sequence[Block], new: Sequence[Block], *, known: bool = True) -> tuple[bytearray, bytearray]:
        """For each word of either side whether the importer explains that the other side lacks it."""
        sides = _Sides(old, new, self.stored)
        mask_a, mask_b = bytearray(len(sides.one.words)), bytearray(len(sides.other.words))
        self._mark_markup(sides, mask_a)
        self._mark_drawn(sides, mask_a, mask_b)
        for forms in self.unseen.formulas:
            found = traces.formula(sides.here.text, forms)
            masks.mark(mask_a, map(sides.here.words, found))
            masks.mark(
                mask_b, map(sides.there.words, traces.formula(sides.there.text, forms)), None if found else sides.gaps_b
            )
        if known:
            self._mark_known(sides, mask_a)
        return mask_a, mask_b

    def _mark_markup(self, sides: "_Sides", mask: bytearray) -> None:
        """Mark what dialects put around text and before it."""
        here, shown, source = sides.here, sides.there.text, sides.source
        marked = (here.words(span) for span in traces.markup(here.text, shown))
        masks.mark(mask, (span for span in marked if not all(sides.one.code[slice(*span)])))
        masks.mark(mask, map(here.words, traces.boxes(here.text, source)))
        masks.mark(mask, map(here.words, traces.citations(here.text, shown, self._references)))
        found = traces.addresses(here.text, source, shown, self.unseen, in_brackets=not self._has_links)
        masks.mark(mask, map(here.words, found))
        bare = "".join(self.stored.source(block)[block.column :] for block in sides.old)  # without marks of lists
        masks.mark(mask, map(here.words, traces.lines_and_bullets(here.text, bare)), sides.gaps_a)
        masks.mark(mask, map(here.words, traces.heads(here.text, _titles(sides.new))), sides.gaps_a)
        dashes = map(here.words, traces.dashes(here.text))
        masks.mark(mask, (span for span in dashes if masks.is_gap(sides.one.words, *span, sides.gaps_a)))
        if ticked := "".join(block.said.marks.ticks for block in sides.new):
            masks.mark(mask, map(here.words, traces.ticks(here.text, ticked)), sides.gaps_a)
        if any(block.kind == "pre" for block in sides.new):
            masks.mark(mask, masks.in_turn(sides.one.words, traces.line_numbers(source)), sides.lost)

    def _mark_drawn(self, sides: "_Sides", mask_a: bytearray, mask_b: bytearray) -> None:
        """Mark what stands for images and signs, and what is not drawn."""
        here, one, other = sides.here, sides.one, sides.other
        fresh = "".join(map(self.fresh.source, sides.new))
        masks.mark(mask_a, map(here.words, traces.alternatives(here.text, traces.alternatives_of(fresh))), sides.gaps_a)
        pictured = map(here.words, traces.alternatives(here.text, self.unseen.alternatives))
        masks.mark(mask_a, (span for span in pictured if masks.is_gap(one.words, *span, sides.gaps_a)))
        masks.mark(mask_a, _where(one.words, self.unseen.permalinks), sides.gaps_a)
        masks.mark(mask_b, _captions(sides.new, sides.source), sides.gaps_b)
        masks.mark(mask_b, _where(other.words, _ARROWS + '"' * self.unseen.quotes), sides.gaps_b)
        if any(block.kind == "tr" for block in sides.old):
            masks.mark(mask_b, masks.some(other.words, traces.cut_cells(sides.source, one.words)), sides.gaps_b)

    def _mark_known(self, sides: "_Sides", mask: bytearray) -> None:
        """Mark what the page says unseen."""
        words, lost = sides.one.words, sides.lost
        masks.mark(mask, (span for span in masks.spans(lost) if self._says(words[slice(*span)])))
        for block, (start, end) in _spans(sides.old):
            if any(lost[start:end]) and self._is_known(block):
                masks.mark(mask, ((k, k + 1) for k in range(start, end)), lost)

    def _is_unfenced(self, old: Sequence[Block], new: Sequence[Block]) -> bool:
        """Whether stored source is the code of a fresh block, fences in it included, that nothing is put around."""
        if len(new) != 1 or new[0].kind != "pre" or not any(_FENCE.match(line) for line in new[0].said.marks.code):
            return False
        return "".join("".join(map(self.stored.source, old)).split()) == "".join(
            "".join(new[0].said.marks.code).split()
        )

    def _is_known(self, block: Block) -> bool:
        """Whether a block says, to the word, what the page says of itself, or in an attribute or on a button."""
        if _ABBREVIATION.match(self.stored.source(block)):
            return True
        return self._says(block.words)

    def _says(self, words: Sequence[str]) -> bool:
        """Whether words are, all of them, what the page says unseen; one alone may stand anywhere."""
        letters = tuple(word for word in words if word[0].isalnum())
        known = (self.unseen.metadata, self.unseen.attributes, self.unseen.controls)
        return len(letters) > 1 and any(letters in texts or tuple(words) in texts for texts in known)

    def _is_glue(self, one: Wording, other: Wording, edit: Edit) -> bool:
        """Whether an edit only cuts the same letters into other words, at borders of elements."""
        if one.plain_of(edit.start_a, edit.end_a) != other.plain_of(edit.start_b, edit.end_b):
            return False
        left, right = masks.cuts(one, edit.start_a, edit.end_a), masks.cuts(other, edit.start_b, edit.end_b)
        lost = [pair for at, pair in (right | left).items() if (at in left) != (at in right)]
        return all(pair in self.unseen.borders for pair in lost)

    @cached_property
    def _has_links(self) -> bool:
        """Whether the stored text has links as Markdown writes them."""
        return _LINK.search("".join(self.stored.lines)) is not None

    @cached_property
    def _references(self) -> frozenset[str]:
        return traces.references(self.stored.lines)


class _Sides:
    """Stored and fresh blocks, how either side reads, and which words the other lacks (`masks.gaps`)."""

    def __init__(self, old: Sequence[Block], new: Sequence[Block], stored: Text) -> None:
        self.old, self.new = old, new
        self.one, self.other = wording(old), wording(new)
        self.here, self.there = reading(self.one), reading(self.other)
        self.source = "".join(map(stored.source, old))
        self.gaps_a, self.gaps_b, self.lost = masks.gaps(self.one, self.other)


def _bare(block: Block) -> Block:
    text = wording([block])
    here, mask = reading(text), bytearray(len(text.words))
    masks.mark(mask, map(here.words, traces.attributes(here.text)))
    left, _ = masks.left(text, mask)
    return replace(block, said=replace(block.said, words=left.words, touch=left.touch, code=left.code))


def _where(words: Sequence[str], wanted: Collection[str]) -> Iterator[Span]:
    return ((at, at + 1) for at, word in enumerate(words) if word in wanted)


def _spans(blocks: Sequence[Block]) -> Iterator[tuple[Block, Span]]:
    return zip(blocks, masks.places(blocks), strict=True)


def _is_label(block: Block) -> bool:
    return block.words[-1:] == [":"] and 0 < sum(map(str.isalpha, block.words)) <= _LABEL


def _titles(new: Sequence[Block]) -> Iterator[str]:
    """How the headings among fresh blocks begin."""
    for block in new:
        if block.kind in HEADINGS and block.words:
            yield wording([block]).text(0, _LABEL)


def _captions(new: Sequence[Block], source: str) -> Iterator[Span]:
    """The fresh blocks that say what the text in the place of a stored image says."""
    said = {"".join(pieces(text)) for text in traces.alternatives_of(source)}
    return (span for block, span in _spans(new) if block.said.key in said)


def _cancel(found: Found, one: Wording, other: Wording) -> None:
    """Explain words that only stand elsewhere: of a cell of many lines, texts that are drawn have one in each row."""
    gone = {tuple(one.words[edit.start_a : edit.end_a]): edit for edit in found.changes if edit.start_b == edit.end_b}
    for edit in [edit for edit in found.changes if edit.start_a == edit.end_a]:
        if moved := gone.pop(tuple(other.words[edit.start_b : edit.end_b]), None):
            found.changes.remove(moved)
            found.changes.remove(edit)
            found.explained += [moved, edit]
