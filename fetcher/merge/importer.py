"""Separates what an importer made of its page from what has changed on the page since.

For each hunk, words that are markup of the importer's dialect, or that the page has elsewhere, are *explained*: they
are left out of the comparison, and stay. Where the same letters are cut into words otherwise at the border of an
element, the importer has lost a break. Every other difference is a change of the page.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from fetcher.markdown.reading.blocks import Block, Text
from fetcher.markdown.reading.wording import Edit, Wording, edits, plain, wording
from fetcher.merge import masks, patterns
from fetcher.merge.importer_blocks import LABEL, ImporterBlocks
from fetcher.merge.masks import Masks
from fetcher.merge.pairing import Hunk
from fetcher.merge.patterns import reading
from fetcher.merge.regroup import is_absent_table, regrouped, with_tables
from fetcher.page.hidden_text import Unseen
from fetcher.page.word_spans import APART

_FENCE = re.compile(r"\s*(?:```|~~~)")
_MARKED = ("{", "[", ":")  # what attributes, names of pages and names of icons begin with


@dataclass(slots=True)
class Comparison:
    """How the blocks of a hunk differ: changes of the page, edits that the importer explains, and the `new` blocks.

    `new` lacks the blocks that the importer explains, such as a caption that it has put into the image.
    """

    changes: list[Edit] = field(default_factory=list)
    explained: list[Edit] = field(default_factory=list)
    new: Sequence[Block] = field(default_factory=list)

    def with_changes(self, accepted: Sequence[Edit], full: Sequence[Edit]) -> list[Edit]:
        """The changes, and those edits among all (`full`) that stand in `accepted` ones."""
        taken = [edit for edit in full if any(edit.stands_in(span) for span in accepted)]
        rest = [edit for edit in self.changes if not any(edit.overlaps(other) for other in taken)]
        return sorted([*taken, *rest])


class Importer:
    """Explains differences of a stored and a fresh text by what the page has `unseen`."""

    def __init__(self, stored: Text, fresh: Text, unseen: Unseen) -> None:
        self.stored, self.fresh, self.unseen = stored, fresh, unseen
        self._explained: set[Hunk] = set()
        self._compared: dict[Hunk, Comparison] = {}
        self._masks = Masks(stored, fresh, unseen)
        self._own = ImporterBlocks(stored, fresh, unseen, self._masks)

    def bare(self) -> list[Block]:
        """The stored blocks without attributes such as `{#id .class}`, which may be longer than their text."""
        return [_bare(block) if "{" in block.content.key else block for block in self.stored.blocks]

    def compare(self, hunk: Hunk) -> Comparison:
        """How the stored and the fresh blocks of a hunk differ; to be called after `regroup`."""
        if hunk not in self._compared:
            self._compared[hunk] = self._comparison(hunk)
        return self._compared[hunk]

    def _comparison(self, hunk: Hunk) -> Comparison:
        old, new = hunk.old(self.stored.blocks), hunk.new(self.fresh.blocks)
        one, other = wording(old), wording(new)
        if self._is_unfenced(old, new) or self._is_absent(hunk):
            return Comparison(explained=[Edit(0, len(one.words), 0, len(other.words))])
        if hunk in self._explained:
            return Comparison(explained=[Edit(0, len(one.words), 0, 0)])
        mask_a, mask_b = self._masks.of(old, new)
        if not old:
            masks.mark(mask_b, (span for block, span in masks.spanned(new) if self._own.leaves_out(block)))
        found = Comparison(new=new)
        if any(mask_b):
            found.new = [block for block, (start, end) in masks.spanned(new) if not all(mask_b[start:end])]
        borders = {start for start, _ in masks.places(new)}
        left, at_a = masks.left(one, mask_a)
        right, at_b = masks.left(other, mask_b)
        for edit in edits(left, right):
            for part in masks.split(left, right, edit):
                whole = Edit(*masks.back(part.start_a, part.end_a, at_a), *masks.back(part.start_b, part.end_b, at_b))
                whole = _without_brackets(one.words, other.words, whole)
                is_glue = self._is_glue(left, right, part) or _joins(one, whole, borders)
                (found.explained if is_glue else found.changes).append(whole)
        if new and all(block.kind == "tr" for block in new) and any(block.kind != "tr" for block in old):
            _cancel(found, one, other)
        found.explained += [Edit(*span, 0, 0) for span in masks.spans(mask_a)]
        found.explained += [Edit(0, 0, *span) for span in masks.spans(mask_b)]
        return found

    def shapes(self, hunk: Hunk) -> bool:
        """Whether the importer has made one block of several here."""
        old, new = hunk.old(self.stored.blocks), hunk.new(self.fresh.blocks)
        borders = {start for start, _ in masks.places(new)}
        one, explained = wording(old), self.compare(hunk).explained
        if any(target in self.unseen.around for block in new for target in self._leads(block)):
            return True
        return any(_joins(one, edit, borders) or _is_head(one, edit) or _is_mark(one, edit) for edit in explained)

    def marks(self, hunk: Hunk) -> bool:
        """Whether all that the importer has added are signs, numbers or attributes."""
        one = wording(hunk.old(self.stored.blocks))
        texts = [edit.removed(one).strip() for edit in self.compare(hunk).explained]
        return bool(texts) and all(text[:1] in _MARKED or not any(map(str.isalpha, text)) for text in texts)

    def _leads(self, block: Block) -> Iterator[str]:
        return map(self.unseen.leads, block.links)

    def kept_words(self, hunk: Hunk) -> list[str]:
        """The stored words of a hunk that the importer has added."""
        words = wording(hunk.old(self.stored.blocks)).words
        return [word for edit in self.compare(hunk).explained for word in words[edit.start_a : edit.end_a]]

    def regroup(self, hunks: list[Hunk]) -> list[Hunk]:
        """The hunks as the importer would cut them; each run of explained stored blocks is a hunk of its own."""
        hunks = regrouped(hunks, self.stored, self.fresh)
        self._own.learn(hunks, self.bare())
        linked = [at for at, hunk in enumerate(hunks) if hunk.linked]
        first, last = (linked[0], linked[-1]) if linked else (0, -1)
        found: list[Hunk] = []
        for at, hunk in enumerate(hunks):
            if hunk.linked or hunk.only_adds:
                found.append(hunk)
            else:
                edge, end = not first <= at <= last, at > last
                for part in with_tables(hunk, self.stored, self.fresh):
                    found += [part] if self._is_absent(part) else self._cut(part, at_edge=edge, at_end=end)
        return found

    def _is_absent(self, hunk: Hunk) -> bool:
        return is_absent_table(hunk, self.stored, self.fresh)

    def _cut(self, hunk: Hunk, *, at_edge: bool, at_end: bool) -> Iterator[Hunk]:
        """An unlinked hunk, split into runs of explained and of other stored blocks; new blocks go with the others."""
        blocks = hunk.old(self.stored.blocks)
        explained = [self._own.explains(block, at_edge=at_edge) for block in blocks]
        if not at_edge and not all(explained):  # what goes together with other text has gone from the page
            explained = [self._own.explains(block, at_edge=False, known=False) for block in blocks]
        for k in range(len(blocks) - 2, -1, -1):  # the heading above explained blocks
            explained[k] |= at_edge and explained[k + 1] and 0 < sum(map(str.isalpha, blocks[k].words)) <= LABEL
        for k in range(1, len(blocks)):  # a label below explained blocks, above the text
            explained[k] |= at_edge and explained[k - 1] and _is_label(blocks[k])
        if not any(explained):
            yield hunk
            return
        a, b = hunk.start_a, hunk.start_b
        if b < hunk.end_b and all(explained) and (at_end or any(map(self._own.opens, blocks))):
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

    def _is_unfenced(self, old: Sequence[Block], new: Sequence[Block]) -> bool:
        """Whether the stored source is a fresh block's code that has fences in it, stored without fences around it."""
        if len(new) != 1 or new[0].kind != "pre" or not any(_FENCE.match(line) for line in new[0].content.markup.code):
            return False
        return "".join("".join(map(self.stored.source, old)).split()) == "".join(
            "".join(new[0].content.markup.code).split()
        )

    def _is_glue(self, one: Wording, other: Wording, edit: Edit) -> bool:
        """Whether an edit only cuts the same letters into other words, and all at borders of elements."""
        if one.plain_of(edit.start_a, edit.end_a) != other.plain_of(edit.start_b, edit.end_b):
            return False
        left, right = _cuts(one, edit.start_a, edit.end_a), _cuts(other, edit.start_b, edit.end_b)
        lost = [pair for at, pair in (right | left).items() if (at in left) != (at in right)]
        return all(pair in self.unseen.borders for pair in lost)


def _cuts(text: Wording, start: int, end: int) -> dict[int, tuple[str, str]]:
    """The pairs of words that white space separates, by the number of letters before it."""
    found, size = {}, 0
    for at in range(start, end):
        if at > start and text.touch[at] == APART:
            found[size] = text.words[at - 1], text.words[at]
        size += len(plain(text.words[at : at + 1]))
    return found


def _bare(block: Block) -> Block:
    text = wording([block])
    here, mask = reading(text), bytearray(len(text.words))
    masks.mark(mask, map(here.words, patterns.attributes(here.text)))
    left, _ = masks.left(text, mask)
    return replace(block, content=replace(block.content, words=left.words, touch=left.touch, code=left.code))


def _is_label(block: Block) -> bool:
    return block.words[-1:] == [":"] and 0 < sum(map(str.isalpha, block.words)) <= LABEL


def _joins(one: Wording, edit: Edit, borders: Collection[int]) -> bool:
    """Whether an edit removes a sign by which the importer separates two blocks of the page in one of its own."""
    signs = one.words[edit.start_a : edit.end_a]
    is_between = edit.only_removes and edit.start_b > 0 and edit.start_b in borders
    return is_between and len(signs) == 1 and not signs[0].isalnum()


def _is_mark(one: Wording, edit: Edit) -> bool:
    """Whether an edit removes the number that a list item begins with, as text."""
    return edit.start_a == 0 and one.words[: edit.end_a][1:] in ([")"], ["."])


def _is_head(one: Wording, edit: Edit) -> bool:
    """Whether an edit removes the `#` of a heading within text."""
    return {*one.words[edit.start_a : edit.end_a]} == {"#"}


def _without_brackets(one: Sequence[str], other: Sequence[str], edit: Edit) -> Edit:
    """The edit without brackets around the stored words, if the fresh ones have none."""
    a, b, c, d = edit
    if c < d and not {"[", "]"} & {*other[c:d]}:
        while a < b - 1 and one[a] == "[":
            a += 1
        while a < b - 1 and one[b - 1] == "]":
            b -= 1
    return Edit(a, b, c, d)


def _cancel(found: Comparison, one: Wording, other: Wording) -> None:
    """Explain words that only moved: a drawn table has each line of a cell in another row."""
    gone = {tuple(one.words[edit.start_a : edit.end_a]): edit for edit in found.changes if edit.only_removes}
    for edit in [edit for edit in found.changes if edit.only_adds]:
        if moved := gone.pop(tuple(other.words[edit.start_b : edit.end_b]), None):
            found.changes.remove(moved)
            found.changes.remove(edit)
            found.explained += [moved, edit]
