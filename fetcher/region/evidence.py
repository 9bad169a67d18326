"""What is known of each element of a page against a stored body: how much of it is stored, and what is like it."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, compress, pairwise

from lxml import html

from fetcher.align import Match
from fetcher.markdown.reading.blocks import Text
from fetcher.page.page import missing_titles
from fetcher.page.semantics import HEADINGS, INLINE, ElementKind, subtree_sums
from fetcher.page.word_spans import UNSURE, WordSpans
from fetcher.region.echoes import Echoes

_RUN = 6  # words in a row that make an element stored, however much else it holds
_WAY = 60  # words at most of a menu or a path that leads to the page
_AROUND = 5  # words beside the stored text that may be its new beginning or end
_APART = (ElementKind.HIDDEN, ElementKind.BOILERPLATE)


@dataclass(slots=True)
class Group:
    """Siblings with the same tag and class: how many, how many of them stored, and their words."""

    count: int = 0
    stored: int = 0
    stored_words: int = 0
    new_words: int = 0


class Evidence:
    """The evidence for every element `k` of a flow, all of it found in a few passes over the page.

    `sizes[k]` is how many words it holds; `stored[k]` whether it, or a passage in it, is stored: a few words shared by
    chance do not count. `echoes` knows what is no news.
    """

    def __init__(self, page: WordSpans, text: Text, matches: Sequence[Match]) -> None:
        stored = text.words
        self.page, self._words = page, stored
        known = frozenset(page.words)
        self._has_lost_word = any(len(block.words) == 1 and known.isdisjoint(block.words) for block in text.blocks)
        self.first = matches[0].start_b if matches else 0
        self.last = matches[-1].end_b if matches else 0
        gaps = pairwise([Match(0, 0, 0), *matches, Match(len(stored), len(page.words), 0)])
        self.lost = sum(sum(map(str.isalnum, stored[before.end_a : found.start_a])) for before, found in gaps)
        self._marks, in_runs = _marks(page, stored, matches)
        _unmark_ways(page, text, self._marks, in_runs)
        matched = [*accumulate(self._marks, initial=0)]
        spans = [*zip(page.starts, page.ends, strict=True)]
        self._gaps = _gaps(len(stored), len(page.words), matches)
        _mark_headings(page, text, matches, (self._marks, in_runs, self._gaps))
        self.echoes = Echoes(page, stored, self.first)
        for k in self.echoes.serving:  # beside the words of a heading, too
            start, end = page.starts[k], page.ends[k]
            if self._marks.find(1, start, end) < 0:
                in_runs[start:end] = bytes(end - start)
        passages = [*accumulate(in_runs, initial=0)]
        self.sizes = [end - start for start, end in spans]
        self._hits = [matched[end] - matched[start] for start, end in spans]
        self.stored = [
            passages[end] > passages[start] or hits * 3 > end - start
            for (start, end), hits in zip(spans, self._hits, strict=True)
        ]
        self.signatures = [*map(_signature, page.elements, page.attributes, page.kinds)]
        self._named = _named(page, text.anchors)
        apart = (size if here in _APART else 0 for size, here in zip(self.sizes, page.kinds, strict=True))
        self._veiled = subtree_sums(page, apart)
        self._left_in: dict[tuple[str, str], int] = defaultdict(int)
        self._left_out: dict[tuple[str, str], int] = defaultdict(int)
        self._groups: dict[tuple[int, tuple[str, str]], Group] = defaultdict(Group)
        self._count_alike()

    @cached_property
    def missing_titles(self) -> frozenset[int]:
        """The elements that are the page's title, where that is not stored."""
        return missing_titles(self.page, self._words)

    @cached_property
    def _lines(self) -> "_Lines":
        return _Lines(self.page, self._marks)

    def is_in_line(self, k: int) -> bool:
        """Whether the element is a part of a line: of a block's, or of text that stands in a box by itself."""
        return self._lines.holds(k, self.page.parents[k])

    def is_in_stored_line(self, k: int) -> bool:
        """Whether some of the line that the element stands in is stored."""
        return self._lines.is_stored(self.page.starts[k])

    def has_hits(self, start: int, end: int) -> bool:
        """Whether any of the page's words `start:end` is stored."""
        return self._marks.find(1, start, end) >= 0

    def is_dense(self, k: int) -> bool:
        """Whether a good part of the element is stored."""
        return self._hits[k] >= 0.3 * self.sizes[k]

    def is_thin(self, k: int) -> bool:
        """Whether the stored words are a small island in the element."""
        return self.sizes[k] > 7 * self._hits[k]

    def is_inside(self, start: int, end: int) -> bool:
        """Whether the page's words `start:end` stand between stored ones."""
        return self.first < start and end < self.last

    def replaced(self, start: int, end: int) -> int:
        """How many stored words, now gone, stood where the first new one of the page's words `start:end` stands."""
        first = self._marks.find(0, start, end)
        return self._gaps[first if first >= 0 else start]

    def is_veiled(self, k: int) -> bool:
        """Whether all of its words stand in parts that look apart or hidden."""
        return self._veiled[k] >= self.sizes[k]

    def is_named(self, k: int) -> bool:
        """Whether the stored body links to a place inside of the element: it was there when the body was stored."""
        return self._named[self.page.after[k]] > self._named[k]

    def is_one_word(self, k: int) -> bool:
        """Whether the element is a line of one word, where one is stored that the page has nowhere."""
        return self.sizes[k] == 1 and not self.is_in_line(k) and self._has_lost_word

    def is_missing_title(self, k: int) -> bool:
        """Whether the element is the page's title, which is not stored, in no place where something else is."""
        return k in self.missing_titles and not self.replaced(self.page.starts[k], self.page.ends[k])

    def left_in(self, k: int) -> int:
        """How many elements with its tag and class, anywhere on the page, are stored."""
        return self._left_in[self.signatures[k]]

    def left_out(self, k: int) -> int:
        """How many with its tag and class are not stored although all around them is."""
        return self._left_out[self.signatures[k]]

    def alike(self, k: int) -> Group:
        """The siblings with its tag and class, without itself."""
        group = self._groups[self.page.parents[k], self.signatures[k]]
        stored, size = self.stored[k], self.sizes[k]
        return Group(
            group.count - 1,
            group.stored - stored,
            group.stored_words - size * stored,
            group.new_words - size * (not stored),
        )

    def _count_alike(self) -> None:
        every = zip(self.page.parents, self.signatures, self.sizes, self.stored, strict=True)
        for k, (parent, signature, size, stored) in enumerate(every):
            if not size:
                continue
            group = self._groups[parent, signature]
            group.count += 1
            if stored:
                group.stored += 1
                group.stored_words += size
                self._left_in[signature] += 1
            else:
                group.new_words += size
                if parent >= 0 and self._is_all_around_stored(k, parent):
                    self._left_out[signature] += 1

    def _is_all_around_stored(self, k: int, parent: int) -> bool:
        rest = self.sizes[parent] - self.sizes[k]
        return rest > 0 and self._hits[parent] >= 0.6 * rest


class _Lines:
    """The lines of a page: text between two borders of blocks, whatever holds it, with the inline elements in it."""

    def __init__(self, page: WordSpans, marks: bytearray) -> None:
        self._kinds, self._starts = page.kinds, page.starts
        self._speaks = {run.holder for run in page.runs}  # elements with words that stand in no other
        self._is_inline = [*map(self._is_part, page.elements, page.parents)]
        borders = bytearray(len(page.words) + 1)
        for start, end, is_inline in zip(page.starts, page.ends, self._is_inline, strict=True):
            if not is_inline:
                borders[start] = borders[end] = 1
        self._line = [*accumulate(borders)]
        spoken = (self._line[run.start] for run in page.runs if not self._is_inline[run.holder])
        self._plain = frozenset(spoken)
        self._stored = frozenset(compress(self._line, marks))

    def holds(self, k: int, parent: int) -> bool:
        """Whether element `k` in `parent` is a part of a line with other text, or of what is a line by its nature."""
        if not self._is_inline[k]:
            return False
        return (
            self._kinds[parent] in (ElementKind.CONTENT, ElementKind.INLINE)
            or self._line[self._starts[k]] in self._plain
        )

    def is_stored(self, word: int) -> bool:
        """Whether any word of the line of a word is stored."""
        return self._line[word] in self._stored

    def _is_part(self, element: html.HtmlElement, parent: int) -> bool:
        """Whether an element is part of a line: a browser takes elements that it does not know for such, too."""
        return element.tag in INLINE or ("-" in element.tag and parent in self._speaks)


def _signature(element: html.HtmlElement, attributes: Mapping[str, str], here: ElementKind) -> tuple[str, str]:
    """The tag and class; what is hidden is not of the kind of what is shown: of tabs, importers keep the open one."""
    return _signed(element.tag, attributes.get("class", ""), here is ElementKind.HIDDEN)


@lru_cache(maxsize=4096)  # a page has few classes for its many elements
def _signed(tag: str, classes: str, is_hidden: bool) -> tuple[str, str]:
    return tag, " ".join([*classes.split(), *["hidden"] * is_hidden])


def _marks(page: WordSpans, stored: Sequence[str], matches: Sequence[Match]) -> tuple[bytearray, bytearray]:
    """For each of the page's words whether it is stored, and whether it is in a long run that is."""
    matched, in_runs = bytearray(len(page.words)), bytearray(len(page.words))
    for found in matches:
        matched[found.start_b : found.end_b] = b"\1" * found.size
        if found.size >= _RUN:
            in_runs[found.start_b : found.end_b] = b"\1" * found.size
    known = frozenset(stored)
    word = page.touch.find(UNSURE)
    while word >= 0:
        # A letter of its own make, `<b>O</b>nce`, is a part of a stored word.
        if page.words[word - 1] + page.words[word] in known:
            matched[word - 1 : word + 1] = b"\1\1"
        word = page.touch.find(UNSURE, word + 1)
    return matched, in_runs


def _mark_headings(
    page: WordSpans, text: Text, matches: Sequence[Match], known: tuple[bytearray, bytearray, Sequence[int]]
) -> None:
    """Mark as passages, however short, the headings that are stored, or half of them in place of stored words.

    And those with words of a stored heading that the page has nowhere: it is the same one, with other words.
    """
    marks, in_runs, gaps = known
    heads = {k for k, each in enumerate(page.elements) if each.tag in HEADINGS and page.starts[k] < page.ends[k]}
    changed = list(_changed_headings(page, heads, text, matches))
    for k in heads:
        start, end = page.starts[k], page.ends[k]
        new = marks.find(0, start, end)
        is_stored = new < 0 or (gaps[new] and marks.count(1, start, end) * 2 >= end - start)
        if is_stored or any(start <= at < end for at in changed):
            in_runs[start:end] = b"\1" * (end - start)


def _unmark_ways(page: WordSpans, text: Text, marks: bytearray, in_runs: bytearray) -> None:
    """Take the page's title for the stored one, and no menu or path above it that shares words with it alone."""
    heads = (
        k for k, element in enumerate(page.elements) if element.tag == "h1" and page.kinds[k] is ElementKind.CONTENT
    )
    head = next((k for k in heads if page.starts[k] < page.ends[k]), 0)
    first, last = page.starts[head], page.ends[head]
    named = page.words[first:last]
    if not head or not any(block.kind in HEADINGS and list(block.words) == named for block in text.blocks):
        return
    marks[first:last] = in_runs[first:last] = b"\1" * (last - first)
    for k in range(head):
        start, end = page.starts[k], page.ends[k]
        is_way = page.kinds[k] is ElementKind.BOILERPLATE and start < end <= first and end - start <= _WAY
        if is_way and frozenset(named).issuperset(compress(page.words[start:end], marks[start:end])):
            marks[start:end] = in_runs[start:end] = bytes(end - start)


def _changed_headings(page: WordSpans, heads: Collection[int], text: Text, matches: Sequence[Match]) -> Iterator[int]:
    """Where on the page words of stored headings stand that are no headings there as they are stored."""
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
        # Before the first match and after the last lie menus and footers too.
        if not before.size:
            start = max(start, end - 3 * lost - _AROUND)
        if not found.size:
            end = min(end, start + 3 * lost + _AROUND)
        gaps[start:end] = [lost] * max(0, end - start)
        before = found
    return gaps


def _named(page: WordSpans, anchors: frozenset[str]) -> list[int]:
    """Running count of the elements whose name or id is one of `anchors`."""
    if not anchors:
        return [0] * (len(page.elements) + 1)
    marks = (its.get("id") in anchors or its.get("name") in anchors for its in page.attributes)
    return [0, *accumulate(marks)]
