"""What an importer explains: the differences of a body from its page that were there before the page changed.

Asked for each pair of blocks. Words that are markup of the importer's dialect, or that the page says elsewhere, are
*explained*: they are left out of the comparison, and stay. Where the same letters are cut into other words at the
border of an element, a break was lost. All else is evidence of a change.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, groupby

from fetcher.markdown.reading.blocks import Block, Text
from fetcher.markdown.reading.wording import Edit, Wording, edits, plain, wording
from fetcher.merge import traces
from fetcher.merge.pairing import Hunk
from fetcher.merge.regroup import regrouped
from fetcher.merge.traces import Span, reading
from fetcher.page.flow import APART, UNSURE
from fetcher.page.unseen import Unseen
from fetcher.page.words import pieces

_ABBREVIATION = re.compile(r"[ \t>]*\*\[[^\]\n]+\]:")
_LINK = re.compile(r"(?<!!)\[[^\[\]\n]+\]\([^()\s]")
_ARROWS = "↩↵⏎↑⤴"  # that lead from a note back to the text
_HEADING = re.compile(r"h[1-6]")
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
        taken = [edit for edit in full if any(_stands_in(edit, span) for span in accepted)]
        rest = [edit for edit in self.changes if not any(_overlap(edit, other) for other in taken)]
        return sorted([*taken, *rest])


class Importer:
    """Knows a stored text, a fresh one, and what the page says unseen."""

    def __init__(self, stored: Text, fresh: Text, unseen: Unseen) -> None:
        self.stored, self.fresh, self.unseen = stored, fresh, unseen
        self._explained: set[Hunk] = set()

    def compare(self, hunk: Hunk) -> Found:
        """How the stored blocks of a hunk differ from the fresh ones that stand there."""
        old, new = self.stored.blocks[hunk.start_a : hunk.end_a], self.fresh.blocks[hunk.start_b : hunk.end_b]
        one, other = wording(old), wording(new)
        if self._is_unfenced(old, new):
            return Found(explained=[Edit(0, len(one.words), 0, len(other.words))])
        if hunk in self._explained:
            return Found(explained=[Edit(0, len(one.words), 0, 0)])
        mask_a, mask_b = self._masks(old, new)
        found = Found(new=list(new))
        if any(mask_b):
            places = zip(new, _places(new), strict=True)
            found.new = [block for block, (start, end) in places if not all(mask_b[start:end])]
        left, at_a = _left(one, mask_a)
        right, at_b = _left(other, mask_b)
        for edit in edits(left, right):
            for part in _split(left, right, edit):
                whole = Edit(*_back(part.start_a, part.end_a, at_a), *_back(part.start_b, part.end_b, at_b))
                is_glue = self._is_glue(left, right, part)
                (found.explained if is_glue else found.changes).append(whole)
        if new and all(block.kind == "tr" for block in new) and any(block.kind != "tr" for block in old):
            _cancel(found, one, other)
        found.explained += [Edit(*span, 0, 0) for span in _spans(mask_a)]
        found.explained += [Edit(0, 0, *span) for span in _spans(mask_b)]
        return found

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
                found += self._cut(hunk, at_edge=not first <= at <= last, at_end=at > last)
        return found

    def _cut(self, hunk: Hunk, *, at_edge: bool, at_end: bool) -> Iterator[Hunk]:
        """An unlinked hunk in parts: explained and other stored blocks in turns; what is new stands with the others."""
        blocks = self.stored.blocks[hunk.start_a : hunk.end_a]
        explained = [self._explains(block, at_edge=at_edge) for block in blocks]
        if not at_edge and not all(explained):  # what goes with other text is gone from the page
            explained = [self._explains(block, at_edge=False, known=False) for block in blocks]
        for k in range(len(blocks) - 2, -1, -1):  # the heading of what is explained
            explained[k] |= at_edge and explained[k + 1] and 0 < sum(map(str.isalpha, blocks[k].words)) <= _LABEL
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
        one, other = wording(old), wording(new)
        here, there = reading(one), reading(other)
        source, fresh = "".join(map(self.stored.source, old)), "".join(map(self.fresh.source, new))
        gaps_a, gaps_b, lost = _gaps(one, other)
        mask_a, mask_b = bytearray(len(one.words)), bytearray(len(other.words))
        _set(mask_a, map(here.words, traces.markup(here.text, there.text)))
        _set(mask_a, map(here.words, traces.boxes(here.text, source)))
        _set(mask_a, map(here.words, traces.heads(here.text, self._titles(new))), gaps_a)
        if ticked := "".join(block.said.marks.ticks for block in new):
            _set(mask_a, map(here.words, traces.ticks(here.text, ticked)), gaps_a)
        _set(mask_a, map(here.words, traces.citations(here.text, there.text, self._references)))
        found = traces.addresses(here.text, there.text, self.unseen, in_brackets=not self._has_links)
        _set(mask_a, map(here.words, found))
        _set(mask_a, map(here.words, traces.lines_and_bullets(here.text, self._without_marks(old))), gaps_a)
        _set(mask_a, map(here.words, traces.alternatives(here.text, traces.alternatives_of(fresh))), gaps_a)
        pictured = map(here.words, traces.alternatives(here.text, self.unseen.alternatives))
        _set(mask_a, (span for span in pictured if _is_gap(one.words, *span, gaps_a)))
        _set(mask_a, ((at, at + 1) for at, word in enumerate(one.words) if word in self.unseen.permalinks), gaps_a)
        _set(mask_b, self._captions(new, source), gaps_b)
        signs = _ARROWS + '"' * self.unseen.quotes
        _set(mask_b, ((at, at + 1) for at, word in enumerate(other.words) if word in signs), gaps_b)
        if any(block.kind == "tr" for block in old):
            _set(mask_b, _some(other.words, traces.cut_cells(source, one.words)), gaps_b)
        if any(block.kind == "pre" for block in new):
            _set(mask_a, _in_turn(one.words, traces.line_numbers(source)), lost)
        for forms in self.unseen.formulas:
            spans = traces.formula(here.text, forms)
            _set(mask_a, map(here.words, spans))
            _set(mask_b, map(there.words, traces.formula(there.text, forms)), None if spans else gaps_b)
        _set(mask_a, (span for span in _spans(lost) if known and self._says(one.words[slice(*span)])))
        for block, (start, end) in zip(old, _places(old), strict=True):
            if known and any(lost[start:end]) and self._is_known(block):
                _set(mask_a, ((k, k + 1) for k in range(start, end)), lost)
        return mask_a, mask_b

    @staticmethod
    def _titles(new: Sequence[Block]) -> Iterator[str]:
        """How the headings among fresh blocks begin."""
        for block in new:
            if _HEADING.fullmatch(block.kind) and block.words:
                yield wording([block]).text(0, _LABEL)

    def _without_marks(self, blocks: Sequence[Block]) -> str:
        """The source of stored blocks without the marks of their own lists."""
        return "".join(self.stored.source(block)[block.column :] for block in blocks)

    def _captions(self, new: Sequence[Block], source: str) -> Iterator[Span]:
        """The fresh blocks that say what the text in the place of a stored image says."""
        said = {"".join(pieces(text)) for text in traces.alternatives_of(source)}
        return (span for block, span in zip(new, _places(new), strict=True) if block.said.key in said)

    def _is_unfenced(self, old: Sequence[Block], new: Sequence[Block]) -> bool:
        """Whether stored source is the code of a fresh block, fences in it included, that nothing is put around."""
        if len(new) != 1 or new[0].kind != "pre" or not any(_FENCE.match(line) for line in new[0].said.marks.code):
            return False
        return "".join("".join(map(self.stored.source, old)).split()) == "".join("".join(new[0].said.marks.code).split())

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
        left, right = _cuts(one, edit.start_a, edit.end_a), _cuts(other, edit.start_b, edit.end_b)
        lost = [pair for at, pair in (right | left).items() if (at in left) != (at in right)]
        return all(pair in self.unseen.borders for pair in lost)

    @cached_property
    def _has_links(self) -> bool:
        """Whether the stored text has links as Markdown writes them."""
        return _LINK.search("".join(self.stored.lines)) is not None

    @cached_property
    def _references(self) -> frozenset[str]:
        return traces.references(self.stored.lines)


def _stands_in(edit: Edit, span: Edit) -> bool:
    on_the_left = span.start_a <= edit.start_a <= edit.end_a <= span.end_a
    on_the_right = span.start_b <= edit.start_b <= edit.end_b <= span.end_b
    return (on_the_left and edit.start_a < edit.end_a) or (on_the_right and edit.start_b < edit.end_b)


def _overlap(one: Edit, other: Edit) -> bool:
    return one.start_a < other.end_a and other.start_a < one.end_a


def _places(blocks: Sequence[Block]) -> Iterator[Span]:
    """Where the words of each block stand among those of all."""
    ends = accumulate(len(block.words) for block in blocks)
    return ((end - len(block.words), end) for block, end in zip(blocks, ends, strict=True))


def _set(mask: bytearray, spans: Iterable[Span], gaps: bytearray | None = None) -> None:
    """Mark the words of the spans; those alone, where `gaps` is given, of which the other side lacks every word."""
    for start, end in spans:
        if gaps is None or all(gaps[start:end]):
            mask[start:end] = b"\1" * (end - start)


def _is_gap(words: Sequence[str], start: int, end: int, gaps: bytearray) -> bool:
    """Whether the other side lacks the words; which of two that are the same, before and after a gap, none can tell."""
    if all(gaps[start:end]):
        return True
    for by in range(1, min(_LABEL, end - start)):
        if words[start : start + by] == words[end : end + by] and all(gaps[start + by : end + by]):
            return True
        if words[start - by : start] == words[end - by : end] and start >= by and all(gaps[start - by : end - by]):
            return True
    return False


def _spans(mask: bytearray) -> Iterator[Span]:
    start = mask.find(1)
    while start >= 0:
        end = mask.find(0, start)
        end = len(mask) if end < 0 else end
        yield start, end
        start = mask.find(1, end)


def _gaps(one: Wording, other: Wording) -> tuple[bytearray, bytearray, bytearray]:
    """For each word of either side whether the other lacks it, and for those of the first if it has nothing there."""
    gaps_a, gaps_b, lost = bytearray(len(one.words)), bytearray(len(other.words)), bytearray(len(one.words))
    for edit in edits(one, other):
        _set(gaps_a, [(edit.start_a, edit.end_a)])
        _set(gaps_b, [(edit.start_b, edit.end_b)])
        if not plain(other.words[edit.start_b : edit.end_b]):
            _set(lost, [(edit.start_a, edit.end_a)])
    return gaps_a, gaps_b, lost


def _in_turn(words: Sequence[str], wanted: Iterable[str]) -> Iterator[Span]:
    """Where the wanted words stand, each after the one before."""
    rest = iter(wanted)
    word = next(rest, None)
    for at, found in enumerate(words):
        if found == word:
            yield at, at + 1
            word = next(rest, None)


def _some(words: Sequence[str], wanted: Counter[str]) -> Iterator[Span]:
    """Where the wanted words stand, each as often as it is wanted."""
    for at, word in enumerate(words):
        if wanted[word]:
            wanted[word] -= 1
            yield at, at + 1


def _left(text: Wording, mask: bytearray) -> tuple[Wording, list[int]]:
    """A wording without its masked words, and where the others stand in it."""
    kept = [at for at, masked in enumerate(mask) if not masked]
    touch = bytearray(UNSURE if at and mask[at - 1] else text.touch[at] for at in kept)
    return Wording([text.words[at] for at in kept], touch, bytearray(text.code[at] for at in kept)), kept


def _back(start: int, end: int, places: list[int]) -> Span:
    """The span in a wording of one in what is left of it."""
    if start < end:
        return places[start], places[end - 1] + 1
    at = places[start - 1] + 1 if start else 0
    return at, at


def _split(one: Wording, other: Wording, edit: Edit) -> Iterator[Edit]:
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


def _cuts(text: Wording, start: int, end: int) -> dict[int, tuple[str, str]]:
    """Where white space parts the letters of some words, by the count of letters before: the words on either side."""
    found, size = {}, 0
    for at in range(start, end):
        if at > start and text.touch[at] == APART:
            found[size] = text.words[at - 1], text.words[at]
        size += len(plain(text.words[at : at + 1]))
    return found


def _cancel(found: Found, one: Wording, other: Wording) -> None:
    """Explain words that only stand elsewhere: of a cell of many lines, texts that are drawn have one in each row."""
    gone = {tuple(one.words[edit.start_a : edit.end_a]): edit for edit in found.changes if edit.start_b == edit.end_b}
    for edit in [edit for edit in found.changes if edit.start_a == edit.end_a]:
        if moved := gone.pop(tuple(other.words[edit.start_b : edit.end_b]), None):
            found.changes.remove(moved)
            found.changes.remove(edit)
            found.explained += [moved, edit]
