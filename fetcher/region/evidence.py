"""Collects evidence about each element of a page: how much of it is stored, and how similar elements were treated."""

import re
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, compress, pairwise, repeat
from operator import eq, sub

from fetcher.align import Match
from fetcher.markdown.reading.blocks import Text
from fetcher.page.page import missing_titles
from fetcher.page.semantics import HEADINGS, SUSPECT, ElementKind, subtree_sums
from fetcher.page.word_spans import UNSURE, WordSpans
from fetcher.region.ignorable import Ignorable
from fetcher.region.lines import Lines

_RUN = 6  # words in a row that make an element stored, however much else it holds
_MENU = 60  # the most words of a menu or breadcrumb
_AROUND = 5  # words beside the stored text that may be its new beginning or end


@dataclass(slots=True)
class Group:
    """Siblings with the same tag and class: how many, how many of them are stored, and their words."""

    count: int = 0
    stored: int = 0
    stored_words: int = 0
    new_words: int = 0


class Evidence:
    """The evidence for every element `k`, found in a few passes over the page.

    `sizes[k]` is its number of words; `stored[k]` whether it, or a passage in it, is stored: a few words shared by
    chance do not count. `ignorable` tells what is not content.
    """

    def __init__(self, page: WordSpans, text: Text, matches: Sequence[Match]) -> None:
        stored = text.words
        self.page, self._words, self._text = page, stored, text
        self.first = matches[0].start_b if matches else 0
        self.last = matches[-1].end_b if matches else 0
        gaps = pairwise([Match(0, 0, 0), *matches, Match(len(stored), len(page.words), 0)])
        self.lost = sum(sum(map(str.isalnum, stored[before.end_a : found.start_a])) for before, found in gaps)
        self._marks, in_runs = _marks(page, stored, matches)
        _unmark_menus(page, text, self._marks, in_runs)
        matched = [*accumulate(self._marks, initial=0)]
        self._gaps = _gaps(len(stored), len(page.words), matches)
        _mark_headings(page, text, matches, (self._marks, in_runs, self._gaps))
        self.ignorable = Ignorable(page, stored, self.first)
        for k in page.furniture:  # beside the words of a heading, too
            start, end = page.starts[k], page.ends[k]
            if self._marks.find(1, start, end) < 0:
                in_runs[start:end] = bytes(end - start)
        passages = [*accumulate(in_runs, initial=0)]
        self.sizes = page.counts.words
        self._hits = _within(page, matched)
        every = zip(_within(page, passages), self._hits, self.sizes, strict=True)
        self.stored = [in_passages > 0 or hits * 3 > size for in_passages, hits, size in every]
        classes = [its.get("class", "") for its in page.attributes]
        self.signatures = [*map(_signature, page.tags, classes, map(eq, page.kinds, repeat(ElementKind.HIDDEN)))]
        self._anchor_counts = _anchor_counts(page, text.anchors)
        self._stored_of = Counter(compress(self.signatures, self.stored))
        self._left_out_of = Counter(self.signatures[k] for k in self._left_out())
        self._groups: dict[int, dict[str, Group]] = {}

    @cached_property
    def missing_titles(self) -> frozenset[int]:
        """The elements that are the page's title, if that is not stored."""
        return missing_titles(self.page, self._words)

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.page, self._marks)

    def is_in_line(self, k: int) -> bool:
        """Whether the element is part of a line: of a block, or of text that is directly in a box."""
        return self._lines.holds(k, self.page.parents[k])

    def is_label(self, k: int) -> bool:
        """Whether the element is in a box, and not part of a line or a table."""
        return self.page.kinds[self.page.parents[k]] is ElementKind.CONTAINER and not self.is_in_line(k)

    def is_in_stored_line(self, k: int) -> bool:
        """Whether some word of the element's line is stored."""
        return self._lines.is_stored(self.page.starts[k])

    def has_hits(self, start: int, end: int) -> bool:
        """Whether any of the page's words `start:end` is stored."""
        return self._marks.find(1, start, end) >= 0

    def is_well_stored(self, k: int) -> bool:
        """Whether a good part of the element is stored."""
        return self._hits[k] >= 0.3 * self.sizes[k]

    def is_mostly_new(self, k: int) -> bool:
        """Whether the stored words are a small island in the element."""
        return self.sizes[k] > 7 * self._hits[k]

    def is_inside(self, start: int, end: int) -> bool:
        """Whether the page's words `start:end` are between stored ones."""
        return self.first < start and end < self.last

    def words_replaced(self, start: int, end: int) -> int:
        """How many lost stored words were at the place of the first new one of the page's words `start:end`."""
        first = self._marks.find(0, start, end)
        return self._gaps[first if first >= 0 else start]

    def is_all_boilerplate(self, k: int) -> bool:
        """Whether all of the element's words are in boilerplate or hidden elements."""
        return self._boilerplate_words[k] >= self.sizes[k]

    @cached_property
    def _boilerplate_words(self) -> list[int]:
        apart = (size if here in SUSPECT else 0 for size, here in zip(self.sizes, self.page.kinds, strict=True))
        return subtree_sums(self.page, apart)

    def is_anchored(self, k: int) -> bool:
        """Whether the body links to a place in the element, which therefore existed when it was stored."""
        return self._anchor_counts[self.page.after[k]] > self._anchor_counts[k]

    def is_one_word(self, k: int) -> bool:
        """Whether the element is a line of one word, and a stored line of one word is gone."""
        return self.sizes[k] == 1 and not self.is_in_line(k) and self._has_lost_word

    @cached_property
    def _has_lost_word(self) -> bool:
        known = frozenset(self.page.words)
        return any(len(block.words) == 1 and known.isdisjoint(block.words) for block in self._text.blocks)

    def is_missing_title(self, k: int) -> bool:
        """Whether the element is the page's title, not stored and not in place of something stored."""
        return k in self.missing_titles and not self.words_replaced(self.page.starts[k], self.page.ends[k])

    def same_class_stored(self, k: int) -> int:
        """How many elements of the page with its tag and class are stored."""
        return self._stored_of[self.signatures[k]]

    def same_class_left_out(self, k: int) -> int:
        """How many elements with its tag and class are not stored although all around them is."""
        return self._left_out_of[self.signatures[k]]

    def siblings_alike(self, k: int) -> Group:
        """The siblings with its tag and class, without itself."""
        parent = self.page.parents[k]
        if parent not in self._groups:
            self._groups[parent] = self._groups_in(parent)
        group = self._groups[parent][self.signatures[k]]
        stored, size = self.stored[k], self.sizes[k]
        return Group(
            group.count - 1,
            group.stored - stored,
            group.stored_words - size * stored,
            group.new_words - size * (not stored),
        )

    def _groups_in(self, parent: int) -> dict[str, Group]:
        """The children of an element by their tag and class."""
        groups: dict[str, Group] = defaultdict(Group)
        k = parent + 1
        while k < self.page.after[parent]:
            if size := self.sizes[k]:
                group, stored = groups[self.signatures[k]], self.stored[k]
                group.count += 1
                group.stored += stored
                group.stored_words += size * stored
                group.new_words += size * (not stored)
            k = self.page.after[k]
        return groups

    def _left_out(self) -> Iterator[int]:
        """The elements that are not stored although all around them is."""
        hits, sizes = self._hits, self.sizes
        for k, (parent, size, stored) in enumerate(zip(self.page.parents, sizes, self.stored, strict=True)):
            if size and not stored and parent >= 0 and hits[parent]:
                rest = sizes[parent] - size
                if rest > 0 and hits[parent] >= 0.6 * rest:
                    yield k


@lru_cache(maxsize=4096)  # a page has many elements, but few classes
def _signature(tag: str, classes: str, is_hidden: bool) -> str:
    """The tag and class. Hidden elements have one of their own: of tab panels, importers store the open one."""
    return " ".join([tag, *classes.split(), *["hidden"] * is_hidden])


def _within(page: WordSpans, before: Sequence[int]) -> list[int]:
    """For each element the sum of its words' values, given the sums of those before each word."""
    return [*map(sub, map(before.__getitem__, page.ends), map(before.__getitem__, page.starts))]


def _marks(page: WordSpans, stored: Sequence[str], matches: Sequence[Match]) -> tuple[bytearray, bytearray]:
    """For each of the page's words whether it is stored, and whether it is in a long stored run."""
    matched, in_runs = bytearray(len(page.words)), bytearray(len(page.words))
    for found in matches:
        matched[found.start_b : found.end_b] = b"\1" * found.size
        if found.size >= _RUN:
            in_runs[found.start_b : found.end_b] = b"\1" * found.size
    unsure = [found.start() for found in _UNSURE.finditer(page.touch)]
    joined = [page.words[word - 1] + page.words[word] for word in unsure]
    known = set(joined).intersection(stored)
    for word in compress(unsure, map(known.__contains__, joined)):
        # A drop cap, `<b>O</b>nce`, is part of a stored word.
        matched[word - 1 : word + 1] = b"\1\1"
    return matched, in_runs


_UNSURE = re.compile(bytes([UNSURE]))


def _mark_headings(
    page: WordSpans, text: Text, matches: Sequence[Match], known: tuple[bytearray, bytearray, Sequence[int]]
) -> None:
    """Mark headings as passages, however short, if they are stored, or if half of them is in place of stored words.

    Also headings with words of a stored heading that the page lacks: it was reworded.
    """
    marks, in_runs, gaps = known
    heads = {k for k in page.tagged(*HEADINGS) if page.starts[k] < page.ends[k]}
    changed = list(_changed_headings(page, heads, text, matches))
    for k in heads:
        start, end = page.starts[k], page.ends[k]
        new = marks.find(0, start, end)
        is_stored = new < 0 or (gaps[new] and marks.count(1, start, end) * 2 >= end - start)
        if is_stored or any(start <= at < end for at in changed):
            in_runs[start:end] = b"\1" * (end - start)


def _unmark_menus(page: WordSpans, text: Text, marks: bytearray, in_runs: bytearray) -> None:
    """Take the page's title for the stored one, and not a menu or breadcrumb above that only shares its words."""
    heads = (k for k in page.tagged("h1") if page.kinds[k] is ElementKind.CONTENT)
    head = next((k for k in heads if page.starts[k] < page.ends[k]), 0)
    first, last = page.starts[head], page.ends[head]
    named = page.words[first:last]
    if not head or not any(block.kind in HEADINGS and list(block.words) == named for block in text.blocks):
        return
    marks[first:last] = in_runs[first:last] = b"\1" * (last - first)
    for k in range(head):
        start, end = page.starts[k], page.ends[k]
        is_menu = page.kinds[k] is ElementKind.BOILERPLATE and start < end <= first and end - start <= _MENU
        if is_menu and frozenset(named).issuperset(compress(page.words[start:end], marks[start:end])):
            marks[start:end] = in_runs[start:end] = bytes(end - start)


def _changed_headings(page: WordSpans, heads: Collection[int], text: Text, matches: Sequence[Match]) -> Iterator[int]:
    """The places on the page of words of stored headings that are no headings there in their stored form."""
    shown = {tuple(page.words[page.starts[k] : page.ends[k]]) for k in heads}
    ends, start = [match.end_a for match in matches], 0
    for block in text.blocks:
        end = start + len(block.words)
        if block.kind in HEADINGS and tuple(block.words) not in shown:
            for match in matches[bisect(ends, start) : bisect(ends, end) + 1]:
                shift = match.start_b - match.start_a
                yield from range(max(start, match.start_a) + shift, min(end, match.end_a) + shift)
        start = end


def _gaps(size_a: int, size_b: int, matches: Sequence[Match]) -> list[int]:
    """For each word of the page that is not stored, how many stored words are missing at its place."""
    gaps = [0] * (size_b + 1)
    before = Match(0, 0, 0)
    for found in [*matches, Match(size_a, size_b, 0)]:
        lost = found.start_a - before.end_a
        start, end = before.end_b, found.start_b
        # Before the first match and after the last there are menus and footers, too.
        if not before.size:
            start = max(start, end - 3 * lost - _AROUND)
        if not found.size:
            end = min(end, start + 3 * lost + _AROUND)
        gaps[start:end] = [lost] * max(0, end - start)
        before = found
    return gaps


def _anchor_counts(page: WordSpans, anchors: frozenset[str]) -> list[int]:
    """Running count of the elements whose name or id is one of `anchors`."""
    if not anchors:
        return [0] * (len(page.elements) + 1)
    marks = (its.get("id") in anchors or its.get("name") in anchors for its in page.attributes)
    return [0, *accumulate(marks)]
