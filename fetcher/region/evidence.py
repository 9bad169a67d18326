"""What is known of each element of a page against a stored body: how much of it is stored, and what is like it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from lxml import html

from fetcher.page.flow import UNSURE, Flow
from fetcher.page.headline import missing_titles
from fetcher.page.looks import Look, look
from fetcher.region.align import Match

_RUN = 6  # words in a row that make an element stored, however much else it holds
_AROUND = 5  # words beside the stored text that may be its new beginning or end


@dataclass(slots=True)
class Group:
    """Siblings with the same tag and class: how many, how many of them stored, and their words."""

    count: int = 0
    stored: int = 0
    stored_words: int = 0
    new_words: int = 0


class Evidence:
    """The evidence for every element `k` of a flow, all of it found in a few passes over the page."""

    def __init__(self, page: Flow, stored: Sequence[str], matches: Sequence[Match], anchors: frozenset[str]) -> None:
        self.page = page
        self.first = matches[0].start_b if matches else 0
        self.last = matches[-1].end_b if matches else 0
        self.lost = _letters(stored) - sum(_letters(stored[found.start_a : found.end_a]) for found in matches)
        self._matched, self._in_runs = _sums(page, stored, matches)
        self._gaps = _gaps(len(stored), len(page.words), matches)
        self.looks = [
            look(element) if page.ends[k] > page.starts[k] else Look.BOX for k, element in enumerate(page.elements)
        ]
        self.signatures = [_signature(element, here) for element, here in zip(page.elements, self.looks, strict=True)]
        self._named = _named(page, anchors)
        self._veiled = self._count_veiled()
        self._missing_titles = missing_titles(page, stored)
        self._left_in: dict[tuple[str, str], int] = defaultdict(int)
        self._left_out: dict[tuple[str, str], int] = defaultdict(int)
        self._groups: dict[tuple[int, tuple[str, str]], Group] = defaultdict(Group)
        self._count_alike()

    def size(self, k: int) -> int:
        """How many words the element holds."""
        return self.page.ends[k] - self.page.starts[k]

    def hits(self, k: int) -> int:
        """How many of its words are stored."""
        return self._matched[self.page.ends[k]] - self._matched[self.page.starts[k]]

    def has_hits(self, start: int, end: int) -> bool:
        """Whether any of the page's words `start:end` is stored."""
        return self._matched[end] > self._matched[start]

    def is_stored(self, k: int) -> bool:
        """Whether the element, or a passage in it, is stored: a few words shared by chance do not count."""
        in_runs = self._in_runs[self.page.ends[k]] > self._in_runs[self.page.starts[k]]
        return in_runs or self.hits(k) * 3 > self.size(k)

    def is_dense(self, k: int) -> bool:
        """Whether a good part of the element is stored."""
        return self.hits(k) >= 0.3 * self.size(k)

    def is_thin(self, k: int) -> bool:
        """Whether the stored words are a small island in the element."""
        return self.size(k) > 7 * self.hits(k)

    def is_inside(self, start: int, end: int) -> bool:
        """Whether the page's words `start:end` stand between stored ones."""
        return self.first < start and end < self.last

    def replaced(self, start: int, end: int) -> int:
        """How many stored words, now gone, stood where the first new one of the page's words `start:end` stands."""
        return self._gaps[self._matched_up_to(start, end)]

    def is_veiled(self, k: int) -> bool:
        """Whether all of its words stand in parts that look apart or hidden."""
        return self._veiled[k] >= self.size(k)

    def is_named(self, k: int) -> bool:
        """Whether the stored body links to a place inside of the element: it was there when the body was stored."""
        return self._named[self._end(k)] > self._named[k]

    def is_missing_title(self, k: int) -> bool:
        """Whether the element is the page's title, which is not stored, in no place where something else is."""
        return k in self._missing_titles and not self.replaced(self.page.starts[k], self.page.ends[k])

    def left_in(self, k: int) -> int:
        """How many elements with its tag and class, anywhere on the page, are stored."""
        return self._left_in[self.signatures[k]]

    def left_out(self, k: int) -> int:
        """How many with its tag and class are not stored although all around them is."""
        return self._left_out[self.signatures[k]]

    def alike(self, k: int) -> Group:
        """The siblings with its tag and class, without itself."""
        group = self._groups[self.page.parents[k], self.signatures[k]]
        stored, size = self.is_stored(k), self.size(k)
        return Group(
            group.count - 1,
            group.stored - stored,
            group.stored_words - size * stored,
            group.new_words - size * (not stored),
        )

    def _matched_up_to(self, start: int, end: int) -> int:
        """The first of the page's words `start:end` that is not stored."""
        return next((word for word in range(start, end) if not self.has_hits(word, word + 1)), start)

    def _end(self, k: int) -> int:
        """The index after the last element inside of `k`."""
        return self._ends[k]

    def _count_veiled(self) -> list[int]:
        page = self.page
        veiled = [0] * len(page.elements)
        self._ends = list(range(1, len(page.elements) + 1))
        for k in range(len(page.elements) - 1, -1, -1):
            if self.looks[k] in (Look.HIDDEN, Look.APART):
                veiled[k] = self.size(k)
            parent = page.parents[k]
            if parent >= 0:
                veiled[parent] += veiled[k]
                self._ends[parent] = max(self._ends[parent], self._ends[k])
        return veiled

    def _count_alike(self) -> None:
        for k, parent in enumerate(self.page.parents):
            size = self.size(k)
            if not size:
                continue
            stored = self.is_stored(k)
            group = self._groups[parent, self.signatures[k]]
            group.count += 1
            group.stored += stored
            group.stored_words += size * stored
            group.new_words += size * (not stored)
            if stored:
                self._left_in[self.signatures[k]] += 1
            elif parent >= 0 and self._is_all_around_stored(k, parent):
                self._left_out[self.signatures[k]] += 1

    def _is_all_around_stored(self, k: int, parent: int) -> bool:
        rest = self.size(parent) - self.size(k)
        return rest > 0 and self.hits(parent) >= 0.6 * rest


def _letters(words: Sequence[str]) -> int:
    return sum(map(str.isalnum, words))


def _signature(element: html.HtmlElement, here: Look) -> tuple[str, str]:
    """The tag and class; what is hidden is not of the kind of what is shown: of tabs, importers keep the open one."""
    hidden = ["hidden"] if here is Look.HIDDEN else []
    return element.tag, " ".join([*(element.get("class") or "").split(), *hidden])


def _sums(page: Flow, stored: Sequence[str], matches: Sequence[Match]) -> tuple[list[int], list[int]]:
    """Running counts over the page's words: of those that are stored, and of those stored in long runs."""
    known = frozenset(stored)
    matched, in_runs = bytearray(len(page.words)), bytearray(len(page.words))
    for found in matches:
        matched[found.start_b : found.end_b] = b"\1" * found.size
        if found.size >= _RUN:
            in_runs[found.start_b : found.end_b] = b"\1" * found.size
    for word, touching in enumerate(page.touch):
        # A letter of its own make, `<b>O</b>nce`, is a part of a stored word.
        if touching == UNSURE and page.words[word - 1] + page.words[word] in known:
            matched[word - 1 : word + 1] = b"\1\1"
    return [0, *accumulate(matched)], [0, *accumulate(in_runs)]


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


def _named(page: Flow, anchors: frozenset[str]) -> list[int]:
    """Running count of the elements whose name or id is one of `anchors`."""
    if not anchors:
        return [0] * (len(page.elements) + 1)
    marks = (element.get("id") in anchors or element.get("name") in anchors for element in page.elements)
    return [0, *accumulate(marks)]
