"""Masks the words that an importer explains, and maps edits of the words that are left back to all words."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate

from fetcher.markdown.reading.blocks import Block, Text
from fetcher.markdown.reading.wording import Edit, Wording, edits, plain, wording
from fetcher.merge import patterns
from fetcher.merge.code_blocks import line_numbers
from fetcher.merge.patterns import Span, reading
from fetcher.page.hidden_text import Unseen
from fetcher.page.semantics import HEADINGS
from fetcher.page.word_spans import UNSURE
from fetcher.page.words import split_words

_ABBREVIATION = re.compile(r"[ \t>]*\*\[[^\]\n]+\]:")
_LINK = re.compile(r"(?<!!)\[[^\[\]\n]+\]\([^()\s]")
_NOTE = re.compile(r"[ \t>]*\[\^[^\]\n]+\]:")
_CITES = re.compile(r"\[\^[^\]\s]+\](?!:)")
_ARROWS = "↩↵⏎↑⤴"  # of links from a footnote back to the text
_TITLE = 4  # words by which a heading is recognised
_SHIFT = 4  # words by which a gap may be shifted between equal words
_MARKUP = frozenset("<>#*_`~")  # that Markdown does not show


def places(blocks: Sequence[Block]) -> Iterator[Span]:
    """The span of each block's words among the words of all blocks."""
    ends = accumulate(len(block.words) for block in blocks)
    return ((end - len(block.words), end) for block, end in zip(blocks, ends, strict=True))


def spanned(blocks: Sequence[Block]) -> Iterator[tuple[Block, Span]]:
    """Each block with the span of its words among the words of all."""
    return zip(blocks, places(blocks), strict=True)


def mark(mask: bytearray, spans: Iterable[Span], gaps: bytearray | None = None) -> None:
    """Mark the words of the spans; with `gaps`, only of spans that are gaps as a whole."""
    for start, end in spans:
        if gaps is None or all(gaps[start:end]):
            mask[start:end] = b"\1" * (end - start)


def is_gap(words: Sequence[str], start: int, end: int, gaps: bytearray) -> bool:
    """Whether the other side lacks the words; a gap between equal words may as well be shifted by some words."""
    if all(gaps[start:end]):
        return True
    for by in range(1, _SHIFT):
        if words[start : start + by] == words[end : end + by] and all(gaps[start + by : end + by]):
            return True
        if words[start - by : start] == words[end - by : end] and start >= by and all(gaps[start - by : end - by]):
            return True
    return False


def spans(mask: bytearray) -> Iterator[Span]:
    """The spans of the marked words."""
    start = mask.find(1)
    while start >= 0:
        end = mask.find(0, start)
        end = len(mask) if end < 0 else end
        yield start, end
        start = mask.find(1, end)


def gaps(one: Wording, other: Wording) -> tuple[bytearray, bytearray, bytearray]:
    """For each word of both sides if the other lacks it; for each of the first if the other has nothing there."""
    gaps_a, gaps_b, lost = bytearray(len(one.words)), bytearray(len(other.words)), bytearray(len(one.words))
    for edit in edits(one, other):
        mark(gaps_a, [(edit.start_a, edit.end_a)])
        mark(gaps_b, [(edit.start_b, edit.end_b)])
        if not plain(other.words[edit.start_b : edit.end_b]):
            mark(lost, [(edit.start_a, edit.end_a)])
    return gaps_a, gaps_b, lost


def in_turn(words: Sequence[str], wanted: Iterable[str]) -> Iterator[Span]:
    """The spans of the wanted words, in their order."""
    rest = iter(wanted)
    word = next(rest, None)
    for at, found in enumerate(words):
        if found == word:
            yield at, at + 1
            word = next(rest, None)


def some(words: Sequence[str], wanted: Counter[str]) -> Iterator[Span]:
    """The spans of the wanted words, each as often as it is wanted."""
    for at, word in enumerate(words):
        if wanted[word]:
            wanted[word] -= 1
            yield at, at + 1


def left(text: Wording, mask: bytearray) -> tuple[Wording, list[int]]:
    """A wording without its masked words, and the indexes of the other words."""
    kept = [at for at, masked in enumerate(mask) if not masked]
    touch = bytearray(UNSURE if at and mask[at - 1] else text.touch[at] for at in kept)
    return Wording([text.words[at] for at in kept], touch, bytearray(text.code[at] for at in kept)), kept


def back(start: int, end: int, places: list[int]) -> Span:
    """The span among all words of a span among the words left, whose indexes are `places`."""
    if start < end:
        return places[start], places[end - 1] + 1
    at = places[start - 1] + 1 if start else 0
    return at, at


def split(one: Wording, other: Wording, edit: Edit) -> Iterator[Edit]:
    """An edit, split into the ends that have the same letters, though in other words, and the rest."""
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
    """How many words at the start of each side have the same letters."""
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


class Masks:
    """Masks the words of stored and fresh blocks that the importer explains."""

    def __init__(self, stored: Text, fresh: Text, unseen: Unseen) -> None:
        self.stored, self.fresh, self.unseen = stored, fresh, unseen

    def of(self, old: Sequence[Block], new: Sequence[Block], *, known: bool = True) -> tuple[bytearray, bytearray]:
        """For each word of both sides whether the importer explains that the other side lacks it."""
        sides = _Sides(old, new, self.stored)
        mask_a, mask_b = bytearray(len(sides.one.words)), bytearray(len(sides.other.words))
        self._mark_markup(sides, mask_a)
        self._mark_drawn(sides, mask_a, mask_b)
        mark(mask_a, map(sides.here.words, patterns.tex(sides.here.text)), sides.gaps_a)
        mark(mask_b, map(sides.there.words, patterns.tex(sides.there.text)), sides.gaps_b)
        named, drawn = patterns.short_codes(sides.here.text, sides.there.text)
        mark(mask_a, map(sides.here.words, named), sides.gaps_a)
        mark(mask_b, map(sides.there.words, drawn), sides.gaps_b)
        for forms in self.unseen.formulas:
            found = patterns.formula(sides.here.text, forms)
            mark(mask_a, map(sides.here.words, found))
            mark(
                mask_b,
                map(sides.there.words, patterns.formula(sides.there.text, forms)),
                None if found else sides.gaps_b,
            )
        if known:
            self._mark_known(sides, mask_a)
        return mask_a, mask_b

    def _mark_markup(self, sides: "_Sides", mask: bytearray) -> None:
        """Mask the markup of dialects around and before text."""
        here, shown, source = sides.here, sides.there.text, sides.source
        marked = (here.words(span) for span in patterns.markup(here.text, shown))
        mark(mask, (span for span in marked if not all(sides.one.code[slice(*span)])))
        mark(mask, map(here.words, patterns.pairs(here.text, self.unseen)), sides.gaps_a)
        mark(mask, map(here.words, patterns.wiki_links(here.text, self.unseen)), sides.gaps_a)
        mark(mask, map(here.words, patterns.captions(here.text, self.unseen)), sides.gaps_a)
        cited = map(here.words, patterns.citations(here.text, shown, self._references))
        mark(mask, (span for span in cited if is_gap(sides.one.words, *span, sides.gaps_a)))
        found = patterns.addresses(here.text, source, shown, self.unseen, in_brackets=not self._has_links)
        mark(mask, map(here.words, found))
        bare = "".join(self.stored.source(block)[block.column :] for block in sides.old)  # without marks of lists
        mark(mask, map(here.words, patterns.lines_and_bullets(here.text, bare)), sides.gaps_a)
        mark(mask, map(here.words, patterns.heads(here.text, _titles(sides.new))), sides.gaps_a)
        if self.unseen.has("ol"):
            mark(mask, map(here.words, patterns.numbers(here.text, bare)), sides.gaps_a)
        dashes = map(here.words, patterns.dashes(here.text))
        mark(mask, (span for span in dashes if is_gap(sides.one.words, *span, sides.gaps_a)))
        if ticked := "".join(block.content.markup.ticks for block in sides.new):
            mark(mask, map(here.words, patterns.ticks(here.text, ticked)), sides.gaps_a)
        if any(block.kind == "pre" for block in sides.new):
            mark(mask, in_turn(sides.one.words, line_numbers(source)), sides.lost)

    def _mark_drawn(self, sides: "_Sides", mask_a: bytearray, mask_b: bytearray) -> None:
        """Mask what stands for images and icons, and fresh words that the importer does not write."""
        here, one, other = sides.here, sides.one, sides.other
        fresh = "".join(map(self.fresh.source, sides.new))
        mark(
            mask_a,
            map(here.words, patterns.alternatives(here.text, patterns.alternatives_of(fresh))),
            sides.gaps_a,
        )
        pictured = map(here.words, patterns.alternatives(here.text, self.unseen.alternatives))
        mark(mask_a, (span for span in pictured if is_gap(one.words, *span, sides.gaps_a)))
        mark(mask_a, _where(one.words, self.unseen.permalinks), sides.gaps_a)
        mark(mask_a, patterns.icons(one, self.unseen), sides.gaps_a)
        mark(mask_a, patterns.pictured(one, self.unseen), sides.gaps_a)
        mark(mask_b, (span for span in _captions(sides.new, sides.source) if other.text(*span) not in here.text))
        mark(mask_b, _where(other.words, _ARROWS + '"' * self.unseen.has("q")), sides.gaps_b)
        mark(mask_b, sides.unescaped())
        if _NOTE.match(sides.source):  # which has the number of the note
            mark(
                mask_b,
                [(0, 1 + (other.words[1:2] == ["."]))] if "".join(other.words[:1]).isdigit() else [],
                sides.gaps_b,
            )
        if _CITES.search(sides.source):
            mark(mask_b, _around_numbers(other.words), sides.gaps_b)
        if any(block.kind == "tr" for block in sides.old):
            mark(mask_b, some(other.words, patterns.cut_cells(sides.source, one.words)), sides.gaps_b)

    def _mark_known(self, sides: "_Sides", mask: bytearray) -> None:
        """Mask what the page has unseen."""
        words, lost = sides.one.words, sides.lost
        mark(mask, (span for span in spans(lost) if self._says(words[slice(*span)])))
        for block, (start, end) in spanned(sides.old):
            if any(lost[start:end]) and self._is_known(block):
                mark(mask, ((k, k + 1) for k in range(start, end)), lost)

    def _is_known(self, block: Block) -> bool:
        """Whether a block is an abbreviation, or a text that the page has unseen."""
        if _ABBREVIATION.match(self.stored.source(block)):
            return True
        return self._says(block.words)

    def _says(self, words: Sequence[str]) -> bool:
        """Whether several words are a text that the page has in its metadata, an attribute or a control."""
        letters = tuple(word for word in words if word[0].isalnum())
        known = (self.unseen.metadata, self.unseen.attributes, self.unseen.controls)
        return len(letters) > 1 and any(letters in texts or tuple(words) in texts for texts in known)

    @cached_property
    def _has_links(self) -> bool:
        """Whether the stored text has links as Markdown writes them."""
        return _LINK.search("".join(self.stored.lines)) is not None

    @cached_property
    def _references(self) -> frozenset[str]:
        return patterns.references(self.stored.lines)


class _Sides:
    """Stored and fresh blocks, their words and texts, and which words the other side lacks (`gaps`)."""

    def __init__(self, old: Sequence[Block], new: Sequence[Block], stored: Text) -> None:
        self.old, self.new = old, new
        self.one, self.other = wording(old), wording(new)
        self.here, self.there = reading(self.one), reading(self.other)
        self.source = "".join(map(stored.source, old))
        self.gaps_a, self.gaps_b, self.lost = gaps(self.one, self.other)

    def unescaped(self) -> Iterator[Span]:
        """The signs of the new blocks that the source has as well, where they are markup as nothing escapes them."""
        words, source = self.other.words, "".join(self.source.split()) if any(self.gaps_b) else ""
        for start, end in spans(self.gaps_b):
            is_markup = _MARKUP.issuperset("".join(words[start:end]))
            if is_markup and "".join(words[max(start - 1, 0) : end + 1]) in source:
                yield start, end


def _where(words: Sequence[str], wanted: Collection[str]) -> Iterator[Span]:
    return ((at, at + 1) for at, word in enumerate(words) if word in wanted)


def _around_numbers(words: Sequence[str]) -> Iterator[Span]:
    """The brackets around numbers, as in footnote references of pages."""
    for at in range(1, len(words) - 1):
        if words[at].isdigit() and words[at - 1] == "[" and words[at + 1] == "]":
            yield from ((at - 1, at), (at + 1, at + 2))


def _titles(new: Sequence[Block]) -> Iterator[str]:
    """The first words of the fresh headings."""
    for block in new:
        if block.kind in HEADINGS and block.words:
            yield wording([block]).text(0, _TITLE)


def _captions(new: Sequence[Block], source: str) -> Iterator[Span]:
    """The spans of fresh blocks that say what the alternative text of a stored image says."""
    said = {"".join(split_words(text)) for text in patterns.alternatives_of(source)}
    return (span for block, span in spanned(new) if block.content.key in said)
